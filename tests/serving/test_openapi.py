"""/openapi.json is whole and true: requests made from it, good and bad, are answered as it says."""

import json

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance
from tests.serving.asking import Asker, asker

from inkwise.serving.application import create_app
from inkwise.serving.routes.described import _REFUSALS

SERVED = create_app()
schema = schemathesis.openapi.from_asgi("/openapi.json", SERVED)


@pytest.mark.slow
@schema.parametrize()
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
def test_answers_are_as_described(case: schemathesis.Case, store) -> None:
    # Of bytes the description can only say that they are bytes: those that are no picture are refused.
    excluded = [] if case.media_type in (None, "application/json") else [positive_data_acceptance]
    case.call_and_validate(headers={"Host": "127.0.0.1"}, excluded_checks=excluded)


@pytest.fixture(scope="module")
def document(reader: Asker) -> dict:
    return reader.get("/openapi.json").json()


def test_every_route_is_described(document: dict) -> None:
    assert sorted((path, method) for path, methods in document["paths"].items() for method in methods) == [
        ("/", "get"),
        ("/activations", "post"),
        ("/assets/{path}", "get"),
        ("/classifiers", "get"),
        ("/classifiers/{number}/classifier.safetensors", "get"),
        ("/corrections", "post"),
        ("/healthz", "get"),
        ("/metrics", "get"),
        ("/predict", "post"),
        ("/read", "post"),
    ]


def test_every_refusal_is_a_problem(document: dict) -> None:
    for path, methods in document["paths"].items():
        for operation in methods.values():
            for status, answer in operation["responses"].items():
                if status >= "400":
                    assert list(answer["content"]) == ["application/problem+json"], (path, status)
                    assert answer["description"] == _REFUSALS[int(status)]


def test_no_reference_leads_nowhere(document: dict) -> None:
    text = json.dumps(document)
    for reference in {part.split('"')[0] for part in text.split('"$ref": "')[1:]}:
        place = document
        for key in reference.removeprefix("#/").split("/"):
            place = place[key]


def test_unknown_path_and_method_are_problems(reader: Asker) -> None:
    for method, path, status in (
        ("GET", "/nothing", 404),
        ("PUT", "/predict", 405),
        ("GET", "/predict/", 404),
    ):
        answer = reader.ask(method, path)
        assert answer.json()["status"] == answer.status_code == status
    assert (
        reader.get("/nothing").json()["detail"] == "no page '/nothing'; see /openapi.json for those there are"
    )
    refused = reader.get("/predict")
    assert refused.headers["allow"] == "POST"
    assert refused.json()["detail"] == "GET /predict, expected POST; see /openapi.json"


def test_head_is_answered_without_a_body(reader: Asker) -> None:
    answer = reader.ask("HEAD", "/healthz")
    assert (answer.status_code, answer.content) == (200, b"")
    assert reader.ask("HEAD", "/predict").status_code == 405


def test_failure_of_our_own_is_a_problem_without_details(caplog: pytest.LogCaptureFixture) -> None:
    """The log has the traceback; the client is told nothing of our inside."""
    client = asker()
    client.app.service.served.clear()  # no classifier is left to choose
    answer = client.post("/predict", content=bytes(784), headers={"Content-Type": "application/octet-stream"})
    assert answer.status_code == 500
    assert answer.json()["detail"] == "the server failed; its log says why, please report it"
    assert "IndexError" in caplog.text
