"""Containerfile and deploy/inkwise.service name files, commands and options that there are."""

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from dev import pages
from packaging.requirements import Requirement
from tests.serving.running import running
from tests.test_docs import parse

from inkwise.serving.security import OPEN_PATHS

CONTAINERFILE = (pages.ROOT / "Containerfile").read_text(encoding="utf-8")
UNIT = pages.ROOT / "deploy" / "inkwise.service"


def instructions(name: str) -> list[str]:
    """Return what follows each instruction of a name in the Containerfile, lines joined."""
    lines = re.sub(r"^#.*\n", "", CONTAINERFILE, flags=re.MULTILINE).replace("\\\n", " ").splitlines()
    return [line.removeprefix(name).strip() for line in lines if line.startswith(f"{name} ")]


def unit_values(key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", UNIT.read_text(encoding="utf-8"), flags=re.MULTILINE)


def health_check() -> list[str]:
    """Return the words by which the container asks whether it is well."""
    (found,) = re.findall(r"CMD (\[.*\])$", CONTAINERFILE.partition("HEALTHCHECK")[2], flags=re.MULTILINE)[:1]
    words: list[str] = json.loads(found)
    assert words[0] == "python"
    return [sys.executable, *words[1:]]


def test_everything_copied_is_there_and_let_through() -> None:
    """What .dockerignore keeps back cannot be copied."""
    let_through = (pages.ROOT / ".dockerignore").read_text().splitlines()
    sources = [
        path
        for line in instructions("COPY")
        if not line.startswith("--from")
        for path in shlex.split(line)[:-1]
    ]
    assert "src" in sources
    for path in sources:
        assert (pages.ROOT / path).exists()
        assert f"!{path}" in let_through


def test_what_the_package_is_built_from_is_copied() -> None:
    project = (pages.ROOT / "pyproject.toml").read_text()
    copied = " ".join(instructions("COPY"))
    for path in re.findall(r'^(?:readme|license-files) = \[?"([^"]+)"', project, flags=re.MULTILINE):
        assert path in copied


def test_container_installs_the_pytorch_that_the_package_asks_for() -> None:
    project = (pages.ROOT / "pyproject.toml").read_text()
    (wanted,) = re.findall(r'^  "(torch>[^"]*)"', project, flags=re.MULTILINE)
    (installed,) = re.findall(r'"(torch>[^"]*)"', CONTAINERFILE)
    assert Requirement(installed) == Requirement(wanted)
    assert f'"{wanted}"' in (pages.ROOT / "docs" / "how-to" / "deploy.md").read_text()


def test_container_starts_a_known_command_at_the_port_it_exposes() -> None:
    words = [*json.loads(instructions("ENTRYPOINT")[0]), *json.loads(instructions("CMD")[0])]
    parse(words)
    assert words[words.index("--port") + 1] == instructions("EXPOSE")[0]
    assert words[words.index("--host") + 1] == "0.0.0.0"


def test_container_is_nobody_at_its_end() -> None:
    last_stage = CONTAINERFILE[CONTAINERFILE.rindex("\nFROM ") :]
    assert re.findall(r"^USER (.*)$", last_stage, flags=re.MULTILINE) == ["10001"]
    assert "--uid 10001" in last_stage


def test_container_holds_no_secret() -> None:
    assert not re.search(r"key|secret|password|token", CONTAINERFILE, flags=re.IGNORECASE)


def test_health_is_asked_at_a_path_that_needs_no_key() -> None:
    assert any(f"127.0.0.1:8000{path}'" in health_check()[-1] for path in OPEN_PATHS)


@pytest.mark.slow
def test_health_check_passes_beside_a_server_and_fails_without() -> None:
    *python, code = health_check()
    with running("--host", "0.0.0.0", INKWISE_API_KEY="0123456789abcdef0123") as server:
        here = code.replace(":8000", f":{server.port}")
        assert subprocess.run([*python, here]).returncode == 0
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nowhere = code.replace(":8000", f":{unused.getsockname()[1]}")
        done = subprocess.run([*python, nowhere], capture_output=True, text=True)
    assert done.returncode == 1
    assert "refused" in done.stderr


def test_unit_starts_a_known_command() -> None:
    (command,) = unit_values("ExecStart")
    program, *words = shlex.split(command)
    assert Path(program).name == "inkwise"
    parse(["inkwise", *words])


def test_unit_hands_over_the_key_that_its_command_reads() -> None:
    (credential,) = unit_values("LoadCredential")
    assert f"--api-key-file %d/{credential.partition(':')[0]}" in unit_values("ExecStart")[0]


def test_unit_may_write_where_corrections_are_kept() -> None:
    (folder,) = unit_values("StateDirectory")
    assert f"INKWISE_CORRECTIONS=%S/{folder}/corrections.sqlite" in unit_values("Environment")


def test_unit_has_no_option_that_systemd_does_not_know(tmp_path: Path) -> None:
    done = verify(tmp_path, UNIT.read_text())
    assert (done.returncode, done.stderr) == (0, "")


def test_unknown_option_of_a_unit_is_found(tmp_path: Path) -> None:
    done = verify(tmp_path, UNIT.read_text().replace("RestartSec=", "RestartSeconds="))
    assert "RestartSeconds" in done.stderr


def verify(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    """Return what systemd-analyze says of a unit, with a program that is on this machine."""
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("needs systemd-analyze, which this machine does not have")
    path = folder / "inkwise.service"
    path.write_text(text.replace("/opt/inkwise/bin/inkwise", "/bin/true"))
    environment = {**os.environ, "SYSTEMD_LOG_LEVEL": "warning"}
    return subprocess.run([program, "verify", str(path)], capture_output=True, text=True, env=environment)


def test_nothing_is_told_to_the_makers_of_the_runtime() -> None:
    """From version 1.29 on ONNX Runtime sends events to them unless told not to."""
    assert "ORT_DISABLE_TELEMETRY=1" in unit_values("Environment")
    assert any("ORT_DISABLE_TELEMETRY=1" in line for line in instructions("ENV"))
