"""Pictures of a tar: equal to tarfile's own reading, and nothing taken for whole that is not."""

import gzip
import io
import tarfile
from pathlib import Path

import pytest
import webdataset
from tests.scale.predicting.given import squares, write_tar

from inkwise.data.formats.paths import IMAGE_SUFFIXES
from inkwise.errors import DataError
from inkwise.scale.predicting.sources.tars import read_tar


def pictures(raw: bytes) -> list[tuple[str, bytes]]:
    return list(read_tar(io.BytesIO(raw), name="a.tar", suffixes=IMAGE_SUFFIXES))


def by_tarfile(raw: bytes) -> list[tuple[str, bytes]]:
    """Return the same by Python's own reader, which looks at nothing but headers it knows."""
    with tarfile.open(fileobj=io.BytesIO(raw)) as tar:
        members = [one for one in tar if one.isreg() and one.name.endswith(".png")]
        return [(one.name, tar.extractfile(one).read()) for one in members]  # type: ignore[union-attr]


@pytest.mark.parametrize("layout", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("stem", ["a", "folder/" + 60 * "b", 30 * "long/" + "c", "täglich/1"])
def test_every_layout_is_read_as_tarfile_reads_it(layout: int, stem: str, tmp_path: Path) -> None:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w", format=layout) as tar:
        for index, picture in enumerate(squares(4)):
            for ending, content in (("png", picture), ("cls", b"1"), ("png/", b"")):
                entry = tarfile.TarInfo(f"{stem}{index}.{ending}")
                entry.size, entry.mtime = len(content), 1763740800.25 if layout == tarfile.PAX_FORMAT else 7
                entry.type = tarfile.DIRTYPE if ending.endswith("/") else tarfile.REGTYPE
                tar.addfile(entry, io.BytesIO(content))
    found = pictures(sink.getvalue())
    assert found == by_tarfile(sink.getvalue())
    assert [picture for _, picture in found] == squares(4)


def test_shards_of_webdatasets_own_writer_are_read(tmp_path: Path) -> None:
    with webdataset.TarWriter(str(tmp_path / "a.tar")) as writer:
        for index, picture in enumerate(squares(3)):
            writer.write({"__key__": f"{index:03d}", "png": picture, "cls": index})
    assert [name for name, _ in pictures((tmp_path / "a.tar").read_bytes())] == [
        "000.png", "001.png", "002.png",
    ]  # fmt: skip


def test_packed_tar_is_read(tmp_path: Path) -> None:
    raw = write_tar(tmp_path / "a.tgz", squares(3), mode="w:gz").read_bytes()
    assert len(pictures(raw)) == 3


def test_hidden_members_are_passed_over(tmp_path: Path) -> None:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as tar:
        for name in ("._a.png", "a.png"):  # macOS' tar adds the first
            entry = tarfile.TarInfo(name)
            entry.size = len(squares(1)[0])
            tar.addfile(entry, io.BytesIO(squares(1)[0]))
    assert [name for name, _ in pictures(sink.getvalue())] == ["a.png"]


@pytest.mark.parametrize("layout", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT])
def test_tar_cut_short_anywhere_is_never_taken_for_whole(layout: int, tmp_path: Path) -> None:
    """Also between two pictures, where tarfile finds nothing wrong; a long name makes it tarfile's turn."""
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w", format=layout) as tar:
        for index, picture in enumerate(squares(3)):
            entry = tarfile.TarInfo(f"{'d' * 90}/{'n' * 30}{index}.png")
            entry.size = len(picture)
            tar.addfile(entry, io.BytesIO(picture))
    raw = sink.getvalue()
    end = len(raw.rstrip(b"\0")) // 512 * 512 + 512
    assert len(pictures(raw[: end + 1024])) == 3  # without what tarfile fills the end up with
    for length in range(1, end + 1, 256):
        with pytest.raises((DataError, tarfile.TarError)):
            pictures(raw[:length])


def test_damaged_header_is_refused_after_the_pictures_before_it(tmp_path: Path) -> None:
    raw = bytearray(write_tar(tmp_path / "a.tar", squares(3)).read_bytes())
    second = raw.index(b"0001.png")
    raw[second] ^= 1
    found = read_tar(io.BytesIO(bytes(raw)), name="a.tar", suffixes=IMAGE_SUFFIXES)
    assert next(found)[0] == "0000.png"
    with pytest.raises(DataError, match=r"a\.tar: a header in this tar is damaged; expected a whole tar"):
        next(found)


def test_packed_tar_cut_short_is_refused(tmp_path: Path) -> None:
    raw = write_tar(tmp_path / "a.tgz", squares(3), mode="w:gz").read_bytes()
    with pytest.raises(EOFError, match="end-of-stream"):
        pictures(raw[: len(raw) // 2])
    packed = gzip.compress(write_tar(tmp_path / "b.tar", squares(3)).read_bytes()[:1024])
    with pytest.raises(DataError, match="ends without the zeros that end a tar; it was cut short"):
        pictures(packed)
