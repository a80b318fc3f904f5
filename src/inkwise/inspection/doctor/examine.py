"""The whole examination: of a run of inkwise, or of anybody's own network and images."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from inkwise.classifier import memory_layout
from inkwise.data.dataset import Dataset
from inkwise.data.streaming.images import sample_dataset
from inkwise.inspection.doctor.data import (
    as_grey,
    check_bytes,
    check_channels,
    check_overlap,
    check_range,
    choose_places,
)
from inkwise.inspection.doctor.finding import Finding
from inkwise.inspection.doctor.gradients import check_gradients, gradient_norm, weights_moved
from inkwise.inspection.doctor.history import Course, chance_loss, check_loss
from inkwise.inspection.doctor.labels import check_classes, check_numbers, check_places, nearest_mean
from inkwise.inspection.doctor.network import check_dead_units, check_dropout, look_through
from inkwise.inspection.doctor.orientation import check_mirrored, check_turned, check_upright
from inkwise.inspection.doctor.outputs import check_dead_classes, check_loss_pair
from inkwise.networks.build import build_first_network
from inkwise.preprocessing import as_image_tensor
from inkwise.recipes.recipe import LossName
from inkwise.runs.run import Run
from inkwise.training.losses import build_loss

MOST_STREAMED = 16_384  # of a part that is streamed
MOST_IMAGES = 2000  # of a part for questions to the data
MOST_PASSED = 400  # through the network: 40 of each of ten classes
MOST_DIFFERENTIATED = 64
OVERFIT_GAP = 0.2  # train less test accuracy; more than overfitting does on these sets

Images = NDArray[np.uint8] | Tensor


@dataclass(frozen=True)
class Part:
    """Images of one part: (N, H, W) or (N, C, H, W), bytes or floats, and labels (N,) int64."""

    images: Images
    labels: Tensor

    def sample(self, most: int) -> tuple[Tensor, Tensor]:
        """Return at most so many images (n, H, W) float, and their labels."""
        places = choose_places(len(self.labels), most)
        return as_grey(self.images[_index(self.images, places)]), self.labels[places]


def _index(images: Images, places: Tensor) -> Tensor | NDArray[np.int64]:
    return places.numpy() if isinstance(images, np.ndarray) else places


def examine_run(run: Run, dataset: Dataset) -> list[Finding]:
    """Return the mistakes of a run, the data's first; an empty list where there are none.

    Costs about 0.2 s on MNIST for a network of the size of `quick`: samples stand for the whole. The test
    part is only compared with the train part, and decides nothing.

    Args:
        run: trained; its recipe, history and classifier are read.
        dataset: what it was trained on.
    """
    dataset = sample_dataset(dataset, most=MOST_STREAMED)
    classifier, recipe = run.classifier, run.recipe
    places = choose_places(len(dataset.train), MOST_PASSED)
    images = classifier.preprocessing(torch.from_numpy(dataset.train.images[places.numpy()]))
    images = images.to(memory_format=memory_layout(classifier.network))
    all_labels = as_image_tensor(dataset.train.labels)
    truth = all_labels[places]
    history = run.history
    found = [
        *examine_data(dataset),
        *_examine_network(
            classifier.network, images, truth, loss=recipe.training.loss, classes=dataset.classes,
            num_steps=history[-1].step if history else 0,
        ),
        *_examine_answers(run, dataset),
        _examine_course(run, images, truth, labels=all_labels) if history else None,
    ]  # fmt: skip
    return _without_repeats(found)


def _examine_course(run: Run, images: Tensor, truth: Tensor, *, labels: Tensor) -> Finding | None:
    network, training, history = run.classifier.network, run.recipe.training, run.history
    num_classes, smoothing = len(run.classifier.classes), training.label_smoothing
    guess = partial(chance_loss, num_classes=num_classes, label_smoothing=smoothing)
    return check_loss(
        Course(
            [record.train_loss for record in history],
            num_steps=history[-1].step,
            chance=guess(labels),
            floor=guess(labels[:1]),  # of one label it is the smoothing alone
            learning_rate=training.learning_rate,
            moved=weights_moved(network, drawn) if (drawn := _drawn_weights(run)) else None,
            gradient_norm=_norm(network, images, truth, loss=training.loss),
        )
    )


def examine_data(dataset: Dataset) -> list[Finding]:
    """Return the mistakes of a data set, before any training.

    Of a streamed set 16,384 images of each part are looked at.
    """
    dataset = sample_dataset(dataset, most=MOST_STREAMED)
    parts = {
        name: Part(split.images, as_image_tensor(split.labels))
        for name, split in (("train", dataset.train), ("test", dataset.test))
    }
    found = [
        check_bytes(np.asarray(split.images[choose_places(len(split), MOST_IMAGES).numpy()]), part=name)
        for name, split in (("train", dataset.train), ("test", dataset.test))
    ]
    return _without_repeats([*found, *_examine_parts(parts, classes=dataset.classes)])


def examine(
    network: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    loss: LossName = "cross-entropy",
    classes: Sequence[str] = (),
    declared_range: tuple[float, float] | None = None,
    others: Mapping[str, tuple[Tensor, Tensor]] | None = None,
    batch: Tensor | None = None,
    course: Course | None = None,
) -> list[Finding]:
    """Return the mistakes of any network and of the images it learns from; an empty list where none.

    The network is left as found: mode, random state and gradients.

    Args:
        network: takes images, returns (N, K).
        images: (N, C, H, W) float of the train part as the network takes them, some hundred or all, in the
            order of the labels' file.
        labels: (N,) int64, theirs.
        loss: what it is trained by; "cross-entropy" takes logits, "nll" log-probabilities,
            "categorical-cross-entropy" probabilities.
        classes: K names; "0" to "9" are known by their looks.
        declared_range: the lowest and highest value that the preprocessing can give.
        others: further parts, such as {"validation": (images, labels), "test": (images, labels)}.
        batch: (B, C, H, W), a batch after augmentation, whose originals are among images.
        course: the losses of the training, if known.
    """
    parts = {"train": Part(images, labels), **{name: Part(*part) for name, part in (others or {}).items()}}
    places = choose_places(len(images), MOST_PASSED)
    found: list[Finding | None] = [check_range(images, declared=declared_range)]
    if images.ndim == 4:
        found.append(check_channels(images))
    found += _examine_network(network, images[places], labels[places], loss=loss, classes=classes)
    found += _examine_parts(parts, classes=classes or [str(k) for k in range(int(labels.max()) + 1)])
    if batch is not None:
        found.append(check_mirrored(as_grey(batch), as_grey(images)))
    if course is not None:
        found.append(check_loss(course))
    return _without_repeats(found)


def _examine_parts(parts: Mapping[str, Part], *, classes: Sequence[str]) -> Iterator[Finding | None]:
    num_classes = len(classes)
    train, truth = parts["train"].sample(MOST_IMAGES)
    answer = nearest_mean(train, truth, num_classes=num_classes)
    yield check_numbers(parts["train"].labels, num_classes=num_classes)
    yield check_upright(train, truth, classes=classes)
    for name, part in parts.items():
        yield check_places(part.images, part.labels, num_classes=num_classes, part=name)
        if name != "train":
            yield check_overlap(parts["train"].images, part.images, names=("train", name))
            sample = part.sample(MOST_PASSED)
            yield check_turned(answer, *sample, part=name)
            yield check_classes(answer, *sample, num_classes=num_classes)
    if "validation" in parts and "test" in parts:
        images = parts["validation"].images, parts["test"].images
        yield check_overlap(*images, names=("validation", "test"))


def _examine_network(
    network: nn.Module,
    images: Tensor,
    truth: Tensor,
    *,
    loss: LossName,
    classes: Sequence[str],
    num_steps: int | None = None,
) -> Iterator[Finding | None]:
    outputs, dead = look_through(network, images)
    yield check_loss_pair(outputs, loss=loss)
    yield check_dead_classes(outputs, truth, classes=classes, num_steps=num_steps)
    yield check_dead_units(dead)
    yield check_dropout(network)
    yield check_gradients([_norm(network, images, truth, loss=loss)], num_steps=num_steps)


def _norm(network: nn.Module, images: Tensor, truth: Tensor, *, loss: LossName) -> float:
    places = choose_places(len(images), MOST_DIFFERENTIATED)
    return gradient_norm(network, images[places], truth[places], loss_function=build_loss(loss))


def _examine_answers(run: Run, dataset: Dataset) -> Iterator[Finding | None]:
    """Ask the trained network about turned test images, where it does far worse on test than on train."""
    if not run.history or not run.is_finished:
        return
    if run.history[-1].train_accuracy - run.evaluation["accuracy"] < OVERFIT_GAP:
        return
    places = choose_places(len(dataset.test), MOST_PASSED // 2).numpy()
    images, truth = (
        torch.from_numpy(dataset.test.images[places]),
        torch.from_numpy(dataset.test.labels[places]),
    )

    def answer(images: Tensor) -> Tensor:
        return run.classifier.log_probabilities(images).argmax(1)

    yield check_turned(answer, images, truth)
    yield check_classes(answer, images, truth, num_classes=len(dataset.classes))


def _drawn_weights(run: Run) -> dict[str, Tensor]:
    """Return the weights that the run's training began from, by its seed; none where it had another's."""
    if run.recipe.network.start:
        return {}
    header = run.classifier.header
    network = build_first_network(
        header.network,
        seed=run.recipe.training.seed,
        num_classes=len(header.classes),
        **header.network_options,
    )
    return network.state_dict()


def _without_repeats(found: Sequence[Finding | None]) -> list[Finding]:
    """Return the findings; the same name with the same words once only."""
    named: dict[tuple[str, str], Finding] = {}
    for finding in filter(None, found):
        named.setdefault((finding.name, finding.what), finding)
    return list(named.values())
