"""Batches of which each process of a group gathers its own rows, in the order that one process would see."""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from inkwise.training.batches import Augment, Batches, BatchSource
from inkwise.training.parallel.group import Group
from inkwise.training.streaming.source import StreamedSource


@dataclass(frozen=True)
class OwnRows(BatchSource):
    """A source that yields the own rows' images, and the whole batch's labels."""

    group: Group

    def _gather(self, part: Tensor, *, augment: Augment | None, first_batch: int) -> Batches:
        batches = torch.split(part, self.batch_size)
        return [
            self._own_rows(batch, augment=augment, number=first_batch + number)
            for number, batch in enumerate(batches)
        ]

    def _own_rows(self, batch: Tensor, *, augment: Augment | None, number: int) -> tuple[Tensor, Tensor]:
        rows = self.group.share(len(batch)).rows
        labels = self.labels[self.indices[batch].to(self.labels.device)].to(self.device)
        if augment is None:
            [(images, _)] = super()._gather(batch[rows], augment=None, first_batch=number)
            return images, labels
        # All images of a batch draw from one stream, so all are changed before the own ones are kept.
        [(images, _)] = super()._gather(batch, augment=augment, first_batch=number)
        return images[rows], labels


def own_rows(source: BatchSource | StreamedSource, group: Group) -> BatchSource | StreamedSource:
    """Return the source of one process of a group: the same for a group of one."""
    if group.size == 1:
        return source
    if isinstance(source, BatchSource):
        return OwnRows(**vars(source), group=group)
    # All processes read the same shards: what is read is cheap beside what is learned from it.
    return replace(source, gathered_as=lambda held: OwnRows(**vars(held), group=group))
