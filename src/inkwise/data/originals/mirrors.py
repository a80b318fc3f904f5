"""One file from several addresses: the first that answers and gives the right bytes wins.

A mirror that is slow to answer is not waited for: the next is asked as well, and when none has said a word
within Patience.contact_seconds, name look-up included, the network counts as out of reach.
"""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import requests

from inkwise.data.originals.download import DownloadError, Part, Patience, describe, open_url, receive

MAX_TRIES = 5  # downloads from one mirror, as long as each brings new bytes


class MirrorsError(Exception):
    """No mirror gave the file; failures says of each address what happened. Never leaves the data package."""

    def __init__(self, failures: dict[str, str]) -> None:
        super().__init__("; ".join(f"{url}: {what}" for url, what in failures.items()) or "it has no mirrors")
        self.failures = failures


def fetch_part(
    mirrors: Sequence[str],
    part: Part,
    *,
    problem: Callable[[Path], str | None],
    patience: Patience,
    on_bytes: Callable[[int], None],
) -> None:
    """Download a file until part.file holds it whole.

    Args:
        mirrors: addresses of the same bytes, in the order they are asked.
        problem: says what is wrong with the downloaded file; None when it is right.
        on_bytes: called with the number of bytes there so far; falls when a download starts again.
    Raises:
        MirrorsError: none of them gave it. What has arrived stays, for the next try.
    """
    if part.arrived() == part.size_bytes:  # killed between the last byte and the renaming
        if not problem(part.file):
            return
        part.discard()
    failures: dict[str, str] = {}
    left = list(mirrors)
    tries = dict.fromkeys(left, 0)
    while left:
        url, response, silent = first_answer(left, part, patience=patience)
        failures |= silent
        left = [mirror for mirror in left if mirror not in silent]
        if response is None:
            break
        tries[url] += 1
        before = part.arrived()
        with response:
            failure, again = _take(response, part, url=url, problem=problem, on_bytes=on_bytes)
        if failure is None:
            return
        failures[url] = failure
        left.remove(url)
        if tries[url] < MAX_TRIES and (again or part.arrived() > before):
            left.insert(0, url)
    raise MirrorsError(failures)


def _take(
    response: requests.Response,
    part: Part,
    *,
    url: str,
    problem: Callable[[Path], str | None],
    on_bytes: Callable[[int], None],
) -> tuple[str | None, bool]:
    """Return what went wrong, None when the file is right, and whether a clean start may cure it."""
    was_resumed = response.status_code == 206
    try:
        receive(response, part, url=url, on_bytes=on_bytes)
    except DownloadError as error:
        if part.arrived() == 0:
            part.discard()
        return str(error), was_resumed and part.arrived() == 0
    wrong = problem(part.file)
    if wrong:
        part.discard()  # its beginning may have come from elsewhere: worth one clean start
    return wrong, wrong is not None and was_resumed


def first_answer(
    urls: Sequence[str], part: Part, *, patience: Patience
) -> tuple[str, requests.Response | None, dict[str, str]]:
    """Return the first address that answers, its answer, and what happened to those that failed before.

    The address is "" and the answer None when there was none in time.
    """
    race = _Race(part, patience)
    try:
        return race.run(list(urls))
    finally:
        race.end()


class _Race:
    """Asks addresses one after the other, each in its own thread: a look-up cannot be interrupted."""

    def __init__(self, part: Part, patience: Patience) -> None:
        self._part = part
        self._patience = patience
        self._answers: queue.SimpleQueue[tuple[str, requests.Response | str]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._is_over = False

    def run(self, urls: list[str]) -> tuple[str, requests.Response | None, dict[str, str]]:
        deadline = time.monotonic() + self._patience.contact_seconds
        asked: list[str] = []
        failures: dict[str, str] = {}
        while len(failures) < len(urls) and time.monotonic() < deadline:
            if len(asked) < len(urls):
                self._ask(urls[len(asked)])
                asked.append(urls[len(asked)])
            answer = self._wait(deadline, is_last=len(asked) == len(urls))
            if answer is None:
                continue
            url, response = answer
            if not isinstance(response, str):
                return url, response, failures
            failures[url] = response
        late = f"no answer within {self._patience.contact_seconds:g} s"
        return "", None, {url: failures.get(url, late) for url in urls}

    def end(self) -> None:
        """Close what still arrives."""
        with self._lock:
            self._is_over = True
            while not self._answers.empty():
                _, response = self._answers.get()
                if not isinstance(response, str):
                    response.close()

    def _ask(self, url: str) -> None:
        threading.Thread(target=self._open, args=(url,), daemon=True, name=f"ask {url}").start()

    def _open(self, url: str) -> None:
        answer: requests.Response | str
        try:
            answer = open_url(url, self._part, patience=self._patience)
        except DownloadError as error:
            answer = str(error)
        except Exception as error:  # whatever it is, this address has failed and the others go on
            answer = describe(error)
        with self._lock:
            if not self._is_over:
                self._answers.put((url, answer))
            elif not isinstance(answer, str):
                answer.close()

    def _wait(self, deadline: float, *, is_last: bool) -> tuple[str, requests.Response | str] | None:
        """Return the next answer, or None when it is time to ask the next address or to give up."""
        rest = deadline - time.monotonic()
        seconds = rest if is_last else min(rest, self._patience.stagger_seconds)
        try:
            return self._answers.get(timeout=max(seconds, 0.0))
        except queue.Empty:
            return None
