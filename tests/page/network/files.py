"""Small classifier files, whole and altered, and what the page says of them."""

import json
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page
from safetensors.numpy import save
from tests.page.exchange import Exchange

Tensors = dict[str, NDArray[Any]]

_READ = """
async address => {
    const { parseClassifier, prepareNetwork, forward } = await import("inkwise/classifier.js");
    try {
        const network = prepareNetwork(parseClassifier(await fetchBytes(address)));
        const result = forward(network, new Uint8Array(784));
        return `read, ${result.layers.length} layers`;
    } catch (error) {
        return `${error.name}: ${error.message}`;
    }
}
"""


def small_header() -> dict[str, Any]:
    """Return what a classifier file says of a network with one layer of each important kind."""
    conv2d = {"kind": "conv2d", "name": "0", "weight": "0.weight", "bias": "0.bias", "groups": 1}
    norm = {"kind": "batch_norm", "name": "1", "weight": "1.weight", "bias": "1.bias", "epsilon": 1e-5}
    pool = {"kind": "max_pool2d", "name": "3", "kernel": [9, 9], "stride": [9, 9], "padding": [0, 0]}
    return {
        "format": 2,
        "layers": [
            {**conv2d, "stride": [1, 1], "padding": [1, 1, 1, 1], "dilation": [1, 1]},
            {**norm, "mean": "1.running_mean", "variance": "1.running_var"},
            {"kind": "relu", "name": "2"},
            pool,
            {"kind": "flatten", "name": "4"},
            {"kind": "linear", "name": "5", "weight": "5.weight", "bias": None},
        ],
        "output": "logits",
        "preprocessing": {"mean": 0.1, "std": 0.3},
        "classes": ["nought", "one", "two"],
    }


def small_tensors() -> Tensors:
    """Return the tensors of small_header."""
    rng = np.random.default_rng(0)
    shapes = {"0.weight": (2, 1, 3, 3), "0.bias": (2,), "5.weight": (3, 18)}
    shapes |= {f"1.{key}": (2,) for key in ("weight", "bias", "running_mean", "running_var")}
    return {name: rng.uniform(0.5, 1, shape).astype(np.float32) for name, shape in shapes.items()}


def classifier_bytes(header: Any = None, tensors: Tensors | None = None) -> bytes:
    """Return a classifier file of header, JSON or text, and tensors; the small ones unless given."""
    header = small_header() if header is None else header
    text = header if isinstance(header, str) else json.dumps(header)
    return save(small_tensors() if tensors is None else tensors, metadata={"inkwise": text})


def split_container(content: bytes) -> tuple[dict[str, Any], bytes]:
    """Return the container's own header and the bytes behind it."""
    (length,) = struct.unpack("<Q", content[:8])
    return json.loads(content[8 : 8 + length]), content[8 + length :]


def join_container(header: Any, rest: bytes) -> bytes:
    """Return a container of header, JSON or bytes, and the bytes behind it."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + rest


def what_the_page_says(js: Page, exchange: Exchange, content: bytes) -> str:
    """Return "read, 6 layers", or the error's name and message."""
    return str(js.evaluate(_READ, exchange.give(content)))
