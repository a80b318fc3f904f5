"""Names that are no UTF-8, hidden files, links in a circle, and kinds of files by content."""

import gzip
import os
from pathlib import Path

import pytest

from inkwise.data.formats.paths import file_kind, list_images, printable
from inkwise.errors import DataError

IDX = bytes.fromhex("00000801 00000001 05")


def test_printable_foreign_bytes_are_escaped() -> None:
    name = os.fsdecode(b"\xff\xe9.png")
    assert printable(name) == r"\xff\xe9.png"
    assert printable("é.png") == "é.png"


def test_list_images_sorted_and_others_counted(tmp_path: Path) -> None:
    for name in ("b/2.PNG", "b/1.png", "a.jpg", ".DS_Store", "Thumbs.db", "notes.txt", ".hidden/x.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    images, skipped = list_images(tmp_path)
    assert [str(path.relative_to(tmp_path)) for path in images] == ["a.jpg", "b/1.png", "b/2.PNG"]
    assert skipped == 3


def test_list_images_ends_where_links_circle(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "a.png").touch()
    (tmp_path / "one" / "back").symlink_to(tmp_path)
    (tmp_path / "self").symlink_to(tmp_path / "self")
    images, _ = list_images(tmp_path)
    assert [path.name for path in images] == ["a.png"]


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("anything", IDX, "idx"),
        ("anything", gzip.compress(IDX, mtime=0), "idx"),
        ("train-images-idx3-ubyte", b"", "idx"),
        ("a.csv", b"1,2", "csv"),
        ("a.csv.gz", gzip.compress(b"1,2", mtime=0), "csv"),
        ("a.bin", b"PAR1....", "parquet"),
        ("a.npz", b"PK\3\4", "npz"),
        ("a.png", b"\x89PNG", "image"),
        ("a.png", b"\x1f\x8bxxxxxxxxxxxxxxxxx", "image"),
    ],
)
def test_kind_goes_by_content_then_name(tmp_path: Path, name: str, content: bytes, kind: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert file_kind(tmp_path / name) == kind


def test_kind_of_missing_names_path(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nothing\.png: cannot be read \(No such file or directory\)"):
        file_kind(tmp_path / "nothing.png")
