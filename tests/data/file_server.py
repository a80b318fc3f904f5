"""A real HTTP server on this machine that misbehaves as told."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Answer:
    """How one path is served.

    Attributes:
        content: the bytes of the file.
        status: an HTTP status other than 200 sends no file.
        breaks_after: for the first request, the second ...: bytes after which the connection is cut.
        stops_after: bytes after which nothing more comes, the connection stays open.
        ignores_range: always sends the whole file.
        wrong_range: claims to begin elsewhere than asked.
        claimed_length: what Content-Length says, if not the truth.
        etag: the version; If-Range with another one gets the whole file.
        encoding: Content-Encoding to claim.
        redirect: the address to go to instead.
        hangs: accepts the request and never says a word.
    """

    content: bytes = b""
    status: int = 200
    breaks_after: list[int] = field(default_factory=list)
    stops_after: int | None = None
    ignores_range: bool = False
    wrong_range: bool = False
    claimed_length: int | None = None
    etag: str = '"one"'
    encoding: str | None = None
    redirect: str | None = None
    hangs: bool = False


@dataclass
class Request:
    """One request as it came in, and how many bytes of the file went out."""

    path: str
    range: str | None
    if_range: str | None
    sent: int = 0


class FileServer:
    """Serves self.answers by path and keeps self.requests."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.requests: list[Request] = []
        self.closing = threading.Event()
        self.stopped = threading.Event()  # set when an answer has gone silent
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._http.server_port}"

    def url(self, path: str) -> str:
        return self.address + path

    def serve(self, path: str, answer: Answer) -> str:
        self.answers[path] = answer
        return self.url(path)

    def start(self) -> None:
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                request = Request(self.path, self.headers.get("Range"), self.headers.get("If-Range"))
                server.requests.append(request)
                answer = server.answers.get(self.path, Answer(status=404))
                if answer.hangs:
                    server.closing.wait(30)
                elif answer.redirect is not None:
                    self._head(302, {"Location": answer.redirect, "Content-Length": "0"})
                elif answer.status != 200:
                    self._head(answer.status, {"Content-Length": "0"})
                else:
                    self._send(request, answer)

            def _send(self, request: Request, answer: Answer) -> None:
                start = 0
                may_resume = request.if_range in (None, answer.etag) and not answer.ignores_range
                if request.range and may_resume:
                    start = int(request.range.removeprefix("bytes=").removesuffix("-"))
                body = answer.content[start:]
                length = len(body) if answer.claimed_length is None else answer.claimed_length
                headers = {"Content-Length": str(length), "ETag": answer.etag}
                if answer.encoding:
                    headers["Content-Encoding"] = answer.encoding
                if start:
                    said = start + 1 if answer.wrong_range else start
                    total = len(answer.content)
                    headers["Content-Range"] = f"bytes {said}-{total - 1}/{total}"
                self._head(206 if start else 200, headers)
                cut = answer.breaks_after.pop(0) if answer.breaks_after else answer.stops_after
                request.sent = len(body[:cut])  # before the client can have it and the test can ask
                self.wfile.write(body[:cut])
                self.wfile.flush()
                if answer.stops_after is not None:
                    server.stopped.set()
                    server.closing.wait(30)
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True

            def _head(self, status: int, headers: dict[str, str]) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - inherited
                """Say nothing."""

        return Handler


@contextmanager
def file_server() -> Iterator[FileServer]:
    """Give a running server."""
    server = FileServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()
