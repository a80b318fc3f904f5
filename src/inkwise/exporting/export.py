"""The whole of `inkwise export`: from a RUN to one file, proved to answer alike before it is written."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import onnx
from pydantic import BaseModel, ConfigDict

from inkwise.errors import ExportError, OutputError, unknown_name
from inkwise.exporting.int8 import Quantised, judge_int8, quantise
from inkwise.exporting.onnx_graph import build_onnx
from inkwise.exporting.opened import (
    ExportedClassifier,
    Opened,
    Precision,
    in_words,
    open_for_export,
    with_titles_apart,
)
from inkwise.exporting.page import build_page, put_in_page
from inkwise.exporting.prove import (
    Speed,
    answer_of_onnx,
    check_equal,
    compare_answers,
    measure_pytorch,
    measure_speed,
)
from inkwise.exporting.torch_program import answer_of_program, build_torch_program
from inkwise.files import write_atomically
from inkwise.runs.argument import DataArgument, RunArgument

Form = Literal["onnx", "page", "torch"]
_SUFFIXES: dict[str, tuple[str, ...]] = {"onnx": (".onnx",), "page": (".html", ".htm"), "torch": (".pt2",)}


class Export(BaseModel):
    """What was exported; model_dump() is what `inkwise export --json` prints.

    Attributes:
        path: of the file.
        to: its form.
        size_bytes: of the file.
        classifiers: in it; several only in a page.
        speeds: of the file's runtime and of PyTorch; none for a page, which runs in a browser.
        int8: what eight bits cost; None without them.
    """

    model_config = ConfigDict(frozen=True)

    path: str
    to: Form
    size_bytes: int
    classifiers: list[ExportedClassifier]
    speeds: list[Speed]
    int8: Quantised | None = None


@dataclass(frozen=True)
class _Made:
    """A file's content and what was found of it."""

    content: bytes
    classifiers: list[ExportedClassifier]
    speeds: list[Speed]
    int8: Quantised | None = None


def export(
    run: RunArgument,
    path: str | os.PathLike[str],
    *,
    to: Form,
    beside: Sequence[RunArgument] = (),
    int8: bool = False,
    data: DataArgument | None = None,
) -> Export:
    """Write a classifier to one file with its preprocessing inside, proved equal before it is written.

    "onnx" takes uint8 images (N, 28, 28) and gives probabilities (N, K) and classes (N,); "torch" is a
    program of torch.export that gives the probabilities; "page" is an HTML file in which one draws, and the
    network runs. On 1,000 images the file must give PyTorch's class for each and its probabilities within
    1e-5. A page holds weights in half precision where that moves no probability by more than 0.01 and the
    class of no more than one image in a hundred; int8 may move more.

    Args:
        run: a run folder, a classifier.safetensors file, a Run or a Classifier; "reader" is the one that
            ships with inkwise, unless there is a file of that name.
        path: the file, which ends in .onnx, .pt2 or .html; one that is there is replaced.
        to: the form.
        beside: more classifiers in the same page, to compare.
        int8: eight bits instead of 32, in ONNX; at most 0.1 points of the accuracy on validation images are
            given for it.
        data: what load_dataset takes, for the images; None takes what the classifier was trained on where
            that is on this machine, else images drawn by chance. The test part is not touched.
    Raises:
        ExportError: the file would answer otherwise, or the network or the options do not fit the form.
        OutputError: the file cannot be written.
        InkwiseError: the run or the data cannot be read.
    """
    target = _check_target(Path(path), to)
    _check_options(to, is_int8=int8, num_beside=len(beside))
    opened = with_titles_apart([open_for_export(one, data=data) for one in (run, *beside)])
    if to == "onnx":
        made = _make_onnx(opened[0], is_int8=int8)
    elif to == "torch":
        made = _make_torch(opened[0])
    else:
        made = _make_page(opened)
    write_atomically(target, made.content, option="the argument FILE")
    return Export(
        path=str(target), to=to, size_bytes=len(made.content), classifiers=made.classifiers,
        speeds=made.speeds, int8=made.int8,
    )  # fmt: skip


def _check_target(path: Path, to: str) -> Path:
    """Return path if it may be written: its ending guards a classifier or a picture from being replaced."""
    if to not in _SUFFIXES:
        raise ExportError(unknown_name("form", to, _SUFFIXES))
    suffixes = _SUFFIXES[to]
    if path.suffix.lower() not in suffixes:
        ending = f"ends in {path.suffix}" if path.suffix else "has no ending"
        raise OutputError(
            f"{path}: {ending}, expected {' or '.join(suffixes)} for --to {to}; "
            f"call it {path.stem or 'digits'}{suffixes[0]}"
        )
    if path.is_dir():
        raise OutputError(f"{path}: is a folder, expected the name of a file; choose another FILE")
    return path


def _check_options(to: Form, *, is_int8: bool, num_beside: int) -> None:
    if is_int8 and to != "onnx":
        raise ExportError(f"int8 with --to {to}, expected --to onnx; leave int8 out")
    if num_beside and to != "page":
        raise ExportError(
            f"{num_beside + 1} classifiers with --to {to}, expected one; export them one by one"
        )


def _make_onnx(opened: Opened, *, is_int8: bool) -> _Made:
    model = build_onnx(*in_words(opened))
    onnx.checker.check_model(model, full_check=True)
    content = model.SerializeToString()
    answer = answer_of_onnx(content)
    images, cost = opened.probe.images, None
    precision: Precision = "float32"
    difference = compare_answers(answer, opened.expected, images)
    check_equal(difference, name="the ONNX model")
    if is_int8:
        content = quantise(model, opened.probe)
        before, answer, precision = answer, answer_of_onnx(content), "int8"
        assert opened.probe.validation is not None
        cost = judge_int8(answer, before, opened.probe.validation)
        difference = compare_answers(answer, opened.expected, images)
    speeds = [
        measure_speed(answer, images, runtime="ONNX Runtime"),
        measure_pytorch(opened.classifier, images),
    ]
    return _Made(content, [opened.tell(difference, precision)], speeds, cost)


def _make_torch(opened: Opened) -> _Made:
    content = build_torch_program(opened.classifier)
    answer, images = answer_of_program(content), opened.probe.images
    difference = compare_answers(answer, opened.expected, images)
    check_equal(difference, name="the program")
    speeds = [
        measure_speed(answer, images, runtime="torch.export"),
        measure_pytorch(opened.classifier, images),
    ]
    return _Made(content, [opened.tell(difference)], speeds)


def _make_page(opened: Sequence[Opened]) -> _Made:
    kept = [put_in_page(*in_words(one), expected=one.expected, images=one.probe.images) for one in opened]
    page = build_page(
        [(one.title, one.accuracy, held.content) for one, held in zip(opened, kept, strict=True)]
    )
    told = [one.tell(held.difference, held.precision) for one, held in zip(opened, kept, strict=True)]
    return _Made(page.encode(), told, [])
