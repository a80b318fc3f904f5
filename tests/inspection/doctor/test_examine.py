"""The examination of a run and of a network of one's own, and how a training tells it."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.bars import bars_dataset
from tests.inspection.doctor.own_loop import bars_tensors, small_network

from inkwise.data.dataset import Dataset, Split
from inkwise.data.load import load_dataset
from inkwise.errors import TrainingError
from inkwise.experiments.train import train
from inkwise.inspection import doctor
from inkwise.inspection.doctor import gradients


def test_training_tells_each_finding_in_one_line_and_in_the_report(tmp_path: Path) -> None:
    notes: list[str] = []
    run = train("mlp-wide-relu-output", data="digits", epochs=20, out=tmp_path / "run", on_note=notes.append)
    (finding,) = doctor.examine_run(run, load_dataset("digits"))
    assert notes == [f"doctor: {finding}"]
    assert "\n" not in notes[0]
    assert "cut off at 0, as by ReLU on the last layer" in run.report_path.read_text(encoding="utf-8")


def test_training_that_ends_in_nan_names_the_datas_mistake(tmp_path: Path) -> None:
    data = bars_dataset()
    copied = replace(data, test=Split(data.train.images[:60], data.train.labels[:60]))
    notes: list[str] = []
    with pytest.raises(TrainingError, match="learning rate"):
        train(
            "mlp-class", data=copied, epochs=3, settings={"learning_rate": 1e9}, out=tmp_path / "run",
            report=False, on_note=notes.append,
        )  # fmt: skip
    assert len(notes) == 1
    assert notes[0].startswith("doctor: overlapping-parts: ")


@pytest.mark.parametrize(("epochs", "is_found"), [(1, False), (2, True)])
def test_gradient_of_a_run_is_judged_from_its_twentieth_step(
    epochs: int, is_found: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever its length: here each is far too long."""
    monkeypatch.setattr(gradients, "LARGEST_NORM", 1e-9)
    data = bars_dataset(480, 100)
    run = train(
        "mlp-class", data=data, epochs=epochs, out=tmp_path / "run", report=False,
        settings={"batch_size": 40, "validation_fraction": 0.0},
    )  # fmt: skip
    assert run.history[-1].step == 12 * epochs
    named = {finding.name for finding in doctor.examine_run(run, data)}
    assert ("exploding-gradients" in named) is is_found


def test_examination_leaves_the_network_as_found() -> None:
    network, (images, labels) = small_network(dropout=0.5), bars_tensors()
    weights = [weight.detach().clone() for weight in network.parameters()]
    state = torch.random.get_rng_state()
    doctor.examine(network, images, labels)
    assert torch.equal(torch.random.get_rng_state(), state)
    assert network.training
    assert all(weight.grad is None for weight in network.parameters())
    assert all(torch.equal(w, old) for w, old in zip(network.parameters(), weights, strict=True))


def test_examination_of_a_run_leaves_the_random_state(tmp_path: Path) -> None:
    data = bars_dataset()
    run = train("mlp-class", data=data, epochs=1, out=tmp_path / "run", report=False)
    state = torch.random.get_rng_state()
    assert doctor.examine_run(run, data) == doctor.examine_run(run, data)
    assert torch.equal(torch.random.get_rng_state(), state)


@pytest.mark.parametrize("num_images", [2, 3, 30])
def test_handful_of_images_is_examined_without_a_word(num_images: int, tmp_path: Path) -> None:
    data = bars_dataset(num_images, 4, num_classes=2)
    run = train("mlp-class", data=data, epochs=1, out=tmp_path / "run", report=False)
    assert doctor.examine_run(run, data) == []


def lines(num_images: int, *, seed: int) -> Split:
    """Return lines that lie (class 0) or stand (class 1) anywhere: both classes have the same mean image."""
    generator = np.random.default_rng(seed)
    labels = np.arange(num_images) % 2
    images = generator.integers(0, 60, (num_images, 28, 28), dtype=np.uint8)
    for image, label, place in zip(images, labels, generator.integers(0, 28, num_images), strict=True):
        (image if label == 0 else image.T)[place] = 250
    return Split(images, labels.astype(np.int64))


def test_trained_network_tells_turned_images_where_mean_images_cannot(tmp_path: Path) -> None:
    test = lines(200, seed=1)
    turned = Split(test.images.transpose(0, 2, 1).copy(), test.labels)
    data = Dataset("lines", ("lying", "standing"), lines(600, seed=0), turned)
    assert doctor.examine_data(data) == []
    run = train("quick", data=data, epochs=15, out=tmp_path / "run", report=False)
    (finding,) = [finding for finding in doctor.examine_run(run, data) if finding.name == "turned-images"]
    assert re.search(r"200 images \d % fit their class as they are, and (9\d|100) % when", finding.evidence)


def test_every_finding_has_its_heading_in_the_docs() -> None:
    page = (Path(__file__).parents[3] / "docs" / "explanation" / "doctor.md").read_text(encoding="utf-8")
    headings = [line.removeprefix("### ") for line in page.splitlines() if line.startswith("### ")]
    assert headings == list(doctor.NAMES)
