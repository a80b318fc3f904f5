"""What a classifier says of pictures and tables of images that are no data set: `inkwise predict`."""

import csv
import io
import os
from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np
from pydantic import BaseModel, ConfigDict

from inkwise.classifier import EVALUATION_BATCH
from inkwise.data.images import OnError, read_images
from inkwise.errors import DataError, InkwiseError
from inkwise.experiments.evaluate import open_classifier
from inkwise.runs.argument import RunArgument


class FilePrediction(BaseModel):
    """One image's answer; a row of `inkwise predict --json`.

    Attributes:
        path: the file as found, "-" for standard input.
        index: which image of the file, 0 for the first.
        label: the class number; class_name is its name.
        probability: of that class, in [0, 1].
        probabilities: of every class, in the order of the class numbers; they sum to 1.
    """

    model_config = ConfigDict(frozen=True)

    path: str
    index: int
    label: int
    class_name: str
    probability: float
    probabilities: list[float]


def predict(
    run: RunArgument,
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    batch_size: int = EVALUATION_BATCH,
    on_error: OnError | None = None,
) -> Iterator[FilePrediction]:
    """Yield the answer to every image in paths: pictures, folders, IDX, CSV, NPZ, parquet, "-".

    Images are only scaled to 28x28, so they must look like those of the training set. Photos, scans and
    drawings of digits are for inkwise.read.

    Args:
        run: a run folder, a classifier.safetensors file, a Run or a Classifier.
        paths: one, or several, read as they are needed, so that a folder of any size fits.
        batch_size: images a forward pass.
        on_error: called with what is wrong with a file that cannot be read, in place of raising it; the
            others are answered.
    Raises:
        RunError, CheckpointError: there is no classifier.
        DataError: there was not one image, and nothing wrong that on_error was told of.
        DataError, ShapeError: without on_error, a file cannot be read; the message names it.
    """
    classifier = open_classifier(run)
    num_images = num_errors = 0

    def tell(error: InkwiseError) -> None:
        nonlocal num_errors
        if on_error is None:
            raise error
        num_errors += 1
        on_error(error)

    found = read_images([paths] if isinstance(paths, str | os.PathLike) else paths, on_error=tell)
    while batch := list(islice(found, batch_size)):
        num_images += len(batch)
        predictions = classifier.predict(np.stack([image for _, _, image in batch]), batch_size=batch_size)
        for (path, index, _), row, label in zip(
            batch, predictions.probabilities.tolist(), predictions.labels.tolist(), strict=True
        ):
            yield FilePrediction(
                path=str(path), index=index, label=label, class_name=classifier.classes[label],
                probability=row[label], probabilities=row,
            )  # fmt: skip
    if not num_images and not num_errors:
        raise DataError("no image to predict; expected pictures, folders, IDX, CSV, NPZ, parquet or '-'")


def to_csv(predictions: Iterable[FilePrediction], classes: Iterable[str]) -> str:
    """Return a table with a header line: path, index, label, class_name, probability, one column a class."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["path", "index", "label", "class_name", "probability", *classes])
    for one in predictions:
        writer.writerow([one.path, one.index, one.label, one.class_name, one.probability, *one.probabilities])
    return text.getvalue()
