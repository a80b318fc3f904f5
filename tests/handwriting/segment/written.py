"""Digits as strokes, written here so that the truth is known, and a recogniser that knows these by heart."""

from collections.abc import Sequence
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from inkwise.handwriting.ink import Ink
from inkwise.handwriting.normalise import normalise_glyph

Stroke = list[tuple[float, float]]  # points x, y in heights of a digit
INK, STROKE_PX = 255, 6


def arc(centre: tuple[float, float], radii: tuple[float, float], turn: tuple[int, int]) -> Stroke:
    """Return an arc from one angle to another, degrees from the right and downwards."""
    angles = np.radians(np.linspace(turn[0], turn[1], 24))
    xs, ys = centre[0] + radii[0] * np.cos(angles), centre[1] + radii[1] * np.sin(angles)
    return list(zip(xs.tolist(), ys.tolist(), strict=True))


STROKES: dict[str, list[Stroke]] = {
    "0": [arc((0.3, 0.5), (0.3, 0.5), (0, 360))],
    "1": [[(0.05, 0.0), (0.05, 1.0)]],
    "2": [[*arc((0.3, 0.28), (0.3, 0.28), (-170, 40)), (0.0, 1.0), (0.62, 1.0)]],
    "3": [arc((0.25, 0.25), (0.27, 0.25), (-150, 90)), arc((0.25, 0.74), (0.32, 0.26), (-90, 150))],
    "4": [[(0.25, 0.0), (0.0, 0.62), (0.6, 0.62)], [(0.42, 0.3), (0.42, 1.0)]],
    "5": [[(0.1, 0.0), (0.06, 0.45), *arc((0.24, 0.7), (0.3, 0.3), (-100, 140))], [(0.1, 0.0), (0.55, 0.0)]],
    "6": [[(0.45, 0.0), (0.1, 0.45), *arc((0.3, 0.72), (0.28, 0.28), (180, 540))]],
    "7": [[(0.0, 0.0), (0.6, 0.0), (0.2, 1.0)]],
    "8": [arc((0.3, 0.25), (0.23, 0.25), (90, 450)), arc((0.3, 0.75), (0.3, 0.25), (-90, 270))],
    "9": [[*arc((0.3, 0.28), (0.28, 0.28), (0, 360)), (0.56, 0.3), (0.5, 1.0)]],
}


def draw(
    coverage: NDArray[np.uint8], strokes: Sequence[Stroke], *, at: tuple[float, float], height: float
) -> None:
    """Draw strokes onto coverage, their corner at x, y, 1 as long as height."""
    for stroke in strokes:
        points = np.rint((np.array(stroke) * height + at) * 16).astype(np.int32)
        cv2.polylines(coverage, [points], False, INK, STROKE_PX, cv2.LINE_AA, 4)


def page(shape: tuple[int, int], *digits: tuple[str, float, float, float]) -> NDArray[np.uint8]:
    """Return coverage with digits (label, x, y, height) on it."""
    coverage = np.zeros(shape, np.uint8)
    for label, x, y, height in digits:
        draw(coverage, STROKES[label], at=(x, y), height=height)
    return coverage


def row(
    text: str, *, gap: float = 20, height: float = 60, at: tuple[float, float] = (20, 20)
) -> list[tuple[str, float, float, float]]:
    """Return the digits of one line, gap pixels of bare paper between them."""
    digits, x = [], at[0]
    for label in text:
        xs = np.array([point[0] for stroke in STROKES[label] for point in stroke]) * height
        digits.append((label, x - xs.min(), at[1], height))
        x += float(xs.max() - xs.min()) + STROKE_PX + gap
    return digits


def as_ink(coverage: NDArray[np.uint8]) -> Ink:
    """Return coverage as find_ink would."""
    return Ink(coverage, float(STROKE_PX), False, ())


@cache
def _known() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return (N, 784) unit vectors of each digit a little slanted, widened and turned, and their labels."""
    vectors, labels = [], []
    for label in STROKES:
        for slant, width in [(s, w) for s in (-0.2, 0.0, 0.2) for w in (0.8, 1.0, 1.2)]:
            strokes = [[(x * width - slant * y, y) for x, y in stroke] for stroke in STROKES[label]]
            coverage = np.zeros((140, 160), np.uint8)
            draw(coverage, strokes, at=(50, 30), height=70)
            vectors.append(_vector(normalise_glyph(coverage)))
            labels.append(int(label))
    return np.stack(vectors), np.array(labels)


def _vector(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    blurred = cv2.GaussianBlur(image.astype(np.float32), (0, 0), 1.2).ravel()
    return np.asarray(blurred / max(1.0, float(np.linalg.norm(blurred))), np.float32)


def recognise(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return (N, 10) probabilities: high for what looks like one of STROKES, 1/10 each for what does not."""
    vectors, labels = _known()
    alike = np.stack([_vector(image) for image in images]) @ vectors.T
    best = np.stack([alike[:, labels == label].max(axis=1) for label in range(10)], axis=1)
    is_digit = 1 / (1 + np.exp(-40 * (best.max(axis=1, keepdims=True) - 0.85)))
    share = np.exp(40 * (best - best.max(axis=1, keepdims=True)))
    share /= share.sum(axis=1, keepdims=True)
    return np.asarray(is_digit * share + (1 - is_digit) / 10, np.float32)
