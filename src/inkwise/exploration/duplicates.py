"""Images that are there twice: equal ones by their bytes, near copies, and leaks into the test part.

A test image that a network has learned from says nothing of images it has never seen.
"""

import hashlib
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from inkwise.data.dataset import Dataset, Split
from inkwise.exploration.near import NearPairs, Step, find_near_pairs

SEARCHED_IMAGES = 150_000  # more are sampled for near copies: the time grows with the square of their number
LISTED = 50
_LISTED_OF_GROUP = 20
_CHUNK_IMAGES = 4096


class ImageRef(BaseModel, frozen=True):
    """One image of the set.

    Attributes:
        part: "train" or "test".
        index: its place there, 0 for the first.
        label: 0..K-1.
    """

    part: Literal["train", "test"]
    index: int
    label: int


class ExactGroup(BaseModel, frozen=True):
    """Images of equal bytes.

    Attributes:
        num_images: how many.
        images: the first 20 of them.
        has_one_label: whether all are labelled alike.
        is_leak: whether train and test both have one.
    """

    num_images: int
    images: tuple[ImageRef, ...]
    has_one_label: bool
    is_leak: bool


class NearPair(BaseModel, frozen=True):
    """Two images that nearly agree.

    Attributes:
        first, second: the images.
        difference: root mean square pixel difference as a fraction of the range from black to white.
        limit: below which a pair of these classes counts as near.
        is_leak: whether one is in train and the other in test.
    """

    first: ImageRef
    second: ImageRef
    difference: float
    limit: float
    is_leak: bool


class Duplicates(BaseModel, frozen=True):
    """What is there twice. Equal images are looked for among all, near copies among num_searched.

    Attributes:
        num_images: of train and test together.
        num_exact_groups: groups of equal images.
        num_exact_copies: images that could be left out, one of each group kept.
        num_exact_leaks: test images whose equal is in train.
        num_label_conflicts: groups of equal images, and near pairs, that are labelled differently.
        exact_groups: at most 50, those across train and test first, then the largest.
        num_searched: images compared with one another for near copies.
        is_complete: False where so many were near that the search stopped.
        num_near_pairs: pairs of near copies.
        num_near_leaks: test images with a near copy in train.
        near_pairs: the 50 nearest.
        near_limits: for each class the difference below which a pair is near; 0 where there is none.
        verdict: all this in words.
    """

    num_images: int
    num_exact_groups: int
    num_exact_copies: int
    num_exact_leaks: int
    num_label_conflicts: int
    exact_groups: tuple[ExactGroup, ...]
    num_searched: int
    is_complete: bool
    num_near_pairs: int
    num_near_leaks: int
    near_pairs: tuple[NearPair, ...]
    near_limits: tuple[float, ...]
    verdict: str


def find_duplicates(
    dataset: Dataset,
    *,
    searched_images: int = SEARCHED_IMAGES,
    on_step: Step = lambda done, total: None,
) -> Duplicates:
    """Return what is there twice in dataset; see inkwise.exploration.near for what counts as near.

    Args:
        dataset: its images may be mapped from the disk: they are read in pieces, and those compared for near
            copies are held in memory.
        searched_images: where there are more, so many are drawn (seed 0) to look for near copies.
        on_step: called with the comparisons done and those in all.
    """
    pool = _Pool(dataset)
    groups = _equal_groups(dataset)
    searched = _drop_copies(pool, groups)
    if len(searched) > searched_images:
        chosen = np.random.default_rng(0).choice(len(searched), searched_images, replace=False)
        searched = searched[np.sort(chosen)]
    near = find_near_pairs(
        pool.take(searched), pool.labels[searched], num_classes=len(dataset.classes), on_step=on_step
    )
    pairs = searched[near.pairs]
    return _summarise(pool, groups, pairs, near=near, num_searched=len(searched))


class _Pool:
    """Train and test in one row of indices, train first."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self.num_train = len(dataset.train)
        self.labels = np.concatenate([dataset.train.labels, dataset.test.labels])

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, indices: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Return images at ascending indices."""
        is_train = indices < self.num_train
        train, test = indices[is_train], indices[~is_train] - self.num_train
        return np.concatenate([self.dataset.train.images[train], self.dataset.test.images[test]])

    def ref(self, index: int) -> ImageRef:
        """Return what the image at index is called."""
        if index < self.num_train:
            return ImageRef(part="train", index=index, label=int(self.labels[index]))
        return ImageRef(part="test", index=index - self.num_train, label=int(self.labels[index]))

    def num_test(self, indices: NDArray[np.int64]) -> int:
        """Return how many of indices are test images."""
        return int((indices >= self.num_train).sum())

    def is_leak(self, indices: NDArray[np.int64]) -> bool:
        """Return whether indices has both train and test images."""
        return 0 < self.num_test(indices) < len(indices)


