"""inkwise.inspect: from a run, a classifier or any module, and an image, to what happens inside."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from tests.inspection.own_networks import TutorialNet, a_picture
from torch import nn

from inkwise.data.load import load_dataset
from inkwise.errors import CheckpointError, DataError, ShapeError
from inkwise.experiments.inspect import explain_training_step, inspect, inspection_folder
from inkwise.experiments.train import train
from inkwise.preprocessing import Preprocessing
from inkwise.runs.run import Run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return train(
        "mlp-sequential", data="digits", epochs=1, out=tmp_path_factory.mktemp("runs") / "one", report=False
    )


@pytest.fixture(scope="module")
def network() -> nn.Module:
    torch.manual_seed(0)
    return TutorialNet()


def test_inspect_takes_a_test_image_of_the_runs_own_data(run: Run) -> None:
    found = inspect(run.path, index=3)
    test = load_dataset("digits").test
    assert np.array_equal(found.image, test.images[3])
    assert (found.index, found.label) == (3, int(test.labels[3]))
    assert found.prediction == run.classifier.predict(test.images[3:4]).labels[0]
    assert found.neighbours is not None


@pytest.mark.parametrize("kind", ["folder", "file", "run", "classifier"])
def test_inspect_takes_a_run_in_every_form(run: Run, kind: str) -> None:
    forms = {"folder": run.path, "file": run.classifier_path, "run": run, "classifier": run.classifier}
    assert inspect(forms[kind]).prediction == inspect(run.path).prediction


def test_inspect_changes_nothing(run: Run) -> None:
    classifier = run.classifier
    before = {name: tensor.clone() for name, tensor in classifier.network.state_dict().items()}
    state = torch.get_rng_state()
    inspect(classifier, a_picture())
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(tensor, before[name]) for name, tensor in classifier.network.state_dict().items())
    assert all(parameter.grad is None for parameter in classifier.network.parameters())
    assert not any(layer._forward_hooks for layer in classifier.network.modules())


def test_inspect_writes_nothing_unasked(run: Run) -> None:
    before = sorted(run.path.rglob("*"))
    inspect(run.path)
    assert sorted(run.path.rglob("*")) == before


def test_inspect_writes_page_and_figures(run: Run, tmp_path: Path) -> None:
    found = inspect(run.path, out=tmp_path)
    names = {path.name for path in tmp_path.iterdir()}
    figures = {"answer", "arithmetic", "attributions", "neighbours", "first-weights"}
    figures |= {f"layer-{view.index:02}-{view.kind.lower()}" for view in found.layers}
    assert names == {"inspection.html"} | {f"{name}.{kind}" for name in figures for kind in ("png", "svg")}


def test_inspect_of_a_picture_fits_it_as_predict_does(run: Run, tmp_path: Path) -> None:
    Image.fromarray(np.full((60, 90), 200, np.uint8)).save(tmp_path / "photo.png")
    found = inspect(run.path, tmp_path / "photo.png", out=tmp_path / "out")
    assert found.image.shape == (28, 28)
    assert (found.index, found.label) == (None, None)
    page = (tmp_path / "out" / "inspection.html").read_text(encoding="utf-8")
    assert "What the network sees: 28 rows" in page
    assert "60 rows" in page
    assert "scaled as a whole to a longer side of 28" in page


def test_inspect_warns_of_ink_and_paper_the_wrong_way_round(run: Run, tmp_path: Path) -> None:
    """Digits are light on dark; a photo of pencil on paper is not."""
    dark_on_light = 255 - load_dataset("digits").test.images[0]
    inspect(run.path, dark_on_light, out=tmp_path / "dark")
    inspect(run.path, 255 - dark_on_light, out=tmp_path / "light")
    pages = [(tmp_path / name / "inspection.html").read_text(encoding="utf-8") for name in ("dark", "light")]
    assert "This picture is dark ink on light paper, the training images are light ink on dark" in pages[0]
    assert "expect nonsense" not in pages[1]


def test_inspect_of_a_module_takes_preprocessing_and_classes(network: nn.Module) -> None:
    classes = [f"class {k}" for k in range(10)]
    found = inspect(network, a_picture(), preprocessing=Preprocessing(mean=0.5, std=0.5), classes=classes)
    assert found.classes == tuple(classes)
    assert found.layers[0].input.min() < -0.9
    assert found.neighbours is None


def test_inspect_of_a_module_with_data_takes_its_test_image(network: nn.Module) -> None:
    found = inspect(network, data="digits", index=2)
    assert found.label == load_dataset("digits").test.labels[2]
    assert found.neighbours is not None


def test_inspect_of_a_module_writes_a_page_without_a_command(network: nn.Module, tmp_path: Path) -> None:
    inspect(network, a_picture(), out=tmp_path)
    page = (tmp_path / "inspection.html").read_text(encoding="utf-8")
    assert "TutorialNet, looked into" in page
    assert "How to repeat it" not in page
    assert "<h2>What the doctor found" not in page


def test_module_without_image_and_data_is_refused(network: nn.Module) -> None:
    with pytest.raises(DataError, match=r"TutorialNet: a module without an image and without data; .* pass"):
        inspect(network)


def test_index_past_the_end_is_refused(run: Run) -> None:
    with pytest.raises(DataError, match=r"index 9999: the test part of digits has \d+ images; expected 0 to"):
        inspect(run.path, index=9999)


def test_preprocessing_for_a_run_is_refused(run: Run) -> None:
    with pytest.raises(ShapeError, match="a run has its own preprocessing and classes"):
        inspect(run.path, preprocessing=Preprocessing())


@pytest.mark.parametrize("image", [np.zeros((28, 28)), np.zeros((1, 28, 28), np.uint8)])
def test_image_of_another_type_or_shape_is_refused(run: Run, image: np.ndarray) -> None:
    with pytest.raises(ShapeError, match=r"expected uint8 \(0 to 255\) of shape \(H, W\); from a batch"):
        inspect(run.path, image)


def test_missing_picture_is_named(run: Run, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nothing\.png: cannot be decoded"):
        inspect(run.path, tmp_path / "nothing.png")


def test_missing_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no such file"):
        inspect(tmp_path / "nothing")


def test_picture_needs_no_data(run: Run, tmp_path: Path) -> None:
    """A classifier whose data is gone still looks at a picture; only neighbours are left out."""
    header = run.classifier.header.model_copy(update={"recipe": {}, "provenance": {}})
    classifier = type(run.classifier)(run.classifier.network, header)
    assert inspect(classifier, a_picture()).neighbours is None
    with pytest.raises(DataError, match="does not say what it was trained on"):
        inspect(classifier)


def test_classes_of_other_data_are_matched_by_name(run: Run) -> None:
    """A set that holds the same digits in another order keeps its labels' meaning, in both parts."""
    digits = load_dataset("digits")
    order = np.arange(10)[::-1]
    turned = type(digits)(
        "turned",
        tuple(digits.classes[k] for k in order),
        type(digits.train)(digits.train.images, order[digits.train.labels]),
        type(digits.test)(digits.test.images, order[digits.test.labels]),
    )
    found, usual = inspect(run.path, data=turned), inspect(run.path)
    assert found.label == usual.label
    assert np.array_equal(found.neighbour_labels, usual.neighbour_labels)


def test_folder_without_out_lies_in_the_run(run: Run) -> None:
    assert inspection_folder(run.path, index=7) == run.path / "inspection" / "test-7"
    assert inspection_folder(run.path, "my/photo.jpg") == run.path / "inspection" / "photo"
    assert inspection_folder(run.classifier_path) == run.path / "inspection" / "test-0"


def test_training_step_is_explained_as_a_program(run: Run) -> None:
    """T1: it compiles, and names the recipe's own numbers."""
    text = explain_training_step(run.path)
    compile(text, "step.py", "exec")
    assert "loss.backward()" in text
    assert f"BATCH_SIZE = {run.recipe.training.batch_size}" in text


def test_findings_of_the_doctor_stand_on_the_page(tmp_path: Path) -> None:
    """The tutorial's network with ReLU on its output, as published: named at the top."""
    run = train("mlp-wide-relu-output", data="digits", epochs=1, out=tmp_path / "run", report=False)
    found = inspect(run, out=tmp_path / "out")
    assert "dead-classes" in [finding.name for finding in found.findings]
    page = (tmp_path / "out" / "inspection.html").read_text(encoding="utf-8")
    assert page.index("<h2>What the doctor found") < page.index("The network, layer by layer")
    assert "Why it matters" in page
