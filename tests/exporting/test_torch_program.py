"""The program of torch.export: what it answers, for how many images, and that no pickle is in the file."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.exporting.classifiers import random_classifier

from inkwise.exporting.torch_program import answer_of_program, build_torch_program

IMAGES = np.random.default_rng(0).integers(0, 256, (7, 28, 28), dtype=np.uint8)


@pytest.fixture(scope="module")
def content() -> bytes:
    return build_torch_program(random_classifier("cnn-reader"))


@pytest.mark.parametrize("num_images", [0, 1, 7])
def test_program_answers_any_number_of_images(num_images: int, content: bytes) -> None:
    found = answer_of_program(content)(IMAGES[:num_images])
    expected = random_classifier("cnn-reader").predict(IMAGES[:num_images]).probabilities
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert found.dtype == np.float32


@pytest.mark.parametrize("name", ["mlp-logsoftmax", "cnn-keras"])
def test_program_gives_probabilities_whatever_the_network_returns(name: str) -> None:
    found = answer_of_program(build_torch_program(random_classifier(name)))(IMAGES)
    np.testing.assert_allclose(found, random_classifier(name).predict(IMAGES).probabilities, atol=1e-6)


def test_file_holds_no_pickle(content: bytes) -> None:
    """JSON that names plain numbers; the place of the example inputs, a pickle otherwise, is empty."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        held = {name.split("/", 1)[1]: archive.read(name) for name in archive.namelist()}
    assert held.pop("data/sample_inputs/model.pt") == b""
    assert [name for name in held if name.endswith((".pt", ".pkl"))] == []
    weights = json.loads(held["data/weights/model_weights_config.json"])["config"]
    assert weights
    assert [name for name, entry in weights.items() if entry["use_pickle"]] == []
    assert json.loads(held["data/constants/model_constants_config.json"]) == {"config": {}}


def test_file_names_no_path_of_this_machine(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        held = b"".join(archive.read(name) for name in archive.namelist())
    assert str(Path(torch.__file__).parents[2]).encode() not in held
    assert b"torch_program.py" not in held


def test_network_is_left_in_the_mode_it_was_in() -> None:
    classifier = random_classifier("cnn-lenet")
    classifier.network.train()
    build_torch_program(classifier)
    assert all(layer.training for layer in classifier.network.modules())
