"""A work is begun once, gone on with by the same command alone; its blocks are trusted only when whole."""

import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.scale.predicting.given import (
    SQUARES,
    answer_here,
    begun,
    golden,
    squares,
    wanted,
    write_parquet,
    write_pictures,
    write_tar,
)

from inkwise.errors import DataError, OutputError, RunError
from inkwise.runs.lock import locked
from inkwise.scale.predicting.answering import answer_all
from inkwise.scale.predicting.output import LOCK, open_output, refuse_inside
from inkwise.scale.predicting.plan import read_block, read_plan
from inkwise.scale.predicting.sources.places import Place
from inkwise.scale.predicting.work import (
    WORK,
    Counts,
    block_name,
    check_same,
    find_blocks,
    find_work,
)
from inkwise.scale.predicting.workers import BlockWorker


def far(path: Path) -> str:
    return f"dir://{path.name}::file://{path.parent}"


def test_plan_holds_every_block_and_is_read_block_by_block(tmp_path: Path) -> None:
    write_pictures(tmp_path / "in", 150)
    output, work = begun(tmp_path / "out", wanted(tmp_path / "in", images=2))  # more than one file of plan
    assert work.num_blocks == 75
    assert [len(list(read_block(output, number))) for number in (0, 64, 74)] == [2, 2, 2]
    assert [Path(one.path).name for one in read_plan(output, 75)] == [f"{n:04d}.png" for n in range(150)]


def test_blocks_hold_every_image_once_with_its_answer(tmp_path: Path) -> None:
    write_pictures(tmp_path / "in" / "pictures", 8)
    write_parquet(tmp_path / "in" / "x.parquet", squares(8), row_group=3)
    write_tar(tmp_path / "in" / "y.tar", squares(8))
    for out in (str(tmp_path / "here"), far(tmp_path / "there")):
        rows = answer_here(*begun(out, wanted(tmp_path / "in", images=3)))
        assert [row["label"] for row in rows] == SQUARES * 6
        assert {(row["path"], row["index"]) for row in rows} == {
            *((str(tmp_path / "in" / "pictures" / f"{number:04d}.png"), 0) for number in range(8)),
            *((str(tmp_path / "in" / name), n) for name in ("x.parquet", "y.tar") for n in range(8)),
        }
        assert len(rows) == 24


def test_answers_alone_are_read_from_the_folder(tmp_path: Path) -> None:
    """Readers of parquet folders pass over the plan and all else whose name begins with _."""
    write_pictures(tmp_path / "in", 5)
    answer_here(*begun(tmp_path / "out", wanted(tmp_path / "in", images=2)))
    assert pq.read_table(tmp_path / "out").num_rows == 5


def test_whole_blocks_are_found_and_all_others_are_missing(tmp_path: Path) -> None:
    write_pictures(tmp_path / "in", 8)
    (tmp_path / "in" / "0003.png").write_bytes(b"no picture")
    asked = wanted(tmp_path / "in", images=2)
    output, work = begun(tmp_path / "out", asked)
    other, another = begun(tmp_path / "other", asked)
    answer_here(output, work)
    answer_here(other, another)
    assert find_blocks(output, work) == (bytearray([1, 1, 1, 1]), Counts(4, 8, 1))
    path = tmp_path / "out" / block_name(0)
    path.write_bytes(path.read_bytes()[:-9])  # as no inkwise leaves it
    (tmp_path / "out" / block_name(2)).write_bytes((tmp_path / "other" / block_name(2)).read_bytes())
    (tmp_path / "out" / block_name(3)).unlink()
    assert find_blocks(output, work) == (bytearray([0, 1, 0, 0]), Counts(1, 2, 1))


def test_same_work_goes_on_and_half_a_plan_is_made_anew(tmp_path: Path) -> None:
    write_pictures(tmp_path / "in", 4)
    asked = wanted(tmp_path / "in")
    output, work = begun(tmp_path / "out", asked)
    assert find_work(output) == work
    check_same(output, work, asked)
    (tmp_path / "out" / WORK).unlink()  # a process that was killed before it was written
    assert find_work(output) is None
    answer_here(*begun(tmp_path / "out", asked))


