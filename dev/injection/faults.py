"""The faults: each is done to one life of the victim, from outside, at a moment drawn by chance.

Signals are sent, a small tmpfs is filled, the kernel's answers to system calls are changed by strace, and the
wall clock jumps by a preloaded clock.c while a time namespace gives the life a monotonic clock of its own.
What a machine cannot do (no root, no strace, no compiler) is left out and told of.
"""

import contextlib
import functools
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import sklearn
from dev.injection.disks import can_mount
from dev.injection.life import PATIENCE_SECONDS, Life
from dev.injection.trainings import SHARDS

DAY = 86_400


@dataclass(frozen=True)
class Surroundings:
    """Where a life is led: a command before the victim's, and variables."""

    prefix: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Fault:
    """One kind of fault.

    Attributes:
        name: what the tables call it.
        surround: the run folder and a source of chance give the surroundings of the life.
        strike: what is done to it at the moment; the folder is the run's. Returns once it is done.
        needs: whether this machine can do it.
        is_by_count: the fault comes at a system call drawn by chance, not at a moment.
        exits: the exit statuses that are in order, beside 0 for a training that came to its end before.
    """

    name: str
    exits: tuple[int, ...]
    surround: Callable[[Path, random.Random], Surroundings] = lambda run, chance: Surroundings()
    strike: Callable[[Life, Path, random.Random], None] = lambda life, run, chance: None
    needs: Callable[[], bool] = lambda: True
    is_by_count: bool = False


def _signal(number: signal.Signals) -> Callable[[Life, Path, random.Random], None]:
    return lambda life, run, chance: life.send(number)


def _impatient(life: Life, run: Path, chance: random.Random) -> None:
    """Ctrl-C, and again before it has had the time to stop."""
    life.send(signal.SIGINT)
    time.sleep(chance.uniform(0.0, 0.05))
    with contextlib.suppress(ProcessLookupError):
        life.send(signal.SIGINT)


def _sleep_then_kill(life: Life, run: Path, chance: random.Random) -> None:
    """The lid of a laptop: stopped, gone on with, and killed a little later."""
    life.send(signal.SIGSTOP)
    time.sleep(1.0)
    life.send(signal.SIGCONT)
    if life.lives_to(life.age + chance.uniform(0.0, 1.0)):
        life.send(signal.SIGKILL)


def _fill(life: Life, run: Path, chance: random.Random) -> None:
    """Fill the disk that the run folder lies on to the last byte, until the life ends."""
    filler = run.parent / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(65536))
    life.lives_to(PATIENCE_SECONDS)
    filler.unlink()


def _jump(life: Life, run: Path, chance: random.Random) -> None:
    """Set the clock back or forth, by seconds to decades, three times; then kill."""
    for _ in range(3):
        seconds = chance.choice((-1, 1)) * round(10 ** chance.uniform(0, 9))
        jump = clock_file(run)
        jump.with_suffix(".new").write_text(str(seconds))
        jump.with_suffix(".new").replace(jump)
        if not life.lives_to(life.age + chance.uniform(0.0, 0.5)):
            return
    life.send(signal.SIGKILL)


def clock_file(run: Path) -> Path:
    """Return the file that holds by how much the clock of a life in run is wrong."""
    return run.parent / f"{run.name}.clock"


def _other_clock(run: Path, chance: random.Random) -> Surroundings:
    """A wall clock that can be set, and a monotonic one as of another boot."""
    up = str(chance.randrange(1, 900 * DAY))
    clock_file(run).write_text("0")
    return Surroundings(
        ("unshare", "-T", "--monotonic", up, "--boottime", up),
        {"LD_PRELOAD": str(clock_library()), "CLOCK_JUMP": str(clock_file(run))},
    )


@functools.cache
def clock_library() -> Path:
    """Compile clock.c and return the library's path."""
    library = Path(tempfile.mkdtemp(prefix="inkwise-clock-")) / "clock.so"
    source = Path(__file__).with_name("clock.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", str(library), str(source)], check=True)
    return library


def _failing(
    calls: str, error: str, *, most: int, of: Callable[[Path], list[Path]]
) -> Callable[[Path, random.Random], Surroundings]:
    """Return surroundings in which the n-th of some system calls fails, on the files in `of`, if any."""

    def surround(run: Path, chance: random.Random) -> Surroundings:
        # Small n are as likely as large ones: a file is read in a few calls, a history written in hundreds.
        number = round(most ** chance.random())
        paths = [argument for path in of(run) for argument in ("-P", str(path))]
        rules = ("-e", f"trace={calls}", "-e", f"inject={calls}:error={error}:when={number}")
        return Surroundings(("strace", "-f", "-qq", "--seccomp-bpf", "-o", "/dev/null", *paths, *rules))

    return surround


def _read_files(run: Path) -> list[Path]:
    """Return what a training reads: its images, its checkpoint, recipe and environment."""
    digits = Path(sklearn.__file__).parent / "datasets" / "data" / "digits.csv.gz"
    mnist = Path(os.environ.get("INKWISE_DATA", "."), "mnist")
    names = ("recipe.toml", "environment.json", "checkpoint.safetensors", "evaluation.json", "history.jsonl")
    images = (*mnist.glob("*ubyte*"), *SHARDS.glob("*.tar"))
    return [digits, *(path.resolve() for path in images), *(run / name for name in names)]


def _has(*programs: str) -> bool:
    return all(shutil.which(program) for program in programs)


@functools.cache
def can_trace() -> bool:
    """Return whether strace may change what the kernel answers."""
    asked = ["strace", "-f", "-qq", "--seccomp-bpf", "-o", "/dev/null", "true"]
    return _has("strace") and subprocess.run(asked, capture_output=True).returncode == 0


@functools.cache
def can_shift_clocks() -> bool:
    """Return whether a process can be given clocks of its own."""
    asked = ["unshare", "-T", "--monotonic", "1", "--boottime", "1", "true"]
    return _has("unshare", "cc") and subprocess.run(asked, capture_output=True).returncode == 0


_STOPS = (1, -signal.SIGINT, -signal.SIGTERM, -signal.SIGHUP, -signal.SIGKILL)

FAULTS = (
    Fault("SIGKILL", _STOPS, strike=_signal(signal.SIGKILL)),
    Fault("SIGTERM", _STOPS, strike=_signal(signal.SIGTERM)),
    Fault("SIGINT (Ctrl-C)", _STOPS, strike=_signal(signal.SIGINT)),
    Fault("SIGINT twice", _STOPS, strike=_impatient),
    Fault("SIGHUP (terminal gone)", _STOPS, strike=_signal(signal.SIGHUP)),
    Fault("stopped, gone on, SIGKILL", _STOPS, strike=_sleep_then_kill),
    Fault("clocks jump, SIGKILL", _STOPS, surround=_other_clock, strike=_jump, needs=can_shift_clocks),
    Fault("disk full", (1,), strike=_fill, needs=can_mount),
    Fault(
        "read fails (EIO)", (1,), surround=_failing("read,pread64", "EIO", most=12, of=_read_files),
        needs=can_trace, is_by_count=True,
    ),
    Fault(
        "write fails (EIO)", (1,), surround=_failing("fsync,rename", "EIO", most=60, of=lambda run: []),
        needs=can_trace, is_by_count=True,
    ),
)  # fmt: skip
