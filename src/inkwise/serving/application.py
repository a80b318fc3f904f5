"""The ASGI application: routes, their description, and errors in one form."""

from importlib.metadata import version

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from inkwise.errors import InkwiseError
from inkwise.serving.front import Front, as_problem
from inkwise.serving.problems import ProblemError
from inkwise.serving.routes import activations, classifiers, corrections, page, predict, read, state
from inkwise.serving.routes.described import describe
from inkwise.serving.service import Service
from inkwise.serving.settings import Settings

_ABOUT = "Small-image classifiers and a reader of handwritten digits, by `inkwise serve`."


def create_app(settings: Settings | None = None) -> Front:
    """Return the application that `inkwise serve` runs; any ASGI server can run it.

    Args:
        settings: what it serves and how much it takes on; None is the reader that ships with inkwise.
    Raises:
        CheckpointError: a classifier cannot be read.
    """
    service = Service.open(settings or Settings())
    api = FastAPI(
        title="inkwise", version=version("inkwise"), description=_ABOUT, docs_url=None, redoc_url=None,
        redirect_slashes=False, telemetry={"tracing": False},
    )  # fmt: skip
    for module in (predict, read, activations, corrections, classifiers, page, state):
        for route in module.router.routes:
            api.router.routes.append(route)
    api.exception_handler(HTTPException)(_say)
    api.exception_handler(InkwiseError)(_say)
    api.openapi = lambda: describe(api, runs=[one.name for one in service.served])  # type: ignore[method-assign]
    return Front(api, service)


async def _say(request: Request, error: Exception) -> Response:
    """Return what a route refuses, or FastAPI itself, a path or a method, as a problem."""
    if not isinstance(error, HTTPException):
        return as_problem(error).response()
    path = request.url.path[:200]
    if error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "another method")
        detail = f"{request.method} {path}, expected {allowed}; see /openapi.json"
    else:
        detail = f"no page {path!r}; see /openapi.json for those there are"
    return ProblemError(error.status_code, detail, headers=dict(error.headers or {})).response()
