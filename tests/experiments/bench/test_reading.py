import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.experiments.bench.nearest import nearest_mean

from inkwise.data.load import load_dataset
from inkwise.errors import DataError, OutputError, RecipeError
from inkwise.experiments.bench.reading import (
    edit_distance,
    naive_image,
    pictures,
    run_reading_bench,
    show_rows,
    write_reading,
)
from inkwise.experiments.bench.reading_result import ReadingBench, RowResult
from inkwise.experiments.bench.reading_rows import ROWS, off_centre
from inkwise.handwriting.ink import find_ink
from inkwise.handwriting.synthesis.redrawn import redraw


def _row(name: str) -> int:
    return [row.name for row in ROWS].index(name)


def _shown(name: str, count: int = 3, seed: int = 0) -> list[tuple[np.ndarray, str]]:
    test = load_dataset("digits").test
    drawn = pictures(ROWS[_row(name)], test.images, test.labels, count=count, seed=seed)
    return [(one.pixels, one.written) for one in drawn]


@pytest.fixture(scope="module")
def small() -> ReadingBench:
    return run_reading_bench(
        ("mnist", "black-on-white", "corner", "string"), run=nearest_mean(), data="digits", num_pictures=20
    )


@pytest.mark.parametrize("name", [row.name for row in ROWS])
def test_pictures_of_a_row_are_the_same_for_everybody(name: str) -> None:
    for (first, written), (second, again) in zip(_shown(name), _shown(name), strict=True):
        assert written == again
        np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("name", [row.name for row in ROWS if row.draw_digit])
def test_every_row_shows_the_same_digits(name: str) -> None:
    assert [written for _, written in _shown(name)] == [written for _, written in _shown("mnist")]


@pytest.mark.parametrize("name", [row.name for row in ROWS if row.name != "fills"])
def test_pictures_hold_visible_ink_within_their_borders(name: str) -> None:
    for pixels, _ in _shown(name, 2):
        ink = find_ink(pixels).coverage > 127
        assert ink.sum() > 30
        assert not ink[[0, -1]].any()
        assert not ink[:, [0, -1]].any()


def test_fewer_pictures_are_the_first_of_more() -> None:
    for (few, _), (many, _) in zip(_shown("photo", 2), _shown("photo", 4), strict=False):
        np.testing.assert_array_equal(few, many)


def test_another_seed_draws_other_pictures() -> None:
    assert [w for _, w in _shown("string", 3)] != [w for _, w in _shown("string", 3, seed=1)]


def test_strings_have_three_to_ten_digits() -> None:
    lengths = {len(written) for _, written in _shown("string", 12)}
    assert len(lengths) > 3
    assert lengths <= set(range(3, 11))


def test_first_row_is_the_test_image_itself() -> None:
    test = load_dataset("digits").test
    for pixels, written in _shown("mnist"):
        (where,) = np.flatnonzero((test.images == pixels).all(axis=(1, 2)))[:1]
        assert str(test.labels[where]) == written


def test_off_centre_moves_ink_by_three_and_cuts_none() -> None:
    image = np.zeros((28, 28), dtype=np.uint8)
    image[4:24, 10:15] = np.arange(100).reshape(20, 5)
    moved = off_centre(image, np.random.default_rng(0))
    assert moved.sum() == image.sum()
    (row, column), (was_row, was_column) = (np.argwhere(one)[0] for one in (moved, image))
    assert (abs(row - was_row), abs(column - was_column)) == (3, 3)


def test_off_centre_moves_less_where_there_is_less_room() -> None:
    image = np.zeros((28, 28), dtype=np.uint8)
    image[1:26, 5:20] = 255
    moved = off_centre(image, np.random.default_rng(0))
    # One row is free above and two below: it moves two down, and three to a side.
    assert moved[3:28].sum() == image.sum()


def test_corner_is_far_from_the_middle() -> None:
    for pixels, _ in _shown("corner"):
        rows, columns = np.nonzero(pixels < 128)
        assert abs(rows.mean() - 140) > 60
        assert abs(columns.mean() - 140) > 60


def test_thin_pen_is_two_pixels_wide_and_fat_marker_a_fifth_of_the_digit() -> None:
    image = np.zeros((28, 28), dtype=np.uint8)
    image[4:24, 12:16] = 255
    for name, width in (("thin-pen", 2), ("fat-marker", 40)):
        row = ROWS[_row(name)]
        assert row.draw_digit is not None
        middle = 255.0 - row.draw_digit(image, np.random.default_rng(0))[140]
        assert abs(middle.sum() / 255 - width) < 0.12 * width + 0.5


def test_shares_agree_with_the_mistakes(small: ReadingBench) -> None:
    for row in small.rows:
        assert len(row.mistakes) == round((1 - row.exact) * row.num_pictures)
        assert row.right_interval[0] <= row.exact <= row.right_interval[1]
        accepted_wrong = sum(mistake.accepted for mistake in row.mistakes)
        num_accepted = round(row.accepted * row.num_pictures)
        if num_accepted:
            assert row.right_of_accepted == pytest.approx(1 - accepted_wrong / num_accepted)


