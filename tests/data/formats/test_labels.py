"""Labels from text and numbers to places in the classes."""

import numpy as np
import pytest

from inkwise.data.formats.labels import check_numbers, classes_of, encode_labels, labels_from_text
from inkwise.errors import DataError


def test_whole_numbers_become_int64() -> None:
    labels = labels_from_text(["3", " 7", "3.0"], name="x")
    assert labels.dtype == np.int64
    assert labels.tolist() == [3, 7, 3]


def test_names_stay_text() -> None:
    assert labels_from_text(["cat ", "7"], name="x").tolist() == ["cat", "7"]


@pytest.mark.parametrize("empty", ["", "NaN", " "])
def test_empty_label_says_which(empty: str) -> None:
    with pytest.raises(DataError, match="x: label 2 is empty or NaN; expected a class"):
        labels_from_text(["1", empty], name="x")


def test_fraction_among_numbers_says_which() -> None:
    with pytest.raises(DataError, match=r"x: label 2 is 1\.5; expected a whole number or the name"):
        labels_from_text(["1", "1.5"], name="x")


def test_classes_of_digits_sort_by_value() -> None:
    assert classes_of(np.array([10, 9, 10])) == ("9", "10")
    assert classes_of(np.array(["b", "A"])) == ("A", "b")


def test_encode_gives_places() -> None:
    places = encode_labels(np.array(["b", "a", "b"]), ("a", "b"), name="x")
    assert places.dtype == np.int64
    assert places.tolist() == [1, 0, 1]


def test_encode_unknown_label_is_out_of_range() -> None:
    with pytest.raises(DataError, match=r"x: label 9 out of range; expected one of 2 classes \(0, 1\)"):
        encode_labels(np.array([0, 9]), ("0", "1"), name="x")


@pytest.mark.parametrize(
    ("labels", "num_classes", "message"),
    [
        ([-1, 2], None, "x: label out of range: they run from -1 to 2, expected 0 or above"),
        ([0, 10], 10, "from 0 to 10, expected 0 to 9 for 10 classes; correct the labels"),
    ],
)
def test_check_out_of_range_says_range(labels: list[int], num_classes: int | None, message: str) -> None:
    with pytest.raises(DataError, match=message):
        check_numbers(np.array(labels), num_classes, name="x")
