"""inspection.html: one page that needs no network and runs no script, and the figures beside it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from inkwise.figures.inspection.answer import render_answer
from inkwise.figures.inspection.arithmetic import render_arithmetic
from inkwise.figures.inspection.attribution import render_attributions
from inkwise.figures.inspection.first_weights import render_first_weights
from inkwise.figures.inspection.layer import render_layer
from inkwise.figures.inspection.neighbours import render_neighbours
from inkwise.inspection.recording.summaries import say_shape
from inkwise.reports.inspection import words
from inkwise.reports.inspection.plates import Plate, PlateFolder, open_folder
from inkwise.reports.page import render_page

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from inkwise.inspection.inspect import Inspection
    from inkwise.inspection.layers import LayerView

PAGE_NAME = "inspection.html"


@dataclass(frozen=True)
class Subject:
    """What an inspection is of, as its page tells it.

    Attributes:
        network: the run's or module's name.
        image: where the image is from, such as "test image 0 of mnist".
        command: what makes the page again; "" where no command does.
        original: (H, W) uint8, the picture that a file held; None for an image of a data set.
        was_examined: whether the doctor looked at all.
        preprocessing: in words, what was done to the pixels.
    """

    network: str
    image: str
    command: str = ""
    original: NDArray[np.uint8] | None = None
    was_examined: bool = True
    preprocessing: str = ""


@dataclass(frozen=True)
class LayerSection:
    """One layer in the page; plate is None where output and input are equal and there is nothing to see."""

    view: LayerView
    anchor: str
    summary: str
    shape: str
    line: str
    lesson: str
    dead: str
    plate: Plate | None
    large: int | None


def write_inspection(inspection: Inspection, folder: Path, *, subject: Subject) -> Path:
    """Write inspection.html and PNG and SVG of each figure into folder, and return the page's path.

    Raises:
        OutputError: a file cannot be written.
    """
    with open_folder(folder) as plates:
        page = _render(inspection, plates, subject=subject)
        plates.write(PAGE_NAME, page)
    return folder / PAGE_NAME


def _render(inspection: Inspection, plates: PlateFolder, *, subject: Subject) -> str:
    told: set[str] = set()
    layers = [_layer_section(view, inspection, plates, told=told) for view in inspection.layers]
    return render_page(
        "inspection.html",
        subject=subject,
        inspection=inspection,
        words=words,
        answer=inspection.classes[inspection.prediction],
        answer_plate=_draw_answer(inspection, plates, subject),
        findings=list(inspection.findings) if subject.was_examined else None,
        layers=layers,
        has_dead=any(layer.dead for layer in layers),
        num_parameters=sum(view.num_parameters for view in inspection.layers),
        arithmetic=_draw_arithmetic(inspection, plates),
        first_weights=_draw_first_weights(inspection, plates),
        attributions=_draw_attributions(inspection, plates),
        neighbours=_draw_neighbours(inspection, plates),
    )


def _layer_section(
    view: LayerView, inspection: Inspection, plates: PlateFolder, *, told: set[str]
) -> LayerSection:
    """Draw and describe a layer; a lesson in told is not repeated, and a new one is added there."""
    plate = None
    if not torch.equal(view.input, view.output):
        figure = render_layer(view, class_names=inspection.classes)
        name = f"layer-{view.index:02}-{_file_word(view.kind)}"
        plate = plates.add(figure, name=name, subject=f"Layer {view.index}, {view.kind}")
    lesson = words.explain_layer(view)
    is_new = lesson not in told
    told.add(lesson)
    has_kernels = view.weight is not None and view.weight.ndim == 4 and view.weight.shape[1] > 1
    return LayerSection(
        view=view,
        anchor=f"layer-{view.index}",
        summary=words.say_summary(view),
        shape=say_shape(view.output.shape, view.axes),
        line=words.say_layer(view),
        lesson=lesson if is_new else "",
        dead=words.say_dead(view),
        plate=plate,
        large=1 if has_kernels else None,
    )


def _file_word(kind: str) -> str:
    return "".join(letter for letter in kind.lower() if letter.isalnum() or letter == "_")


def _draw_answer(inspection: Inspection, plates: PlateFolder, subject: Subject) -> Plate:
    figure = render_answer(
        inspection.image,
        inspection.probabilities.tolist(),
        inspection.classes,
        original=subject.original,
    )
    return plates.add(figure, name="answer", subject="The image and the answer")


def _draw_arithmetic(inspection: Inspection, plates: PlateFolder) -> Plate | None:
    arithmetic = inspection.arithmetic
    if arithmetic is None:
        return None
    view = next(view for view in inspection.layers if view.name == arithmetic.layer)
    figure = render_arithmetic(arithmetic, view)
    return plates.add(figure, name="arithmetic", subject="One value worked out")


def _draw_first_weights(inspection: Inspection, plates: PlateFolder) -> Plate | None:
    weights = inspection.first_weights
    if weights is None or weights.shape[1:] != inspection.image.shape:
        return None  # kernels are shown with their layer
    return plates.add(render_first_weights(weights), name="first-weights", subject="First weights")


def _draw_attributions(inspection: Inspection, plates: PlateFolder) -> Plate | None:
    if not inspection.attributions:
        return None
    figure = render_attributions(inspection.image, inspection.attributions, inspection.classes)
    return plates.add(figure, name="attributions", subject="Which pixels move the answer")


def _draw_neighbours(inspection: Inspection, plates: PlateFolder) -> Plate | None:
    images, labels = inspection.neighbour_images, inspection.neighbour_labels
    if inspection.neighbours is None or images is None or labels is None:
        return None
    figure = render_neighbours(
        inspection.neighbours,
        images,
        labels.tolist(),
        image=inspection.image,
        classes=inspection.classes,
    )
    return plates.add(figure, name="neighbours", subject="Nearest training images")