@pytest.mark.parametrize("is_far", [False, True])
def test_input_that_changed_is_refused_by_name(is_far: bool, tmp_path: Path) -> None:
    folder = write_pictures(tmp_path / "in", 4)
    asked = wanted(far(folder) if is_far else folder)
    output, work = begun(tmp_path / "out", asked)
    (folder / "0001a.png").write_bytes(squares(1)[0])
    with pytest.raises(
        DataError, match=r"0001a\.png\S*: is new since the work in .*out was begun; expected the s"
    ):
        check_same(output, work, asked)
    (folder / "0001a.png").unlink()
    before = (folder / "0002.png").read_bytes()
    (folder / "0002.png").write_bytes(b"other")
    with pytest.raises(
        DataError, match=r"0002\.png\S*: \d+ bytes then, 5 now, or another time of change since"
    ):
        check_same(output, work, asked)
    (folder / "0002.png").unlink()
    with pytest.raises(DataError, match=r"0002\.png\S*: is gone since the work"):
        check_same(output, work, asked)
    (folder / "0002.png").write_bytes(before)  # the same bytes at another time
    with pytest.raises(DataError, match=r"0002\.png\S*: (\d+) bytes then, \1 now, or another time of change"):
        check_same(output, work, asked)


def test_another_command_input_or_classifier_is_refused(tmp_path: Path) -> None:
    write_pictures(tmp_path / "in", 2)
    asked = wanted(tmp_path / "in")
    output, work = begun(tmp_path / "out", asked)
    for other, what in (
        (asked._replace(does="read"), r"another command \(predict\) than is given now \(read\)"),
        (asked._replace(paths=["/elsewhere"]), r"another input \(.*in\) than is given now \(/elsewhere\)"),
        (asked._replace(classifier="f00"), r"another classifier \(sha\) than is given now \(f00\)"),
    ):
        with pytest.raises(OutputError, match=f"was begun with {what}; expected the same, choose another"):
            check_same(output, work, other)


def test_relative_and_absolute_paths_are_the_same_work(tmp_path: Path) -> None:
    write_pictures(tmp_path / "in", 2)
    output, work = begun(tmp_path / "out", wanted("./in", base=tmp_path))
    check_same(output, work, wanted(tmp_path / "in")._replace(base="/tmp"))


def test_folder_that_another_process_answers_into_is_left_alone(tmp_path: Path) -> None:
    """Neither its half written files are cleared, nor its half of a plan."""
    out, asked = tmp_path / "out", wanted(write_pictures(tmp_path / "in", 3))
    with locked(out, name=LOCK):
        half = [out / ".block-000000.parquet.0123456789abcdef", out / "_plan" / "plan-000000.parquet"]
        for path in half:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(b"half")
        with pytest.raises(RunError, match="out: another process is writing answers here; wait for it, or"):
            answer_all(asked, golden, out=str(out), ray="local")
        assert all(path.exists() for path in half)


def test_lock_is_no_other_thing_and_is_not_put_beside_any(tmp_path: Path) -> None:
    asked = wanted(write_pictures(tmp_path / "in", 3))
    with locked(tmp_path / "out", name=LOCK):
        assert find_work(open_output(str(tmp_path / "out"), base="/")) is None
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("mine")
    with pytest.raises(OutputError, match=r"holds thesis\.tex"):
        answer_all(asked, golden, out=str(tmp_path / "mine"), ray="local")
    assert not (tmp_path / "mine" / LOCK).exists()


def test_foreign_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(
        OutputError, match=r"holds thesis\.tex and no work that could go on; expected a new or"
    ):
        find_work(open_output(str(tmp_path), base="/"))


@pytest.mark.parametrize(
    ("content", "match"),
    [("{}", r"_work\.json: was altered, or written by another version"), ("", "was altered")],
)
def test_damaged_work_is_refused(content: str, match: str, tmp_path: Path) -> None:
    (tmp_path / WORK).write_text(content)
    with pytest.raises(OutputError, match=match):
        find_work(open_output(str(tmp_path), base="/"))


def test_work_of_a_later_format_is_refused(tmp_path: Path) -> None:
    write_pictures(tmp_path / "in", 2)
    output, work = begun(tmp_path / "out", wanted(tmp_path / "in"))
    output.write(WORK, work.model_copy(update={"format": 2}).model_dump_json().encode())
    with pytest.raises(OutputError, match="format 2, expected 1; choose another --out"):
        find_work(output)


def test_folder_inside_what_is_read_is_refused(tmp_path: Path) -> None:
    for out in (tmp_path / "in" / "out", tmp_path / "in", tmp_path / "link" / "out"):
        (tmp_path / "in").mkdir(exist_ok=True)
        if out.parent.name == "link":
            (tmp_path / "link").symlink_to(tmp_path / "in")
        with pytest.raises(DataError, match=r"lies in .*in, which is read; choose another --out"):
            refuse_inside(open_output(str(out), base="/"), [Place(str(tmp_path / "in"), "/")])
    refuse_inside(open_output(str(tmp_path / "in2"), base="/"), [Place(str(tmp_path / "in"), "/")])


