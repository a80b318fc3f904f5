"""What docs/gallery/s2-tf.md says of the figures that it shows."""

from collections.abc import Callable
from pathlib import Path

from dev.tutorial_figures import draw_published

from inkwise.data.load import load_dataset

PAGE = Path(__file__).parents[2] / "docs" / "gallery" / "s2-tf.md"


def test_figures_are_as_the_page_says(real_data: Callable[[str], Path]) -> None:
    """The histogram's tallest bar leaves the panel; its bins end at -3 and 3."""
    real_data("mnist")
    drawn = draw_published(load_dataset("mnist"))
    assert list(drawn) == [f"published-{number}" for number in range(1, 7)]
    histogram = drawn["published-4"].axes[0]
    tallest = max(bar.get_height() for bar in histogram.patches)
    assert f"where a bar has\n{tallest:,.0f}." in PAGE.read_text("utf-8")
    assert histogram.get_ylim() == (0, 100)
    assert (histogram.patches[0].get_x(), round(histogram.patches[-1].get_x(), 2)) == (-3.0, 2.88)
