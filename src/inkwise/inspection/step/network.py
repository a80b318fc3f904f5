"""A network as the text that builds it: a plain nn.Sequential, or the class it is."""

import importlib
import inspect
from types import ModuleType
from typing import Any

from torch import nn

from inkwise.networks.build import ARCHITECTURES
from inkwise.networks.summary import summarise_layers
from inkwise.recipes.recipe import NetworkSection


def network_lines(network: nn.Module, section: NetworkSection, *, num_classes: int) -> str:
    """Return the lines that build a network as build_network does, to the same first weights after a seed.

    Args:
        network: one of section's architecture.
        section: architecture and options.
        num_classes: K.
    """
    module = importlib.import_module(ARCHITECTURES[section.architecture])
    if not isinstance(network, nn.Sequential):
        options = {"num_classes": num_classes, **section.options}
        given = ", ".join(f"{name}={value!r}" for name, value in options.items())
        kind = type(network)
        return (
            f"\n\n{inspect.getsource(kind)}\n\n{inspect.getsource(module.build)}\n\nnetwork = build({given})"
        )
    return _sequential_lines(network) + _initialiser_lines(module)


def _sequential_lines(network: nn.Sequential) -> str:
    lines = []
    for layer, row in zip(network, summarise_layers(network), strict=True):
        shape = ", ".join(map(str, ("N", *row.output_shape)))
        lines.append(f"    {_layer_text(layer)},  # ({shape})")
    return "\n".join(["network = nn.Sequential(  # images come as (N, 1, 28, 28)", *lines, ")"])


def _layer_text(layer: nn.Module) -> str:
    """Return a layer as code, in the few words that the recipes' layers need; any other by its own."""
    match layer:
        case nn.Linear(bias=bias) if bias is not None:
            return f"nn.Linear({layer.in_features}, {layer.out_features})"
        case nn.Conv2d():
            options = _options(layer.kernel_size[0], _convolution_options(layer))
            return f"nn.Conv2d({layer.in_channels}, {layer.out_channels}, {options})"
        case nn.BatchNorm1d() | nn.BatchNorm2d():
            return f"nn.{type(layer).__name__}({layer.num_features})"
        case nn.MaxPool2d():
            return f"nn.MaxPool2d({_options(layer.kernel_size, _pooling_options(layer))})"
        case nn.Dropout():
            return f"nn.Dropout({layer.p})"
        case nn.Flatten() | nn.ReLU():
            return f"nn.{type(layer).__name__}()"
    return f"nn.{layer!r}"


def _convolution_options(layer: nn.Conv2d) -> dict[str, tuple[Any, Any]]:
    padding = layer.padding if isinstance(layer.padding, str) else layer.padding[0]
    return {
        "stride": (layer.stride[0], 1),
        "padding": (padding, 0),
        "groups": (layer.groups, 1),
        "bias": (layer.bias is not None, True),
    }


def _pooling_options(layer: nn.MaxPool2d) -> dict[str, tuple[Any, Any]]:
    return {"stride": (layer.stride, layer.kernel_size), "padding": (layer.padding, 0)}


def _options(kernel: Any, options: dict[str, tuple[Any, Any]]) -> str:
    """Return the kernel's size and what differs of the options, each a value and PyTorch's default."""
    given = [f"{name}={value!r}" for name, (value, default) in options.items() if value != default]
    return ", ".join([str(kernel), *given]).replace("'", '"')


def _initialiser_lines(module: ModuleType) -> str:
    """Return the function that an architecture applies to its fresh layers, and the call, if it has one."""
    found = [value for name, value in vars(module).items() if name.startswith("_initialise")]
    if not found:
        return ""
    (initialise,) = found
    source = inspect.getsource(initialise).removesuffix("\n")
    comment = "# First weights of another kind than PyTorch's own."
    return f"\n\n\n{comment}\n{source}\n\n\nnetwork.apply({initialise.__name__})"
