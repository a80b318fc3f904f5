"""Forms are cut in memory; a damaged one is said to be."""

import builtins
import tempfile

import numpy as np
import pytest
from tests.serving.asking import Asker, as_file, refusal

from inkwise.serving.bodies.parts import Part, cut_parts
from inkwise.serving.problems import ProblemError

TYPE = b"multipart/form-data; boundary=edge"


def form(*parts: bytes, end: bytes = b"--edge--\r\n") -> bytes:
    return b"".join(b"--edge\r\n" + part + b"\r\n" for part in parts) + end


def file(name: bytes, content: bytes) -> bytes:
    return b'Content-Disposition: form-data; name="picture"; filename="' + name + b'"\r\n\r\n' + content


def test_parts_keep_their_names_and_bytes() -> None:
    content = bytes(range(256)) + b"\r\n--edg\r\n--"
    body = form(file(b"a.png", content), file(b"", b"x"), file("å.png".encode(), b""))
    assert cut_parts(body, TYPE, most=3) == [
        Part("a.png", content),
        Part("picture", b"x"),
        Part("å.png", b""),
    ]


def test_name_that_is_no_utf8_does_no_harm() -> None:
    assert cut_parts(form(file(b"\xff\xfe", b"x")), TYPE, most=1)[0].name == "\ufffd\ufffd"


def test_path_in_a_name_stays_a_name() -> None:
    assert cut_parts(form(file(b"../../etc/passwd", b"x")), TYPE, most=1)[0].name == "../../etc/passwd"


DAMAGED = {
    "no boundary": (b"multipart/form-data", form(b""), 400, "without a boundary in its Content-Type"),
    "empty boundary": (b"multipart/form-data; boundary=", form(b""), 400, "without a boundary"),
    "long boundary": (b"multipart/form-data; boundary=" + b"e" * 300, b"", 400, "a damaged multipart body"),
    "empty": (TYPE, b"", 400, "without its closing boundary"),
    "cut off": (TYPE, form(file(b"a", b"x"), end=b""), 400, "without its closing boundary"),
    "other boundary": (TYPE, b"--side\r\n\r\n", 400, "a damaged multipart body"),
    "no part": (TYPE, b"--edge--\r\n", 422, "without a picture, expected at least one"),
    "bad header": (TYPE, form(b"no colon\r\n\r\nx"), 400, "a damaged multipart body"),
    "a part too many": (TYPE, form(*[file(b"a", b"")] * 3), 413, "more than 2 pictures, expected at most"),
    "headers": (TYPE, form(b"".join(b"X-%d: 1\r\n" % n for n in range(999)) + b"\r\n"), 400, "damaged"),
}  # fmt: skip


@pytest.mark.parametrize(("content_type", "body", "status", "detail"), DAMAGED.values(), ids=DAMAGED)
def test_damaged_form_is_refused(content_type: bytes, body: bytes, status: int, detail: str) -> None:
    with pytest.raises(ProblemError, match=detail) as caught:
        cut_parts(body, content_type, most=2)
    assert caught.value.status == status


def test_large_upload_is_not_written_to_disk(reader: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither by a temporary file nor by any other that is opened for writing."""

    def refuse(*arguments: object, **words: object) -> None:
        raise AssertionError(f"a file was opened: {arguments}")

    usual = builtins.open
    for name in ("TemporaryFile", "NamedTemporaryFile", "SpooledTemporaryFile", "mkstemp"):
        monkeypatch.setattr(tempfile, name, refuse)
    monkeypatch.setattr(builtins, "open", lambda file, mode="r", *rest, **words: (
        usual(file, mode, *rest, **words) if set(mode) <= set("rbt") else refuse(file, mode)))  # fmt: skip
    noise = np.random.default_rng(0).integers(0, 256, (1500, 1500), dtype=np.uint8)
    sent = [("picture", ("large.png", as_file(noise)))]
    assert len(sent[0][1][1]) > 2_000_000
    assert reader.post("/predict", files=sent).status_code == 200


def test_form_of_fields_without_files_is_no_picture(reader: Asker) -> None:
    body = form(b'Content-Disposition: form-data; name="picture"\r\n\r\nhello')
    status, detail = refusal(reader.post("/predict", content=body, headers={"Content-Type": TYPE.decode()}))
    assert status == 422
    assert detail.startswith("picture: no picture that Pillow can read; expected PNG")
