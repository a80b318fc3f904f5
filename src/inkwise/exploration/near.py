"""Near copies: pairs of images that lie closer together than their classes' images ever should.

How far apart two images are is the root of their mean squared pixel difference, a fraction of the range
from black to white. How near is too near differs: two ones resemble each other more than two shirts. So
each class has its own limit, from how far its images lie from their nearest neighbours.

The search misses no pair. An orthogonal projection never makes a distance longer, so whatever is too far
apart in a few principal components is too far apart; the rest is measured pixel by pixel.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inkwise.data.dataset import IMAGE_SIZE

MOST_PAIRS = 100_000  # past this a set is made of copies, and the search stops
_COMPONENTS, _CAPTURED = 64, 0.8  # at least so many, and so much of the variance; noise needs most of them
_BLOCK = 512  # rows compared at once: 512 x 150,000 distances take 0.3 GB
_CHUNK = 4096
_LIMIT_SAMPLE = 1000  # images of a class whose nearest neighbour is looked for
_SMALL_CLASS = 20  # images; smaller classes share one limit, for quartiles need numbers
_FEWEST = 4
_SLACK = 1e-3  # of a squared distance; float32 rounds off a hundredth of that

Step = Callable[[int, int], None]
"""Called with how much is done and how much there is in all."""


@dataclass(frozen=True)
class NearPairs:
    """Pairs below both their classes' limits, nearest first.

    Attributes:
        pairs: (P, 2) int64, indices of images, the smaller first.
        differences: (P,) float64, root mean square pixel difference, 0 to 1, never 0.
        limits: (K,) float64 in the same unit; 0 for a class that has no limit.
        is_complete: False where the search stopped at MOST_PAIRS.
    """

    pairs: NDArray[np.int64]
    differences: NDArray[np.float64]
    limits: NDArray[np.float64]
    is_complete: bool


def find_near_pairs(
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    *,
    num_classes: int,
    seed: int = 0,
    on_step: Step = lambda done, total: None,
) -> NearPairs:
    """Return the pairs of images that are near copies; equal images are left out.

    Args:
        images: (N, 28, 28) uint8, in memory.
        labels: (N,) int64 in 0..K-1; a pair has to be below the limits of both labels.
        num_classes: K.
        seed: draws the images from which the limits are taken.
        on_step: called after each block with the comparisons done and those in all.
    """
    limits = near_limits(images, labels, num_classes=num_classes, seed=seed)
    if not limits.any():
        nothing = np.empty((0, 2), np.int64)
        return NearPairs(nothing, np.empty(0), limits, is_complete=True)
    kept, num_kept, is_complete = [], 0, True
    for pairs in _candidates(images, limits[labels] * IMAGE_SIZE, on_step=on_step):
        differences = _differences(images, pairs)
        is_near = (differences > 0) & (differences < limits[labels[pairs]].min(axis=1))
        kept.append((pairs[is_near], differences[is_near]))
        num_kept += int(is_near.sum())
        if num_kept > MOST_PAIRS:
            is_complete = False
            break
    pairs, differences = (np.concatenate(parts) for parts in zip(*kept, strict=True))
    pairs = np.sort(pairs, axis=1)
    order = np.lexsort((pairs[:, 1], pairs[:, 0], differences))[:MOST_PAIRS]
    return NearPairs(pairs[order], differences[order], limits, is_complete=is_complete)


def near_limits(
    images: NDArray[np.uint8], labels: NDArray[np.int64], *, num_classes: int, seed: int = 0
) -> NDArray[np.float64]:
    """Return for each class the difference below which two of its images are near copies, (K,) float64.

    Of the logarithms of the nearest-neighbour differences within the class, it is the lower outer fence
    (three times the distance between the quartiles below the first), and at most half their median, for
    classes whose images all lie equally far apart. Classes of fewer than 20 images are taken together, and
    without 4 in all they have the limit 0: nothing is near.

    Source: the outer fence is Tukey's (Exploratory Data Analysis, 1977, section 2D).
    """
    limits = np.zeros(num_classes)
    counts = np.bincount(labels, minlength=num_classes)
    generator = np.random.default_rng(seed)
    small = np.flatnonzero(counts < _SMALL_CLASS)
    pools = [np.array([label]) for label in np.flatnonzero(counts >= _SMALL_CLASS)]
    for pool in (*pools, small):
        members = np.flatnonzero(np.isin(labels, pool))
        if len(members) >= _FEWEST:
            limits[pool] = _outer_fence(_nearest_differences(images, members, generator))
    return limits


def _outer_fence(differences: NDArray[np.float64]) -> float:
    positive = differences[differences > 0]
    if len(positive) < _FEWEST:
        return 0.0
    first, median, third = np.quantile(np.log(positive), (0.25, 0.5, 0.75))
    return float(min(np.exp(first - 3 * (third - first)), np.exp(median) / 2))


def _nearest_differences(
    images: NDArray[np.uint8], members: NDArray[np.int64], generator: np.random.Generator
) -> NDArray[np.float64]:
    """Return how far a sample of members lies from the nearest other member that is not equal."""
    pixels = torch.from_numpy(images[members].reshape(len(members), -1)).float() / 255
    squares = (pixels**2).sum(dim=1)
    sample = torch.from_numpy(generator.permutation(len(members))[:_LIMIT_SAMPLE])
    nearest = []
    for rows in sample.split(256):
        squared = torch.addmm(squares, pixels[rows], pixels.T, alpha=-2) + squares[rows, None]
        squared[squared < _SLACK] = torch.inf  # itself, and its equals
        nearest.append(squared.amin(dim=1))
    found = torch.cat(nearest).double().sqrt() / IMAGE_SIZE
    return found[found.isfinite()].numpy()


def _candidates(
    images: NDArray[np.uint8], reach: NDArray[np.float64], *, on_step: Step
) -> Iterator[NDArray[np.int64]]:
    """Yield pairs (P, 2) that may lie within reach of each other, block by block, none left out.

    Args:
        reach: (N,) the Euclidean distance, of pixels in [0, 1], that each image looks around.
    """
    points = _project(images)
    order = torch.argsort(points[:, 0], stable=True)  # only neighbours along the first axis can be near
    points, reaches = points[order], torch.from_numpy(reach).float()[order]
    squares = (points**2).sum(dim=1)
    first, widest = points[:, 0].contiguous(), float(reaches.max()) + _SLACK
    starts = range(0, len(points), _BLOCK)
    ends = [int(torch.searchsorted(first, first[s : s + _BLOCK][-1] + widest, right=True)) for s in starts]
    total, done = sum(end - start for start, end in zip(starts, ends, strict=True)), 0
    for start, end in zip(starts, ends, strict=True):
        rows = slice(start, start + _BLOCK)
        squared = torch.addmm(squares[start:end], points[rows], points[start:end].T, alpha=-2)
        bound = reaches[rows] ** 2 + _SLACK - squares[rows]
        found = (squared < bound[:, None]).nonzero()
        found = found[found[:, 1] > found[:, 0]] + start
        done += end - start
        on_step(done, total)
        for part in found.split(MOST_PAIRS):
            yield order[part].numpy()


def _project(images: NDArray[np.uint8]) -> Tensor:
    """Return images in their first principal components, (N, D) float32, D at least 64: no distance grows."""
    step = max(len(images) // 20_000, 1)
    some = torch.from_numpy(images[::step].reshape(-1, IMAGE_SIZE**2)).float() / 255
    mean = some.mean(dim=0)
    centred = some - mean
    values, vectors = torch.linalg.eigh((centred.T @ centred).double())  # ascending
    captured = values.flip(0).clamp_min(0).cumsum(0) / values.clamp_min(0).sum().clamp_min(1e-12)
    width = max(_COMPONENTS, int((captured < _CAPTURED).sum()) + 1)
    basis = vectors.flip(1)[:, :width].float().contiguous()
    points = torch.empty(len(images), basis.shape[1])
    for start in range(0, len(images), _CHUNK):
        pixels = torch.from_numpy(images[start : start + _CHUNK].reshape(-1, IMAGE_SIZE**2)).float() / 255
        points[start : start + _CHUNK] = (pixels - mean) @ basis
    return points


def _differences(images: NDArray[np.uint8], pairs: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the root mean square pixel difference of each pair, exact, (P,) float64."""
    parts = [np.empty(0)]
    for start in range(0, len(pairs), _CHUNK):
        first, second = (images[pairs[start : start + _CHUNK, side]].astype(np.float64) for side in (0, 1))
        parts.append(np.sqrt(((first - second) ** 2).mean(axis=(1, 2))) / 255)
    return np.concatenate(parts)
