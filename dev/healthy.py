"""Train the built-in recipes to their ends and ask the doctor: `python dev/healthy.py [RECIPE...]`.

On scikit-learn's digits, a run after another; each is to end without a finding. Writes
results/doctor/healthy.json and .md after every training; those already there, of the same recipe, are kept.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
AS_PUBLISHED_WRONG = "mlp-wide-relu-output"
FEW_WRITTEN = 60  # sixty thousand written images take minutes and show nothing more


def healthy_recipes() -> list[Any]:
    """Return every built-in recipe that is right and begins with no weights of another training."""
    from inkwise.recipes.load import list_recipes

    # A recipe that begins with weights trained on digits shows nothing of its health on other images.
    recipes = [one for one in list_recipes() if one.name != AS_PUBLISHED_WRONG and not one.network.start]
    return [
        one.with_settings({"written_images": FEW_WRITTEN}) if one.data.written_images else one
        for one in recipes
    ]


def examine(recipe: Any, *, out: Path) -> dict[str, Any]:
    """Train a recipe to its end on digits and return its row, as JSON values."""
    import torch

    from inkwise.data.load import load_dataset
    from inkwise.experiments.studies import recipe_digest
    from inkwise.experiments.train import train
    from inkwise.inspection.doctor import examine_run
    from inkwise.runs.environment import describe_environment

    dataset = load_dataset("digits")
    run = train(recipe, data=dataset, out=out, report=False)
    return {
        "recipe": recipe.name,
        "recipe_digest": recipe_digest(recipe),
        "epochs": len(run.history),
        "test_accuracy": run.evaluation["accuracy"],
        "findings": [str(finding) for finding in examine_run(run, dataset)],
        "environment": describe_environment(torch.device("cpu")),
    }


def to_markdown(rows: list[dict[str, Any]]) -> str:
    """Return the rows as Markdown, with what they were measured on."""
    lines = [
        "# The doctor on healthy trainings",
        "",
        "Built-in recipes trained to their ends on scikit-learn's digits, by `python dev/healthy.py`.",
        "",
        "| recipe | epochs | test accuracy | findings |",
        "|---|---:|---:|---|",
    ]
    lines += [
        f"| `{row['recipe']}` | {row['epochs']} | {row['test_accuracy']:.2%} "
        f"| {'; '.join(row['findings']) or 'none'} |"
        for row in rows
    ]
    about = sorted(
        f"{row['environment']['processor']}, torch {row['environment']['torch']}, commit "
        f"{row['environment']['commit']}, {row['environment']['started'][:10]}"
        for row in rows
    )
    return "\n".join([*lines, "", "; ".join(dict.fromkeys(about)) + ".", ""])


def measure(recipes: list[Any], *, folder: Path) -> list[dict[str, Any]]:
    """Examine those recipes of which folder has no row yet, and return the rows of all that it has then."""
    from inkwise.experiments.studies import recipe_digest
    from inkwise.files import write_atomically

    path = folder / "healthy.json"
    rows = {row["recipe"]: row for row in json.loads(path.read_text("utf-8"))} if path.is_file() else {}
    for recipe in recipes:
        if rows.get(recipe.name, {}).get("recipe_digest") == recipe_digest(recipe):
            continue
        with tempfile.TemporaryDirectory(prefix="inkwise-healthy-") as runs:
            rows[recipe.name] = examine(recipe, out=Path(runs) / "run")
        print(
            f"{recipe.name}: {'; '.join(rows[recipe.name]['findings']) or 'nothing found'}", file=sys.stderr
        )
        made = sorted(rows.values(), key=lambda row: str(row["recipe"]))
        write_atomically(path, json.dumps(made, indent=2) + "\n")
        write_atomically(folder / "healthy.md", to_markdown(made))
    return list(rows.values())


def main() -> int:
    """Measure the named recipes, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recipes", nargs="*", help="without one all")
    parser.add_argument("--out", type=Path, default=ROOT / "results" / "doctor")
    arguments = parser.parse_args()
    wanted = [one for one in healthy_recipes() if one.name in arguments.recipes or not arguments.recipes]
    measure(wanted, folder=arguments.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
