"""What an exercise's check says: right, not done yet, or what is off, each in one line.

A check never raises: a notebook that is run from top to bottom goes on behind an exercise left blank.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

_BLANK = "Not done yet: put your answer where the ... stands, run that cell, then this one."


@dataclass(frozen=True)
class Verdict:
    """What a check found; a notebook shows its words."""

    is_right: bool
    words: str

    def __repr__(self) -> str:
        return self.words


def check_value(given: Any, expected: Any, *, within: float = 0.0, hint: str = "") -> Verdict:
    """Return whether a number, a text, or numbers of any shape are those expected.

    Args:
        given: the learner's; `...` or None is an exercise not done.
        expected: a number, text, or an array or tensor or nested list of numbers.
        within: how far each number may be off.
        hint: what to look at, said where the answer is wrong.

    >>> check_value(..., 5)
    Not done yet: put your answer where the ... stands, run that cell, then this one.
    >>> check_value(4, 5, hint="Count from 1.")
    Not right: got 4. Count from 1.
    >>> check_value(2.3026, math.log(10), within=0.001)
    Right.
    """
    if is_blank(given):
        return Verdict(False, _BLANK)
    fault = _difference(given, expected, within=within)
    return Verdict(True, "Right.") if fault is None else _wrong(fault, hint)


def check_function(
    given: Any,
    expected: Callable[..., Any],
    *,
    cases: Sequence[tuple[Any, ...]],
    within: float = 1e-6,
    hint: str = "",
) -> Verdict:
    """Return whether a learner's function gives what expected gives, for each of the cases.

    Args:
        given: the learner's; one that returns `...` or None is an exercise not done.
        expected: a right one.
        cases: the arguments of each call.
        within, hint: as of check_value.

    >>> check_function(lambda x: -x, abs, cases=[(-2,), (3,)])
    Not right: for 3 got -3, expected 3.
    """
    if not callable(given):
        return Verdict(False, _BLANK)
    for case in cases:
        try:
            answer = given(*case)
        except Exception as error:
            return _wrong(f"for {_say_case(case)} it fails with {type(error).__name__}: {error}", hint)
        if is_blank(answer):
            return Verdict(False, _BLANK)
        right = expected(*case)
        if _difference(answer, right, within=within) is not None:
            return _wrong(f"for {_say_case(case)} got {_say(answer)}, expected {_say(right)}", hint)
    return Verdict(True, "Right.")


def check_that(given: Any, holds: Callable[[Any], bool], *, right: str = "", hint: str = "") -> Verdict:
    """Return whether something holds of a learner's answer, where more than one answer is right.

    Args:
        given: the learner's; `...` or None is an exercise not done.
        holds: takes given.
        right: what to add where it holds.
        hint: as of check_value.

    >>> check_that(0.95, lambda accuracy: accuracy > 0.9, right="Nine of ten, and more.")
    Right. Nine of ten, and more.
    """
    if is_blank(given):
        return Verdict(False, _BLANK)
    try:
        if holds(given):
            return Verdict(True, f"Right. {right}".strip())
    except Exception as error:
        return _wrong(f"with your answer the check fails with {type(error).__name__}: {error}", hint)
    return _wrong(f"got {_say(given)}", hint)


def is_blank(answer: Any) -> bool:
    """Return whether an answer is `...`, None, or a list with one of these in it."""
    if isinstance(answer, list | tuple):
        return any(is_blank(part) for part in answer)
    return answer is ... or answer is None


def _wrong(fault: str, hint: str) -> Verdict:
    return Verdict(False, " ".join(f"Not right: {fault}. {hint}".split()))


def _difference(given: Any, expected: Any, *, within: float) -> str | None:
    """Return what is off in words, or None."""
    if isinstance(expected, str):
        return None if str(given).strip().lower() == expected.lower() else f"got {_say(given)}"
    try:
        mine, right = np.asarray(_plain(given), dtype=float), np.asarray(_plain(expected), dtype=float)
    except (TypeError, ValueError):
        return f"got {_say(given)}, expected numbers"
    if mine.shape != right.shape:
        return f"got the shape {mine.shape}, expected {right.shape}"
    if np.allclose(mine, right, rtol=0, atol=within + 1e-12, equal_nan=True):
        return None
    if mine.ndim == 0:
        return f"got {_say(given)}"
    far = np.abs(mine - right) > within + 1e-12
    return f"{int(far.sum())} of {mine.size} numbers are off"


def _plain(values: Any) -> Any:
    """Return a tensor as an array, and all else as it is."""
    return values.detach().cpu().numpy() if hasattr(values, "detach") else values


def _say_case(case: tuple[Any, ...]) -> str:
    return ", ".join(map(_say, case))


def _say(value: Any) -> str:
    if isinstance(value, float) and math.isfinite(value):
        return f"{value:.6g}"
    text = " ".join(repr(value).split())
    return text if len(text) <= 80 else f"{text[:77]}..."
