"""What a network is made of: one row a layer, with the shape it returns and the numbers it learns."""

import copy
from typing import NamedTuple

import torch
from torch import Tensor, nn

from inkwise.data.dataset import IMAGE_SIZE
from inkwise.networks.build import num_parameters


class LayerSummary(NamedTuple):
    """One layer without layers inside, in the order in which an image passes it.

    Attributes:
        name: where it is in the network, "hidden_1" or "3".
        kind: the layer's own words, "Linear(in_features=784, out_features=128, bias=True)".
        output_shape: for one image, the batch axis left out.
        num_parameters: weights and biases, those too that no training changes.
    """

    name: str
    kind: str
    output_shape: tuple[int, ...]
    num_parameters: int


def summarise_layers(network: nn.Module) -> list[LayerSummary]:
    """Return the layers that one image passes; the network itself is not run, a copy of it is."""
    twin, rows = copy.deepcopy(network).cpu().eval(), []
    names = {layer: name for name, layer in twin.named_modules()}

    def record(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        rows.append(LayerSummary(names[layer], repr(layer), tuple(output.shape[1:]), num_parameters(layer)))

    for layer in twin.modules():
        if not any(layer.children()):
            layer.register_forward_hook(record)
    with torch.no_grad():
        twin(torch.zeros(1, 1, IMAGE_SIZE, IMAGE_SIZE))
    return rows


def summary_table(network: nn.Module) -> str:
    """Return the layers as a table of plain text, and the sum of the parameters below it.

    >>> print(summary_table(nn.Sequential(nn.Flatten(), nn.Linear(784, 2))))
    layer                                                    output  parameters
    0  Flatten(start_dim=1, end_dim=-1)                         784           0
    1  Linear(in_features=784, out_features=2, bias=True)         2       1,570
    all                                                                   1,570
    """
    layers = [
        (f"{row.name}  {row.kind}", "x".join(map(str, row.output_shape)), f"{row.num_parameters:,}")
        for row in summarise_layers(network)
    ]
    rows = [("layer", "output", "parameters"), *layers, ("all", "", f"{num_parameters(network):,}")]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "\n".join(
        f"{name:<{widths[0]}}  {shape:>{max(widths[1], 8)}}  {count:>{widths[2]}}"
        for name, shape, count in rows
    )
