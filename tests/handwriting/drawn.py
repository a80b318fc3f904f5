"""Pictures for the tests of handwriting, drawn here so that the truth is known."""

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]


def seven(side: int = 200, *, stroke_px: int = 9, paper: int = 235, ink: int = 40) -> Grey:
    """Return a 7 that fills the middle of side x side pixels: bar, then stem."""
    picture = np.full((side, side), paper, np.uint8)
    points = [(0.3, 0.22), (0.7, 0.22), (0.45, 0.8)]
    corners = np.array([(round(x * side), round(y * side)) for x, y in points], np.int32)
    cv2.polylines(picture, [corners], False, ink, stroke_px, cv2.LINE_AA)
    return picture


def ring(side: int = 200, *, stroke_px: int = 9, paper: int = 235, ink: int = 40) -> Grey:
    """Return a 0 in the middle of side x side pixels."""
    picture = np.full((side, side), paper, np.uint8)
    middle = (side // 2, side // 2)
    cv2.ellipse(picture, middle, (side // 6, side // 4), 0, 0, 360, ink, stroke_px, cv2.LINE_AA)
    return picture


def shaded(picture: Grey, *, least: float) -> Grey:
    """Return picture under light that falls from 1 at the left edge to least at the right one."""
    light = np.linspace(1, least, picture.shape[1])
    return np.asarray(np.clip(picture * light, 0, 255), np.uint8)


def grainy(picture: Grey, *, spread: float, seed: int = 0) -> Grey:
    """Return picture with normal noise."""
    noise = np.random.default_rng(seed).normal(0, spread, picture.shape)
    return np.asarray(np.clip(picture + noise, 0, 255), np.uint8)


def overlap(coverage: Grey, truth: NDArray[np.bool_]) -> float:
    """Return intersection over union of what was found and what is there."""
    found = coverage > 127
    return float((found & truth).sum() / (found | truth).sum())
