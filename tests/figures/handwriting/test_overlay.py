"""What was read is drawn where it was, in words and frames that differ without colour; nothing is cut."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from PIL import Image

from inkwise.figures.encode import draw_pixels
from inkwise.figures.handwriting.kinds import KINDS, long_words, short_words
from inkwise.figures.handwriting.overlay import render_overlay
from inkwise.handwriting.ink import Ink, Step
from inkwise.handwriting.picture import Picture
from inkwise.handwriting.reader import ReadGlyph, Reading
from inkwise.reports.overlays import OverlayFolder

STEPS = (Step("polarity", "Dark ink on light ground."), Step("debris", "3 specks were left out."))


def glyph(
    x: int, y: int, label: int, *, probability: float = 0.98, line: int = 0, size: int = 60
) -> ReadGlyph:
    image = np.full((28, 28), 20 * label, np.uint8)
    return ReadGlyph((x, y, size // 2, size), label, probability, probability >= 0.9, image, line)


def reading(*glyphs: ReadGlyph, shape: tuple[int, int], lines: tuple[str, ...] = ("17",)) -> Reading:
    coverage = np.zeros(shape, np.uint8)
    return Reading(
        lines, glyphs, ("1 mark looks like no digit and was left out",), Ink(coverage, 3.0, False, STEPS)
    )


def photo(width: int, height: int, *, reduction: float = 1.0, name: str = "sum.jpg") -> Picture:
    return Picture(np.full((height, width, 3), 230, np.uint8), reduction, name)


THREE = (
    glyph(100, 200, 1),
    glyph(200, 200, 7, probability=0.61),
    glyph(300, 200, 4, probability=0.2, line=-1),
)


def three() -> Figure:
    """Return the overlay of an accepted 1, a doubtful 7 and a mark that is no digit."""
    return render_overlay(photo(600, 400), reading(*THREE, shape=(400, 600)))


def texts(figure: Figure) -> list[str]:
    return [word.get_text() for word in figure.findobj(Text) if word.get_text()]


def frames(axes: Axes) -> list[Rectangle]:
    return [patch for patch in axes.patches if isinstance(patch, Rectangle)]


def test_each_mark_has_its_frame_around_its_box() -> None:
    photo_axes = three().axes[0]
    assert len(frames(photo_axes)) == 3
    for frame, mark in zip(frames(photo_axes), THREE, strict=True):
        x, y, width, height = mark.box
        assert frame.get_x() < x
        assert frame.get_y() < y
        assert x + width < frame.get_x() + frame.get_width() < x + width + 10
        assert y + height < frame.get_y() + frame.get_height() < y + height + 10


def test_boxes_are_in_pixels_of_the_original() -> None:
    """A photo of 1200x800 decoded at half its size is drawn over 1200x800, so boxes need no scaling."""
    figure = render_overlay(photo(600, 400, reduction=2.0), reading(*THREE, shape=(400, 600)))
    assert figure.axes[0].get_xlim() == (0, 1200)
    assert figure.axes[0].get_ylim() == (800, 0)


def test_kinds_differ_in_colour_frame_and_words() -> None:
    assert len({kind.colour for kind in KINDS}) == len({str(kind.line) for kind in KINDS}) == 3
    assert [short_words(mark) for mark in THREE] == ["1", "7?", "\N{MULTIPLICATION SIGN}"]
    assert [long_words(mark) for mark in THREE] == ["1  98 %", "7?  61 %", "no digit"]
    assert long_words(glyph(0, 0, 8, probability=1.0)) == "8  >99 %"
    drawn = [to_hex(frame.get_edgecolor()) for frame in frames(three().axes[0])]
    assert drawn == [kind.colour for kind in KINDS]


def test_what_the_network_saw_is_drawn_for_each_mark() -> None:
    cells = three().axes[1:4]
    for axes, mark in zip(cells, THREE, strict=True):
        np.testing.assert_array_equal(axes.images[0].get_array(), mark.image)
    assert {"1  98 %", "7?  61 %", "no digit", "line 1"} <= set(texts(three()))


def test_steps_and_warnings_are_written() -> None:
    words = "\n".join(texts(three()))
    for step in STEPS:
        assert f"{step.name}: {step.text}" in words
    assert "Note: 1 mark looks like no digit and was left out" in words
    assert "sum.jpg:  17" in words


def test_second_line_is_named_at_its_first_digit() -> None:
    marks = (glyph(10, 10, 1), glyph(90, 10, 2), glyph(10, 200, 3, line=1))
    words = texts(render_overlay(photo(600, 400), reading(*marks, shape=(400, 600), lines=("12", "3"))))
    assert words.count("line 1") == words.count("line 2") == 1


def test_blank_picture_is_drawn_with_the_reason() -> None:
    blank = Reading(
        (), (), ("no digits found: nothing stands out",), Ink(np.zeros((9, 9), np.uint8), 0, False, ())
    )
    words = "\n".join(texts(render_overlay(photo(9, 9), blank)))
    assert "no digits" in words
    assert "28x28" not in words
    assert "Note: no digits found: nothing stands out" in words


def test_single_digit_stands_beside_its_ink_and_its_28x28() -> None:
    """Three panels of a third of the width each, in one row."""
    figure = render_overlay(*PAGES["one"])
    picture, ink, cell = (axes.get_position() for axes in figure.axes)
    assert picture.x1 < ink.x0 < ink.x1 < cell.x0
    assert picture.y1 == ink.y1 == cell.y1
    np.testing.assert_array_equal(figure.axes[2].images[0].get_array(), PAGES["one"][1].glyphs[0].image)
    assert {"the picture", "the ink that was found", "5  98 %"} <= set(texts(figure))


def test_crowded_page_shows_every_doubtful_mark() -> None:
    """Of 400 marks 168 have room below: the ten doubtful ones at the end are among them."""
    places = [(20 + 90 * column, 30 + 130 * row) for row in range(20) for column in range(20)]
    marks = [
        glyph(x, y, 3, probability=0.98 if number < 390 else 0.5, line=number // 20)
        for number, (x, y) in enumerate(places)
    ]
    lines = ("3" * 20,) * 20
    figure = render_overlay(photo(1900, 2700), reading(*marks, shape=(2700, 1900), lines=lines))
    words = texts(figure)
    assert words.count("3?  50 %") == 10
    assert sum(word.startswith("3  ") for word in words) == 158
    assert any("232 more accepted digits are not shown above" in word for word in words)


LONG = "a name that is far too long for a heading " * 3 + ".jpg"
PAGES = {
    "one": (photo(28, 28), reading(glyph(4, 4, 5, size=20), shape=(28, 28), lines=("5",))),
    "three": (photo(600, 400), reading(*THREE, shape=(400, 600))),
    "tall": (photo(300, 2000, name=LONG), reading(*THREE, shape=(2000, 300), lines=("1" * 30,) * 9)),
    "wide": (
        photo(4000, 100, name="W" * 80),
        reading(glyph(5, 20, 1), glyph(3960, 20, 1), shape=(100, 4000)),
    ),
    "edge": (photo(600, 400), reading(glyph(0, 0, 1), glyph(570, 340, 7, probability=0.5), shape=(400, 600))),
}


@pytest.mark.parametrize("page", PAGES)
def test_no_words_leave_the_drawing_or_lie_on_one_another(page: str) -> None:
    figure = render_overlay(*PAGES[page])
    FigureCanvasAgg(figure).draw()
    canvas = Bbox.from_bounds(0, 0, *(figure.get_size_inches() * figure.dpi))
    found = [(word.get_text(), word.get_window_extent()) for word in figure.findobj(Text) if word.get_text()]
    for words, box in found:
        assert canvas.x0 <= box.x0 < box.x1 <= canvas.x1, words
        assert canvas.y0 <= box.y0 < box.y1 <= canvas.y1, words
    for (a, box), (b, other) in itertools.combinations(found, 2):
        assert not box.overlaps(other), f"{a!r} lies on {b!r}"


@pytest.mark.parametrize("page", ["one", "three", "wide", "edge"])
def test_every_mark_keeps_its_frame_and_words_in_the_picture(page: str) -> None:
    axes = render_overlay(*PAGES[page]).axes[0]
    right, bottom = axes.get_xlim()[1], axes.get_ylim()[0]
    assert len(axes.texts) == len(frames(axes)) == len(PAGES[page][1].glyphs)
    for frame in frames(axes):
        assert 0 <= frame.get_x() < frame.get_x() + frame.get_width() <= right
        assert 0 <= frame.get_y() < frame.get_y() + frame.get_height() <= bottom
    for words in axes.texts:  # matplotlib leaves out words that are pinned outside
        assert 0 <= words.xy[0] <= right
        assert 0 <= words.xy[1] <= bottom


@pytest.mark.parametrize("page", ["one", "three", "edge"])
def test_words_of_every_mark_lie_in_the_picture(page: str) -> None:
    figure = render_overlay(*PAGES[page])
    FigureCanvasAgg(figure).draw()
    room = figure.axes[0].get_window_extent().padded(5)
    for words in figure.axes[0].texts:
        box = words.get_window_extent()
        assert room.contains(box.x0, box.y0)
        assert room.contains(box.x1, box.y1)


def test_formula_in_a_name_is_no_formula() -> None:
    name = "cost $5 and $x^2.png"
    words = texts(render_overlay(photo(60, 40, name=name), reading(shape=(40, 60))))
    assert any(name in word for word in words)
    draw_pixels(render_overlay(photo(60, 40, name=name), reading(shape=(40, 60))))


class TestFolder:
    def test_drawing_is_written_as_png(self, tmp_path: Path) -> None:
        file = OverlayFolder(tmp_path / "new").write("scans/sum.jpg", *PAGES["three"])
        assert file == tmp_path / "new" / "sum.jpg.png"
        with Image.open(file) as image:
            assert (image.format, image.width) == ("PNG", 1728)
        assert list((tmp_path / "new").iterdir()) == [file]

    def test_names_never_meet(self) -> None:
        folder = OverlayFolder("drawn")
        names = [folder.file_name(name) for name in ("a/1.png", "b/1.png", "1.jpg", "A/1.PNG", "1.png-2")]
        assert names == ["1.png.png", "1.png-2.png", "1.jpg.png", "1.PNG-3.png", "1.png-2-2.png"]

    @pytest.mark.parametrize(
        "name", ["-", "..", "a/..", "/", "\\", "", ".hidden.png", "ü\n$x.png", "x" * 300]
    )
    def test_any_name_becomes_a_plain_one(self, name: str) -> None:
        file = OverlayFolder("drawn").file_name(name)
        assert len(file.encode()) <= 255
        assert Path(file).name == file
        assert file.isprintable()
        assert not file.startswith(".")
        assert file.endswith(".png")

    def test_picture_that_is_read_is_never_written_over(self, tmp_path: Path) -> None:
        folder = OverlayFolder(tmp_path)
        folder.spare([tmp_path / "1.png.png", tmp_path / "other" / "2.png.png"])
        assert folder.file_name("1.png") == "1.png-2.png"
        assert folder.file_name("2.png") == "2.png.png"
