"""The sentences of an inspection: what each kind of layer does, and what a picture is and is not."""

import re
from collections.abc import Sequence

from inkwise.figures.percent import say_percent
from inkwise.inspection.attribution import Attribution
from inkwise.inspection.inspect import Inspection
from inkwise.inspection.layers import LayerView
from inkwise.inspection.neighbours import Neighbours
from inkwise.inspection.recording.summaries import say_shape

_ALIKE = 0.5  # rank correlation; above it a map would look much the same without any training
# By the beginning of a layer's class or function, small letters alone; the first that fits.
_LESSONS = {
    "conv": (
        "Each output channel has one kernel for every input channel. It is laid on every place of the input; "
        "what lies under it is multiplied by it, place by place, and added up. Where the input looks like "
        "the kernel, the output is high."
    ),
    "relu": "Values below 0 become 0, all others stay. Without it, layer after layer would still be one sum.",
    "maxpool": (
        "Of each small field only the largest value is kept: the picture shrinks, and where exactly a "
        "stroke lies matters less."
    ),
    "avgpool": "Of each small field the mean is kept: the picture shrinks.",
    "flatten": (
        "No value changes: channels, rows and columns are put one after the other into a single row, for the "
        "next layer takes no pictures."
    ),
    "linear": (
        "Each output adds up all inputs, each times its own weight, and a bias. A row of the weights makes "
        "one output."
    ),
    "logsoftmax": "From any numbers to log-probabilities: their exp lies between 0 and 1, and adds up to 1.",
    "softmax": "From any numbers to probabilities: each lies between 0 and 1, and together they are 1.",
    "dropout": (
        "In training some values are dropped by chance, so that no unit relies on another. Here nothing is "
        "dropped: output and input are equal."
    ),
    "batchnorm": "Each channel is shifted and scaled by what its values were like in training.",
    "sigmoid": "Each value is pressed between 0 and 1.",
    "tanh": "Each value is pressed between minus 1 and 1.",
}


def explain_layer(view: LayerView) -> str:
    """Return what a layer of this kind does, for those who meet it for the first time; "" where unknown."""
    kind = view.kind.lower().replace("_", "")
    return next((lesson for start, lesson in _LESSONS.items() if kind.startswith(start)), "")


def say_layer(view: LayerView) -> str:
    """Return the shapes of a layer, its parameters and its dead units, in a line."""
    before = say_shape(view.input.shape, view.input_axes)
    parts = [f"{before} \N{RIGHTWARDS ARROW} {say_shape(view.output.shape, view.axes)}"]
    if view.num_parameters:
        parts.append(f"{view.num_parameters:,} parameters")
    if view.dead is not None:
        parts.append(f"dead units: {say_dead(view)}")
    return "; ".join(parts)


def say_summary(view: LayerView) -> str:
    """Return what a layer is, with its name where that says more than its number."""
    says_more = not view.name.isdigit() and view.name.rstrip("()").lower() != view.kind.lower()
    return f"{view.name}: {view.summary}" if says_more else view.summary


def say_dead(view: LayerView) -> str:
    """Return how many units of a layer are dead, "" where that was not looked for."""
    if view.dead is None or view.dead_share is None:
        return ""
    num_dead = int(view.dead.sum())
    if not num_dead:
        return f"none of {view.dead.numel():,}"
    return f"{num_dead:,} of {view.dead.numel():,} ({say_percent(view.dead_share, decimals=1)})"


def say_answer(inspection: Inspection) -> str:
    """Return the answer, how sure it is, and whether it is right."""
    answer = inspection.classes[inspection.prediction]
    sure = say_percent(float(inspection.probabilities[inspection.prediction]))
    words = f"The network says {answer} and is {sure} sure."
    if inspection.label is None:
        return f"{words} Nobody has told what it is."
    label = inspection.classes[inspection.label]
    if inspection.label == inspection.prediction:
        return f"{words} The label says {label} too."
    share = say_percent(float(inspection.probabilities[inspection.label]))
    return f"{words} The label says {label}, which it gives {share}."


def say_attribution(attribution: Attribution) -> str:
    """Return what a map is, and how far it may be trusted."""
    words = attribution.note
    agreement = attribution.agreement_with_random
    if agreement is not None:
        is_alike = agreement > _ALIKE
        verdict = "much of it is the picture, not the learning" if is_alike else "it shows what was learned"
        words += f" Rank correlation with the map of the same network, untrained: {agreement:.2f}; {verdict}."
    return re.sub(r"(?<![\w])-(?=\d)", "\N{MINUS SIGN}", words)


def say_neighbours(neighbours: Neighbours, labels: Sequence[int], *, answer: str, prediction: int) -> str:
    """Return by what the images are near, and how many share the answer."""
    by = (
        f"the {neighbours.num_features:,} inputs of layer {neighbours.layer}"
        if neighbours.layer
        else "pixels"
    )
    same = sum(label == prediction for label in labels)
    return (
        f"The nearest of {neighbours.num_searched:,} training images, by the Euclidean distance of {by}. "
        f"{same} of {len(labels)} are labelled {answer}."
    )
