"""A web server on this machine that gives a page in Chromium the JavaScript of inkwise, and bytes both ways.

Arrays go over it instead of through page.evaluate, which turns every number into JSON.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import inkwise

ASSETS = Path(inkwise.__file__).parent / "page" / "assets"
_EMPTY_PAGE = """<!doctype html><html lang=en><meta charset=utf-8><title>workbench</title>
<link rel=icon href=data:,>
<script type=importmap>{"imports": {"inkwise/": "/assets/js/"}}</script>
<script>
// fetchBytes(address) -> ArrayBuffer: what Python gave. sendBytes(name, array): for Python to take.
const fetchBytes = async address => (await fetch(address)).arrayBuffer();
const sendBytes = (name, array) => fetch(`/taken/${name}`, {method: "POST", body: array});
</script></html>"""
_TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".json": "application/json"}


class Exchange:
    """The bytes that a test gives to its page, and those the page sent back.

    Attributes:
        address: of the empty page, whose import map knows "inkwise/...".
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self._given: dict[str, bytes] = {}
        self._taken: dict[str, bytes] = {}

    def give(self, content: bytes) -> str:
        """Return the address where the page finds content: `await fetchBytes(address)`."""
        path = f"/given/{len(self._given)}"
        self._given[path] = content
        return path

    def take(self, name: str) -> bytes:
        """Return what the page sent by `await sendBytes(name, array)`, once."""
        return self._taken.pop(name)

    def _find(self, path: str) -> tuple[bytes, str] | None:
        if path == "/":
            return _EMPTY_PAGE.encode(), "text/html"
        if path in self._given:
            return self._given[path], "application/octet-stream"
        file = ASSETS / path.removeprefix("/assets/")
        if path.startswith("/assets/") and ".." not in path and file.is_file():
            return file.read_bytes(), _TYPES.get(file.suffix, "application/octet-stream")
        return None


@contextmanager
def serving_modules() -> Iterator[Exchange]:
    """Serve src/inkwise/page/assets and an empty page on a free port of this machine for the block."""
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        exchange = Exchange(f"http://127.0.0.1:{server.server_port}/")
        server.RequestHandlerClass = _handler_for(exchange)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield exchange
        finally:
            server.shutdown()
            thread.join()


def _handler_for(exchange: Exchange) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = exchange._find(self.path)
            self._answer(200 if found else 404, *(found or (b"no such file", "text/plain")))

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            exchange._taken[self.path.removeprefix("/taken/")] = content
            self._answer(200, b"", "text/plain")

        def _answer(self, status: int, content: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - inherited
            """Say nothing: a test's output is its own."""

    return Handler
