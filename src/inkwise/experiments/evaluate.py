"""The whole of `inkwise evaluate`: from a RUN argument to the Evaluation of its classifier."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from inkwise.classifier import EVALUATION_BATCH, Classifier
from inkwise.data.cache import is_available
from inkwise.data.dataset import Dataset, Split, renumber
from inkwise.data.load import load_dataset
from inkwise.errors import DataError
from inkwise.evaluation.evaluate import Evaluation, evaluate_classifier
from inkwise.evaluation.robustness.sheet import Robustness, measure_robustness
from inkwise.runs.argument import DataArgument, RunArgument, as_run
from inkwise.runs.run import Run

# What holds no such classes, to see whether a classifier is less sure of it.
OUTLIERS = {
    "mnist": "fashion-mnist",
    "usps": "fashion-mnist",
    "digits": "fashion-mnist",
    "fashion-mnist": "mnist",
}


def evaluate(
    run: RunArgument, *, data: DataArgument | None = None, batch_size: int = EVALUATION_BATCH
) -> Evaluation:
    """Return the Evaluation of a run's classifier on the test part of a data set.

    Args:
        run: a run folder, a classifier.safetensors file, a Run or a Classifier.
        data: what load_dataset takes; None takes the set the run was trained on. Its classes are matched
            to the classifier's by name, so it may have fewer of them, and in another order.
        batch_size: images through the network at once; changes memory and speed only.
    Raises:
        InkwiseError: the run or the data cannot be read, or do not belong together.
    """
    classifier = open_classifier(run)
    dataset = load_dataset(trained_on(classifier, run) if data is None else data)
    test = match_classes(dataset, classifier.classes)
    return evaluate_classifier(classifier, test, dataset=dataset.name, batch_size=batch_size)


def evaluate_robustness(
    run: RunArgument,
    *,
    data: DataArgument | None = None,
    num_images: int = 2000,
    attacks: bool = False,
    on_step: Callable[[int, int], None] = lambda done, total: None,
) -> Robustness:
    """Return the robustness sheet of a run's classifier on the test part of a data set.

    Args:
        run, data: as for evaluate.
        num_images: test images for each kind and severity, at most.
        attacks: measure accuracy under FGSM and PGD too.
        on_step: called with (steps done, steps in all).
    Raises:
        InkwiseError: as evaluate.
    """
    classifier = open_classifier(run)
    dataset = load_dataset(trained_on(classifier, run) if data is None else data)
    test = match_classes(dataset, classifier.classes)
    other = OUTLIERS.get(dataset.name)
    outliers = (other, load_dataset(other).test) if other is not None and is_available(other) else None
    return measure_robustness(
        classifier, test, dataset=dataset.name, num_images=num_images, outliers=outliers, attacks=attacks,
        on_step=on_step,
    )  # fmt: skip


def open_classifier(run: RunArgument) -> Classifier:
    """Return the classifier that a RUN argument means.

    Raises:
        RunError, CheckpointError: there is none.
    """
    if isinstance(run, Classifier):
        return run
    opened = as_run(run)
    return Classifier.load(name_run(run)) if opened is None else opened.classifier


def trained_on(classifier: Classifier, run: RunArgument) -> str:
    """Return what load_dataset finds the classifier's own data by.

    Raises:
        DataError: the file does not say.
    """
    source = classifier.header.trained_on
    if source is None:
        raise DataError(
            f"{name_run(run)}: the classifier file does not say what it was trained on; "
            "name the data to test it on with --data"
        )
    return source


def match_classes(
    dataset: Dataset, classes: tuple[str, ...], *, part: Literal["train", "test"] = "test"
) -> Split:
    """Return a part of dataset with label k meaning classes[k].

    Raises:
        DataError: dataset has a class that is not among classes.
    """
    split = dataset.test if part == "test" else dataset.train
    if dataset.classes == classes:
        return split
    unknown = [name for name in dataset.classes if name not in classes]
    if unknown:
        raise DataError(
            f"{dataset.name}: has classes the classifier does not know ({', '.join(unknown[:5])}"
            f"{', ...' if len(unknown) > 5 else ''}); it knows {', '.join(classes)}; "
            "choose other data with --data"
        )
    return renumber(split, dataset.classes, wanted=classes)


def name_run(run: RunArgument) -> str:
    """Return the path that a RUN argument was given by, or "classifier" for one in memory."""
    if isinstance(run, Classifier):
        return "classifier"
    return str(run.path if isinstance(run, Run) else run)
