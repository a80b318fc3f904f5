"""Answer, attributions and neighbours show the numbers of their records, unscaled."""

import numpy as np
import torch

from inkwise.figures.inspection.answer import render_answer
from inkwise.figures.inspection.attribution import render_attributions
from inkwise.figures.inspection.neighbours import render_neighbours
from inkwise.figures.inspection.panels.panel import find_panels
from inkwise.figures.inspection.panels.scale import signed_scale
from inkwise.inspection.attribution import Attribution
from inkwise.inspection.neighbours import Neighbours

IMAGE = np.arange(784, dtype=np.uint16).astype(np.uint8).reshape(28, 28)


def words_of(figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def test_answer_says_sum_argmax_and_each_probability() -> None:
    """I7, V3."""
    figure = render_answer(IMAGE, [0.125, 0.75, 0.125], ["cat", "dog", "cow"])
    words = words_of(figure)
    assert "sum 1.0000, largest (argmax): dog" in words
    assert words.count("12.5 %") == 2
    assert "75.0 %" in words
    lengths = [patch.get_width() for patch in figure.axes[0].patches]
    assert {0.125, 0.75} <= set(lengths)


def test_answer_of_many_classes_shows_the_ten_most_probable() -> None:
    probabilities = np.linspace(1, 26, 26) / np.linspace(1, 26, 26).sum()
    words = words_of(render_answer(IMAGE, probabilities.tolist(), [chr(65 + k) for k in range(26)]))
    assert "Z" in words
    assert "Q" in words
    assert "P" not in words


def test_answer_shows_the_original_beside_what_is_seen() -> None:
    figure = render_answer(IMAGE, [0.5, 0.5], ["a", "b"], original=np.zeros((40, 60), np.uint8))
    heads = [box.words.replace("\N{MULTIPLICATION SIGN}", "x") for box in find_panels(figure)]
    assert heads[:2] == ["The picture: 40 rows x 60 columns", "What the network sees: 28 rows x 28 columns"]
    assert figure.axes[0].images[0].get_array().shape == (40, 60, 4)


def test_attributions_are_drawn_as_they_are() -> None:
    """Neither cut nor made positive: the scale ends at the map's own largest size, 0 in the middle."""
    values = torch.randn(28, 28, generator=torch.Generator().manual_seed(0))
    found = Attribution("integrated gradients", 1, values, 0.0123, "", -0.25)
    figure = render_attributions(IMAGE, [found], ["cat", "dog"])
    drawn = [picture.get_array() for picture in figure.axes[0].images]
    assert any(
        np.array_equal(picture, signed_scale(values.numpy()).paint(values.numpy())) for picture in drawn
    )
    words = words_of(figure)
    assert "for the answer dog" in words
    assert "in log-odds of the answer" in words
    assert "their sum is off by 0.012" in words
    assert "agreement with an untrained network: \N{MINUS SIGN}0.25" in words


def test_neighbours_have_label_and_distance() -> None:
    near = Neighbours(torch.arange(5), torch.tensor([0.5, 1.25, 2.0, 3.0, 4.0]), "7", 100, 64)
    images = np.stack([np.full((28, 28), shade, np.uint8) for shade in range(5)])
    figure = render_neighbours(near, images, [0, 1, 1, 0, 1], image=IMAGE, classes=["cat", "dog"])
    words = words_of(figure)
    assert [text for text in words if "cat," in text or "dog," in text] == [
        "cat, 0.50", "dog, 1.25", "dog, 2.00", "cat, 3.00", "dog, 4.00",
    ]  # fmt: skip
    assert [box.words.split(":")[0] for box in find_panels(figure)] == ["The image", "Nearest", "Next"]
    assert figure.axes[0].images[-1].get_array()[0, 0, 0] == 4
