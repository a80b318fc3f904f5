"""Pictures of experiments show each seed, each published value and each ratio where it belongs."""

import pytest

from inkwise.figures.experiments.studies import Ratio, StudyPoints, render_ratios, render_studies


def test_studies_show_a_dot_a_seed_and_a_diamond_for_the_published_one() -> None:
    axes = render_studies([StudyPoints("S3", [0.03, 0.04], 0.05), StudyPoints("S1", [0.1])]).axes[0]
    drawn = [
        (line.get_marker(), list(line.get_xdata()), list(line.get_ydata()))
        for line in axes.lines
        if line.get_marker() in ("o", "D") and len(line.get_xdata())
    ]
    assert drawn == [("o", [0.03, 0.04], [0, 0]), ("D", [0.05], [0]), ("o", [0.1], [1])]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["S3", "S1"]
    assert axes.get_xscale() == "log"


def test_studies_draw_a_perfect_seed_at_the_left_edge() -> None:
    """log(0) has no place on the axis."""
    axes = render_studies([StudyPoints("S3", [0.0, 0.01])]).axes[0]
    (dots,) = [line for line in axes.lines if line.get_marker() == "o" and len(line.get_xdata())]
    assert list(dots.get_xdata()) == [0.001, 0.01]
    assert axes.get_xlim()[0] < 0.001


def test_studies_have_both_marks_in_the_key_where_nothing_is_published() -> None:
    axes = render_studies([StudyPoints("S1", [0.1])]).axes[0]
    legend = axes.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["measured, a dot a seed", "published"]


def test_ratios_show_median_spread_and_what_was_wanted() -> None:
    axes = render_ratios([Ratio("S3", 11.0, 9.0, 12.5, 8.0)]).axes[0]
    (spread,) = axes.collections
    assert spread.get_segments()[0].tolist() == [[9.0, 0.0], [12.5, 0.0]]
    legend = axes.get_legend()
    assert legend is not None
    said = [text.get_text() for text in legend.get_texts()]
    assert said == ["least to most", "median beside median", "the aim", "as fast as the tutorial"]
    marks = {line.get_marker(): list(line.get_xdata()) for line in axes.lines}
    assert (marks["o"], marks["|"]) == ([11.0], [8.0])
    assert axes.get_xlim() == (0, pytest.approx(1.06 * 12.5))
