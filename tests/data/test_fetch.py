"""Whole sets from a real server on this machine: by one process, by two, and by one that is killed."""

import hashlib
import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from tests.data.file_server import Answer, FileServer, file_server
from tests.data.tiny_sets import tiny_set, with_mirrors

from inkwise.data.catalogue import Bundle, CatalogueEntry
from inkwise.data.fetch import fetch_dataset
from inkwise.data.originals.download import Patience
from inkwise.errors import DataError, OutputError

HURRY = Patience(connect_seconds=0.5, contact_seconds=1.0, stagger_seconds=0.2, read_seconds=2.0)


@pytest.fixture
def server() -> Iterator[FileServer]:
    with file_server() as running:
        yield running


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INKWISE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "data"


def served(server: FileServer) -> tuple[CatalogueEntry, dict[str, bytes]]:
    entry, files = tiny_set()
    for name, content in files.items():
        server.serve(f"/good/{name}", Answer(content))
    return with_mirrors(entry, server.url("/good")), files


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_fetch_brings_each_file_and_leaves_no_rest(server: FileServer, cache: Path) -> None:
    entry, files = served(server)
    written = fetch_dataset(entry, patience=HURRY)
    assert [path.name for path in written] == list(files)
    assert all(path.read_bytes() == files[path.name] for path in written)
    assert names_in(cache / "tiny") - {".lock"} == set(files)


def test_second_fetch_asks_nobody(server: FileServer) -> None:
    """D1: once fetched, a set is taken from the cache."""
    entry, _ = served(server)
    fetch_dataset(entry, patience=HURRY)
    before = len(server.requests)
    assert fetch_dataset(entry, patience=HURRY) == []
    assert len(server.requests) == before


def test_damaged_file_in_the_cache_is_replaced(server: FileServer, cache: Path) -> None:
    entry, files = served(server)
    fetch_dataset(entry, patience=HURRY)
    broken = cache / "tiny" / entry.files[0].packed_name
    broken.write_bytes(files[broken.name][:-9])
    assert fetch_dataset(entry, patience=HURRY) == [broken]
    assert broken.read_bytes() == files[broken.name]


