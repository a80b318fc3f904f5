"""A classifier opened for export: its title, its layers, and what PyTorch says of the probe's images."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from inkwise.classifier import Classifier
from inkwise.classifier_file import Header, find_classifier_file, recorded_accuracy, title_of
from inkwise.errors import ExportError, ShapeError
from inkwise.exporting.probe import Probe, find_probe
from inkwise.exporting.prove import Difference
from inkwise.handwriting.recogniser import SHIPPED_FILE, SHIPPED_TITLE, means_shipped
from inkwise.networks.build import num_parameters
from inkwise.networks.describe import describe_layers
from inkwise.runs.argument import DataArgument, RunArgument
from inkwise.runs.run import Run

Precision = Literal["float32", "float16", "int8"]
Tensors = Mapping[str, NDArray[Any]]


class ExportedClassifier(BaseModel):
    """A classifier as the file holds it.

    Attributes:
        title: the run folder's name.
        num_parameters: weights and biases, those too that no training changes.
        precision: of its weights.
        proved_on: the images that PyTorch and the file were asked about.
        difference: between their answers.
    """

    model_config = ConfigDict(frozen=True)

    title: str
    num_parameters: int
    precision: Precision
    proved_on: str
    difference: Difference


@dataclass(frozen=True)
class Opened:
    """A classifier to export.

    Attributes:
        title: for people.
        classifier: on the processor.
        probe: the images it is proved on.
        expected: (N, K) its probabilities for them, by PyTorch.
        accuracy: on test images, where its run was evaluated.
    """

    title: str
    classifier: Classifier
    probe: Probe
    expected: NDArray[np.float32]
    accuracy: float | None

    def tell(self, difference: Difference, precision: Precision = "float32") -> ExportedClassifier:
        """Return what is said of it in a file that answers so far from it."""
        return ExportedClassifier(
            title=self.title,
            num_parameters=num_parameters(self.classifier.network),
            precision=precision,
            proved_on=self.probe.words,
            difference=difference,
        )


def open_for_export(run: RunArgument, *, data: DataArgument | None = None) -> Opened:
    """Return the classifier that run means, with the images to prove its export on.

    Args:
        run: as of export.
        data: as of find_probe.
    Raises:
        CheckpointError, RunError: there is no classifier.
        DataError: data is given and cannot be loaded.
    """
    classifier, title, accuracy = _load(run)
    if classifier.device.type != "cpu":
        classifier = replace(
            classifier, network=copy.deepcopy(classifier.network).cpu(), device=torch.device("cpu")
        )
    probe = find_probe(classifier.header, data=data)
    return Opened(title, classifier, probe, classifier.predict(probe.images).probabilities, accuracy)


def with_titles_apart(opened: Sequence[Opened]) -> list[Opened]:
    """Return classifiers with a number behind each title that another has before it: runs/a, old/a."""
    titles = [one.title for one in opened]
    numbers = [titles[:place].count(title) + 1 for place, title in enumerate(titles)]
    return [
        replace(one, title=f"{one.title} ({number})") if number > 1 else one
        for one, number in zip(opened, numbers, strict=True)
    ]


def _load(run: RunArgument) -> tuple[Classifier, str, float | None]:
    """Return a classifier, its title, and its accuracy on test images where its run was evaluated."""
    if isinstance(run, Classifier):
        return run, run.header.network, None
    if not isinstance(run, Run) and means_shipped(run):
        return Classifier.load(SHIPPED_FILE), SHIPPED_TITLE, None
    path = run.classifier_path if isinstance(run, Run) else find_classifier_file(run)
    return Classifier.load(path), title_of(path), recorded_accuracy(path)


def in_words(opened: Opened) -> tuple[Header, Tensors]:
    """Return header and tensors as a classifier file has them, with the network's layers.

    Raises:
        ExportError: the network is no chain of known layers.
    """
    network = opened.classifier.network
    try:
        layers = describe_layers(network)
    except ShapeError as error:
        raise ExportError(
            f"{opened.title}: {error}; such a network runs in PyTorch alone, export it with --to torch"
        ) from error
    tensors = {name: tensor.contiguous().numpy() for name, tensor in network.state_dict().items()}
    return opened.classifier.header.model_copy(update={"layers": layers}), tensors
