"""Joining a real cluster of several nodes, starting a Ray of one's own; what is wrong is said in a line."""

import http.server
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from tests.scale.machines import Machines, has_namespaces, machines

from inkwise.errors import ClusterError
from inkwise.scale.cluster import cluster

pytestmark = pytest.mark.slow

JOIN = """
import sys
from inkwise.errors import ClusterError
from inkwise.scale.cluster import cluster
try:
    with cluster(sys.argv[1]):
        {inside}
except ClusterError as error:
    print(error)
"""
LOOK = JOIN.format(
    inside="import ray; print(sorted(n['NodeManagerAddress'] for n in ray.nodes() if n['Alive']))"
)


@pytest.fixture(scope="module")
def two() -> Iterator[Machines]:
    with machines(2) as running:
        yield running


def test_nodes_are_in_network_namespaces() -> None:
    """The report of a test run says so where they are not."""
    if not has_namespaces():
        pytest.skip(
            "no network namespaces are allowed here: the nodes have addresses of the loopback interface"
        )
    with machines(1) as running:
        (node,) = running.nodes
        seen = subprocess.run(node.on(["ip", "-brief", "addr"]), capture_output=True, text=True).stdout
        assert node.address in seen
        own = subprocess.run(["ip", "-brief", "addr"], capture_output=True, text=True).stdout
        assert node.address not in own


def test_cluster_is_joined_with_all_its_nodes(two: Machines) -> None:
    found = two.run("-c", LOOK, two.address)
    assert found.stdout.strip() == str([node.address for node in two.nodes]), found.stderr
    named = two.run("-c", LOOK, "auto", env=two.environment | {"RAY_ADDRESS": two.address})
    assert named.stdout == found.stdout


def test_cluster_lives_on_after_the_block(two: Machines) -> None:
    before = {process.pid for node in two.nodes for process in node.processes() if "raylet" in process.name()}
    two.run("-c", LOOK, two.address)
    after = {process.pid for node in two.nodes for process in node.processes() if "raylet" in process.name()}
    assert before == after
    assert len(after) >= 2


def test_wrong_token_is_said(two: Machines) -> None:
    found = two.run("-c", LOOK, two.address, env=two.environment | {"RAY_AUTH_TOKEN": "f" * 64})
    assert f"the Ray cluster at {two.address} wants its token; set RAY_AUTH_MODE=token" in found.stdout, (
        found.stderr
    )
    untold = {key: value for key, value in two.environment.items() if "AUTH" not in key}
    assert two.run("-c", LOOK, two.address, env=untold).stdout == found.stdout


def test_node_with_another_inkwise_is_named(two: Machines, tmp_path: Path) -> None:
    found = Path(tmp_path, "inkwise-0.0.1.dist-info")
    found.mkdir()
    Path(found, "METADATA").write_text("Metadata-Version: 2.1\nName: inkwise\nVersion: 0.0.1\n")
    here = two.run("-c", LOOK, two.address, env=two.environment | {"PYTHONPATH": str(tmp_path)})
    assert (
        f"{two.nodes[0].address}, a node of the cluster, has inkwise 0.1.0, expected 0.0.1 as here; "
        "run there, in the Python that runs its `ray start`: pip install 'inkwise[ray]==0.0.1'" in here.stdout
    ), here.stderr


CHANGE = """
import json, subprocess, sys
from ray.experimental.internal_kv import _internal_kv_get, _internal_kv_put
from inkwise.scale.cluster import cluster
where = {"namespace": "cluster"}
with cluster(sys.argv[1]):
    told = _internal_kv_get("CLUSTER_METADATA", **where)
    other = json.dumps(json.loads(told) | {"python_version": "3.99.0"})
    _internal_kv_put("CLUSTER_METADATA", other, True, **where)
    subprocess.run([sys.executable, "-c", sys.argv[2], sys.argv[1]])
    _internal_kv_put("CLUSTER_METADATA", told, True, **where)
"""


