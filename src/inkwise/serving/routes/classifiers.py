"""GET /classifiers: which classifiers answer, and their files, for the page runs them in the browser."""

import json
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from inkwise.serving.bodies.images import JSON, RAW
from inkwise.serving.problems import ProblemError
from inkwise.serving.routes import schemas
from inkwise.serving.routes.described import ALWAYS, BYTES, listed, operation
from inkwise.serving.routes.files import file_response
from inkwise.serving.service import service_of

router = APIRouter()
_NUMBER = {
    "name": "number",
    "in": "path",
    "required": True,
    "description": "As in GET /classifiers, from 0.",
    "schema": {"type": "integer", "minimum": 0},
}
_OF_FILE = operation(answer={RAW: BYTES}, refusals=(*ALWAYS, 404), parameters=(_NUMBER,))


@router.get(
    "/classifiers",
    openapi_extra=operation(answer={JSON: listed(schemas.ClassifierInfo)}),
    response_class=Response,
)
async def classifiers(request: Request) -> Response:
    """List the classifiers that answer here, the first where none is chosen."""
    found: list[dict[str, Any]] = [one.describe() for one in service_of(request).served]
    return Response(json.dumps(found, ensure_ascii=False).encode(), media_type=JSON)


@router.get("/classifiers/{number}/classifier.safetensors", openapi_extra=_OF_FILE, response_class=Response)
async def classifier_file(request: Request) -> Response:
    """Give a classifier's file: its weights, and a header that says how to run them."""
    served, number = service_of(request).served, request.path_params["number"]
    for one in served:
        if number == str(one.number):
            return file_response(request, one.content, media_type=RAW)
    raise ProblemError(404, f"no classifier {number[:20]!r}, expected a number from 0 to {len(served) - 1}")
