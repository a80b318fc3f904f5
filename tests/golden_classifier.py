"""A classifier whose every weight is known, and whose answers can be worked out exactly.

All weights are multiples of 1/64 and the images are black and white, which become -1 and 1: every sum
is exact in float32, so every machine must find the same logits to the last bit.
Run as a script it writes the file that tests/golden keeps, packed: the weights repeat, so it is small.
"""

import gzip
import sys
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from inkwise.classifier import Classifier
from inkwise.classifier_file import FORMAT, Header
from inkwise.networks.build import build_network
from inkwise.preprocessing import Preprocessing

GOLDEN = Path(__file__).parent / "golden"
GOLDEN_FILE = GOLDEN / f"classifier-format-{FORMAT}.safetensors.gz"


def golden_classifier() -> Classifier:
    """Return mlp-class with three classes: weight number i of a tensor is (i mod 11 - 5) / 64."""
    network = build_network("mlp-class", num_classes=3)
    with torch.no_grad():
        for parameter in network.parameters():
            numbers = torch.arange(parameter.numel()).remainder(11).sub(5).float().div(64)
            parameter.copy_(numbers.view_as(parameter))
    header = Header(
        format=FORMAT,
        network="mlp-class",
        output="logits",
        preprocessing=Preprocessing(mean=0.5, std=0.5),
        classes=["nought", "one", "två"],
        recipe={"name": "golden", "training": {"seed": 7, "learning_rate": 0.01}},
        metrics={"epochs": 2.0, "validation_accuracy": 0.75},
        provenance={"dataset": "squares", "seed": 7, "commit": None},
    )
    return Classifier(network.eval(), header)


def square_images() -> NDArray[np.uint8]:
    """Return (4, 28, 28) uint8: a white square on black, 14 pixels a side, in one corner after the other."""
    images = np.zeros((4, 28, 28), dtype=np.uint8)
    for index, (top, left) in enumerate([(0, 0), (0, 14), (14, 0), (14, 14)]):
        images[index, top : top + 14, left : left + 14] = 255
    return images


if __name__ == "__main__":
    plain = Path(sys.argv[1])
    golden_classifier().save(plain)
    GOLDEN_FILE.write_bytes(gzip.compress(plain.read_bytes(), mtime=0))
