"""Errors as application/problem+json (RFC 9457): type, title, status, and detail for whoever has to act."""

import json
from http import HTTPStatus

from starlette.responses import Response

from inkwise.errors import InkwiseError, OutputError

MEDIA_TYPE = "application/problem+json"


class ProblemError(InkwiseError):
    """A request that is refused.

    Attributes:
        status: of HTTP, 400 to 599.
        detail: what was given, what was expected, what to do.
        headers: to send with it.
    """

    def __init__(self, status: int, detail: str, *, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers or {}

    def response(self) -> Response:
        """Return the answer that says it."""
        body = problem_json(self.status, self.detail)
        return Response(body, self.status, headers=self.headers, media_type=MEDIA_TYPE)


def problem_json(status: int, detail: str) -> bytes:
    """Return the document of a problem.

    >>> problem_json(404, "no page /x; see /openapi.json")
    b'{"type":"about:blank","title":"Not Found","status":404,"detail":"no page /x; see /openapi.json"}'
    """
    document = {"type": "about:blank", "title": _title(status), "status": status, "detail": detail}
    return json.dumps(document, separators=(",", ":")).encode()


def busy(detail: str, *, seconds: int = 1) -> ProblemError:
    """Return the refusal of a request that may succeed in so many seconds."""
    return ProblemError(429, detail, headers={"Retry-After": str(seconds)})


def from_error(error: InkwiseError) -> ProblemError:
    """Return what inkwise found wrong with a request, or with the disk, as a problem."""
    return ProblemError(503 if isinstance(error, OutputError) else 422, str(error))


def _title(status: int) -> str:
    return HTTPStatus(status).phrase
