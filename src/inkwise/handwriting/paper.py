"""What a picture is without its ink: the paper, the light on it, and how much darker each pixel is than that.

Paper is what is left when everything narrower than a pen's line is filled in (a grey closing), so shadows and
uneven light belong to the paper. Ink is what differs from it, along the one direction in colour in which most
of the difference lies: blue on pink and chalk on a blackboard are found as pencil on white is.
"""

import functools
from typing import Any, TypeVar, cast

import cv2
import numpy as np
from numpy.typing import NDArray

_SURFACE_SIDE = 64  # pixels of the longer side on which the fall of the light is measured
_COLOUR_SIDE = 96  # ... and on which the colour of the ink is
_PAPER_SIDE = 320  # ... and, at most, the paper
_PLAIN = 12  # grey levels by which the border of a plain picture varies
_ALL_PLAIN = 0.985  # of the border: writing may touch it, printed lines cross it
_TIGHT = 0.05  # of the writing's longer side: a margin that is narrower on every side is tight
_NO_LIGHT = 0.1  # of the picture: if more than this is lighter than the fitted light, it is not the light
_PEAK = 0.4  # of the highest peak of a histogram, that another one must reach to count
_LITTLE_GRAIN = 2.5  # grey levels, that no line is lost in
_GRAIN_MASK = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)

Strength = NDArray[np.float32]
Pixels = TypeVar("Pixels", NDArray[np.uint8], NDArray[np.float32])


def ink_channel(pixels: NDArray[np.uint8]) -> Strength:
    """Return the one grey channel (H, W) float32 in which ink and paper differ most; ink is darker.

    For colour it is a weighted mean of red, green and blue, halfway between plain grey and the direction that
    holds most of the squared difference from the paper: noise in colour alone must not choose it. A weight
    may be negative; without their signs they sum to 1.

    Args:
        pixels: (H, W) or (H, W, 3) uint8, ink darker than paper.
    """
    if pixels.ndim == 2:
        return pixels.astype(np.float32)
    small = shrink(pixels, _COLOUR_SIDE).astype(np.float32)
    difference = (_paper(small, kernel=0.4 * min(small.shape[:2])) - small).reshape(-1, 3)
    direction = np.linalg.eigh(difference.T @ difference)[1][:, -1]
    weights = direction * np.sign(direction.sum()) + 3**-0.5
    weights = (weights / np.abs(weights).sum()).astype(np.float32)
    return np.asarray(cv2.transform(pixels.astype(np.float32), weights[None]), np.float32)


def border_of(picture: NDArray[Any]) -> NDArray[Any]:
    """Return the pixels along the four edges of a picture (H, W) or (H, W, 3), one after the other."""
    return np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])


def tight_margin(grey: NDArray[np.uint8]) -> int:
    """Return how many pixels of paper a tight cut-out lacks on every side; 0 where its paper is not plain.

    A digit cut out to its edges leaves so little paper that it would be taken for the paper itself.

    Args:
        grey: (H, W) uint8.
    """
    border = border_of(grey).astype(np.int16)
    ground = int(np.median(border))
    if (np.abs(border - ground) < _PLAIN).mean() < _ALL_PLAIN:
        return 0
    is_other = np.abs(grey.astype(np.int16) - ground) > 4 * _PLAIN
    x, y, width, height = cv2.boundingRect(is_other.astype(np.uint8))
    gaps = (x, y, grey.shape[1] - x - width, grey.shape[0] - y - height)
    longer = max(width, height)
    return round(0.2 * longer) if longer and max(gaps) < _TIGHT * longer else 0


def widen(pixels: NDArray[np.uint8], margin: int) -> NDArray[np.uint8]:
    """Return pixels (H, W) or (H, W, 3) with so many more of the border's grey or colour on every side."""
    ground = np.atleast_1d(np.median(border_of(pixels), axis=0)).astype(int).tolist()
    around = cv2.copyMakeBorder(pixels, *(margin,) * 4, cv2.BORDER_CONSTANT, value=ground)
    return np.asarray(around, np.uint8)


