"""Near copies against a comparison of every pair, and limits worked out by hand."""

import itertools

import numpy as np
import pytest

from inkwise.data.load import load_dataset
from inkwise.exploration import near
from inkwise.exploration.near import find_near_pairs, near_limits


def digits_with_copies(num_copies: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """Return 600 digits and, behind them, copies of the first: with a little noise, or a little darker."""
    train = load_dataset("digits").train
    images, labels = train.images[:600], train.labels[:600]
    noise = np.random.default_rng(0).integers(-3, 4, (num_copies, 28, 28))
    copies = np.clip(images[:num_copies] + noise, 0, 255).astype(np.uint8)
    copies[::2] = images[:num_copies:2] * 0.97
    return np.concatenate([images, copies]), np.concatenate([labels, labels[:num_copies]])


def compare_every_pair(images: np.ndarray, labels: np.ndarray, limits: np.ndarray) -> set[tuple[int, int]]:
    pixels = images.reshape(len(images), -1) / 255
    found = set()
    for first, second in itertools.combinations(range(len(images)), 2):
        difference = np.sqrt(((pixels[first] - pixels[second]) ** 2).mean())
        if 0 < difference < min(limits[labels[first]], limits[labels[second]]):
            found.add((first, second))
    return found


def test_pairs_equal_those_of_every_pair_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """In blocks of one image, so that nothing is found but by reaching into others."""
    monkeypatch.setattr(near, "_BLOCK", 1)
    images, labels = digits_with_copies()
    found = find_near_pairs(images, labels, num_classes=10)
    assert found.is_complete
    assert {(first, second) for first, second in found.pairs.tolist()} == compare_every_pair(
        images, labels, found.limits
    )
    assert {(k, 600 + k) for k in range(12)} <= {(first, second) for first, second in found.pairs.tolist()}


def test_differences_are_exact_and_ascend() -> None:
    """A copy in which 196 of 784 pixels differ by 4 levels is 4 * sqrt(196 / 784) = 2 levels away."""
    images, labels = digits_with_copies(0)
    copy = images[5].copy()
    copy[:7] ^= 4  # one bit of each
    images, labels = np.concatenate([images, copy[None]]), np.append(labels, labels[5])
    found = find_near_pairs(images, labels, num_classes=10)
    assert found.pairs.tolist() == [[5, 600]]
    assert 255 * found.differences[0] == pytest.approx(2)


def test_pair_of_two_labels_is_held_to_the_stricter_limit() -> None:
    """A copy whose every pixel is so many grey levels off lies between the limits of two classes."""
    images, labels = digits_with_copies(0)
    limits = 255 * near_limits(images, labels, num_classes=10)
    strict, lenient = int(limits.argmin()), int(limits.argmax())
    step = round((limits[strict] + limits[lenient]) / 2)
    assert limits[strict] + 0.5 < step < limits[lenient] - 0.5
    image = images[labels == lenient][0].astype(int)
    copy = np.where(image < 128, image + step, image - step).astype(np.uint8)
    images = np.concatenate([images, copy[None]])
    for label, num_pairs in ((lenient, 1), (strict, 0)):
        assert len(find_near_pairs(images, np.append(labels, label), num_classes=10).pairs) == num_pairs


def test_real_digits_without_copies_have_no_near_pair() -> None:
    train = load_dataset("digits").train
    assert len(find_near_pairs(train.images, train.labels, num_classes=10).pairs) == 0


def test_equal_images_are_no_near_pair() -> None:
    images, labels = digits_with_copies(0)
    images, labels = np.concatenate([images, images[:5]]), np.append(labels, labels[:5])
    assert len(find_near_pairs(images, labels, num_classes=10).pairs) == 0


def test_noise_has_no_near_pair() -> None:
    """All images equally far apart: the fence is close to the median, and must not make all of them near."""
    images = np.random.default_rng(0).integers(0, 256, (400, 28, 28), np.uint8)
    labels = np.arange(400) % 4
    found = find_near_pairs(images, labels, num_classes=4)
    assert len(found.pairs) == 0
    assert (found.limits > 0).all()


def test_limit_is_tukeys_outer_fence_or_half_the_median() -> None:
    """Of nearest differences 0.1, 0.2, 0.4, 0.8 the logarithms are evenly spaced by ln 2 = L.

    Their quartiles lie 0.75 L and 2.25 L above ln 0.1, so the fence is at ln 0.1 + 0.75 L - 4.5 L.
    """
    assert near._outer_fence(np.array([0.1, 0.2, 0.4, 0.8])) == pytest.approx(0.1 * 2**-3.75)
    assert near._outer_fence(np.full(10, 0.3)) == pytest.approx(0.15)
    assert near._outer_fence(np.zeros(10)) == 0


def test_small_classes_share_a_limit_and_too_few_have_none() -> None:
    images, labels = digits_with_copies(0)
    few = np.concatenate([np.flatnonzero(labels == 0), np.flatnonzero(labels == 1)[:5],
                          np.flatnonzero(labels == 2)[:5]])  # fmt: skip
    limits = near_limits(images[few], labels[few], num_classes=4)
    assert limits[0] > 0
    assert limits[1] == limits[2] > 0
    assert (near_limits(images[:3], labels[:3], num_classes=10) == 0).all()


def test_set_made_of_copies_stops_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(near, "MOST_PAIRS", 5)
    images, labels = digits_with_copies(12)
    found = find_near_pairs(images, labels, num_classes=10)
    assert not found.is_complete
    assert len(found.pairs) == 5


def test_steps_end_at_all_done() -> None:
    images, labels = digits_with_copies(0)
    steps: list[tuple[int, int]] = []
    find_near_pairs(images, labels, num_classes=10, on_step=lambda *step: steps.append(step))
    assert steps[-1][0] == steps[-1][1] > 0
