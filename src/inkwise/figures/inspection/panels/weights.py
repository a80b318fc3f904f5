"""Weights as pictures: kernels, and matrices by their strongest weights."""

import numpy as np

from inkwise.figures.inspection.panels.mosaic import gap_of, lay_out
from inkwise.figures.inspection.panels.panel import (
    SIDE,
    TOP,
    Panel,
)
from inkwise.figures.inspection.panels.scale import Values, signed_scale
from inkwise.figures.inspection.panels.vector import draw_vector
from inkwise.inspection.recording.summaries import TIMES

_MOST_CELLS = 128  # of a matrix, along a side
_MOST_KERNELS = 64  # along a side


def draw_weights(panel: Panel, weight: Values) -> None:
    """Draw a layer's weights in panel, 0 in the middle of their scale.

    Kernels of one input channel stand where their output channels stand; else a row has the kernels of
    one output channel and a column those of one input channel.

    Args:
        panel: where.
        weight: (units,), (outputs, inputs) or (outputs, inputs, height, width).
    """
    scale = signed_scale(weight)
    if weight.ndim == 1:
        panel.head("Weights", f"{len(weight):,}")
        draw_vector(panel, weight)
        return
    if weight.ndim == 2:
        _draw_matrix(panel, weight)
        bottom = TOP + SIDE
    elif weight.shape[1] == 1:
        outputs, _, height, width = weight.shape
        panel.head("Weights", f"{outputs:,} kernels of {height}{TIMES}{width}")
        bottom = panel.mosaic(scale.paint(weight[:, 0]))
    else:
        bottom = _draw_kernels(panel, weight)
    panel.scale(scale, top=bottom + 0.1)


def _draw_matrix(panel: Panel, weight: Values) -> None:
    """Draw a matrix, a row an output; a large one by the strongest weight of each block."""
    blocks = [-(-size // _MOST_CELLS) for size in weight.shape]
    plot = panel.image(signed_scale(weight).paint(_strongest(weight, blocks)), stretch=True)
    panel.head("Weights", f"{weight.shape[0]:,} outputs (down) {TIMES} {weight.shape[1]:,} inputs")
    if max(blocks) > 1:
        panel.note(f"each dot the strongest of {blocks[0]}{TIMES}{blocks[1]} weights", top=TOP + SIDE)
    last_row, last_column = (size - 1 for size in weight.shape)
    panel.number_rows(plot, [(0, "0"), (last_row / blocks[0], f"{last_row:,}")])
    panel.number_columns(plot, [(0, "0"), (last_column / blocks[1], f"{last_column:,}")])


def _strongest(weight: Values, blocks: list[int]) -> Values:
    """Return the weight of largest size in each block, with its sign."""
    if max(blocks) == 1:
        return weight
    (rows, columns), (high, wide) = weight.shape, blocks
    padded = np.pad(weight, ((0, -rows % high), (0, -columns % wide)))
    cut = padded.reshape(padded.shape[0] // high, high, padded.shape[1] // wide, wide)
    highest, lowest = cut.max(axis=(1, 3)), cut.min(axis=(1, 3))
    strongest: Values = np.where(highest >= -lowest, highest, lowest)
    return strongest


def _draw_kernels(panel: Panel, weight: Values) -> float:
    """Draw kernels as a table, the longer side across; return how far down it reaches."""
    outputs, inputs, height, width = weight.shape
    is_wide = inputs >= outputs
    table = weight if is_wide else weight.swapaxes(0, 1)
    shown = table[:_MOST_KERNELS, :_MOST_KERNELS]
    rows, columns = shown.shape[:2]
    tiles = signed_scale(weight).paint(shown.reshape(-1, height, width))
    plot = panel.image(lay_out(tiles, columns=columns))
    across, down = ("inputs", "outputs") if is_wide else ("outputs", "inputs")
    across, down = f"{table.shape[1]:,} {across} (across)", f"{table.shape[0]:,} {down}"
    panel.head("Weights", f"{across} {TIMES} {down}, {height}{TIMES}{width} each")
    gap = gap_of(tiles)
    panel.number_columns(plot, _every(columns, (width + gap), (width - 1) / 2))
    panel.number_rows(plot, _every(rows, (height + gap), (height - 1) / 2))
    bottom = plot.bottom - panel.y
    if shown.size < weight.size:
        panel.note(f"the first {columns} across and {rows} down", top=bottom)
    return bottom


def _every(count: int, step: int, middle: float) -> list[tuple[float, str]]:
    spacing = next(size for size in (1, 2, 4, 5, 8, 10, 16) if count / size <= 8 or size == 16)
    return [(middle + place * step, str(place)) for place in range(0, count, spacing)]
