"""README and docs/results.md say what results/ says, and nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest
from dev import results

from inkwise.evaluation.reproduction import Reproduction, SeedResult
from inkwise.experiments.bench.result import BenchResult
from inkwise.experiments.reproduce import summarise


def seed_result(seed: int, accuracy: float, *, study: str = "S3", digest: str = "") -> SeedResult:
    return SeedResult(
        study=study, recipe_digest="r", seed=seed, test_accuracy=accuracy, test_loss=0.1, train_accuracy=0.97,
        epoch_losses=[1.0], num_steps=9375, num_classes_never_predicted=seed % 2,
        weights_digest=digest or f"w{study}{seed}", seconds=6.4, commit="abc1234567",
    )  # fmt: skip


@pytest.fixture
def reproduction() -> Reproduction:
    """Two seeds of 0.95 and 0.97: mean 0.96, standard deviation 0.01 * sqrt(2)."""
    environment = {
        "processor": "A Processor", "num_cores": 2, "threads": 1, "torch": "2.9", "commit": "later",
        "started": "2026-11-21T00:29:44+00:00",
    }  # fmt: skip
    study = summarise("S3", [seed_result(0, 0.95), seed_result(1, 0.97)])
    return Reproduction(environment=environment, studies=[study])


@pytest.fixture
def bench() -> BenchResult:
    side = {
        "median_seconds": 30.0, "seconds": [30.0], "call_seconds": [31.0], "stage_seconds": [{}],
        "accuracy": [0.96], "mean_accuracy": 0.96, "peak_memory_bytes": 500_000_000,
    }  # fmt: skip
    document: dict[str, Any] = {
        "ratios": [
            {
                "name": "s3", "ratio": 10.0, "ratio_min": 9.5, "ratio_max": 10.5, "target": 8.0,
                "is_equally_accurate": True, "is_reached": True, "num_train": 60000, "num_test": 10000,
                "num_steps": 9375, "batch_size": 32, "precision": "float32", "baseline": side,
                "inkwise": {**side, "median_seconds": 3.0},
            }
        ],
        "limits": [],
        "conditions": {
            "date": "2026-11-21T00:00:00+00:00", "commit": "0123456789abcdef+", "inkwise": "0.1.0",
            "python": "3.11", "torch": "2.9", "platform": "Linux", "cpu": "A Processor", "num_cores": 2,
            "num_threads": 2, "load_average": 0.25, "repetitions": 3, "is_reduced": False,
        },
    }  # fmt: skip
    return BenchResult.model_validate(document)


def test_pages_say_what_results_say() -> None:
    assert results.stale_pages() == [], "run: make results, or python dev/results.py"


def test_every_number_of_the_readme_table_stands_in_results() -> None:
    """Read without dev/results.py: each study's row has the mean of its seeds, in percent."""
    path = results.ROOT / "results" / "reproduce" / "reproduce.json"
    if not path.is_file():
        pytest.skip("nothing was measured yet: make results")
    readme = (results.ROOT / "README.md").read_text(encoding="utf-8")
    for study in json.loads(path.read_text())["studies"]:
        rows = [
            line for line in readme.splitlines() if line.startswith("| S") and f"`{study['recipe']}`" in line
        ]
        assert any(f"| {100 * study['test_accuracy']:.2f} " in row for row in rows), study["study"]


def test_accuracy_table_has_mean_spread_seeds_and_machine(reproduction: Reproduction) -> None:
    table = results.accuracy_table(reproduction)
    assert "| S3 | `mlp-logsoftmax` | 95.95 % | 96.00 ± 1.41 % | 2 | 6 |" in table
    assert "A Processor, 2 cores, 1 thread; torch 2.9; commit abc1234567; 2026-11-21." in table


def test_accuracy_table_of_one_seed_has_no_spread() -> None:
    study = summarise("S1", [seed_result(0, 0.925, study="S1")])
    row = results._study_row(study)
    assert row[2:5] == ("-", "92.50 %", "1")


