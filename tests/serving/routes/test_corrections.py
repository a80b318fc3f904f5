"""POST /corrections: kept for training as the command line keeps them; all else is refused in words."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.serving.asking import Asker, asker, one, refusal

from inkwise.handwriting.corrections import load_corrections
from inkwise.serving.settings import Limits

GOOD: dict[str, Any] = {"image": one().tolist(), "label": 7, "read_as": 1, "probability": 0.75}


def test_correction_is_kept_for_training(reader: Asker, store: Path) -> None:
    answer = reader.post("/corrections", json=GOOD)
    assert (answer.status_code, answer.json()) == (201, {"stored": True})
    images, labels = load_corrections(store)
    np.testing.assert_array_equal(images, one()[None])
    assert labels.tolist() == [7]


def test_correction_can_be_corrected(reader: Asker, store: Path) -> None:
    for label in (7, 4):
        reader.post("/corrections", json={**GOOD, "label": label})
    assert load_corrections(store)[1].tolist() == [4]


def cut(rows: int = 28, columns: int = 28) -> list[list[int]]:
    return one()[:rows, :columns].tolist()


BAD = {
    "a row is missing": (
        {"image": cut(rows=27)},
        r"image: List should have at least 28 items.*expected image",
    ),
    "a column is missing": ({"image": cut(columns=27)}, r"image\.0: List should have at least 28 items"),
    "too bright": ({"image": [[256] * 28] * 28}, r"image\.0\.0: Input should be less than or equal to 255"),
    "fraction": ({"image": [[0.5] * 28] * 28}, r"image\.0\.0: Input should be a valid integer"),
    "true": ({"image": [[True] * 28] * 28}, r"image\.0\.0: Input should be a valid integer"),
    "no digit": ({"label": 10}, r"label: Input should be less than or equal to 9"),
    "text": ({"label": "7"}, r"label: Input should be a valid integer"),
    "above 1": ({"probability": 1.5}, r"probability: Input should be less than or equal to 1"),
    "huge": ({"read_as": 10**100}, r"read_as: Input should be less than or equal to 9"),
    "unknown key": ({"name": "me"}, r"name: Extra inputs are not permitted; expected image \(28 rows of 28"),
}


@pytest.mark.parametrize(("change", "detail"), BAD.values(), ids=BAD)
def test_nonsense_is_refused_and_not_kept(reader: Asker, store: Path, change: dict, detail: str) -> None:

    status, found = refusal(reader.post("/corrections", json={**GOOD, **change}))
    assert status == 422
    assert re.match(detail, found), found
    assert not store.exists()


@pytest.mark.parametrize("body", [b"NaN", b'{"label": Infinity}', b"[" * 60_000, b"9" * 5000, b"\xff", b""])
def test_what_is_no_json_is_refused(reader: Asker, store: Path, body: bytes) -> None:
    status, detail = refusal(
        reader.post("/corrections", content=body, headers={"Content-Type": "application/json"})
    )
    assert status == 400
    assert "JSON" in detail


def test_other_type_than_json_is_refused(reader: Asker, store: Path) -> None:
    """A page of another site may send text without asking; JSON it may not."""
    body = json.dumps(GOOD).encode()
    status, detail = refusal(
        reader.post("/corrections", content=body, headers={"Content-Type": "text/plain"})
    )
    assert (status, detail) == (415, "Content-Type text/plain, expected application/json")
    assert not store.exists()


def test_server_that_keeps_none_refuses(store: Path) -> None:
    status, detail = refusal(asker(takes_corrections=False).post("/corrections", json=GOOD))
    assert status == 403
    assert detail == "this server keeps no corrections; start it with --corrections to keep them"
    assert not store.exists()


def test_full_store_takes_no_more(store: Path) -> None:
    full = asker(limits=Limits(stored_bytes=1000))
    assert full.post("/corrections", json=GOOD).status_code == 201
    status, detail = refusal(full.post("/corrections", json={**GOOD, "image": cut()[::-1]}))
    assert status == 413
    assert detail.startswith("corrections fill 1,000 bytes already, no more are kept; teach them with")
    assert len(load_corrections(store)[1]) == 1


def test_store_that_cannot_be_written_is_the_servers_fault(
    reader: Asker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("INKWISE_CORRECTIONS", str(tmp_path / "file" / "corrections.sqlite"))
    status, detail = refusal(reader.post("/corrections", json=GOOD))
    assert status == 503
    assert "cannot be written" in detail
