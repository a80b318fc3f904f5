"""One life of the victim: a process from its start to its end, and what it said of where it was."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 900.0  # no life here takes so long; one that does is told of as a failure


class Life:
    """A victim at work.

    Args:
        asked: keyword arguments of inkwise.train.
        prefix: a command that runs the victim's, strace or unshare.
        environment: variables added to this process's.

    Attributes:
        stage, done: what it said last: a stage of the training, the fraction of its steps done.
        begun: time.monotonic() when it was started.
        ages: of each stage, how many seconds old the process was when it said that it begins.
    """

    def __init__(
        self,
        asked: dict[str, Any],
        *,
        prefix: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        module: str = "dev.injection.victim",
    ) -> None:
        self.stage, self.done, self.begun = "start", 0.0, time.monotonic()
        self.ages: dict[str, float] = {}
        self.said = tempfile.TemporaryFile("w+")  # noqa: SIM115  closed in end()
        self.process = subprocess.Popen(
            [*prefix, sys.executable, "-m", module, json.dumps(asked)],
            cwd=ROOT, env={**os.environ, **THREADS, **(environment or {})},
            stdout=subprocess.PIPE, stderr=self.said, text=True, start_new_session=True,
        )  # fmt: skip
        self.listener = threading.Thread(target=self._listen)
        self.listener.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as told:
            self._take(told)

    def _take(self, told: Iterable[str]) -> None:
        for line in told:
            stage, _, done = line.rpartition(" ")
            self.stage, self.done = stage, max(self.done, float(done))
            self.ages.setdefault(stage, self.age)

    @property
    def age(self) -> float:
        """Seconds since it was started."""
        return time.monotonic() - self.begun

    def lives_to(self, seconds: float) -> bool:
        """Wait until it is so old; return whether it still lives."""
        try:
            self.process.wait(timeout=max(seconds - self.age, 0))
        except subprocess.TimeoutExpired:
            return True
        return False

    def comes_to(self, stage: str, done: float = 0.0) -> bool:
        """Wait until it has begun a stage and done a fraction of the steps; return whether it still lives."""
        while self.process.poll() is None:
            if stage in self.ages and self.done >= done:
                return True
            time.sleep(0.005)
        return False

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, not its children."""
        self.process.send_signal(number)

    def end(self) -> tuple[int, str]:
        """Wait until it has ended; return its exit status, negative for a signal, and what it said last."""
        try:
            self.process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.listener.join()
        self.said.seek(0)
        lines = self.said.read().strip().splitlines()
        self.said.close()
        return self.process.returncode, lines[-1] if lines else ""

    def leaves_nobody(self, *, within: float = 10.0) -> bool:
        """Return whether the processes that it started are gone within some seconds of its end."""
        until = time.monotonic() + within
        while time.monotonic() < until:
            try:
                os.killpg(self.process.pid, 0)
            except ProcessLookupError:
                return True
            time.sleep(0.1)
        return False


THREADS = {"OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
