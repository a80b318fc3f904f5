"""Draw docs/images/digits.png, a picture of docs/results.md: `python dev/picture.py`.

One training of mlp-logsoftmax on MNIST, as `inkwise train mlp-logsoftmax` does it, then 12 images of the test
part with what the classifier says of them: the first six, and the six wrong ones that it was surest of.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

PICTURE = Path(__file__).parents[1] / "docs" / "images" / "digits.png"
NUM_FIRST, NUM_WRONG, COLUMNS = 6, 6, 6


def answers_figure(images: Any, labels: Any, probabilities: Any, *, places: Any) -> Any:
    """Return a sheet of images with the two most probable classes below each; wrong answers in orange.

    Args:
        images: (N, 28, 28) uint8.
        labels: (N,) int64.
        probabilities: (N, K) float.
        places: which of the N, in order, COLUMNS to a row.
    """
    from inkwise.figures import style
    from inkwise.figures.percent import say_percent

    figure = style.new_figure(width=7.5, height=1.65 * -(-len(places) // COLUMNS))
    for number, place in enumerate(places, start=1):
        axes = figure.add_subplot(-(-len(places) // COLUMNS), COLUMNS, number)
        axes.imshow(images[place], cmap="gray_r", vmin=0, vmax=255, interpolation="nearest")
        best, second = np.argsort(-probabilities[place])[:2]
        is_right = best == labels[place]
        axes.set_title(
            f"{best}, {say_percent(float(probabilities[place, best]), decimals=1)}",
            fontsize=style.FONT_SIZE + 1,
            color=style.BLUE if is_right else style.ORANGE,
            weight="bold",
        )
        said = f"or {second}, {say_percent(float(probabilities[place, second]), decimals=1)}"
        axes.set_xlabel(
            said if is_right else f"is a {labels[place]}", fontsize=style.FONT_SIZE - 1, color=style.INK
        )
        axes.set_xticks([])
        axes.set_yticks([])
        for spine in axes.spines.values():
            spine.set_color(style.INK if is_right else style.ORANGE)
            spine.set_alpha(0.25 if is_right else 1)
    return figure


def main() -> int:
    """Train, predict and draw."""
    from inkwise import load_dataset, train
    from inkwise.evaluation.evaluate import evaluate_classifier
    from inkwise.figures.encode import to_png

    dataset = load_dataset("mnist")
    with tempfile.TemporaryDirectory() as folder:
        classifier = train("mlp-logsoftmax", data=dataset, out=Path(folder) / "run", report=False).classifier
    mistakes = evaluate_classifier(classifier, dataset.test, dataset="mnist").worst_mistakes
    places = [*range(NUM_FIRST), *(mistake.index for mistake in mistakes[:NUM_WRONG])]
    probabilities = classifier.predict(dataset.test.images).probabilities
    figure = answers_figure(dataset.test.images, dataset.test.labels, probabilities, places=places)
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    PICTURE.write_bytes(to_png(figure))
    print(f"{PICTURE}: {PICTURE.stat().st_size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
