"""The whole of `inkwise inspect`: from a RUN and an image to what happens inside, and its page."""

from __future__ import annotations

import importlib
import os
import shlex
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from torch import nn

from inkwise.classifier import Classifier
from inkwise.data.dataset import Dataset, Split
from inkwise.data.load import load_dataset
from inkwise.errors import DataError, RecipeError, RunError, ShapeError
from inkwise.experiments.evaluate import (
    match_classes,
    name_run,
    open_classifier,
    trained_on,
)
from inkwise.experiments.looked import ImageArgument, Looked, choose_image, say_preprocessing
from inkwise.inspection.doctor.examine import examine_run
from inkwise.inspection.inspect import Inspection, inspect_image, inspect_module
from inkwise.preprocessing import Preprocessing
from inkwise.runs.argument import DataArgument, RunArgument, as_run
from inkwise.runs.framework import choose_framework, framework_of

if TYPE_CHECKING:
    from inkwise.inspection.doctor.finding import Finding

# A third of a second each, in which the data set can be read: captum and matplotlib.
_LATER = ("captum.attr", "inkwise.reports.inspection.page")


def _import_ahead(names: Sequence[str]) -> None:
    for name in names:
        importlib.import_module(name)


def inspect(
    run: RunArgument | nn.Module,
    image: ImageArgument | None = None,
    *,
    index: int = 0,
    data: DataArgument | None = None,
    out: str | os.PathLike[str] | None = None,
    preprocessing: Preprocessing | None = None,
    classes: Sequence[str] | None = None,
    place: Sequence[int] | None = None,
    framework: str = "torch",
) -> Inspection:
    """Return what happens inside a network for one image: every layer, its arithmetic, what moves the answer.

    Nothing of the network is changed, nor any random state.

    Args:
        run: a run folder, a classifier.safetensors file, a Run or a Classifier; or any nn.Module that takes
            batches of 28x28 images with one channel.
        image: a picture file, or (H, W) uint8 pixels; other sizes than 28x28 are fitted as
            `inkwise predict` does. None takes the test image at index.
        index: of the test part, from 0.
        data: what load_dataset takes; None takes the set the run was trained on. For a module None means
            that there is none: then image must be given, and dead units and neighbours are left out.
        out: the folder to write inspection.html into, and PNG and SVG of each figure; None writes nothing.
        preprocessing: for a module, how its training scaled images; None scales them to [0, 1].
        classes: for a module, K names; None takes those of data, or else counts from "0".
        place: the output to work out by hand, (layer, channel, row, column) of a convolution or (layer,
            feature) of a linear layer; None takes the largest of the first layer.
        framework: "tensorflow" runs a run's network in Keras, and views that one's layers; needs the extra
            inkwise[tensorflow]. Attributions and neighbours are PyTorch's in either case.
    Raises:
        InkwiseError: the run, the image or the data cannot be read, or do not belong together.
    """
    threading.Thread(target=_import_ahead, args=(_LATER if out is not None else _LATER[:1],)).start()
    if isinstance(run, nn.Module):
        if framework != "torch":
            raise RecipeError(
                f"{type(run).__name__}: a module is PyTorch's; leave out framework {framework!r}"
            )
        return _inspect_module(
            run, image, index=index, data=data, out=out, preprocessing=preprocessing, classes=classes,
            place=place,
        )  # fmt: skip
    if preprocessing is not None or classes is not None:
        raise ShapeError(
            f"{name_run(run)}: a run has its own preprocessing and classes, expected neither to be given; "
            "leave them out, or pass run.classifier.network"
        )
    classifier = open_classifier(run)
    dataset = _load(classifier, run, data=data, is_needed=image is None)
    test = match_classes(dataset, classifier.classes) if dataset is not None else None
    train = match_classes(dataset, classifier.classes, part="train") if dataset is not None else None
    looked = choose_image(image, test, index=index, name=dataset.name if dataset else "")
    findings = _examine(run, dataset) if data is None else None
    inspection = inspect_image(
        classifier,
        looked.pixels,
        train=train,
        index=looked.index,
        label=looked.label,
        place=place,
        findings=findings or (),
    )
    if choose_framework(framework) == "tensorflow":
        from inkwise.tensorflow.views import inspect_in_keras  # seconds, and only where it is installed

        inspection = inspect_in_keras(classifier, inspection, train=train, place=place)
    if out is not None:
        command = _command(run, image, index=index, data=data, place=place, framework=framework)
        name = _name_network(run) + (", in TensorFlow" if framework == "tensorflow" else "")
        _write(
            inspection, Path(out), network=name, looked=looked, command=command, train=train,
            preprocessing=classifier.preprocessing, was_examined=findings is not None,
        )  # fmt: skip
    return inspection


