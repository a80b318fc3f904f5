"""docs/how-to/serve-clients.md, every block of it in turn, beside a real server."""

import itertools
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from dev import pages
from tests.page_run import expect, run_block
from tests.serving.running import running

PAGE = pages.ROOT / "docs" / "how-to" / "serve-clients.md"
ADDRESS = "http://127.0.0.1:8000"
KEY = "0123456789abcdef01234567"


def blocks(address: str) -> list[pages.Block]:
    """Return the blocks of the page with the address of another server."""
    found = pages.read_blocks(PAGE.read_text(encoding="utf-8"))
    return [replace(block, text=block.text.replace(ADDRESS, address)) for block in found]


@pytest.mark.slow
def test_every_block_runs_and_prints_what_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which("curl") is None:
        pytest.skip("needs curl, which this machine does not have")
    (tmp_path / "docs").symlink_to(pages.ROOT / "docs")
    (tmp_path / "api-key").write_text(KEY)
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, Any] = {"__name__": "__page__"}
    with running(INKWISE_CORRECTIONS=str(tmp_path / "corrections.sqlite")) as server:
        first, *rest = blocks(server.url)
        assert first.text == "inkwise serve\n"  # it runs already
        for block, following in itertools.pairwise([*rest, None]):
            if block is None or block.language not in ("python", "sh"):
                continue
            printed = run_block(block, namespace, name=PAGE.name)
            if following is not None and following.language == "text":
                expect(following.text, printed, where=f"{PAGE.name}:{block.line}")


@pytest.mark.slow
def test_command_with_a_key_is_let_in_and_the_one_without_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which("curl") is None:
        pytest.skip("needs curl, which this machine does not have")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "api-key").write_text(KEY)
    with running("--api-key-file", "api-key") as server:
        (block,) = [block for block in blocks(server.url) if "Authorization" in block.text]
        assert [one["name"] for one in json.loads(run_block(block, {}, name=PAGE.name))] == ["reader"]
        refused = replace(block, text=block.text.replace("Bearer $", "Bearer x$"))
        assert json.loads(run_block(refused, {}, name=PAGE.name))["status"] == 401
