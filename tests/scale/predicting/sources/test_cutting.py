"""Blocks: where files are cut, and that every image lies in exactly one."""

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.golden_classifier import square_images
from tests.scale.predicting.given import squares, write_parquet, write_pictures, write_tar

from inkwise.data.idx import write_idx
from inkwise.scale.predicting.sources.cutting import TO_THE_END, Limits, Piece, cut
from inkwise.scale.predicting.sources.listing import Found, Skipped, list_files
from inkwise.scale.predicting.sources.places import Place


def blocks_of(*paths: Path, images: int, size: int = 1 << 30) -> list[list[Piece]]:
    places = [Place(str(path), "/") for path in paths]
    return list(cut(list_files(places, skipped=Skipped()), places, Limits(images, size)))


def ranges(blocks: list[list[Piece]]) -> list[list[tuple[str, int, int]]]:
    return [[(Path(one.path).name, one.start, one.stop) for one in block] for block in blocks]


def test_folder_of_pictures_is_cut_after_so_many(tmp_path: Path) -> None:
    blocks = blocks_of(write_pictures(tmp_path / "a", 5), images=2)
    assert [[Path(one.path).name for one in block] for block in blocks] == [
        ["0000.png", "0001.png"], ["0002.png", "0003.png"], ["0004.png"],
    ]  # fmt: skip


def test_large_pictures_fill_a_block_by_their_bytes(tmp_path: Path) -> None:
    write_pictures(tmp_path / "a", 3)
    size = len(squares(1)[0])
    assert [len(block) for block in blocks_of(tmp_path / "a", images=100, size=2 * size)] == [2, 1]
    assert [len(block) for block in blocks_of(tmp_path / "a", images=100, size=1)] == [1, 1, 1]


def test_parquet_is_cut_between_row_groups(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "a.parquet", squares(25), row_group=10)
    assert ranges(blocks_of(path, images=20)) == [[("a.parquet", 0, 20)], [("a.parquet", 20, 25)]]
    assert ranges(blocks_of(path, images=15)) == [[("a.parquet", 0, 10)], [("a.parquet", 10, 25)]]


def test_row_group_larger_than_a_block_is_cut_inside(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "a.parquet", squares(25), row_group=100)
    assert [block[0][-2:] for block in blocks_of(path, images=10)] == [(0, 10), (10, 20), (20, 25)]


def test_small_files_share_a_block(tmp_path: Path) -> None:
    for name in "abc":
        write_parquet(tmp_path / f"{name}.parquet", squares(4))
    assert ranges(blocks_of(tmp_path, images=8)) == [
        [("a.parquet", 0, 4), ("b.parquet", 0, 4)], [("c.parquet", 0, 4)],
    ]  # fmt: skip


def test_tar_is_not_cut(tmp_path: Path) -> None:
    write_tar(tmp_path / "a.tar", squares(30))
    write_tar(tmp_path / "b.tar", squares(30))
    assert ranges(blocks_of(tmp_path, images=3)) == [
        [("a.tar", 0, TO_THE_END)], [("b.tar", 0, TO_THE_END)],
    ]  # fmt: skip


def test_unpacked_idx_is_cut_and_packed_is_not(tmp_path: Path) -> None:
    write_idx(tmp_path / "a-idx3-ubyte", np.concatenate([square_images()] * 2))
    write_idx(tmp_path / "b-idx3-ubyte.gz", square_images())
    blocks = blocks_of(tmp_path / "a-idx3-ubyte", tmp_path / "b-idx3-ubyte.gz", images=3)
    assert [[piece[-2:] for piece in block] for block in blocks] == [
        [(0, 3)], [(3, 6)], [(6, 8), (0, TO_THE_END)],
    ]  # fmt: skip


def test_table_without_rows_is_a_piece_without_images(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "a.parquet", squares(1)[:0])
    assert ranges(blocks_of(path, images=3)) == [[("a.parquet", 0, 0)]]


def test_damaged_table_is_left_to_its_reader(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1 and no more")
    assert ranges(blocks_of(tmp_path, images=3)) == [[("a.parquet", 0, TO_THE_END)]]


@given(st.lists(st.integers(0, 50), max_size=40), st.integers(1, 9), st.integers(1, 100))
def test_every_picture_lies_in_one_block_and_no_block_is_too_large(
    sizes: list[int], images: int, size: int
) -> None:
    files = [Found(0, f"{number}.png", "image", given, "") for number, given in enumerate(sizes)]
    blocks = list(cut(files, [Place("x", "/")], Limits(images, size)))
    assert [piece.path for block in blocks for piece in block] == [one.path for one in files]
    assert all(0 < len(block) <= images for block in blocks)
    assert all(len(block) == 1 or sum(piece.size for piece in block) <= size for block in blocks)
