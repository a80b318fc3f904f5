"""inkwise.export: every recipe in every form, files that stand alone, and what is refused."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
import onnx
import pytest
from tests.exporting.branching import branching_classifier
from tests.exporting.classifiers import random_classifier, saved
from torch import Tensor, nn

import inkwise
from inkwise.classifier import Classifier
from inkwise.classifier_file import FORMAT, Header
from inkwise.errors import ExportError, OutputError
from inkwise.exporting.export import Export, Form
from inkwise.exporting.prove import answer_of_onnx
from inkwise.exporting.torch_program import answer_of_program
from inkwise.networks.build import build_first_network
from inkwise.preprocessing import Preprocessing
from inkwise.recipes.load import list_recipes, load_recipe
from inkwise.recipes.recipe import Recipe

IMAGES = np.random.default_rng(1).integers(0, 256, (30, 28, 28), dtype=np.uint8)
FILES = {"onnx": "digits.onnx", "torch": "digits.pt2", "page": "digits.html"}


def classifier_of(recipe: Recipe) -> Classifier:
    """Return the classifier that a recipe begins its training with."""
    network = build_first_network(recipe.network.architecture, seed=1, **recipe.network.options)
    header = Header(
        format=FORMAT, network=recipe.network.architecture, network_options=recipe.network.options,
        output=recipe.network.output, preprocessing=Preprocessing(mean=0.13, std=0.31),
        classes=[str(digit) for digit in range(10)], recipe=recipe.model_dump(exclude_none=True),
    )  # fmt: skip
    return Classifier(network.eval(), header)


def test_forms_are_the_ones_tested() -> None:
    assert set(FILES) == set(get_args(Form))


@pytest.mark.slow
@pytest.mark.parametrize("to", FILES)
@pytest.mark.parametrize("recipe", [recipe.name for recipe in list_recipes()])
def test_every_recipe_is_exported_in_every_form(recipe: str, to: Any, tmp_path: Path) -> None:
    classifier = classifier_of(load_recipe(recipe))
    made = inkwise.export(classifier, tmp_path / FILES[to], to=to)
    check(made, classifier, to=to)


@pytest.mark.parametrize("to", FILES)
@pytest.mark.parametrize("name", ["mlp-sequential", "cnn-quick"])
def test_file_answers_as_the_classifier_does(name: str, to: Any, tmp_path: Path) -> None:
    classifier = random_classifier(name)
    check(inkwise.export(classifier, tmp_path / FILES[to], to=to), classifier, to=to)


def check(made: Export, classifier: Classifier, *, to: str) -> None:
    content = Path(made.path).read_bytes()
    assert (made.to, made.size_bytes) == (to, len(content))
    (one,) = made.classifiers
    assert one.num_parameters == sum(weight.numel() for weight in classifier.network.parameters())
    assert one.difference.num_images == 1000
    if to == "page":
        assert one.difference.greatest_difference < 0.01
        assert made.speeds == []
        return
    assert one.difference.num_other_classes == 0
    assert one.difference.greatest_difference <= 1e-5
    answer = answer_of_onnx(content) if to == "onnx" else answer_of_program(content)
    np.testing.assert_allclose(answer(IMAGES), classifier.predict(IMAGES).probabilities, atol=1e-5)
    runtime = {"onnx": "ONNX Runtime", "torch": "torch.export"}[to]
    assert [speed.runtime for speed in made.speeds] == [runtime, "PyTorch"]


def test_onnx_file_needs_nothing_of_inkwise(tmp_path: Path) -> None:
    """A fresh Python, which is not to find inkwise, with NumPy and ONNX Runtime alone."""
    classifier = random_classifier("cnn-lenet")
    inkwise.export(classifier, tmp_path / "digits.onnx", to="onnx")
    np.save(tmp_path / "images.npy", IMAGES, allow_pickle=False)
    code = """
import json
import sys

import numpy as np
import onnxruntime

session = onnxruntime.InferenceSession("digits.onnx", providers=["CPUExecutionProvider"])
images = np.load("images.npy")
probabilities, classes = session.run(["probabilities", "classes"], {"images": images})
one, _ = session.run(["probabilities", "classes"], {"images": images[:1]})
names = json.loads(session.get_modelmeta().custom_metadata_map["classes"])
print(json.dumps([probabilities.tolist(), [names[k] for k in classes], one.tolist()]))
assert not {"inkwise", "torch", "onnx"} & set(sys.modules), sys.modules
"""
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    probabilities, names, one = json.loads(done.stdout)
    expected = classifier.predict(IMAGES)
    np.testing.assert_allclose(probabilities, expected.probabilities, atol=1e-5)
    np.testing.assert_allclose(one, expected.probabilities[:1], atol=1e-5)
    assert names == expected.class_names


@pytest.mark.slow
def test_torch_file_needs_nothing_of_inkwise(tmp_path: Path) -> None:
    classifier = random_classifier("cnn-lenet")
    inkwise.export(classifier, tmp_path / "digits.pt2", to="torch")
    code = """
import sys

import torch

