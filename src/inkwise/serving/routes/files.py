"""Files that a browser keeps and asks about: sent once, then answered in a line while they are the same."""

import hashlib
from functools import lru_cache

from starlette.requests import Request
from starlette.responses import Response

from inkwise.serving.bodies.receiving import header


def file_response(
    request: Request, content: bytes, *, media_type: str, headers: dict[str, str] | None = None
) -> Response:
    """Return content, or 304 where the client has it already."""
    tag = _tag(content)
    kept = {"ETag": tag, "Cache-Control": "no-cache", **(headers or {})}
    if tag.encode() in header(request, b"if-none-match"):
        return Response(status_code=304, headers=kept)
    return Response(content, media_type=media_type, headers=kept)


@lru_cache(maxsize=256)
def _tag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'
