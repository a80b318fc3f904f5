"""Files are found in one order, wherever they lie, and what is none is said."""

import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from tests.golden_classifier import square_images
from tests.scale.predicting.given import squares, write_parquet, write_pictures, write_tar

from inkwise.data.formats.paths import list_images
from inkwise.data.idx import write_idx
from inkwise.errors import DataError
from inkwise.scale.predicting.sources.listing import Found, Skipped, list_files
from inkwise.scale.predicting.sources.places import Place


def listed(*addresses: Path | str, base: Path = Path("/"), skipped: Skipped | None = None) -> list[Found]:
    places = [Place(str(address), str(base)) for address in addresses]
    return list(list_files(places, skipped=skipped or Skipped()))


def far(folder: Path) -> str:
    """Return an address of a folder that fsspec does not take for this machine's disk."""
    return f"dir://{folder.name}::file://{folder.parent}"


def fill(folder: Path) -> None:
    write_pictures(folder / "b", 2)
    write_pictures(folder / "a.d", 1)
    write_pictures(folder / ".hidden", 1)
    (folder / "a.png").write_bytes(squares(1)[0])
    (folder / "notes.md").write_text("no image")
    write_parquet(folder / "c.parquet", squares(3))
    write_tar(folder / "d.tar", squares(3))
    write_tar(folder / "e.tar.gz", squares(3), mode="w:gz")


def test_folder_is_listed_in_the_order_of_names_with_tables_and_tars(tmp_path: Path) -> None:
    fill(tmp_path)
    skipped = Skipped()
    found = listed(tmp_path, skipped=skipped)
    assert [(Path(one.path).relative_to(tmp_path).as_posix(), one.kind) for one in found] == [
        ("a.d/0000.png", "image"), ("a.png", "image"), ("b/0000.png", "image"), ("b/0001.png", "image"),
        ("c.parquet", "parquet"), ("d.tar", "tar"), ("e.tar.gz", "tar"),
    ]  # fmt: skip
    assert skipped.count == 1  # a hidden folder is not looked into
    assert found[1].size == len(squares(1)[0])
    assert found[1].stamp == str((tmp_path / "a.png").stat().st_mtime_ns)


def test_pictures_come_in_the_order_in_which_one_process_takes_them(tmp_path: Path) -> None:
    fill(tmp_path)
    ours = [one.path for one in listed(tmp_path) if one.kind == "image"]
    assert ours == [str(path) for path in list_images(tmp_path)[0]]


def test_store_behind_an_address_is_listed_as_the_disk_is(tmp_path: Path) -> None:
    fill(tmp_path)
    here, there = listed(tmp_path), listed(far(tmp_path))
    assert [(one.kind, one.size) for one in there] == [(one.kind, one.size) for one in here]
    assert [one.path for one in there] == [str(Path(one.path).relative_to(tmp_path.parent)) for one in here]


def test_pictures_in_a_zip_are_listed_by_a_pattern(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for index, picture in enumerate(squares(3)):
            archive.writestr(f"in/{index}.png", picture)
        archive.writestr("in/x.txt", "no picture")
    address = f"zip://in/*.png::{tmp_path}/all.zip"
    assert [one.path for one in listed(address)] == ["in/0.png", "in/1.png", "in/2.png"]


def test_relative_paths_stay_as_given(tmp_path: Path) -> None:
    write_pictures(tmp_path / "scans", 1)
    assert [one.path for one in listed("./scans", base=tmp_path)] == ["scans/0000.png"]


def test_file_given_by_itself_is_known_by_its_bytes(tmp_path: Path) -> None:
    write_idx(tmp_path / "digits", square_images())
    np.savez(tmp_path / "set.npz", images=square_images())
    write_parquet(tmp_path / "table", squares(1))
    found = listed(*(tmp_path / name for name in ("digits", "set.npz", "table")))
    assert [one.kind for one in found] == ["idx", "npz", "parquet"]
    assert [one.kind for one in listed(f"dir://digits::file://{tmp_path}")] == ["idx"]


def test_link_back_to_a_folder_above_is_entered_once(tmp_path: Path) -> None:
    write_pictures(tmp_path / "a", 1)
    (tmp_path / "a" / "again").symlink_to(tmp_path)
    assert len(listed(tmp_path)) == 1


def test_link_to_nothing_is_listed_so_that_its_row_says_it(tmp_path: Path) -> None:
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere")
    (found,) = listed(tmp_path)
    assert (found.kind, found.size) == ("image", -1)


def test_name_of_any_bytes_is_listed(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/caf\xe9.png"
    Path(os.fsdecode(raw)).write_bytes(squares(1)[0])
    (found,) = listed(tmp_path)
    assert os.fsencode(found.path) == raw


@pytest.mark.parametrize(
    ("address", "match"),
    [
        ("nowhere", r"nowhere: cannot be read \(no such file\); expected a file, a folder or \*"),
        ("*.tar", r"\*\.tar: cannot be read \(no such file\)"),
        ("dir://nowhere::file:///tmp", r"nowhere::file:///tmp: cannot be read \(no such file\)"),
        ("s4://bucket/a", r"s4://bucket/a: no address that can be opened \(Protocol not known: s4\)"),
        ("abfs://a/b", "abfs://a/b: .*[Ii]nstall .*; install what it names, beside inkwise"),
    ],
)
def test_place_that_is_none_is_refused(address: str, match: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=match):
        listed(address, base=tmp_path)


def test_folder_without_images_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("no image")
    with pytest.raises(DataError, match=r"no images in it \(1 other files\); expected pictures, parquet"):
        listed(tmp_path)
