"""POST /predict: every way to send images gives the classifier's own answer; what is no image is refused."""

import json
import re
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from tests.golden_classifier import golden_classifier, square_images
from tests.serving.asking import PNG, RAW, Asker, as_file, asker, one, refusal, strokes

from inkwise.classifier import Classifier
from inkwise.data.images import decode_image
from inkwise.experiments.predict import predict
from inkwise.handwriting.recogniser import load_recogniser
from inkwise.serving.routes.schemas import Prediction
from inkwise.serving.settings import Limits

IMAGES = strokes(100)


def close(found: list[dict], images: np.ndarray) -> bool:
    """Return whether predictions are what the reader that ships says of images."""
    expected = load_recogniser().probabilities(images)
    rows = np.array([one["probabilities"] for one in found])
    return rows.shape == expected.shape and bool(np.abs(rows - expected).max() < 1e-5)


@pytest.mark.parametrize("count", [1, 2, 16, 17, 100])
def test_plain_bytes_are_answered_as_the_reader_answers(reader: Asker, count: int) -> None:
    """16 images are answered in the event loop, 17 by a thread."""
    found = reader.post("/predict", content=IMAGES[:count].tobytes(), headers=RAW).json()
    assert close(found, IMAGES[:count])
    assert [entry["index"] for entry in found] == list(range(count))


def test_answer_to_a_picture_is_that_of_the_command(both: Asker, golden_run: Path, tmp_path: Path) -> None:
    """The same keys and values as `inkwise predict --json`, the path apart."""
    path = tmp_path / "wide.jpg"
    path.write_bytes(as_file(np.repeat(IMAGES[0], 3, axis=1), kind="JPEG"))
    (expected,) = predict(Classifier.load(golden_run), [path])
    (found,) = both.post("/predict", content=path.read_bytes(), headers={"Content-Type": "image/jpeg"}).json()
    assert list(found) == list(expected.model_dump())
    assert found["path"] == "body"
    assert (found["index"], found["label"], found["class_name"]) == (0, expected.label, expected.class_name)
    np.testing.assert_allclose(found["probabilities"], expected.probabilities, atol=1e-6)


def test_probability_is_that_of_the_label(both: Asker) -> None:
    found = both.post("/predict", content=square_images().tobytes(), headers=RAW).json()
    expected = golden_classifier().predict(square_images())
    assert [entry["label"] for entry in found] == expected.labels.tolist()
    assert [entry["class_name"] for entry in found] == expected.class_names
    assert all(entry["probability"] == max(entry["probabilities"]) for entry in found)


@pytest.mark.parametrize("images", [IMAGES[0].tolist(), IMAGES[:1].tolist(), IMAGES[:5].tolist()])
def test_json_of_one_or_many_images_is_answered(reader: Asker, images: list) -> None:
    found = reader.post("/predict", json={"images": images}).json()
    assert close(found, np.array(images, np.uint8).reshape(-1, 28, 28))


def test_form_of_pictures_is_answered_by_their_names(reader: Asker) -> None:
    sent = [("picture", (f"{index}.png", as_file(IMAGES[index]))) for index in range(3)]
    found = reader.post("/predict", files=sent).json()
    assert [(entry["path"], entry["index"]) for entry in found] == [("0.png", 0), ("1.png", 0), ("2.png", 0)]
    assert close(found, IMAGES[:3])


def test_picture_is_scaled_as_the_command_scales_it(reader: Asker) -> None:
    content = as_file(np.random.default_rng(1).integers(0, 256, (70, 40, 3), dtype=np.uint8))
    assert close(reader.post("/predict", content=content, headers=PNG).json(), decode_image(content)[None])


def test_raw_answer_is_float32_of_all_classes(reader: Asker) -> None:
    response = reader.post(
        "/predict", content=IMAGES.tobytes(), headers={**RAW, "Accept": "application/octet-stream"}
    )
    assert response.headers["content-type"] == "application/octet-stream"
    assert response.headers["x-inkwise-shape"] == "100,10"
    found = np.frombuffer(response.content, "<f4").reshape(100, 10)
    np.testing.assert_allclose(found, load_recogniser().probabilities(IMAGES), atol=1e-5)


@pytest.mark.parametrize(("run", "classes"), [("golden", 3), ("0", 3), ("reader", 10), ("1", 10)])
def test_run_is_chosen_by_name_or_number(both: Asker, run: str, classes: int) -> None:
    (found,) = both.post(f"/predict?run={run}", content=one().tobytes(), headers=RAW).json()
    assert len(found["probabilities"]) == classes


