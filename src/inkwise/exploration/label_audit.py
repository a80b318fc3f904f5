"""Labels that networks doubt: cleanlab's confident learning on out-of-fold probabilities.

A doubted label is not a wrong one. It is one that a person should look at first.
"""

import time
import warnings
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from inkwise.data.dataset import Dataset, Split
from inkwise.errors import DataError
from inkwise.exploration.folds import OutOfFold, Step, out_of_fold_probabilities

LISTED = 50
AUDITED_IMAGES = 150_000  # of each part; of a larger one so many are drawn

_METHOD: Literal["self_confidence"] = "self_confidence"
_MOST_FOLDS = 5


class Suspect(BaseModel, frozen=True):
    """One doubted label.

    Attributes:
        index: of the image in its part.
        label: as given, 0..K-1.
        probability: that the networks give it, a fraction.
        suggested: the class they hold most likely.
        suggested_probability: that they give this one.
    """

    index: int
    label: int
    probability: float
    suggested: int
    suggested_probability: float


class PartAudit(BaseModel, frozen=True):
    """One part, train or test.

    Attributes:
        num_judged: images whose label was judged.
        num_unjudged: images left out: of classes too small to learn, or beyond the sample.
        accuracy: share of the judged whose label is what the networks hold most likely.
        num_suspicious: labels that confident learning takes to be wrong.
        suspects: the 50 least likely labels, the least likely first.
    """

    num_judged: int
    num_unjudged: int
    accuracy: float | None
    num_suspicious: int
    suspects: tuple[Suspect, ...]


class ContestedCheck(BaseModel, frozen=True):
    """How many of the test labels that people are known to disagree with were found.

    Attributes:
        num_known: that the catalogue lists.
        num_found: of them among the suspects of the test part.
    """

    num_known: int
    num_found: int


class LabelAudit(BaseModel, frozen=True):
    """What networks that have not seen an image think of its label.

    Attributes:
        method: how labels are ranked, by cleanlab's name: the probability given to the label.
        num_folds: networks trained, each on the train part without one fold.
        train: judged each by the one network that was kept from it.
        test: judged by all networks together.
        contested: for sets with known contested labels, else None.
        seconds: that it took.
        verdict: all this in words.
    """

    method: Literal["self_confidence"]
    num_folds: int
    train: PartAudit
    test: PartAudit
    contested: ContestedCheck | None
    seconds: float
    verdict: str


def audit_labels(
    dataset: Dataset,
    *,
    contested: tuple[int, ...] = (),
    device: str = "auto",
    on_step: Step = lambda done, total: None,
) -> LabelAudit:
    """Return which labels of dataset are doubtful.

    Args:
        dataset: the test part is never learned from.
        contested: indices of test labels that people are known to disagree with.
        device: as for a training.
        on_step: called with the work done and all there is.
    Raises:
        DataError: too few images, or only one class to learn.
        InterruptedTrainingError: somebody stopped it.
    Source: Northcutt, Jiang and Chuang, Confident Learning, JAIR 70 (2021); computed by cleanlab. Of its
        three scores we take the default: on 20,000 MNIST train images with 200 planted wrong labels its
        average precision was 0.98, that of the normalised margin 0.97 and of the entropy 0.92.
    """
    start = time.perf_counter()
    _check_size(dataset)
    num_folds = min(_MOST_FOLDS, len(dataset.train))
    sampled, train_indices, test_indices = _draw(dataset)
    found = out_of_fold_probabilities(sampled, num_folds=num_folds, device=device, on_step=on_step)
    train, test = _judge(sampled, found)
    train = _place(train, train_indices, num_images=len(dataset.train))
    test = _place(test, test_indices, num_images=len(dataset.test))
    check = _check(test, contested)
    return LabelAudit(
        method=_METHOD,
        num_folds=num_folds,
        train=train,
        test=test,
        contested=check,
        seconds=round(time.perf_counter() - start, 1),
        verdict=_say_audit(train, test, check),
    )


def _check_size(dataset: Dataset) -> None:
    counts = np.bincount(dataset.train.labels)
    if (counts >= 2).sum() < 2:
        raise DataError(
            f"{dataset.name}: {len(dataset.train)} train images are too few to audit labels; expected two "
            "classes of two images or more, leave out --audit-labels"
        )


