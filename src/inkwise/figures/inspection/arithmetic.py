"""One output worked out by hand, drawn so that a class can follow it: patch x kernel, + bias, = value."""

import numpy as np
from torch import Tensor

from inkwise.figures import style
from inkwise.figures.inspection.panels.panel import LEFT, SIDE, TOP, Panel, new_panels
from inkwise.figures.inspection.panels.plot import Plot
from inkwise.figures.inspection.panels.scale import (
    Scale,
    Values,
    even_scale,
    grey_scale,
    say_value,
    signed_scale,
)
from inkwise.figures.inspection.panels.vector import draw_vector
from inkwise.inspection.arithmetic import PixelArithmetic
from inkwise.inspection.layers import LayerView
from inkwise.inspection.recording.summaries import TIMES

_MOST_NUMBERED = 7  # cells of a side; the numbers of more could not be read
# Not style.INK: these words stand on cells, whose colours a dark page does not change.
_ON_LIGHT, _ON_DARK = "#111111", "#ffffff"


def render_arithmetic(arithmetic: PixelArithmetic, view: LayerView) -> style.Picture:
    """Return how one output comes about: input, patch, kernel, products, sum, output.

    Of several input channels the one is drawn whose products weigh most; the sum names the others.

    Args:
        arithmetic: of inkwise.inspection.arithmetic.pixel_arithmetic.
        view: the layer it is of.
    """
    has_place = view.geometry is not None
    figure, panels = new_panels(5 + has_place, columns=3)
    channel = _heaviest_channel(arithmetic)
    if has_place:
        _draw_place(panels.pop(0), view, arithmetic, channel=channel)
    steps = zip(_planes(arithmetic, channel), _headings(arithmetic, channel), panels[:3], strict=True)
    for (plane, scale), (title, detail), panel in steps:
        panel.head(title, detail)
        _draw_plane(panel, plane, scale)
    _write_sum(panels[3], arithmetic, channel=channel)
    _draw_output(panels[4], view, arithmetic)
    return figure


def _heaviest_channel(arithmetic: PixelArithmetic) -> int:
    if arithmetic.products.ndim != 3:
        return 0
    return int(arithmetic.products.sum(dim=(1, 2)).abs().argmax())


def _planes(arithmetic: PixelArithmetic, channel: int) -> list[tuple[Values, Scale]]:
    """Return patch, kernel and products as (rows, columns) or (features,), each with its scale."""
    patch, kernel, products = (
        _plane(tensor, channel) for tensor in (arithmetic.patch, arithmetic.kernel, arithmetic.products)
    )
    is_picture = arithmetic.patch.shape[0] in (1, 28 * 28)
    shade = grey_scale if is_picture else even_scale
    return [(patch, shade(patch)), (kernel, signed_scale(kernel)), (products, signed_scale(products))]


def _plane(tensor: Tensor, channel: int) -> Values:
    values = np.asarray(tensor.detach().numpy(), dtype=np.float32)
    if values.ndim == 3:
        plane: Values = values[channel]
        return plane
    picture: Values = values.reshape(28, 28) if values.size == 28 * 28 else values
    return picture


def _headings(arithmetic: PixelArithmetic, channel: int) -> list[tuple[str, str]]:
    if arithmetic.row is None:
        unit = f"unit {arithmetic.channel}"
        count = f"{arithmetic.patch.numel():,}"
        return [
            ("1  Input", f"all {count} values"),
            ("2  Weights", f"{count} of {unit}"),
            ("3  Products", f"input {TIMES} weight, place by place"),
        ]
    of_channel = f", input channel {channel}" if len(arithmetic.patch) > 1 else ""
    return [
        ("1  Patch", f"what the kernel sees{of_channel}"),
        ("2  Kernel", f"of output channel {arithmetic.channel}{of_channel}"),
        ("3  Products", f"patch {TIMES} kernel, place by place"),
    ]


def _draw_plane(panel: Panel, plane: Values, scale: Scale) -> None:
    if plane.ndim == 1:
        draw_vector(panel, plane)
        return
    plot = panel.image(scale.paint(plane))
    if max(plane.shape) <= _MOST_NUMBERED:
        _write_cells(plot, plane, scale)
    panel.scale(scale, top=plot.bottom - panel.y + 0.1)


def _write_cells(plot: Plot, plane: Values, scale: Scale) -> None:
    is_light = style.is_light(scale.paint(plane)[..., :3] / 255)
    size = min(11.0, 50 / max(plane.shape))
    for (row, column), value in np.ndenumerate(plane):
        colour = _ON_LIGHT if is_light[row, column] else _ON_DARK
        plot.word(_two_decimals(float(value)), x=column, y=row, size=size, colour=colour)


