"""Does the classifier know when it does not know? Calibration, and error against the share it answers."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from inkwise.evaluation.calibration import RejectCurve, RejectPoint
from inkwise.evaluation.intervals import wilson_interval
from inkwise.figures import style
from inkwise.metrics import CalibrationBins

_MOST_POINTS = 400  # of the reject curve; more would only make the file larger


def render_calibration(bins: CalibrationBins) -> Figure:
    """Return the reliability plot of bins: accuracy by confidence above, how many images below.

    Each dot has its Wilson 95 % interval, so that a bin of three images is not read as a finding.
    """
    figure = style.new_figure(height=4.2)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    above.plot(
        [0, 1], [0, 1], color=style.INK, alpha=0.5, linestyle="--", linewidth=1, label="as sure as right"
    )
    filled = [row for row in zip(*(column.tolist() for column in bins), strict=True) if row[0]]
    intervals = [wilson_interval(round(share * count), int(count)) for count, share, _, _ in filled]
    confidence, accuracy = [row[2] for row in filled], [row[1] for row in filled]
    below_dot = [share - low for share, (low, _) in zip(accuracy, intervals, strict=True)]
    above_dot = [high - share for share, (_, high) in zip(accuracy, intervals, strict=True)]
    above.errorbar(
        confidence,
        accuracy,
        yerr=(below_dot, above_dot),
        fmt="o",
        markersize=5,
        color=style.BLUE,
        elinewidth=1.2,
        label="this classifier, 95 % interval",
    )
    above.set_ylim(-0.02, 1.02)
    style.add_key(above)
    style.dress_axes(above, x_label="", y_label="images right")
    style.count_percent(above.yaxis)
    _draw_counts(below, bins)
    return figure


def _draw_counts(axes: Axes, bins: CalibrationBins) -> None:
    width = 1 / len(bins.counts)
    middles = [upper - width / 2 for upper in bins.upper.tolist()]
    axes.bar(middles, bins.counts.tolist(), width=0.9 * width, color=style.BLUE, alpha=0.55)
    axes.set_yscale("log")
    axes.set_ylim(bottom=0.7)
    axes.yaxis.set_major_locator(LogLocator(numticks=4))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.minorticks_off()
    axes.set_xlim(0, 1)
    style.count_percent(axes.xaxis)
    style.dress_axes(axes, x_label="confidence: the largest probability", y_label="images\n(log scale)")


def render_reject_curve(curve: RejectCurve, *, marked: Sequence[RejectPoint] = ()) -> Figure:
    """Return the picture of errors among the answered images by the share left to a person.

    Args:
        curve: from inkwise.evaluation.calibration.reject_curve.
        marked: points to show with a dot and their numbers.
    """
    figure = style.new_figure()
    axes = figure.add_subplot()
    left, error = (1 - curve.answered).flip(0).numpy(), curve.error.flip(0).numpy()
    widest = min(1.0, max([0.02, *(2 * (1 - point.answered) for point in marked)]))
    seen = left <= widest
    step = max(1, int(seen.sum()) // _MOST_POINTS)
    axes.plot(left[seen][::step], error[seen][::step], color=style.BLUE, linewidth=1.8)
    for point in marked:
        rejected = 1 - point.answered
        axes.plot([rejected], [point.error], "o", color=style.ORANGE, markersize=6)
        words = f"{rejected:.1%} left: {point.error:.2%} wrong\n(where at least {point.threshold:.1%} sure)"
        axes.annotate(
            words,
            (rejected, point.error),
            xytext=(8, 6),
            textcoords="offset points",
            fontsize=style.FONT_SIZE - 2,
            color=style.INK,
        )
    axes.set_xlim(0, widest)
    axes.set_ylim(bottom=0, top=max(axes.get_ylim()[1], 0.001))
    style.count_percent(axes.xaxis)
    style.count_percent(axes.yaxis)
    style.dress_axes(axes, x_label="left to a person, the least sure first", y_label="wrong among the rest")
    return figure
