"""Labels as a file gives them -> int64 in 0..K-1 with K class names."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkwise.data.formats.part import Labels
from inkwise.errors import DataError

_FEW = 2**16
_MOST_LABEL = 2**31  # anything larger is no class but an identifier


def labels_from_text(texts: Sequence[str], *, name: str) -> Labels:
    """Return texts as int64 where every one is a whole number, else as class names.

    Raises:
        DataError: an empty or NaN label, or numbers of which one is a fraction; the message counts from 1.
    """
    for index, text in enumerate(texts, 1):
        if text.strip().lower() in ("", "nan"):
            raise DataError(f"{name}: label {index} is empty or NaN; expected a class, fill or drop that row")
    try:
        numbers = [float(text) for text in texts]
    except (ValueError, OverflowError):
        numbers = []
    for index, number in enumerate(numbers, 1):
        if not number.is_integer():
            raise DataError(
                f"{name}: label {index} is {texts[index - 1].strip()}; expected a whole number or "
                "the name of a class; correct the labels"
            )
    if numbers and all(abs(number) < _MOST_LABEL for number in numbers):
        return np.array(numbers, np.int64)
    return np.array([text.strip() for text in texts], np.str_)


def classes_of(labels: Labels) -> tuple[str, ...]:
    """Return the distinct labels in order: numbers and names made of digits by value, others by letters.

    >>> classes_of(np.array(["10", "9"])), classes_of(np.array(["b", "a", "b"]))
    (('9', '10'), ('a', 'b'))
    """
    names = [str(label) for label in _distinct(labels)]
    if all(name.isdecimal() for name in names):
        names.sort(key=lambda name: (int(name), name))
    return tuple(names)


def encode_labels(labels: Labels, classes: Sequence[str], *, name: str) -> NDArray[np.int64]:
    """Return each label's place in classes, as (N,) int64.

    Args:
        labels: (N,) numbers or names; a number is looked up by its decimal text.
        classes: K names.
        name: what error messages call the labels.
    Raises:
        DataError: a label that is none of the classes.
    """
    distinct = _distinct(labels)
    place = {text: index for index, text in enumerate(classes)}
    unknown = [str(label) for label in distinct if str(label) not in place]
    if unknown:
        raise DataError(
            f"{name}: label {', '.join(unknown[:5])} out of range; expected one of {len(classes)} classes "
            f"({_shortened(classes)}), correct the labels"
        )
    places = np.array([place[str(label)] for label in distinct], np.int64)
    if labels.dtype.kind == "i" and np.array_equal(places, distinct):
        return labels.astype(np.int64, copy=False)
    if _is_counted(labels):
        table = np.zeros(int(distinct.max(initial=0)) + 1, np.int64)
        table[distinct] = places
        return table[labels]
    return places[np.searchsorted(distinct, labels)]


def check_numbers(labels: Labels, num_classes: int | None, *, name: str) -> None:
    """Refuse numbers that cannot be labels.

    Raises:
        DataError: a number below 0, or at or past num_classes where that is known.
    """
    if labels.dtype.kind != "i" or not len(labels):
        return
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or (num_classes is not None and high >= num_classes):
        upto = f"to {num_classes - 1} for {num_classes} classes" if num_classes is not None else "or above"
        raise DataError(
            f"{name}: label out of range: they run from {low} to {high}, "
            f"expected 0 {upto}; correct the labels"
        )


def _is_counted(labels: Labels) -> bool:
    """Return whether labels are so small numbers that counting finds them sooner than sorting does."""
    return bool(labels.dtype.kind == "i" and len(labels) and labels.min() >= 0 and labels.max() < _FEW)


def _distinct(labels: Labels) -> NDArray[Any]:
    """Return the distinct labels, sorted; of ten million the sorting would take seconds and 240 MB."""
    return np.flatnonzero(np.bincount(labels)) if _is_counted(labels) else np.unique(labels)


def _shortened(classes: Sequence[str]) -> str:
    return ", ".join(classes) if len(classes) <= 12 else f"{classes[0]} to {classes[-1]}"
