"""Every image of a piece is given, and what is damaged is as many errors as images are lacking."""

import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.golden_classifier import square_images
from tests.scale.predicting.given import squares, write_parquet, write_pictures, write_tar

from inkwise.data.formats.paths import IMAGE_SUFFIXES
from inkwise.data.idx import write_idx
from inkwise.scale.predicting.sources.cutting import Limits, cut
from inkwise.scale.predicting.sources.listing import Skipped, list_files
from inkwise.scale.predicting.sources.pictures import Raw, Unreachable, read_pictures
from inkwise.scale.predicting.sources.places import Place


def raws_of(address: Path | str, *, images: int = 7, change: object = None) -> list[Raw]:
    """Return what all blocks give; change is called between listing and reading."""
    places = [Place(str(address), "/")]
    blocks = list(cut(list_files(places, skipped=Skipped()), places, Limits(images, 1 << 20)))
    if callable(change):
        change()
    return [raw for block in blocks for raw in read_pictures(block, places, suffixes=IMAGE_SUFFIXES)]


def far(path: Path) -> str:
    return f"dir://{path.name}::file://{path.parent}"


def contents(raws: list[Raw]) -> list[bytes]:
    return [raw.content.read_bytes() if isinstance(raw.content, Path) else raw.content for raw in raws]  # type: ignore[misc]


def as_tables(folder: Path) -> list[Path]:
    return [
        write_pictures(folder / "pictures", 25),
        write_parquet(folder / "a.parquet", squares(25), row_group=10),
        write_tar(folder / "a.tar", squares(25)),
    ]


def test_all_images_come_once_and_in_order_here_and_from_a_store(tmp_path: Path) -> None:
    for path in as_tables(tmp_path):
        for address in (str(path), far(path)):
            raws = raws_of(address)
            assert contents(raws) == squares(25)
            places = [raw.index for raw in raws]
            assert places == ([0] * 25 if path.is_dir() else list(range(25)))


def test_rows_of_one_large_row_group_come_once_whatever_the_block(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "a.parquet", squares(1200), row_group=1200)  # read 512 at a time
    assert [raw.index for raw in raws_of(path, images=7)] == list(range(1200))


def test_names_say_where_an_image_lies(tmp_path: Path) -> None:
    folder, table, tar = as_tables(tmp_path)
    assert raws_of(folder)[1].name == f"{folder}/0001.png"
    assert (raws_of(table)[1].path, raws_of(table)[1].member) == (str(table), None)
    assert raws_of(tar)[1].name == f"{tar}, 0001.png"
    assert raws_of(far(tar))[1].path == f"dir://a.tar::file://{tmp_path}"


def test_tables_of_pixels_are_read(tmp_path: Path) -> None:
    images = np.concatenate([square_images()] * 3)
    write_idx(tmp_path / "a-idx3-ubyte", images)
    write_idx(tmp_path / "b-idx3-ubyte.gz", images)
    np.savez(tmp_path / "c.npz", images=images)
    (tmp_path / "d.csv").write_text("\n".join(",".join(map(str, image.reshape(-1))) for image in images))
    for path in sorted(tmp_path.iterdir()):
        for address in (str(path), far(path)):
            raws = raws_of(address, images=5)
            assert [raw.index for raw in raws] == list(range(12))
            np.testing.assert_array_equal(np.stack([np.asarray(raw.content) for raw in raws]), images)


def test_paths_in_a_parquet_file_are_found_beside_it(tmp_path: Path) -> None:
    write_pictures(tmp_path / "pictures", 2)
    rows = [{"bytes": None, "path": f"pictures/000{index}.png"} for index in range(2)]
    pq.write_table(pa.table({"image": [*rows, {"bytes": None, "path": "../x.png"}]}), tmp_path / "a.parquet")
    for address in (str(tmp_path / "a.parquet"), far(tmp_path / "a.parquet")):
        raws = raws_of(address)
        assert contents(raws[:2]) == squares(2)
        assert "row 2: path ../x.png leads out of the folder" in (raws[2].error or "")


def test_tar_cut_short_gives_its_pictures_and_one_error(tmp_path: Path) -> None:
    path = write_tar(tmp_path / "a.tar", squares(5))
    path.write_bytes(path.read_bytes()[: 4 * 2048])
    raws = raws_of(path)
    assert contents(raws[:-1]) == squares(4)
    assert raws[-1].index == 4
    assert "ends without the zeros that end a tar; it was cut short, get it again" in (raws[-1].error or "")


def test_parquet_damaged_inside_gives_an_error_for_each_row_that_is_lacking(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "a.parquet", squares(20), row_group=10)
    raw = bytearray(path.read_bytes())
    page = pq.ParquetFile(path).metadata.row_group(1).column(0)
    raw[page.data_page_offset : page.data_page_offset + 40] = b"\xff" * 40
    path.write_bytes(bytes(raw))
    raws = raws_of(path, images=100)
    assert [one.index for one in raws] == list(range(20))
    assert [one.error is None for one in raws] == [True] * 10 + [False] * 10
    assert "cannot be read from image 10 on" in (raws[10].error or "")


def test_damaged_table_is_one_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1 and no more")
    (tmp_path / "b.csv").write_text("1,2,3\n")
    for name, words in (
        ("a.parquet", "cannot be read as parquet"),
        ("b.csv", "3 pixel columns are no square"),
    ):
        (raw,) = raws_of(tmp_path / name)
        assert f"{name}: {words}" in (raw.error or "")


def test_picture_that_changed_after_listing_is_an_error(tmp_path: Path) -> None:
    for address in (str(tmp_path / "a"), far(tmp_path / "b")):
        path = (
            write_pictures(tmp_path / address[-1] if address[-1] == "a" else tmp_path / "b", 2) / "0001.png"
        )
        raws = raws_of(address, change=lambda path=path: path.write_bytes(b"short"))
        assert raws[0].error is None
        assert "5 bytes, " in (raws[1].error or "")
        assert "when the work was begun; begin anew" in (raws[1].error or "")


def test_picture_gone_from_a_store_is_an_error(tmp_path: Path) -> None:
    path = write_pictures(tmp_path / "a", 2) / "0001.png"
    raws = raws_of(far(tmp_path / "a"), change=path.unlink)
    assert [raw.error is None for raw in raws] == [True, False]
    assert "is gone since the work was begun; put it back" in (raws[1].error or "")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_store_that_refuses_ends_the_block_and_is_no_damage(tmp_path: Path) -> None:
    path = write_pictures(tmp_path / "a", 1) / "0000.png"
    with pytest.raises(Unreachable, match=r"0000\.png"):
        raws_of(far(tmp_path / "a"), change=lambda: path.chmod(0))
