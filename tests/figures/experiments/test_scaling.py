"""The picture of growth: a line a task and number of threads, on axes where proportional is straight."""

from inkwise.figures.experiments.scaling import GrowthPoint, render_growth


def test_growth_shows_time_and_memory_of_every_task() -> None:
    points = [
        GrowthPoint(task, threads, size, size / 1000 / threads, 3 * 10**8)
        for task in ("train", "predict")
        for threads in (1, 2)
        for size in (60_000, 600_000, 6_000_000)
    ]
    figure = render_growth(points)
    time, memory = figure.axes
    assert (time.get_xscale(), time.get_yscale(), memory.get_yscale()) == ("log", "log", "log")
    named = {line.get_label(): line for line in time.get_lines()}
    assert set(named) == {
        "proportional", "train, 1 thread", "train, 2 threads", "predict, 1 thread", "predict, 2 threads"
    }  # fmt: skip
    assert list(named["train, 2 threads"].get_ydata()) == [30, 300, 3000]
    own = {line.get_label(): line for line in memory.get_lines()}
    assert list(own["train, 1 thread"].get_ydata()) == [300, 300, 300]
    assert list(own["the images alone"].get_ydata()) == [47.04, 470.4, 4704]
    assert [text.get_text() for text in time.get_xticklabels()] == ["60,000", "600,000", "6 million"]