def test_lost_classes_count_seeds(reproduction: Reproduction) -> None:
    """Seed 1 has a class that is never predicted, seed 0 has none."""
    assert results.lost_classes(reproduction) == "- S3: 1 of 2 seeds"


def test_speed_names_ratio_spread_and_load(bench: BenchResult) -> None:
    table = results.bench_table(bench)
    assert "| s3 whole recipe | 30.00 s, 96.00% | 3.00 s, 96.00% | 10.0x (9.5 to 10.5) | 8x | yes |" in table
    assert "commit 0123456789+; 2026-11-21; 3 runs a side; load average 0.2 before the first run." in table
    assert "the whole of S3 10.0 times (9.5 to 10.5) as fast" in results.speed_sentence(bench)


def test_page_without_results_says_so() -> None:
    page = "a\n<!-- begin speed -->\nold 3 s\n<!-- end speed -->\nb\n"
    filled = results.fill(page, {"speed": results.bench_table(None)})
    assert filled == f"a\n<!-- begin speed -->\n\n{results.NOT_MEASURED}\n\n<!-- end speed -->\nb\n"


def test_number_changed_by_hand_is_found(tmp_path: Path, reproduction: Reproduction) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "results" / "reproduce").mkdir(parents=True)
    (tmp_path / "results" / "reproduce" / "reproduce.json").write_text(reproduction.model_dump_json())
    page = results.fill("<!-- begin accuracy -->\n<!-- end accuracy -->\n", results.parts(tmp_path))
    (tmp_path / "docs" / "results.md").write_text(page)
    for other in results.PAGES[2:]:
        (tmp_path / other).parent.mkdir()
        (tmp_path / other).write_text("No numbers.\n")
    (tmp_path / "README.md").write_text(page.replace("96.00", "98.00"))
    assert results.stale_pages(tmp_path) == ["README.md"]


def test_marker_without_a_part_is_refused() -> None:
    with pytest.raises(KeyError, match="nonsense"):
        results.fill("<!-- begin nonsense --><!-- end nonsense -->", {})


def test_pictures_leave_out_seeds_of_an_earlier_recipe(tmp_path: Path, reproduction: Reproduction) -> None:
    folder = tmp_path / "results" / "reproduce"
    folder.mkdir(parents=True)
    (folder / "reproduce.json").write_text(reproduction.model_dump_json())
    seeds = [seed_result(0, 0.95), seed_result(1, 0.97), seed_result(0, 0.5, digest="earlier")]
    (folder / "seeds.jsonl").write_text("".join(seed.model_dump_json() + "\n" for seed in seeds))
    axes = results.studies_figure(tmp_path).axes[0]
    (dots,) = [line for line in axes.lines if line.get_marker() == "o" and len(line.get_xdata())]
    assert list(dots.get_xdata()) == pytest.approx([0.05, 0.03])
    assert [path.name for path in results.draw(tmp_path)] == ["studies.png"]


def test_lesson_says_what_the_studies_came_to() -> None:
    """S4: the fifth lesson's two numbers of many seeds, which its reader cannot wait for."""
    path = results.ROOT / "results" / "reproduce" / "reproduce.json"
    found = {row["study"]: row for row in json.loads(path.read_text("utf-8"))["studies"]}
    loss = (results.ROOT / "docs" / "explanation" / "loss.md").read_text("utf-8")
    assert f"{found['S3']['epoch_losses'][0]:.3f} here"[1:] in loss
    lesson = (results.ROOT / "examples" / "05-deeper-and-wider.py").read_text("utf-8")
    assert f"the mean of five seeds is {100 * found['S4']['test_accuracy']:.2f} %" in lesson
    lost = round(16 * found["S4-relu-output-8"]["share_with_lost_classes"])
    assert f"as published, {lost} ended with classes" in lesson
