"""A classifier as an ONNX graph, built from the layers its file names: uint8 images in, probabilities out."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from inkwise.classifier_file import Header
from inkwise.data.dataset import IMAGE_SIZE
from inkwise.errors import CheckpointError
from inkwise.networks.layers import BatchNorm, Conv2d, Layer, Linear, Plain, Pool2d

OPSET, IR_VERSION = 17, 8  # read by every ONNX Runtime since 1.13
_PREPARED = "prepared"
_PLAIN = {
    "relu": "Relu",
    "flatten": "Flatten",
    "global_avg_pool2d": "GlobalAveragePool",
    "softmax": "Softmax",
    "log_softmax": "LogSoftmax",
}
_LAST = {"logits": "Softmax", "log_probabilities": "Exp", "probabilities": "Identity"}


def build_onnx(
    header: Header, tensors: Mapping[str, NDArray[Any]], *, all_layers: bool = False
) -> onnx.ModelProto:
    """Return a classifier as an ONNX model with its preprocessing inside.

    It takes "images", uint8 (N, 28, 28), and gives "probabilities", float32 (N, K), and "classes", int64
    (N,), the index of the largest. Its metadata hold, each as JSON, what the classifier file says: classes,
    preprocessing, metrics and provenance.

    Args:
        header: of the classifier file, with its layers.
        tensors: by the names the layers use.
        all_layers: give each layer's output too, under the name of layer_output_name.
    Raises:
        CheckpointError: a layer names a tensor that is not there.
    """
    nodes = _preprocessing_nodes()
    flowing = _PREPARED
    for index, layer in enumerate(header.layers):
        nodes.append(_node(layer, flowing, layer_output_name(index, layer)))
        flowing = layer_output_name(index, layer)
    nodes += [
        helper.make_node(_LAST[header.output], [flowing], ["probabilities"]),
        helper.make_node("ArgMax", ["probabilities"], ["classes"], axis=1, keepdims=0),
    ]
    outputs = [
        helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", len(header.classes)]),
        helper.make_tensor_value_info("classes", TensorProto.INT64, ["N"]),
    ]
    if all_layers:
        outputs += [
            helper.make_tensor_value_info(layer_output_name(index, layer), TensorProto.FLOAT, None)
            for index, layer in enumerate(header.layers)
        ]
    graph = helper.make_graph(
        nodes,
        "inkwise",
        [helper.make_tensor_value_info("images", TensorProto.UINT8, ["N", IMAGE_SIZE, IMAGE_SIZE])],
        outputs,
        [*_constants(header), *_initializers(header.layers, tensors)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="inkwise")
    model.ir_version = IR_VERSION
    helper.set_model_props(model, _metadata(header))
    return model


def layer_output_name(index: int, layer: Layer) -> str:
    """Return what the output of the layer at index is called in the graph."""
    return f"layer {index} {layer.name}"


def _preprocessing_nodes() -> list[onnx.NodeProto]:
    """The same operations in the same order as Preprocessing, so that rounding agrees."""
    return [
        helper.make_node("Cast", ["images"], ["pixels"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["pixels", "channel_axis"], ["grey"]),  # (N, 1, 28, 28)
        helper.make_node("Div", ["grey", "white"], ["scaled"]),
        helper.make_node("Sub", ["scaled", "mean"], ["centred"]),
        helper.make_node("Div", ["centred", "std"], [_PREPARED]),
    ]


def _constants(header: Header) -> list[TensorProto]:
    numbers = {"white": 255.0, "mean": header.preprocessing.mean, "std": header.preprocessing.std}
    return [
        helper.make_tensor("channel_axis", TensorProto.INT64, [1], [1]),
        *(helper.make_tensor(name, TensorProto.FLOAT, [], [value]) for name, value in numbers.items()),
    ]


def _initializers(layers: list[Layer], tensors: Mapping[str, NDArray[Any]]) -> list[TensorProto]:
    names = list(dict.fromkeys(name for layer in layers for name in _tensor_names(layer)))
    for name in names:
        if name not in tensors:
            raise CheckpointError(f"the tensor {name!r}, which a layer names, is missing; take another copy")
    return [numpy_helper.from_array(np.ascontiguousarray(tensors[name]), name) for name in names]


def _tensor_names(layer: Layer) -> list[str]:
    """Return the tensors of a layer in the order in which ONNX takes them."""
    match layer:
        case BatchNorm():
            return [layer.weight, layer.bias, layer.mean, layer.variance]
        case Conv2d() | Linear():
            return [layer.weight] if layer.bias is None else [layer.weight, layer.bias]
        case _:
            return []


def _node(layer: Layer, given: str, out: str) -> onnx.NodeProto:
    inputs = [given, *_tensor_names(layer)]
    match layer:
        case Conv2d():
            return helper.make_node(
                "Conv", inputs, [out], strides=layer.stride, pads=layer.padding, dilations=layer.dilation,
                group=layer.groups,
            )  # fmt: skip
        case BatchNorm():
            return helper.make_node("BatchNormalization", inputs, [out], epsilon=layer.epsilon)
        case Linear():
            return helper.make_node("Gemm", inputs, [out], transB=1)
        case Pool2d():
            name = "MaxPool" if layer.kind == "max_pool2d" else "AveragePool"
            pads = [*layer.padding, *layer.padding]
            return helper.make_node(
                name, inputs, [out], kernel_shape=layer.kernel, strides=layer.stride, pads=pads
            )
        case Plain():
            node = helper.make_node(_PLAIN[layer.kind], inputs, [out])
            if layer.kind not in ("relu", "global_avg_pool2d"):
                node.attribute.append(helper.make_attribute("axis", 1))
            return node


def _metadata(header: Header) -> dict[str, str]:
    document = header.model_dump(mode="json", include={"classes", "preprocessing", "metrics", "provenance"})
    return {key: json.dumps(value, ensure_ascii=False) for key, value in document.items()}