program = torch.export.load("digits.pt2").module()
print(program(torch.full((3, 28, 28), 9, dtype=torch.uint8)).tolist())
assert "inkwise" not in sys.modules
"""
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stderr
    expected = classifier.predict(np.full((3, 28, 28), 9, np.uint8)).probabilities
    np.testing.assert_allclose(json.loads(done.stdout), expected, atol=1e-5)


def test_network_that_branches_leaves_pytorch_as_a_program_alone(tmp_path: Path) -> None:
    classifier = branching_classifier()
    made = inkwise.export(classifier, tmp_path / "own.pt2", to="torch")
    found = answer_of_program((tmp_path / "own.pt2").read_bytes())(IMAGES)
    np.testing.assert_allclose(found, classifier.predict(IMAGES).probabilities, atol=1e-5)
    assert made.classifiers[0].difference.num_other_classes == 0
    for to in ("onnx", "page"):
        with pytest.raises(ExportError, match=r"branches at .*; such a network runs in PyTorch alone"):
            inkwise.export(classifier, tmp_path / FILES[to], to=to)  # type: ignore[arg-type]
    assert os.listdir(tmp_path) == ["own.pt2"]  # noqa: PTH208


def test_eight_bits_are_proved_on_validation_images(tmp_path: Path) -> None:
    made = inkwise.export("reader", tmp_path / "small.onnx", to="onnx", int8=True, data="digits")
    assert made.int8 is not None
    assert made.int8.num_images > 100
    assert made.int8.accuracy_before - made.int8.accuracy <= 0.001
    assert made.classifiers[0].precision == "int8"
    onnx.checker.check_model(onnx.load(tmp_path / "small.onnx"), full_check=True)


def test_file_that_is_there_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "digits.onnx").write_text("old")
    inkwise.export(random_classifier("mlp-class"), tmp_path / "digits.onnx", to="onnx")
    assert onnx.load(tmp_path / "digits.onnx").producer_name == "inkwise"


def test_missing_folder_is_made(tmp_path: Path) -> None:
    made = inkwise.export(random_classifier("mlp-class"), tmp_path / "a" / "b.onnx", to="onnx")
    assert Path(made.path).is_file()


class Halved(nn.Sequential):
    """A chain by its class, and yet it does more than its layers."""

    def forward(self, images: Tensor) -> Tensor:
        halved: Tensor = super().forward(images) / 2
        return halved


@pytest.mark.parametrize(("to", "name"), [("onnx", "the ONNX model"), ("page", "the network in the page")])
def test_file_that_would_answer_otherwise_is_not_written(to: Any, name: str, tmp_path: Path) -> None:
    classifier = branching_classifier()
    network = Halved(nn.Flatten(), nn.Linear(784, 10)).eval()
    old = tmp_path / FILES[to]
    old.write_text("old")
    with pytest.raises(
        ExportError, match=rf"{name}: 0 of 1,000 images get another class and .* differ by up"
    ):
        inkwise.export(replace(classifier, network=network), old, to=to)
    assert old.read_text() == "old"


@pytest.mark.parametrize(
    ("name", "to", "match"),
    [
        (
            "digits.txt",
            "onnx",
            r"digits.txt: ends in .txt, expected .onnx for --to onnx; call it digits.onnx",
        ),
        ("digits", "torch", r"has no ending, expected .pt2 for --to torch; call it digits.pt2"),
        ("classifier.safetensors", "page", r"expected .html or .htm for --to page; call it classifier.html"),
    ],
)
def test_file_of_another_ending_is_refused(name: str, to: Any, match: str, tmp_path: Path) -> None:
    """So that a slip does not replace the classifier itself."""
    path = saved(random_classifier("mlp-class"), tmp_path)
    before = path.read_bytes()
    with pytest.raises(OutputError, match=match):
        inkwise.export(path, tmp_path / name, to=to)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == [path.name]  # noqa: PTH208


def test_folder_by_its_dot_is_refused() -> None:
    with pytest.raises(OutputError, match=r"^\.: has no ending, .*; call it digits.onnx"):
        inkwise.export("reader", ".", to="onnx")


def test_folder_in_the_files_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "digits.onnx").mkdir()
    with pytest.raises(OutputError, match=r"digits.onnx: is a folder, expected the name of a file"):
        inkwise.export("reader", tmp_path / "digits.onnx", to="onnx")


def test_file_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    with pytest.raises(OutputError, match=r"cannot write .*choose another with the argument FILE"):
        inkwise.export(random_classifier("mlp-class"), tmp_path / "file" / "digits.onnx", to="onnx")


def test_unknown_form_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"unknown form 'onyx'; did you mean 'onnx'\? Known: onnx, page"):
        inkwise.export("reader", tmp_path / "digits.onnx", to="onyx")  # type: ignore[arg-type]


def test_eight_bits_are_for_onnx_alone(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"int8 with --to page, expected --to onnx; leave int8 out"):
        inkwise.export("reader", tmp_path / "digits.html", to="page", int8=True)


def test_several_classifiers_are_for_a_page_alone(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"2 classifiers with --to onnx, expected one"):
        inkwise.export("reader", tmp_path / "digits.onnx", to="onnx", beside=["reader"])
