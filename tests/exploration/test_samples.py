"""Which images are shown: some of every class, drawn once and for all."""

import numpy as np

from inkwise.exploration.samples import first_batches, sample_classes


def test_samples_belong_to_their_class() -> None:
    """E4"""
    labels = np.arange(100) % 3
    chosen = sample_classes(labels, 4, count=10)
    assert [len(indices) for indices in chosen] == [10, 10, 10, 0]
    for label, indices in enumerate(chosen):
        assert (labels[indices] == label).all()
        assert len(set(indices.tolist())) == len(indices)


def test_samples_are_the_same_twice() -> None:
    labels = np.arange(100) % 3
    first, second = (np.concatenate(sample_classes(labels, 3, count=5)) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_small_class_gives_what_it_has() -> None:
    assert sample_classes(np.array([0, 1, 1]), 2, count=10)[1].tolist() == [1, 2]


def test_batches_are_disjoint_and_a_small_set_gives_fewer() -> None:
    """E5"""
    batches = first_batches(30, batch_size=12)
    assert [len(batch) for batch in batches] == [12, 12, 6]
    assert sorted(np.concatenate(batches).tolist()) == list(range(30))
    assert [len(batch) for batch in first_batches(1, batch_size=12)] == [1]
