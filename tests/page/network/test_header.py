"""What the page refuses of a classifier file whose container is whole: its header and its layers."""

import json
from copy import deepcopy
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page
from safetensors.numpy import save
from tests.page.exchange import Exchange
from tests.page.network.files import (
    classifier_bytes,
    small_header,
    small_tensors,
    split_container,
    what_the_page_says,
)


def _header(**changes: Any) -> bytes:
    return classifier_bytes({**small_header(), **changes})


def _layer(index: int, **changes: Any) -> bytes:
    header = small_header()
    header["layers"][index] |= changes
    return classifier_bytes(header)


def _tensors(**changes: Any) -> bytes:
    tensors = small_tensors() | {name.replace("_at_", "."): tensor for name, tensor in changes.items()}
    return classifier_bytes(tensors={name: tensor for name, tensor in tensors.items() if tensor is not None})


def _ones(*shape: int) -> Any:
    return np.ones(shape, np.float32)


ALTERED = "the header of the classifier is not as expected "
HOSTILE: dict[str, tuple[bytes, str]] = {
    "foreign": (save(small_tensors()), "a safetensors file, but not an inkwise classifier"),
    "text is not json": (classifier_bytes("{"), f"{ALTERED}(the text: not JSON)"),
    "text is null": (classifier_bytes("null"), f"{ALTERED}(the text: not an object)"),
    "no format": (_header(format=None), f"{ALTERED}(format: not a whole number of at least 1)"),
    "tomorrow's": (
        _header(format=3),
        "format 3, this page reads up to 2; make the page with a newer inkwise",
    ),
    "format 1": (
        _header(format=1, layers=[]),
        "the file names no layers, expected those of format 2: load the run",
    ),
    "layers missing": (_header(layers=None), "the file names no layers"),
    "layers a text": (_header(layers="conv"), f"{ALTERED}(layers: not a list of at most 500)"),
    "too many layers": (_header(layers=[{}] * 501), f"{ALTERED}(layers: not a list of at most 500)"),
    "unknown output": (
        _header(output="odds"),
        f"{ALTERED}(output: not one of logits, log_probabilities, prob",
    ),
    "one class": (_header(classes=["x"]), f"{ALTERED}(classes: not a list of at least two names)"),
    "classes are numbers": (
        _header(classes=[0, 1, 2]),
        f"{ALTERED}(classes: not a list of at least two names)",
    ),
    "mean": (_header(preprocessing={"mean": 2, "std": 1}), f"{ALTERED}(preprocessing.mean: not in [0, 1])"),
    "std": (_header(preprocessing={"mean": 0, "std": 0}), f"{ALTERED}(preprocessing.std: not in (0, 1])"),
    "layer is null": (
        _header(layers=[None]),
        'layer 0 (undefined "0"): unknown kind, expected one of conv2d, batch',
    ),
    "unknown kind": (
        _layer(2, kind="gelu"),
        'layer 2 (gelu "2"): unknown kind, expected one of conv2d, batch_norm',
    ),
    "kind of javascript": (_layer(2, kind="__proto__"), "unknown kind"),
    "missing tensor": (_layer(0, weight="nowhere"), 'its weight "nowhere" is not in the file as F32 or F16'),
    "no bias said": (_layer(5, bias=[]), "its bias [] is not in the file as F32 or F16"),
    "integer weights": (
        _tensors(**{"0_at_weight": np.ones((2, 1, 3, 3), int)}),
        "is not in the file as F32 or F16",
    ),
    "kernel with three axes": (
        _tensors(**{"0_at_weight": _ones(2, 3, 3)}),
        "shape [2,3,3], expected 4 axes, none empty",
    ),
    "empty kernel": (
        _tensors(**{"0_at_weight": _ones(2, 1, 0, 3)}),
        "has shape [2,1,0,3], expected 4 axes, none empty",
    ),
    "too few biases": (_tensors(**{"0_at_bias": _ones(1)}), "its bias has 1 numbers, expected 2"),
    "stride 0": (_layer(0, stride=[0, 1]), "stride is [0,1], expected 2 whole numbers of at least 1"),
    "half a step": (_layer(0, stride=[0.5, 1]), "stride is [0.5,1], expected 2 whole numbers of at least 1"),
    "padding below 0": (
        _layer(0, padding=[0, 0, 0, -1]),
        "padding is [0,0,0,-1], expected 4 whole numbers of at least 0",
    ),
    "endless padding": (_layer(0, padding=[2**50] * 4), "would put out [1,2251799813685276,"),
    "two groups of one": (_layer(0, groups=2), "has weights [2,1,3,3] in 2 groups, but [1,28,28] comes in"),
    "half a group": (_layer(0, groups=0.5), "has weights [2,1,3,3] in 0.5 groups"),
    "kernel beyond the image": (
        _layer(0, dilation=[40, 1]),
        "would put out [2,-50,28], but [1,28,28] comes in",
    ),
    "epsilon 0": (_layer(1, epsilon=0), "epsilon is 0, expected a number above 0"),
    "variance below 0": (_tensors(**{"1_at_running_var": -_ones(2)}), "has a variance below 0"),
    "pool beyond the maps": (_layer(3, kernel=[9, 29]), "would put out [2,3,0], but [2,28,28] comes in"),
    "pool of padding": (
        _layer(3, padding=[5, 0]),
        "has padding [5,0], expected at most half of its kernel [9,9]",
    ),
    "padded mean": (_layer(3, kind="avg_pool2d", padding=[1, 1]), "has padding [1,1], expected none"),
    "maps into a linear": (_layer(4, kind="relu"), "takes one row of values, but [2,3,3] comes in"),
    "row into a pool": (_layer(5, kind="global_avg_pool2d"), "takes maps, but [18] comes in"),
    "weights of another size": (
        _tensors(**{"5_at_weight": _ones(3, 19)}),
        "has weights [3,19], but [18] comes in",
    ),
    "fewer values than classes": (
        _tensors(**{"5_at_weight": _ones(2, 18)}),
        "puts out [2], expected [3], one value a class",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_altered_classifier_is_refused(js: Page, exchange: Exchange, name: str) -> None:
    content, words = HOSTILE[name]
    answer = what_the_page_says(js, exchange, content)
    assert answer.startswith("ClassifierError: ")
    assert words in answer


@pytest.mark.parametrize("what", ["new Uint8Array(783)", "new Array(784).fill(0)", "null"])
def test_image_of_another_shape_is_refused(js: Page, exchange: Exchange, what: str) -> None:
    answer = js.evaluate(
        """async ([address, what]) => {
            const { parseClassifier, prepareNetwork, forward } = await import("inkwise/classifier.js");
            const network = prepareNetwork(parseClassifier(await fetchBytes(address)));
            try { forward(network, eval(what)); } catch (error) { return `${error.name}: ${error.message}`; }
        }""",
        [exchange.give(classifier_bytes()), what],
    )
    assert answer.startswith("ClassifierError: the image is ")
    assert answer.endswith("expected a Uint8Array of 784 (28 rows of 28)")


_READ_ALL = """
async ([texts, address]) => {
    const { parseClassifier, prepareNetwork, forward } = await import("inkwise/classifier.js");
    const tensors = new Uint8Array(await fetchBytes(address)), answers = {};
    for (const text of texts) {
        const header = new TextEncoder().encode(text);
        const file = new Uint8Array(8 + header.length + tensors.length);
        new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
        file.set(header, 8);
        file.set(tensors, 8 + header.length);
        let answer = "read";
        try { forward(prepareNetwork(parseClassifier(file.buffer)), new Uint8Array(784)); }
        catch (error) { answer = error.name === "ClassifierError" ? "refused" : `${text} ${error.stack}`; }
        answers[answer] = (answers[answer] ?? 0) + 1;
    }
    return answers;
}
"""
ODD = [None, True, -1, 0, 1, 2, 9, 0.5, 1e9, 2**53, 1e300, "", "0.weight", "relu", [], [0, 1], [3] * 4, {}]


def _with_odd_value(tree: Any, rng: np.random.Generator) -> None:
    """Put something odd in the place of one value somewhere in a JSON object or list."""
    keys = list(tree) if isinstance(tree, dict) else range(len(tree))
    key = keys[rng.integers(len(keys))]
    if isinstance(tree[key], dict | list) and len(tree[key]) and rng.random() < 0.85:
        _with_odd_value(tree[key], rng)
    else:
        tree[key] = ODD[rng.integers(len(ODD))]


def _with_other_letters(text: str, rng: np.random.Generator) -> str:
    letters = list(text)
    for place in rng.integers(0, len(letters), rng.integers(1, 4)):
        letters[place] = rng.choice(list('0123456789-.eE"[]{},: nulltrue'))
    return "".join(letters)


def test_altered_headers_are_read_or_refused_and_nothing_else(js: Page, exchange: Exchange) -> None:
    """3,000 of them: none may end in a fault of the program, whatever stands where."""
    rng = np.random.default_rng(11)
    container, rest = split_container(classifier_bytes())
    texts = [_with_other_letters(json.dumps(container), rng) for _ in range(1000)]
    for index in range(2000):
        header, about = deepcopy(container), small_header()
        _with_odd_value(about if index % 2 else header, rng)
        if index % 2:
            header["__metadata__"] = {"inkwise": json.dumps(about)}
        texts.append(json.dumps(header))
    answers = js.evaluate(_READ_ALL, [texts, exchange.give(rest)])
    assert set(answers) == {"read", "refused"}
    assert min(answers.values()) > 100
