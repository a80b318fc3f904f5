"""The labels that networks doubt most."""

from collections.abc import Sequence

from inkwise.data.dataset import Split
from inkwise.exploration.label_audit import PartAudit
from inkwise.figures.exploration.sheet import render_sheet
from inkwise.figures.percent import say_percent
from inkwise.figures.style import Picture

_MOST = 30
_COLUMNS, _COLUMNS_OF_LONG_NAMES, _LONG_NAME = 6, 4, 6


def render_suspects(audit: PartAudit, split: Split, classes: Sequence[str]) -> Picture:
    """Return the most doubtful images, 30 at most, with the label they have and the class they look like.

    Args:
        audit: with at least one suspect.
        split: the part it is of.
        classes: K names.
    """
    suspects = audit.suspects[:_MOST]
    captions = [
        f"image {suspect.index}\nlabel: {classes[suspect.label]}, {say_percent(suspect.probability)}\n"
        f"like: {classes[suspect.suggested]}, {say_percent(suspect.suggested_probability)}"
        for suspect in suspects
    ]
    columns = _COLUMNS if max(map(len, classes)) <= _LONG_NAME else _COLUMNS_OF_LONG_NAMES
    return render_sheet([split.images[suspect.index] for suspect in suspects], captions, columns=columns)
