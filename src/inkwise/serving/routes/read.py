"""POST /read: the digits on photos, scans and drawings."""

import json
import logging
from functools import partial
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from inkwise.errors import InkwiseError
from inkwise.handwriting.picture import load_picture
from inkwise.handwriting.reader import read_picture
from inkwise.handwriting.recogniser import Recogniser
from inkwise.serving.bodies.images import JSON, RAW, Body, check_kind, read_pictures
from inkwise.serving.bodies.parts import Part
from inkwise.serving.bodies.receiving import header, media_type
from inkwise.serving.classifiers import choose_reader
from inkwise.serving.problems import ProblemError
from inkwise.serving.routes import schemas
from inkwise.serving.routes.described import BYTES, OF_BODIES, RUN, listed, operation, pictures, switch
from inkwise.serving.routes.predict import chosen
from inkwise.serving.service import Service, service_of
from inkwise.serving.work import Deadline

router = APIRouter()
_LOG = logging.getLogger(__name__)
_OPERATION = operation(
    body={**pictures(), RAW: BYTES},
    answer={JSON: listed(schemas.Reading)},
    refusals=OF_BODIES,
    parameters=(RUN, switch("images", "Also give each glyph's 28 x 28 grey levels, as the network saw it.")),
)


@router.post("/read", openapi_extra=_OPERATION, response_class=Response)
async def read(request: Request) -> Response:
    """Read the digits on one or several pictures.

    A picture that cannot be read is refused; beside one that can it has no lines, and a warning says why.
    """
    service = service_of(request)
    recogniser = choose_reader(service.served, chosen(request)).recogniser
    kind = media_type(request)
    check_kind(kind, pixels=False)
    with_images = _is_true(request.query_params.get("images", "false"))
    async with service.receive(request, kind) as content:
        body = Body(kind, header(request, b"content-type"), content)
        found = await service.work.run(
            partial(_read_all, service=service, recogniser=recogniser, body=body, with_images=with_images)
        )
    return Response(found, media_type=JSON)


def _is_true(text: str) -> bool:
    if text.lower() not in ("true", "false", "1", "0"):
        raise ProblemError(422, f"images={text[:100]}, expected true or false")
    return text.lower() in ("true", "1")


def _read_all(
    deadline: Deadline, *, service: Service, recogniser: Recogniser, body: Body, with_images: bool
) -> bytes:
    parts = read_pictures(body, service.settings.limits)
    found, errors = [], []
    for part in parts:
        deadline.check()
        try:
            found.append(_read_one(part, recogniser, with_images=with_images))
        except InkwiseError as error:
            errors.append(error)
            found.append({"path": part.name, "lines": [], "glyphs": [], "warnings": [str(error)]})
    if len(errors) == len(parts):
        raise errors[0]
    return json.dumps(found, separators=(",", ":"), ensure_ascii=False).encode()


def _read_one(part: Part, recogniser: Recogniser, *, with_images: bool) -> dict[str, Any]:
    """Return what is written on one picture, by the keys of `inkwise read --json`."""
    picture = load_picture(part.content, name=part.name)
    try:
        reading = read_picture(picture, recogniser)
    except InkwiseError:
        raise
    except Exception as error:  # a picture nobody foresaw must not look like a server that is down
        _LOG.exception("%s could not be read", part.name)
        raise ProblemError(
            422,
            f"{part.name}: unexpected {type(error).__name__}: {error}; please report it, with the picture",
        ) from error
    glyphs: list[dict[str, Any]] = []
    for glyph in reading.glyphs:
        entry = {"box": glyph.box, "label": glyph.label, "probability": glyph.probability,
                 "accepted": glyph.accepted}  # fmt: skip
        glyphs.append(entry | {"image": glyph.image.tolist()} if with_images else entry)
    return {"path": part.name, "lines": reading.lines, "glyphs": glyphs, "warnings": reading.warnings}
