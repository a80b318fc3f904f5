"""Every figure function gives a Picture, which a notebook shows by itself."""

import importlib
import inspect
import pkgutil
import typing

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from inkwise import figures
from inkwise.evaluation.calibration import reject_curve
from inkwise.evaluation.evaluate import ClassEvaluation, Mistake
from inkwise.figures.classes import render_class_scores
from inkwise.figures.confidence import render_calibration, render_reject_curve
from inkwise.figures.confusion import render_confusion
from inkwise.figures.curves import render_accuracy, render_course, render_learning_rate, render_loss
from inkwise.figures.experiments.studies import Ratio, StudyPoints, render_ratios, render_studies
from inkwise.figures.inspection.loss import render_cross_entropy, render_loss_of_confidence
from inkwise.figures.mistakes import render_mistakes
from inkwise.figures.style import Picture
from inkwise.metrics import calibration_bins
from inkwise.runs.history import EpochRecord

HISTORY = [
    EpochRecord(
        epoch=1, step=10, train_loss=1.0, learning_rate=0.1, train_accuracy=0.8,
        validation_loss=0.5, validation_accuracy=0.9,
    )
]  # fmt: skip
PROBABILITIES, LABELS = torch.tensor([[0.9, 0.1], [0.6, 0.4]], dtype=torch.float64), torch.tensor([0, 1])
SCORES = [ClassEvaluation(class_name="a", label=0, precision=0.9, recall=0.8, f1=0.85, support=10)]
MISTAKES = [Mistake(index=0, label=0, predicted=1, probability=0.8)]

SAMPLES = {
    render_accuracy: lambda: render_accuracy(HISTORY),
    render_calibration: lambda: render_calibration(calibration_bins(PROBABILITIES, LABELS)),
    render_class_scores: lambda: render_class_scores(SCORES),
    render_confusion: lambda: render_confusion([[5, 1], [0, 6]], ["a", "b"]),
    render_course: lambda: render_course({"loss": [1.0, 0.5]}),
    render_cross_entropy: lambda: render_cross_entropy(np.array([1.0, 2.0]), 0, ["a", "b"]),
    render_learning_rate: lambda: render_learning_rate([1, 2], [0.1, 0.05]),
    render_loss: lambda: render_loss(HISTORY),
    render_loss_of_confidence: render_loss_of_confidence,
    render_mistakes: lambda: render_mistakes(np.zeros((1, 28, 28), np.uint8), MISTAKES, ["a", "b"]),
    render_ratios: lambda: render_ratios([Ratio("S3", 11.0, 9.0, 12.5, 8.0)]),
    render_reject_curve: lambda: render_reject_curve(reject_curve(PROBABILITIES, LABELS)),
    render_studies: lambda: render_studies([StudyPoints("S3", [0.03, 0.04], 0.05)]),
}


def figure_functions(path, prefix):
    """Yield every function render_... of the modules on path, and of the packages inside."""
    for found in pkgutil.walk_packages(path, prefix):
        module = importlib.import_module(found.name)
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if name.startswith("render_") and function.__module__ == found.name:
                yield function


EVERY = list(figure_functions(figures.__path__, "inkwise.figures."))


def name_of(function):
    return function.__name__


@pytest.mark.parametrize("function", SAMPLES, ids=name_of)
def test_figure_shows_itself_in_a_notebook(function):
    picture = SAMPLES[function]()
    assert isinstance(picture, Picture)
    assert picture._repr_png_().startswith(b"\x89PNG\r\n")


@pytest.mark.parametrize("function", EVERY, ids=name_of)
def test_figure_function_says_that_it_returns_a_figure(function):
    assert issubclass(typing.get_type_hints(function)["return"], Figure)


def test_every_figure_of_a_report_has_a_sample():
    """Those of inspection and exploration are sampled beside their own results."""
    own = {function for function in EVERY if function.__module__.count(".") == 2}
    assert own <= set(SAMPLES)
