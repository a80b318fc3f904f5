"""The facts of a data set against hand-worked values, scikit-learn and MNIST's known numbers."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.preprocessing import LabelBinarizer

from inkwise.data.dataset import Dataset, Split
from inkwise.data.load import load_dataset
from inkwise.errors import ShapeError
from inkwise.experiments.explore import explore
from inkwise.exploration.facts import from_one_hot, label_bias, one_hot, pixel_counts

TRAIN_COUNTS = (5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949)
TEST_COUNTS = (980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009)


def split_of(values: list[int], labels: list[int]) -> Split:
    """Return images that are each filled with one value."""
    images = np.array(values, np.uint8)[:, None, None].repeat(28, 1).repeat(28, 2)
    return Split(images, np.array(labels, np.int64))


def test_facts_of_small_set_are_exact() -> None:
    """E1, E6, D3: of 51 and 204, that is 0.2 and 0.8 scaled, the mean is 0.5 and the deviation 0.3."""
    found = explore(Dataset("x", ("a", "b"), split_of([51, 204], [1, 0]), split_of([255], [0])))
    assert found.train.images_shape == (2, 28, 28)
    assert found.train.images_dtype == "uint8"
    assert found.train.labels_shape == (2,)
    assert found.train.labels_dtype == "int64"
    assert found.train.pixel_range == (51, 204)
    assert found.train.scaled_range == pytest.approx((0.2, 0.8))
    assert found.train.pixel_mean == pytest.approx(0.5)
    assert found.train.pixel_std == pytest.approx(0.3)
    assert found.train.label_shares == (0.5, 0.5)
    assert found.test.label_counts == (1, 0)
    assert [found.train.pixel_counts[value] for value in (50, 51, 204)] == [0, 784, 784]
    assert found.train.class_brightness == pytest.approx((0.8, 0.2))
    assert found.test.class_brightness == (1.0, None)


def test_first_sample_has_its_one_hot_label() -> None:
    """E3, E5: the first image, its label, and the label as a row with a single 1."""
    found = explore(Dataset("x", ("a", "b", "c"), split_of([51, 204], [1, 0]), split_of([255], [0])))
    assert found.first_sample.label == 1
    assert found.first_sample.class_name == "b"
    assert found.first_sample.one_hot == (0, 1, 0)
    assert found.first_sample.image == ((51,) * 28,) * 28


def test_task_reason_counts_classes() -> None:
    """E7: looking at the labels tells that this is classification."""
    found = explore("digits")
    assert found.task == "classification"
    assert found.num_classes == 10
    assert found.task_reason.startswith("the labels are 10 distinct whole numbers for ")


def test_equal_shares_show_no_difference() -> None:
    """E2: MNIST's label counts."""
    bias = label_bias(TRAIN_COUNTS, TEST_COUNTS)
    assert not bias.is_biased
    assert bias.degrees_of_freedom == 9
    assert bias.verdict == "no difference shown (chi-square 2.93, 9 degrees of freedom, p = 0.967)"


def test_bias_statistic_is_the_textbook_sum() -> None:
    """E2: all expected counts are 50, so 4 * (10 ** 2 / 50) = 8, and p = P(chi-square > 8) = 0.00468."""
    bias = label_bias((60, 40), (40, 60))
    assert bias.statistic == pytest.approx(8)
    assert bias.p_value == pytest.approx(0.00468, abs=1e-5)
    assert bias.is_biased
    assert bias.verdict.startswith("train and test hold the classes in different shares (chi-square 8.00, 1")


def test_few_images_qualify_the_verdict() -> None:
    bias = label_bias((3, 4, 0), (1, 0, 0))
    assert bias.degrees_of_freedom == 1  # the class that never occurs says nothing
    assert bias.verdict.endswith("too few images for the test to be exact")


def test_pixel_counts_over_pieces_equal_bincount() -> None:
    images = np.random.default_rng(0).integers(0, 256, (5000, 28, 28), np.uint8)
    np.testing.assert_array_equal(pixel_counts(images), np.bincount(images.reshape(-1), minlength=256))


def test_mapped_set_gives_equal_facts(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (40, 28, 28), np.uint8)
    np.savez(tmp_path / "a.npz", images=images, labels=np.arange(40) % 2)
    held, mapped = (load_dataset(tmp_path / "a.npz", memory_map_bytes=limit) for limit in (1 << 30, 100))
    assert isinstance(mapped.train.images, np.memmap)
    assert explore(mapped) == explore(held)


def test_json_round_trip() -> None:
    found = explore("digits")
    assert type(found).model_validate_json(found.model_dump_json()) == found


def test_one_hot_equals_sklearn() -> None:
    """D8: integer labels to one-hot and back."""
    labels = np.random.default_rng(0).integers(0, 10, 200)
    rows = one_hot(labels, 10)
    assert rows.dtype == np.float32
    np.testing.assert_array_equal(rows, LabelBinarizer().fit(np.arange(10)).transform(labels))
    np.testing.assert_array_equal(from_one_hot(rows), labels)
    assert from_one_hot(rows).dtype == np.int64


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.array([0, 3]), "labels run from 0 to 3, expected 0 to 2"),
        (np.array([-1, 0]), "labels run from -1 to 0, expected 0 to 2"),
        (np.array([0.5]), r"labels must be whole numbers of shape \(N,\), got float64"),
        (np.array(1), r"of shape \(\); for one label pass np\.array\(\[label\]\)"),
    ],
)
def test_one_hot_bad_labels_are_refused(labels: np.ndarray, message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        one_hot(labels, 3)


@pytest.mark.parametrize("rows", [[[0.5, 0.5]], [[1, 1]], [[0, 0]], [1, 0], [[2, -1]]])
def test_from_one_hot_refuses_anything_else(rows: list) -> None:
    with pytest.raises(ShapeError, match=r"a single 1 in each, .* for probabilities take argmax\(axis=1\)"):
        from_one_hot(np.array(rows, np.float32))


def test_mnist_has_its_known_facts(mnist_folder: Path) -> None:
    """D5, E1, E2, E3: shapes, label counts, mean 0.1307, deviation 0.3081; the first image is a 5."""
    found = explore(mnist_folder, duplicates=False)
    assert found.train.images_shape == (60_000, 28, 28)
    assert found.test.images_shape == (10_000, 28, 28)
    assert found.train.label_counts == TRAIN_COUNTS
    assert found.test.label_counts == TEST_COUNTS
    assert found.train.pixel_range == (0, 255)
    assert found.train.scaled_range == (0, 1)
    assert round(found.train.pixel_mean, 4) == 0.1307
    assert round(found.train.pixel_std, 4) == 0.3081
    assert found.first_sample.label == 5
