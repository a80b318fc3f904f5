"""How well each class is recognised."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from inkwise.evaluation.evaluate import ClassEvaluation
from inkwise.figures import style

_ROOMY = 20  # classes; more of them are drawn closer together


def render_class_scores(per_class: Sequence[ClassEvaluation]) -> Figure:
    """Return precision and recall of each class as two dots on one line, classes from top to bottom.

    The axis starts below the worst score, not at 0: dots, unlike bars, do not lie by that.
    """
    rows, pitch = range(len(per_class)), 0.38 if len(per_class) <= _ROOMY else 0.24
    precision = [scores.precision for scores in per_class]
    recall = [scores.recall for scores in per_class]
    figure = style.new_figure(height=max(2.6, 1.0 + pitch * len(per_class)))
    axes = figure.add_subplot()
    axes.hlines(rows, precision, recall, color=style.INK, alpha=0.35, linewidth=2)
    axes.plot(
        precision, rows, "o", color=style.BLUE, clip_on=False, label="precision: of those called so, right"
    )
    axes.plot(
        recall,
        rows,
        "D",
        color=style.ORANGE,
        markersize=5,
        clip_on=False,
        label="recall: of those that are, found",
    )
    axes.set_yticks(rows, [scores.class_name for scores in per_class], parse_math=False)
    axes.set_ylim(len(per_class) - 0.5, -0.5)
    lowest = min(precision + recall)
    axes.set_xlim(max(0.0, lowest - 0.1 * (1 - lowest)) - 0.001, 1.003)
    style.count_percent(axes.xaxis)
    style.add_key(axes, columns=1)
    style.dress_axes(axes, x_label="", y_label="")
    return figure
