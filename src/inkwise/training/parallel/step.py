"""One training step made by several processes: each learns from its rows, and all move the weights alike."""

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from inkwise.training.losses import LossFunction
from inkwise.training.parallel.group import Group
from inkwise.training.parallel.layers import CurrentBatch, share_layers
from inkwise.training.step import TextbookStep


class ParallelStep:
    """The textbook's step over a batch whose rows are spread over the processes of a group.

    Args:
        network: the same in every process; its tensors are trained.
        loss_function, optimizer, autocast: as of TextbookStep.
        group: of two processes or more, joined.
    """

    def __init__(
        self,
        network: nn.Module,
        loss_function: LossFunction,
        optimizer: torch.optim.Optimizer,
        *,
        group: Group,
        autocast: torch.dtype | None = None,
    ) -> None:
        self.group, self.batch, self.loss_function = group, CurrentBatch(group), loss_function
        # DistributedDataParallel replaces each gradient by its mean over the processes while backward() runs.
        shared = DistributedDataParallel(share_layers(network, self.batch))
        self.step = TextbookStep(shared, self._own_loss, optimizer, autocast=autocast)

    def __call__(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Update the weights; return the whole batch's mean loss () and outputs (B, K).

        Args:
            images: this process's rows alone, as OwnRows hands them out.
            labels: (B,), of the whole batch.
        """
        self.batch.num_images = len(labels)
        loss, outputs = self.step(images, labels)
        return self.group.total(loss) / self.group.size, self.group.whole(outputs, len(labels))

    def _own_loss(self, outputs: Tensor, labels: Tensor) -> Tensor:
        share = self.group.share(len(labels))
        return self.loss_function(outputs, labels[share.rows]) * share.weight
