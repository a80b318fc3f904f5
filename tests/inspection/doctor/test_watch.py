"""Watching a loop: it sees, and changes nothing."""

import pytest
import torch
from tests.inspection.doctor.own_loop import bars_tensors, small_network, train_epochs
from torch import nn
from torch.nn import functional as F

from inkwise.inspection import doctor

IMAGES, LABELS = bars_tensors()


def hooks_of(*modules: nn.Module) -> int:
    layers = [layer for module in modules for layer in module.modules()]
    weights = [weight for module in modules for weight in module.parameters()]
    return sum(len(layer._forward_hooks) + len(layer._forward_pre_hooks) for layer in layers) + sum(
        len(weight._backward_hooks or ()) for weight in weights
    )


def trained_weights(*, is_watched: bool) -> tuple[list[bytes], bytes]:
    network, loss = small_network(dropout=0.5), nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    if is_watched:
        with doctor.watch(network, loss_function=loss) as watching:
            train_epochs(network, loss, optimizer, images=IMAGES, labels=LABELS)
            watching.findings()
    else:
        train_epochs(network, loss, optimizer, images=IMAGES, labels=LABELS)
    weights = [weight.detach().numpy().tobytes() for weight in network.parameters()]
    return weights, torch.random.get_rng_state().numpy().tobytes()


def test_watched_loop_gives_the_same_bits() -> None:
    assert trained_weights(is_watched=True) == trained_weights(is_watched=False)


def test_hooks_are_gone_after_the_block_and_after_an_exception() -> None:
    network, loss = small_network(), nn.CrossEntropyLoss()
    with doctor.watch(network, loss_function=loss):
        assert hooks_of(network, loss) == 2 + 3  # network, loss, and three weight matrices
    assert hooks_of(network, loss) == 0
    with pytest.raises(ZeroDivisionError), doctor.watch(network, loss_function=loss):
        raise ZeroDivisionError
    assert hooks_of(network, loss) == 0


def test_steps_losses_and_gradients_are_counted() -> None:
    """400 images in batches of 32 are 13 steps an epoch."""
    network, loss = small_network(), nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    with doctor.watch(network, loss_function=loss) as watching:
        train_epochs(network, loss, optimizer, images=IMAGES, labels=LABELS, num_epochs=2)
        watching.findings()
    assert [len(watching.passes), len(watching.losses), len(watching.norms)] == [26, 26, 26]
    assert all(one.is_trained for one in watching.passes)


def test_norm_of_a_step_is_that_of_its_gradients() -> None:
    network, loss = small_network(), nn.CrossEntropyLoss()
    with doctor.watch(network, loss_function=loss) as watching:
        loss(network(IMAGES[:32]), LABELS[:32]).backward()
        watching.findings()
    squares = sum(float(w.grad.square().sum()) for w in network.parameters() if w.ndim > 1)  # type: ignore[union-attr]
    assert watching.norms == [pytest.approx(squares**0.5)]


def test_loss_that_is_a_function_is_told() -> None:
    """The same mistake as by a loss module: labels in order, softmax under cross-entropy."""
    network = nn.Sequential(small_network(), nn.Softmax(dim=1))
    order = LABELS.argsort()
    with doctor.watch(network) as watching:
        for batch in order.split(32):
            outputs = network(IMAGES[batch])
            loss = F.cross_entropy(outputs, LABELS[batch])
            watching.saw(LABELS[batch], loss=loss, outputs=outputs)
            loss.backward()
    names = {finding.name for finding in watching.findings()}
    assert {"unshuffled", "softmax-under-cross-entropy"} <= names
    assert len(watching.losses) == 13


def test_one_look_at_a_few_images_in_train_mode_is_no_evaluation() -> None:
    network, loss = small_network(dropout=0.5), nn.CrossEntropyLoss()
    with doctor.watch(network, loss_function=loss) as watching:
        network(IMAGES[:1])
        loss(network(IMAGES[:32]), LABELS[:32]).backward()
    assert "train-mode-at-evaluation" not in {finding.name for finding in watching.findings()}


def test_evaluation_in_evaluation_mode_is_right() -> None:
    network, loss = small_network(dropout=0.5), nn.CrossEntropyLoss()
    with doctor.watch(network, loss_function=loss) as watching:
        loss(network(IMAGES[:32]), LABELS[:32]).backward()
        network.eval()
        network(IMAGES)
        network.train()
    assert watching.findings() == []


def test_nothing_seen_is_nothing_found() -> None:
    with doctor.watch(small_network()) as watching:
        pass
    assert watching.findings() == []