def _two_decimals(value: float) -> str:
    text = f"{value:.2f}"
    return "0.00" if text == "-0.00" else text.replace("-", "\N{MINUS SIGN}")


def _draw_place(panel: Panel, view: LayerView, arithmetic: PixelArithmetic, *, channel: int) -> None:
    """Draw the input with a frame around the patch."""
    assert view.geometry is not None
    assert arithmetic.row is not None
    assert arithmetic.column is not None
    values = np.asarray(view.input.detach().numpy(), dtype=np.float32)
    first = arithmetic.channel * view.geometry.groups // view.output.shape[0] * len(arithmetic.patch)
    plane = values[first + channel]
    scale = grey_scale(plane) if len(values) == 1 else even_scale(plane)
    plot = panel.image(scale.paint(plane))
    left, _, top, _ = view.geometry.padding
    row = arithmetic.row * view.geometry.stride[0] - top
    column = arithmetic.column * view.geometry.stride[1] - left
    height, width = (
        rate * (size - 1) + 1
        for rate, size in zip(view.geometry.dilation, arithmetic.patch.shape[1:], strict=True)
    )
    _frame(plot, row=row, column=column, height=height, width=width)
    panel.head(
        "Input", f"the frame: rows {row} to {row + height - 1}, columns {column} to {column + width - 1}"
    )
    panel.scale(scale, top=plot.bottom - panel.y + 0.1)


def _draw_output(panel: Panel, view: LayerView, arithmetic: PixelArithmetic) -> None:
    """Draw the output with a frame around the value that was worked out."""
    values = np.asarray(view.output.detach().numpy(), dtype=np.float32)
    if values.ndim == 1:
        panel.head("5  Output", f"unit {arithmetic.channel} of {len(values):,} is this value")
        draw_vector(panel, values, marked=arithmetic.channel)
        return
    plane = values[arithmetic.channel]
    scale = even_scale(plane)
    plot = panel.image(scale.paint(plane))
    row, column = arithmetic.row or 0, arithmetic.column or 0
    _frame(plot, row=row, column=column, height=1, width=1)
    panel.head("5  Output", f"channel {arithmetic.channel}; the frame: row {row}, column {column}")
    panel.scale(scale, top=plot.bottom - panel.y + 0.1)


def _frame(plot: Plot, *, row: int, column: int, height: int, width: int) -> None:
    corner = (column - 0.5, row - 0.5)
    for colour, line in (("white", 4.0), (style.ORANGE, 2.0)):  # white below, to be seen on any colour
        plot.frame(corner=corner, width=width, height=height, colour=colour, line=line)


def _write_sum(panel: Panel, arithmetic: PixelArithmetic, *, channel: int) -> None:
    products = arithmetic.products.double()
    panel.head("4  Sum", "all products, and the bias")
    lines = [(f"{products.numel():,} products", float(products.sum()))]
    if products.ndim == 3 and len(products) > 1:
        drawn = float(products[channel].sum())
        others = f"{len(products) - 1} other channels"
        lines = [(f"products of channel {channel}", drawn), (others, float(products.sum()) - drawn)]
    lines.append(("bias", arithmetic.bias))
    top = TOP + 0.22
    for place, (words, value) in enumerate(lines):
        _write_term(panel, "+" if place else "", words=words, value=value, top=top)
        top += 0.36
    _rule(panel, top=top - 0.14)
    _write_term(panel, "=", words="value", value=arithmetic.value, top=top + 0.08, weight="bold")
    panel.write("The layer itself put out", left=LEFT, top=top + 0.62)
    panel.write(_exact(arithmetic.recorded), left=LEFT + SIDE, top=top + 0.62, align="right")
    difference = abs(arithmetic.value - arithmetic.recorded)
    panel.write(f"apart by {say_value(difference)}, float32's rounding", left=LEFT, top=top + 0.86)


def _write_term(
    panel: Panel, sign: str, *, words: str, value: float, top: float, weight: str = "normal"
) -> None:
    size = style.FONT_SIZE + 1
    panel.write(sign, left=LEFT, top=top, size=size, weight=weight)
    panel.write(words, left=LEFT + 0.22, top=top, size=size, weight=weight)
    panel.write(_exact(value), left=LEFT + SIDE, top=top, size=size, align="right", weight=weight)


def _rule(panel: Panel, *, top: float) -> None:
    panel.plot(top=top, height=0.02).line(y=0.5, colour=style.INK, alpha=1)


def _exact(value: float) -> str:
    return f"{value:.4f}".replace("-", "\N{MINUS SIGN}")
