"""GET /classifiers and the files of classifiers: what the page needs to run them itself."""

import json
from pathlib import Path

from tests.serving.asking import Asker, asker, refusal

from inkwise.classifier import Classifier
from inkwise.handwriting.recogniser import SHIPPED_FILE
from inkwise.networks.build import num_parameters
from inkwise.serving.routes.schemas import ClassifierInfo


def test_classifiers_are_listed_in_their_order(both: Asker) -> None:
    found = both.get("/classifiers").json()
    for entry in found:
        ClassifierInfo.model_validate(entry)
    assert [(one["number"], one["name"], one["reads"]) for one in found] == [
        (0, "golden", False),
        (1, "reader", True),
    ]
    assert found[0]["classes"] == ["nought", "one", "två"]
    assert found[0]["url"] == "classifiers/0/classifier.safetensors"


def test_number_of_parameters_is_that_of_the_file(reader: Asker) -> None:
    """Of the network in PyTorch: running means and counts of batches are none."""
    assert reader.get("/classifiers").json()[0]["num_parameters"] == num_parameters(
        Classifier.load(SHIPPED_FILE).network
    )


def test_file_is_given_as_it_is(both: Asker, golden_run: Path) -> None:
    answer = both.get("/classifiers/0/classifier.safetensors")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.content == (golden_run / "classifier.safetensors").read_bytes()
    assert both.get("/classifiers/1/classifier.safetensors").content == SHIPPED_FILE.read_bytes()


def test_file_that_the_client_has_is_not_sent_again(reader: Asker) -> None:
    path = "/classifiers/0/classifier.safetensors"
    tag = reader.get(path).headers["etag"]
    again = reader.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert reader.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_unknown_number_is_not_found(both: Asker) -> None:
    for number in ("2", "-1", "x", "%00", "00"):
        answer = both.get(f"/classifiers/{number}/classifier.safetensors")
        assert refusal(answer)[0] == 404
    assert refusal(both.get("/classifiers/7/classifier.safetensors"))[1] == (
        "no classifier '7', expected a number from 0 to 1"
    )


def test_accuracy_is_that_of_the_runs_evaluation(golden_run: Path, tmp_path: Path) -> None:
    run = tmp_path / "seen"
    run.mkdir()
    (run / "classifier.safetensors").write_bytes((golden_run / "classifier.safetensors").read_bytes())
    (run / "evaluation.json").write_text(json.dumps({"accuracy": 0.9876}))
    client = asker(runs=(str(run), str(golden_run)))
    assert [one["accuracy"] for one in client.get("/classifiers").json()] == [0.9876, None]


def test_two_runs_of_one_name_are_told_apart(golden_run: Path) -> None:
    client = asker(runs=(str(golden_run), str(golden_run / "classifier.safetensors"), str(golden_run)))
    assert [one["name"] for one in client.get("/classifiers").json()] == ["golden", "golden-2", "golden-3"]
