"""Pictures of data sets draw the numbers they are given, for two classes and for forty-seven."""

import io
import itertools

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image
from tests.bars import bars_dataset

from inkwise.data.dataset import Dataset, Split
from inkwise.experiments.explore import explore
from inkwise.exploration.classes import ClassImages, class_images
from inkwise.exploration.exploration import Exploration
from inkwise.exploration.label_audit import PartAudit, Suspect
from inkwise.figures.encode import draw_svg, to_png
from inkwise.figures.exploration.classes import render_brightness, render_class_means, render_class_spread
from inkwise.figures.exploration.copies import image_at, render_exact_groups, render_near_pairs
from inkwise.figures.exploration.labels import render_label_shares
from inkwise.figures.exploration.pixels import render_pixel_values
from inkwise.figures.exploration.samples import render_batches, render_first_image, render_samples
from inkwise.figures.exploration.sheet import enlarge, render_sheet, side_by_side
from inkwise.figures.exploration.suspects import render_suspects
from inkwise.figures.style import Picture

PETS = ("cat $x_1$", "dog", "fox")


@pytest.fixture(scope="module")
def pets() -> Dataset:
    """Four cats and a dog to train on, a cat and a dog to test on; no fox. Cats are black, dogs grey."""
    images = np.zeros((5, 28, 28), np.uint8)
    images[4] = 51
    train = Split(images, np.array([0, 0, 0, 0, 1]))
    return Dataset("pets", PETS, train, train.take(np.array([0, 4])))


@pytest.fixture(scope="module")
def found(pets: Dataset) -> Exploration:
    return explore(pets)


def texts(figure: Figure) -> set[str]:
    """Return every text that is drawn."""
    words = {text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))}
    return words - {""}


def test_label_shares_are_bars_and_their_difference(found: Exploration) -> None:
    """E2: cats are 80 % of train and 50 % of test, dogs 20 % and 50 %: 30 points less and more."""
    bars, gaps = render_label_shares(found).axes
    train, test = ([bar.get_width() for bar in kind] for kind in bars.containers)
    assert train == pytest.approx([0.8, 0.2, 0])
    assert test == pytest.approx([0.5, 0.5, 0])
    assert list(gaps.lines[1].get_xdata()) == pytest.approx([-30, 30, 0])
    assert [tick.get_text() for tick in gaps.get_xticklabels()] == ["\N{MINUS SIGN}30", "0", "+30"]
    heights = sorted(
        (bar.get_y(), bar.get_y() + bar.get_height()) for kind in bars.containers for bar in kind
    )
    assert all(a[1] <= b[0] + 1e-9 for a, b in itertools.pairwise(heights)), "bars overlap"


def test_names_are_text_and_never_formulas(found: Exploration) -> None:
    assert "cat $x_1$" in texts(render_label_shares(found))
    assert to_png(render_label_shares(found)).startswith(b"\x89PNG")


def test_first_image_has_its_label_as_title_and_as_cells(found: Exploration) -> None:
    """E3, E5"""
    figure = render_first_image(found.first_sample, PETS)
    assert "label 0, class cat $x_1$" in texts(figure)
    lower = figure.axes[1]
    assert [bar.get_height() for bar in lower.patches] == [1, 0, 0]


def test_samples_show_each_image_in_its_place() -> None:
    """E4"""
    dataset = bars_dataset(40, 10, num_classes=2)
    chosen = [np.array([0, 4]), np.array([1])]
    drawn = render_samples(dataset.train, chosen, dataset.classes).axes[0].images[0].get_array()
    side = drawn.shape[0] // (2 * 30)
    grid = np.asarray(drawn)[::side, ::side]
    np.testing.assert_array_equal(grid[1:29, 31:59], dataset.train.images[4])
    np.testing.assert_array_equal(grid[31:59, 1:29], dataset.train.images[1])
    assert (grid[31:59, 31:59] == 255).all()


def test_batches_name_shapes_and_labels(pets: Dataset) -> None:
    """E5"""
    figure = render_batches(pets.train, [np.array([0, 4, 1]), np.array([2])], PETS)
    assert any(
        "images (3, 1, 28, 28), labels (3,): cat $x_1$, dog, cat $x_1$" in text.replace("\n", " ")
        for text in texts(figure)
    )
    assert len(figure.axes) == 2


def test_class_pictures_share_one_scale(pets: Dataset) -> None:
    images = class_images(pets.train, 3)
    means = render_class_means(images, PETS).axes
    assert [axes.images[0].get_clim() for axes in means[:3]] == [(0, 1)] * 3
    assert float(means[1].images[0].get_array()[0, 0]) == pytest.approx(0.2)
    spread = render_class_spread(images, PETS).axes
    assert [axes.images[0].get_clim() for axes in spread[:3]] == [(0, 0.5)] * 3


def test_brightness_has_no_dot_for_a_class_without_images(found: Exploration) -> None:
    train = render_brightness(found).axes[0].lines[0]
    values = np.array(train.get_xdata(), dtype=float)
    np.testing.assert_allclose(values[:2], [0, 0.2])
    assert np.isnan(values[2])


