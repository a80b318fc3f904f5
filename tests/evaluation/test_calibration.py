"""The reject curve, by hand and by properties."""

import pytest
import torch

from inkwise.evaluation.calibration import reject_curve
from inkwise.metrics import accuracy


def _binary(confidences: list[float]) -> torch.Tensor:
    """Return (N, 2) rows that predict class 0 with these confidences."""
    first = torch.tensor(confidences, dtype=torch.float64)
    return torch.stack([first, 1 - first], dim=1)


def test_reject_curve_by_hand() -> None:
    """Surest first: 0.9 right, 0.8 wrong, 0.7 right, 0.6 right: errors 0/1, 1/2, 1/3, 1/4."""
    curve = reject_curve(_binary([0.7, 0.9, 0.6, 0.8]), torch.tensor([0, 0, 0, 1]))
    assert curve.threshold.tolist() == [0.9, 0.8, 0.7, 0.6]
    assert curve.answered.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert curve.error.tolist() == pytest.approx([0, 1 / 2, 1 / 3, 1 / 4])


def test_reject_curve_answers_equal_confidences_together() -> None:
    curve = reject_curve(_binary([0.9, 0.9, 0.6]), torch.tensor([0, 1, 1]))
    assert curve.answered.tolist() == pytest.approx([2 / 3, 1.0])
    assert curve.error.tolist() == pytest.approx([1 / 2, 2 / 3])


def test_reject_curve_ends_at_the_whole_error() -> None:
    logits = torch.randn(500, 5, generator=torch.Generator().manual_seed(0))
    labels = torch.randint(5, (500,), generator=torch.Generator().manual_seed(1))
    last = reject_curve(logits.softmax(1), labels).point(-1)
    assert last.answered == 1
    assert last.error == pytest.approx(1 - accuracy(logits, labels))


def test_widest_point_is_the_one_that_answers_most() -> None:
    """Errors 0, 1/2, 1/3, 1/4 as above: with at most 0.3 allowed, all four may be answered."""
    curve = reject_curve(_binary([0.9, 0.8, 0.7, 0.6]), torch.tensor([0, 1, 0, 0]))
    assert curve.widest_point(max_error=0.3) == curve.point(3)
    assert curve.widest_point(max_error=0.1) == curve.point(0)


def test_widest_point_without_any_is_none() -> None:
    curve = reject_curve(_binary([0.9]), torch.tensor([1]))
    assert curve.widest_point(max_error=0.5) is None