@pytest.mark.parametrize(
    ("address", "match"),
    [
        ("memory://out", "the memory of one process, expected a folder that every worker sees"),
        ("file", "is a file, expected a folder; choose another --out"),
    ],
)
def test_place_that_cannot_hold_answers_is_refused(address: str, match: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=match):
        open_output(address, base=str(tmp_path))


def test_worker_that_cannot_write_says_so_and_leaves_no_part(tmp_path: Path) -> None:
    write_pictures(tmp_path / "in", 2)
    output, _ = begun(tmp_path / "out", wanted(tmp_path / "in"))
    (tmp_path / "out" / block_name(0)).mkdir()  # root may write anywhere, but not a file over a folder
    said = BlockWorker(output=output.address, base="/", begin=lambda number: 1)({"block": [0]})
    assert said["fault"] == ["OutputError"]
    assert "cannot write" in said["reason"][0]
    assert [path.name for path in (tmp_path / "out").glob(".block*")] == []


def test_worker_that_does_not_see_the_folder_says_so(tmp_path: Path) -> None:
    said = BlockWorker(output=str(tmp_path / "elsewhere"), base="/", begin=lambda number: 1)({"block": [3]})
    assert (said["block"], said["fault"]) == ([3], ["ClusterError"])
    assert "a worker does not see it" in said["reason"][0]
    assert "expected a folder that every machine of the cluster shares" in said["reason"][0]


def test_classifier_that_was_exchanged_is_refused_by_the_worker(tmp_path: Path) -> None:
    write_pictures(tmp_path / "in", 2)
    output, _ = begun(tmp_path / "out", wanted(tmp_path / "in"))
    output.write("_classifier.onnx", b"another")
    said = BlockWorker(output=output.address, base="/", begin=lambda number: 1)({"block": [0]})
    assert "_classifier.onnx: is not the file that was written there" in said["reason"][0]


def test_block_that_was_begun_four_times_is_not_begun_again(tmp_path: Path) -> None:
    write_pictures(tmp_path / "in", 2)
    output, _ = begun(tmp_path / "out", wanted(tmp_path / "in"))
    said = BlockWorker(output=output.address, base="/", begin=lambda number: 5)({"block": [0]})
    assert said["fault"] == ["ClusterError"]
    assert said["reason"][0].startswith("block 0: its worker died 4 times; look for what kills workers")
    assert not (tmp_path / "out" / block_name(0)).exists()
    said = BlockWorker(output=output.address, base="/", begin=lambda number: 4)({"block": [0]})
    assert (said["images"], said["fault"]) == ([2], [""])


def test_empty_input_begins_nothing(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with pytest.raises(DataError, match="no images in it"):
        begun(tmp_path / "out", wanted(tmp_path / "in"))
    assert find_work(open_output(str(tmp_path / "out"), base="/")) is None


def test_workers_start_where_standard_error_is_shut() -> None:
    code = (
        "import os\nfrom inkwise.scale.predicting.workers import _hushed\n"
        "os.close(2)\nwith _hushed():\n    print('started')"
    )
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, timeout=120, check=False)
    assert (done.returncode, done.stdout) == (0, b"started\n")


@pytest.mark.parametrize("was_there", [False, True])
def test_work_that_cannot_begin_leaves_nothing(was_there: bool, tmp_path: Path) -> None:
    """Not even its lock, nor the folders made for it; a folder that was there stays."""
    out = tmp_path / "new" / "out"
    if was_there:
        out.mkdir(parents=True)
    with pytest.raises(DataError, match=r"none\.png: cannot be read \(no such file\)"):
        answer_all(wanted(tmp_path / "none.png"), golden, out=str(out), ray="local")
    assert sorted(tmp_path.rglob("*")) == ([out.parent, out] if was_there else [])


def test_work_that_fails_later_stays(tmp_path: Path) -> None:
    output = open_output(str(tmp_path / "out"), base="/")

    def fail() -> None:
        with output.held():
            output.write("block-000000.parquet", b"")
            raise DataError("later")

    with pytest.raises(DataError, match="later"):
        fail()
    assert sorted(output.names()) == [LOCK, "block-000000.parquet"]
