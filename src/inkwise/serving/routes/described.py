"""The words of /openapi.json: what each route takes and gives, and how it refuses."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from inkwise.serving.problems import MEDIA_TYPE
from inkwise.serving.routes import schemas

_SCHEMA = "#/components/schemas/{model}"
_MODELS = (
    schemas.OneOrManyImages,
    schemas.OneImage, schemas.Prediction, schemas.Reading, schemas.LayerValues, schemas.Correction,
    schemas.Stored, schemas.ClassifierInfo, schemas.Health, schemas.Problem,
)  # fmt: skip
_REFUSALS = {
    400: "The body is not what its Content-Type says.",
    401: "No or a wrong API key.",
    403: "Sent by a page of another site, or not allowed on this server.",
    404: "There is no such thing.",
    408: "The request took too long to arrive.",
    413: "Too many bytes, pixels or images.",
    415: "A Content-Type that is not understood.",
    421: "Called by a host name that is not this server's.",
    422: "The content makes no sense here.",
    429: "Too much work at once; see Retry-After.",
    503: "The server's disk does not take it.",
}
ALWAYS = (401, 421, 429)
OF_BODIES = (*ALWAYS, 400, 403, 408, 413, 415, 422)
BYTES = {"type": "string", "format": "binary"}
RUN = {
    "name": "run",
    "in": "query",
    "required": False,
    "description": "Which classifier answers, by its name or number in GET /classifiers.",
    "schema": {"type": "string"},
}


def operation(
    *,
    answer: dict[str, Any],
    refusals: tuple[int, ...] = ALWAYS,
    status: int = 200,
    body: dict[str, Any] | None = None,
    parameters: tuple[dict[str, Any], ...] = (),
) -> dict[str, Any]:
    """Return what /openapi.json says of a route, for openapi_extra.

    Args:
        answer: media type -> schema of a good answer.
        refusals: the statuses of its problems.
        status: of a good answer.
        body: media type -> schema of what it takes.
        parameters: in the path and the query.
    """
    responses: dict[str, Any] = {
        str(status): {
            "description": "Done.",
            "content": {kind: {"schema": one} for kind, one in answer.items()},
        }
    }
    problem = {"content": {MEDIA_TYPE: {"schema": {"$ref": _SCHEMA.format(model="Problem")}}}}
    responses |= {str(code): {"description": _REFUSALS[code], **problem} for code in sorted(refusals)}
    found: dict[str, Any] = {"responses": responses}
    if body is not None:
        found["requestBody"] = {
            "required": True, "content": {kind: {"schema": schema} for kind, schema in body.items()}
        }  # fmt: skip
    if parameters:
        found["parameters"] = list(parameters)
    return found


def refer(model: type[BaseModel]) -> dict[str, Any]:
    """Return the schema of a document."""
    return {"$ref": _SCHEMA.format(model=model.__name__)}


def listed(model: type[BaseModel]) -> dict[str, Any]:
    """Return the schema of a list of documents."""
    return {"type": "array", "items": refer(model)}


def pictures() -> dict[str, Any]:
    """Return media type -> schema of picture files, one or a form of them."""
    form = {
        "type": "object",
        "description": "One file or more; the names of their fields do not matter.",
        "additionalProperties": {"type": "array", "items": BYTES, "minItems": 1},
        "minProperties": 1,
    }
    return {"image/png": BYTES, "image/jpeg": BYTES, "multipart/form-data": form}


def switch(name: str, description: str) -> dict[str, Any]:
    """Return a parameter of the query that is true or false."""
    return {
        "name": name, "in": "query", "required": False, "description": description,
        "schema": {"type": "boolean", "default": False},
    }  # fmt: skip


def describe(api: FastAPI, *, runs: Sequence[str]) -> dict[str, Any]:
    """Return the whole of /openapi.json.

    Args:
        api: the routes.
        runs: names of the classifiers, in the order of their numbers.
    """
    from fastapi.openapi.utils import get_openapi

    document = deepcopy(
        get_openapi(title=api.title, version=api.version, description=api.description, routes=api.routes)
    )
    _, definitions = models_json_schema(
        [(model, "validation") for model in _MODELS], ref_template=_SCHEMA
    )  # fmt: skip
    keys = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "basic": {"type": "http", "scheme": "basic", "description": "Any name; the password is the API key."},
        "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    }
    document["components"] = {"schemas": definitions["$defs"], "securitySchemes": keys}
    for path, methods in document["paths"].items():
        for found in methods.values():
            for parameter in found.get("parameters", []):
                if parameter["name"] == "run":
                    parameter["schema"]["enum"] = [*runs, *map(str, range(len(runs)))]
            found["security"] = [{}] if path == "/healthz" else [{}, *({key: []} for key in keys)]
    return document
