import numpy as np
import pytest

from inkwise.handwriting.synthesis.camera import Camera
from inkwise.handwriting.synthesis.paper import Paper

SIZE = (60, 80)


def _scene(value: float = 200.0) -> np.ndarray:
    return np.full((*SIZE, 3), value, dtype=np.float32)


def _shot(camera: Camera, seed: int = 0) -> np.ndarray:
    truth = np.zeros(SIZE, dtype=np.uint8)
    return camera.photograph(_scene(), truth, np.random.default_rng(seed)).pixels


def test_plain_paper_has_one_colour() -> None:
    scene = Paper(colour=(10.0, 20.0, 30.0)).lay(SIZE, np.random.default_rng(0), unit_px=30)
    assert np.unique(scene.reshape(-1, 3), axis=0).tolist() == [[10.0, 20.0, 30.0]]


def test_perfect_camera_changes_nothing() -> None:
    assert np.unique(_shot(Camera())).tolist() == [200]


def test_ruled_paper_has_level_lines_at_its_spacing() -> None:
    paper = Paper(ruling="ruled", spacing=0.5, contrast=1.0)
    scene = paper.lay((200, 50), np.random.default_rng(3), unit_px=60)
    dark = scene.mean(axis=(1, 2)) < 252
    starts = np.flatnonzero(dark & ~np.roll(dark, 1))
    # 0.5 * 60 px; a slight slope smears them.
    assert np.abs(np.diff(starts) - 30).max() <= 3


def test_squared_paper_has_lines_both_ways() -> None:
    paper = Paper(ruling="squared", spacing=0.5, contrast=1.0)
    scene = paper.lay((120, 120), np.random.default_rng(1), unit_px=60)
    assert scene.mean(axis=(1, 2)).min() < 250
    assert scene.mean(axis=(0, 2)).min() < 250


@pytest.mark.parametrize("paper", [Paper(grain=6.0), Paper(clouds=6.0), Paper(folds=1), Paper(stains=1)])
def test_uneven_paper_is_uneven(paper: Paper) -> None:
    assert paper.lay(SIZE, np.random.default_rng(0), unit_px=30).std() > 0.5


@pytest.mark.parametrize(
    "camera", [Camera(gradient=0.4), Camera(shadow=0.4), Camera(vignette=0.4), Camera(unevenness=0.1)]
)
def test_uneven_light_only_takes_brightness_away_in_places(camera: Camera) -> None:
    pixels = _shot(camera)
    assert np.ptp(pixels) > 10
    assert pixels.max() <= 255
    assert (pixels[..., 0] == pixels[..., 2]).all()


def test_noise_has_the_deviation_asked_for() -> None:
    assert abs(_shot(Camera(noise=6.0)).astype(float).mean(axis=2).std() - 6) < 0.6


def test_turned_camera_moves_truth_with_the_scene() -> None:
    scene, truth = _scene(), np.zeros(SIZE, dtype=np.uint8)
    scene[10:20, 30:60], truth[10:20, 30:60] = 0, 255
    photograph = Camera(turn=0.3, perspective=0.05).photograph(scene, truth, np.random.default_rng(0))
    assert truth[15, 35] == 255
    np.testing.assert_allclose(photograph.pixels[..., 0], 200 - photograph.truth / 255.0 * 200, atol=3)
    x, y, scale = photograph.moved @ (45, 15, 1)
    assert photograph.truth[round(y / scale), round(x / scale)] == 255


def test_blur_softens_an_edge() -> None:
    scene, truth = _scene(0.0), np.zeros(SIZE, dtype=np.uint8)
    scene[:, 40:] = 200
    pixels = Camera(blur_px=2.0).photograph(scene, truth, np.random.default_rng(0)).pixels
    assert 60 < int(pixels[30, 39, 0]) < 100 < int(pixels[30, 40, 0]) < 140


def test_strong_compression_leaves_traces() -> None:
    scene, truth = _scene(), np.zeros(SIZE, dtype=np.uint8)
    scene[20:40, 33:35] = 0
    sharp, squeezed = (
        Camera(jpeg_quality=quality).photograph(scene, truth, np.random.default_rng(0)).pixels
        for quality in (100, 20)
    )
    assert not np.array_equal(sharp, squeezed)
    assert np.abs(sharp.astype(int) - squeezed).mean() < 12


@pytest.mark.parametrize("seed", range(5))
def test_any_camera_and_paper_keep_ink_visible_in_range(seed: int) -> None:
    generator = np.random.default_rng(seed)
    scene = Paper.draw(generator).lay(SIZE, generator, unit_px=40)
    assert scene.shape == (*SIZE, 3)
    camera = Camera.draw(generator, unit_px=40, stroke_px=3)
    photograph = camera.photograph(scene, np.zeros(SIZE, dtype=np.uint8), generator)
    assert (photograph.pixels.shape, photograph.pixels.dtype) == ((*SIZE, 3), np.uint8)
    assert photograph.pixels.mean() > 40
