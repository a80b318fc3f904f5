"""GET /healthz and GET /metrics: whether the server is up, and how much it does."""

import json
from functools import cache
from importlib.metadata import version

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from inkwise.serving import metrics
from inkwise.serving.bodies.images import JSON
from inkwise.serving.routes import schemas
from inkwise.serving.routes.described import ALWAYS, operation, refer
from inkwise.serving.service import service_of

router = APIRouter()


@router.get(
    "/healthz",
    openapi_extra=operation(answer={JSON: refer(schemas.Health)}, refusals=(421,)),
    response_class=Response,
)
async def healthz(request: Request) -> Response:
    """Say that the server is up. Asks for no key."""
    return Response(_health(), media_type=JSON)


@cache
def _health() -> bytes:
    return json.dumps({"status": "ok", "version": version("inkwise")}).encode()


@router.get(
    "/metrics",
    openapi_extra=operation(answer={"text/plain": {"type": "string"}}, refusals=ALWAYS),
    response_class=Response,
)
async def show_metrics(request: Request) -> Response:
    """Give the counters in Prometheus's text format."""
    return Response(service_of(request).metrics.show(), headers={"Content-Type": metrics.MEDIA_TYPE})
