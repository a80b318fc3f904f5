"""What each unit of a first linear layer looks for, as a picture."""

import numpy as np
from torch import Tensor

from inkwise.figures import style
from inkwise.figures.inspection.panels.mosaic import MOST_TILES, count_columns, gap_of, lay_out
from inkwise.figures.inspection.panels.panel import (
    LEFT,
    TOP,
    WIDTH,
    new_sheet,
)
from inkwise.figures.inspection.panels.scale import signed_scale
from inkwise.inspection.recording.summaries import TIMES


def render_first_weights(weights: Tensor) -> style.Picture:
    """Return the weights of a first linear layer, each unit's as the 28x28 picture it looks for.

    Red pixels speak for the unit, blue ones against it; all share one scale.

    Args:
        weights: (units, 28, 28) float32.
    """
    values = np.asarray(weights.detach().numpy(), dtype=np.float32)
    scale = signed_scale(values)
    shown = values[:MOST_TILES]
    columns = count_columns(len(shown))
    columns = max(columns, min(16, len(shown)))
    rows = -(-len(shown) // columns)
    tiles = scale.paint(shown)
    sheet = lay_out(tiles, columns=columns)
    side = 3 * WIDTH - LEFT - 0.2
    height = side * sheet.shape[0] / sheet.shape[1]
    figure, (panel,) = new_sheet(1, width=3 * WIDTH, height=TOP + height + 0.5)
    first = f"the first {len(shown)} of " if len(shown) < len(values) else ""
    panel.head(
        "What each unit of the first layer looks for",
        f"{first}{len(values):,} units {TIMES} 28 {TIMES} 28 pixels",
    )
    plot = panel.picture(sheet, left=LEFT, top=TOP, width=side, height=height)
    step = tiles.shape[1] + gap_of(tiles)
    panel.number_columns(plot, [(13.5 + place * step, f"+{place}") for place in range(columns)])
    panel.number_rows(plot, [(13.5 + place * step, f"{place * columns}") for place in range(rows)])
    panel.scale(scale, top=TOP + height + 0.12)
    return figure
