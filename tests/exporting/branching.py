"""A network that is no chain of layers, such as the file's list of layers cannot say."""

from torch import Tensor, nn

from inkwise.classifier import Classifier
from inkwise.classifier_file import FORMAT, Header
from inkwise.preprocessing import Preprocessing


class Branching(nn.Module):
    """Two ways beside each other, added."""

    def __init__(self) -> None:
        super().__init__()
        self.flatten = nn.Flatten()
        self.long, self.short = nn.Linear(784, 10), nn.Linear(784, 10)

    def forward(self, images: Tensor) -> Tensor:
        flat = self.flatten(images)
        return self.long(flat) + self.short(flat)


def branching_classifier() -> Classifier:
    """Return a classifier with such a network, random weights."""
    header = Header(
        format=FORMAT,
        network="own",
        output="logits",
        preprocessing=Preprocessing(),
        classes=list("abcdefghij"),
    )
    return Classifier(Branching().eval(), header)