def test_pixel_values_are_shares_of_all(found: Exploration) -> None:
    """Of the train pixels four fifths are 0, in the first bin, and one fifth 51, in the seventh."""
    steps = render_pixel_values(found).axes[0].patches[0].get_data().values
    assert steps[0] == pytest.approx(0.8)
    assert steps[51 // 8] == pytest.approx(0.2)
    assert np.isnan(np.delete(steps, [0, 51 // 8])).all()


def test_equal_images_are_shown_with_their_places(pets: Dataset, found: Exploration) -> None:
    assert found.duplicates is not None
    words = texts(render_exact_groups(found.duplicates, pets))
    assert "train 0: cat $x_1$\ntest 0: cat $x_1$\n5 equal images" in words
    assert "train 4: dog\ntest 1: dog\n2 equal images" in words


def test_near_pairs_are_shown_nearest_first() -> None:
    dataset = bars_dataset(60, 20)
    images = np.concatenate(
        [dataset.train.images, dataset.train.images[:1] ^ 2, dataset.train.images[1:2] ^ 1]
    )
    train = Split(images, np.append(dataset.train.labels, dataset.train.labels[:2]))
    dataset = Dataset("bars", dataset.classes, train, dataset.test)
    twice = explore(dataset).duplicates
    assert twice is not None
    figure = render_near_pairs(twice, dataset)
    captions = [axes.get_title() for axes in figure.axes]
    assert captions == [
        "train 1: 1\ntrain 61: 1\n1.0 grey levels apart",
        "train 0: 0\ntrain 60: 0\n2.0 grey levels apart",
    ]
    pair = twice.near_pairs[0]
    np.testing.assert_array_equal(image_at(pair.second, dataset), dataset.train.images[61])


def test_suspects_tell_label_and_likeness(pets: Dataset) -> None:
    suspect = Suspect(index=1, label=1, probability=0.0123, suggested=0, suggested_probability=0.9)
    audit = PartAudit(num_judged=2, num_unjudged=0, accuracy=0.5, num_suspicious=1, suspects=(suspect,))
    (axes,) = render_suspects(audit, pets.test, PETS).axes
    assert axes.get_title() == "image 1\nlabel: dog, 1.23 %\nlike: cat $x_1$, 90.00 %"


def test_enlarged_pixel_stays_a_square() -> None:
    np.testing.assert_array_equal(enlarge(np.array([[1, 2]]))[:6, 3:9], [[1, 1, 1, 2, 2, 2]] * 6)


def test_images_side_by_side_have_a_gap() -> None:
    one = np.zeros((2, 3), np.uint8)
    assert side_by_side([one, one, one]).tolist() == [[0, 0, 0, 255, 255, 0, 0, 0, 255, 255, 0, 0, 0]] * 2


def test_sheet_of_many_keeps_its_captions_apart() -> None:
    """No caption runs into the picture above it, and none leaves the figure."""
    figure = render_sheet(
        [np.zeros((28, 28), np.uint8)] * 14, ["a\nb\na line too long for a sixth"] * 14, columns=6
    )
    figure.draw_without_rendering()
    boxes = [axes.get_window_extent() for axes in figure.axes]
    for axes in figure.axes:
        title = axes.title.get_window_extent()
        assert 0 <= title.y0 < title.y1 <= figure.bbox.height
        assert not any(title.overlaps(box) for box in boxes if box is not axes)


@pytest.mark.parametrize("count", [2, 47])
def test_every_picture_holds_few_and_many_classes(count: int) -> None:
    """EMNIST has 47 classes; with long names nothing may be cut off at the edge."""
    classes = tuple(f"a long name, number {k}" for k in range(count))
    generator = np.random.default_rng(0)
    split = Split(generator.integers(0, 256, (2 * count, 28, 28), np.uint8), np.arange(2 * count) % count)
    dataset = Dataset("many", classes, split, split.take(np.arange(count)))
    found = explore(dataset, duplicates=False)
    images = ClassImages(*(np.zeros((count, 28, 28), np.float32) for _ in range(2)))
    for picture in (
        render_label_shares(found),
        render_first_image(found.first_sample, classes),
        render_samples(split, [np.array([k]) for k in range(count)], classes),
        render_batches(split, [np.arange(min(12, count))], classes),
        render_class_means(images, classes),
        render_class_spread(images, classes),
        render_brightness(found),
        render_pixel_values(found),
    ):
        assert isinstance(picture, Picture)
        assert "<svg" in draw_svg(picture, name="x")
        name = picture.axes[0].get_xlabel() or picture.axes[0].get_title()
        drawn, (width, height) = picture.get_tightbbox(), picture.get_size_inches()
        assert drawn.x0 > -0.02, f"cut at the left: {name}"
        assert drawn.y0 > -0.02, f"cut at the bottom: {name}"
        assert drawn.x1 < width + 0.02, f"cut at the right: {name}"
        assert drawn.y1 < height + 0.02, f"cut at the top: {name}"
    Image.open(io.BytesIO(to_png(render_brightness(found)))).verify()
