"""dev/reader.py: from a run to the files that ship; every number measured, nothing written that differs."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from dev import reader

from inkwise.classifier import Classifier
from inkwise.classifier_file import read_safetensors
from inkwise.data.load import load_dataset
from inkwise.experiments.train import train
from inkwise.exporting.onnx_graph import OPSET
from inkwise.runs.run import Run

SETTINGS = {
    "network.options.width": 8, "written_images": 40, "outliers": 0.3, "batch_size": 64, "patience": 0,
    "minimum_steps": 0,
}  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    out = tmp_path_factory.mktemp("runs") / "small"
    return train("reader", data="digits", epochs=8, settings=SETTINGS, out=out, report=False)


@pytest.fixture(scope="module")
def shipped(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("shipped")
    said = reader.make_reader(run.path, out=out, count=30, seed=3)
    assert "ONNX Runtime within" in said
    return out


def test_graph_answers_as_the_classifier_does(shipped: Path) -> None:
    images = load_dataset("digits").test.images[:50]
    session = onnxruntime.InferenceSession(shipped / "reader.onnx")
    (found,) = session.run(["probabilities"], {"images": images})
    expected = Classifier.load(shipped / "reader.safetensors").predict(images).probabilities
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert (found.dtype, found.shape) == (np.float32, (50, 10))


def test_graph_states_its_opset_and_holds_no_weights(shipped: Path) -> None:
    model = onnx.load(shipped / "reader.onnx", load_external_data=False)
    assert [entry.version for entry in model.opset_import] == [OPSET]
    inside = [tensor.name for tensor in model.graph.initializer if not tensor.external_data]
    assert inside == ["channel_axis", "white", "mean", "std"]


def test_pointers_lead_to_the_tensors_own_bytes(shipped: Path) -> None:
    data = (shipped / "reader.safetensors").read_bytes()
    _, tensors = read_safetensors(shipped / "reader.safetensors", framework="pt")
    model = onnx.load(shipped / "reader.onnx", load_external_data=False)
    seen = 0
    for tensor in model.graph.initializer:
        where = {entry.key: entry.value for entry in tensor.external_data}
        if where:
            assert where["location"] == "reader.safetensors"
            first = int(where["offset"])
            assert data[first : first + int(where["length"])] == tensors[tensor.name].numpy().tobytes()
            seen += 1
    assert seen == sum(tensor.is_floating_point() for tensor in tensors.values())


def test_card_states_what_the_run_measured(run: Run, shipped: Path) -> None:
    card = (shipped / "model-card.md").read_text("utf-8")
    assert f"{run.evaluation['accuracy']:.2%} right, {run.evaluation['num_errors']} errors" in card
    metrics = Classifier.load(shipped / "reader.safetensors").header.metrics
    assert f"a temperature of\n{metrics['temperature']:.3f}" in card
    assert "{" not in card


def test_other_bytes_are_refused(run: Run, tmp_path: Path) -> None:
    """A weight that changed after saving: the graph would answer otherwise than the network."""
    classifier = Classifier.load(run.classifier_path)
    classifier.save(tmp_path / "reader.safetensors")
    classifier.network[0].weight.data.add_(0.1)
    with pytest.raises(SystemExit, match=r"0\.weight: other bytes in"):
        reader.write_graph(classifier, tmp_path, probe=np.zeros((2, 28, 28), np.uint8))


def test_unfinished_run_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "recipe.toml").write_text(run.recipe_path.read_text())
    with pytest.raises(SystemExit, match=r"not finished; go on with: inkwise train --resume"):
        reader.make_reader(tmp_path, out=tmp_path / "out", count=1, seed=0)
    assert not (tmp_path / "out").exists()
