"""Eight bits: what they cost, how much is too much, and what they are calibrated on."""

import logging

import numpy as np
import onnx
import pytest

from inkwise.data.dataset import Split
from inkwise.errors import DataError, ExportError
from inkwise.exporting.int8 import judge_int8, quantise
from inkwise.exporting.onnx_graph import build_onnx
from inkwise.exporting.opened import in_words, open_for_export
from inkwise.exporting.probe import Probe
from inkwise.exporting.prove import answer_of_onnx
from inkwise.handwriting.recogniser import SHIPPED_FILE

LABELS = np.arange(2000, dtype=np.int64) % 10
SPLIT = Split(np.zeros((2000, 28, 28), np.uint8), LABELS)


def right_but_for(num_wrong: int):
    """Return an answer that is wrong for the first num_wrong images, asked about all in order."""
    rows = np.eye(10, dtype=np.float32)[LABELS]
    rows[:num_wrong] = np.roll(rows[:num_wrong], 1, axis=1)
    parts = iter([rows[start : start + 250] for start in range(0, 2000, 250)])
    return lambda images: next(parts)


def test_a_thousandth_may_be_lost() -> None:
    """12 and 10 of 2,000 wrong: 99.4 % and 99.5 %."""
    found = judge_int8(right_but_for(12), right_but_for(10), SPLIT)
    assert (found.num_images, found.accuracy, found.accuracy_before) == (2000, 0.994, 0.995)


def test_more_than_a_thousandth_is_refused_with_the_figures() -> None:
    with pytest.raises(
        ExportError,
        match=r"--int8 loses 0.15 points of accuracy on 2,000 validation images \(99.50 % to 99.35 %\), "
        r"expected at most 0.1; nothing was written, export without --int8",
    ):
        judge_int8(right_but_for(13), right_but_for(10), SPLIT)


def test_images_of_chance_alone_are_refused() -> None:
    probe = Probe(SPLIT.images, "1,000 images of blocks drawn by chance")
    with pytest.raises(
        DataError, match=r"found 1,000 images of blocks drawn by chance alone; .* with --data"
    ):
        quantise(onnx.ModelProto(), probe)


def test_weights_take_a_quarter_and_answers_stay(caplog: pytest.LogCaptureFixture) -> None:
    """The shipped reader on digits: other digits than it learned from, of which it knows most."""
    opened = open_for_export(SHIPPED_FILE, data="digits")
    model = build_onnx(*in_words(opened))
    content = quantise(model, opened.probe)
    assert len(content) < 0.3 * model.ByteSize()
    found, expected = answer_of_onnx(content)(opened.probe.images), opened.expected
    assert (found.argmax(axis=1) == expected.argmax(axis=1)).mean() > 0.99
    assert 1e-4 < np.abs(found - expected).max() < 0.5
    assert caplog.records == []
    assert not logging.getLogger().disabled


def test_metadata_stay_and_nothing_is_added() -> None:
    opened = open_for_export(SHIPPED_FILE, data="digits")
    model = build_onnx(*in_words(opened))
    made = onnx.load_from_string(quantise(model, opened.probe))
    assert sorted(e.key for e in made.metadata_props) == sorted(e.key for e in model.metadata_props)
    assert [output.name for output in made.graph.output] == ["probabilities", "classes"]
