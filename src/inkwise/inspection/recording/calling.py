"""Calls somebody's network on preprocessed images, in the shape it takes, and leaves it as it was found."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from inkwise.classifier import evaluation_mode, memory_layout
from inkwise.data.dataset import IMAGE_SIZE
from inkwise.errors import InkwiseError, ShapeError

# Inputs that networks for these images are written for: a channel, a flat row, a bare picture.
_INPUT_SHAPES = ((1, IMAGE_SIZE, IMAGE_SIZE), (IMAGE_SIZE**2,), (IMAGE_SIZE, IMAGE_SIZE))


def as_function(network: nn.Module, image: Tensor) -> Callable[[Tensor], Tensor]:
    """Return network as a function from images (N, 1, 28, 28) to outputs (N, K) float32.

    Args:
        network: any module for batches of images with one channel, flat rows of 784, or bare 28x28 pictures.
        image: (1, 28, 28), one that it shall take; run once to see in which shape.
    Raises:
        ShapeError: the network cannot take the image, or gives no row of numbers for it.
        InkwiseError: network is no nn.Module, or one that hides its layers.
    """
    network = plain_module(network)
    with left_as_found(network), torch.no_grad():
        shape = input_shape(network, image[None])

    def run(images: Tensor) -> Tensor:
        return rows_of(network(as_inputs(network, images, shape)), len(images))

    return run


def plain_module(network: nn.Module) -> nn.Module:
    """Return network, or what torch.compile was given where it is compiled.

    Raises:
        InkwiseError: network is no nn.Module, or TorchScript, whose layers cannot be hooked.
    """
    network = getattr(network, "_orig_mod", network)
    if not isinstance(network, nn.Module) or isinstance(network, torch.jit.ScriptModule):
        raise InkwiseError(
            f"the network is a {type(network).__name__}, expected an nn.Module whose layers can be watched; "
            "for TorchScript pass the module it was made from"
        )
    return network


@contextmanager
def left_as_found(network: nn.Module) -> Iterator[None]:
    """Evaluate in the block; leave modes, buffers and every random state as they were."""
    numpy_state, python_state = np.random.get_state(), random.getstate()
    buffers = [(buffer, buffer.detach().clone()) for buffer in network.buffers()]
    device = _place(network)[0]
    seeded = [device] if device.type == "cuda" else []
    try:
        with torch.random.fork_rng(devices=seeded), evaluation_mode(network):
            yield
    finally:
        np.random.set_state(numpy_state)
        random.setstate(python_state)
        for buffer, saved in buffers:
            if not torch.equal(buffer, saved):  # a write unasked would count as a change to autograd
                buffer.detach().copy_(saved)


def input_shape(network: nn.Module, images: Tensor) -> tuple[int, ...]:
    """Return the shape, batch axis left out, in which network takes images; call it within left_as_found.

    Args:
        images: (N, 1, 28, 28); the first is tried, twice, so that a network for single images fails.
    Raises:
        ShapeError: it takes none of the three shapes.
    """
    pair = images[:1].expand(2, *images.shape[1:])
    first_error: Exception | None = None
    for shape in _INPUT_SHAPES:
        try:
            rows_of(network(as_inputs(network, pair, shape)), 2)
            return shape
        except (RuntimeError, ValueError, IndexError, TypeError, ShapeError) as error:
            first_error = first_error or error
    if isinstance(first_error, ShapeError):
        raise first_error
    raise ShapeError(
        f"the network cannot take images of shape (2, 1, {IMAGE_SIZE}, {IMAGE_SIZE}), nor (2, "
        f"{IMAGE_SIZE**2}) or (2, {IMAGE_SIZE}, {IMAGE_SIZE}): {str(first_error).strip()}; "
        "expected a network for batches of 28x28 images with one channel"
    ) from first_error


def rows_of(raw: Any, num_images: int) -> Tensor:
    """Return the outputs (N, K) float32 in whatever a network returned: a tensor, or the first one inside.

    Raises:
        ShapeError: there is no tensor, or not a row for each image.
    """
    outputs = next(iter(tensors_in(raw)), None)
    if outputs is None or outputs.ndim < 2 or len(outputs) != num_images or not outputs.is_floating_point():
        given = type(raw).__name__ if outputs is None else f"{outputs.dtype} of shape {tuple(outputs.shape)}"
        raise ShapeError(
            f"for {num_images} images the network returns {given}, expected floats of shape "
            f"({num_images}, K), a row of K classes an image; return such a tensor from forward"
        )
    return outputs.flatten(1).float()


def tensors_in(value: Any) -> list[Tensor]:
    """Return the tensors inside tuples, lists and dictionaries, in order.

    >>> tensors_in({"logits": torch.ones(2), "name": "net", "more": [torch.zeros(1)]})
    [tensor([1., 1.]), tensor([0.])]
    """
    if isinstance(value, Tensor):
        return [value]
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, tuple | list) else ()
    return [tensor for part in inside for tensor in tensors_in(part)]


def as_inputs(network: nn.Module, images: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Return a copy of images (N, *shape), of the device, type and memory layout that suit the network."""
    device, dtype = _place(network)
    # A copy, for a network may begin by writing into what it is given.
    inputs = images.to(device=device, dtype=dtype).clone().reshape(len(images), *shape)
    return inputs.contiguous(memory_format=memory_layout(network)) if inputs.ndim == 4 else inputs


def _place(network: nn.Module) -> tuple[torch.device, torch.dtype]:
    for tensor in (*network.parameters(), *network.buffers()):
        if tensor.is_floating_point():
            return tensor.device, tensor.dtype
    return torch.device("cpu"), torch.float32
