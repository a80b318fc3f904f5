"""Draw the pictures of docs/gallery/s2-tf.md anew: `python dev/tutorial_figures.py RUN`.

RUN is a training of cnn-keras on MNIST, in either framework. The tutorial's six figures are drawn as its text
and code say, with Keras layers that nobody has trained; ours beside them are those of `inkwise explore` and
`inkwise inspect --framework tensorflow`, of the same image. Needs the extra inkwise[tensorflow].
"""

import argparse
import io
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
from matplotlib.figure import Figure
from PIL import Image

if __package__ is None:
    sys.path.insert(0, str(Path(__file__).parents[1]))

from dev.gallery import PICTURES, shrink

import inkwise
from inkwise.figures.encode import to_png
from inkwise.figures.exploration.labels import render_label_shares
from inkwise.figures.exploration.samples import render_first_image
from inkwise.figures.inspection.layer import render_layer
from inkwise.tensorflow.views import inspect_in_keras

OURS = {"conv2d": "ours-3-4", "relu": "ours-5", "maxpooling2d": "ours-6"}


def draw_labels(train: Any, test: Any) -> Figure:
    """Return Fig. 1: both histograms over one another, each with bins of its own width."""
    figure = Figure(figsize=(10, 5))
    axes = figure.subplots()
    for labels, name in ((train, "y_train"), (test, "y_test")):
        # The rule of Freedman and Diaconis, as seaborn's distplot took it: more images, narrower bins.
        low, high = np.percentile(labels, (25, 75))
        num_bins = int(np.ceil(np.ptp(labels) * len(labels) ** (1 / 3) / (2 * (high - low))))
        axes.hist(labels, bins=num_bins, alpha=0.5, label=name)
        axes.plot(labels[:200], np.zeros(200), "|k", markersize=12)
    axes.set_title("Dist'n of label data")
    axes.legend()
    return figure


def draw_image(image: Any) -> Figure:
    """Return Fig. 2."""
    figure = Figure(figsize=(5, 5))
    figure.subplots().imshow(image, cmap="gray")
    return figure


def draw_input_and_output(image: Any, output: Any) -> Figure:
    """Return Fig. 3: what goes into a convolution, and its first channel."""
    figure = Figure(figsize=(9, 4.5))
    left, right = figure.subplots(1, 2)
    left.imshow(image, cmap="gray")
    right.imshow(output[0, :, :, 0], cmap="gray")
    return figure


def draw_values(output: Any, *, span: tuple[float, float], weights: Any = None) -> Figure:
    """Return Fig. 4, 5 or 6: values cut off at span and at a count of 100, one kernel, one channel."""
    figure = Figure(figsize=(13 if weights is not None else 9, 4))
    panels = figure.subplots(1, 2 if weights is None else 3)
    panels[0].hist(np.asarray(output).ravel(), range=span, bins=50)
    panels[0].set_ylim(0, 100)
    if weights is not None:
        panels[1].set_title(str(weights.shape))
        panels[1].imshow(weights[:, :, 0, 0], cmap="gray")
    panels[-1].set_title(str(tuple(output.shape)))
    figure.colorbar(panels[-1].imshow(output[0, :, :, 0], cmap="gray"))
    return figure


def draw_published(dataset: inkwise.Dataset) -> dict[str, Figure]:
    """Return the tutorial's figures by their picture's name."""
    keras.utils.set_random_seed(0)
    image = np.asarray(dataset.train.images[0])
    convolution = keras.layers.Conv2D(3, 3, padding="SAME")
    convolved = convolution(image[None, :, :, None].astype(np.float32))
    rectified = keras.layers.ReLU()(convolved)
    pooled = keras.layers.MaxPool2D(2, 2, padding="SAME")(rectified)
    kernels = np.asarray(convolution.kernel)
    return {
        "published-1": draw_labels(dataset.train.labels, dataset.test.labels),
        "published-2": draw_image(image),
        "published-3": draw_input_and_output(image, convolved),
        "published-4": draw_values(convolved, span=(-3, 3), weights=kernels),
        "published-5": draw_values(rectified, span=(-3, 3)),
        "published-6": draw_values(pooled, span=(-2, 5)),
    }


def draw_ours(dataset: inkwise.Dataset, run: Path) -> dict[str, Any]:
    """Return our pictures of the same, by their names."""
    found = inkwise.explore(dataset, duplicates=False)
    image = np.asarray(dataset.train.images[0])
    classifier = inkwise.Classifier.load(run)
    inspection = inspect_in_keras(classifier, inkwise.inspect(classifier, image), train=dataset.train)
    layers = {view.kind.lower(): view for view in reversed(inspection.layers)}  # the first of each kind
    return {
        "ours-1": render_label_shares(found),
        "ours-2": render_first_image(found.first_sample, dataset.classes),
        **{name: render_layer(layers[kind]) for kind, name in OURS.items()},
    }


def main() -> None:
    """Draw them all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path)
    dataset = inkwise.load_dataset("mnist")
    for name, figure in (draw_published(dataset) | draw_ours(dataset, parser.parse_args().run)).items():
        with Image.open(io.BytesIO(to_png(figure))) as picture:
            shrink(picture.convert("RGB"), PICTURES / f"s2-tf-{name}.png")


if __name__ == "__main__":
    main()
