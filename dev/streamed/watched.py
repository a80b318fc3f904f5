"""A training on a large set in a process of its own, and what its memory is from moment to moment.

`python dev/streamed/watched.py FOLDER RECIPE SECONDS`: the process that is watched. It prints one JSON line
for each stage with the seconds since it was started, then one for every second of training.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

_SAMPLE_SECONDS = 0.5
_KEYS = {"Rss": "resident", "Pss": "proportional", "Anonymous": "anonymous"}


def watch(folder: Path, recipe: str, *, seconds: float, limit_bytes: int | None = None) -> dict[str, Any]:
    """Return the stages of a training and its memory over time.

    Args:
        recipe: a built-in name, or "none": then every image of one epoch is handed out and nothing trained.
        seconds: the training is stopped after so many.
        limit_bytes: what a memory control group grants the process at most, its page cache counted; nothing
            is limited where this user may not make such groups.
    Raises:
        SystemExit: the process failed.
    """

    command = [sys.executable, __file__, str(folder), recipe, str(seconds)]
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(command, stdout=out, stderr=errors)
        is_limited = limit_bytes is not None and _limit(process.pid, limit_bytes)
        start, memory = time.monotonic(), []
        while process.poll() is None:
            if sample := _memory(process.pid):
                memory.append({"seconds": round(time.monotonic() - start, 2), **sample})
            time.sleep(_SAMPLE_SECONDS)
        if is_limited:
            _group(process.pid).rmdir()
        for file in (out, errors):
            file.seek(0)
        if process.returncode:
            raise SystemExit(f"the training failed: {errors.read()[-2000:]}")
        return {
            "stages": [json.loads(line) for line in out],
            "memory": memory,
            "limit_bytes": limit_bytes if is_limited else None,
        }


def _limit(pid: int, size: int) -> bool:
    """Put a process into a memory control group (version 1) of so many bytes; tell whether it was done."""
    group = _group(pid)
    try:
        group.mkdir()
        (group / "memory.limit_in_bytes").write_text(str(size))
        (group / "cgroup.procs").write_text(str(pid))
    except OSError:
        return False
    return True


def _group(pid: int) -> Path:
    return Path("/sys/fs/cgroup/memory") / f"inkwise-{pid}"


def _memory(pid: int) -> dict[str, int] | None:
    """Return the bytes of a process that are in memory, by smaps_rollup; None where it has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return None
    found = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines[1:] if " kB" in line}
    return {name: found[key] for key, name in _KEYS.items() if key in found} or None


def _age() -> float:
    """Return the seconds since this process was started, as the kernel has it."""
    started = float(Path("/proc/self/stat").read_text().rsplit(")", 1)[1].split()[19])
    return float(Path("/proc/uptime").read_text().split()[0]) - started / os.sysconf("SC_CLK_TCK")


def _say(stage: str, **more: Any) -> None:
    cpu = time.process_time()
    print(
        json.dumps({"stage": stage, "seconds": round(_age(), 2), "cpu_seconds": round(cpu, 2), **more}),
        flush=True,
    )


class _StoppedError(Exception):
    pass


def _run(folder: Path, name: str, seconds: float) -> None:
    from inkwise.data.load import load_dataset
    from inkwise.recipes.load import load_recipe
    from inkwise.runs.run import Run
    from inkwise.training.loop import Progress
    from inkwise.training.session import prepare_session

    _say("imported")
    dataset = load_dataset(folder)
    _say("loaded", images=len(dataset.train), test=len(dataset.test))
    end, told = time.monotonic() + seconds, [0.0]

    def listen(progress: Progress) -> None:
        if time.monotonic() - told[0] > 1:
            told[0] = time.monotonic()
            done = progress.batch * recipe.training.batch_size
            _say("training", images=done, images_per_second=round(progress.images_per_second))
        if time.monotonic() > end:
            raise _StoppedError

    recipe = load_recipe("quick" if name == "none" else name)
    with tempfile.TemporaryDirectory() as out:
        session = prepare_session(Run(Path(out)), recipe, dataset, on_progress=listen)
        _say("prepared", train=len(session.loop.train))
        source = session.loop.train
        batches = source.epoch(source.order(seed=0, epoch=0))
        next(batches)
        _say("first batch")
        if name == "none":
            _iterate(batches, end)
            return
        batches.close()
        with contextlib.suppress(_StoppedError):
            session.train()
    _say("ended")


def _iterate(batches: Any, end: float) -> None:
    done, told = 0, time.monotonic()
    for _, labels in batches:
        done += len(labels)
        if time.monotonic() - told > 1:
            told = time.monotonic()
            _say("reading", images=done)
        if told > end:
            break
    _say("ended", images=done)


if __name__ == "__main__":
    _run(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]))
