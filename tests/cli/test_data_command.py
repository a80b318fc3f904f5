"""`inkwise data` in a process of its own, and fetching from a small catalogue in this one."""

import gzip
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.data.file_server import Answer, file_server
from tests.data.tiny_sets import tiny_set, with_mirrors
from typer.testing import CliRunner

from inkwise.cli.data import data
from inkwise.data import cache, catalogue
from inkwise.data.catalogue import CATALOGUE


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty cache and no $INKWISE_DATA; return the cache's data folder."""
    monkeypatch.setenv("INKWISE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("INKWISE_DATA", raising=False)
    return tmp_path / "cache" / "data"


def inkwise(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "inkwise", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=os.environ, check=False)


def test_list_as_json_is_one_document() -> None:
    done = inkwise("data", "list", "--json")
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert [row["name"] for row in rows] == list(CATALOGUE)
    keys = "name summary classes num_train num_test licence homepage found path size_bytes"
    assert list(rows[0]) == keys.split()
    assert (rows[0]["found"], rows[0]["path"]) == (None, None)
    assert rows[-1]["found"] == "built in"


def test_list_shows_each_set_and_the_way_to_it() -> None:
    done = inkwise("data", "list")
    assert done.returncode == 0, done.stderr
    assert "fashion-mnist" in done.stdout
    assert "60,000" in done.stdout
    assert "11.6 MB  not here: inkwise data fetch mnist" in done.stdout
    assert "CC BY-SA 4.0" in done.stdout


def test_list_tells_where_a_set_was_found(real_data: Callable[[str], Path]) -> None:
    folder = real_data("mnist")
    rows = json.loads(inkwise("data", "list", "--json").stdout)
    assert (rows[0]["found"], rows[0]["path"]) == ("INKWISE_DATA", str(folder))


def test_unreachable_fetch_fails_in_one_line_within_seconds() -> None:
    begin = time.monotonic()
    done = inkwise("data", "fetch", "mnist")
    assert time.monotonic() - begin < 10
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "the proxy refused or cannot be reached" in done.stderr
    assert "inkwise data import mnist FILE..." in done.stderr


def test_unknown_set_fails_with_the_nearest_name() -> None:
    done = inkwise("data", "fetch", "mnits")
    assert done.returncode == 1
    assert "did you mean 'mnist'?" in done.stderr


def test_fetch_without_a_name_is_wrong_usage() -> None:
    assert inkwise("data", "fetch").returncode == 2


def test_set_that_is_here_is_not_fetched(real_data: Callable[[str], Path]) -> None:
    real_data("usps")
    done = inkwise("data", "fetch", "usps")
    assert done.returncode == 0, done.stderr
    assert "usps: nothing to fetch, every file is here and whole" in done.stderr


def test_real_files_are_imported_checked_and_found_damaged(
    real_data: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, places: Path
) -> None:
    folder = real_data("usps")
    monkeypatch.delenv("INKWISE_DATA")
    imported = inkwise("data", "import", "usps", folder)
    assert imported.returncode == 0, imported.stderr
    assert len(imported.stdout.splitlines()) == 4
    checked = inkwise("data", "check", "usps")
    assert checked.returncode == 0, checked.stderr
    assert checked.stdout.count("whole (SHA-256)") == 4
    broken = places / "usps" / "test-labels-idx1-ubyte.gz"
    broken.write_bytes(gzip.compress(b"rubbish"))
    again = inkwise("data", "check")
    assert again.returncode == 1
    assert f"usps: {broken}: DAMAGED" in again.stdout
    assert "test-labels-idx1-ubyte.gz: sha256 begins " in again.stderr
    assert "delete it and run: inkwise data fetch usps" in again.stderr


def test_check_of_an_absent_set_fails() -> None:
    done = inkwise("data", "check", "kmnist")
    assert done.returncode == 1
    assert (
        "kmnist: train-images-idx3-ubyte.gz is not here; run: inkwise data fetch kmnist (4 files"
        in done.stderr
    )


def test_check_with_nothing_here_says_so() -> None:
    done = inkwise("data", "check")
    assert done.returncode == 0
    assert "nothing to check" in done.stderr


def test_fetch_prints_paths_and_keeps_progress_off_them(
    monkeypatch: pytest.MonkeyPatch, places: Path
) -> None:
    entry, files = tiny_set()
    with file_server() as server:
        for name, content in files.items():
            server.serve(f"/{name}", Answer(content))
        monkeypatch.setattr(catalogue, "CATALOGUE", {"tiny": with_mirrors(entry, server.address)})
        result = CliRunner().invoke(data, ["fetch", "tiny"])
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [str(places / "tiny" / name) for name in files]
    whole = sum(map(len, files.values())) / 1e6
    assert f"tiny: {whole:.1f} of {whole:.1f} MB" in result.stderr
    assert cache.is_available(entry)
