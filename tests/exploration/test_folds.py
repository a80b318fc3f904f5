"""Out-of-fold probabilities: no image is judged by a network that learned from it."""

import signal

import numpy as np
import pytest
import torch
from tests.bars import bars, bars_dataset

from inkwise.data.dataset import Dataset, Split
from inkwise.errors import InterruptedTrainingError
from inkwise.exploration.folds import cut_folds, out_of_fold_probabilities


def test_folds_are_disjoint_stratified_and_whole() -> None:
    labels = np.repeat([0, 1, 2], [50, 30, 2])
    folds = list(cut_folds(labels, num_folds=5))
    assert sorted(np.concatenate(folds).tolist()) == list(range(82))
    assert {len(fold) for fold in folds} == {16, 17}
    for label, count in ((0, 50), (1, 30)):
        assert {int((labels[fold] == label).sum()) for fold in folds} == {count // 5}
    assert max((labels[fold] == 2).sum() for fold in folds) == 1


def test_networks_recognise_what_they_have_not_seen() -> None:
    dataset = bars_dataset(150, 40)
    found = out_of_fold_probabilities(dataset, num_folds=2, num_epochs=1, device="cpu")
    assert (found.train.argmax(axis=1) == dataset.train.labels).mean() > 0.95
    assert (found.test.argmax(axis=1) == dataset.test.labels).mean() > 0.95
    np.testing.assert_allclose(found.train.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(found.test.sum(axis=1), 1, atol=1e-5)


def test_judge_has_not_seen_the_label_it_judges() -> None:
    """With labels drawn at random nothing can be learned but by heart: out of fold it is chance, 1 in 4."""
    images = bars(200, num_classes=4).images
    labels = np.random.default_rng(5).integers(0, 4, 200)
    dataset = Dataset("random", tuple("abcd"), Split(images, labels), Split(images[:8], labels[:8]))
    found = out_of_fold_probabilities(dataset, num_folds=2, num_epochs=1, device="cpu")
    assert (found.train.argmax(axis=1) == labels).mean() < 0.35


def test_interrupt_says_what_is_lost() -> None:
    def interrupt(done: int, total: int) -> None:
        signal.raise_signal(signal.SIGINT)

    message = r"stopped while training network 1 of 2; nothing of the label audit is kept, run it again"
    with pytest.raises(InterruptedTrainingError, match=message):
        out_of_fold_probabilities(bars_dataset(60, 10), num_folds=2, device="cpu", on_step=interrupt)


def test_random_state_is_left_and_steps_reach_the_end() -> None:
    torch.manual_seed(3)
    before = torch.random.get_rng_state()
    steps: list[tuple[int, int]] = []
    out_of_fold_probabilities(
        bars_dataset(60, 10), num_folds=2, num_epochs=1, device="cpu", on_step=lambda *s: steps.append(s)
    )
    assert torch.equal(torch.random.get_rng_state(), before)
    assert steps[-1] == (2000, 2000)
    assert [done for done, _ in steps] == sorted(done for done, _ in steps)


@pytest.mark.parametrize("num_folds", [2, 4])
def test_as_many_folds_as_images_each_judge_one(num_folds: int) -> None:
    labels = np.array([0, 0, 1, 1])
    folds = list(cut_folds(labels, num_folds=num_folds))
    assert [len(fold) for fold in folds] == [4 // num_folds] * num_folds
