"""POST /corrections: what a person says a glyph is, kept for `inkwise train --from-corrections`."""

from functools import partial

import numpy as np
from fastapi import APIRouter
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from inkwise.handwriting.corrections import add_corrections, corrections_path
from inkwise.handwriting.reader import ReadGlyph
from inkwise.serving.bodies.images import JSON
from inkwise.serving.bodies.receiving import media_type
from inkwise.serving.bodies.strict_json import parse_json
from inkwise.serving.problems import ProblemError
from inkwise.serving.routes import schemas
from inkwise.serving.routes.described import ALWAYS, operation, refer
from inkwise.serving.service import service_of
from inkwise.serving.work import Deadline

router = APIRouter()
_PICTURE = "the drawing page"
_BODY_BYTES = 64 * 1024  # one image takes 4 KB, written in full 25
_OPERATION = operation(
    body={JSON: refer(schemas.Correction)},
    answer={JSON: refer(schemas.Stored)},
    refusals=(*ALWAYS, 400, 403, 408, 413, 415, 422, 503),
    status=201,
)


@router.post("/corrections", openapi_extra=_OPERATION, response_class=Response, status_code=201)
async def corrections(request: Request) -> Response:
    """Keep a glyph with its right digit. Once this is answered it is on the disk."""
    service = service_of(request)
    if not service.settings.takes_corrections:
        raise ProblemError(403, "this server keeps no corrections; start it with --corrections to keep them")
    if media_type(request) != JSON:
        raise ProblemError(415, f"Content-Type {media_type(request) or 'missing'}, expected {JSON}")
    async with service.receive(request, JSON) as content:
        if len(content) > _BODY_BYTES:
            raise ProblemError(413, f"a body of {len(content):,} bytes, expected at most {_BODY_BYTES:,}")
        correction = parse_correction(content)
    job = partial(_store, correction, most_bytes=service.settings.limits.stored_bytes)
    await service.work.run(job)
    return Response(b'{"stored":true}', 201, media_type=JSON)


def parse_correction(content: bytes) -> schemas.Correction:
    """Return the correction in a JSON document.

    Raises:
        ProblemError: 400, no JSON; 422, its first fault in words.
    """
    try:
        return schemas.Correction.model_validate(parse_json(content))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the document"
        raise ProblemError(
            422, f"{where}: {first['msg']}; expected image (28 rows of 28 whole numbers, 0 to 255), "
            "label and read_as (0 to 9) and probability (0 to 1)"
        ) from None  # fmt: skip


def _store(correction: schemas.Correction, deadline: Deadline, *, most_bytes: int) -> None:
    path = corrections_path()
    if path.is_file() and path.stat().st_size > most_bytes:
        raise ProblemError(
            413, f"corrections fill {most_bytes:,} bytes already, no more are kept; teach them with "
            "inkwise train --from-corrections, then move the file away"
        )  # fmt: skip
    glyph = ReadGlyph(
        box=(0, 0, 28, 28),
        label=correction.read_as,
        probability=correction.probability,
        accepted=False,
        image=np.array(correction.image, np.uint8),
        line=0,
    )
    add_corrections([(glyph, correction.label)], picture=_PICTURE)
