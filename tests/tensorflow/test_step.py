"""One training step in TensorFlow, beside PyTorch's."""

from typing import Any

import numpy as np
import pytest
import torch
from tests.tensorflow.twins import both

from inkwise.recipes.load import load_recipe
from inkwise.recipes.recipe import Recipe
from inkwise.tensorflow.pipeline import one_hot
from inkwise.tensorflow.step import KerasStep, build_loss, takes_one_hot
from inkwise.tensorflow.weights import from_keras
from inkwise.training.losses import build_loss as build_torch_loss
from inkwise.training.losses import build_loss_of
from inkwise.training.optimizers import build_optimizer
from inkwise.training.step import TextbookStep

GENERATOR = torch.Generator().manual_seed(2)
IMAGES = torch.rand(16, 1, 28, 28, generator=GENERATOR)
LABELS = torch.randint(0, 10, (16,), generator=GENERATOR)
ROWS = IMAGES.permute(0, 2, 3, 1).numpy()


def answers(recipe: Recipe) -> Any:
    smoothing = recipe.training.label_smoothing
    return one_hot(LABELS.numpy(), 10, label_smoothing=smoothing) if takes_one_hot(recipe) else LABELS.numpy()


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("mlp-logsoftmax", {"learning_rate": 0.1}),
        ("mlp-sequential", {"weight_decay": 0.1}),
        ("mlp-sequential", {"momentum": 0.9, "nesterov": True}),
        ("cnn-keras", {"optimizer": "sgd", "learning_rate": 0.1, "dropout": 0.0}),
        ("mlp-wide", {"optimizer": "adam"}),
        ("mlp-wide", {"optimizer": "adamw", "weight_decay": 0.1}),
        ("quick", {"optimizer": "sgd", "learning_rate": 0.1, "weight_decay": 0.1}),
    ],
)
def test_two_steps_move_the_weights_as_in_pytorch(name: str, settings: dict[str, Any]) -> None:
    """T1, O1, O2, O3: from equal weights and equal batches to equal weights."""
    recipe = load_recipe(name).with_settings(settings)
    network, twin = both(recipe.network.architecture, **recipe.network.options)
    theirs = TextbookStep(network.train(), build_loss_of(recipe), build_optimizer(network, recipe.training))
    ours = KerasStep(twin.model, recipe)
    before = from_keras(twin)
    for _ in range(2):
        theirs(IMAGES, LABELS)
        ours(ROWS, answers(recipe), learning_rate=recipe.training.learning_rate)
    # The running variance, which no gradient moves, is of N in Keras and of N - 1 in PyTorch.
    state, after = {key: value.detach() for key, value in network.named_parameters()}, from_keras(twin)
    moved = sum(np.abs(after[key] - before[key]).sum() for key in state)
    apart = sum(np.abs(after[key] - state[key].numpy()).sum() for key in state)
    # Adam divides by a gradient's own size plus epsilon, which the two put in different places: where a
    # gradient is next to nothing, the steps differ.
    assert moved > 0
    assert apart < (0.02 if "adam" in recipe.training.optimizer else 1e-4) * moved


@pytest.mark.parametrize("name", ["cross-entropy", "nll", "categorical-cross-entropy"])
def test_loss_of_rows_is_that_of_numbers_and_pytorchs(name: Any) -> None:
    """D8, L2, L3, M8: one-hot and sparse labels give the same number, in either framework."""
    logits = torch.randn(16, 10, generator=GENERATOR)
    outputs = {"cross-entropy": logits, "nll": logits.log_softmax(1)}.get(name, logits.softmax(1))
    rows = float(build_loss(name, is_one_hot=True)(one_hot(LABELS.numpy(), 10), outputs.numpy()))
    numbers = float(build_loss(name, is_one_hot=False)(LABELS.numpy(), outputs.numpy()))
    expected = float(build_torch_loss(name)(outputs, LABELS))
    assert rows == pytest.approx(expected, rel=1e-5)
    assert numbers == pytest.approx(expected, rel=1e-5)


def test_smooth_labels_give_pytorchs_smooth_loss() -> None:
    logits = torch.randn(16, 10, generator=GENERATOR)
    rows = one_hot(LABELS.numpy(), 10, label_smoothing=0.2)
    found = float(build_loss("cross-entropy", is_one_hot=True)(rows, logits.numpy()))
    expected = torch.nn.functional.cross_entropy(logits, LABELS, label_smoothing=0.2)
    assert found == pytest.approx(float(expected), rel=1e-5)


def test_metrics_collect_an_epoch_and_forget_it() -> None:
    """T7: the mean over images, not over batches, which differ in size."""
    recipe = load_recipe("mlp-sequential").with_settings({"learning_rate": 1e-12})
    network, twin = both("mlp-sequential")
    step = KerasStep(twin.model, recipe)
    step(ROWS[:12], LABELS.numpy()[:12], learning_rate=0.0)
    step(ROWS[12:], LABELS.numpy()[12:], learning_rate=0.0)
    with torch.no_grad():
        outputs = network(IMAGES)
    loss, right = torch.nn.functional.cross_entropy(outputs, LABELS), (outputs.argmax(1) == LABELS).float()
    assert float(step.mean_loss.result()) == pytest.approx(float(loss), rel=1e-5)
    assert float(step.accuracy.result()) == pytest.approx(float(right.mean()))
    step.reset_metrics()
    assert float(step.mean_loss.result()) == float(step.accuracy.result()) == 0


def test_step_is_compiled_once_for_batches_of_any_size() -> None:
    """T8."""
    recipe = load_recipe("cnn-keras")
    _, twin = both("cnn-keras")
    step, rows = KerasStep(twin.model, recipe), answers(recipe)
    for size in (16, 7, 1):
        step(ROWS[:size], rows[:size], learning_rate=0.001)
    assert step._compiled.experimental_get_tracing_count() == 1


def test_dropout_acts_in_the_step_unless_it_is_0() -> None:
    """S2-TF 1, T8: as published it never acts, as intended the training loss is that of a thinned network."""
    losses: dict[float, list[float]] = {0.0: [], 0.5: []}
    for dropout, found in losses.items():
        network, twin = both("cnn-keras", dropout=dropout)
        step = KerasStep(twin.model, load_recipe("cnn-keras"))
        for _ in range(4):
            step.reset_metrics()
            step(ROWS, one_hot(LABELS.numpy(), 10), learning_rate=0.0)
            found.append(float(step.mean_loss.result()))
    with torch.no_grad():
        whole = float(build_torch_loss("categorical-cross-entropy")(network(IMAGES), LABELS))
    assert losses[0.0] == pytest.approx([whole] * 4, rel=1e-5)
    assert len(set(losses[0.5])) == 4, "each step drops others"
