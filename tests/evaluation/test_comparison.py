"""The paired comparison: McNemar by formula, Holm by hand, and the words."""

import json
from math import comb

import pytest
import torch

from inkwise.errors import ShapeError
from inkwise.evaluation.comparison import adjust_holm, compare_predictions, mcnemar_exact
from inkwise.evaluation.intervals import PairedCounts


def _wrong_at(indices: list[int], num_images: int = 100) -> torch.Tensor:
    """Return predictions for labels of all 0 that are wrong at indices."""
    predicted = torch.zeros(num_images, dtype=torch.int64)
    predicted[indices] = 1
    return predicted


def _compare(**predictions: torch.Tensor):
    return compare_predictions(predictions, torch.zeros(100, dtype=torch.int64), dataset="mnist")


def test_mcnemar_by_hand() -> None:
    """One against nine of ten tosses: 2 * (1 + 10) / 2^10 = 22/1024 = 0.021484375."""
    assert mcnemar_exact(PairedCounts(80, 1, 9, 10)) == 0.021484375


def test_mcnemar_equals_the_binomial_tail() -> None:
    """86 against 150 (Agresti, Categorical Data Analysis, approval of a president, 1,600 people)."""
    tail = sum(comb(236, k) for k in range(87))
    p_value = mcnemar_exact(PairedCounts(794, 150, 86, 570))
    assert p_value == pytest.approx(2 * tail / 2**236, rel=1e-10)


def test_mcnemar_without_differences_is_one() -> None:
    assert mcnemar_exact(PairedCounts(95, 0, 0, 5)) == 1


def test_mcnemar_ignores_images_on_which_both_agree() -> None:
    assert mcnemar_exact(PairedCounts(0, 3, 12, 0)) == mcnemar_exact(PairedCounts(9_000, 3, 12, 400))


def test_holm_by_hand() -> None:
    """0.01 * 4 = 0.04; 0.02 * 3 = 0.06; 0.03 * 2 = 0.06, held at 0.06; 0.9 * 1 = 0.9."""
    assert adjust_holm([0.03, 0.01, 0.9, 0.02]) == pytest.approx([0.06, 0.04, 0.9, 0.06])


def test_holm_never_exceeds_one() -> None:
    assert adjust_holm([0.6, 0.7]) == [1.0, 1.0]


def test_holm_of_one_changes_nothing() -> None:
    assert adjust_holm([0.04]) == [0.04]


def test_comparison_that_shows_a_difference_names_the_better() -> None:
    """Nine errors against one, none shared: p = 0.0215, and 8 of 100 images between them."""
    pair = _compare(old=_wrong_at([*range(9)]), new=_wrong_at([50])).pairs[0]
    assert (pair.num_only_first_right, pair.num_only_second_right) == (1, 9)
    assert pair.is_shown
    assert pair.difference == 0.08
    assert pair.difference_interval[0] > 0
    assert pair.verdict == "new is better by 8.00 points"


def test_comparison_with_better_first_names_the_first() -> None:
    pair = _compare(new=_wrong_at([50]), old=_wrong_at([*range(9)])).pairs[0]
    assert (pair.difference, pair.verdict) == (-0.08, "new is better by 8.00 points")


def test_comparison_above_five_percent_says_difference_not_shown() -> None:
    """Two against eight tosses: 2 * (1 + 10 + 45) / 1024 = 0.109."""
    pair = _compare(old=_wrong_at([*range(8)]), new=_wrong_at([50, 51])).pairs[0]
    assert pair.p_value == 0.109375
    assert not pair.is_shown
    assert pair.verdict == "difference not shown"


def test_comparison_of_three_corrects_for_three_pairs() -> None:
    """One against nine alone is shown (0.0215), as one of three pairs it is not (3 * 0.0215 = 0.0645)."""
    comparison = _compare(a=_wrong_at([*range(9)]), b=_wrong_at([50]), c=_wrong_at([0, 1, 2, 50]))
    assert [(pair.first, pair.second) for pair in comparison.pairs] == [("a", "b"), ("a", "c"), ("b", "c")]
    assert comparison.pairs[0].p_value == 0.021484375
    assert comparison.pairs[0].adjusted_p_value == pytest.approx(3 * 0.021484375)
    assert comparison.pairs[0].verdict == "difference not shown"


def test_comparison_has_the_documented_keys() -> None:
    comparison = _compare(a=_wrong_at([1]), b=_wrong_at([2]))
    document = json.loads(json.dumps(comparison.model_dump(), allow_nan=False))
    assert list(document) == ["dataset", "split", "num_images", "runs", "pairs"]
    assert list(document["runs"][0]) == [
        "name", "num_errors", "accuracy", "accuracy_interval", "framework", "images_per_second",
    ]  # fmt: skip
    assert list(document["pairs"][0]) == [
        "first",
        "second",
        "num_only_first_right",
        "num_only_second_right",
        "difference",
        "difference_interval",
        "p_value",
        "adjusted_p_value",
        "is_shown",
        "verdict",
    ]


def test_comparison_of_one_run_is_refused() -> None:
    with pytest.raises(ShapeError, match="at least 2 runs, got 1"):
        _compare(a=_wrong_at([1]))


def test_comparison_on_other_images_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"b: predictions must have shape \(100,\).*got \(99,\)"):
        _compare(a=_wrong_at([1]), b=_wrong_at([1], num_images=99))