def _equal_groups(dataset: Dataset) -> list[NDArray[np.int64]]:
    """Return the pooled indices of each group of equal images, ascending."""
    digests = np.concatenate([_digests(part) for part in (dataset.train, dataset.test)])
    order = np.lexsort((digests[:, 1], digests[:, 0]))  # stable, so equal ones stay ascending
    changes = np.flatnonzero((np.diff(digests[order], axis=0) != 0).any(axis=1)) + 1
    return [group for group in np.split(order, changes) if len(group) > 1]


def _digests(split: Split) -> NDArray[np.uint64]:
    """Return 128 bits of BLAKE2b for each image, (N, 2) uint64; that two images share them has no chance."""
    parts = []
    for start in range(0, len(split), _CHUNK_IMAGES):
        chunk = split.images[start : start + _CHUNK_IMAGES]
        raw = b"".join(hashlib.blake2b(image.tobytes(), digest_size=16).digest() for image in chunk)
        parts.append(np.frombuffer(raw, np.uint64).reshape(-1, 2))
    return np.concatenate(parts)


def _drop_copies(pool: _Pool, groups: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Return the indices to compare: of equal images one of train and one of test."""
    is_kept = np.ones(len(pool), np.bool_)
    for group in groups:
        is_train = group < pool.num_train
        is_kept[group[is_train][1:]] = False
        is_kept[group[~is_train][1:]] = False
    return np.flatnonzero(is_kept)


def _summarise(
    pool: _Pool,
    groups: list[NDArray[np.int64]],
    pairs: NDArray[np.int64],
    *,
    near: NearPairs,
    num_searched: int,
) -> Duplicates:
    crossing = (pairs < pool.num_train).sum(axis=1) == 1
    facts = {
        "num_images": len(pool),
        "num_exact_groups": len(groups),
        "num_exact_copies": sum(len(group) - 1 for group in groups),
        "num_exact_leaks": sum(pool.num_test(group) for group in groups if pool.is_leak(group)),
        "num_near_pairs": len(pairs),
        "num_near_leaks": len(np.unique(pairs[crossing].max(axis=1))) if crossing.any() else 0,
        "num_searched": num_searched,
    }
    conflicts = sum(not _is_constant(pool.labels[group]) for group in groups)
    listed = sorted(groups, key=lambda group: (not pool.is_leak(group), -len(group), group[0]))[:LISTED]
    rows = zip(pairs[:LISTED], near.differences, strict=False)
    return Duplicates(
        **facts,
        num_label_conflicts=conflicts + int((pool.labels[pairs[:, 0]] != pool.labels[pairs[:, 1]]).sum()),
        exact_groups=tuple(_exact_group(pool, group) for group in listed),
        is_complete=near.is_complete,
        near_pairs=tuple(
            _near_pair(pool, pair, difference=float(far), limits=near.limits) for pair, far in rows
        ),
        near_limits=tuple(near.limits.tolist()),
        verdict=say_duplicates(facts, is_complete=near.is_complete),
    )


def _exact_group(pool: _Pool, group: NDArray[np.int64]) -> ExactGroup:
    # The first twenty of hundreds may all be of train: a test image must be seen where there is one.
    shown = np.unique(np.concatenate([group[: _LISTED_OF_GROUP - 1], group[-1:]]))
    return ExactGroup(
        num_images=len(group),
        images=tuple(pool.ref(int(index)) for index in shown),
        has_one_label=_is_constant(pool.labels[group]),
        is_leak=pool.is_leak(group),
    )


def _near_pair(
    pool: _Pool, pair: NDArray[np.int64], *, difference: float, limits: NDArray[np.float64]
) -> NearPair:
    return NearPair(
        first=pool.ref(int(pair[0])),
        second=pool.ref(int(pair[1])),
        difference=difference,
        limit=float(limits[pool.labels[pair]].min()),
        is_leak=pool.is_leak(pair),
    )


def _is_constant(labels: NDArray[np.int64]) -> bool:
    return bool((labels == labels[0]).all())


def say_duplicates(facts: dict[str, int], *, is_complete: bool) -> str:
    """Return the numbers of Duplicates as sentences."""
    copies, leaks = facts["num_exact_copies"], facts["num_exact_leaks"]
    near, near_leaks = facts["num_near_pairs"], facts["num_near_leaks"]
    exact = f"{_count(copies, 'exact copy', 'exact copies')}" if copies else "no exact copies"
    if leaks:
        exact += f", {_count(leaks, 'test image', 'test images')} among the train images"
    said = f"{_count(near, 'pair', 'pairs')} of near copies" if near else "no near copies"
    if not is_complete:
        said = f"over {said}, where the search stopped"
    if near_leaks:
        said += f", {_count(near_leaks, 'test image', 'test images')} with one among the train images"
    if facts["num_searched"] < facts["num_images"] - copies:
        said += f" (looked for among {facts['num_searched']:,} of {facts['num_images']:,} images)"
    return f"{exact}; {said}"


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
