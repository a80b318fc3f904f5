"""The image operations of the page against OpenCV's, over images drawn at random."""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page
from tests.page.exchange import Exchange
from tests.page.planes import evaluate

from inkwise.handwriting.ink import stroke_width

Run = Callable[..., Any]


@pytest.fixture
def run(js: Page, exchange: Exchange) -> Run:
    def run(image: NDArray[Any], module: str, expression: str) -> Any:
        return evaluate(js, exchange, image, module=module, expression=expression)

    return run


def grey(generator: np.random.Generator, height: int, width: int) -> NDArray[np.uint8]:
    """An image in which white, black and what lies between are each met."""
    return np.clip(generator.normal(128, 160, (height, width)), 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    "size", [(60, 40), (59, 39), (30, 20), (20, 10), (33, 20), (7, 31), (1, 1), (60, 20), (31, 19), (47, 33)]
)
def test_shrunk_image_equals_area_resize(run: Run, size: tuple[int, int]) -> None:
    image = grey(np.random.default_rng(size[0]), 40, 60)
    ours = run(image, "imaging/resize.js", f"shrunk(image, {size[0]}, {size[1]})")
    reference = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    difference = np.abs(ours.astype(int) - reference)
    assert difference.max() <= 1
    assert (difference > 0).mean() < 0.01  # a half may be rounded otherwise


@pytest.mark.parametrize("size", [(60, 80), (168, 77), (31, 41), (30, 40), (500, 45)])
def test_enlarged_image_equals_linear_resize(run: Run, size: tuple[int, int]) -> None:
    image = grey(np.random.default_rng(size[0]), 40, 30)
    ours = run(image, "imaging/resize.js", f"enlarged(image, {size[0]}, {size[1]})")
    np.testing.assert_array_equal(ours, cv2.resize(image, size, interpolation=cv2.INTER_LINEAR))


@pytest.mark.parametrize("sigma", [0.5, 0.9, 1.0, 2.4, 5.4, 20.0])
def test_blurred_image_equals_gaussian_blur(run: Run, sigma: float) -> None:
    image = grey(np.random.default_rng(1), 37, 50).astype(np.float32)
    ours = run(image, "imaging/blur.js", f"blurred(image, {sigma})")
    np.testing.assert_allclose(ours, cv2.GaussianBlur(image, (0, 0), sigma), atol=2e-3)


def test_blurred_pixel_of_one_stays_one(run: Run) -> None:
    image = np.full((1, 1), 9, np.float32)
    assert run(image, "imaging/blur.js", "blurred(image, 3)") == pytest.approx(9)


@pytest.mark.parametrize("side", [3, 9])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_dilated_image_equals_dilate(run: Run, side: int, dtype: type) -> None:
    image = grey(np.random.default_rng(side), 23, 31).astype(dtype)
    ours = run(image, "imaging/dilate.js", f"dilated(image, {side})")
    np.testing.assert_array_equal(ours, cv2.dilate(image, np.ones((side, side), np.uint8)))
    assert ours.dtype == dtype


@pytest.mark.parametrize("share", [0.5, 0.1, 0.02, 0.003])
def test_distance_equals_distance_transform(run: Run, share: float) -> None:
    generator = np.random.default_rng(3)
    mask = (generator.random((70, 90)) > share).astype(np.uint8)
    ours = run(mask, "imaging/distance.js", "distanceToZero(image)")
    # Fixed-point builds of OpenCV round each step to 1/65536.
    np.testing.assert_allclose(ours, cv2.distanceTransform(mask, cv2.DIST_L2, 5), atol=1e-3)


def test_warped_image_equals_warp_affine(run: Run) -> None:
    generator = np.random.default_rng(4)
    image = grey(generator, 90, 60).astype(np.float32)
    for _ in range(10):
        matrix = np.array([[0.3, 0, 0], [0, 0.3, 0]]) + generator.normal(0, [[0.1, 0.1, 8], [0.1, 0.1, 8]])
        numbers = ", ".join(str(value) for value in matrix.ravel())
        ours = run(image, "imaging/warp.js", f"warped(image, [{numbers}], {{width: 28, height: 33}})")
        reference = cv2.warpAffine(image, matrix, (28, 33), flags=cv2.INTER_LINEAR)
        np.testing.assert_allclose(ours, reference, atol=0.05)


def test_moments_equal_opencv(run: Run) -> None:
    image = grey(np.random.default_rng(5), 20, 30).astype(np.float32)
    ours = run(image, "imaging/moments.js", "moments(image)")
    reference = cv2.moments(image)
    assert ours == pytest.approx({"sum": reference["m00"], "x": reference["m10"], "y": reference["m01"]})


def test_bounding_box_equals_bounding_rect(run: Run) -> None:
    generator = np.random.default_rng(6)
    for _ in range(20):
        image = (generator.random((19, 23)) < 0.01).astype(np.uint8) * np.uint8(200)
        box = run(image, "imaging/cut_out.js", "boundingBox(image, 127)")
        reference = cv2.boundingRect(image)
        assert (tuple(box.values()) if box else (0, 0, 0, 0)) == reference


def test_cut_out_with_margin_undoes_it(run: Run) -> None:
    image = grey(np.random.default_rng(7), 8, 5)
    expression = "cutOut(withMargin(image, 3), {x: 3, y: 3, width: 5, height: 8})"
    np.testing.assert_array_equal(run(image, "imaging/cut_out.js", expression), image)
    padded = run(image, "imaging/cut_out.js", "withMargin(image, 3)")
    np.testing.assert_array_equal(padded, np.pad(image, 3))


def test_stroke_width_equals_python(run: Run) -> None:
    generator = np.random.default_rng(8)
    for width in (1, 2, 3, 5, 9, 20):
        mask = np.zeros((120, 120), np.uint8)
        points = generator.integers(20, 100, (4, 1, 2), dtype=np.int32)
        cv2.polylines(mask, [points], False, 1, width)
        ours = run(mask, "imaging/stroke_width.js", "strokeWidth(image)")
        assert ours == pytest.approx(stroke_width(mask > 0), abs=1e-3)
    assert run(np.zeros((3, 4), np.uint8), "imaging/stroke_width.js", "strokeWidth(image)") == 0


def test_halves_are_rounded_as_python_rounds(run: Run) -> None:
    for value in (-1.5, -0.5, 0.5, 1.5, 2.5, 2.4999, 2.5001, 7.0):
        ours = run(np.zeros((1, 1), np.uint8), "imaging/round.js", f"roundHalfEven({value})")
        assert ours == round(value)


def test_connected_pixels_are_those_of_opencv(run: Run) -> None:
    generator = np.random.default_rng(9)
    for _ in range(5):
        image = generator.random((40, 50)).astype(np.float32)
        count, labels = cv2.connectedComponents((image > 0.7).astype(np.uint8), connectivity=8)
        begins = np.isin(np.arange(count), labels[image > 0.95])
        begins[0] = False
        ours = run(image, "imaging/components.js", "connectedTo(image, 0.7, 0.95)")
        np.testing.assert_array_equal(ours > 0, begins[labels])
