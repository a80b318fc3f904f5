"""Panels lie side by side, are found again, and keep their words apart."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from inkwise.figures.inspection.panels.panel import HEIGHT, WIDTH, find_panels, new_panels
from inkwise.figures.inspection.panels.scale import even_scale
from inkwise.figures.inspection.panels.values import draw_values
from inkwise.figures.inspection.panels.vector import draw_vector
from inkwise.figures.inspection.panels.weights import draw_weights


def words_of(figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def test_panels_are_found_row_by_row_with_their_words() -> None:
    figure, panels = new_panels(3, columns=2)
    for number, panel in enumerate(panels):
        panel.head(f"part {number}", "detail")
        panel.write("the end", left=1, top=2)
    boxes = find_panels(figure)
    assert [box.words for box in boxes] == ["part 0: detail", "part 1: detail", "part 2: detail"]
    assert [(box.left, box.top) for box in boxes] == [(0, 0), (72 * WIDTH, 0), (0, 72 * HEIGHT)]
    assert boxes[0].height == pytest.approx(72 * 2.16)
    assert boxes[1].view_box == f"{72 * WIDTH:g} 0 {72 * WIDTH:g} 155.52"


def test_panel_ends_below_its_picture() -> None:
    """A picture without words below it is not cut off."""
    figure, (panel,) = new_panels(1)
    panel.head("The image", "")
    plot = panel.image(np.full((28, 28, 4), 255, dtype=np.uint8))
    assert find_panels(figure)[0].height > 72 * plot.bottom


def test_picture_is_drawn_where_the_plot_says() -> None:
    """The upper left pixel of a 2x2 picture fills the upper left quarter of its rectangle."""
    figure, (panel,) = new_panels(1)
    colours = np.zeros((2, 2, 4), dtype=np.uint8)
    colours[..., 3] = 255
    colours[0, 0, 0] = 255
    plot = panel.image(colours)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())
    dots = figure.dpi
    quarter = (plot.left + plot.width / 4, plot.top + plot.height / 4)
    assert pixels[int(quarter[1] * dots), int(quarter[0] * dots)].tolist() == [255, 0, 0, 255]
    assert pixels[int((quarter[1] + plot.height / 2) * dots), int(quarter[0] * dots)].tolist() == [
        0,
        0,
        0,
        255,
    ]


def test_mosaic_numbers_are_row_plus_column() -> None:
    """20 channels in 5 columns: rows begin with 0, 5, 10 and 15."""
    figure, (panel,) = new_panels(1)
    panel.mosaic(np.zeros((20, 4, 4, 4), dtype=np.uint8))
    assert words_of(figure) == ["+0", "+1", "+2", "+3", "+4", "0", "5", "10", "15"]


def test_mosaic_of_many_thins_its_numbers() -> None:
    figure, (panel,) = new_panels(1)
    panel.mosaic(np.zeros((256, 4, 4, 4), dtype=np.uint8))
    assert "+2" in words_of(figure)
    assert "+1" not in words_of(figure)
    assert "240" in words_of(figure)


def test_scale_writes_the_ends_and_zero() -> None:
    figure, (panel,) = new_panels(1)
    panel.scale(even_scale(np.array([-1.0, 3.0])), top=1)
    assert words_of(figure) == ["\N{MINUS SIGN}1", "0", "3"]


def test_scale_of_equal_values_says_so() -> None:
    figure, (panel,) = new_panels(1)
    panel.scale(even_scale(np.full(4, 0.25)), top=1)
    assert words_of(figure) == ["everywhere 0.25"]


def test_values_are_counted_over_their_true_range() -> None:
    """I2, I3: 3 zeros apart in their own bar, the other 4 values in the bins, over the true range."""
    figure, (panel,) = new_panels(1)
    draw_values(panel, np.array([0, 0, 0, 1, 1, 2, 4], dtype=np.float32))
    (outline,) = [patch for patch in figure.axes[0].patches if hasattr(patch, "get_data")]
    heights, edges, _ = outline.get_data()
    assert (edges[0], edges[-1]) == (0, 4)
    counts = np.where(heights > 0, np.rint(10 ** (heights - 0.25)), 0)
    assert counts.sum() == 4
    assert counts.max() == 2
    zeros = figure.axes[0].collections[0].get_paths()[0].vertices[:, 1].max()
    assert round(10 ** (zeros - 0.25)) == 3
    assert "7 from 0 to 4, 43 % exactly 0" in words_of(figure)


def test_values_show_what_came_in_behind() -> None:
    """I3: a ReLU's input reaches below 0, its output does not, and the axis shows both."""
    figure, (panel,) = new_panels(1)
    before = np.linspace(-2, 2, 50, dtype=np.float32)
    draw_values(panel, np.maximum(before, 0), before=before)
    assert "\N{EM DASH} in" in words_of(figure), "a line, not a square"
    out, came_in = (patch.get_data() for patch in figure.axes[0].patches)
    assert out.edges[0] == came_in.edges[0] == -2
    assert not out.values[: len(out.values) // 2].any()
    assert came_in.values.all()


def test_equal_values_are_said_and_not_drawn() -> None:
    figure, (panel,) = new_panels(1)
    draw_values(panel, np.zeros((2, 3), dtype=np.float32))
    assert words_of(figure) == ["Values", "all 6 are 0"]


@pytest.mark.parametrize("num_values", [10, 588])
def test_vector_is_one_bar_a_value(num_values: int) -> None:
    """I5, I6: every value is a bar of its height, above 0 in blue and below in orange."""
    values = np.random.default_rng(0).normal(size=num_values).astype(np.float32)
    figure, (panel,) = new_panels(1)
    draw_vector(panel, values)
    if num_values == 10:
        drawn = sum(
            np.array([path.vertices[2, 1] for path in bars.get_paths()])
            for bars in figure.axes[0].collections
        )
    else:
        drawn = sum(patch.get_data().values for patch in figure.axes[0].patches)
    np.testing.assert_allclose(drawn, values, rtol=1e-6)


def test_vector_strip_has_a_colour_a_value() -> None:
    """I11: the heat strip."""
    values = np.arange(10, dtype=np.float32)
    figure, (panel,) = new_panels(1)
    draw_vector(panel, values, names=list("abcdefghij"))
    assert np.array_equal(figure.axes[0].images[0].get_array(), even_scale(values).paint(values[None]))
    assert {"a", "j"} <= set(words_of(figure))


def test_weight_matrix_keeps_the_strongest_of_a_block() -> None:
    """I8: 256 columns are drawn as 128, each the weight farther from 0 of two, its sign kept."""
    weight = np.zeros((2, 256), dtype=np.float32)
    weight[0, 1], weight[1, 255] = -3, 3
    figure, (panel,) = new_panels(1)
    draw_weights(panel, weight)
    picture = figure.axes[0].images[0].get_array()
    assert picture.shape == (2, 128, 4)
    assert picture[0, 0, 2] > picture[0, 0, 0]
    assert picture[1, 127, 0] > picture[1, 127, 2]
    assert "each dot the strongest of 1\N{MULTIPLICATION SIGN}2 weights" in words_of(figure)


def test_kernels_of_many_inputs_are_a_table() -> None:
    """Kernel of output 2 and input 1 stands in row 1, column 2, where outputs are more and go across."""
    weight = np.zeros((3, 2, 3, 3), dtype=np.float32)
    weight[2, 1] = 1
    figure, (panel,) = new_panels(1)
    draw_weights(panel, weight)
    picture = figure.axes[0].images[0].get_array()
    assert picture.shape == (7, 11, 4)
    red = (picture[..., 2] < 100) & (picture[..., 3] > 0)
    assert np.argwhere(red).min(axis=0).tolist() == [4, 8]
    assert red.sum() == 9