def _draw(dataset: Dataset) -> tuple[Dataset, NDArray[np.int64], NDArray[np.int64]]:
    """Return dataset with at most AUDITED_IMAGES in each part, and their indices."""
    generator = np.random.default_rng(0)
    parts: list[Split] = []
    indices: list[NDArray[np.int64]] = []
    for split in (dataset.train, dataset.test):
        every = np.arange(len(split))
        is_drawn = len(split) > AUDITED_IMAGES
        chosen = np.sort(generator.choice(every, AUDITED_IMAGES, replace=False)) if is_drawn else every
        parts.append(split.take(chosen) if is_drawn else split)
        indices.append(chosen)
    return replace(dataset, train=parts[0], test=parts[1]), indices[0], indices[1]


def _judge(dataset: Dataset, found: OutOfFold) -> tuple[PartAudit, PartAudit]:
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

    labels = np.concatenate([dataset.train.labels, dataset.test.labels])
    probabilities = np.concatenate([found.train, found.test])
    # A class of which some network saw no image cannot be judged by it.
    counts = np.bincount(dataset.train.labels, minlength=len(dataset.classes))
    is_judged = counts[labels] >= 2
    scores = np.full(len(labels), np.inf)
    scores[is_judged] = get_label_quality_scores(labels[is_judged], probabilities[is_judged], method=_METHOD)
    is_suspicious = np.zeros(len(labels), np.bool_)
    with warnings.catch_warnings():
        # cleanlab warns of each class that has no more than one image; it is judged all the same.
        warnings.filterwarnings("ignore", message="May not flag all label issues")
        is_suspicious[is_judged] = find_label_issues(labels[is_judged], probabilities[is_judged], n_jobs=1)
    num_train = len(dataset.train)
    train, test = (
        _rank(labels[rows], probabilities[rows], scores=scores[rows], is_suspicious=is_suspicious[rows])
        for rows in (slice(None, num_train), slice(num_train, None))
    )
    return train, test


def _rank(
    labels: NDArray[np.int64],
    probabilities: NDArray[np.float64],
    *,
    scores: NDArray[np.float64],
    is_suspicious: NDArray[np.bool_],
) -> PartAudit:
    is_judged = np.isfinite(scores)
    num_judged = int(is_judged.sum())
    suggested = probabilities.argmax(axis=1)
    order = np.argsort(scores, kind="stable")[: min(LISTED, num_judged)]
    right = int((suggested == labels)[is_judged].sum())
    return PartAudit(
        num_judged=num_judged,
        num_unjudged=len(labels) - num_judged,
        accuracy=right / num_judged if num_judged else None,
        num_suspicious=int(is_suspicious.sum()),
        suspects=tuple(
            Suspect(
                index=int(index),
                label=int(labels[index]),
                probability=float(probabilities[index, labels[index]]),
                suggested=int(suggested[index]),
                suggested_probability=float(probabilities[index].max()),
            )
            for index in order
        ),
    )


def _place(part: PartAudit, indices: NDArray[np.int64], *, num_images: int) -> PartAudit:
    """Return part with the indices of the whole part instead of those of the sample."""
    suspects = tuple(s.model_copy(update={"index": int(indices[s.index])}) for s in part.suspects)
    return part.model_copy(update={"suspects": suspects, "num_unjudged": num_images - part.num_judged})


def _check(test: PartAudit, contested: tuple[int, ...]) -> ContestedCheck | None:
    if not contested:
        return None
    found = {suspect.index for suspect in test.suspects} & set(contested)
    return ContestedCheck(num_known=len(contested), num_found=len(found))


def _say_audit(train: PartAudit, test: PartAudit, check: ContestedCheck | None) -> str:
    said = (
        f"{train.num_suspicious:,} of {train.num_judged:,} train labels and {test.num_suspicious:,} of "
        f"{test.num_judged:,} test labels are doubtful"
    )
    if train.num_unjudged or test.num_unjudged:
        said += f"; {train.num_unjudged + test.num_unjudged:,} images were not judged"
    if check:
        said += (
            f"; of {check.num_known} test labels that people are known to disagree with, {check.num_found} "
            f"are among the {len(test.suspects)} most doubtful"
        )
    return said
