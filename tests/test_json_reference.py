"""docs/json-output.md names every key of every --json, with its type, and no other."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dev import pages, reference
from PIL import Image
from tests.bars import bars
from tests.experiments.bench.nearest import nearest_mean
from tests.written import save_written
from typer.testing import CliRunner

from inkwise.cli.app import app
from inkwise.data.load import load_dataset
from inkwise.experiments.bench.reading import run_reading_bench
from inkwise.experiments.bench.scaling.result import ScalingBench
from inkwise.experiments.bench.serving.measure import run_serving_bench
from inkwise.experiments.train import train

PAGE = (pages.ROOT / "docs" / "json-output.md").read_text(encoding="utf-8")
SAME_KEYS = {  # as the page says
    "test.": "train.",
    "label_audit.test.": "label_audit.train.",
    "duplicates.near_pairs[].second.": "duplicates.near_pairs[].first.",
    "ratios[].inkwise.": "ratios[].baseline.",
    "rows[].inkwise.": "rows[].usual.",
}

Rows = dict[str, str]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Two trainings of two epochs, long enough for mistakes and classes never predicted."""
    folder = tmp_path_factory.mktemp("runs")
    return [
        str(train("mlp-sequential", data="digits", epochs=2, seed=seed, out=folder / f"{seed}").path)
        for seed in (0, 1)
    ]


def document_of(*arguments: str) -> Any:
    done = CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False)
    assert done.exit_code == 0
    return json.loads(done.stdout)


def rows_of(command: str) -> Rows:
    """Return the table of a section: key to type."""
    section = re.split(r"^###? ", PAGE.partition(f"\n## {command} --json\n")[2], flags=re.MULTILINE)[0]
    rows = dict(re.findall(r"^\| `([^`]+)` \| ([\w ]+) \|", section, flags=re.MULTILINE))
    assert rows, f"docs/json-output.md has no table for {command}"
    return rows


