"""Measure how surely the doctor sees S4's mistake: `python dev/doctor.py [--runs DIR] [--out DIR]`.

Trains "Network in Pytorch" for 8 epochs on MNIST, as published (ReLU on the output) and corrected, over some
seeds, and examines every run. --runs keeps the trainings; those already there are examined only.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
STUDY = "S4-relu-output-8"
FORMS = {"published": True, "corrected": False}  # whether ReLU follows the output


def measure(dataset: Any, *, runs: Path, num_seeds: int, settings: dict[str, Any] | None = None) -> list[Any]:
    """Return one row a training, as JSON values: form, seed, accuracy, classes lost, findings."""
    from inkwise.experiments.studies import study_recipe
    from inkwise.experiments.train import train
    from inkwise.inspection.doctor import examine_run
    from inkwise.runs.run import Run

    rows = []
    for form, has_relu in FORMS.items():
        recipe = study_recipe(STUDY, {"relu_output": has_relu, **(settings or {})})
        for seed in range(num_seeds):
            run = Run(runs / f"{form}-{seed:02d}")
            if not run.is_finished:
                train(recipe, data=dataset, seed=seed, out=run.path, report=False)
            trained = run.recipe.with_settings({"dataset": recipe.data.dataset})
            expected = recipe.with_settings({"seed": seed})
            if trained != expected:
                raise SystemExit(f"{run.path}: trained by another recipe; name another --runs")
            rows.append({"form": form, "seed": seed, **_examined(run, examine_run(run, dataset))})
            print(f"{form} {seed}: {', '.join(rows[-1]['findings']) or 'nothing found'}", file=sys.stderr)
    return rows


def _examined(run: Any, findings: list[Any]) -> dict[str, Any]:
    return {
        "test_accuracy": run.evaluation["accuracy"],
        "classes_never_predicted": run.evaluation["classes_never_predicted"],
        "findings": [finding.name for finding in findings],
        "evidence": [finding.evidence for finding in findings],
        "commit": run.environment["commit"],
    }


def to_markdown(document: dict[str, Any]) -> str:
    """Return the counts as Markdown, with what they were measured on."""
    lines = [
        "# How surely the doctor sees S4's mistake",
        "",
        f"{document['num_epochs']} epochs of `mlp-wide` on {document['dataset']}, all its train images.",
        "",
        "| form | seeds | flagged `dead-classes` | any finding | seeds that lost classes | test accuracy |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for form in FORMS:
        rows = [row for row in document["rows"] if row["form"] == form]
        flagged = sum("dead-classes" in row["findings"] for row in rows)
        lost = sum(bool(row["classes_never_predicted"]) for row in rows)
        accuracies = [row["test_accuracy"] for row in rows]
        lines.append(
            f"| {form} | {len(rows)} | {flagged} | {sum(bool(row['findings']) for row in rows)} | {lost} "
            f"| {min(accuracies):.2%} to {max(accuracies):.2%} |"
        )
    machine = document["environment"]
    commits = sorted({str(row["commit"]) for row in document["rows"]})
    about = (
        f"{machine['processor']}, {machine['num_cores']} cores, {machine['threads']} threads, torch "
        f"{machine['torch']}; trained at commit {', '.join(commits)}, examined at {machine['commit']}, "
        f"{machine['started'][:10]}."
    )
    return "\n".join([*lines, "", about, ""])


def main() -> int:
    """Measure, and write doctor.json and doctor.md."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=Path, help="a folder to keep the trainings in")
    parser.add_argument("--out", type=Path, default=ROOT / "results" / "doctor")
    parser.add_argument("--seeds", type=int, default=16)
    arguments = parser.parse_args()
    import torch

    from inkwise.data.load import load_dataset
    from inkwise.experiments.studies import study_recipe
    from inkwise.files import write_atomically
    from inkwise.runs.environment import describe_environment

    with tempfile.TemporaryDirectory(prefix="inkwise-doctor-") as folder:
        runs = arguments.runs or Path(folder)
        rows = measure(load_dataset("mnist"), runs=runs, num_seeds=arguments.seeds)
    document = {
        "dataset": "mnist",
        "num_epochs": study_recipe(STUDY).training.epochs,
        "environment": describe_environment(torch.device("cpu")),
        "rows": rows,
    }
    write_atomically(arguments.out / "doctor.json", json.dumps(document, indent=2) + "\n")
    write_atomically(arguments.out / "doctor.md", to_markdown(document))
    return 0


if __name__ == "__main__":
    sys.exit(main())
