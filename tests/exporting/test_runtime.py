"""A classifier in ONNX Runtime: its answers and layers against PyTorch, what it imports, what it refuses."""

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from tests.exporting.classifiers import random_classifier, saved
from tests.golden_classifier import GOLDEN, golden_classifier, square_images

from inkwise.errors import CheckpointError, ShapeError
from inkwise.exporting.runtime import OnnxClassifier
from inkwise.handwriting.recogniser import SHIPPED_FILE, load_recogniser
from inkwise.inspection.layers import view_layers
from inkwise.networks.build import num_parameters

IMAGES = np.random.default_rng(0).integers(0, 256, (300, 28, 28), dtype=np.uint8)


def test_many_images_are_answered_as_in_pytorch(tmp_path: Path) -> None:
    """300 are more than go at once."""
    classifier = random_classifier("cnn-quick")
    found = OnnxClassifier.open(saved(classifier, tmp_path)).probabilities(IMAGES)
    np.testing.assert_allclose(found, classifier.predict(IMAGES).probabilities, atol=1e-6)


@pytest.mark.parametrize("num_images", [0, 1])
def test_few_images_are_answered(num_images: int, tmp_path: Path) -> None:
    classifier = OnnxClassifier.open(saved(random_classifier("mlp-class", num_classes=4), tmp_path))
    found = classifier.probabilities(IMAGES[:num_images])
    assert (found.shape, found.dtype) == ((num_images, 4), np.float32)


@pytest.mark.parametrize("name", ["mlp-class", "cnn-keras", "cnn-reader"])
def test_activations_are_those_of_pytorch(name: str, tmp_path: Path) -> None:
    classifier = random_classifier(name)
    found = OnnxClassifier.open(saved(classifier, tmp_path)).activations(IMAGES[0])
    expected = view_layers(classifier.network, classifier.preprocessing(classifier_images())[0])
    acting = [view for view in expected if "Dropout" not in view.kind]
    assert [layer.name for layer in found] == [view.name for view in acting]
    for layer, view in zip(found, acting, strict=True):
        np.testing.assert_allclose(layer.values, view.output.numpy(), atol=1e-5)


def classifier_images() -> Any:
    import torch

    return torch.from_numpy(IMAGES[:1])


@pytest.mark.parametrize("name", ["mlp-class", "cnn-reader"])
def test_parameters_are_those_that_training_moves(name: str, tmp_path: Path) -> None:
    classifier = random_classifier(name)
    assert OnnxClassifier.open(saved(classifier, tmp_path)).num_parameters == num_parameters(
        classifier.network
    )


def test_without_a_run_it_is_the_reader_that_ships() -> None:
    shipped = OnnxClassifier.open()
    assert shipped.path == SHIPPED_FILE
    np.testing.assert_allclose(
        shipped.probabilities(IMAGES), load_recogniser().probabilities(IMAGES), atol=1e-6
    )


def test_file_of_format_1_gets_its_layers_from_the_architecture(tmp_path: Path) -> None:
    path = tmp_path / "old.safetensors"
    path.write_bytes(gzip.decompress((GOLDEN / "classifier-format-1.safetensors.gz").read_bytes()))
    opened = OnnxClassifier.open(path)
    assert [layer.kind for layer in opened.header.layers] == [
        "flatten", "linear", "relu", "linear", "relu", "linear",
    ]  # fmt: skip
    expected = golden_classifier().predict(square_images()).probabilities
    np.testing.assert_allclose(opened.probabilities(square_images()), expected, atol=1e-6)


def test_opening_and_answering_imports_no_pytorch() -> None:
    code = """
import sys
import numpy as np
from inkwise.exporting.runtime import OnnxClassifier
OnnxClassifier.open().probabilities(np.zeros((1, 28, 28), np.uint8))
print(sorted({"torch", "scipy", "sklearn", "matplotlib"} & set(sys.modules)))
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert (result.stdout.strip(), result.returncode) == ("[]", 0), result.stderr


def altered(path: Path, *, tensors: dict[str, Any] | None = None, **changes: Any) -> Path:
    raw = path.read_bytes()
    head = json.loads(raw[8 : 8 + int.from_bytes(raw[:8], "little")])
    header = {**json.loads(head["__metadata__"]["inkwise"]), **changes}
    save_file({**load_file(path), **(tensors or {})}, path, metadata={"inkwise": json.dumps(header)})
    return path


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        (
            {"tensors": {"output.bias": np.full(10, np.nan, np.float32)}},
            "'output.bias' holds NaN or infinity",
        ),
        (
            {"tensors": {"output.weight": np.zeros((10, 3), np.float32)}},
            "do not fit each other .*another copy",
        ),
        ({"classes": ["a", "b"]}, "10 outputs for 2 classes; the file was altered, take another copy"),
        (
            {"layers": [{"name": "x", "kind": "linear", "weight": "none", "bias": None}]},
            "tensor 'none', which",
        ),
    ],
)
def test_altered_file_is_refused(changes: dict[str, Any], match: str, tmp_path: Path) -> None:
    path = altered(saved(random_classifier("mlp-class"), tmp_path), **changes)
    with pytest.raises(CheckpointError, match=match) as caught:
        OnnxClassifier.open(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_images_of_another_shape_are_refused() -> None:
    with pytest.raises(ShapeError, match=r"must be uint8 of shape \(N, 28, 28\), got float32 of shape"):
        OnnxClassifier.open().probabilities(np.zeros((1, 28, 28), np.float32))  # type: ignore[arg-type]
    with pytest.raises(ShapeError, match=r"image must be uint8 of shape \(28, 28\), got uint8 of shape"):
        OnnxClassifier.open().activations(IMAGES[:1])
