"""The loss curve and the way from logits to a loss show the true numbers."""

import math

import numpy as np
import pytest
import torch
from matplotlib.colors import to_hex
from torch.nn import functional as F

from inkwise.figures import style
from inkwise.figures.inspection.loss import render_cross_entropy, render_loss_of_confidence

LOGITS = np.array([2.0, 0.5, -1.0], dtype=np.float32)


def test_loss_curve_is_minus_the_logarithm():
    """L1: log 10 = 2.303 at p = 0.1; the axes say what they are."""
    axes = render_loss_of_confidence().axes[0]
    curve, *_ = axes.lines
    np.testing.assert_allclose(np.exp(-curve.get_ydata()), curve.get_xdata())
    assert (curve.get_xdata().min(), curve.get_xdata().max()) == (pytest.approx(0.005), 1)
    assert axes.get_xlabel() == "p, the probability given to the true class"
    assert "log p, in nats" in axes.get_ylabel()


def test_loss_curve_marks_points_to_learn_by():
    """L1: -log 0.01 = 4.605, -log 0.1 = log 10, -log 0.5 = log 2, -log 0.99 = 0.010."""
    axes = render_loss_of_confidence().axes[0]
    marks = [(float(dot.get_xdata()[0]), float(dot.get_ydata()[0])) for dot in axes.lines[1:]]
    assert marks == [(p, -math.log(p)) for p in (0.1, 0.99, 0.01, 0.5)]
    words = [text.get_text() for text in axes.texts]
    assert "guessing among 10: log 10\np = 0.1, loss 2.303" in words
    assert "as likely as not: log 2\np = 0.5, loss 0.693" in words


def test_loss_curve_of_47_classes_marks_their_guess():
    words = [text.get_text() for text in render_loss_of_confidence(num_classes=47).axes[0].texts]
    assert "guessing among 47: log 47\np = 0.0213, loss 3.850" in words


@pytest.mark.parametrize("num_classes", [2, 3, 4, 10, 26, 29, 30, 62, 200])
def test_words_of_the_loss_curve_lie_apart_and_inside(num_classes):
    figure = render_loss_of_confidence(num_classes=num_classes)
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    for place, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:place])
        assert figure.bbox.containsx(box.x0)
        assert figure.bbox.containsx(box.x1)
        assert figure.bbox.containsy(box.y1)


def test_cross_entropy_shows_logits_probabilities_and_their_logarithm():
    """L1: CrossEntropyLoss = LogSoftmax + NLLLoss; the three panels against PyTorch's own functions."""
    panels = render_cross_entropy(LOGITS, 1, ["a", "b", "c"]).axes
    widths = [[bar.get_width() for bar in axes.patches] for axes in panels]
    logits = torch.tensor(LOGITS)
    np.testing.assert_allclose(widths[0], LOGITS)
    np.testing.assert_allclose(widths[1], logits.softmax(0), rtol=1e-6)
    np.testing.assert_allclose(widths[2], logits.log_softmax(0), rtol=1e-6)
    loss = F.cross_entropy(logits[None], torch.tensor([1]))
    assert panels[2].get_title(loc="left") == f"3. logarithm: loss {loss:.3f}"
    assert f"{loss:.3f}" == "1.741"


def test_cross_entropy_draws_the_true_class_alone_in_orange():
    for axes in render_cross_entropy(LOGITS, 1, ["a", "b", "c"]).axes:
        colours = [to_hex(bar.get_facecolor()) for bar in axes.patches]
        assert colours == [style.BLUE, style.ORANGE, style.BLUE]


def test_cross_entropy_of_huge_logits_does_not_overflow():
    """exp(1000) is no float; 1000 - 990 = 10 nats of loss."""
    panels = render_cross_entropy(np.array([1000.0, 990.0]), 1, ["$x^$", "$"]).axes
    assert panels[2].get_title(loc="left") == "3. logarithm: loss 10.000"
    texts = [text.get_text() for text in panels[1].texts]
    assert texts == ["1.000", "under 0.001"]
    panels[0].figure.draw_without_rendering()
