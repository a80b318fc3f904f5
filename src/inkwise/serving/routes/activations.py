"""POST /activations: every layer's output for one image."""

import json
from functools import partial
from typing import Any

import numpy as np
from fastapi import APIRouter
from numpy.typing import NDArray
from starlette.requests import Request
from starlette.responses import Response

from inkwise.serving.bodies.images import JSON, RAW, Body, check_kind, read_given
from inkwise.serving.bodies.receiving import header, media_type
from inkwise.serving.classifiers import Served, choose
from inkwise.serving.problems import ProblemError
from inkwise.serving.routes import schemas
from inkwise.serving.routes.described import BYTES, OF_BODIES, RUN, listed, operation, pictures, refer
from inkwise.serving.routes.predict import chosen
from inkwise.serving.service import Service, service_of
from inkwise.serving.work import Deadline

router = APIRouter()
_OPERATION = operation(
    body={**pictures(), JSON: refer(schemas.OneImage), RAW: BYTES},
    answer={JSON: listed(schemas.LayerValues)},
    refusals=OF_BODIES,
    parameters=(RUN,),
)


@router.post("/activations", openapi_extra=_OPERATION, response_class=Response)
async def activations(request: Request) -> Response:
    """Return what every layer puts out for one image, in the order they run."""
    service = service_of(request)
    served = choose(service.served, chosen(request))
    kind = media_type(request)
    check_kind(kind, pixels=True)
    async with service.receive(request, kind) as content:
        body = Body(kind, header(request, b"content-type"), content)
        found = await service.work.run(partial(_layers, service=service, served=served, body=body))
    return Response(found, media_type=JSON)


def _layers(deadline: Deadline, *, service: Service, served: Served, body: Body) -> bytes:
    images = read_given(body, service.settings.limits, deadline).images
    if len(images) != 1:
        raise ProblemError(422, f"{len(images)} images, expected one; send them one by one")
    found = [
        {"name": one.name, "kind": one.kind, "shape": one.values.shape, "values": _numbers(one.values)}
        for one in served.classifier.activations(images[0])
    ]
    return json.dumps(found, separators=(",", ":"), allow_nan=False).encode()


def _numbers(values: NDArray[np.float32]) -> list[Any]:
    """Return values row by row; JSON has no NaN and no infinity, None stands for them."""
    flat: list[Any] = values.reshape(-1).tolist()
    return flat if np.isfinite(values).all() else [one if np.isfinite(one) else None for one in flat]
