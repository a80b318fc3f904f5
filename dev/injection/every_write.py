"""Kill a small training at every system call by which it writes its run folder, one life after another.

write_atomically flushes a temporary file (fsync), gives it its name (rename) and removes what is left
(unlink); a kill as each of them begins meets every state that the folder can be in.
"""

import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

from dev.injection.chain import Blow, finish, live_undisturbed, suffer
from dev.injection.faults import Fault, Surroundings, can_trace
from dev.injection.life import Life
from dev.injection.trainings import Training

CALLS = ("fsync", "rename", "unlink")
SMALL = Training(
    "every write", "quick", "calibrated", 0.0, epochs=2, settings={"precision": "float32"}
)  # fmt: skip
_KILLED = 9


def kill_at_every_write(folder: Path, call: str) -> list[Blow]:
    """Return a blow for each time that one of CALLS writes the run folder; none without strace."""
    return list(_blows(folder, call)) if can_trace() else []


def _blows(folder: Path, wanted: str) -> Iterator[Blow]:
    expected = live_undisturbed(SMALL, folder / "undisturbed")
    for call, number in calls_that_write(folder / "counted"):
        if call != wanted:
            continue
        run = folder / f"{call}-{number}"
        blow = suffer(SMALL, _kill_at(call, number), run, wait=bool, chance=random.Random(0))
        if blow is None:
            continue  # the life was over before so many: a checkpoint less than when they were counted
        finish(SMALL, run, expected=expected, blows=[blow])
        print(f"{blow.fault:26s} {blow.stage:9s} {blow.answer:13s} {blow.went_on:11s} "
              f"{'; '.join(blow.wrong) or 'whole'}, equal: {blow.is_equal}", flush=True)  # fmt: skip
        yield blow


def calls_that_write(run: Path) -> list[tuple[str, int]]:
    """Return each call of a whole life that touches the run folder: its name, and its number among those."""
    with tempfile.NamedTemporaryFile("r") as log:
        trace = (
            "strace",
            "-f",
            "-y",
            "-qq",
            "--seccomp-bpf",
            "-o",
            log.name,
            "-e",
            f"trace={','.join(CALLS)}",
        )
        Life(SMALL.arguments(str(run), resume=False), prefix=trace).end()
        lines = log.read().splitlines()
    found, numbers = [], dict.fromkeys(CALLS, 0)
    for line in lines:
        call = line.split(maxsplit=1)[1].partition("(")[0]
        if call in CALLS:
            numbers[call] += 1
            if str(run) in line:
                found.append((call, numbers[call]))
    return found


def _kill_at(call: str, number: int) -> Fault:
    rules = ("-e", f"trace={call}", "-e", f"inject={call}:signal=SIGKILL:when={number}")
    prefix = ("strace", "-f", "-qq", "--seccomp-bpf", "-o", "/dev/null", *rules)
    # strace ends as what it traced did.
    return Fault(
        f"SIGKILL at {call} {number}", (-_KILLED, 128 + _KILLED),
        surround=lambda run, chance: Surroundings(prefix), is_by_count=True,
    )  # fmt: skip
