"""A run folder opened again: whole, unfinished, and with each file spoilt."""

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from tests.bars import bars_dataset

from inkwise.errors import InkwiseError, RecipeError, RunError
from inkwise.experiments.train import train
from inkwise.runs.history import history_to_lines
from inkwise.runs.run import Run


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Run:
    out = tmp_path_factory.mktemp("runs") / "one"
    return train("mlp-sequential", data=bars_dataset(), epochs=2, out=out, report=False)


@pytest.fixture
def run(finished: Run, tmp_path: Path) -> Run:
    """Return a copy that a test may spoil."""
    copy = tmp_path / "run"
    copy.mkdir()
    for file in finished.path.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    return Run.open(copy)


def test_run_holds_every_file_of_its_list(finished: Run) -> None:
    names = "recipe.toml environment.json history.jsonl checkpoint.safetensors classifier.safetensors"
    assert {*names.split(), "evaluation.json"} <= {path.name for path in finished.path.iterdir()}
    assert finished.is_finished


def test_history_file_equals_the_history(finished: Run) -> None:
    """T3, T6: one line an epoch with the mean training loss and accuracy, and the validation's."""
    lines = finished.history_path.read_text()
    assert history_to_lines(finished.history) == lines
    rows = [json.loads(line) for line in lines.splitlines()]
    keys = "epoch step learning_rate train_loss train_accuracy validation_loss validation_accuracy"
    assert [set(row) for row in rows] == [set(keys.split())] * 2
    assert [row["epoch"] for row in rows] == [1, 2]
    assert all(0 <= row["train_accuracy"] <= 1 and 0 <= row["validation_accuracy"] <= 1 for row in rows)


def test_environment_says_where_and_how_it_was_trained(finished: Run) -> None:
    environment = finished.environment
    assert environment["precision"] == "float32"
    assert environment["step"] == "unrolled"
    assert environment["device"] == "cpu"
    assert environment["num_cores"] >= 1


def test_history_of_a_run_not_begun_is_empty(run: Run) -> None:
    run.history_path.unlink()
    assert Run.open(run.path).history == []


def test_missing_folder_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"none: no such folder; expected a run, make one with: inkwise train"):
        Run.open(tmp_path / "none")


def test_folder_without_recipe_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"holds no recipe\.toml, so it is not a run"):
        Run.open(tmp_path)


def test_text_file_is_no_run(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("hello")
    with pytest.raises(RunError, match=r"note\.txt: a file, not a folder"):
        Run.open(tmp_path / "note.txt")


@pytest.mark.parametrize("name", ["environment", "evaluation"])
def test_missing_document_says_how_to_go_on(run: Run, name: str) -> None:
    (run.path / f"{name}.json").unlink()
    with pytest.raises(RunError, match=rf"{name}\.json: no such file; the run is not finished, go on with: "):
        getattr(run, name)


@pytest.mark.parametrize("name", ["environment", "evaluation"])
@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"null", b"\xff\xfe{}", b"[" * 100_000])
def test_spoilt_document_is_refused_in_one_line(run: Run, name: str, content: bytes) -> None:
    (run.path / f"{name}.json").write_bytes(content)
    with pytest.raises(
        RunError, match=rf"{name}\.json: not a JSON object .*; the file was altered, train again"
    ):
        getattr(run, name)


@pytest.mark.parametrize("content", [b"{", b"{}\n", b"[]\n", b"\xff\n", b'{"epoch": "one"}\n'])
def test_spoilt_history_is_refused_with_its_line(run: Run, content: bytes) -> None:
    run.history_path.write_bytes(run.history_path.read_bytes() + content)
    with pytest.raises(RunError, match=r"history\.jsonl: .*; the file was altered, train again") as caught:
        _ = run.history
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"name = ", b"\xff", b"", b'summary = "x"\n'])
def test_spoilt_recipe_is_refused(run: Run, content: bytes) -> None:
    run.recipe_path.write_bytes(content)
    with pytest.raises(RecipeError, match=r"recipe\.toml: (not TOML|the key .* is missing)"):
        _ = run.recipe


READERS: dict[str, Callable[[Run], object]] = {
    "recipe.toml": lambda run: run.recipe,
    "environment.json": lambda run: run.environment,
    "history.jsonl": lambda run: run.history,
    "classifier.safetensors": lambda run: run.classifier,
    "evaluation.json": lambda run: run.evaluation,
}


@pytest.mark.parametrize("name", READERS)
def test_file_that_is_a_folder_is_refused(run: Run, name: str) -> None:
    (run.path / name).unlink()
    (run.path / name).mkdir()
    if name == "history.jsonl":  # as good as none
        assert run.history == []
        return
    with pytest.raises(InkwiseError, match=name.replace(".", r"\.")):
        READERS[name](run)


def shown(run: Run) -> dict[str, str]:
    """Return the table that a notebook shows, by its row headers."""
    root = ElementTree.fromstring(run._repr_html_())
    return {row[0].text or "": row[1].text or "" for row in root.iter("tr")}


def test_notebook_shows_what_was_trained_on_what(finished: Run) -> None:
    evaluation = finished.evaluation
    num_right = evaluation["num_images"] - evaluation["num_errors"]
    assert shown(finished) == {
        "run": str(finished.path),
        "recipe": "mlp-sequential: Three-layer perceptron 784-128-64-10 as nn.Sequential",
        "trained on": "bars, seed 0",
        "epochs": "2",
        "test images right": f"{num_right} of {evaluation['num_images']}",
    }


def test_notebook_shows_a_run_without_its_end(run: Run) -> None:
    run.evaluation_path.unlink()
    assert shown(run)["state"] == "not finished"
    assert "test images right" not in shown(run)


def test_notebook_shows_a_spoilt_run_with_what_is_wrong(run: Run) -> None:
    """A view that raises would hide which run it was."""
    run.history_path.write_text("{<b>")
    assert shown(run)["run"] == str(run.path)
    assert "not a history" in shown(run)["cannot be read"]
    assert "<b>" not in run._repr_html_()


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs Linux, where it cannot be read")
def test_history_on_a_failing_disk_is_told_of(run: Run) -> None:
    """Reading a process's memory at address 0 is an input/output error, as of a disk that fails."""
    run.history_path.unlink()
    run.history_path.symlink_to("/proc/self/mem")
    with pytest.raises(RunError, match=r"history.jsonl: not a history \(.*Input/output error\)"):
        run.history  # noqa: B018
