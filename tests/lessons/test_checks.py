"""What a check says: right, not done yet, or what is off, in one line."""

import math
from typing import Any

import numpy as np
import pytest
import torch

from inkwise.lessons.checks import Verdict, check_function, check_that, check_value

NOT_DONE = "Not done yet: put your answer where the ... stands, run that cell, then this one."


@pytest.mark.parametrize("given", [..., None, [..., ...], (3, ...)])
def test_blank_is_not_done_yet(given: Any) -> None:
    for verdict in (
        check_value(given, 3),
        check_that(given, lambda answer: True),
        check_function(lambda x: given, abs, cases=[(1,)]),
    ):
        assert verdict == Verdict(False, NOT_DONE)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (2.0, 2),
        (torch.tensor(2.0, requires_grad=True), 2),
        (np.array([1, 2]), [1, 2]),
        ([2, 4], np.array([2, 4])),
        (torch.ones(2, 3), np.ones((2, 3))),
        ("Grows ", "grows"),
    ],
)
def test_equal_value_is_right(given: Any, expected: Any) -> None:
    assert repr(check_value(given, expected)) == "Right."


@pytest.mark.parametrize(
    ("given", "expected", "words"),
    [
        (4, 5, "Not right: got 4. Count."),
        (np.zeros(3), np.zeros(2), "Not right: got the shape (3,), expected (2,). Count."),
        ([1, 2, 4], [1, 2, 3], "Not right: 1 of 3 numbers are off. Count."),
        ("shrinks", "grows", "Not right: got 'shrinks'. Count."),
        ("five", 5, "Not right: got 'five', expected numbers. Count."),
        (float("nan"), 5, "Not right: got nan. Count."),
    ],
)
def test_wrong_value_says_what_is_off(given: Any, expected: Any, words: str) -> None:
    verdict = check_value(given, expected, hint="Count.")
    assert not verdict.is_right
    assert verdict.words == words


def test_within_is_the_edge() -> None:
    assert check_value(1.01, 1, within=0.011).is_right
    assert not check_value(1.01, 1, within=0.009).is_right


def test_wrong_function_names_the_case() -> None:
    verdict = check_function(lambda x: x, abs, cases=[(2,), (-3,)], hint="Signs.")
    assert verdict.words == "Not right: for -3 got -3, expected 3. Signs."


def test_function_that_raises_says_so_in_one_line() -> None:
    verdict = check_function(lambda x: 1 / 0, abs, cases=[(2,)])
    assert verdict.words == "Not right: for 2 it fails with ZeroDivisionError: division by zero."


def test_function_left_out_is_not_done_yet() -> None:
    assert check_function(..., abs, cases=[(2,)]).words == NOT_DONE


def test_check_that_fails_says_so_in_one_line() -> None:
    assert check_that(3, lambda answer: answer > 5, hint="More.").words == "Not right: got 3. More."
    words = check_that(3, lambda answer: answer["a"]).words
    assert words.startswith("Not right: with your answer the check fails with TypeError:")
    assert "\n" not in words


def test_long_answer_is_cut() -> None:
    assert len(check_that("x" * 500, lambda answer: False).words) < 120


def test_value_that_is_no_number_is_right_where_none_is_expected() -> None:
    assert check_value([1.0, math.nan], [1.0, math.nan]).is_right
    assert not check_value([1.0, math.nan], [1.0, 2.0]).is_right
