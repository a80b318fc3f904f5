"""Every example is on the sheet with what was read; wrong answers are said in words, not in colour alone."""

from itertools import combinations

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from inkwise.figures.handwriting.benchmark import Example, render_benchmark

SEEN = np.full((28, 28), 90, np.uint8)


def single(title: str, read: str, naive_read: str = "8") -> Example:
    pixels = np.full((280, 280, 3), 200, np.uint8)
    return Example(title, pixels, (SEEN,) * len(read), SEEN, "4", read, naive_read)


def string(read: str) -> Example:
    pixels = np.full((90, 700), 200, np.uint8)
    return Example(
        "3 to 10 digits, half touching", pixels, (SEEN,) * len(read), None, "4711471147", read, None
    )


EXAMPLES = [
    *(single(f"a photo of a digit, number {number}", "4") for number in range(6)),
    single("missed", ""),
    single("wrong", "9", "4"),
    string("4711471147"),
    string("471|71147"),
]


def words() -> list[str]:
    axes = render_benchmark(EXAMPLES).axes
    return [text for one in axes for text in (one.get_title(loc="left"), one.get_xlabel()) if text]


def test_every_example_has_its_title() -> None:
    said = words()
    assert all(any(text.startswith(example.title) for text in said) for example in EXAMPLES)


def test_what_was_read_is_said_and_what_is_wrong_too() -> None:
    said = words()
    assert said.count("read: 4") == 6
    assert "read: nothing\nwrong" in said
    assert "read: 9\nwrong" in said
    assert "resized: 4" in said
    assert "read: 4711471147" in said
    assert "read: 471|71147\nwrong" in said


def test_no_words_overlap_and_none_are_cut() -> None:
    figure = render_benchmark(EXAMPLES)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    texts = [one for one in figure.findobj(Text) if one.get_text() and one.get_visible()]
    boxes = [one.get_window_extent(canvas.get_renderer()) for one in texts]
    width, height = canvas.get_width_height()
    assert all(b.x0 >= 0 and b.y0 >= 0 and b.x1 <= width and b.y1 <= height for b in boxes)
    assert not [(a, b) for a, b in combinations(boxes, 2) if a.overlaps(b)]


def test_seen_digits_of_a_string_stand_side_by_side() -> None:
    axes = render_benchmark(EXAMPLES).axes[-3]
    # Ten of 28 pixels and nine lines between them.
    assert axes.images[0].get_array().shape == (28, 289)
