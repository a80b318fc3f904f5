"""The container in the page: whole files are read, cut and altered ones are refused with a reason."""

import struct
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page
from safetensors.numpy import save
from tests.page.exchange import Exchange
from tests.page.network.files import classifier_bytes, join_container, split_container, what_the_page_says

_READ_EACH = """
async address => {
    const { readSafetensors } = await import("inkwise/network/safetensors.js");
    const { tensors } = readSafetensors(await fetchBytes(address));
    const names = [...tensors.keys()].sort();
    await sendBytes("values", new Blob(names.map(name => tensors.get(name).data)));
    return names.map(name => [name, tensors.get(name).shape]);
}
"""


def test_small_file_is_read(js: Page, exchange: Exchange) -> None:
    assert what_the_page_says(js, exchange, classifier_bytes()) == "read, 6 layers"


def test_float_tensors_are_read_and_others_left_out(js: Page, exchange: Exchange) -> None:
    rng = np.random.default_rng(0)
    tensors: dict[str, Any] = {
        "a": rng.standard_normal((2, 3)).astype(np.float32),
        "b": rng.standard_normal(5).astype(np.float16),
        "c": np.arange(3),
        "d": np.array(2.5, np.float32),
        "e": np.ones(2, bool),
    }
    shapes = js.evaluate(_READ_EACH, exchange.give(save(tensors)))
    assert shapes == [["a", [2, 3]], ["b", [5]], ["d", []]]
    values = np.frombuffer(exchange.take("values"), np.float32)
    expected = np.concatenate([tensors[name].ravel().astype(np.float32) for name in "abd"])
    assert values.tolist() == expected.tolist()


def test_every_half_becomes_its_single(js: Page, exchange: Exchange) -> None:
    halves = np.arange(2**16, dtype=np.uint16)
    js.evaluate(
        """async address => {
            const { halvesToFloats } = await import("inkwise/network/float16.js");
            await sendBytes("floats", halvesToFloats(new Uint16Array(await fetchBytes(address))));
        }""",
        exchange.give(halves.tobytes()),
    )
    floats, expected = np.frombuffer(exchange.take("floats"), np.float32), halves.view(np.float16)
    is_number = ~np.isnan(expected)
    assert np.isnan(floats[~is_number]).all()
    assert (
        floats[is_number].view(np.uint32).tolist()
        == expected[is_number].astype(np.float32).view(np.uint32).tolist()
    )


def test_file_cut_anywhere_is_refused(js: Page, exchange: Exchange) -> None:
    content = classifier_bytes()
    answers = js.evaluate(
        """async address => {
            const { parseClassifier } = await import("inkwise/classifier.js");
            const whole = await fetchBytes(address);
            const names = new Set();
            for (let length = 0; length < whole.byteLength; length++) {
                try { parseClassifier(whole.slice(0, length)); names.add(`read ${length}`); }
                catch (error) { names.add(`${error.name}: ${error.message.slice(0, 28)}`); }
            }
            return [...names];
        }""",
        exchange.give(content),
    )
    assert answers == ["ClassifierError: not a whole safetensors file"]


def _with_entry(**changes: Any) -> bytes:
    """Return the small file, in whose container the entry of one tensor is changed."""
    header, rest = split_container(classifier_bytes())
    header["5.weight"] |= changes
    return join_container(header, rest)


def _with_not_a_number(value: float, dtype: type) -> bytes:
    header, _ = split_container(classifier_bytes())
    return save({"x": np.array([1, value], dtype)}, metadata=header["__metadata__"])


HOSTILE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "0 bytes, expected at least 8"),
    "header longer than the file": (
        struct.pack("<Q", 2**40) + b"{}",
        "claims 1099511627776 bytes, expected at most 2",
    ),
    "length beyond all numbers": (b"\xff" * 8 + b"{}", "claims 18446744073709551615 bytes"),
    "not json": (join_container(b"{", b""), "its header is not JSON in UTF-8"),
    "not utf-8": (join_container(b'{"\xff": 1}', b""), "its header is not JSON in UTF-8"),
    "nested without end": (join_container(b"[" * 300_000, b""), "its header is not"),
    "a list": (join_container([], b""), "its header is not a JSON object"),
    "metadata is a text": (join_container({"__metadata__": "x"}, b""), "__metadata__ is not an object"),
    "entry is no object": (join_container({"x": 3}, b""), 'tensor "x" has dtype none'),
    "unknown dtype": (_with_entry(dtype="F31"), 'tensor "5.weight" has dtype "F31", expected one of BOOL U8'),
    "dtype of javascript": (_with_entry(dtype="constructor"), 'has dtype "constructor"'),
    "negative size": (_with_entry(shape=[-3, -18]), "has shape [-3,-18], expected whole numbers"),
    "size is a text": (_with_entry(shape=["3", "18"]), "expected whole numbers"),
    "size beyond all": (_with_entry(shape=[2**53, 2]), "expected whole numbers"),
    "shape too large": (_with_entry(shape=[2**40, 2**40]), "has 216 bytes, expected 4.835703278458517e+24"),
    "one offset": (_with_entry(data_offsets=[0]), "has data_offsets [0], expected [begin, end]"),
    "offsets outside": (_with_entry(data_offsets=[9000, 9216]), "begins at 9000, expected"),
    "offsets overlap": (_with_entry(data_offsets=[0, 216]), "where the one before ends"),
    "bytes left over": (classifier_bytes() + b"\0", "where the file ends"),
    "NaN": (_with_not_a_number(np.nan, np.float32), 'tensor "x" holds NaN or infinity'),
    "infinity": (_with_not_a_number(np.inf, np.float32), 'tensor "x" holds NaN or infinity'),
    "half NaN": (_with_not_a_number(np.nan, np.float16), 'tensor "x" holds NaN or infinity'),
    "half infinity": (_with_not_a_number(-np.inf, np.float16), 'tensor "x" holds NaN or infinity'),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_altered_container_is_refused(js: Page, exchange: Exchange, name: str) -> None:
    content, words = HOSTILE[name]
    answer = what_the_page_says(js, exchange, content)
    assert answer.startswith("ClassifierError: not a whole safetensors file: ")
    assert words in answer
    assert answer.endswith("; it was cut short or altered, take another copy")


def test_anything_but_a_buffer_is_refused(js: Page) -> None:
    answer = js.evaluate(
        """async () => {
            const { parseClassifier } = await import("inkwise/classifier.js");
            try { parseClassifier(new Uint8Array(20)); } catch (error) { return error.message; }
        }"""
    )
    assert "expected an ArrayBuffer; read the file with arrayBuffer()" in answer
