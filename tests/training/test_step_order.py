"""Pooling before ReLU: other order, equal bits; and the memory layout that makes convolutions quick."""

import copy

import pytest
import torch
from tests.bars import bars_dataset
from torch import nn
from torch.nn import functional as F

from inkwise.networks.build import build_network
from inkwise.recipes.load import load_recipe
from inkwise.runs.run import Run
from inkwise.training.session import prepare_session
from inkwise.training.step import keep_layout, pool_before_relu


@pytest.mark.parametrize("name", ["cnn-lenet", "cnn-keras"])
def test_reordered_network_gives_equal_outputs_and_gradients(name, tmp_path):
    """M5, M6, S2-PT: windows with no positive value, and with equal ones, included."""
    options = {"dropout": 0.0} if name == "cnn-keras" else {}
    network = build_network(name, **options)
    twin = copy.deepcopy(network)
    images = torch.randn(16, 1, 28, 28, generator=torch.Generator().manual_seed(0)).round()
    labels = torch.arange(16) % 10
    for model in (network, pool_before_relu(twin)):
        F.nll_loss(model(images), labels).backward()
    assert torch.equal(network(images), pool_before_relu(twin)(images))
    for one, other in zip(network.parameters(), twin.parameters(), strict=True):
        assert torch.equal(one.grad, other.grad)


def test_order_of_the_network_itself_stays():
    network = build_network("cnn-lenet")
    kinds = [type(layer) for layer in network]
    assert [type(layer) for layer in pool_before_relu(network)][1:3] == [nn.MaxPool2d, nn.ReLU]
    assert [type(layer) for layer in network] == kinds


def test_networks_of_other_kinds_are_left_alone():
    network = build_network("mlp-class")
    assert pool_before_relu(network) is network


def test_convolutions_train_in_channels_last(tmp_path):
    """One grey channel fits both layouts; unless its strides say channels_last, all behind it is slow."""
    session = prepare_session(Run(tmp_path), load_recipe("cnn-lenet"), bars_dataset(100, 20), device="cpu")
    images, _ = next(session.loop.train.epoch(torch.arange(64)))
    outputs = session.state.network[0](images)
    assert outputs.is_contiguous(memory_format=torch.channels_last)
    assert not outputs.is_contiguous()


@pytest.mark.parametrize("dtype", [None, torch.bfloat16])
def test_keeping_the_layout_changes_no_bit_and_hands_gradients_back_channels_last(dtype):
    network = build_network("cnn-standard", dropout=0.0).to(memory_format=torch.channels_last)
    twin = copy.deepcopy(network)
    images = torch.rand(16, 1, 28, 28).to(memory_format=torch.channels_last)
    layouts = []
    for model in (network, keep_layout(twin)):
        layers = list(model)
        flatten = next(place for place, layer in enumerate(layers) if isinstance(layer, nn.Flatten))
        layers[flatten - 1].register_full_backward_hook(
            lambda _module, _inputs, gradients: layouts.append(
                gradients[0].is_contiguous(memory_format=torch.channels_last)
            )
        )
        with torch.autocast("cpu", dtype=dtype, enabled=dtype is not None):
            model(images).float().square().mean().backward()
    assert layouts == [False, True]
    for one, other in zip(network.parameters(), twin.parameters(), strict=True):
        assert torch.equal(one.grad, other.grad)


def test_anything_but_a_sequential_keeps_its_flatten():
    network = build_network("mlp-class")
    assert keep_layout(network) is network
