"""Folders of class folders: order, names, what is passed over, and each bad folder's message."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.data.formats.drawn import numbered, png, write_class_folders

from inkwise.data.formats.folder import read_class_folders
from inkwise.data.formats.part import Memory
from inkwise.errors import DataError

IMAGES = numbered(7)


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(tmp_path / "maps")


def test_images_come_class_by_class_in_order_of_names(tmp_path: Path, memory: Memory) -> None:
    write_class_folders(tmp_path / "set", IMAGES, classes=("b", "a"))
    part = read_class_folders(tmp_path / "set", memory=memory)
    assert part.labels is not None
    assert part.labels.tolist() == ["a"] * 3 + ["b"] * 4
    np.testing.assert_array_equal(part.images, IMAGES[[1, 3, 5, 0, 2, 4, 6]])


def test_reading_twice_gives_equal_order(tmp_path: Path, memory: Memory) -> None:
    """Threads finish in any order; the images must not."""
    write_class_folders(tmp_path / "set", numbered(300, side=8), classes=("a", "b"))
    first, second = (read_class_folders(tmp_path / "set", memory=memory).images for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_other_files_are_passed_over_and_noted(tmp_path: Path, memory: Memory) -> None:
    write_class_folders(tmp_path, IMAGES, classes=("a", "b"))
    for name in (".DS_Store", "Thumbs.db", "notes.txt"):
        (tmp_path / "a" / name).write_text("x")
    (tmp_path / ".git").mkdir()
    (tmp_path / "c").mkdir()
    part = read_class_folders(tmp_path, memory=memory)
    assert len(part.images) == 7
    assert part.notes["skipped"] == "3 files that are hidden or no pictures were passed over"
    assert part.notes["empty"] == "folders without pictures make no class: c"


def test_colour_and_sizes_become_28x28(tmp_path: Path, memory: Memory) -> None:
    for name, image in (("a", Image.new("RGB", (50, 30), (9, 9, 9))), ("b", Image.new("RGBA", (9, 40)))):
        (tmp_path / name).mkdir()
        image.save(tmp_path / name / "x.png")
    images = read_class_folders(tmp_path, memory=memory).images
    assert images.shape == (2, 28, 28)
    assert np.unique(images[0]).tolist() == [9]
    assert np.unique(images[1]).tolist() == [255]  # transparent, on white


def test_names_that_are_no_utf8_work(tmp_path: Path, memory: Memory) -> None:
    folder = os.fsencode(tmp_path) + b"/cl\xe9"
    Path(os.fsdecode(folder)).mkdir()
    Path(os.fsdecode(folder + b"/\xff.png")).write_bytes(png(IMAGES[0]))
    part = read_class_folders(tmp_path, memory=memory)
    assert part.labels is not None
    assert part.labels.tolist() == [r"cl\xe9"]
    str(part.labels[0]).encode()  # fit to print


def test_damaged_picture_with_foreign_name_is_named(tmp_path: Path, memory: Memory) -> None:
    write_class_folders(tmp_path, IMAGES, classes=("a", "b"))
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/a/\xff.png")).write_bytes(png(IMAGES[0])[:-30])
    with pytest.raises(DataError, match=r"a/\\xff\.png: cannot be decoded") as raised:
        read_class_folders(tmp_path, memory=memory)
    str(raised.value).encode()


def test_animated_gif_in_folder_is_named(tmp_path: Path, memory: Memory) -> None:
    write_class_folders(tmp_path, IMAGES, classes=("a", "b"))
    frames = [Image.new("L", (8, 8), value) for value in (0, 255)]
    frames[0].save(tmp_path / "a" / "x.gif", save_all=True, append_images=frames[1:])
    with pytest.raises(DataError, match=r"a/x\.gif: 2 frames, expected one still picture"):
        read_class_folders(tmp_path, memory=memory)


def test_empty_folder_says_layout(tmp_path: Path, memory: Memory) -> None:
    with pytest.raises(DataError, match="the folder is empty; expected one folder a class, named by it"):
        read_class_folders(tmp_path, memory=memory)


def test_folder_without_pictures_counts_files(tmp_path: Path, memory: Memory) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "notes.txt").write_text("x")
    with pytest.raises(DataError, match="1 files but no pictures; expected one folder a class"):
        read_class_folders(tmp_path, memory=memory)


def test_pictures_without_class_folders_say_layout(tmp_path: Path, memory: Memory) -> None:
    (tmp_path / "x.png").write_bytes(png(IMAGES[0]))
    with pytest.raises(DataError, match="1 pictures but no class folders; expected one folder a class"):
        read_class_folders(tmp_path, memory=memory)


def test_past_the_limit_is_mapped(tmp_path: Path) -> None:
    write_class_folders(tmp_path / "set", IMAGES, classes=("a", "b"))
    held = read_class_folders(tmp_path / "set", memory=Memory(tmp_path / "maps"))
    mapped = read_class_folders(tmp_path / "set", memory=Memory(tmp_path / "maps", limit_bytes=100))
    assert isinstance(mapped.images, np.memmap)
    np.testing.assert_array_equal(mapped.images, held.images)
    np.testing.assert_array_equal(mapped.labels, held.labels)


def test_progress_counts_pictures(tmp_path: Path) -> None:
    write_class_folders(tmp_path / "set", IMAGES, classes=("a", "b"))
    seen: list[tuple[int, int]] = []
    memory = Memory(tmp_path, on_progress=lambda done, total: seen.append((done, total)))
    read_class_folders(tmp_path / "set", memory=memory)
    assert seen[-1] == (7, 7)


def test_link_in_a_class_folder_to_the_whole_set_is_not_entered(tmp_path: Path, memory: Memory) -> None:
    """Else pictures of every class would be of this one."""
    write_class_folders(tmp_path / "set", IMAGES, classes=("a", "b"))
    (tmp_path / "set" / "a" / "loop").symlink_to(tmp_path / "set")
    part = read_class_folders(tmp_path / "set", memory=memory)
    assert part.labels is not None
    assert part.labels.tolist() == ["a"] * 4 + ["b"] * 3
