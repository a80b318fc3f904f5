"""Parquet in the Hugging Face layout, written here with pyarrow."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.data.formats.drawn import numbered, png

from inkwise.data.formats.part import Memory
from inkwise.data.formats.picture import fit_images
from inkwise.data.parquet.file import find_parquet_files
from inkwise.data.parquet.read import read_parquet
from inkwise.data.streaming.images import StreamedImages
from inkwise.errors import DataError

pyarrow = pytest.importorskip("pyarrow", reason="the extra `parquet` is not installed")
parquet = pytest.importorskip("pyarrow.parquet", reason="the extra `parquet` is not installed")

IMAGES = numbered(5)
LABELS = [0, 1, 2, 1, 0]
NAMES = {"info": {"features": {"label": {"names": ["zero", "one", "two"], "_type": "ClassLabel"}}}}


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(tmp_path / "maps")


def write(path: Path, columns: dict[str, Any], *, metadata: dict[str, Any] | None = None) -> Path:
    table = pyarrow.table(columns)
    if metadata is not None:
        table = table.replace_schema_metadata({"huggingface": json.dumps(metadata)})
    parquet.write_table(table, path)
    return path


def structs(images: np.ndarray) -> list[dict[str, Any]]:
    return [{"bytes": png(image), "path": f"{index}.png"} for index, image in enumerate(images)]


def test_bytes_labels_and_class_names_are_read(tmp_path: Path, memory: Memory) -> None:
    path = write(tmp_path / "a.parquet", {"image": structs(IMAGES), "label": LABELS}, metadata=NAMES)
    part = read_parquet([path], memory=memory)
    np.testing.assert_array_equal(part.images, IMAGES)
    assert part.labels is not None
    assert part.labels.tolist() == LABELS
    assert part.classes == ("zero", "one", "two")


def test_files_follow_one_another(tmp_path: Path, memory: Memory) -> None:
    paths = [
        write(
            tmp_path / f"train-{n}.parquet",
            {"img": structs(IMAGES[n::2]), "labels": [str(n)] * len(IMAGES[n::2])},
        )
        for n in (0, 1)
    ]
    part = read_parquet(paths, memory=memory)
    np.testing.assert_array_equal(part.images, IMAGES[[0, 2, 4, 1, 3]])
    assert part.labels is not None
    assert part.labels.tolist() == [0, 0, 0, 1, 1]
    assert part.classes is None


def test_plain_bytes_and_sizes_are_taken(tmp_path: Path, memory: Memory) -> None:
    small = numbered(2, side=10)
    path = write(tmp_path / "a.parquet", {"image": [png(image) for image in small], "label": ["a", "b"]})
    part = read_parquet([path], memory=memory)
    np.testing.assert_array_equal(part.images, fit_images(small))


def test_path_beside_the_file_is_read(tmp_path: Path, memory: Memory) -> None:
    (tmp_path / "0.png").write_bytes(png(IMAGES[0]))
    path = write(tmp_path / "a.parquet", {"image": [{"bytes": None, "path": "0.png"}], "label": [0]})
    np.testing.assert_array_equal(read_parquet([path], memory=memory).images, IMAGES[:1])


def test_labels_of_minus_one_are_none(tmp_path: Path, memory: Memory) -> None:
    path = write(tmp_path / "a.parquet", {"image": structs(IMAGES), "label": [-1] * 5})
    assert read_parquet([path], memory=memory).labels is None


def test_past_the_limit_is_streamed_from_where_it_is(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", {"image": structs(IMAGES), "label": LABELS})
    part = read_parquet([path], memory=Memory(tmp_path / "maps", limit_bytes=100))
    images: Any = part.images
    assert isinstance(images, StreamedImages)
    np.testing.assert_array_equal(part.images[:], IMAGES)
    assert not (tmp_path / "maps").exists()


def test_parts_by_name(tmp_path: Path) -> None:
    for name in ("train-00001", "train-00000", "test-00000", "validation-00000"):
        (tmp_path / f"{name}.parquet").touch()
    found = find_parquet_files(tmp_path)
    assert [path.stem for path in found["train"]] == ["train-00000", "train-00001"]
    assert [path.stem for path in found["test"]] == ["test-00000"]
    assert [path.stem for path in found["unused"]] == ["validation-00000"]
    (tmp_path / "test-00000.parquet").unlink()
    assert [path.stem for path in find_parquet_files(tmp_path)["test"]] == ["validation-00000"]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"pixels": [1], "label": [0]}, r"columns pixels, label, expected image \(bytes or path\) and label"),
        ({"image": [{"bytes": None, "path": None}], "label": [0]}, "row 0: no image; expected the bytes"),
        ({"image": ["../x.png"], "label": [0]}, r"path \.\./x\.png leads out of the folder"),
        ({"image": ["/etc/passwd"], "label": [0]}, "path /etc/passwd leads out of the folder"),
        ({"image": [b"text"], "label": [0]}, "row 0: no picture that Pillow can read"),
        ({"image": [png(IMAGES[0])], "label": [None]}, "label 1 is empty or NaN"),
        ({"image": [png(IMAGES[0])], "label": [[1, 0]]}, "column label holds no numbers or names"),
    ],
)
def test_bad_columns_say_expected(tmp_path: Path, memory: Memory, columns: dict, message: str) -> None:
    path = write(tmp_path / "a.parquet", columns)
    with pytest.raises(DataError, match=message):
        read_parquet([path], memory=memory)


def test_damaged_file_names_path(tmp_path: Path, memory: Memory) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1 cut short")
    with pytest.raises(DataError, match=r"a\.parquet: cannot be read as parquet .*; expected a whole file"):
        read_parquet([tmp_path / "a.parquet"], memory=memory)


def test_without_pyarrow_says_what_to_install(
    tmp_path: Path, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)  # how Python itself marks a missing module
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(DataError, match=r"needs pyarrow, .* run: pip install 'inkwise\[parquet\]'"):
        read_parquet([tmp_path / "a.parquet"], memory=memory)
