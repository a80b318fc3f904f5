"""Out-of-fold probabilities: what networks that never saw an image say of it.

The train part is cut into folds, and for each one a network learns from the others. It judges the fold it
was kept from; the test part, from which none learns, is judged by all of them together.
"""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inkwise.classifier import Classifier
from inkwise.data.dataset import Dataset, Split
from inkwise.errors import InterruptedTrainingError
from inkwise.recipes.load import load_recipe
from inkwise.recipes.recipe import Recipe
from inkwise.runs.run import Run
from inkwise.training.loop import Listener, Progress
from inkwise.training.session import prepare_session

Step = Callable[[int, int], None]
"""Called with how much is done and how much there is in all."""

_FEWEST_STEPS = 100  # of a network; a small set gets more epochs
_STEPS_A_FOLD = 1000  # the fineness of on_step


@dataclass(frozen=True)
class OutOfFold:
    """Probabilities of networks that have not seen the images.

    Attributes:
        train: (N, K) float64, each row from the one network that was kept from this image.
        test: (M, K) float64, the mean over all networks.
    """

    train: NDArray[np.float64]
    test: NDArray[np.float64]


def out_of_fold_probabilities(
    dataset: Dataset,
    *,
    num_folds: int = 5,
    num_epochs: int = 3,
    device: str = "auto",
    on_step: Step = lambda done, total: None,
) -> OutOfFold:
    """Return what num_folds networks of the recipe `quick` say of images they have not seen.

    Args:
        dataset: its train part is learned from, all folds but one at a time; its test part never.
        num_folds: networks to train, 2 or more.
        num_epochs: of each; a small set gets more, until 100 steps are made.
        device: as for a training.
        on_step: called with the work done and all there is.
    Raises:
        InterruptedTrainingError: somebody stopped it; nothing is kept.
    """
    num_classes = len(dataset.classes)
    train = np.zeros((len(dataset.train), num_classes))
    test = np.zeros((len(dataset.test), num_classes))
    for number, held_out in enumerate(cut_folds(dataset.train.labels, num_folds=num_folds)):
        recipe = load_recipe("quick").with_settings(
            {
                "epochs": num_epochs,
                "minimum_steps": _FEWEST_STEPS,
                "seed": number,
                "validation_fraction": 0.0,
                "calibrate": False,  # nothing is left to do it by
            }
        )
        listener = _listen(on_step, number=number, num_folds=num_folds)
        try:
            classifier = _train_without(dataset, held_out, recipe=recipe, device=device, listener=listener)
        except InterruptedTrainingError:
            raise InterruptedTrainingError(
                f"stopped while training network {number + 1} of {num_folds}; nothing of the label audit is "
                "kept, run it again or leave out --audit-labels"
            ) from None
        train[held_out] = _probabilities(classifier, dataset.train.images[held_out])
        test += _probabilities(classifier, dataset.test.images) / num_folds
    return OutOfFold(train, test)


def cut_folds(labels: NDArray[np.int64], *, num_folds: int, seed: int = 0) -> Iterator[NDArray[np.int64]]:
    """Yield the indices of each fold, ascending: stratified, disjoint, together all, of equal size or nearly.

    A class of two or more images never falls into one fold alone.

    >>> [fold.tolist() for fold in cut_folds(np.array([0, 0, 1, 1]), num_folds=2)]
    [[0, 2], [1, 3]]
    """
    generator = np.random.default_rng(seed)
    order = np.concatenate([generator.permutation(np.flatnonzero(labels == k)) for k in np.unique(labels)])
    for number in range(num_folds):
        yield np.sort(order[number::num_folds])


def _train_without(
    dataset: Dataset, held_out: NDArray[np.int64], *, recipe: Recipe, device: str, listener: Listener
) -> Classifier:
    others = np.setdiff1d(np.arange(len(dataset.train)), held_out)
    images, labels = dataset.train.images[others], dataset.train.labels[others]
    # The session asks for a test part and never looks at it.
    part = Dataset(dataset.name, dataset.classes, Split(images, labels), dataset.test)
    with tempfile.TemporaryDirectory(prefix="inkwise-fold-") as folder:
        session = prepare_session(
            Run(Path(folder)), recipe, part, device=device, on_progress=listener, checkpoint_seconds=np.inf
        )
        return session.train()


def _listen(on_step: Step, *, number: int, num_folds: int) -> Listener:
    def tell(progress: Progress) -> None:
        on_step(int(_STEPS_A_FOLD * (number + progress.share_done)), _STEPS_A_FOLD * num_folds)

    return tell


def _probabilities(classifier: Classifier, images: NDArray[np.uint8]) -> NDArray[np.float64]:
    probabilities: NDArray[np.float64] = classifier.log_probabilities(images).double().exp().numpy()
    return probabilities
