"""Downloads from a real server on this machine that breaks off, lies, hangs and redirects."""

import gzip
import hashlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.data.file_server import Answer, FileServer, file_server

from inkwise.data.originals.download import Part, Patience
from inkwise.data.originals.mirrors import MAX_TRIES, MirrorsError, fetch_part

CONTENT = bytes(range(256)) * 2000  # 512,000 bytes: several chunks
HURRY = Patience(connect_seconds=0.5, contact_seconds=1.0, stagger_seconds=0.2, read_seconds=0.5)


@pytest.fixture
def server() -> Iterator[FileServer]:
    with file_server() as running:
        yield running


@pytest.fixture
def part(tmp_path: Path) -> Part:
    return Part(tmp_path / "file.gz", len(CONTENT))


def wrong(path: Path) -> str | None:
    right = hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256(CONTENT).digest()
    return None if right else "wrong content"


def fetch(part: Part, *mirrors: str, patience: Patience = HURRY) -> list[int]:
    """Fetch the part and return what the progress callback was told."""
    told: list[int] = []
    fetch_part(mirrors, part, problem=wrong, patience=patience, on_bytes=told.append)
    assert part.file.read_bytes() == CONTENT
    return told


def test_fetch_of_a_good_file_reports_every_step(server: FileServer, part: Part) -> None:
    told = fetch(part, server.serve("/good", Answer(CONTENT)))
    assert told[0] == 0
    assert told[-1] == len(CONTENT)
    assert told == sorted(told)


def test_broken_download_resumes_where_it_stopped(server: FileServer, part: Part) -> None:
    fetch(part, server.serve("/broken", Answer(CONTENT, breaks_after=[200_000])))
    first, second = server.requests
    assert first.range is None
    assert (second.range, second.if_range) == ("bytes=200000-", '"one"')
    assert first.sent + second.sent == len(CONTENT)  # not a byte twice


def test_part_of_an_earlier_process_is_resumed(server: FileServer, part: Part) -> None:
    part.file.write_bytes(CONTENT[:300_000])
    told = fetch(part, server.serve("/good", Answer(CONTENT)))
    assert told[0] == 300_000
    assert [request.sent for request in server.requests] == [212_000]


def test_whole_part_of_an_earlier_process_asks_nobody(part: Part) -> None:
    part.file.write_bytes(CONTENT)
    assert fetch(part) == []


def test_whole_but_wrong_part_is_fetched_anew(server: FileServer, part: Part) -> None:
    part.file.write_bytes(bytes(len(CONTENT)))
    fetch(part, server.serve("/good", Answer(CONTENT)))
    assert [request.range for request in server.requests] == [None]


def test_resume_with_a_wrong_beginning_starts_once_more(server: FileServer, part: Part) -> None:
    part.file.write_bytes(b"x" * 1000)
    fetch(part, server.serve("/good", Answer(CONTENT)))
    assert [request.range for request in server.requests] == ["bytes=1000-", None]


def test_changed_file_on_the_server_comes_whole(server: FileServer, part: Part) -> None:
    answer = Answer(CONTENT, breaks_after=[1000], etag='"old"')
    url = server.serve("/changes", answer)
    with pytest.raises(MirrorsError):  # one request only: the next one is refused
        fetch_part([url], part, problem=wrong, patience=HURRY, on_bytes=lambda done: _refuse(answer))
    answer.status, answer.etag = 200, '"new"'
    fetch(part, url)
    assert server.requests[-1].if_range == '"old"'
    assert server.requests[-1].sent == len(CONTENT)


def _refuse(answer: Answer) -> None:
    answer.status = 503


def test_server_without_ranges_sends_all_again(server: FileServer, part: Part) -> None:
    fetch(part, server.serve("/simple", Answer(CONTENT, breaks_after=[200_000], ignores_range=True)))
    assert [request.sent for request in server.requests] == [200_000, len(CONTENT)]


def test_answer_with_another_range_is_not_believed(server: FileServer, part: Part) -> None:
    part.file.write_bytes(CONTENT[:1000])
    fetch(part, server.serve("/shifted", Answer(CONTENT, wrong_range=True)))
    assert [request.range for request in server.requests] == ["bytes=1000-", None]


def test_redirects_are_followed(server: FileServer, part: Part) -> None:
    server.serve("/good", Answer(CONTENT))
    fetch(part, server.serve("/moved", Answer(redirect="/good")))


def test_redirect_without_end_fails_in_words(server: FileServer, part: Part) -> None:
    with pytest.raises(MirrorsError, match="redirects without end"):
        fetch(part, server.serve("/round", Answer(redirect="/round")))


def test_too_long_a_content_length_does_no_harm(server: FileServer, part: Part) -> None:
    fetch(part, server.serve("/liar", Answer(CONTENT, claimed_length=len(CONTENT) + 50)))


def test_too_short_a_content_length_is_resumed(server: FileServer, part: Part) -> None:
    answer = Answer(CONTENT, claimed_length=400_000)
    fetch(part, server.serve("/liar", answer))
    assert [request.range for request in server.requests] == [None, "bytes=400000-"]


def test_longer_file_than_expected_is_refused(server: FileServer, part: Part) -> None:
    with pytest.raises(MirrorsError, match="sent more than the 512000 bytes expected"):
        fetch(part, server.serve("/long", Answer(CONTENT + bytes(99_999))))
    assert not part.file.exists()


