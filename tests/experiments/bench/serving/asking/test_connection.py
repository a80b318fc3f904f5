import pytest

from inkwise.experiments.bench.serving.asking.connection import Connection

FIRST = b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\nx-other: 9\r\n\r\none"
SECOND = b"HTTP/1.1 404 Not Found\r\nContent-Length:5\r\n\r\nthere"


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_answers_are_whole_however_they_arrive(size: int) -> None:
    answers: list[tuple[int, bytes]] = []
    connection = Connection(lambda _, status, body: answers.append((status, body)), pytest.fail)
    for answer in (FIRST, SECOND):
        for start in range(0, len(answer), size):
            connection.data_received(answer[start : start + size])
    assert answers == [(200, b"one"), (404, b"there")]


def test_answer_of_no_length_at_all_is_whole_at_the_end_of_its_head() -> None:
    answers: list[tuple[int, bytes]] = []
    connection = Connection(lambda _, status, body: answers.append((status, body)), pytest.fail)
    connection.data_received(b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n")
    assert answers == [(204, b"")]


def test_loss_is_said_with_its_cause() -> None:
    said: list[str] = []
    connection = Connection(lambda *_: pytest.fail("no answer came"), said.append)
    connection.connection_lost(None)
    connection.connection_lost(OSError("reset"))
    assert said == ["the server hung up", "the server hung up (reset)"]
