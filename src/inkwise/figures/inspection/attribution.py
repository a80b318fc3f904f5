"""Which pixels move the answer: signed maps beside the image, unscaled, each with its own numbers."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from inkwise.figures import style
from inkwise.figures.inspection.panels.panel import SIDE, TOP, new_panels
from inkwise.figures.inspection.panels.plot import Plot
from inkwise.figures.inspection.panels.scale import Scale, signed_scale
from inkwise.inspection.attribution import Attribution
from inkwise.inspection.recording.summaries import TIMES


def render_attributions(
    image: NDArray[np.uint8], attributions: Sequence[Attribution], classes: Sequence[str]
) -> style.Picture:
    """Return the image and each attribution side by side, red for the answer and blue against it.

    Nothing is scaled, cut or made positive: the numbers below each map are its own, in log-odds.

    Args:
        image: (28, 28) uint8.
        attributions: one or more.
        classes: K names.
    """
    figure, panels = new_panels(1 + len(attributions))
    panels[0].head("The image", f"{image.shape[0]} rows {TIMES} {image.shape[1]} columns")
    grey = Scale("gray", 0, 255)
    panels[0].image(grey.paint(image.astype(np.float32)), framed=True)
    panels[0].scale(grey, top=TOP + SIDE + 0.1)
    for attribution, panel in zip(attributions, panels[1:], strict=True):
        values = np.asarray(attribution.values.detach().numpy(), dtype=np.float32)
        scale = signed_scale(values)
        title = attribution.method[:1].upper() + attribution.method[1:]
        panel.head(title, f"for the answer {classes[attribution.target]}")
        _outline(panel.image(scale.paint(values)), image)
        panel.scale(scale, top=TOP + SIDE + 0.1)
        panel.note(*_say_checks(attribution), top=TOP + SIDE)
    return figure


def _outline(plot: Plot, image: NDArray[np.uint8]) -> None:
    """Draw where the ink ends, so that a map can be read against the figure it is about."""
    plot.outline(image, level=127, colour=style.INK)


def _say_checks(attribution: Attribution) -> list[str]:
    lines = ["in log-odds of the answer"]
    if attribution.completeness_error is not None:
        lines.append(f"their sum is off by {attribution.completeness_error:.2g}")
    if attribution.agreement_with_random is not None:
        agreement = f"{attribution.agreement_with_random:.2f}".replace("-", "\N{MINUS SIGN}")
        lines.append(f"agreement with an untrained network: {agreement}")
    return lines
