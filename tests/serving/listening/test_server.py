"""`inkwise serve` as a process: it starts without PyTorch, stops gracefully, and loses no correction."""

import contextlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import numpy as np
import pytest
from tests.serving.asking import RAW, as_file, one
from tests.serving.running import receive_all, request, running

from inkwise.errors import ServingError
from inkwise.handwriting.corrections import load_corrections
from inkwise.serving.listening import server as server_module
from inkwise.serving.listening.server import open_socket
from inkwise.serving.metrics import SHARED_FOLDER
from inkwise.serving.settings import Settings

HEAVY = ("torch", "matplotlib", "scipy", "sklearn", "pandas")


def test_server_answers_and_stops_with_0() -> None:
    with running() as server:
        assert server.said == f"listening at http://127.0.0.1:{server.port}/ (Ctrl-C stops)\n"
        (found,) = httpx.post(f"{server.url}/predict", content=one().tobytes(), headers=RAW).json()
        assert found["label"] == 1
        assert server.stop(signal.SIGINT) == (0, "")


def test_server_imports_no_torch() -> None:
    """Also not to read a picture, to show layers or to keep a correction."""
    code = f"""
import sys
from tests.serving.asking import *
client = asker()
assert client.post("/predict", content=one().tobytes(), headers=RAW).status_code == 200
assert client.post("/read", content=as_file(255 - one()), headers=PNG).status_code == 200
assert client.post("/activations", content=one().tobytes(), headers=RAW).status_code == 200
assert client.get("/").status_code == 200
import inkwise.serving.listening.server
print(sorted(set({HEAVY}) & set(sys.modules)))
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (result.stdout, result.stderr) == ("[]\n", "")


def test_request_at_work_is_finished_when_stopped() -> None:
    with running() as server, server.connect() as connection:
        body = one().tobytes()
        whole = request("POST", "/predict", body=body, headers="Content-Type: application/octet-stream\r\n")
        connection.sendall(whole[:-100])  # it is on its way when the server is told to stop
        time.sleep(0.3)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        with pytest.raises(ConnectionRefusedError):
            server.connect()
        connection.sendall(whole[-100:])
        answer = receive_all(connection)
        assert answer.startswith(b"HTTP/1.1 200 OK")
        assert b"connection: close" in answer
        assert server.process.wait(timeout=20) == 0


def test_killed_server_has_lost_no_correction(tmp_path: Path) -> None:
    """Each answer 201 came after the disk had it: kill -9 right behind the last one."""
    store = tmp_path / "corrections.sqlite"
    with running(INKWISE_CORRECTIONS=str(store)) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        for number in range(20):
            image = np.full((28, 28), number).tolist()
            told = {"image": image, "label": number % 10, "read_as": 3, "probability": 0.5}
            connection.request(
                "POST", "/corrections", body=httpx.Request("POST", "http://x", json=told).content,
                headers={"Content-Type": "application/json"},
            )  # fmt: skip
            answer = connection.getresponse()
            assert (answer.status, answer.read()) == (201, b'{"stored":true}')
        server.process.kill()
        assert server.process.wait(timeout=20) == -signal.SIGKILL
        connection.close()
    images, labels = load_corrections(store)
    assert images[:, 0, 0].tolist() == list(range(20))
    assert labels.tolist() == [number % 10 for number in range(20)]


def test_worker_that_is_killed_is_replaced() -> None:
    """Two processes answer at one address; their counters are one sum."""
    with running("--workers", "2") as server:
        children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
        workers = [int(child) for child in children if "spawn_main" in command_of(int(child))]
        assert len(workers) == 2
        for _ in range(10):
            httpx.post(f"{server.url}/predict", content=one().tobytes(), headers=RAW).raise_for_status()
        shown = httpx.get(f"{server.url}/metrics").text
        assert 'inkwise_requests_total{route="/predict",status="200"} 10.0' in shown
        os.kill(workers[0], signal.SIGKILL)
        for _ in range(20):
            with httpx.Client() as client:
                assert client.post(f"{server.url}/predict", content=as_file(one()), headers={
                    "Content-Type": "image/png"}).status_code == 200  # fmt: skip
        assert server.stop()[0] == 0


def test_worker_that_is_killed_holds_nothing_on_the_gauges() -> None:
    """One of two has 100,000 bytes of a body when both are killed; what they counted stays."""
    with running("--workers", "2") as server, server.connect() as connection:
        whole = request(
            "POST", "/predict", body=bytes(200_000), headers="Content-Type: application/octet-stream\r\n"
        )
        connection.sendall(whole[:-100_000])
        assert gauge(server.url, "inkwise_held_bytes", until=100_000.0) == 100_000.0
        children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
        for child in map(int, children):
            if "spawn_main" in command_of(child):
                os.kill(child, signal.SIGKILL)
        assert gauge(server.url, "inkwise_held_bytes", until=0.0) == 0.0
        assert server.stop()[0] == 0


def gauge(url: str, name: str, *, until: float) -> float:
    """Return what a gauge shows as soon as that is until, or what it shows after 30 s."""
    shown, end = float("nan"), time.monotonic() + 30
    while shown != until and time.monotonic() < end:
        with contextlib.suppress(httpx.TransportError):  # it may have reached a worker that is killed
            text = httpx.get(f"{url}/metrics").text
            shown = float(re.search(rf"^{name} (\S+)$", text, re.MULTILINE)[1])
        time.sleep(0.05)
    return shown


def test_environment_is_as_before_when_several_workers_have_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server started later in this process, with one worker, must not count into a folder that is gone."""
    seen: list[bool] = []

    class Ended:
        def __init__(self, *given: object) -> None:
            pass

        def run(self) -> None:
            seen.append(Path(os.environ[SHARED_FOLDER]).is_dir())

    monkeypatch.setattr(server_module, "_Supervisor", Ended)
    server_module.serve(Settings(), port=0, workers=2)
    assert seen == [True]
    assert SHARED_FOLDER not in os.environ


def command_of(process: int) -> str:
    return Path(f"/proc/{process}/cmdline").read_text().replace("\0", " ")


def test_port_in_use_is_one_clear_line() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(
            ServingError, match=f"port {port} on 127.0.0.1 is in use; stop the other program or"
        ):
            open_socket("127.0.0.1", port)


@pytest.mark.parametrize("host", ["no.such.name.invalid", "256.1.1.1", "a" * 300])
def test_unknown_host_is_one_clear_line(host: str) -> None:
    with pytest.raises(ServingError, match=r"no such name or address; expected 127.0.0.1, 0.0.0.0 or"):
        open_socket(host, 0)


def test_address_of_another_machine_is_one_clear_line() -> None:
    with pytest.raises(ServingError, match=r"--host 192.0.2.1: not an address of this machine"):
        open_socket("192.0.2.1", 0)
