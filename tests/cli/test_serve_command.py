"""`inkwise serve`: what is wrong is one line before anything listens; strangers are pointed out."""

import socket
import sys
from pathlib import Path

import cv2
import httpx
import pytest
from PIL import Image
from tests.golden_classifier import golden_classifier
from tests.serving.asking import RAW, one
from tests.serving.running import running

from inkwise.cli import main

KEY = "0123456789abcdef0123"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Return a function: arguments of an `inkwise serve` that fails -> exit code and standard error."""

    def run_serve(*arguments: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["inkwise", "serve", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            main()
        said = capsys.readouterr()
        assert said.out == ""
        return int(stopped.value.code or 0), said.err

    # A server sets these for its whole process, which here goes on with other tests.
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", Image.MAX_IMAGE_PIXELS)
    threads = cv2.getNumThreads()
    yield run_serve
    cv2.setNumThreads(threads)


def test_run_that_is_none_is_one_line(run, tmp_path: Path) -> None:
    code, said = run(tmp_path, "--port", 0)
    assert code == 1
    assert said.startswith(f"inkwise: {tmp_path / 'classifier.safetensors'}: ")
    assert said.count("\n") == 1


def test_run_that_is_none_is_one_line_for_several_workers_too(run, tmp_path: Path) -> None:
    code, said = run(tmp_path, "--port", 0, "--workers", 2)
    assert (code, said.count("\n")) == (1, 1)


def test_port_in_use_is_one_line(run) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert run("--port", port) == (
            1,
            f"inkwise: port {port} on 127.0.0.1 is in use; "
            "stop the other program or choose another with --port\n",
        )


def test_bad_host_is_one_line_behind_the_warning(run) -> None:
    code, said = run("--host", "no.such.name.invalid", "--port", 0)
    warning, failure = said.splitlines()
    assert code == 1
    assert warning == (
        "inkwise: everybody who reaches no.such.name.invalid may use this server; "
        "give it --api-key-file or $INKWISE_API_KEY to ask for a key"
    )
    assert failure == (
        "inkwise: --host no.such.name.invalid: no such name or address; "
        "expected 127.0.0.1, 0.0.0.0 or a name of this machine"
    )


@pytest.mark.parametrize(
    "key", ["short", "", "has a space in its middle", "zwei\nZeilen sind keine", "schlüssel" * 3]
)
def test_bad_key_is_one_line(run, tmp_path: Path, key: str) -> None:
    file = tmp_path / "key"
    file.write_text(key, encoding="utf-8")
    code, said = run("--api-key-file", file, "--port", 0)
    assert code == 1
    assert "expected one line of at least 16 letters, digits and signs; make one with: openssl rand" in said
    assert len(key) < 10 or key not in said


def test_key_file_that_is_missing_is_one_line(run, tmp_path: Path) -> None:
    code, said = run("--api-key-file", tmp_path / "none", "--port", 0)
    assert code == 1
    assert "cannot be read" in said
    assert "check the path" in said


def test_key_of_the_environment_is_asked_for(tmp_path: Path) -> None:
    with running(INKWISE_API_KEY=KEY) as server:
        assert httpx.get(f"{server.url}/classifiers").status_code == 401
        assert httpx.get(f"{server.url}/classifiers", headers={"X-API-Key": KEY}).status_code == 200


def test_key_of_a_file_goes_before_the_environment(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY + "\n")
    with running("--api-key-file", str(tmp_path / "key"), INKWISE_API_KEY="another-key-of-16") as server:
        assert httpx.get(f"{server.url}/classifiers", headers={"X-API-Key": KEY}).status_code == 200


def test_open_server_warns_and_keeps_no_corrections() -> None:
    with running("--host", "0.0.0.0") as server:
        warning, _ = server.said.splitlines()
        assert warning.startswith(
            "inkwise: everybody who reaches 0.0.0.0 may use this server; give it --api-key"
        )
        found = httpx.post(f"{server.url}/corrections", json={})
        assert (found.status_code, found.json()["title"]) == (403, "Forbidden")
        assert httpx.get(f"{server.url}/healthz", headers={"Host": "class-room.local"}).status_code == 200


def test_private_server_answers_to_its_own_names_alone() -> None:
    with running("--allow-host", "Digits.Example") as server:
        for host, status in (("localhost", 200), ("digits.example", 200), ("evil.example", 421)):
            assert httpx.get(f"{server.url}/healthz", headers={"Host": host}).status_code == status


def test_runs_are_served_beside_each_other(tmp_path: Path) -> None:
    golden_classifier().save(tmp_path / "golden" / "classifier.safetensors")
    with running(str(tmp_path / "golden"), "--beside", "reader") as server:
        assert [one["name"] for one in httpx.get(f"{server.url}/classifiers").json()] == ["golden", "reader"]
        (found,) = httpx.post(f"{server.url}/predict?run=1", content=one().tobytes(), headers=RAW).json()
        assert found["label"] == 1
