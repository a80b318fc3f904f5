"""A classifier as an ONNX file whose weights stay in the classifier's own file.

ONNX keeps large tensors as "external data": a file name, an offset and a length. Here they point into the
.safetensors file beside it, which holds the same bytes in the same order, so that the weights exist once.
uint8 images (N, 28, 28) go in, with the preprocessing inside, and float32 probabilities (N, K) come out.
"""

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import onnx
from onnx import TensorProto, helper
from torch import nn

from inkwise.classifier import Classifier

OPSET, IR_VERSION = 17, 8  # read by every ONNX Runtime since 1.13
_TYPES = {"F32": TensorProto.FLOAT}


def build_graph(classifier: Classifier, weights: Path) -> onnx.ModelProto:
    """Return the classifier as an ONNX model whose initializers point into weights.

    Args:
        classifier: its network is an nn.Sequential that returns logits.
        weights: the .safetensors file it was saved to; the model must lie in the same folder.
    Raises:
        SystemExit: a layer has no counterpart here.
    """
    mean, std = classifier.preprocessing.mean, classifier.preprocessing.std
    nodes = [
        helper.make_node("Cast", ["images"], ["pixels"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["pixels", "channel_axis"], ["grey"]),  # (N, 1, 28, 28)
        helper.make_node("Div", ["grey", "white"], ["scaled"]),
        helper.make_node("Sub", ["scaled", "mean"], ["centred"]),
        helper.make_node("Div", ["centred", "std"], ["0.in"]),
    ]
    flowing = "0.in"
    for place, layer in enumerate(classifier.network.children()):
        node = _node(place, layer, flowing)
        if node is not None:
            nodes.append(node)
            flowing = node.output[0]
    nodes.append(helper.make_node("Softmax", [flowing], ["probabilities"], axis=1))
    constants = [
        helper.make_tensor("channel_axis", TensorProto.INT64, [1], [1]),
        helper.make_tensor("white", TensorProto.FLOAT, [], [255.0]),
        helper.make_tensor("mean", TensorProto.FLOAT, [], [mean]),
        helper.make_tensor("std", TensorProto.FLOAT, [], [std]),
    ]
    used = {name for node in nodes for name in node.input}
    graph = helper.make_graph(
        nodes,
        "inkwise-reader",
        [helper.make_tensor_value_info("images", TensorProto.UINT8, ["N", 28, 28])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", len(classifier.classes)])],
        [*constants, *(tensor for tensor in _external_tensors(weights) if tensor.name in used)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = IR_VERSION
    return model


def _node(place: int, layer: nn.Module, given: str) -> onnx.NodeProto | None:
    """Return the layer as a node, its tensors named as in the state_dict; None for what does nothing here."""
    out = [f"{place}.out"]
    match layer:
        case nn.Dropout():
            return None  # acts in training alone
        case nn.ReLU():
            return helper.make_node("Relu", [given], out)
        case nn.Flatten():
            return helper.make_node("Flatten", [given], out, axis=1)
        case nn.Linear():
            names = [f"{place}.weight", *([f"{place}.bias"] if layer.bias is not None else [])]
            return helper.make_node("Gemm", [given, *names], out, transB=1)
        case nn.BatchNorm1d() | nn.BatchNorm2d():
            names = [f"{place}.{name}" for name in ("weight", "bias", "running_mean", "running_var")]
            return helper.make_node("BatchNormalization", [given, *names], out, epsilon=layer.eps)
        case nn.Conv2d(bias=None):
            return helper.make_node(
                "Conv", [given, f"{place}.weight"], out, kernel_shape=list(layer.kernel_size),
                strides=list(layer.stride), pads=[*layer.padding, *layer.padding],
            )  # fmt: skip
    raise SystemExit(f"layer {place}, {layer}, has no counterpart in dev/reader_graph.py; add one")


def _external_tensors(weights: Path) -> Iterator[onnx.TensorProto]:
    """Yield every float32 tensor of a .safetensors file, as a pointer to its bytes there."""
    header, start = read_layout(weights)
    for name, entry in header.items():
        if name == "__metadata__" or entry["dtype"] not in _TYPES:
            continue  # batch normalisation's counts are whole numbers, and of no use here
        first, end = entry["data_offsets"]
        tensor = TensorProto(name=name, dims=entry["shape"], data_type=_TYPES[entry["dtype"]])
        tensor.data_location = TensorProto.EXTERNAL
        where = {"location": weights.name, "offset": start + first, "length": end - first}
        for key, value in where.items():
            tensor.external_data.add(key=key, value=str(value))
        yield tensor


def read_layout(path: Path) -> tuple[dict[str, Any], int]:
    """Return the JSON header of a .safetensors file, and where the bytes of its tensors begin."""
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        return json.loads(file.read(length)), 8 + length
