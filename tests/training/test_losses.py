"""Soft labels: the same number in each output convention, PyTorch's own smoothing, and what -1 means."""

import math

import pytest
import torch
from torch.nn import functional as F

from inkwise.recipes.load import load_recipe
from inkwise.training.losses import build_loss, build_loss_of, build_soft_loss

LOGITS = torch.tensor([[2.0, -1.0, 0.5], [0.0, 3.0, 1.0], [1.0, 1.0, -2.0], [0.3, 0.2, 0.1]])
LABELS = torch.tensor([0, 2, 1, 0])
OUTPUTS = {
    "cross-entropy": LOGITS,
    "nll": LOGITS.log_softmax(1),
    "categorical-cross-entropy": LOGITS.softmax(1),
}


@pytest.mark.parametrize("name", OUTPUTS)
@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.5])
def test_smoothed_labels_are_pytorchs(name, smoothing):
    expected = F.cross_entropy(LOGITS, LABELS, label_smoothing=smoothing)
    torch.testing.assert_close(
        build_soft_loss(name, label_smoothing=smoothing)(OUTPUTS[name], LABELS), expected
    )


@pytest.mark.parametrize("name", OUTPUTS)
def test_image_of_no_class_has_an_even_label(name):
    """Rows 1 and 3 are of no class: their label is a third of each class."""
    target = torch.tensor([[1.0, 0, 0], [1 / 3] * 3, [0, 1.0, 0], [1 / 3] * 3])
    found = build_soft_loss(name)(OUTPUTS[name], torch.tensor([0, -1, 1, -1]))
    torch.testing.assert_close(found, F.cross_entropy(LOGITS, target))


def test_even_answer_to_no_class_costs_least():
    """No answer to an even label costs less than ln K."""
    loss, labels = build_soft_loss("cross-entropy"), torch.tensor([-1])
    assert float(loss(torch.zeros(1, 10), labels)) == pytest.approx(math.log(10))
    assert loss(torch.randn(1, 10, generator=torch.Generator().manual_seed(0)), labels) > math.log(10)


def test_no_class_pulls_the_logits_together():
    logits = LOGITS.clone().requires_grad_()
    build_soft_loss("cross-entropy")(logits, torch.full((4,), -1)).backward()
    assert logits.grad is not None
    expected = (LOGITS.softmax(1) - 1 / 3) / 4
    torch.testing.assert_close(logits.grad, expected)


def test_recipe_gets_the_plain_loss_unless_its_labels_are_soft():
    recipe = load_recipe("tiny")
    assert build_loss_of(recipe) is build_loss("cross-entropy")
    smoothed = build_loss_of(recipe.with_settings({"label_smoothing": 0.2}))
    torch.testing.assert_close(smoothed(LOGITS, LABELS), F.cross_entropy(LOGITS, LABELS, label_smoothing=0.2))
    outlying = build_loss_of(recipe.with_settings({"written_images": 5, "outliers": 0.2}))
    assert outlying(LOGITS, torch.tensor([0, -1, 1, -1])) > 0