def test_digits_of_a_string_are_counted_by_edit_distance(small: ReadingBench) -> None:
    strings = small.rows[-1]
    wrong = sum(
        min(edit_distance(mistake.written, mistake.read), len(mistake.written))
        for mistake in strings.mistakes
    )
    assert strings.right == pytest.approx(1 - wrong / strings.num_digits)
    assert strings.num_pictures == 4  # a fifth of 20
    assert strings.naive is None


def test_reading_beats_resizing_where_paper_is_white(small: ReadingBench) -> None:
    black_on_white = small.rows[1]
    assert black_on_white.naive is not None
    assert black_on_white.right > black_on_white.naive + 0.3


def test_few_pictures_are_not_judged(small: ReadingBench) -> None:
    assert small.is_reduced
    assert {row.is_reached for row in small.rows} == {None}


def test_nothing_is_accepted_by_a_reader_that_is_never_sure() -> None:
    result = run_reading_bench(("mnist",), run=nearest_mean(1.1), data="digits", num_pictures=5)
    assert (result.rows[0].accepted, result.rows[0].right_of_accepted) == (0, None)


def test_progress_names_each_row() -> None:
    told: list[str] = []
    run_reading_bench(
        ("mnist", "string"), run=nearest_mean(), data="digits", num_pictures=5, on_progress=told.append
    )
    assert told == ["[1/2] MNIST test as it is, pictures: 5", "[2/2] 3 to 10 digits, apart, pictures: 1"]


@pytest.mark.parametrize(
    ("written", "read", "distance"),
    [("", "", 0), ("1729", "1729", 0), ("1729", "", 4), ("", "12", 2), ("1729", "1792", 2), ("12", "312", 1)],
)
def test_edit_distance_counts_changes(written: str, read: str, distance: int) -> None:
    assert edit_distance(written, read) == distance


def test_naive_way_only_resizes() -> None:
    grey = np.full((56, 56), 200, dtype=np.uint8)
    grey[:28] = 100
    small = naive_image(np.repeat(grey[..., None], 3, axis=2))
    assert small.shape == (28, 28)
    assert (small[0, 0], small[-1, -1]) == (100, 200)


def test_written_files_hold_the_result(small: ReadingBench, tmp_path: Path) -> None:
    paths = write_reading(small, tmp_path)
    assert [path.name for path in paths] == ["reading.json", "reading.md"]
    assert ReadingBench.model_validate_json(paths[0].read_text("utf-8")) == small
    page = paths[1].read_text("utf-8")
    assert "| small, in a corner |" in page
    assert "20 pictures a row, 4 strings a row" in page


def test_examples_are_drawn_into_a_picture(small: ReadingBench, tmp_path: Path) -> None:
    examples = show_rows(run=nearest_mean(), data="digits")
    assert [example.title for example in examples] == [row.title for row in ROWS]
    (*_, path) = write_reading(small, tmp_path, examples=examples)
    assert path.name == "reading.png"
    with Image.open(path) as picture:
        assert picture.size[0] == 12 * 120


def test_unwritable_folder_is_named(small: ReadingBench, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"cannot write .*reading\.json"):
        write_reading(small, tmp_path / "file")


def test_judged_row_says_no_in_its_table() -> None:
    row = RowResult(
        name="photo",
        title="photo",
        num_pictures=500,
        num_digits=500,
        right=0.95,
        right_interval=(0.93, 0.97),
        exact=0.95,
        accepted=0.9,
        right_of_accepted=None,
        naive=0.1,
        goal=0.97,
        is_reached=False,
        mistakes=[],
    )
    result = ReadingBench(rows=[row], seed=0, is_reduced=False, seconds=1.0, environment={"python": "3"})
    assert result.to_rows() == [("photo", "95.0% NO", "97%", "90.0%", "-", "10.0%")]
    assert json.loads(result.model_dump_json())["rows"][0]["right_of_accepted"] is None


def test_unknown_row_is_refused() -> None:
    with pytest.raises(RecipeError, match="unknown row 'phot'; did you mean 'photo'"):
        run_reading_bench(("phot",))


def test_no_pictures_are_refused() -> None:
    with pytest.raises(RecipeError, match="images is 0, expected at least 1; leave it out"):
        run_reading_bench(num_pictures=0)


def test_set_without_digits_is_refused(tmp_path: Path) -> None:
    images = np.zeros((40, 28, 28), dtype=np.uint8)
    images[::2, 5:20] = 255
    np.savez(tmp_path / "halves.npz", images=images, labels=np.arange(40) % 2, allow_pickle=False)
    with pytest.raises(DataError, match=r"its classes are 0, 1 \.\.\.; expected the digits 0 to 9"):
        run_reading_bench(run=nearest_mean(), data=tmp_path / "halves.npz", num_pictures=1)


def test_redrawing_and_reading_back_gives_the_same_digit() -> None:
    """What makes the rows fair: drawn again, most digits are still nearest to their own kind."""
    test = load_dataset("digits").test
    tiles = [redraw(image, unit_px=20)[:28, :28] for image in test.images[:100]]
    back = np.zeros((100, 28, 28), dtype=np.uint8)
    for image, tile in zip(back, tiles, strict=True):
        top, left = (28 - tile.shape[0]) // 2, (28 - tile.shape[1]) // 2
        image[top : top + tile.shape[0], left : left + tile.shape[1]] = tile
    answers = nearest_mean().probabilities(back).argmax(axis=1)
    assert (answers == test.labels[:100]).mean() > 0.8
