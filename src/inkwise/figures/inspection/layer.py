"""One layer at work: what comes in, what it holds, what goes out, and how the values are spread."""

from collections.abc import Sequence

import numpy as np
from torch import Tensor

from inkwise.figures import style
from inkwise.figures.inspection.panels.mosaic import MOST_TILES
from inkwise.figures.inspection.panels.panel import SIDE, TOP, Panel, new_panels
from inkwise.figures.inspection.panels.scale import Values, even_scale, grey_scale, say_value
from inkwise.figures.inspection.panels.values import draw_values
from inkwise.figures.inspection.panels.vector import draw_vector
from inkwise.figures.inspection.panels.weights import draw_weights
from inkwise.inspection.layers import LayerView
from inkwise.inspection.recording.summaries import say_shape

_FEWEST_SPREAD = 30  # values; fewer are seen one by one as bars
_WIDEST_NOTE = 42  # letters below a panel


def render_layer(view: LayerView, *, class_names: Sequence[str] | None = None) -> style.Picture:
    """Return input, weights (where there are any), output and the spread of its values, side by side.

    All channels of one picture share one scale, which is written below it, over their true range.

    Args:
        view: of inkwise.inspection.layers.view_layers.
        class_names: K names, for a layer whose output has one value a class.
    """
    output, before = _values(view.output), _values(view.input)
    parts = ["input"] * bool(before.size) + ["output"]
    if view.weight is not None and view.weight.ndim in (1, 2, 4):
        parts.insert(-1, "weights")
    if output.size >= _FEWEST_SPREAD:
        parts.append("values")
    figure, panels = new_panels(len(parts))
    for part, panel in zip(parts, panels, strict=True):
        if part == "input":
            _draw_side(panel, view, is_output=False, class_names=class_names)
        elif part == "weights" and view.weight is not None:
            draw_weights(panel, _values(view.weight))
        elif part == "output":
            _draw_side(panel, view, is_output=True, class_names=class_names)
        else:
            draw_values(panel, output, before=before if _is_alike(view) else None)
    return figure


def _is_alike(view: LayerView) -> bool:
    """Return whether input and output are values of one kind, as of an activation or pooling."""
    return view.weight is None and "softmax" not in view.kind.lower() and view.input.ndim == view.output.ndim


def _draw_side(panel: Panel, view: LayerView, *, is_output: bool, class_names: Sequence[str] | None) -> None:
    """Draw what came in or what went out: channels as a mosaic, all else as bars."""
    tensor, axes = (view.output, view.axes) if is_output else (view.input, view.input_axes)
    values, shape = _values(tensor), say_shape(tensor.shape, axes)
    title = "Output" if is_output else "Input"
    if values.ndim == 2 and "row" in axes:
        values = values[None]
    if values.ndim == 3 and max(values.shape[1:]) > 1:
        panel.head(title, shape)
        is_picture = view.index == 0 and not is_output and len(values) == 1
        scale = grey_scale(values) if is_picture else even_scale(values)
        bottom = panel.mosaic(scale.paint(values[:MOST_TILES]))
        panel.scale(scale, top=bottom + 0.1)
        if len(values) > MOST_TILES:
            panel.note(f"the first {MOST_TILES} channels", top=bottom)
        return
    panel.head(title, shape)
    names = class_names if axes == ("class",) and class_names and len(class_names) == values.size else None
    draw_vector(panel, values.reshape(-1), names=names)
    if is_output and names is not None:
        panel.note(*_say_largest(view, names), top=TOP + SIDE - 0.46)


def _say_largest(view: LayerView, names: Sequence[str]) -> list[str]:
    """Return which class has the largest value, and of a softmax the sum of the values, in lines that fit."""
    best = int(view.output.argmax())
    words = f"largest (argmax): {names[best]}, {say_value(float(view.output[best]))}"
    if "softmax" not in view.kind.lower():
        return [words]
    is_log = "log" in view.kind.lower()
    total = float((view.output.double().exp() if is_log else view.output.double()).sum())
    line = f"{words}; {'sum of exp' if is_log else 'sum'} {total:.6f}"
    return [line] if len(line) <= _WIDEST_NOTE else line.split("; ")


def _values(tensor: Tensor) -> Values:
    return np.asarray(tensor.detach().numpy(), dtype=np.float32)
