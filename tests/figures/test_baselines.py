"""A few pictures look as they did: drawn again and compared to those in baseline/.

After a change that is meant, look at what changed, and keep it:

    INKWISE_UPDATE_BASELINES=1 pytest tests/figures/test_baselines.py

Each is compared twice. Without its words, pixel by pixel: fonts play no part, so the tolerance is narrow.
With them, in tiles of 8x8 pixels: another release of FreeType moves letters, and with them the axes, by a
pixel or two, which the tiles forgive; a label that is gone they do not. What the words say is tested beside
each figure.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.testing.compare import compare_images
from matplotlib.text import Text
from matplotlib.ticker import NullFormatter
from PIL import Image
from torch import nn

from inkwise.figures import style
from inkwise.figures.confusion import render_confusion
from inkwise.figures.curves import render_accuracy, render_loss
from inkwise.figures.encode import to_png
from inkwise.figures.inspection.layer import render_layer
from inkwise.figures.inspection.loss import render_cross_entropy, render_loss_of_confidence
from inkwise.inspection.layers import view_layers

BASELINES = Path(__file__).with_name("baseline")
UPDATE = "INKWISE_UPDATE_BASELINES"
TOLERANCE = 1.0  # root of the mean squared difference of the pixels, 0 to 255
TILE, TILE_TOLERANCE = 8, 7.0  # text.hinting on and off: up to 5.5
MOST_BYTES = 40_000  # they lie in the repository


@dataclass
class Epoch:
    epoch: int
    learning_rate: float
    train_loss: float
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float


HISTORY = [
    Epoch(1, 0.003, 1.03, 0.68, 0.37, 0.89),
    Epoch(2, 0.003, 0.32, 0.90, 0.26, 0.92),
    Epoch(3, 0.003, 0.23, 0.93, 0.19, 0.94),
]
CONFUSION = [[95, 1, 0, 4], [0, 99, 1, 0], [12, 0, 80, 8], [0, 0, 0, 100]]


def layer_at_work():
    """Return a convolution of four directions at work on a ring, nothing in it drawn by chance."""
    rows, columns = torch.meshgrid(torch.arange(28.0), torch.arange(28.0), indexing="ij")
    ring = torch.exp(-(((rows - 13.5) ** 2 + (columns - 13.5) ** 2).sqrt() - 8).abs())
    convolution = nn.Conv2d(1, 4, 3)
    edge = torch.tensor([[-1.0, 0.0, 1.0]]).expand(3, 3)
    convolution.weight.data = torch.stack([edge, -edge, edge.T, -edge.T])[:, None]
    convolution.bias.data = torch.tensor([0.0, 0.0, -0.5, -0.5])
    return view_layers(nn.Sequential(convolution), ring[None])[0]


PICTURES = {
    "confusion": lambda: render_confusion(CONFUSION, ["coat", "dress", "shirt", "trouser"]),
    "training-loss": lambda: render_loss(HISTORY),
    "training-accuracy": lambda: render_accuracy(HISTORY),
    "loss-of-confidence": render_loss_of_confidence,
    "layer": lambda: render_layer(layer_at_work()),
    "cross-entropy": lambda: render_cross_entropy(np.array([4.6, -5.9, 2.3, 1.1]), 2, list("abcd")),
}


def without_words(figure: Figure) -> Figure:
    """Take every word out of figure, in place; what is left has the room."""
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(NullFormatter())
            axis.set_minor_formatter(NullFormatter())
    for word in (*figure.findobj(Text), *figure.findobj(Legend)):
        word.set_visible(False)
    return figure


def png_of(figure: Figure) -> bytes:
    return to_png(figure, dots_per_inch=72)


def baseline_of(name: str, png: bytes) -> Path:
    """Return the path of a baseline; with UPDATE set it becomes this PNG first."""
    path = BASELINES / f"{name}.png"
    if UPDATE in os.environ:
        BASELINES.mkdir(exist_ok=True)
        path.write_bytes(png)
    return path


def tiles(path: Path) -> np.ndarray:
    picture = Image.open(path).convert("RGB")
    size = (picture.width // TILE, picture.height // TILE)
    return np.asarray(picture.resize(size, Image.Resampling.BOX), dtype=float)


def tile_difference(path: Path, other: Path) -> float:
    """Return the root of the mean squared difference of two pictures' tiles."""
    return float(np.sqrt(((tiles(path) - tiles(other)) ** 2).mean()))


@pytest.fixture
def drawn(tmp_path):
    """Return a function that writes a figure to a PNG."""

    def write(figure: Figure) -> Path:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.png"
        path.write_bytes(png_of(figure))
        return path

    return write


@pytest.mark.parametrize("name", PICTURES)
def test_marks_of_a_picture_are_where_they_were(name, drawn):
    path = drawn(without_words(PICTURES[name]()))
    baseline = baseline_of(f"{name}-marks", path.read_bytes())
    assert compare_images(str(baseline), str(path), tol=TOLERANCE) is None, f"if it is meant, set {UPDATE}=1"


@pytest.mark.parametrize("name", PICTURES)
def test_picture_with_its_words_looks_as_it_did(name, drawn):
    path = drawn(PICTURES[name]())
    baseline = baseline_of(name, path.read_bytes())
    assert tile_difference(baseline, path) <= TILE_TOLERANCE, f"if it is meant, set {UPDATE}=1"


def test_baselines_are_all_drawn_and_small():
    names = {path.stem for path in BASELINES.iterdir()}
    assert names == {*PICTURES, *(f"{name}-marks" for name in PICTURES)}
    assert max(path.stat().st_size for path in BASELINES.iterdir()) <= MOST_BYTES


class TestTheComparisonItself:
    """A comparison that cannot fail compares nothing."""

    def test_line_of_another_colour_is_seen(self, drawn):
        figure = render_loss(HISTORY)
        figure.axes[0].lines[0].set_color(style.GREEN)
        path = drawn(without_words(figure))
        assert "RMS" in compare_images(str(BASELINES / "training-loss-marks.png"), str(path), tol=TOLERANCE)

    def test_line_that_is_gone_is_seen(self, drawn):
        figure = render_loss(HISTORY)
        figure.axes[0].lines[1].remove()
        path = drawn(without_words(figure))
        assert "RMS" in compare_images(str(BASELINES / "training-loss-marks.png"), str(path), tol=TOLERANCE)

    def test_label_that_is_gone_is_seen(self, drawn):
        figure = render_loss(HISTORY)
        figure.axes[0].set_ylabel("")
        assert tile_difference(BASELINES / "training-loss.png", drawn(figure)) > TILE_TOLERANCE

    def test_count_in_another_cell_is_seen(self, drawn):
        counts = [[95, 1, 0, 4], [0, 99, 1, 0], [12, 0, 80, 8], [0, 0, 9, 91]]
        path = drawn(without_words(render_confusion(counts, list("abcd"))))
        assert "RMS" in compare_images(str(BASELINES / "confusion-marks.png"), str(path), tol=TOLERANCE)

    def test_letters_drawn_otherwise_are_forgiven(self, drawn):
        with mpl.rc_context({"text.hinting": "no_hinting"}):
            path = drawn(PICTURES["confusion"]())
        assert 0 < tile_difference(BASELINES / "confusion.png", path) <= TILE_TOLERANCE
