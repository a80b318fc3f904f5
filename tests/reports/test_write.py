"""report.html of a real short training: whole, alone, safe, and saying what the run says."""

import base64
import io
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from tests.reports.tags import Tags

from inkwise.data.dataset import Dataset
from inkwise.data.load import load_dataset
from inkwise.evaluation.evaluate import Evaluation, evaluate_outputs
from inkwise.experiments.train import train
from inkwise.inspection.doctor.finding import Finding
from inkwise.reports.write import list_layers, render_report, write_report
from inkwise.runs.run import Run

SIZE_LIMIT = 3_000_000  # bytes; small enough for an e-mail


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A real run of two epochs, still too short to be good."""
    return train(
        "mlp-logsoftmax", data="digits", epochs=2, out=tmp_path_factory.mktemp("runs") / "one", report=False
    )


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return load_dataset("digits")


@pytest.fixture(scope="module")
def log_probabilities(run: Run, dataset: Dataset) -> torch.Tensor:
    return run.classifier.log_probabilities(dataset.test.images)


def _evaluate(log_probabilities: torch.Tensor, dataset: Dataset) -> Evaluation:
    return evaluate_outputs(
        log_probabilities,
        torch.tensor(dataset.test.labels),
        classes=dataset.classes,
        dataset=dataset.name,
        split_name="test",
    )


@pytest.fixture(scope="module")
def page(run: Run, dataset: Dataset, log_probabilities: torch.Tensor) -> str:
    evaluation = _evaluate(log_probabilities, dataset)
    return render_report(run, evaluation=evaluation, dataset=dataset, log_probabilities=log_probabilities)


def test_report_is_written_into_the_run(run: Run, dataset: Dataset, log_probabilities: torch.Tensor) -> None:
    evaluation = _evaluate(log_probabilities, dataset)
    path = write_report(run, evaluation=evaluation, dataset=dataset, log_probabilities=log_probabilities)
    assert path == run.path / "report.html"
    assert path.stat().st_size < SIZE_LIMIT


def test_report_closes_every_tag(page: str) -> None:
    assert Tags(page).open == []


def test_report_asks_for_nothing_and_runs_nothing(page: str) -> None:
    tags = Tags(page)
    assert not {"script", "link", "iframe", "object", "base"} & {tag for tag, _ in tags.found}
    loaded = [attributes.get("src") or "" for _, attributes in tags.found if "src" in attributes]
    assert loaded
    assert all(address.startswith("data:image/png;base64,") for address in loaded)
    assert "default-src 'none'" in page
    assert not re.search(r"@import|url\((?!#)", page)


def test_report_describes_every_picture(page: str) -> None:
    pictures = [attributes for tag, attributes in Tags(page).found if tag in ("img", "svg")]
    shown = len(re.findall(r'class="strip">', page))
    assert len([tag for tag, _ in Tags(page).found if tag == "svg"]) == 7
    assert len(pictures) > 7 + 24 + shown  # seven charts, the worst mistakes, strips of one or more
    assert all(attributes.get("alt") or attributes.get("aria-label") for attributes in pictures)


def test_report_has_no_id_twice(page: str) -> None:
    ids = [attributes["id"] for _, attributes in Tags(page).found if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_report_tells_what_the_run_says(page: str, run: Run) -> None:
    """P1, P2, V1: the numbers on the page are those of the run's own files."""
    plain = page.replace("\N{NO-BREAK SPACE}", " ")
    evaluation = run.evaluation
    right = evaluation["num_images"] - evaluation["num_errors"]
    assert f"{right:,} of {evaluation['num_images']:,} test images were recognised" in plain
    assert f"{100 * evaluation['accuracy']:.2f} %" in plain
    assert f"{run.history[-1].train_loss:.4f}" in plain
    assert run.recipe.summary in plain
    assert "inkwise train one/recipe.toml" in plain
    assert str(run.environment["torch"]) in plain


def test_report_tells_the_batch_size_that_was_trained_with(
    run: Run, dataset, log_probabilities, tmp_path: Path
) -> None:
    """A recipe's batches of 2 become 3 where batch normalisation would get one image by itself."""
    other = Run(Path(shutil.copytree(run.path, tmp_path / "run")))
    other.environment_path.write_text(json.dumps({**run.environment, "batch_size": 3}))
    page = render_report(
        other,
        evaluation=_evaluate(log_probabilities, dataset),
        dataset=dataset,
        log_probabilities=log_probabilities,
    )
    assert "batches of at most 3, optimizer" in page


def test_report_shows_the_worst_mistake_first(page: str, log_probabilities, dataset) -> None:
    """V3: image, label and answer."""
    worst = _evaluate(log_probabilities, dataset).worst_mistakes[0]
    assert f'alt="Image {worst.index}, labelled {worst.label}, answered {worst.predicted}"' in page
    mistakes = page[page.index('id="mistakes"') :]
    assert mistakes.index(f"Image {worst.index},") == mistakes.index('alt="Image ') + len('alt="')


def test_report_shows_the_images_themselves(page: str, log_probabilities, dataset) -> None:
    shown = re.findall(r'src="data:image/png;base64,([^"]+)"', page[page.index('id="mistakes"') :])
    for picture, mistake in zip(shown, _evaluate(log_probabilities, dataset).worst_mistakes, strict=True):
        pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(picture))))
        assert np.array_equal(pixels, dataset.test.images[mistake.index])


