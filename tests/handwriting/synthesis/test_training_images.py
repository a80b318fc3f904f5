import cv2
import numpy as np
import pytest
from tests.handwriting.synthesis.given_digits import given_digits

from inkwise.errors import ShapeError
from inkwise.handwriting.synthesis.training_images import make_training_images

NO_IMAGES = np.zeros((0, 28, 28), dtype=np.uint8)
NO_LABELS = np.zeros(0, dtype=np.int64)


def _make(count: int = 40, **changes: object) -> tuple[np.ndarray, np.ndarray]:
    images, labels = given_digits(20)
    settings = {"count": count, "seed": 5, "workers": 1} | changes
    return make_training_images(images, labels, **settings)  # type: ignore[arg-type]


def test_images_come_in_mnist_form() -> None:
    images, labels = _make(60)
    assert (images.shape, images.dtype, labels.dtype) == ((60, 28, 28), np.uint8, np.int64)
    assert (images.reshape(60, -1).max(axis=1) > 100).all()
    # The 20-pixel box with its mass in the middle leaves the outermost frame empty, or nearly so.
    assert np.median(images[:, [0, -1]].max(axis=(1, 2))) == 0
    y = (images.astype(float) * np.arange(28)[:, None]).sum(axis=(1, 2)) / images.sum(axis=(1, 2))
    assert np.abs(y - 13.5).max() < 1.0


def test_same_seed_makes_the_same_images() -> None:
    for first, second in zip(_make(), _make(), strict=True):
        np.testing.assert_array_equal(first, second)


def test_another_seed_makes_other_images() -> None:
    assert not np.array_equal(_make()[0], _make(seed=6)[0])


@pytest.mark.slow
def test_number_of_workers_changes_nothing() -> None:
    alone, together = _make(450), _make(450, workers=2)
    for first, second in zip(alone, together, strict=True):
        np.testing.assert_array_equal(first, second)


def test_no_outliers_where_their_share_is_zero() -> None:
    assert _make(outlier_share=0.0)[1].min() >= 0


def test_nothing_but_outliers_where_their_share_is_one() -> None:
    assert set(_make(outlier_share=1.0)[1]) == {-1}


def test_given_digits_keep_their_labels() -> None:
    images, _ = given_digits(1)
    _, labels = make_training_images(
        images, np.array([7]), count=10, seed=0, workers=1, parametric_share=0.0, outlier_share=0.0
    )
    assert labels.tolist() == [7] * 10


def test_each_given_digit_keeps_its_own_label() -> None:
    bar, ring = np.zeros((2, 28, 28), dtype=np.uint8)
    bar[4:24, 12:15] = 255
    cv2.circle(ring, (14, 14), 9, 255, 2)
    images, labels = make_training_images(
        np.stack([bar, ring]), np.array([3, 8]), count=16, seed=1, workers=1, parametric_share=0.0,
        outlier_share=0.0,
    )  # fmt: skip
    widths = (images > 90).any(axis=1).sum(axis=1)
    assert set(labels) == {3, 8}
    assert widths[labels == 3].max() < widths[labels == 8].min()


def test_strokes_alone_need_no_given_digits() -> None:
    images, labels = make_training_images(
        NO_IMAGES, NO_LABELS, count=30, seed=0, workers=1, parametric_share=1.0, outlier_share=0.0
    )
    assert images.any(axis=(1, 2)).all()
    assert len(set(labels)) >= 8


def test_progress_ends_with_all_done() -> None:
    told: list[tuple[int, int]] = []
    _make(15, on_progress=lambda done, count: told.append((done, count)))
    assert told[-1] == (15, 15)


def test_no_given_digits_are_refused_where_they_are_needed() -> None:
    with pytest.raises(ShapeError, match="images holds none, expected digits to draw again; give some or"):
        make_training_images(NO_IMAGES, NO_LABELS, count=1, seed=0)


def test_images_of_another_shape_are_refused() -> None:
    with pytest.raises(ShapeError, match=r"are \(2, 8, 8\) uint8 and \(2,\); expected \(N, 28, 28\) uint8"):
        make_training_images(np.zeros((2, 8, 8), np.uint8), np.zeros(2, np.int64), count=1, seed=0)


def test_share_beyond_one_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"shares are 0\.5 and 1\.2; expected fractions from 0 to 1"):
        _make(outlier_share=1.2)


def test_no_workers_are_refused() -> None:
    with pytest.raises(ShapeError, match="count is 40 and workers 0; expected at least 0 and 1"):
        _make(workers=0)
