"""Classifiers with random weights, whose batch normalisation does something, for tests."""

from pathlib import Path

import torch
from torch import nn

from inkwise.classifier import Classifier
from inkwise.classifier_file import FORMAT, Header
from inkwise.networks.build import build_first_network
from inkwise.networks.layers import OutputConvention
from inkwise.preprocessing import Preprocessing

_OUTPUTS: dict[str, OutputConvention] = {
    "mlp-logsoftmax": "log_probabilities",
    "cnn-lenet": "log_probabilities",
    "cnn-keras": "probabilities",
}


def random_classifier(name: str, *, num_classes: int = 10) -> Classifier:
    """Return a classifier of the named architecture, by one seed, its outputs spread out."""
    network = build_first_network(name, seed=3, num_classes=num_classes).eval()
    generator = torch.Generator().manual_seed(3)
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
            for tensor in (layer.weight.data, layer.bias.data, layer.running_mean, layer.running_var):
                assert tensor is not None
                tensor.uniform_(0.5, 1.5, generator=generator)
    header = Header(
        format=FORMAT,
        network=name,
        output=_OUTPUTS.get(name, "logits"),
        preprocessing=Preprocessing(mean=0.1307, std=0.3081),
        classes=[f"class {label}" for label in range(num_classes)],
        provenance={"dataset": "noise", "seed": 3},
    )
    return Classifier(network, header)


def saved(classifier: Classifier, folder: Path) -> Path:
    """Return the path of the classifier's file, written into folder."""
    path = folder / "classifier.safetensors"
    classifier.save(path)
    return path