def test_content_encoding_gzip_leaves_the_file_packed(server: FileServer, tmp_path: Path) -> None:
    packed = gzip.compress(CONTENT)
    url = server.serve("/encoded", Answer(packed, encoding="gzip"))
    part = Part(tmp_path / "packed.gz", len(packed))
    fetch_part([url], part, problem=lambda path: None, patience=HURRY, on_bytes=lambda done: None)
    assert part.file.read_bytes() == packed


def test_wrong_content_sends_to_the_next_mirror(server: FileServer, part: Part) -> None:
    bad = server.serve("/bad", Answer(bytes(len(CONTENT))))
    fetch(part, bad, server.serve("/good", Answer(CONTENT)))
    assert [request.path for request in server.requests] == ["/bad", "/good"]


@pytest.mark.parametrize("status", [404, 503])
def test_http_failure_sends_to_the_next_mirror(server: FileServer, part: Part, status: int) -> None:
    bad = server.serve("/bad", Answer(status=status))
    fetch(part, bad, server.serve("/good", Answer(CONTENT)))
    assert [request.path for request in server.requests] == ["/bad", "/good"]


def test_mirrors_are_tried_in_order(server: FileServer, part: Part) -> None:
    urls = [server.serve(f"/{number}", Answer(status=404)) for number in range(3)]
    fetch(part, *urls, server.serve("/good", Answer(CONTENT)), server.serve("/spare", Answer(CONTENT)))
    assert [request.path for request in server.requests] == ["/0", "/1", "/2", "/good"]


def test_next_mirror_goes_on_where_the_first_stopped(server: FileServer, part: Part) -> None:
    cuts = [100_000] + [0] * MAX_TRIES
    first = server.serve("/dying", Answer(CONTENT, breaks_after=cuts))
    fetch(part, first, server.serve("/good", Answer(CONTENT)))
    last = server.requests[-1]
    assert (last.path, last.range, last.sent) == ("/good", "bytes=100000-", 412_000)


def test_mirror_that_breaks_for_ever_is_left(server: FileServer, part: Part) -> None:
    url = server.serve("/crumbs", Answer(CONTENT, breaks_after=[1000] * 50))
    with pytest.raises(MirrorsError, match="after 5000 of 512000 bytes"):
        fetch(part, url)
    assert len(server.requests) == MAX_TRIES
    assert part.arrived() == 5000  # kept for the next try


def test_hanging_mirror_does_not_hold_up_the_next(server: FileServer, part: Part) -> None:
    hanging = server.serve("/hangs", Answer(hangs=True))
    patience = Patience(connect_seconds=3.0, contact_seconds=5.0, stagger_seconds=0.2, read_seconds=12.0)
    begin = time.monotonic()
    fetch(part, hanging, server.serve("/good", Answer(CONTENT)), patience=patience)
    assert time.monotonic() - begin < 2.0


def test_mirror_that_failed_is_not_asked_again(server: FileServer, part: Part) -> None:
    gone = server.serve("/gone", Answer(status=404))
    bad = server.serve("/bad", Answer(bytes(len(CONTENT))))
    fetch(part, gone, bad, server.serve("/good", Answer(CONTENT)))
    assert [request.path for request in server.requests] == ["/gone", "/bad", "/good"]


def test_mirrors_that_all_hang_fail_within_the_contact_time(server: FileServer, part: Part) -> None:
    urls = [server.serve(f"/{number}", Answer(hangs=True)) for number in range(4)]
    patience = Patience(connect_seconds=3.0, contact_seconds=1.0, stagger_seconds=0.2, read_seconds=12.0)
    begin = time.monotonic()
    with pytest.raises(MirrorsError, match="no answer within 1 s"):
        fetch(part, *urls, patience=patience)
    assert time.monotonic() - begin < 2.0


def test_mirror_that_falls_silent_is_left(server: FileServer, part: Part) -> None:
    silent = server.serve("/silent", Answer(CONTENT, stops_after=100_000))
    with pytest.raises(MirrorsError, match="fell silent"):
        fetch(part, silent)
    fetch(part, server.serve("/good", Answer(CONTENT)))
    assert server.requests[-1].range == f"bytes={MAX_TRIES * 65536}-"  # one whole chunk came each time


def test_failures_name_each_mirror_and_its_fault(server: FileServer, part: Part) -> None:
    urls = [server.serve("/gone", Answer(status=404)), server.serve("/bad", Answer(bytes(len(CONTENT))))]
    closed = "http://127.0.0.1:9/file"
    with pytest.raises(MirrorsError) as caught:
        fetch(part, *urls, closed)
    assert caught.value.failures == {
        urls[0]: "HTTP 404 Not Found",
        urls[1]: "wrong content",
        closed: "connection refused",
    }


def test_unknown_host_fails_in_words(part: Part, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    with pytest.raises(MirrorsError, match="the host name cannot be resolved"):
        fetch(part, "https://mirror.invalid/file.gz")


def test_proxy_of_the_environment_is_asked(
    server: FileServer, part: Part, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", server.address)
    server.answers["http://mirror.example/file.gz"] = Answer(CONTENT)  # a proxy is sent the whole address
    fetch(part, "http://mirror.example/file.gz")
    assert [request.path for request in server.requests] == ["http://mirror.example/file.gz"]


def test_proxy_out_of_reach_fails_in_words(part: Part) -> None:
    with pytest.raises(MirrorsError, match="the proxy refused or cannot be reached"):
        fetch(part, "https://mirror.example/file.gz")  # the tests' own proxy: nobody listens there
