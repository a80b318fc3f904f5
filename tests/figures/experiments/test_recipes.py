"""Pictures of recipes side by side put each stage, time and accuracy where it belongs."""

import pytest
from matplotlib.text import Text

from inkwise.figures.experiments.recipes import Point, StageBar, render_against, render_stages

BARS = [
    StageBar("quick", {"load": 1.0, "forward": 2.0, "rest": 1.0}),
    StageBar("plain", {"load": 1.0, "forward": 99.0}),
]


def test_parts_of_a_bar_are_its_shares_end_to_end() -> None:
    """quick: a quarter, a half and a quarter of 4 s."""
    axes = render_stages(BARS).axes[0]
    load, forward, rest = axes.containers
    assert [(one[0].get_x(), one[0].get_width()) for one in (load, forward, rest)] == [
        (0.0, 0.25), (0.25, 0.5), (0.75, 0.25),
    ]  # fmt: skip
    assert [one[1].get_x() + one[1].get_width() for one in (load, forward, rest)] == pytest.approx(
        [0.01, 1, 1]
    )


def test_bar_says_its_shares_and_its_seconds() -> None:
    """1 of 100 s is too narrow to say so."""
    axes = render_stages(BARS).axes[0]
    assert sorted(text.get_text() for text in axes.texts) == ["100 s", "25%", "25%", "4 s", "50%", "99%"]
    legend = axes.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["load", "forward", "rest"]


POINTS = [
    Point("quick", "ours", 1.5, 0.99, spread=(1.0, 2.0), accuracies=(0.98, 0.995)),
    Point("plain", "plain", 600.0, 0.992, curve=[(40.0, 0.98), (600.0, 0.992)]),
]


def test_points_stand_at_what_they_take_and_at_their_error_upside_down() -> None:
    axes = render_against(POINTS, x_label="seconds").axes[0]
    marks = {line.get_marker(): line for line in axes.lines if line.get_markersize() == 9}
    assert marks["o"].get_xdata() == [1.5]
    assert marks["o"].get_ydata() == pytest.approx([0.01])
    low, high = axes.get_ylim()
    assert low > 0.02 > 0.005 > high
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")


def test_ticks_are_words_of_accuracy() -> None:
    axes = render_against(POINTS, x_label="seconds").axes[0]
    say = axes.yaxis.get_major_formatter()
    assert [say(error) for error in (0.1, 0.005, 0.001)] == ["90%", "99.5%", "99.9%"]


def test_axis_says_that_it_is_logarithmic_and_has_ticks_near_one_accuracy() -> None:
    axes = render_against(
        [Point("a", "ours", 1.0, 0.985), Point("b", "ours", 2.0, 0.993)], x_label="seconds"
    ).axes[0]
    low, high = sorted(axes.get_ylim())
    assert len([error for error in axes.yaxis.get_majorticklocs() if low <= error <= high]) >= 4
    assert axes.get_ylabel() == "test images named rightly (log scale of errors)"


def test_spread_and_way_there_are_lines() -> None:
    axes = render_against(POINTS, x_label="seconds").axes[0]
    drawn = [(list(line.get_xdata()), [round(y, 4) for y in line.get_ydata()]) for line in axes.lines]
    assert ([1.0, 2.0], [0.01, 0.01]) in drawn
    assert ([1.5, 1.5], [0.02, 0.005]) in drawn
    assert ([40.0, 600.0], [0.02, 0.008]) in drawn


def test_perfect_accuracy_has_a_place_on_the_axis() -> None:
    axes = render_against([Point("all", "ours", 1.0, 1.0)], x_label="seconds").axes[0]
    assert axes.lines[-1].get_ydata() == [0.0003]


def test_names_of_neighbours_do_not_touch() -> None:
    points = [Point(f"name {number}", "ours", 10.0, 0.99) for number in range(4)]
    figure = render_against([*points, Point("far", "ours", 1.0, 0.5)], x_label="parameters")
    figure.draw_without_rendering()
    # That of an Annotation would take its arrow in.
    boxes = [Text.get_window_extent(text) for text in figure.axes[0].texts]
    assert len(boxes) == 5
    assert not any(one.overlaps(other) for place, one in enumerate(boxes) for other in boxes[:place])
