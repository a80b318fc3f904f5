"""Holding in memory or mapping from a copy that is written once."""

import errno
import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from inkwise.data.formats.part import Memory, Part, hold
from inkwise.errors import DataError, OutputError


class Filler:
    """Fills images with 0, 1, 2 ... and counts how often it was asked to."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, images: NDArray[np.uint8]) -> NDArray[np.int64]:
        self.calls += 1
        images[:] = np.arange(len(images), dtype=np.uint8)[:, None, None]
        return np.arange(len(images))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_text("content")
    return path


def test_small_part_stays_in_memory(tmp_path: Path, source: Path) -> None:
    part = hold(3, Filler(), sources=[source], memory=Memory(tmp_path / "maps"))
    assert not isinstance(part.images, np.memmap)
    assert not (tmp_path / "maps").exists()


def test_part_at_the_limit_stays_in_memory(tmp_path: Path, source: Path) -> None:
    """Three images take 3 * 784 = 2352 bytes."""
    assert not Memory(tmp_path, limit_bytes=2352).is_too_small_for(3)
    assert Memory(tmp_path, limit_bytes=2351).is_too_small_for(3)


def test_large_part_is_mapped_with_equal_values(tmp_path: Path, source: Path) -> None:
    held = hold(3, Filler(), sources=[source], memory=Memory(tmp_path / "maps"))
    mapped = hold(3, Filler(), sources=[source], memory=Memory(tmp_path / "maps", limit_bytes=1))
    assert isinstance(mapped.images, np.memmap)
    assert not mapped.images.flags.writeable
    np.testing.assert_array_equal(mapped.images, held.images)
    assert mapped.labels is not None
    assert mapped.labels.tolist() == [0, 1, 2]


def test_copy_is_written_once_until_source_changes(tmp_path: Path, source: Path) -> None:
    fill, memory = Filler(), Memory(tmp_path / "maps", limit_bytes=1)
    hold(3, fill, sources=[source], memory=memory)
    hold(3, fill, sources=[source], memory=memory)
    assert fill.calls == 1
    hold(3, fill, sources=[source], memory=memory, tag="other part")
    assert fill.calls == 2
    source.write_text("other content")
    hold(3, fill, sources=[source], memory=memory)
    assert fill.calls == 3


def test_copy_is_written_anew_for_equal_size_of_later_time(tmp_path: Path, source: Path) -> None:
    fill, memory = Filler(), Memory(tmp_path / "maps", limit_bytes=1)
    hold(3, fill, sources=[source], memory=memory)
    os.utime(source, ns=(1, 1))
    hold(3, fill, sources=[source], memory=memory)
    assert fill.calls == 2


def test_source_that_is_gone_is_told(tmp_path: Path, source: Path) -> None:
    source.unlink()
    with pytest.raises(DataError, match=rf"{source.name}: cannot be read \(No such file.*check the path"):
        hold(3, Filler(), sources=[source], memory=Memory(tmp_path / "maps", limit_bytes=1))


def test_part_without_sources_leaves_no_file(tmp_path: Path) -> None:
    part = hold(3, Filler(), sources=(), memory=Memory(tmp_path / "maps", limit_bytes=1))
    assert isinstance(part.images, np.memmap)
    assert list((tmp_path / "maps").iterdir()) == []
    assert part.images[:, 0, 0].tolist() == [0, 1, 2]


def test_failed_fill_leaves_no_file(tmp_path: Path, source: Path) -> None:
    def fail(images: NDArray[np.uint8]) -> None:
        raise DataError("damaged")

    with pytest.raises(DataError, match="damaged"):
        hold(3, fail, sources=[source], memory=Memory(tmp_path / "maps", limit_bytes=1))
    assert list((tmp_path / "maps").iterdir()) == []


def test_unwritable_folder_says_what_to_do(tmp_path: Path, source: Path) -> None:
    with pytest.raises(OutputError, match=r"cannot write 2,352 bytes of images to .*INKWISE_CACHE"):
        hold(3, Filler(), sources=[source], memory=Memory(source / "maps", limit_bytes=1))


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="room is reserved on POSIX only")
def test_full_disk_is_an_error_before_filling(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "posix_fallocate", no_room)  # a full disk, which a test cannot make
    fill = Filler()
    with pytest.raises(
        OutputError, match="No space left on device; expected a writable folder with free space"
    ):
        hold(3, fill, sources=[source], memory=Memory(tmp_path / "maps", limit_bytes=1))
    assert fill.calls == 0


def test_part_of_unequal_lengths_is_refused() -> None:
    with pytest.raises(DataError, match="2 images but 3 labels; expected one label an image"):
        Part(np.zeros((2, 28, 28), np.uint8), np.zeros(3, np.int64))
