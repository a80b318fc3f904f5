"""Calling somebody's network: in the shape it takes, and without a trace."""

import random

import numpy as np
import pytest
import torch
from tests.inspection.own_networks import (
    Fails,
    Recurrent,
    Restless,
    TutorialNet,
    TwoOutputs,
    an_image,
    recipe_network,
    some_images,
)
from torch import nn

from inkwise.errors import InkwiseError, ShapeError
from inkwise.inspection.attribution import grad_cam, integrated_gradients, occlusion
from inkwise.inspection.layers import view_layers
from inkwise.inspection.neighbours import nearest_images
from inkwise.inspection.recording.calling import as_function, plain_module

LOOKS = {
    "layers": lambda network: view_layers(network, an_image(), probe=some_images(4)),
    "occlusion": lambda network: occlusion(network, an_image(), target=1),
    "gradients": lambda network: integrated_gradients(network, an_image(), target=1),
    "grad-cam": lambda network: grad_cam(network, an_image(), target=1),
    "neighbours": lambda network: nearest_images(network, an_image(), some_images(4)),
}
HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")


def num_hooks(network: nn.Module) -> int:
    return sum(len(getattr(layer, kind)) for layer in network.modules() for kind in HOOKS)


def random_states() -> list[object]:
    return [torch.get_rng_state().tolist(), np.random.get_state()[1].tolist(), random.getstate()]


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_network_is_left_as_it_was_found(look):
    """Modes layer by layer, weights, gradients, requires_grad, hooks; a user's own hook stays."""
    network = recipe_network("cnn-lenet").train()
    network[3].eval()
    network[0].weight.requires_grad_(False)
    network[7].weight.grad = torch.ones_like(network[7].weight)
    calls = []
    network[1].register_forward_hook(lambda *_: calls.append(1))
    modes = [layer.training for layer in network.modules()]
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    wanted = [parameter.requires_grad for parameter in network.parameters()]
    look(network)
    assert [layer.training for layer in network.modules()] == modes
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())
    assert [parameter.requires_grad for parameter in network.parameters()] == wanted
    grads = {name for name, parameter in network.named_parameters() if parameter.grad is not None}
    assert grads == {"7.weight"}
    assert torch.equal(network[7].weight.grad, torch.ones_like(network[7].weight))
    assert num_hooks(network) == 1
    assert calls


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_random_states_buffers_and_image_are_left_as_they_were(look):
    """Even by a network that draws, counts and writes into its input each time it is called."""
    network, image = Restless(), an_image()
    states, count = random_states(), network.count.clone()
    look(network)
    assert random_states() == states
    assert torch.equal(network.count, count)
    assert torch.equal(image, an_image())


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
@pytest.mark.parametrize("fails_at", [1, 2, 3])
def test_nothing_is_left_behind_by_a_forward_that_fails(look, fails_at):
    network = Fails().train()
    network.fails_at = fails_at
    states = random_states()
    with pytest.raises(LookupError, match="lost on the way"):
        look(network)
    assert num_hooks(network) == 0
    assert network.training
    assert network.head.training
    assert random_states() == states
    assert not torch.overrides._get_current_function_mode_stack()


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_looking_works_where_gradients_are_switched_off(look):
    network = TutorialNet()
    with torch.no_grad():
        look(network)
        assert not torch.is_grad_enabled()
    with torch.inference_mode():
        look(network)
    assert torch.is_grad_enabled()


@pytest.mark.parametrize(
    "network",
    [
        nn.Linear(784, 10),
        nn.Sequential(nn.Flatten(), nn.Linear(784, 10)),
        nn.Sequential(nn.Conv2d(1, 10, 28)),
        Recurrent(),
        TwoOutputs(),
        nn.Sequential(nn.LSTM(28, 10, batch_first=True)),
        nn.Linear(784, 10).double(),
        nn.Linear(784, 10).bfloat16(),
    ],
    ids=["flat", "channel", "K x 1 x 1", "rows", "dictionary", "tuple", "float64", "bfloat16"],
)
def test_networks_of_any_input_return_a_row_an_image(network):
    run = as_function(network, an_image())
    with torch.no_grad():
        outputs = run(some_images(3))
        one = run(some_images(3)[1:2])
    assert outputs.dtype == torch.float32
    assert len(outputs) == 3
    torch.testing.assert_close(outputs[1:2], one, rtol=1e-2, atol=1e-2)


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (nn.Flatten(0), r"returns torch.float32 of shape \(1568,\)"),
        (TwoOutputs.Says(), "for 2 images the network returns str, expected floats"),
        (nn.Linear(3, 3), "mat1 and mat2 shapes cannot be multiplied"),
    ],
)
def test_network_without_a_row_an_image_is_refused(network, message):
    with pytest.raises(ShapeError, match=message):
        as_function(network, an_image())


@pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")  # PyTorch retires what is refused here
def test_torchscript_is_refused_with_what_to_pass():
    script = torch.jit.script(nn.Linear(784, 10))
    with pytest.raises(InkwiseError, match="for TorchScript pass the module it was made from"):
        as_function(script, an_image())


@pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")  # from within torch.compile
def test_compiled_network_is_looked_at_as_it_was_written():
    network = nn.Linear(784, 10)
    assert plain_module(torch.compile(network)) is network
    assert [view.name for view in view_layers(torch.compile(network), an_image())] == ["Linear"]
