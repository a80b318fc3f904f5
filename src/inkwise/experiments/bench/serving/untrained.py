"""A classifier that has learned nothing: its speed is that of a trained one."""

from pathlib import Path

import torch
from torch import nn

from inkwise.classifier import Classifier
from inkwise.classifier_file import FORMAT, Header
from inkwise.experiments.bench.serving.asking.requests import Images
from inkwise.networks.build import build_first_network
from inkwise.preprocessing import Preprocessing
from inkwise.recipes.load import load_recipe

RECIPE = "standard"


def save_untrained(path: Path, images: Images) -> Path:
    """Write a classifier of the recipe standard with its first weights to path, and return path.

    Its last layer is scaled so that images (N, 28, 28) fall into all classes: an answer that belongs to
    another request then shows.
    """
    chosen = load_recipe(RECIPE).network
    network = build_first_network(chosen.architecture, seed=0, num_classes=10, **chosen.options).eval()
    header = Header(
        format=FORMAT,
        network=chosen.architecture,
        network_options=chosen.options,
        output=chosen.output,
        preprocessing=Preprocessing(mean=0.1307, std=0.3081),
        classes=[str(label) for label in range(10)],
        provenance={"recipe": RECIPE, "epochs": 0},
    )
    classifier = Classifier(network, header)
    with torch.no_grad():
        logits = network(header.preprocessing(torch.from_numpy(images)))
        last = [layer for layer in network.modules() if isinstance(layer, nn.Linear)][-1]
        spread = logits.std(dim=0).clamp_min(1e-6)
        last.weight /= spread[:, None]
        last.bias.copy_((last.bias - logits.mean(dim=0)) / spread)
    classifier.save(path)
    return path
