import numpy as np
import pytest

from inkwise.handwriting.synthesis.pen import Pen, draw_paths, ink_strength

LEVEL = np.array([[10.0, 20.0, 1.0], [50.0, 20.0, 1.0]])
RISING = np.array([[10.0, 20.3, 1.0], [50.0, 22.9, 1.0]])


@pytest.mark.parametrize("stroke_px", [1.0, 1.5, 3.0, 7.5, 16.0])
def test_line_covers_its_width(stroke_px: float) -> None:
    columns = draw_paths([RISING], (41, 61), stroke_px=stroke_px)[:, 20:40] / 255
    assert abs(columns.sum(axis=0).mean() - stroke_px) <= 0.3


def test_line_without_smoothing_is_all_or_nothing() -> None:
    slope = np.array([[5.0, 5.0, 1.0], [50.0, 33.0, 1.0]])
    coverage = draw_paths([slope], (40, 60), stroke_px=3, is_smooth=False)
    assert set(np.unique(coverage)) == {0, 255}


def test_smooth_line_has_grey_edges() -> None:
    slope = np.array([[5.0, 5.0, 1.0], [50.0, 33.0, 1.0]])
    assert len(np.unique(draw_paths([slope], (40, 60), stroke_px=3))) > 5


def test_line_lies_where_its_path_is() -> None:
    coverage = draw_paths([LEVEL], (41, 61), stroke_px=5)
    assert (coverage[18:23, 11:50] == 255).all()
    assert coverage[:17].max() == coverage[24:].max() == 0


def test_relative_width_widens_the_line() -> None:
    swelling = np.column_stack([np.linspace(10, 50, 40), np.full(40, 20.0), np.linspace(0.5, 1.7, 40)])
    coverage = draw_paths([swelling], (41, 61), stroke_px=8) / 255
    assert coverage[:, 14].sum() < 0.6 * coverage[:, 46].sum()


@pytest.mark.parametrize("kind", ["pencil", "ballpoint", "felt", "brush", "marker", "mouse"])
def test_pens_of_a_kind_stay_in_range(kind: str) -> None:
    for seed in range(10):
        pen = Pen.draw(np.random.default_rng(seed), kind)  # type: ignore[arg-type]
        assert pen.kind == kind
        assert 0.01 <= pen.width <= 0.25
        assert 0.3 <= pen.strength <= 1


def test_ink_is_where_the_line_is() -> None:
    coverage = draw_paths([LEVEL], (41, 61), stroke_px=5)
    pen = Pen("pencil", 0.04, 0.8, (60.0, 60.0, 60.0), grain=0.6, skips=0.2)
    strength = ink_strength(coverage, pen, np.random.default_rng(0))
    assert strength.dtype == np.float32
    assert strength[coverage == 0].max() == 0
    assert 0.3 < strength[coverage == 255].mean() < 0.8


def test_grain_makes_ink_uneven() -> None:
    coverage = np.full((30, 30), 255, dtype=np.uint8)
    even, grainy = (
        ink_strength(
            coverage, Pen("pencil", 0.04, 0.8, (0.0, 0.0, 0.0), grain, 0.0), np.random.default_rng(0)
        )
        for grain in (0.0, 0.6)
    )
    assert np.ptp(even) == 0
    assert grainy.std() > 0.05
