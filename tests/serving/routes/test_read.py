"""POST /read: as `inkwise read --json`; a picture that cannot be read says why."""

import numpy as np
import pytest
from tests.serving.asking import PNG, Asker, as_file, refusal
from tests.written import written

from inkwise.experiments.read import read
from inkwise.serving.routes.schemas import Reading

SUM = as_file(written("17", "305"))


def test_page_is_read_as_the_command_reads_it(reader: Asker) -> None:
    (expected,) = read(SUM)
    (found,) = reader.post("/read", content=SUM, headers=PNG).json()
    assert found["path"] == "body"
    shown = expected.model_dump(mode="json")
    assert list(found) == list(shown)
    assert (found["lines"], found["warnings"]) == (["17", "305"], shown["warnings"])
    assert [glyph["box"] for glyph in found["glyphs"]] == [glyph["box"] for glyph in shown["glyphs"]]
    assert [glyph["accepted"] for glyph in found["glyphs"]] == [
        glyph["accepted"] for glyph in shown["glyphs"]
    ]
    for one, other in zip(found["glyphs"], shown["glyphs"], strict=True):
        assert one.keys() == other.keys()
        assert one["probability"] == pytest.approx(other["probability"], abs=1e-4)


def test_images_of_glyphs_are_given_when_asked_for(reader: Asker) -> None:
    (found,) = reader.post("/read?images=true", content=SUM, headers=PNG).json()
    assert Reading.model_validate(found).lines == ["17", "305"]
    for glyph in found["glyphs"]:
        image = np.array(glyph["image"])
        assert image.shape == (28, 28)
        assert image.max() > 200


def test_several_pictures_are_read_in_order(reader: Asker) -> None:
    """One that is none does not cost the others their answers."""
    sent = [("picture", ("a.png", SUM)), ("picture", ("b.txt", b"hello")), ("picture", ("c.png", SUM))]
    first, second, third = reader.post("/read", files=sent).json()
    assert (first["path"], first["lines"]) == ("a.png", ["17", "305"])
    assert (second["path"], second["lines"], second["glyphs"]) == ("b.txt", [], [])
    assert second["warnings"][0].startswith("b.txt: no picture that Pillow can read; expected PNG")
    assert third["glyphs"] == first["glyphs"]


def test_file_of_unsaid_type_is_read(reader: Asker) -> None:
    """A browser sends it so where it does not know the suffix."""
    headers = {"Content-Type": "application/octet-stream"}
    (found,) = reader.post("/read", content=SUM, headers=headers).json()
    assert found["lines"] == ["17", "305"]


def test_picture_too_small_is_refused(reader: Asker) -> None:
    status, detail = refusal(reader.post("/read", content=as_file(np.zeros((3, 3), np.uint8)), headers=PNG))
    assert status == 422
    assert detail == "body: 3x3 pixels, expected at least 4x4 to read writing; take a larger picture"


def test_pixels_are_refused(reader: Asker) -> None:
    status, detail = refusal(reader.post("/read", json={"images": []}))
    assert status == 415
    assert detail.startswith("Content-Type application/json, expected image/png, image/jpeg or another image")


def test_switch_that_is_none_is_refused(reader: Asker) -> None:
    status, detail = refusal(reader.post("/read?images=perhaps", content=SUM, headers=PNG))
    assert (status, detail) == (422, "images=perhaps, expected true or false")


def test_run_that_knows_no_digits_is_refused(both: Asker) -> None:
    """Where none is chosen, the first that tells the digits apart reads."""
    assert both.post("/read", content=SUM, headers=PNG).json()[0]["lines"] == ["17", "305"]
    status, detail = refusal(both.post("/read?run=golden", content=SUM, headers=PNG))
    assert status == 422
    assert detail == (
        "golden tells 3 classes apart, nought to två; reading needs the ten digits, "
        "serve a run that was trained on mnist"
    )


def test_moving_picture_is_refused_without_counting_its_frames(reader: Asker) -> None:
    frame = b"\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00"
    content = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff" + 300_000 * frame + b"\x3b"
    status, detail = refusal(reader.post("/read", content=content, headers={"Content-Type": "image/gif"}))
    assert status == 422
    assert detail == "body: several frames, expected one still picture; save one frame as PNG"
