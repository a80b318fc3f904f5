"""What a run folder holds after a fault: each file whole or not there, and whether it can be put to use."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from inkwise.classifier import Classifier
from inkwise.classifier_file import read_safetensors
from inkwise.errors import CheckpointError, InkwiseError
from inkwise.evaluation.evaluate import Evaluation
from inkwise.experiments.evaluate import evaluate
from inkwise.files import is_leftover
from inkwise.runs.run import Run
from inkwise.training.state import parse_document

_CHECKPOINT_KEYS = ("inkwise-checkpoint", "inkwise-tensorflow-checkpoint")
_OF_TIME = ("train_seconds", "images_per_second")


def faults_of(path: Path) -> list[str]:
    """Return a line for each file of a run folder that is there and not whole; none is as it should be."""
    run, faults = Run(path), []
    for name, read in _READERS.items():
        file = path / name
        if not file.exists():
            continue
        try:
            read(run)
        except (InkwiseError, OSError, ValueError, LookupError, AssertionError) as error:
            faults.append(f"{name}: {type(error).__name__}: {error}")
    known = {*_READERS, ".lock"}
    if path.is_dir():
        faults += [f"{p.name}: unknown" for p in path.iterdir() if p.name not in known and not is_leftover(p)]
    return faults


def _checkpoint(run: Run) -> None:
    metadata, tensors = read_safetensors(run.checkpoint_path, framework="numpy")
    key = next(key for key in _CHECKPOINT_KEYS if key in metadata)
    document = parse_document(metadata[key], run.checkpoint_path)
    assert tensors, "no tensors"
    assert document.epoch == len(document.records)


def _report(run: Run) -> None:
    text = run.report_path.read_text(encoding="utf-8")
    assert text.rstrip().endswith("</html>"), "cut short"


def _evaluation(run: Run) -> None:
    Evaluation.model_validate(run.evaluation)


_READERS: dict[str, Callable[[Run], Any]] = {
    "recipe.toml": lambda run: run.recipe,
    "environment.json": lambda run: run.environment["started"],
    "history.jsonl": lambda run: run.history,
    "checkpoint.safetensors": _checkpoint,
    "classifier.safetensors": lambda run: Classifier.load(run.classifier_path),
    "evaluation.json": _evaluation,
    "report.html": _report,
}


def answer_of(path: Path) -> str:
    """Return what `inkwise evaluate` does with the folder: "answers", "says why not", or what is wrong."""
    has_classifier = (path / "classifier.safetensors").exists()
    try:
        evaluate(path)
    except CheckpointError as error:
        said = str(error)
        is_clear = "no such file; expected a run folder" in said and not has_classifier
        return "says why not" if is_clear else said
    return "answers" if has_classifier else "answers without a classifier"


def contents(path: Path) -> dict[str, Any]:
    """Return all of a finished run that has to be equal, to the last bit, however often it was disturbed.

    Left out are times: seconds, images a second, when it was started; and the report, which shows them.
    """
    run = Run(path)
    found: dict[str, Any] = {"history": run.history_path.read_bytes()}
    for file in (run.checkpoint_path, run.classifier_path):
        metadata, tensors = read_safetensors(file, framework="pt")
        as_bytes = {name: tensor.numpy().tobytes() for name, tensor in tensors.items()}
        found[file.name] = (as_bytes, _without_chance(metadata))
    found["evaluation"] = {key: value for key, value in run.evaluation.items() if key not in _OF_TIME}
    found["recipe"] = run.recipe_path.read_bytes()
    return found


def _without_chance(metadata: dict[str, str]) -> dict[str, Any]:
    """Return the header of a safetensors file without what differs from one checkout to the next."""
    documents = {key: json.loads(text) for key, text in metadata.items()}
    for document in documents.values():
        document.get("provenance", {}).pop("commit", None)
    return documents
