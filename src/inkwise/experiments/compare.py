"""The whole of `inkwise compare`: from RUN arguments to a paired Comparison on one test part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from inkwise.classifier import EVALUATION_BATCH, Classifier
from inkwise.classifier_file import find_classifier_file, title_of
from inkwise.data.load import load_dataset
from inkwise.errors import RunError
from inkwise.evaluation.comparison import Comparison, compare_predictions
from inkwise.experiments.evaluate import (
    match_classes,
    name_run,
    open_classifier,
    trained_on,
)
from inkwise.runs.argument import DataArgument, RunArgument, as_run
from inkwise.runs.framework import framework_of


def compare(
    runs: Sequence[RunArgument], *, data: DataArgument | None = None, batch_size: int = EVALUATION_BATCH
) -> Comparison:
    """Return the paired Comparison of two or more runs on the same test images.

    Args:
        runs: run folders, classifier.safetensors files, Runs or Classifiers.
        data: what load_dataset takes; None takes the set that all of them were trained on.
        batch_size: images through the network at once; changes memory and speed only.
    Raises:
        RunError: fewer than two, one given twice, or trained on different data sets without data.
        InkwiseError: a run or the data cannot be read, or do not belong together.
    """
    names = name_apart(runs)
    classifiers = [open_classifier(run) for run in runs]
    if data is None:
        data = _shared_dataset(names, [trained_on(*pair) for pair in zip(classifiers, runs, strict=True)])
    dataset = load_dataset(data)
    # All answer in the classes of the first, so that equal numbers mean equal names.
    classes = classifiers[0].classes
    labels = match_classes(dataset, classes).labels
    predictions = {}
    for name, classifier in zip(names, classifiers, strict=True):
        match_classes(dataset, classifier.classes)
        predicted = classifier.log_probabilities(dataset.test.images, batch_size=batch_size).argmax(dim=1)
        # A class that the first does not know can only be wrong: -1 equals no label.
        renamed = [classes.index(known) if known in classes else -1 for known in classifier.classes]
        predictions[name] = torch.tensor(renamed)[predicted]
    comparison = compare_predictions(predictions, torch.tensor(labels), dataset=dataset.name)
    told = [_training_of(*pair) for pair in zip(runs, classifiers, strict=True)]
    rows = (row.model_copy(update=facts) for row, facts in zip(comparison.runs, told, strict=True))
    return comparison.model_copy(update={"runs": tuple(rows)})


def _training_of(run: RunArgument, classifier: Classifier) -> dict[str, Any]:
    """Return what is known of how a classifier was trained: framework, and images a second of its run."""
    facts: dict[str, Any] = {"framework": classifier.provenance.get("framework")}
    opened = as_run(run)
    if opened is not None:
        facts["framework"] = framework_of(opened)
        if opened.is_finished:
            facts["images_per_second"] = opened.evaluation.get("images_per_second")
    return facts


def name_apart(runs: Sequence[RunArgument]) -> list[str]:
    """Return a short name for each run, title_of its file, or its whole path where two would be alike.

    Raises:
        RunError: fewer than two runs, or one given twice.
    """
    num_runs = 1 if isinstance(runs, str) else len(runs)  # text is a sequence too, of letters
    if num_runs < 2:
        raise RunError(f"a comparison needs at least 2 runs, got {num_runs}; add another run folder")
    paths = [name_run(run) for run in runs]
    short = [title_of(find_classifier_file(path)) for path in paths]
    names = [path if short.count(name) > 1 else name for name, path in zip(short, paths, strict=True)]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise RunError(f"{twice[0]}: given twice; expected different runs to compare")
    return names


def _shared_dataset(names: list[str], sources: list[str]) -> str:
    if len(set(sources)) > 1:
        listed = ", ".join(f"{name} on {source}" for name, source in zip(names, sources, strict=True))
        raise RunError(
            f"the runs were trained on different data sets ({listed}); a paired test needs the same images, "
            "choose them with --data"
        )
    return sources[0]
