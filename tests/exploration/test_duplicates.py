"""Planted copies are found, inside and across the parts, and told apart from what only looks alike."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from inkwise.data.dataset import Dataset, Split
from inkwise.data.load import load_dataset
from inkwise.exploration.duplicates import find_duplicates


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return load_dataset("digits")


def with_copies(digits: Dataset, *, train: list[int], test: list[int], noise: int = 0) -> Dataset:
    """Return digits with copies of train images added to both parts, changed by at most noise."""
    generator = np.random.default_rng(1)

    def add(split: Split, indices: list[int]) -> Split:
        changes = generator.integers(-noise, noise + 1, (len(indices), 28, 28))
        copies = np.clip(digits.train.images[indices] + changes, 0, 255).astype(np.uint8)
        labels = np.append(split.labels, digits.train.labels[indices])
        return Split(np.concatenate([split.images, copies]), labels)

    return Dataset("copies", digits.classes, add(digits.train, train), add(digits.test, test))


def test_exact_copies_are_counted_inside_and_across(digits: Dataset) -> None:
    """Image 0 twice more in train and once in test, 7 twice in test: 2 groups, 5 to leave out, 3 leak."""
    found = find_duplicates(with_copies(digits, train=[0, 0], test=[0, 7, 7]))
    assert (found.num_exact_groups, found.num_exact_copies, found.num_exact_leaks) == (2, 5, 3)
    group = found.exact_groups[0]
    places = [(ref.part, ref.index) for ref in group.images]
    assert places == [("train", 0), ("train", 1438), ("train", 1439), ("test", 359)]
    assert group.num_images == 4
    assert group.is_leak
    assert group.has_one_label
    assert found.num_near_pairs == 0
    assert found.verdict == "5 exact copies, 3 test images among the train images; no near copies"


def test_copies_inside_the_test_part_are_no_leak(digits: Dataset) -> None:
    test = digits.test
    images = np.concatenate([test.images, test.images[:1], test.images[1:2] ^ 1])
    twice = Split(images, np.append(test.labels, test.labels[:2]))
    found = find_duplicates(Dataset("inside", digits.classes, digits.train, twice))
    assert (found.num_exact_copies, found.num_exact_leaks) == (1, 0)
    assert (found.num_near_pairs, found.num_near_leaks) == (1, 0)
    assert not found.exact_groups[0].is_leak
    assert not found.near_pairs[0].is_leak


def test_near_copies_are_counted_inside_and_across(digits: Dataset) -> None:
    found = find_duplicates(with_copies(digits, train=[3], test=[5], noise=3))
    assert (found.num_exact_groups, found.num_near_pairs, found.num_near_leaks) == (0, 2, 1)
    ends = {((p.first.part, p.first.index), (p.second.part, p.second.index)) for p in found.near_pairs}
    assert ends == {(("train", 3), ("train", 1438)), (("train", 5), ("test", 359))}
    assert all(0 < pair.difference < pair.limit for pair in found.near_pairs)
    assert "2 pairs of near copies, 1 test image with one among the train images" in found.verdict


def test_equal_images_with_different_labels_are_told(digits: Dataset) -> None:
    dataset = with_copies(digits, train=[0], test=[])
    labels = dataset.train.labels.copy()
    labels[-1] = (labels[-1] + 1) % 10
    wrong = Dataset("wrong", digits.classes, Split(dataset.train.images, labels), digits.test)
    found = find_duplicates(wrong)
    assert found.num_label_conflicts == 1
    assert not found.exact_groups[0].has_one_label


def test_set_of_equal_images_is_one_group() -> None:
    images = np.full((300, 28, 28), 7, np.uint8)
    parts = (Split(images, np.arange(300) % 2), Split(images[:4], np.arange(4) % 2))
    found = find_duplicates(Dataset("grey", ("a", "b"), *parts))
    assert (found.num_exact_groups, found.num_exact_copies, found.num_exact_leaks) == (1, 303, 4)
    assert found.exact_groups[0].num_images == 304
    assert found.exact_groups[0].images[-1].part == "test"
    assert found.num_near_pairs == 0


def test_smallest_set_is_searched() -> None:
    images = np.zeros((1, 28, 28), np.uint8)
    found = find_duplicates(
        Dataset("two", ("a", "b"), Split(images, np.array([0])), Split(images + 1, np.array([1])))
    )
    assert found.verdict == "no exact copies; no near copies"
    assert found.near_limits == (0, 0)


def test_larger_set_is_sampled_and_says_so(digits: Dataset) -> None:
    found = find_duplicates(with_copies(digits, train=[0], test=[]), searched_images=500)
    assert found.num_searched == 500
    assert found.num_exact_copies == 1  # equal ones are looked for among all
    assert found.verdict.endswith("(looked for among 500 of 1,798 images)")


def test_mapped_set_gives_equal_duplicates(digits: Dataset, tmp_path: Path) -> None:
    dataset = with_copies(digits, train=[0, 1], test=[2], noise=2)
    np.savez(
        tmp_path / "a.npz",
        x_train=dataset.train.images, y_train=dataset.train.labels,
        x_test=dataset.test.images, y_test=dataset.test.labels,
    )  # fmt: skip
    held, mapped = (load_dataset(tmp_path / "a.npz", memory_map_bytes=limit) for limit in (1 << 30, 100))
    assert isinstance(mapped.train.images, np.memmap)
    assert find_duplicates(mapped) == find_duplicates(held)
    assert find_duplicates(held).num_near_pairs == 3


@pytest.mark.slow
def test_fashion_mnist_leaks_are_found(real_data: Callable[[str], Path]) -> None:
    """Train 13,360 and test 4,998 are one shirt, 0.7 grey levels apart; MNIST has nothing of the kind."""
    real_data("fashion-mnist")
    found = find_duplicates(load_dataset("fashion-mnist"))
    assert (found.num_exact_copies, found.num_near_pairs, found.num_near_leaks) == (0, 66, 11)
    leaks = [(pair.first.index, pair.second.index) for pair in found.near_pairs if pair.is_leak]
    assert leaks[0] == (13360, 4998)
