"""The textbook step, and the unrolled one that must equal it to the bit."""

import copy

import pytest
import torch
from torch import nn

from inkwise.networks.build import build_network
from inkwise.recipes.load import load_recipe
from inkwise.training.losses import build_loss
from inkwise.training.optimizers import build_optimizer, set_learning_rate
from inkwise.training.step import TextbookStep
from inkwise.training.unrolled import UnrolledStep, can_unroll

CPU = torch.device("cpu")


def batches(num_batches, batch_size=32):
    generator = torch.Generator().manual_seed(0)
    for _ in range(num_batches):
        yield (
            torch.randn(batch_size, 1, 28, 28, generator=generator),
            torch.randint(10, (batch_size,), generator=generator),
        )


def test_step_equals_the_five_lines_of_the_tutorials():
    """T1: zero_grad, forward, loss, backward, step."""
    network = build_network("mlp-class")
    twin = copy.deepcopy(network)
    recipe = load_recipe("mlp-class")
    step = TextbookStep(network, build_loss("cross-entropy"), build_optimizer(network, recipe.training))
    optimizer, criterion = torch.optim.SGD(twin.parameters(), lr=0.01), nn.CrossEntropyLoss()
    for images, labels in batches(3):
        loss, outputs = step(images, labels)
        optimizer.zero_grad()
        logits = twin(images)
        expected = criterion(logits, labels)
        expected.backward()
        optimizer.step()
        torch.testing.assert_close(loss, expected.detach())
        torch.testing.assert_close(outputs, logits.detach())
    torch.testing.assert_close(network.state_dict(), twin.state_dict())


def test_gradients_do_not_pile_up():
    """T1, T2: without zero_grad backward would add the same gradient a second time."""
    network = build_network("mlp-class")
    optimizer = torch.optim.SGD(network.parameters(), lr=0.0)
    step = TextbookStep(network, build_loss("cross-entropy"), optimizer)
    images, labels = next(batches(1))
    step(images, labels)
    first = network.output.weight.grad.clone()
    step(images, labels)
    assert torch.equal(network.output.weight.grad, first)


@pytest.mark.parametrize("name", ["mlp-logsoftmax", "mlp-sequential"])
def test_unrolled_step_equals_the_textbook_to_the_bit(name):
    """T8, our compiled step: losses, outputs, weights, momentum; the last batch smaller at another rate."""
    recipe = load_recipe(name)
    network = build_network(name)
    twin = copy.deepcopy(network)
    optimizer, twin_optimizer = (
        build_optimizer(network, recipe.training),
        build_optimizer(twin, recipe.training),
    )
    step = TextbookStep(network, build_loss(recipe.training.loss), optimizer)
    unrolled = UnrolledStep(twin, twin_optimizer)
    for images, labels in [*batches(20), *batches(1, batch_size=7)]:
        if len(labels) == 7:
            set_learning_rate(optimizer, 0.05)
            set_learning_rate(twin_optimizer, 0.05)
        (loss, outputs), (twin_loss, twin_outputs) = step(images, labels), unrolled(images, labels)
        assert torch.equal(loss, twin_loss)
        expected = outputs.log_softmax(1) if recipe.network.output == "logits" else outputs
        assert torch.equal(expected, twin_outputs)
    for one, other in zip(network.parameters(), twin.parameters(), strict=True):
        assert torch.equal(one, other)
        if recipe.training.momentum:
            buffers = optimizer.state[one]["momentum_buffer"], twin_optimizer.state[other]["momentum_buffer"]
            assert torch.equal(*buffers)


@pytest.mark.parametrize(
    ("name", "settings", "expected"),
    [
        ("mlp-logsoftmax", {}, True),
        ("mlp-sequential", {}, True),
        ("mlp-sequential", {"weight_decay": 0.1}, False),
        ("mlp-sequential", {"nesterov": True, "momentum": 0.9}, False),
        ("mlp-class", {}, False),  # a class may do anything in forward
        ("mlp-wide-relu-output", {"optimizer": "sgd"}, False),
        ("mlp-wide", {}, False),  # Adam
        ("cnn-lenet", {}, False),
    ],
)
def test_only_plain_stacks_are_unrolled(name, settings, expected):
    recipe = load_recipe(name).with_settings(settings)
    network = build_network(recipe.network.architecture, **recipe.network.options)
    assert can_unroll(network, recipe, device=CPU, precision="float32") is expected


def test_lower_precision_and_accelerators_are_not_unrolled():
    recipe, network = load_recipe("mlp-logsoftmax"), build_network("mlp-logsoftmax")
    assert not can_unroll(network, recipe, device=CPU, precision="bfloat16")
    assert not can_unroll(network, recipe, device=torch.device("cuda"), precision="float32")


@pytest.mark.parametrize(
    "settings",
    [
        {"shift_px": 1.0},
        {"label_smoothing": 0.1},
        {"weight_averaging": 0.9},
        {"written_images": 10, "outliers": 0.1},
    ],
)
def test_what_goes_beyond_the_textbook_is_not_unrolled(settings):
    recipe, network = load_recipe("mlp-logsoftmax"), build_network("mlp-logsoftmax")
    assert can_unroll(network, recipe, device=CPU, precision="float32")
    assert not can_unroll(network, recipe.with_settings(settings), device=CPU, precision="float32")
