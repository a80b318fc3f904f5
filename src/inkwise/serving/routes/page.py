"""GET / and GET /assets/...: the drawing page."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from inkwise.page.assemble import asset_files, server_page
from inkwise.serving.problems import ProblemError
from inkwise.serving.routes.described import ALWAYS, operation
from inkwise.serving.routes.files import file_response
from inkwise.serving.service import Service, service_of

router = APIRouter()
_TEXT = {"type": "string"}
_PATH = {
    "name": "path", "in": "path", "required": True, "schema": {"type": "string"},
    "description": "Of a file of the page, as the page names it.",
}  # fmt: skip


@router.get("/", openapi_extra=operation(answer={"text/html": _TEXT}), response_class=Response)
async def page(request: Request) -> Response:
    """Give the page to draw on."""
    found = server_page(page_config(service_of(request)))
    headers = {"Content-Security-Policy": found.csp}
    return file_response(request, found.html.encode(), media_type="text/html", headers=headers)


def page_config(service: Service) -> dict[str, Any]:
    """Return what the page is told of this server."""
    keys = ("title", "url", "accuracy")
    described = [one.describe() for one in service.served]
    return {
        "mode": "server",
        "classifiers": [{key: one[key] for key in keys if one[key] is not None} for one in described],
        "corrections": service.settings.takes_corrections,
    }


@router.get(
    "/assets/{path:path}",
    openapi_extra=operation(
        answer={"text/javascript": _TEXT, "text/css": _TEXT}, refusals=(*ALWAYS, 404), parameters=(_PATH,)
    ),
    response_class=Response,
)
async def asset(request: Request) -> Response:
    """Give a file of the page: one of a fixed list, so that no path leads elsewhere."""
    path: str = request.path_params["path"]
    found = asset_files().get(path)
    if found is None:
        raise ProblemError(404, f"no file {path[:100]!r} of the page; load the page again")
    content, media_type = found
    return file_response(request, content, media_type=media_type)
