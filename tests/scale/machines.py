"""A Ray cluster of several machines, all of them this one: `ray start` for each, real sockets between them.

Where root may make network namespaces (Linux), each node lives in one of its own, with a network interface of
its own, as a container does. Elsewhere each node has another address of the loopback interface. Programs that
use the cluster are started on its head: a driver must be on one of the nodes.
"""

import contextlib
import functools
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

_OBJECT_STORE = 100_000_000  # bytes, a node
_MARK = "INKWISE_TEST_NODE"  # in the environment of all processes of a node


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


@functools.cache
def has_namespaces() -> bool:
    """Whether this machine lets us make network namespaces, with interfaces between them."""
    if not shutil.which("ip") or os.environ.get("INKWISE_TESTS_LOOPBACK"):
        return False
    name = f"ikp{secrets.token_hex(3)}"
    try:
        _ip("netns", "add", name)
        try:
            _ip("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name)
            _ip("link", "add", f"{name}b", "type", "bridge")
            _ip("link", "del", f"{name}b")
        finally:
            _ip("netns", "del", name)
    except (subprocess.CalledProcessError, OSError):
        return False
    return True


@dataclass
class Machine:
    """One node: its address, and the name of its namespace where it has one.

    Attributes:
        name: of the namespace, and the mark of its processes.
        python: what runs Ray on it.
    """

    name: str
    address: str
    python: str = sys.executable

    def on(self, command: Sequence[str]) -> list[str]:
        """Return the command that runs a command on this machine."""
        return ["ip", "netns", "exec", self.name, *command] if has_namespaces() else list(command)

    def processes(self) -> list[psutil.Process]:
        """Return the processes of its Ray, workers too, whoever their parent is by now."""
        found: set[psutil.Process] = set()
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.environ().get(_MARK) == self.name:
                    found |= {process, *process.children(recursive=True)}
        return list(found)


@dataclass
class Machines:
    """A cluster. Made by `machines`; node 0 is the head.

    Attributes:
        cpus: of each node, as Ray is told.
        folder: for what the nodes write; short, for Ray makes sockets in it.
        nodes: those that were started; the killed ones too.
    """

    folder: Path
    cpus: int
    network: str
    nodes: list[Machine] = field(default_factory=list)

    @property
    def address(self) -> str:
        """HOST:PORT, as a command takes it behind --ray."""
        return f"{self.nodes[0].address}:{self.port}"

    @functools.cached_property
    def port(self) -> int:
        return 6379 if has_namespaces() else _free_port()

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs to know: the cluster's token, and that its addresses are reached directly."""
        known = [f"{self.network}.{number}" for number in range(2, 12)]
        direct = ",".join([os.environ.get("no_proxy", ""), *known]).strip(",")
        own = {
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN_PATH": str(self.folder / "token"),
            "RAY_TMPDIR": str(self.folder),  # where `auto` looks for a head
            "RAY_USAGE_STATS_ENABLED": "0",
            "OMP_NUM_THREADS": "1",
            "no_proxy": direct,
            "NO_PROXY": direct,
            # The name of this machine leads to 127.0.0.1, which in a namespace is another machine.
            "GLOO_SOCKET_IFNAME": "eth0" if has_namespaces() else "lo",
        }
        left_out = ("RAY_ADDRESS", "RAY_AUTH_TOKEN")
        return {key: value for key, value in os.environ.items() if key not in left_out} | own

    def add(self, *, python: str = sys.executable) -> Machine:
        """Start one more node; returns when it has joined."""
        number = len(self.nodes) + 2
        node = Machine(f"{self.folder.name}-{number}", f"{self.network}.{number}", python)
        if has_namespaces():
            self._make_interface(node, number)
        words = ["--address", self.address] if self.nodes else self._head_words()
        self.nodes.append(node)
        places = ["--node-ip-address", node.address, "--temp-dir", str(self.folder / str(number))]
        sizes = ["--num-cpus", str(self.cpus), "--object-store-memory", str(_OBJECT_STORE)]
        command = [python, "-m", "ray.scripts.scripts", "start", *words, *places, *sizes]
        done = subprocess.run(
            node.on(command),
            env=self.environment | {_MARK: node.name},
            capture_output=True,
            text=True,
            timeout=90,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return node

    def kill(self, node: Machine) -> None:
        """End a node as a power cut does: SIGKILL for its raylet, its workers and all else."""
        for process in node.processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)

    def start(self, *command: str, **choices: Any) -> subprocess.Popen[str]:
        """Start a program on the head."""
        given: dict[str, Any] = {"env": self.environment, "text": True, "start_new_session": True, **choices}
        return subprocess.Popen(self.nodes[0].on([sys.executable, *command]), **given)

    def run(self, *command: str, timeout: float = 120, **choices: Any) -> subprocess.CompletedProcess[str]:
        """Run a program on the head to its end."""
        given: dict[str, Any] = {"env": self.environment, "text": True, "capture_output": True, **choices}
        return subprocess.run(self.nodes[0].on([sys.executable, *command]), timeout=timeout, **given)

    def _head_words(self) -> list[str]:
        # Neither wanted here, but Ray reserves their ports.
        ports = {"--ray-client-server-port": _free_port(), "--dashboard-port": _free_port()}
        asked = [word for key, port in ports.items() for word in (key, str(port))]
        return ["--head", "--port", str(self.port), "--include-dashboard", "false", *asked]

    def _make_interface(self, node: Machine, number: int) -> None:
        bridge, link = self.folder.name, f"{self.folder.name}v{number}"
        if not self.nodes:
            _ip("link", "add", bridge, "type", "bridge")
            _ip("link", "set", bridge, "up")
        _ip("netns", "add", node.name)
        _ip("link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", node.name)
        _ip("link", "set", link, "master", bridge, "up")
        _ip("-n", node.name, "addr", "add", f"{node.address}/24", "dev", "eth0")
        for interface in ("eth0", "lo"):
            _ip("-n", node.name, "link", "set", interface, "up")

    def _end(self) -> None:
        for node in self.nodes:
            self.kill(node)
        if has_namespaces():
            for node in self.nodes:
                with contextlib.suppress(subprocess.CalledProcessError):
                    _ip("netns", "del", node.name)
            with contextlib.suppress(subprocess.CalledProcessError):
                _ip("link", "del", self.folder.name)
        shutil.rmtree(self.folder, ignore_errors=True)


@contextlib.contextmanager
def machines(number: int = 2, *, cpus: int = 1) -> Iterator[Machines]:
    """Start a cluster of so many nodes within the block; nothing of it is left behind."""
    # Ten characters: what an interface may be called has 15, and the path of a socket 107.
    folder = Path(tempfile.mkdtemp(prefix="ik", dir="/tmp"))
    network = (
        f"10.{secrets.randbelow(250) + 2}.{secrets.randbelow(250) + 2}" if has_namespaces() else "127.0.0"
    )
    cluster = Machines(folder, cpus, network)
    (folder / "token").write_text(secrets.token_hex(32))
    try:
        for _ in range(number):
            cluster.add()
        yield cluster
    finally:
        cluster._end()


def _free_port() -> int:
    # Above those that Ray gives its workers.
    while True:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            port: int = unused.getsockname()[1]
            if port >= 20_000:
                return port