def robustness_rows() -> Rows:
    """Return the table of what `--robustness` adds; its rows are of a subsection."""
    section = PAGE.partition("\n### With --robustness\n")[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| `([^`]+)` \| ([\w ]+) \|", section, flags=re.MULTILINE))


def nodes(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every value of a document with its key as the page writes it, lists and objects too."""
    if path:
        yield path, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from nodes(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for inner in value:
            yield from nodes(inner, f"{path}[]")


KINDS = {
    "text": lambda value: isinstance(value, str),
    "whole number": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "fraction": lambda value: KINDS["number"](value) and 0 <= value <= 1,
    "true": lambda value: isinstance(value, bool),
    "false": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "list": lambda value: isinstance(value, list),
    "null": lambda value: value is None,
}


def faults(document: Any, rows: Rows) -> list[str]:
    """Return where a document and a table differ: a key or type the page does not have, a key only it has."""
    found, seen = [], set()
    for path, value in nodes(document):
        written = next((path.replace(a, b, 1) for a, b in SAME_KEYS.items() if path.startswith(a)), path)
        row = written if written in rows else re.sub(r"\.[^.]+$", ".*", written)
        if row in rows:
            seen.add(row)
            is_judged = row == written or not isinstance(value, dict | list)
            if is_judged and not any(KINDS[kind](value) for kind in rows[row].split(" or ")):
                found.append(f"{path} is {value!r}, the page says {rows[row]}")
        elif not isinstance(value, dict | list):
            found.append(f"{path} is not on the page")
    empty = tuple(path for path, value in nodes(document) if value in ([], {}, None))
    found += [f"{row} is not in the output" for row in rows if row not in seen and not row.startswith(empty)]
    return sorted(set(found))


def test_evaluate_has_the_keys_of_the_page(runs: list[str]) -> None:
    document = document_of("evaluate", runs[0])
    assert document["classes_never_predicted"]
    assert faults(document, rows_of("inkwise evaluate")) == []


def test_evaluate_with_robustness_has_the_keys_of_the_page(runs: list[str]) -> None:
    document = document_of("evaluate", runs[0], "--robustness", "--images", "20", "--attacks")
    assert faults(document, {**rows_of("inkwise evaluate"), **robustness_rows()}) == []


def test_predict_has_the_keys_of_the_page(runs: list[str], tmp_path: Path) -> None:
    Image.fromarray(load_dataset("digits").test.images[0]).save(tmp_path / "digit.png")
    document = document_of("predict", runs[0], str(tmp_path))
    assert len(document) == 1
    assert faults(document, rows_of("inkwise predict")) == []


def test_read_has_the_keys_of_the_page(tmp_path: Path) -> None:
    """One picture with digits and one without, so that every list holds something."""
    save_written(tmp_path / "digits.png", "17")
    Image.new("L", (99, 99), 255).save(tmp_path / "blank.png")
    document = document_of("read", str(tmp_path))
    assert [len(reading["glyphs"]) for reading in document] == [0, 2]
    assert faults(document, rows_of("inkwise read")) == []


def test_compare_has_the_keys_of_the_page(runs: list[str]) -> None:
    assert faults(document_of("compare", *runs), rows_of("inkwise compare")) == []


def test_export_has_the_keys_of_the_page(tmp_path: Path) -> None:
    document = document_of(
        "export", "reader", str(tmp_path / "digits.onnx"), "--to", "onnx", "--int8", "--data", "digits"
    )
    assert faults(document, rows_of("inkwise export")) == []


def test_sweep_has_the_keys_of_the_page(tmp_path: Path) -> None:
    document = document_of(
        "sweep", "mlp-sequential", "--data", "digits", "--epochs", "2", "--set", "batch_size=32,64",
        "--set", "nesterov=false,true", "--set", "momentum=0.9", "--out", str(tmp_path / "sweep"),
    )  # fmt: skip
    assert faults(document, rows_of("inkwise sweep")) == []


def test_explore_has_the_keys_of_the_page() -> None:
    assert faults(document_of("explore", "digits"), rows_of("inkwise explore")) == []


@pytest.mark.slow
def test_explore_with_everything_has_the_keys_of_the_page(tmp_path: Path) -> None:
    """A set with equal images, near copies and judged labels, so that every list holds something."""
    split = bars(60)
    images = np.concatenate([split.images, split.images[:1], split.images[1:2] ^ 1])
    labels = np.append(split.labels, split.labels[:2])
    np.savez(tmp_path / "bars.npz", images=images, labels=labels)
    document = document_of("explore", str(tmp_path / "bars.npz"), "--audit-labels")
    assert document["duplicates"]["exact_groups"]
    assert document["duplicates"]["near_pairs"]
    assert document["label_audit"]["train"]["suspects"]
    assert faults(document, rows_of("inkwise explore")) == []


def test_data_list_has_the_keys_of_the_page() -> None:
    assert faults(document_of("data", "list"), rows_of("inkwise data list")) == []


def test_lesson_list_has_the_keys_of_the_page() -> None:
    assert faults(document_of("lesson", "list"), rows_of("inkwise lesson list")) == []


def test_recipes_have_the_keys_of_the_page() -> None:
    document = document_of("recipes")
    assert faults(document, rows_of("inkwise recipes")) == []
    quick = document_of("recipes", "quick")
    layers = quick.pop("layers")
    assert quick in document
    assert [set(layer) for layer in layers] == [{"name", "kind", "output_shape", "num_parameters"}] * 13


def test_reproduce_has_the_keys_of_the_page() -> None:
    quick = ["--data", "digits", "--set", "epochs=1"]
    document = document_of("reproduce", "S1", "S3", "--seeds", "2", *quick)
    assert faults(document, rows_of("inkwise reproduce")) == []
    alone = document_of("reproduce", "S3", "--seeds", "1", *quick)
    assert alone["studies"][0]["test_accuracy_std"] is None
    assert faults(alone, rows_of("inkwise reproduce")) == []


@pytest.mark.slow
def test_bench_has_the_keys_of_the_page(mnist_folder: Path) -> None:
    small = ["--images", "600", "--epochs", "1", "--repetitions", "1"]
    assert faults(document_of("bench", "s3", "load", "memory", *small), rows_of("inkwise bench")) == []


def test_bench_of_reading_has_the_keys_of_the_page() -> None:
    result = run_reading_bench(("mnist", "string"), run=nearest_mean(), data="digits", num_pictures=40)
    document = result.model_dump(mode="json")
    assert document["rows"][0]["mistakes"]
    assert faults(document, rows_of("inkwise bench reading")) == []


@pytest.mark.slow
def test_bench_of_recipes_has_the_keys_of_the_page(mnist_folder: Path) -> None:
    small = ["--images", "300", "--epochs", "1", "--repetitions", "1"]
    document = document_of("bench", "recipes", "quick", "fast", "plain", *small)
    assert faults(document, rows_of("inkwise bench recipes")) == []


def test_bench_of_scaling_has_the_keys_of_the_page() -> None:
    """A document that was written by it; it takes a minute to make one."""
    text = (pages.ROOT / "results" / "scaling" / "scaling.json").read_text("utf-8")
    result = ScalingBench.model_validate_json(text)
    assert faults(result.model_dump(mode="json"), rows_of("inkwise bench scaling")) == []


@pytest.mark.slow
def test_bench_of_serving_has_the_keys_of_the_page() -> None:
    result = run_serving_bench(rows=["png-1"], data="digits", repetitions=1, seconds=0.5)
    assert faults(result.model_dump(mode="json"), rows_of("inkwise bench serving")) == []


def test_every_command_with_json_has_its_section() -> None:
    speaking = {
        words
        for words, command in reference.commands().items()
        if any("--json" in getattr(option, "opts", ()) for option in command.params)
    }
    sections = set(re.findall(r"^## (inkwise .*) --json$", PAGE, flags=re.MULTILINE))
    # With documents of their own:
    by_themselves = {
        "inkwise bench reading",
        "inkwise bench recipes",
        "inkwise bench scaling",
        "inkwise bench serving",
    }
    assert sections - by_themselves == speaking


class TestTheCheckItself:
    """A checker that cannot fail checks nothing."""

    def test_key_that_is_not_on_the_page_is_found(self) -> None:
        assert faults({"a": 1, "b": 2}, {"a": "number"}) == ["b is not on the page"]

    def test_key_that_is_only_on_the_page_is_found(self) -> None:
        assert faults({"a": 1}, {"a": "number", "b": "text"}) == ["b is not in the output"]

    def test_key_below_an_empty_list_cannot_be_missed(self) -> None:
        assert faults({"a": []}, {"a[].b": "text"}) == []

    @pytest.mark.parametrize(
        ("value", "kind"),
        [(1.5, "fraction"), (True, "whole number"), (1.0, "whole number"), (None, "text"), ("1", "number")],
    )
    def test_value_of_another_type_is_found(self, value: Any, kind: str) -> None:
        assert faults({"a": value}, {"a": kind}) == [f"a is {value!r}, the page says {kind}"]

    def test_either_of_two_types_is_right(self) -> None:
        assert faults([{"a": None}, {"a": 0.5}], {"[].a": "fraction or null"}) == []