def test_answers_keep_to_their_description(both: Asker) -> None:
    for entry in both.post("/predict", content=IMAGES.tobytes(), headers=RAW).json():
        Prediction.model_validate(entry)


def test_class_name_beyond_ascii_survives(both: Asker) -> None:
    found = both.post("/predict", content=IMAGES.tobytes(), headers=RAW)
    assert {entry["class_name"] for entry in found.json()} <= {"nought", "one", "två"}


REFUSED = {
    "no bytes": (RAW, b"", 422, r"0 bytes, expected N x 784"),
    "half an image": (RAW, bytes(783), 422, r"783 bytes, expected N x 784: 28 x 28 bytes an image"),
    "curl's own type": (
        {"Content-Type": "application/x-www-form-urlencoded"}, b"x", 415,
        r"Content-Type application/x-www-form-urlencoded, expected image/png.*with curl: -H",
    ),
    "no type": ({"Content-Type": ""}, b"x", 415, r"no Content-Type, expected image/png"),
    "no picture": (PNG, b"hello", 422, r"body: no picture that Pillow can read; expected PNG"),
    "empty picture": (PNG, b"", 422, r"body: an empty file, expected PNG"),
    "damaged picture": (PNG, as_file(IMAGES[0])[:80], 422, r"body: cannot be decoded"),
    "PDF": ({"Content-Type": "image/jpeg"}, b"%PDF-1.7", 422, r"a PDF, expected PNG.*save the page as PNG"),
    "no JSON": ({"Content-Type": "application/json"}, b"{", 400, r"no JSON document"),
}  # fmt: skip


@pytest.mark.parametrize(("headers", "content", "status", "detail"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_image_is_refused(reader: Asker, headers, content, status: int, detail: str) -> None:
    found = refusal(reader.post("/predict", content=content, headers=headers))
    assert found[0] == status
    assert re.search(detail, found[1]), found[1]


def test_unknown_run_is_refused_with_the_known_ones(both: Asker) -> None:
    status, detail = refusal(both.post("/predict?run=redaer", content=one().tobytes(), headers=RAW))
    assert status == 422
    assert detail == "unknown run 'redaer'; did you mean 'reader'? Known: golden, reader, or by number 0 to 1"


def test_too_many_images_are_refused() -> None:
    small = asker(limits=Limits(images=2, pictures=2))
    status, detail = refusal(small.post("/predict", content=bytes(3 * 784), headers=RAW))
    assert (status, detail) == (413, "3 images, expected at most 2; send several requests")
    status, detail = refusal(small.post("/predict", json={"images": IMAGES[:3].tolist()}))
    assert (status, detail) == (413, "3 images, expected at most 2; send several requests")
    sent = [("picture", (f"{index}.png", as_file(IMAGES[0]))) for index in range(3)]
    status, detail = refusal(small.post("/predict", files=sent))
    assert (status, detail) == (413, "more than 2 pictures, expected at most so many; send several requests")


def test_too_many_bytes_are_refused() -> None:
    small = asker(limits=Limits(body_bytes=1000))
    status, detail = refusal(small.post("/predict", content=bytes(2 * 784), headers=RAW))
    assert status == 413
    assert detail == "a body of 1568 bytes, expected at most 1,000 bytes; send it in several requests"


def bomb(width: int, height: int) -> bytes:
    """Return a PNG whose header promises so many pixels, all black: some kilobytes."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + check

    rows = zlib.compress(bytes(10_000_000))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("width", "height"), [(20_000, 20_000), (65_535, 65_535), (2**31 - 1, 2**31 - 1)])
def test_decompression_bomb_is_refused_by_its_header(reader: Asker, width: int, height: int) -> None:
    for path in ("/predict", "/read", "/activations"):
        status, detail = refusal(reader.post(path, content=bomb(width, height), headers=PNG))
        assert status in (413, 422)
        assert "expected at most" in detail


def test_pictures_are_counted_together() -> None:
    small = asker(limits=Limits(pixels=10_000))
    content = as_file(np.zeros((70, 80), np.uint8))
    assert small.post("/predict", content=content, headers=PNG).status_code == 200
    sent = [("picture", ("a.png", content)), ("picture", ("b.png", content))]
    status, detail = refusal(small.post("/predict", files=sent))
    assert status == 413
    assert detail == (
        "b.png: 11,200 pixels with those before it, expected at most 10,000; "
        "send it smaller, or in several requests"
    )


def test_answer_is_one_line_of_json(reader: Asker) -> None:
    content = reader.post("/predict", content=one().tobytes(), headers=RAW).content
    assert json.dumps(json.loads(content), separators=(",", ":")).encode() == content