def test_damaged_file_of_the_user_is_named_and_left(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry, files = served(server)
    monkeypatch.setenv("INKWISE_DATA", str(tmp_path))
    own = tmp_path / "tiny" / entry.files[0].packed_name
    own.parent.mkdir()
    own.write_bytes(files[own.name][:-9])
    with pytest.raises(DataError, match=r"tiny/train-images-idx3-ubyte.gz: the gzip data is cut short"):
        fetch_dataset(entry, patience=HURRY)
    assert own.exists()


def test_file_of_the_user_is_not_fetched_again(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry, files = served(server)
    monkeypatch.setenv("INKWISE_DATA", str(tmp_path))
    (tmp_path / "tiny").mkdir()
    name = entry.files[0].packed_name
    (tmp_path / "tiny" / name).write_bytes(files[name])
    assert len(fetch_dataset(entry, patience=HURRY)) == 3
    assert not [request for request in server.requests if name in request.path]


def test_progress_counts_all_files_together(server: FileServer) -> None:
    entry, files = served(server)
    told: list[tuple[int, int]] = []
    fetch_dataset(entry, patience=HURRY, on_progress=lambda done, total: told.append((done, total)))
    whole = sum(len(content) for content in files.values())
    assert {total for _, total in told} == {whole}
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[0][0] == 0
    assert told[-1][0] == whole


def test_failure_lists_each_mirror_and_the_way_out(server: FileServer) -> None:
    entry, _ = tiny_set()
    server.serve(f"/wrong/{entry.files[0].packed_name}", Answer(bytes(entry.files[0].size_bytes or 0)))
    entry = with_mirrors(entry, server.url("/none"), server.url("/wrong"))
    digest = hashlib.sha256(bytes(entry.files[0].size_bytes or 0)).hexdigest()
    with pytest.raises(DataError) as caught:
        fetch_dataset(entry, patience=HURRY)
    text = str(caught.value)
    assert text.startswith("tiny: train-images-idx3-ubyte.gz could not be fetched.")
    assert f"{server.url('/none')}/train-images-idx3-ubyte.gz: HTTP 404 Not Found" in text
    assert f"wrong content: sha256 begins {digest[:4]}, expected {(entry.files[0].sha256 or '')[:4]}" in text
    assert text.endswith("inkwise data import tiny FILE...")
    assert "\n" not in text


def test_hanging_mirrors_fail_within_the_contact_time(server: FileServer) -> None:
    entry, files = tiny_set()
    for name in files:
        server.serve(f"/hangs/{name}", Answer(hangs=True))
    entry = with_mirrors(entry, server.url("/hangs"), server.url("/hangs"))
    begin = time.monotonic()
    with pytest.raises(DataError, match="no answer within 1 s"):
        fetch_dataset(entry, patience=HURRY)
    assert time.monotonic() - begin < 2.0


def test_default_patience_gives_up_within_seconds() -> None:
    assert Patience().contact_seconds <= 5
    assert Patience().read_seconds <= 15


def test_unwritable_cache_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("INKWISE_CACHE", str(tmp_path / "file"))
    entry, _ = tiny_set()
    with pytest.raises(
        OutputError, match=r"cannot write to the cache .*/file/data/tiny: .*set INKWISE_CACHE"
    ):
        fetch_dataset(entry, patience=HURRY)


def test_built_in_set_needs_nothing() -> None:
    assert fetch_dataset("digits") == []


def test_unknown_set_is_refused() -> None:
    with pytest.raises(DataError, match="did you mean 'kmnist'"):
        fetch_dataset("kmnits")


def zip_bundle(server: FileServer, files: dict[str, bytes]) -> Bundle:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(f"gzip/{name}", content)
    content = buffer.getvalue()
    url = server.serve("/gzip.zip", Answer(content))
    digest = hashlib.sha256(content).hexdigest()
    return Bundle("zip", "gzip.zip", "shared", len(content), digest, (url,))


def test_zip_is_downloaded_once_for_all_its_files(server: FileServer, cache: Path) -> None:
    entry, files = tiny_set()
    entry = replace(entry, bundles=(zip_bundle(server, files),))
    written = fetch_dataset(entry, patience=HURRY)
    assert [path.name for path in written] == list(files)
    assert len(server.requests) == 1
    assert (cache / "shared" / "gzip.zip").exists()
    second = replace(entry, name="second")
    assert len(fetch_dataset(second, patience=HURRY)) == 4
    assert len(server.requests) == 1


def test_zip_is_asked_when_the_single_files_are_gone(server: FileServer) -> None:
    entry, files = tiny_set()
    entry = replace(with_mirrors(entry, server.url("/none")), bundles=(zip_bundle(server, files),))
    assert len(fetch_dataset(entry, patience=HURRY)) == 4


def _fetch_and_tell(entry: CatalogueEntry, pipe: Connection) -> None:
    pipe.send([path.name for path in fetch_dataset(entry, patience=HURRY)])


def test_two_processes_end_with_one_good_copy(server: FileServer, cache: Path) -> None:
    entry, files = served(server)
    context = multiprocessing.get_context("spawn")
    pipes = [context.Pipe(duplex=False) for _ in range(2)]
    workers = [context.Process(target=_fetch_and_tell, args=(entry, send)) for _, send in pipes]
    for worker in workers:
        worker.start()
    written = [receive.recv() for receive, _ in pipes]
    for worker in workers:
        worker.join(30)
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert sorted(map(len, written)) == [0, 4]  # one fetched, the other found it done
    assert len(server.requests) == 4
    for name, content in files.items():
        assert (cache / "tiny" / name).read_bytes() == content


def test_killed_download_is_resumed_by_the_next_process(
    server: FileServer, cache: Path, tmp_path: Path
) -> None:
    entry, files = served(server)
    name = entry.files[0].packed_name
    half = Answer(files[name] * 20, stops_after=150_000)
    content = files[name] * 20
    server.serve("/big", half)
    program = textwrap.dedent(f"""
        from pathlib import Path
        from inkwise.data.originals.download import Part, Patience
        from inkwise.data.originals.mirrors import fetch_part
        from inkwise.data.fetch import lock_folder
        with lock_folder(Path({str(cache / "tiny")!r})):
            part = Part(Path({str(cache / "tiny" / "big")!r}), {len(content)})
            fetch_part([{server.url("/big")!r}], part, problem=lambda path: None, patience=Patience(),
                       on_bytes=lambda done: None)
    """)
    process = subprocess.Popen([sys.executable, "-c", program])
    assert server.stopped.wait(20)
    part = cache / "tiny" / "big.part"
    deadline = time.monotonic() + 10
    while (not part.exists() or part.stat().st_size == 0) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait(10)
    arrived = part.stat().st_size
    assert 0 < arrived < len(content)
    half.stops_after = None
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30)
    assert server.requests[-1].range == f"bytes={arrived}-"
    assert part.read_bytes() == content


def test_full_disk_is_named_and_keeps_what_came(server: FileServer, cache: Path) -> None:
    """A limit on the size of files stands for the disk: the system refuses the write in the same way."""
    entry, _ = served(server)
    program = textwrap.dedent(f"""
        import resource
        from inkwise.data.fetch import lock_folder
        from inkwise.data.originals.download import Part, Patience
        from inkwise.data.originals.mirrors import fetch_part
        from pathlib import Path
        resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))
        folder = Path({str(cache / "tiny")!r})
        with lock_folder(folder):
            fetch_part([{entry.files[0].mirrors[0]!r}], Part(folder / "file.gz", {entry.files[0].size_bytes}),
                       problem=lambda path: None, patience=Patience(), on_bytes=lambda done: None)
    """)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 1
    assert "OutputError: cannot write to the cache" in done.stderr
    assert "expected a writable folder with free space, set INKWISE_CACHE to another" in done.stderr
    assert len(server.requests) == 1  # no other mirror is asked for what is no mirror's fault
