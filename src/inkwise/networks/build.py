"""From the name of an architecture, as a recipe or a classifier file holds it, to the network."""

import importlib
import inspect
from typing import Any

import torch
from torch import nn

from inkwise.errors import RecipeError, unknown_name
from inkwise.networks.mkl import make_ready

ARCHITECTURES = {
    "mlp-sequential": "inkwise.networks.perceptrons.mlp_sequential",
    "mlp-class": "inkwise.networks.perceptrons.mlp_class",
    "mlp-logsoftmax": "inkwise.networks.perceptrons.mlp_logsoftmax",
    "mlp-wide": "inkwise.networks.perceptrons.mlp_wide",
    "cnn-best": "inkwise.networks.convolutional.cnn_best",
    "cnn-cosine": "inkwise.networks.convolutional.cnn_cosine",
    "cnn-keras": "inkwise.networks.convolutional.cnn_keras",
    "cnn-lenet": "inkwise.networks.convolutional.cnn_lenet",
    "cnn-quick": "inkwise.networks.convolutional.cnn_quick",
    "cnn-reader": "inkwise.networks.convolutional.cnn_reader",
    "cnn-standard": "inkwise.networks.convolutional.cnn_standard",
    "cnn-tiny": "inkwise.networks.convolutional.cnn_tiny",
}


def build_network(name: str, /, *, num_classes: int = 10, **options: Any) -> nn.Module:
    """Return a freshly initialised network; its weights come from PyTorch's global random state.

    Args:
        name: one of ARCHITECTURES.
        num_classes: K, the width of the last layer.
        options: what the architecture's own `build` takes beside num_classes.
    Raises:
        RecipeError: the name or an option is unknown, or an option's value does not fit.
    """
    make_ready()  # here, for every computation begins by building a network
    if name not in ARCHITECTURES:
        raise RecipeError(unknown_name("network", name, ARCHITECTURES))
    build = importlib.import_module(ARCHITECTURES[name]).build
    known = [option for option in inspect.signature(build).parameters if option != "num_classes"]
    for option in options:
        if option not in known:
            raise RecipeError(f"network {name}: {unknown_name('option', option, known or ['(none)'])}")
    try:
        network: nn.Module = build(num_classes=num_classes, **options)
    except (TypeError, ValueError) as error:
        given = ", ".join(f"{option} = {value!r}" for option, value in options.items())
        raise RecipeError(f"network {name}: {given} does not fit: {error}; correct the option") from error
    return network


def build_first_network(name: str, /, *, seed: int, num_classes: int = 10, **options: Any) -> nn.Module:
    """Return the network that a training from seed begins with; the random state is left as found.

    The weights are a tutorial's, which calls torch.manual_seed(seed) and then makes its network.

    Args:
        name, num_classes, options: as of build_network.
        seed: any whole number.
    Raises:
        RecipeError: as build_network.
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return build_network(name, num_classes=num_classes, **options)


def num_parameters(network: nn.Module) -> int:
    """Return how many weights and biases there are, those too that no training changes.

    >>> num_parameters(nn.Linear(3, 2))
    8
    """
    return sum(parameter.numel() for parameter in network.parameters())


def num_fixed(network: nn.Module) -> int:
    """Return how many of num_parameters no training changes."""
    return sum(parameter.numel() for parameter in network.parameters() if not parameter.requires_grad)