def level_light(channel: Strength) -> Strength:
    """Return channel as under even light: divided by the smooth surface that the bare paper follows.

    The surface is of second degree, fitted again and again to what is not clearly darker or lighter than it.

    Args:
        channel: (H, W) float32, ink darker than paper.
    """
    small = shrink(channel, _SURFACE_SIDE)
    terms, values = _surface_terms(small.shape), small.ravel()
    is_paper = values >= np.median(values)
    ridge = 1e-6 * len(values) * np.eye(terms.shape[1])  # for pictures with a side of a pixel or two
    for _ in range(4):
        if is_paper.sum() < 3 * terms.shape[1]:
            return channel
        chosen = terms[is_paper]
        surface = terms @ np.linalg.solve(chosen.T @ chosen + ridge, chosen.T @ values[is_paper])
        spread = max(1.0, 1.4826 * float(np.median(np.abs(values - surface)[is_paper])))
        is_paper = np.abs(values - surface) < 3 * spread
    lightest = float(surface.max())
    # Where hardly any of the picture follows it, or light hardly varies, it is no light but chance. Where
    # much of the picture is lighter still, it follows one side of a shadow's edge, or runs across the edge.
    if (
        lightest < 1
        or is_paper.mean() < 0.5
        or float(surface.min()) > 0.93 * lightest
        or (values > 1.1 * surface).mean() > _NO_LIGHT
    ):
        return channel
    surface = np.maximum(surface, 0.25 * lightest).reshape(small.shape).astype(np.float32)
    light = cv2.resize(surface / lightest, channel.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(channel / light, np.float32)


@functools.lru_cache(maxsize=64)
def _surface_terms(shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return 1, x, y, x^2, xy, y^2 for every pixel, (H * W, 6), x and y from -1 to 1."""
    rows, columns = (np.linspace(-1, 1, side) for side in shape)
    y, x = (axis.ravel() for axis in np.meshgrid(rows, columns, indexing="ij"))
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)


def ink_strength(channel: Strength, *, kernel: float, near: float) -> Strength:
    """Return by how many grey levels each pixel is darker than the paper would be there, (H, W) float32.

    Args:
        channel: (H, W) float32, ink darker than paper.
        kernel: pixels; what is narrower is no paper.
        near: pixels; ink is narrower than this too, and what is near bounds the paper.
    """
    # Paper changes little within the kernel: a grid of a twentieth of it is fine enough.
    small = shrink(channel, min(_PAPER_SIDE, max(24, round(max(channel.shape) * 20 / kernel))))
    paper = _paper(small, kernel=kernel * len(small) / len(channel))
    paper = np.asarray(cv2.resize(paper, channel.shape[::-1], interpolation=cv2.INTER_LINEAR), np.float32)
    # The coarse grid carries light across the edge of a shadow, a closing at full size does not.
    # A closing follows the lightest grain, so that is smoothed, but no more than the line is wide.
    even = cv2.GaussianBlur(channel, (0, 0), float(np.clip(near / 12, 0.3, 2.0)))
    paper = np.asarray(np.minimum(paper, cv2.morphologyEx(even, cv2.MORPH_CLOSE, square(near))), np.float32)
    # In shadow ink differs less from paper, by as much as there is less light.
    light = max(1.0, float(np.percentile(thinned(paper, 100), 90)))
    difference = np.asarray((paper - channel) * (light / np.maximum(paper, 0.35 * light)), np.float32)
    return np.asarray(difference - _bare(difference), np.float32)


def _paper(pixels: NDArray[np.float32], *, kernel: float) -> NDArray[np.float32]:
    """Return the paper without its ink, of the shape of pixels, (H, W) or (H, W, 3) float32."""
    structure = square(max(3.0, kernel))
    pad = len(structure)
    if min(pixels.shape[:2]) > 5:
        pixels = np.asarray(cv2.medianBlur(pixels, 3))
    # Light that falls off goes on falling off outside, so that a dark corner is no ink. Nothing out there is
    # lighter than the lightest paper, though ink near the edge, mirrored, would be.
    padding = ((pad, pad), (pad, pad), (0, 0))[: pixels.ndim]
    around = np.pad(pixels, padding, mode="reflect", reflect_type="odd")
    around = np.minimum(around, pixels.max(axis=(0, 1)))
    paper = cv2.morphologyEx(around, cv2.MORPH_CLOSE, structure)
    paper = cv2.GaussianBlur(paper, (0, 0), max(1.0, pad / 12))
    return np.asarray(paper[pad:-pad, pad:-pad])


def _bare(values: Strength) -> float:
    """Return the value of bare paper: the first high peak of the histogram, for ink lies above it."""
    # Bins about -64 to 191: the 0 of a clean page lies in the middle of its bin, not on an edge.
    levels = np.clip(np.rint(thinned(values, 400)) + 64, 0, 255).astype(np.uint8)
    counts = np.bincount(levels.ravel(), minlength=256)
    counts[-1] = 0  # what lies above
    smooth = np.convolve(counts, [1, 2, 3, 2, 1], mode="same")
    is_peak = (
        (smooth[1:-1] >= smooth[:-2]) & (smooth[1:-1] >= smooth[2:]) & (smooth[1:-1] > _PEAK * smooth.max())
    )
    first = int(is_peak.argmax()) + 1 if is_peak.any() else int(smooth.argmax())
    return first - 64


def smooth_grain(channel: Strength) -> Strength:
    """Return channel with the grain of a photo blurred, as far as it is more than a little.

    Source: the mask is that of Immerkaer, CVIU 1996; its median is hardly moved by lines.
    """
    sample = np.asarray(cv2.filter2D(channel, -1, _GRAIN_MASK)[1:-1, 1:-1], np.float32)
    if not sample.size:
        return channel
    grain = float(np.median(np.abs(thinned(sample, 400)))) / (6 * 0.6745)
    if grain <= _LITTLE_GRAIN:
        return channel
    return np.asarray(
        cv2.GaussianBlur(channel, (0, 0), min(2.0, 0.4 + 0.14 * (grain - _LITTLE_GRAIN))), np.float32
    )


def to_grey(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return RGB (H, W, 3) as grey (H, W), weighted as the eye does (ITU-R 601)."""
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)


def shrink(pixels: Pixels, longer_side: int) -> Pixels:
    """Return pixels with a longer side of at most longer_side, averaged over areas."""
    factor = longer_side / max(pixels.shape[:2])
    if factor >= 1:
        return pixels
    size = (max(1, round(pixels.shape[1] * factor)), max(1, round(pixels.shape[0] * factor)))
    return cast(Pixels, cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))


def thinned(values: Strength, longer_side: int) -> Strength:
    """Return every so many-th pixel, at most about longer_side a side."""
    step = 1 + max(values.shape) // longer_side
    return values[::step, ::step]


def square(side: float) -> NDArray[np.uint8]:
    return np.ones((int(side) | 1, int(side) | 1), np.uint8)  # unlike a disk as quick large as small
