"""A network in words: every architecture, every kind of layer, and what is refused."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from inkwise.errors import ShapeError
from inkwise.networks.build import ARCHITECTURES, build_network
from inkwise.networks.describe import describe_layers


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_tensor_of_an_architecture_is_named_once(name: str) -> None:
    network = build_network(name)
    words = [layer.model_dump() for layer in describe_layers(network)]
    named = [
        layer[key]
        for layer in words
        for key in ("weight", "bias", "mean", "variance")
        if layer.get(key) is not None
    ]
    tensors = {key for key in network.state_dict() if not key.endswith("num_batches_tracked")}
    assert sorted(named) == sorted(tensors)


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        (nn.Conv2d(2, 4, (3, 5), stride=2, padding=(1, 2), dilation=1, groups=2, bias=False),
         {"kind": "conv2d", "weight": "0.weight", "bias": None, "stride": [2, 2], "padding": [1, 2, 1, 2],
          "dilation": [1, 1], "groups": 2}),
        (nn.Conv2d(1, 4, 4, padding="same"), {"padding": [1, 1, 2, 2], "bias": "0.bias"}),
        (nn.Conv2d(1, 4, 3, padding="valid"), {"padding": [0, 0, 0, 0]}),
        (nn.BatchNorm2d(3, eps=1e-3),
         {"kind": "batch_norm", "mean": "0.running_mean", "variance": "0.running_var", "epsilon": 1e-3}),
        (nn.MaxPool2d(3, stride=2, padding=1),
         {"kind": "max_pool2d", "kernel": [3, 3], "stride": [2, 2], "padding": [1, 1]}),
        (nn.AvgPool2d((2, 1)), {"kind": "avg_pool2d", "kernel": [2, 1], "stride": [2, 1], "padding": [0, 0]}),
        (nn.AdaptiveAvgPool2d(1), {"kind": "global_avg_pool2d"}),
        (nn.Linear(3, 2, bias=False), {"kind": "linear", "bias": None}),
        (nn.LogSoftmax(dim=1), {"kind": "log_softmax"}),
        (nn.Softmax(dim=-1), {"kind": "softmax"}),
    ],
)  # fmt: skip
def test_layer_is_described(layer: nn.Module, words: dict[str, Any]) -> None:
    (found,) = describe_layers(nn.Sequential(layer))
    assert words.items() <= found.model_dump().items()


def test_dropout_is_left_out_and_inner_names_are_paths() -> None:
    network = nn.Sequential(nn.Flatten(), nn.Dropout(0.5), nn.Sequential(nn.Linear(784, 2), nn.ReLU()))
    assert [layer.name for layer in describe_layers(network)] == ["0", "2.0", "2.1"]


class Branching(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.one = nn.Linear(784, 784)

    def forward(self, images: Tensor) -> Tensor:
        flat = images.flatten(1)
        sum_: Tensor = flat + self.one(flat)
        return sum_


class Deciding(nn.Module):
    def forward(self, images: Tensor) -> Tensor:
        return images if images.sum() > 0 else -images


@pytest.mark.parametrize(
    ("network", "match"),
    [
        (Branching(), "Branching branches at add; expected a chain of layers"),
        (Deciding(), "Deciding cannot be followed .*; expected a chain of layers"),
        (nn.Sequential(nn.GELU()), r"the layer 0, GELU\(.*\), has no words in networks/layers.py"),
        (nn.Sequential(nn.MaxPool2d(2, ceil_mode=True)), "the layer 0, MaxPool2d"),
        (nn.Sequential(nn.Conv2d(1, 1, 3, padding=1, padding_mode="reflect")), "the layer 0, Conv2d"),
        (nn.Sequential(nn.BatchNorm2d(1, affine=False)), "the layer 0, BatchNorm2d"),
        (nn.Sequential(nn.Flatten(2)), "the layer 0, Flatten"),
        (nn.Sequential(nn.Softmax(dim=0)), "the layer 0, Softmax"),
    ],
)
def test_what_has_no_words_is_refused(network: nn.Module, match: str) -> None:
    with pytest.raises(ShapeError, match=match):
        describe_layers(network)


def test_functions_in_forward_are_layers_too() -> None:
    class Functional(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(784, 3)

        def forward(self, images: Tensor) -> Tensor:
            return nn.functional.relu(self.linear(torch.flatten(images, start_dim=1)))

    found = [(layer.name, layer.kind) for layer in describe_layers(Functional())]
    assert found == [("flatten()", "flatten"), ("linear", "linear"), ("relu()", "relu")]