def inspection_folder(
    run: str | os.PathLike[str], image: str | os.PathLike[str] | None = None, *, index: int = 0
) -> Path:
    """Return where `inkwise inspect` writes without --out: RUN/inspection/test-0, or the picture's name."""
    path = Path(run)
    name = f"test-{index}" if image is None else Path(image).stem or "image"
    return (path.parent if path.is_file() else path) / "inspection" / name


def _inspect_module(
    module: nn.Module,
    image: ImageArgument | None,
    *,
    index: int,
    data: DataArgument | None,
    out: str | os.PathLike[str] | None,
    preprocessing: Preprocessing | None,
    classes: Sequence[str] | None,
    place: Sequence[int] | None,
) -> Inspection:
    if image is None and data is None:
        raise DataError(
            f"{type(module).__name__}: a module without an image and without data; expected one of them, "
            "pass image=PICTURE or data='mnist'"
        )
    dataset = load_dataset(data) if data is not None else None
    names = tuple(classes) if classes is not None else dataset.classes if dataset else None
    test = match_classes(dataset, names) if dataset and names else None
    train = match_classes(dataset, names, part="train") if dataset and names else None
    looked = choose_image(image, test, index=index, name=dataset.name if dataset else "")
    inspection = inspect_module(
        module, looked.pixels, preprocessing=preprocessing, classes=names, train=train,
        index=looked.index, label=looked.label, place=place,
    )  # fmt: skip
    if out is not None:
        _write(
            inspection, Path(out), network=type(module).__name__, looked=looked, command="", train=train,
            preprocessing=preprocessing or Preprocessing(), was_examined=False,
        )  # fmt: skip
    return inspection


def _load(
    classifier: Classifier, run: RunArgument, *, data: DataArgument | None, is_needed: bool
) -> Dataset | None:
    """Return the data; where only neighbours would be lost, None rather than a download or an error."""
    if data is not None:
        return load_dataset(data)
    try:
        return load_dataset(trained_on(classifier, run), fetch=is_needed)
    except DataError:
        if is_needed:
            raise
        return None


def _examine(run: RunArgument, dataset: Dataset | None) -> list[Finding] | None:
    """Return what the doctor says of a run folder; None where he was not asked."""
    if dataset is None:
        return None
    opened = as_run(run)
    return None if opened is None else examine_run(opened, dataset)


def _write(
    inspection: Inspection,
    folder: Path,
    *,
    network: str,
    looked: Looked,
    command: str,
    train: Split | None,
    preprocessing: Preprocessing,
    was_examined: bool,
) -> None:
    from inkwise.reports.inspection.page import Subject, write_inspection  # matplotlib, only for a page

    subject = Subject(
        network=network,
        image=looked.words,
        command=command,
        original=looked.original,
        was_examined=was_examined,
        preprocessing=say_preprocessing(preprocessing, looked, train),
    )
    write_inspection(inspection, folder, subject=subject)


def _name_network(run: RunArgument) -> str:
    if isinstance(run, Classifier):
        return run.header.network
    path = Path(name_run(run)).absolute()
    return path.name if path.is_dir() else f"{path.parent.name}/{path.name}"


def _command(
    run: RunArgument,
    image: ImageArgument | None,
    *,
    index: int,
    data: DataArgument | None,
    place: Sequence[int] | None,
    framework: str,
) -> str:
    if isinstance(run, Classifier):
        return ""
    words = ["inkwise", "inspect", name_run(run)]
    if isinstance(image, str | os.PathLike):
        words.append(str(image))
    elif image is not None:
        return ""
    else:
        words += ["--index", str(index)]
    words += ["--data", str(data)] if isinstance(data, str | os.PathLike) else []
    words += ["--place", ",".join(map(str, place))] if place is not None else []
    words += ["--framework", framework] if framework != "torch" else []
    return shlex.join(words)


def explain_training_step(run: RunArgument, *, data: DataArgument | None = None) -> str:
    """Return the training step of a run as plain PyTorch, a program with its numbers as comments.

    Args:
        run: a run folder, a classifier.safetensors file, a Run or a Classifier.
        data: what load_dataset takes; None takes the set the run was trained on.
    Raises:
        InkwiseError: the run or the data cannot be read.
    """
    from inkwise.inspection.step.explain import explain_step

    opened = as_run(run)
    if opened is not None and framework_of(opened) != "torch":
        raise RunError(
            f"{opened.path}: trained in TensorFlow, expected a run of PyTorch, whose step is printed; "
            "the step in TensorFlow is src/inkwise/tensorflow/step.py"
        )
    classifier = open_classifier(run)
    dataset = load_dataset(trained_on(classifier, run) if data is None else data)
    return str(explain_step(classifier if opened is None else opened, dataset))