def test_report_made_twice_is_the_same(page: str, run: Run, dataset, log_probabilities) -> None:
    evaluation = _evaluate(log_probabilities, dataset)
    again = render_report(run, evaluation=evaluation, dataset=dataset, log_probabilities=log_probabilities)
    assert again == page


def test_report_of_hostile_class_names_stays_text(run: Run, dataset, log_probabilities) -> None:
    classes = ("<script>alert(1)</script>", 'a"b', "$x^$", "あ", *dataset.classes[4:])
    hostile = replace(dataset, name="<b>mine</b>", classes=classes)
    page = render_report(
        run,
        evaluation=_evaluate(log_probabilities, hostile),
        dataset=hostile,
        log_probabilities=log_probabilities,
    )
    tags = {tag for tag, _ in Tags(page).found}
    assert "script" not in tags
    assert "<b>mine" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_report_without_mistakes_says_so(run: Run, dataset: Dataset) -> None:
    perfect = torch.full((len(dataset.test), 10), 0.001).double()
    perfect[torch.arange(len(perfect)), torch.tensor(dataset.test.labels)] = 1 - 0.009
    outputs = perfect.log()
    page = render_report(
        run, evaluation=_evaluate(outputs, dataset), dataset=dataset, log_probabilities=outputs
    )
    assert "None: every test image was recognised." in page
    assert "Nothing was confused." in page
    assert "No threshold brings fewer errors." in page


def test_report_warns_of_classes_never_predicted(run: Run, dataset: Dataset) -> None:
    outputs = torch.tensor([0.91, *[0.01] * 9], dtype=torch.float64).log().expand(len(dataset.test), 10)
    page = render_report(
        run, evaluation=_evaluate(outputs, dataset), dataset=dataset, log_probabilities=outputs
    )
    assert "Never predicted: 1, 2, 3, 4, 5, 6, 7, 8, 9." in page


def test_report_tells_the_findings_as_text(run: Run, dataset: Dataset, log_probabilities) -> None:
    finding = Finding(
        name="dead-classes",
        what="3 of 10 outputs <never> win.",
        evidence="Classes 4, 7 and 9 got no image.",
        why="Their images are all wrong.",
        advice="Take the ReLU off the last layer.",
    )
    page = render_report(
        run,
        evaluation=_evaluate(log_probabilities, dataset),
        dataset=dataset,
        log_probabilities=log_probabilities,
        findings=[finding],
    )
    assert "3 of 10 outputs &lt;never&gt; win. <code>dead-classes</code>" in page
    told = [page.index(text) for text in (finding.evidence, finding.why, finding.advice)]
    assert told == sorted(told)


def test_report_of_a_run_not_examined_has_no_section_of_findings(page: str) -> None:
    assert 'id="findings"' not in page


def test_report_of_a_healthy_run_says_that_nothing_was_found(run: Run, dataset, log_probabilities) -> None:
    page = render_report(
        run,
        evaluation=_evaluate(log_probabilities, dataset),
        dataset=dataset,
        log_probabilities=log_probabilities,
        findings=[],
    )
    assert "None of the classic mistakes" in page


def test_report_lists_every_layer_with_shape_and_parameters(page: str, run: Run) -> None:
    """M7: layer, output shape, parameters, total: 784*128+128, 128*128+128, 128*64+64, 64*64+64, 64*10+10."""
    rows = list_layers(run.classifier.network)
    weighty = [(row.kind, row.output_shape, row.num_parameters) for row in rows if row.num_parameters]
    counts = [100_480, 16_512, 8_256, 4_160, 650]
    assert weighty == [
        ("Linear", str(size), count) for size, count in zip([128, 128, 64, 64, 10], counts, strict=True)
    ]
    assert sum(row.share for row in rows) == pytest.approx(1)
    table = page[page.index('class="layers"') : page.index("</tfoot>")]
    assert table.count("</tr>") == 1 + len(rows) + 1
    assert "<td>130,058</td>" in table


def test_report_of_one_epoch_shows_numbers_instead_of_curves(tmp_path) -> None:
    run = train("mlp-logsoftmax", data="digits", epochs=1, out=tmp_path / "run")
    page = run.report_path.read_text("utf-8")
    assert len([tag for tag, _ in Tags(page).found if tag == "svg"]) == 5
    assert "At the end of the only epoch" in page
    assert f"{run.history[0].train_loss:.4f} nats" in page


def test_report_of_one_error_speaks_of_one(run: Run, dataset: Dataset) -> None:
    sure = torch.full((len(dataset.test), 10), 0.001).double()
    answers = torch.tensor(dataset.test.labels)
    answers[0] = (answers[0] + 1) % 10
    sure[torch.arange(len(sure)), answers] = 1 - 0.009
    page = render_report(
        run, evaluation=_evaluate(sure.log(), dataset), dataset=dataset, log_probabilities=sure.log()
    )
    assert f"error in {len(dataset.test)} images" in page
    assert ": 1 error</h3>" in page


def test_report_of_digits_knows_no_contested_label(page: str) -> None:
    assert 'id="contested"' not in page
