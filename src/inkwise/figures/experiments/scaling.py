"""The picture of time and memory as the number of images grows."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullFormatter

from inkwise.figures import style

_COLOURS = (style.BLUE, style.ORANGE, style.GREEN)
_MARKS = ("o", "s", "^", "D")


@dataclass(frozen=True)
class GrowthPoint:
    """One measurement of render_growth.

    Attributes:
        task: what was done, as the key names it.
        num_threads: of it.
        num_images: 1 or more.
        seconds: above 0.
        num_bytes: of memory, above 0.
    """

    task: str
    num_threads: int
    num_images: int
    seconds: float
    num_bytes: int


def render_growth(points: Sequence[GrowthPoint]) -> style.Picture:
    """Return time and memory against images, both axes logarithmic, a line a task and number of threads.

    A grey line shows what ten times the time for ten times the images looks like, another the images
    themselves as bytes, where memory would be if they were held in it.
    """
    figure = style.new_figure(width=9, height=4.2)
    time, memory = figure.subplots(1, 2)
    sizes = sorted({point.num_images for point in points})
    for axes in (time, memory):
        axes.set_xscale("log")
        axes.set_yscale("log")
    first = min(points, key=lambda point: (point.num_images, point.seconds))
    _dash(time, sizes, [first.seconds / 2 * size / sizes[0] for size in sizes], label="proportional")
    _dash(memory, sizes, [784 * size / 1e6 for size in sizes], label="the images alone")
    groups = sorted({(point.task, point.num_threads) for point in points})
    tasks = sorted({task for task, _ in groups})
    for number, (task, threads) in enumerate(groups):
        own = sorted(
            (p for p in points if (p.task, p.num_threads) == (task, threads)), key=lambda p: p.num_images
        )
        look = {
            "color": _COLOURS[tasks.index(task) % len(_COLOURS)],
            "marker": _MARKS[number % len(_MARKS)],
            "linestyle": "-" if threads == groups[0][1] else "--",
            "label": f"{task}, {threads} thread{'' if threads == 1 else 's'}",
        }
        x = [point.num_images for point in own]
        time.plot(x, [point.seconds for point in own], **look)
        memory.plot(x, [point.num_bytes / 1e6 for point in own], **look)
    style.dress_axes(time, x_label="images", y_label="wall time, seconds")
    style.dress_axes(memory, x_label="images", y_label="own memory at its peak, MB")
    for axes in (time, memory):
        _plain_numbers(axes, sizes)
        style.add_key(axes, columns=2)
    return figure


def _dash(axes: Axes, x: Sequence[float], y: Sequence[float], *, label: str) -> None:
    axes.plot(x, y, color=style.INK, alpha=0.45, linestyle=":", linewidth=1.6, label=label, zorder=0)


def _plain_numbers(axes: Axes, sizes: Sequence[int]) -> None:
    """Write numbers as people do, and of the images only the sizes measured."""
    axes.set_xticks(sizes, [_short(size) for size in sizes])
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())


def _short(number: float) -> str:
    for unit, word in ((1e6, " million"), (1e3, ",000")):
        if number >= unit and number % unit == 0:
            return f"{number / unit:g}{word}"
    return f"{number:,.0f}"
