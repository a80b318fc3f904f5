"""A classifier as an ONNX file whose weights stay in the classifier's own file.

ONNX keeps large tensors as "external data": a file name, an offset and a length. Here they point into the
.safetensors file beside it, which holds the same bytes in the same order, so that the weights exist once.
"""

import json
import struct
from pathlib import Path
from typing import Any

import onnx
from onnx import TensorProto

from inkwise.classifier_file import read_classifier_file
from inkwise.exporting.onnx_graph import build_onnx


def build_graph(weights: Path) -> onnx.ModelProto:
    """Return the classifier in weights as an ONNX model whose initializers point into that file.

    Args:
        weights: the .safetensors file; the model must lie in the same folder.
    """
    model = build_onnx(*read_classifier_file(weights))
    entries, start = read_layout(weights)
    for tensor in model.graph.initializer:
        if tensor.name not in entries:
            continue  # a constant of the preprocessing
        first, end = entries[tensor.name]["data_offsets"]
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        where = {"location": weights.name, "offset": start + first, "length": end - first}
        for key, value in where.items():
            tensor.external_data.add(key=key, value=str(value))
    return model


def read_layout(path: Path) -> tuple[dict[str, Any], int]:
    """Return the JSON header of a .safetensors file, and where the bytes of its tensors begin."""
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        return json.loads(file.read(length)), 8 + length