def test_cluster_of_another_python_is_refused(two: Machines) -> None:
    """What the head says of itself is changed in its own store, for no second Python is at hand."""
    found = two.run("-c", CHANGE, two.address, LOOK)
    (said,) = found.stdout.splitlines()[:1]
    assert "Python: 3.99.0" in said, found.stdout + found.stderr
    assert "expected local, auto or the HOST:PORT" in said


def test_node_without_inkwise_is_named(two: Machines, tmp_path: Path) -> None:
    """Last of its cluster. An environment with all of this one's packages but ours."""
    bare = two.add(python=bare_python(tmp_path))
    found = two.run("-c", LOOK, two.address)
    assert f"{bare.address}, a node of the cluster, has no inkwise, expected" in found.stdout, found.stderr


def bare_python(folder: Path) -> str:
    import ray

    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "bare")], check=True)
    (own,) = (folder / "bare").glob("lib/python*/site-packages")
    for entry in Path(ray.__file__).parents[1].iterdir():
        if "inkwise" not in entry.name:
            (own / entry.name).symlink_to(entry)
    return str(folder / "bare" / "bin" / "python")


@pytest.mark.parametrize(
    ("address", "match"),
    [
        (
            "127.0.0.1:1",
            r"no Ray cluster can be joined at 127.0.0.1:1 \(.*refused\); expected local, auto or the HOST",
        ),
        ("somewhere", r"no Ray cluster can be joined at somewhere \(Invalid address format"),
        ("head:port", r"no Ray cluster can be joined at head:port \(invalid literal"),
        ("ray://head:10001", r"ray://head:10001: the command itself must run on a node.*ray job submit"),
    ],
)
def test_address_without_a_cluster_is_refused(
    address: str, match: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    with pytest.raises(ClusterError, match=match), cluster(address):
        pass


def test_auto_goes_by_the_address_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")
    with pytest.raises(ClusterError, match=r"joined at 127.0.0.1:1 \(.*refused"), cluster("auto"):
        pass


def test_what_answers_but_is_no_ray_is_refused() -> None:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        address = f"127.0.0.1:{server.server_port}"
        with (
            pytest.raises(ClusterError, match=rf"no Ray cluster can be joined at {address} \(Timed out"),
            cluster(address),
        ):
            pass
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_local_ray_ends_with_the_block_and_leaves_nothing(tmp_path: Path) -> None:
    inside = (
        "import psutil, ray; print(len(psutil.Process().children(recursive=True))); "
        "add = ray.remote(lambda one, two: one + two); print(ray.get(add.remote(1, 2))); "
        "\n        with cluster(): print(ray.is_initialized())"
        "\n    left = psutil.Process().children(recursive=True); "
        "print([p.cmdline() for p in left if p.status() != 'zombie'], ray.is_initialized())"
    )
    found = run_here(tmp_path, JOIN.format(inside=inside), "local")
    num_processes, total, inner, left = found.stdout.splitlines()
    assert int(num_processes) >= 2
    assert (total, inner, left) == ("3", "True", "[] False"), found.stderr
    assert list(tmp_path.iterdir()) == []


def test_local_ray_ends_with_a_killed_driver(tmp_path: Path) -> None:
    inside = "import time; print('in', flush=True); time.sleep(60)"
    with start_here(tmp_path, JOIN.format(inside=inside), "local") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "in\n"
        started = psutil.Process(process.pid).children(recursive=True)
        assert started
        process.kill()
    deadline = time.monotonic() + 90  # Ray's own agents look around every few seconds
    while any(is_alive(one) for one in started) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert [one for one in started if is_alive(one)] == []


def is_alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def start_here(folder: Path, code: str, address: str) -> "subprocess.Popen[str]":
    environment = {key: value for key, value in os.environ.items() if not key.startswith("RAY_")}
    return subprocess.Popen(
        [sys.executable, "-c", code, address], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=environment | {"TMPDIR": str(folder), "RAY_TMPDIR": str(folder)},
    )  # fmt: skip


def run_here(folder: Path, code: str, address: str) -> "subprocess.CompletedProcess[str]":
    with start_here(folder, code, address) as process:
        out, err = process.communicate(timeout=90)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)
