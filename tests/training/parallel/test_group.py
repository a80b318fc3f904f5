"""The group: shares that cover a batch, and what processes tell one another."""

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.training.parallel.pair import Run

from inkwise.errors import DataError
from inkwise.training.parallel.group import ALONE, Group


@given(st.integers(1, 300), st.integers(1, 9))
def test_shares_cover_a_batch_once_and_nearly_evenly(num_images: int, size: int) -> None:
    shares = [Group(rank, size).share(num_images) for rank in range(size)]
    rows = [row for share in shares if share.num_own for row in range(num_images)[share.rows]]
    assert rows == list(range(num_images))
    assert max(share.num_own for share in shares) - min(share.num_own for share in shares) <= 1
    assert all(share.rows.stop > share.rows.start for share in shares), "nobody computes on nothing"


def test_weights_of_shares_when_uneven_then_make_the_mean_of_all() -> None:
    """Seven values on three processes: (mean of 2 * 6/7 + mean of 2 * 6/7 + mean of 3 * 9/7) / 3."""
    values = torch.arange(7.0).square()
    shares = [Group(rank, 3).share(7) for rank in range(3)]
    assert [share.weight for share in shares] == [6 / 7, 6 / 7, 9 / 7]
    means = [values[share.rows].mean() * share.weight for share in shares]
    assert sum(means) / 3 == pytest.approx(values.mean().item())


def _exchange(group: Group) -> tuple[torch.Tensor, torch.Tensor, bool, bool, str]:
    rows = torch.arange(3.0)[group.share(3).rows]
    return (
        group.total(torch.tensor([1.0, float(group.rank)])),
        group.whole(rows, 3),
        group.any(group.rank == 1),
        group.any(False),
        group.from_first(lambda: f"made by {group.rank}"),
    )


def test_exchange_gives_every_process_the_same(pair: Run) -> None:
    for total, whole, some, none, made in pair(_exchange):
        assert total.tolist() == [2, 1]
        assert whole.tolist() == [0, 1, 2]
        assert (some, none, made) == (True, False, "made by 0")


def _fail(group: Group) -> str:
    def make() -> None:
        raise DataError(f"no data on worker {group.rank}; copy them")

    try:
        group.from_first(make)
    except DataError as error:
        return str(error)
    return "no error"


def test_failure_of_the_first_process_then_all_raise_it(pair: Run) -> None:
    assert pair(_fail) == ["no data on worker 0; copy them"] * 2


def _copy(group: Group, folder: Path) -> bytes | None:
    # Each process looks into a folder of its own, as on a machine of its own.
    with group.copy_from_first(folder / str(group.rank) / "file") as path:
        return path.read_bytes() if path else None


def test_file_of_the_first_process_reaches_the_others(pair: Run, tmp_path: Path) -> None:
    assert pair(_copy, tmp_path) == [None, None]
    (tmp_path / "0").mkdir()
    (tmp_path / "0" / "file").write_bytes(b"\0here")
    assert pair(_copy, tmp_path) == [b"\0here", b"\0here"]
    assert not (tmp_path / "1").exists()


def test_group_of_one_gives_back_what_it_was_given(tmp_path: Path) -> None:
    values = torch.arange(4.0)
    assert ALONE.total(values) is values
    assert ALONE.whole(values, 4) is values
    assert ALONE.any(True)
    assert ALONE.from_first(lambda: "made") == "made"
    with ALONE.copy_from_first(tmp_path / "absent") as path:
        assert path is None
