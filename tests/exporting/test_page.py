"""What the page holds: half precision where it changes little, float32 elsewhere, and how large it gets."""

import base64
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load
from tests.exporting.classifiers import random_classifier
from torch import nn

import inkwise
from inkwise.classifier import Classifier
from inkwise.classifier_file import Header
from inkwise.exporting.page import to_half

MOST_BYTES = 1_500_000


def config_of(page: Path) -> dict[str, Any]:
    text = page.read_text(encoding="utf-8")
    (block,) = re.findall(r'<script type="application/json" id="inkwise-config">(.*?)</script>', text, re.S)
    config: dict[str, Any] = json.loads(block)
    return config


def held(entry: dict[str, Any]) -> tuple[Header, dict[str, np.ndarray]]:
    raw = base64.b64decode(entry["data"])
    head = json.loads(raw[8 : 8 + int.from_bytes(raw[:8], "little")])
    return Header.model_validate_json(head["__metadata__"]["inkwise"]), load(raw)


def test_lenet_fits_a_mail(tmp_path: Path) -> None:
    classifier = random_classifier("cnn-lenet")
    made = inkwise.export(classifier, tmp_path / "digits.html", to="page")
    assert made.size_bytes < MOST_BYTES
    (entry,) = config_of(tmp_path / "digits.html")["classifiers"]
    header, tensors = held(entry)
    assert [layer.kind for layer in header.layers][:3] == ["conv2d", "relu", "max_pool2d"]
    assert header.classes == list(classifier.classes)
    state = classifier.network.state_dict()
    assert {name: (tensor.dtype, tensor.shape) for name, tensor in tensors.items()} == {
        name: (np.float16, tuple(tensor.shape)) for name, tensor in state.items()
    }


def test_counts_that_only_training_needs_are_left_out(tmp_path: Path) -> None:
    inkwise.export(random_classifier("cnn-reader"), tmp_path / "digits.html", to="page")
    _, tensors = held(config_of(tmp_path / "digits.html")["classifiers"][0])
    assert "1.running_var" in tensors
    assert [name for name in tensors if name.endswith("num_batches_tracked")] == []


def test_several_classifiers_lie_beside_each_other(tmp_path: Path) -> None:
    for name in ("first", "second"):
        random_classifier("mlp-class").save(tmp_path / f"{name}.safetensors")
    first, second = tmp_path / "first.safetensors", tmp_path / "second.safetensors"
    made = inkwise.export(first, tmp_path / "both.html", to="page", beside=[second, "reader"])
    titles = ["first", "second", "the reader of inkwise"]
    assert [one.title for one in made.classifiers] == titles
    config = config_of(tmp_path / "both.html")
    assert (config["mode"], [entry["title"] for entry in config["classifiers"]]) == ("offline", titles)


def test_run_brings_its_accuracy_into_the_page(tmp_path: Path) -> None:
    run = inkwise.train("mlp-sequential", data="digits", epochs=1, out=tmp_path / "run", report=False)
    inkwise.export(run, tmp_path / "digits.html", to="page")
    (entry,) = config_of(tmp_path / "digits.html")["classifiers"]
    assert (entry["title"], entry["accuracy"]) == ("run", run.evaluation["accuracy"])


def scaled(classifier: Classifier, factor: float) -> Classifier:
    """Return classifier with its first linear layer factor times as large, the second as much smaller."""
    first, second = [layer for layer in classifier.network.modules() if isinstance(layer, nn.Linear)][:2]
    with torch.no_grad():
        first.weight.mul_(factor)
        assert first.bias is not None
        first.bias.mul_(factor)
        second.weight.div_(factor)
    return classifier


@pytest.mark.parametrize(
    "factor", [2.0**24, 2.0**-19, 2.0**-18], ids=["too large", "too small", "too coarse"]
)
def test_numbers_that_half_precision_cannot_hold_stay_in_float32(factor: float, tmp_path: Path) -> None:
    made = inkwise.export(
        scaled(random_classifier("mlp-sequential"), factor), tmp_path / "digits.html", to="page"
    )
    (one,) = made.classifiers
    assert one.precision == "float32"
    assert one.difference.greatest_difference <= 1e-5
    _, tensors = held(config_of(tmp_path / "digits.html")["classifiers"][0])
    assert {str(tensor.dtype) for tensor in tensors.values()} == {"float32"}


def test_probability_that_would_move_by_more_than_a_point_keeps_float32(tmp_path: Path) -> None:
    """Half precision knows 256 and 256.25: a class loses an eighth of a logit, hardly an image its class."""
    classifier = random_classifier("mlp-sequential")
    *_, last = (layer for layer in classifier.network.modules() if isinstance(layer, nn.Linear))
    with torch.no_grad():
        last.weight.mul_(16)
        last.bias.copy_(torch.tensor([256.12] + 9 * [256.0]))
    made = inkwise.export(classifier, tmp_path / "digits.html", to="page")
    assert made.classifiers[0].precision == "float32"


def test_half_is_the_nearest_number_and_never_infinite() -> None:
    halves = to_half({"a": np.array([1 / 3, 65504.0], np.float32), "n": np.array([3])})
    assert halves is not None
    assert {name: half.tolist() for name, half in halves.items()} == {"a": [0.333251953125, 65504.0]}
    assert to_half({"a": np.array([65520.0], np.float32)}) is None
