"""The ONNX graph of a classifier: every architecture and kind of layer against PyTorch, and what it says."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from tests.exporting.classifiers import random_classifier, saved
from torch import nn

from inkwise.classifier_file import Header, read_classifier_file
from inkwise.errors import CheckpointError
from inkwise.exporting.onnx_graph import OPSET, build_onnx
from inkwise.networks.build import ARCHITECTURES
from inkwise.networks.describe import describe_layers
from inkwise.onnx_session import open_session
from inkwise.preprocessing import Preprocessing

IMAGES = np.random.default_rng(0).integers(0, 256, (20, 28, 28), dtype=np.uint8)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_graph_answers_as_pytorch_does(name: str, tmp_path: Path) -> None:
    classifier = random_classifier(name)
    model = build_onnx(*read_classifier_file(saved(classifier, tmp_path)))
    onnx.checker.check_model(model, full_check=True)
    probabilities, classes = open_session(model.SerializeToString()).run(None, {"images": IMAGES})
    expected = classifier.predict(IMAGES)
    np.testing.assert_allclose(probabilities, expected.probabilities, atol=1e-6)
    np.testing.assert_array_equal(classes, expected.labels)
    assert (probabilities.dtype, classes.dtype) == (np.float32, np.int64)


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv2d(4, 6, (3, 2), stride=(2, 1), padding=(2, 1), dilation=(1, 2), groups=2),
        nn.Conv2d(4, 2, (5, 3), padding="same", dilation=2, bias=False),
        nn.BatchNorm2d(4, eps=0.1),
        nn.MaxPool2d(3, stride=2, padding=1),
        nn.AvgPool2d((2, 3), stride=2),
        nn.AdaptiveAvgPool2d(1),
        nn.ReLU(),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_layer_in_the_graph_equals_pytorchs(layer: nn.Module) -> None:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        first = nn.Conv2d(1, 4, 3, bias=False)
        nn.init.normal_(first.weight)
        for tensor in layer.state_dict().values():
            if tensor.is_floating_point():
                tensor.uniform_(0.5, 1.5)
    network = nn.Sequential(first, layer).eval()
    header = Header(
        format=2, network="-", layers=describe_layers(network), output="probabilities",
        preprocessing=Preprocessing(mean=0.25, std=0.5), classes=["a", "b"],
    )  # fmt: skip
    model = build_onnx(header, {k: v.numpy() for k, v in network.state_dict().items()}, all_layers=True)
    names = [output.name for output in model.graph.output][2:]
    assert names == ["layer 0 0", "layer 1 1"]
    found = open_session(model.SerializeToString()).run(names, {"images": IMAGES})[1]
    with torch.no_grad():
        expected = network(header.preprocessing(torch.from_numpy(IMAGES))).numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


def test_metadata_name_classes_and_provenance(tmp_path: Path) -> None:
    header, tensors = read_classifier_file(saved(random_classifier("mlp-class"), tmp_path))
    model = build_onnx(header, tensors)
    said = {entry.key: json.loads(entry.value) for entry in model.metadata_props}
    assert said["classes"] == list(header.classes)
    assert said["provenance"] == {"dataset": "noise", "seed": 3}
    assert said["preprocessing"] == {"mean": 0.1307, "std": 0.3081}
    assert [entry.version for entry in model.opset_import] == [OPSET]


def test_missing_tensor_is_named(tmp_path: Path) -> None:
    header, tensors = read_classifier_file(saved(random_classifier("mlp-class"), tmp_path))
    del tensors["output.bias"]
    with pytest.raises(CheckpointError, match=r"the tensor 'output.bias', which a layer names, is missing"):
        build_onnx(header, tensors)
