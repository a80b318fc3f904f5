"""The training images that look most alike to the network, with their labels and distances."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from inkwise.figures import style
from inkwise.figures.inspection.panels.panel import LEFT, SIDE, TOP, Panel, new_panels
from inkwise.figures.inspection.panels.scale import Scale
from inkwise.inspection.neighbours import Neighbours

_PER_PANEL = 4
_GREY = Scale("gray", 0, 255)


def render_neighbours(
    neighbours: Neighbours,
    images: NDArray[np.uint8],
    labels: Sequence[int],
    *,
    image: NDArray[np.uint8],
    classes: Sequence[str],
) -> style.Picture:
    """Return image and its neighbours, the nearest first.

    Args:
        neighbours: k of them.
        images: (k, 28, 28) uint8, theirs.
        labels: k class numbers, theirs.
        image: (28, 28) uint8, the one they are near to.
        classes: K names.
    """
    count = -(-len(images) // _PER_PANEL)
    figure, panels = new_panels(1 + count)
    panels[0].head("The image", "as the network is given it")
    panels[0].image(_GREY.paint(image.astype(np.float32)), framed=True)
    distances = neighbours.distances.tolist()
    for place, panel in enumerate(panels[1:]):
        first, last = _PER_PANEL * place, min(_PER_PANEL * (place + 1), len(images))
        panel.head("Nearest" if not place else "Next", f"{first + 1} to {last}, with label and distance")
        for number in range(first, last):
            words = f"{classes[labels[number]]}, {distances[number]:.2f}"
            _draw_small(panel, images[number], words=words, corner=number - first)
    return figure


def _draw_small(panel: Panel, image: NDArray[np.uint8], *, words: str, corner: int) -> None:
    side = 1.14
    left = LEFT + corner % 2 * (SIDE - side)
    top = TOP + corner // 2 * (side + 0.36)
    colours = _GREY.paint(image.astype(np.float32))
    panel.picture(colours, left=left, top=top, width=side, height=side)
    panel.write(words, left=left, top=top + side + 0.13)
