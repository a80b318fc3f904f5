"""The promises of conftest.py: tests touch neither the network nor the user's files."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from pytest_socket import SocketConnectBlockedError


def test_connect_to_foreign_host_is_blocked() -> None:
    # Newer pytest-socket warns before it raises, and warnings are errors here: either one stops the test.
    blocked = (SocketConnectBlockedError, UserWarning)
    with socket.socket() as client, pytest.raises(blocked, match=r"192\.0\.2\.1"):
        client.connect(("192.0.2.1", 80))  # 192.0.2.0/24 is kept for documentation: nobody is there


def test_connect_to_localhost_is_allowed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as client:
        client.connect(server.getsockname())
        assert client.getpeername() == server.getsockname()


@pytest.mark.parametrize("name", ["HOME", "XDG_CACHE_HOME", "INKWISE_CACHE"])
def test_user_folder_is_the_sessions_own(name: str) -> None:
    assert "inkwise-tests-" in os.environ[name]


def test_real_data_is_hidden_unless_asked_for() -> None:
    assert "INKWISE_DATA" not in os.environ


def test_real_data_is_seen_when_asked_for(mnist_folder: Path) -> None:
    assert Path(os.environ["INKWISE_DATA"], "mnist") == mnist_folder


def test_reading_leaves_no_telemetry_behind(tmp_path: Path) -> None:
    """ONNX Runtime writes a file for a service of its maker into the cache folder unless told not to."""
    code = "import inkwise; print([reading.lines for reading in inkwise.read('blank.png')])"
    Image.new("L", (60, 60), 255).save(tmp_path / "blank.png")
    home = {name: str(tmp_path / "home") for name in ("HOME", "XDG_CACHE_HOME")}
    environment = {key: value for key, value in os.environ.items() if key != "ORT_DISABLE_TELEMETRY"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, cwd=tmp_path, env={**environment, **home}, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert not list((tmp_path / "home").rglob("*Microsoft*"))
