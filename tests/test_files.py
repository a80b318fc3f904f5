"""Atomic writes: the old file or the whole new one, the user's permissions, nothing left behind."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from inkwise.errors import OutputError
from inkwise.files import reserve_path, write_atomically


def test_text_and_bytes_are_written_whole(tmp_path: Path) -> None:
    write_atomically(tmp_path / "new" / "text", "é\n")
    write_atomically(tmp_path / "new" / "bytes", b"\x00\xff")
    assert (tmp_path / "new" / "text").read_bytes() == b"\xc3\xa9\n"
    assert (tmp_path / "new" / "bytes").read_bytes() == b"\x00\xff"


def test_file_that_was_there_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old, and longer than the new")
    write_atomically(path, "new")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_permissions_are_those_of_any_new_file(tmp_path: Path) -> None:
    """A temporary file of tempfile would be 0o600, and nobody else could read the run."""
    (tmp_path / "plain").write_text("")
    write_atomically(tmp_path / "ours", "")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_failure_keeps_the_old_and_leaves_no_part(tmp_path: Path) -> None:
    """The name is a folder with something in it, so the last rename fails."""
    path = tmp_path / "file"
    path.mkdir()
    (path / "inside").write_text("kept")
    with pytest.raises(
        OutputError, match=r"cannot write .*file: .*; expected a writable folder with free space"
    ):
        write_atomically(path, "new")
    assert os.listdir(tmp_path) == ["file"]  # noqa: PTH208
    assert (path / "inside").read_text() == "kept"


def test_link_stays_and_what_it_leads_to_is_written(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "dangling").symlink_to(tmp_path / "later")
    write_atomically(tmp_path / "link", "new")
    write_atomically(tmp_path / "dangling", "first")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"
    assert (tmp_path / "later").read_text() == "first"
    assert len(list(tmp_path.iterdir())) == 4


def test_link_to_itself_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(OutputError, match=r"cannot write .*loop: .*--out"):
        write_atomically(tmp_path / "loop", "")


def test_pipe_gets_the_bytes_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_atomically(pipe, "text")
        assert os.read(reader, 9) == b"text"
    finally:
        os.close(reader)
    assert pipe.is_fifo()


@pytest.mark.parametrize("name", ["/dev/fd/{}", "/proc/self/fd/{}", "link"])
def test_pipe_that_is_open_already_gets_the_bytes(name: str, tmp_path: Path) -> None:
    """As of `>(cat)` and of /dev/stdout before a pipe: what the path resolves to is the name of no file."""
    reader, writer = os.pipe()
    (tmp_path / "link").symlink_to(f"/dev/fd/{writer}")
    try:
        write_atomically(tmp_path / name.format(writer), "text")
        assert os.read(reader, 9) == b"text"
    finally:
        os.close(reader)
        os.close(writer)
    assert [path.name for path in tmp_path.iterdir()] == ["link"]


def test_pipe_that_nobody_reads_to_its_end_is_no_failure_to_write() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with pytest.raises(BrokenPipeError):
        write_atomically(f"/dev/fd/{writer}", "text")
    os.close(writer)


@pytest.mark.parametrize("how", ["> file", ">> file"])
def test_file_behind_standard_output_keeps_what_is_printed(how: str, tmp_path: Path) -> None:
    """A file that took the place of that one would be without what is printed before and afterwards."""
    (tmp_path / "file").write_text("older\n")
    code = "from inkwise.files import write_atomically; write_atomically('/dev/stdout', 'written\\n')"
    done = run_shell(f'cd "{tmp_path}"; {{ echo before; "$@"; echo after; }} {how}', code)
    assert (done.returncode, done.stderr) == (0, "")
    older = ["older"] if how == ">> file" else []
    assert (tmp_path / "file").read_text().splitlines() == [*older, "before", "written", "after"]
    assert len(list(tmp_path.iterdir())) == 1


def test_descriptor_that_is_not_open_is_told_of() -> None:
    with pytest.raises(OutputError, match=r"cannot write /dev/fd/9999: Bad file descriptor; .* with --csv$"):
        write_atomically("/dev/fd/9999", "text", option="--csv")


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="this system has no /dev/full")
def test_full_device_is_told_of_and_stays() -> None:
    with pytest.raises(OutputError, match="cannot write /dev/full: No space left on device"):
        write_atomically("/dev/full", "text")
    assert Path("/dev/full").is_char_device()


def test_folders_reserved_at_once_are_different_ones(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: reserve_path(tmp_path / "runs", "quick"), range(40)))
    assert sorted(made) == [tmp_path / "runs" / f"quick-{number:03d}" for number in range(1, 41)]
    assert all(path.is_dir() for path in made)


@pytest.mark.parametrize("link", ["runs", "runs/quick-001"])
def test_link_that_leads_nowhere_is_no_free_name(link: str, tmp_path: Path) -> None:
    """A disk that is not mounted; it was waited for without an end."""
    (tmp_path / link).parent.mkdir(exist_ok=True)
    (tmp_path / link).symlink_to("/nowhere/of/the/kind")
    if link == "runs":
        with pytest.raises(OutputError, match=r"cannot write .*runs/quick-001: .*choose another with --out"):
            reserve_path(tmp_path / "runs", "quick")
    else:
        assert reserve_path(tmp_path / "runs", "quick") == tmp_path / "runs" / "quick-002"


def test_folder_that_cannot_be_reserved_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "runs").touch()
    with pytest.raises(OutputError, match=r"cannot write .*runs/quick-001: .*choose another with --out"):
        reserve_path(tmp_path / "runs", "quick")


def test_folder_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    with pytest.raises(OutputError, match=r"cannot write .*choose another with --out"):
        write_atomically(tmp_path / "file" / "below", "new")
    assert (tmp_path / "file").read_text() == "kept"


def run_shell(command: str, code: str) -> "subprocess.CompletedProcess[str]":
    """Run a shell's command in which "$@" is Python with this code."""
    whole = ["sh", "-c", command, "sh", sys.executable, "-c", code]
    return subprocess.run(whole, capture_output=True, text=True, timeout=60, check=False)


HELD_BACK = """
import os, sys, tempfile
from inkwise.files import standard_error_in
with tempfile.TemporaryFile() as file:
    with standard_error_in(file):
        print("from Python", file=sys.stderr)
        os.write(2, b"from elsewhere")
    print("afterwards", file=sys.stderr)
    file.seek(0)
    print(file.read().decode())
"""


def test_standard_error_goes_into_a_file_and_back() -> None:
    done = run_shell('"$@"', HELD_BACK)
    assert (done.returncode, done.stdout, done.stderr) == (0, "from Python\nfrom elsewhere\n", "afterwards\n")


def test_standard_error_that_is_shut_is_left_alone() -> None:
    """From the start, when a file that is opened gets the number 2 itself; and later."""
    held = "import os, tempfile\nfrom inkwise.files import standard_error_in\n"
    block = "with tempfile.TemporaryFile() as file, standard_error_in(file):\n    print('begun')"
    assert run_shell('"$@" 2>&-', held + block).stdout == "begun\n"
    assert run_shell('"$@"', f"{held}os.close(2)\n{block}").stdout == "begun\n"
