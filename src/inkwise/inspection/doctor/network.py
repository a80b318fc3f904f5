"""Faults of the network as it stands: hidden units that never change, dropout that drops nothing."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from inkwise.classifier import EVALUATION_BATCH, evaluation_mode
from inkwise.inspection.doctor.finding import Finding

WEIGHTED = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d)
DROPOUTS = nn.modules.dropout._DropoutNd
# Layers that compute one thing in training mode and another in evaluation mode.
TWO_FACED = (DROPOUTS, nn.modules.batchnorm._BatchNorm)
# ReLU networks lose some units and do well: the built-in recipes lost up to 0.28 of a layer on MNIST, 0.62
# after a short training on small sets, and all of it at a learning rate ten times too high. With four of
# five dead the layer is not the one that was written down.
DEAD_SHARE = 0.8


def check_dead_units(dead: Mapping[str, Tensor]) -> Finding | None:
    """Return "dead-units" where most units of a hidden layer give one value whatever the image.

    Args:
        dead: which units of each hidden layer are dead, as look_through returns it.
    """
    shares = {name: float(units.double().mean()) for name, units in dead.items()}
    worst = {name: share for name, share in shares.items() if share > DEAD_SHARE}
    if not worst:
        return None
    layers = "; ".join(
        f"{int(dead[name].sum())} of {len(dead[name])} units that feed layer {name!r}" for name in worst
    )
    return Finding(
        "dead-units",
        "Most units of a hidden layer are dead.",
        f"They give the same value for every image: {layers}.",
        "Behind ReLU a unit that is 0 for every image passes no gradient and never comes back; what is left "
        "is a smaller network than the one you chose.",
        "Lower the learning rate, keep the default initial weights, scale the images, or take LeakyReLU.",
    )


def look_through(network: nn.Module, images: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """Return a network's outputs, and which of the units that feed each later layer never change.

    A unit is one feature, or one channel with all its places. Read at the inputs of the next layer with
    weights, so it makes no difference whether ReLU is a layer or a function. Evaluation mode, without
    gradients; mode and random state are left as found.

    Args:
        network: takes images.
        images: (N, ...) float, as the network takes them; some hundred.
    Returns:
        outputs (N, K) float32 on the processor, and the next layer's name -> (units,) bool, in order.
    """
    watcher = _Extremes(network)
    with watcher.attached(), evaluation_mode(network), torch.no_grad():
        outputs = [network(part).float().cpu() for part in images.split(EVALUATION_BATCH)]
    return torch.cat(outputs), watcher.dead()


class _Extremes:
    """Least and largest value of each unit that enters a layer with weights, over all images so far."""

    def __init__(self, network: nn.Module) -> None:
        self.layers: dict[nn.Module, str] = {
            layer: name for name, layer in network.named_modules() if isinstance(layer, WEIGHTED)
        }
        self.first: nn.Module | None = None
        self.before: nn.Module | None = None
        self.least: dict[str, Tensor] = {}
        self.most: dict[str, Tensor] = {}

    @contextmanager
    def attached(self) -> Iterator[None]:
        handles = [layer.register_forward_pre_hook(self._enter) for layer in self.layers]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _enter(self, layer: nn.Module, arguments: tuple[Tensor, ...]) -> None:
        before, self.before = self.before, layer
        self.first = self.first or layer
        # The first layer sees pixels, and those of the border never change in any set.
        if layer is self.first or before is None:
            return
        name, values = self.layers[layer], _by_unit(arguments[0].detach(), layer, before)
        least, most = values.amin((0, 2)), values.amax((0, 2))
        if name in self.least:
            least, most = torch.minimum(least, self.least[name]), torch.maximum(most, self.most[name])
        self.least[name], self.most[name] = least, most

    def dead(self) -> dict[str, Tensor]:
        return {name: (least == self.most[name]).cpu() for name, least in self.least.items()}


def _by_unit(values: Tensor, layer: nn.Module, before: nn.Module) -> Tensor:
    """Return what enters layer as (N, units, places); flattened channels of before are whole again."""
    if not isinstance(layer, nn.Linear):
        return values.flatten(2)
    assert isinstance(before.weight, Tensor)
    num_units = before.weight.shape[0]
    if not isinstance(before, nn.Linear) and values.ndim == 2 and values.shape[1] % num_units == 0:
        return values.reshape(len(values), num_units, -1)
    return values.movedim(-1, 1).reshape(len(values), values.shape[-1], -1)


def check_dropout(network: nn.Module) -> Finding | None:
    """Return "dropout-inactive" where the network has dropout layers and none can ever drop anything."""
    layers = [layer for layer in network.modules() if isinstance(layer, DROPOUTS)]
    if not layers or any(layer.p > 0 for layer in layers):
        return None
    return dropout_inactive(f"All {len(layers)} dropout layers have a chance of 0.", "give them p=0.5 or so")


def dropout_inactive(evidence: str, advice: str) -> Finding:
    """Return the finding "dropout-inactive"."""
    return Finding(
        "dropout-inactive",
        "The network has dropout, and it never acts.",
        evidence,
        "The training is that of a network without dropout: it fits the training images more closely, and "
        "nobody who reads the layers would think so.",
        f"If dropout is meant, {advice}; if not, take the layers out.",
    )


def mode_layers(network: nn.Module) -> list[nn.Module]:
    """Return the layers that work otherwise in training than in evaluation: active dropout, batch norms."""
    return [
        layer
        for layer in network.modules()
        if isinstance(layer, TWO_FACED) and not (isinstance(layer, DROPOUTS) and layer.p == 0)
    ]


def trained_for_evaluation(num_images: int, *, num_layers: int) -> Finding:
    """Return the finding "train-mode-at-evaluation"."""
    return Finding(
        "train-mode-at-evaluation",
        "The network is in training mode where it is evaluated.",
        f"{num_images:,} images passed without a gradient while {num_layers} layers of dropout or batch "
        "normalisation were in training mode.",
        "Dropout then drops at random, and batch normalisation takes its numbers from the batch and learns "
        "from the images that should judge it: the result is worse and changes from call to call.",
        "Call network.eval() before you evaluate, and network.train() before you train on.",
    )
