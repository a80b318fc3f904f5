"""Confusion, confidence, class and mistake pictures show the record's own numbers."""

import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgb

from inkwise.evaluation.calibration import RejectCurve, RejectPoint, reject_curve
from inkwise.evaluation.evaluate import ClassEvaluation, Mistake
from inkwise.figures import style
from inkwise.figures.classes import render_class_scores
from inkwise.figures.confidence import render_calibration, render_reject_curve
from inkwise.figures.confusion import render_confusion
from inkwise.figures.mistakes import render_mistakes
from inkwise.metrics import calibration_bins


def test_confusion_writes_each_count_in_its_cell() -> None:
    axes = render_confusion([[980, 3], [0, 990]], ["cat", "dog"]).axes[0]
    written = {(text.get_position()[1], text.get_position()[0]): text.get_text() for text in axes.texts}
    assert written == {(0, 0): "980", (0, 1): "3", (1, 1): "990"}
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted", "true")


def test_confusion_shows_a_single_mistake_beside_a_thousand_hits() -> None:
    """A cell of 0 is clear; one mistake has a tenth of opacity, the most frequent has six tenths."""
    cells = render_confusion([[1000, 1], [20, 0]], ["a", "b"]).axes[0].images[0].get_array()
    assert cells[1, 1, 3] == 0
    assert cells[0, 1, 3] == pytest.approx(0.10)
    assert cells[1, 0, 3] == pytest.approx(0.60)
    assert tuple(cells[0, 1, :3]) == to_rgb(style.ORANGE)
    assert tuple(cells[0, 0, :3]) == to_rgb(style.BLUE)


def test_confusion_of_many_classes_leaves_numbers_out() -> None:
    counts = np.eye(47, dtype=int) * 400
    assert not render_confusion(counts.tolist(), [str(k) for k in range(47)]).axes[0].texts


def test_calibration_shows_filled_bins_only() -> None:
    """Two rows at 0.9 and 0.6 fill two of fifteen bins: one right, one wrong."""
    probabilities = torch.tensor([[0.9, 0.1], [0.6, 0.4]], dtype=torch.float64)
    above, below = render_calibration(calibration_bins(probabilities, torch.tensor([0, 1]))).axes
    dots = above.containers[0].lines[0]
    assert dots.get_xdata().tolist() == pytest.approx([0.6, 0.9])
    assert list(dots.get_ydata()) == [0, 1]
    assert sum(bar.get_height() for bar in below.patches) == 2


def test_calibration_dots_have_wilson_intervals() -> None:
    """Four rows in the bin of 0.9, three of them right: Wilson's interval of 3 of 4 is 30.06 % to 95.44 %."""
    probabilities = torch.tensor([[0.9, 0.1]] * 4, dtype=torch.float64)
    above, below = render_calibration(calibration_bins(probabilities, torch.tensor([0, 0, 0, 1]))).axes
    (spread,) = above.containers[0].lines[2]
    (segment,) = spread.get_segments()
    assert segment[:, 0].tolist() == pytest.approx([0.9, 0.9])
    assert segment[:, 1].tolist() == pytest.approx([0.3006, 0.9544], abs=1e-4)
    assert above.lines[0].get_xydata().tolist() == [[0, 0], [1, 1]]
    assert (above.get_ylabel(), below.get_ylabel()) == ("images right", "images\n(log scale)")
    assert below.get_xlabel() == "confidence: the largest probability"


def test_reject_curve_shows_the_error_at_each_share_left() -> None:
    """Of four images the least sure is wrong, then the third: 2 of 4, 1 of 3, 0 of 2, 0 of 1."""
    probabilities = torch.tensor([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.6, 0.4]], dtype=torch.float64)
    curve = reject_curve(probabilities, torch.tensor([0, 0, 1, 1]))
    axes = render_reject_curve(curve, marked=[curve.point(1)]).axes[0]
    assert axes.lines[0].get_xdata().tolist() == pytest.approx([0, 0.25, 0.5, 0.75])
    assert axes.lines[0].get_ydata().tolist() == pytest.approx([0.5, 1 / 3, 0, 0])
    assert (axes.lines[1].get_xdata()[0], axes.lines[1].get_ydata()[0]) == (0.5, 0)
    assert axes.get_xlabel() == "left to a person, the least sure first"
    assert axes.get_ylabel() == "wrong among the rest"


def test_reject_curve_begins_with_every_image_answered() -> None:
    probabilities = torch.tensor([[0.9, 0.1], [0.6, 0.4]])
    (line,) = render_reject_curve(reject_curve(probabilities, torch.tensor([0, 1]))).axes[0].lines
    assert (line.get_xdata()[0], line.get_ydata()[0]) == (0, 0.5)


def test_reject_curve_names_the_marked_point() -> None:
    curve = RejectCurve(*torch.tensor([[0.9, 0.6], [0.75, 1.0], [0.0, 0.25]], dtype=torch.float64))
    axes = render_reject_curve(curve, marked=[RejectPoint(0.9, 0.75, 0.0)]).axes[0]
    assert axes.texts[0].get_text() == "25.0% left: 0.00% wrong\n(where at least 90.0% sure)"
    assert axes.get_xlim()[1] == 0.5


def test_class_scores_show_precision_and_recall() -> None:
    scores = [
        ClassEvaluation(class_name="cat", label=0, precision=0.9, recall=0.8, f1=0.85, support=10),
        ClassEvaluation(class_name="dog", label=1, precision=0.7, recall=1.0, f1=0.82, support=12),
    ]
    axes = render_class_scores(scores).axes[0]
    assert [list(line.get_xdata()) for line in axes.lines] == [[0.9, 0.7], [0.8, 1.0]]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["cat", "dog"]


def test_mistakes_sheet_shows_image_label_answer_and_probability() -> None:
    """V3: the image with its label and the prediction."""
    images = np.zeros((5, 28, 28), dtype=np.uint8)
    images[3] = 7
    sheet = render_mistakes(images, [Mistake(index=3, label=0, predicted=1, probability=0.8)], ["cat", "dog"])
    assert sheet.axes[0].get_title() == "label: cat\nanswer: dog\n80.0 % sure"
    assert np.array_equal(sheet.axes[0].images[0].get_array(), images[3])


def test_class_names_are_never_read_as_formulas() -> None:
    """matplotlib would take $x^$ for mathematics, and fail on it."""
    names = ["$x^$", "$"]
    scores = [
        ClassEvaluation(class_name=name, label=0, precision=1.0, recall=1.0, f1=1.0, support=1)
        for name in names
    ]
    sheet = render_mistakes(
        np.zeros((1, 28, 28), dtype=np.uint8),
        [Mistake(index=0, label=0, predicted=1, probability=0.8)],
        names,
    )
    for figure in (render_confusion([[1, 0], [0, 1]], names), render_class_scores(scores), sheet):
        figure.draw_without_rendering()
