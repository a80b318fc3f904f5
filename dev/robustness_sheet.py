"""Keep the robustness sheet of a recipe: `python dev/robustness_sheet.py standard [--run RUN]`.

Writes results/robustness/NAME.json and .png: accuracy and calibration of one training, seed 0 unless --run
names another, on the test part changed in every way that `inkwise evaluate --robustness` knows, on all of
it. Without --run the recipe is trained first.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from dev.reading_tables import markdown_table

ROOT = Path(__file__).parents[1]
NOT_MEASURED = "Not measured yet: `python dev/robustness_sheet.py standard`."
_ABOUT = ("processor", "processor_features", "num_cores", "torch", "precision", "commit")
_SEVERITIES = 5


def measure(recipe: str, run_path: Path | None, *, num_images: int, attacks: bool) -> dict[str, Any]:
    """Return the document: the sheet of one run, and what it was measured on.

    Raises:
        SystemExit: the run is of another recipe.
    """
    from inkwise.experiments.evaluate import evaluate_robustness
    from inkwise.experiments.train import train
    from inkwise.runs.run import Run

    with tempfile.TemporaryDirectory(prefix="inkwise-robustness-") as folder:
        run = Run.open(run_path) if run_path else train(recipe, seed=0, out=Path(folder, "run"), report=False)
        if not _is_trained_by(run, recipe):
            raise SystemExit(f"{run.path}: was not trained by {recipe} as it is now; give another --run")
        sheet = evaluate_robustness(run, num_images=num_images, attacks=attacks)
        environment, evaluation = run.environment, run.evaluation
    return {
        "recipe": recipe, "settings": settings_of(recipe), "seed": run.recipe.training.seed,
        "accuracy": evaluation["accuracy"], **{key: environment[key] for key in _ABOUT},
        "date": environment["started"][:10], "load_average": round(os.getloadavg()[0], 2),
        "sheet": sheet.model_dump(),
    }  # fmt: skip


def settings_of(recipe: str) -> dict[str, Any]:
    """Return what a recipe's file says of a training; a setting that it leaves out is not among them."""
    from inkwise.recipes.load import load_recipe

    sections = {"data", "preprocessing", "augmentation", "network", "training"}
    return load_recipe(recipe).model_dump(mode="json", include=sections, exclude_unset=True)


def _is_trained_by(run: Any, recipe: str) -> bool:
    from inkwise.recipes.load import load_recipe

    wanted = load_recipe(recipe).with_settings({"seed": run.recipe.training.seed})
    return all(
        getattr(run.recipe, section) == getattr(wanted, section)
        for section in ("data", "preprocessing", "augmentation", "network", "training")
    )


def write(document: dict[str, Any], folder: Path) -> list[Path]:
    """Write the document and its picture, and return their paths."""
    from inkwise.figures.encode import to_png
    from inkwise.files import write_atomically

    paths = [folder / f"{document['recipe']}{suffix}" for suffix in (".json", ".png")]
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(paths[0], json.dumps(document, indent=2) + "\n")
    write_atomically(paths[1], to_png(robustness_figure(document)))
    return paths


def robustness_figure(document: dict[str, Any]) -> Any:
    """Return the picture of a document's sheet."""
    from inkwise.evaluation.robustness.sheet import Robustness
    from inkwise.figures.robustness import draw_robustness

    return draw_robustness(Robustness.model_validate(document["sheet"]))


def read_documents(root: Path = ROOT) -> list[dict[str, Any]]:
    """Return what is kept, by the names of the recipes."""
    paths = sorted((root / "results" / "robustness").glob("*.json"))
    return [json.loads(path.read_text("utf-8")) for path in paths]


def robustness_parts(root: Path = ROOT) -> dict[str, str]:
    """Return the generated part of docs/results.md by the name of its markers."""
    sheets = [f"{robustness_table(one)}\n\n{_picture(one)}" for one in read_documents(root)]
    return {"robustness": "\n\n".join(sheets) or NOT_MEASURED}


def robustness_figures(root: Path = ROOT) -> dict[str, Any]:
    """Return the pictures of the sheets that are kept, by name."""
    return {f"robustness-{one['recipe']}": robustness_figure(one) for one in read_documents(root)}


def _picture(document: dict[str, Any]) -> str:
    name = document["recipe"]
    return f"![Accuracy of {name} under every change, the darker the worse](images/robustness-{name}.png)"


def robustness_table(document: dict[str, Any]) -> str:
    """Return a sheet as Markdown, with what it was measured on."""
    head = ("changed by", "mild", "", "", "", "severe", "of", "calibration error")
    rows = [head, ("---", *("---:",) * _SEVERITIES, "---", "---:"), *map(_row, document["sheet"]["rows"])]
    return "\n\n".join([_opening(document), markdown_table(rows), _closing(document)])


def _opening(document: dict[str, Any]) -> str:
    sheet = document["sheet"]
    return (
        f"`{document['recipe']}`, seed {document['seed']}: accuracy on {sheet['num_images']:,} "
        f"{sheet['split']} images of {sheet['dataset']}, each changed; unchanged "
        f"{100 * sheet['clean']:.2f} %. ° is the severity that MNIST-C has."
    )


def _row(row: dict[str, Any]) -> tuple[str, ...]:
    cells = [
        f"{100 * cell['accuracy']:.1f} %" + (" °" if cell["severity"] == row["mnist_c"] else "")
        for cell in row["cells"]
    ]
    first, last = row["cells"][0], row["cells"][-1]
    is_alone = len(cells) == 1
    amounts = row["unit"] if is_alone else f"{first['amount']} to {last['amount']} {row['unit']}"
    errors = [f"{cell['expected_calibration_error']:.3f}" for cell in (first, last)]
    calibration = errors[0] if is_alone else " to ".join(errors)
    return (row["kind"], *cells, *[""] * (_SEVERITIES - len(cells)), amounts, calibration)


def _closing(document: dict[str, Any]) -> str:
    sheet = document["sheet"]
    sentences = [f"MNIST-C, the mean of its 15 kinds: {100 * sheet['mnist_c_accuracy']:.1f} %."]
    if sheet["outlier_auroc"] is not None:
        sentences.append(
            f"Told from {sheet['outliers']} by its largest probability: AUROC {sheet['outlier_auroc']:.3f} "
            "(0.5 is chance, 1 is perfect)."
        )
    if sheet["fgsm_accuracy"] is not None:
        sentences.append(
            f"Under attack, each pixel by up to 0.3 of its range: FGSM {100 * sheet['fgsm_accuracy']:.1f} %, "
            f"PGD {100 * sheet['pgd_accuracy']:.1f} %."
        )
    about = (
        f"Trained on {document['processor']} ({', '.join(document['processor_features'])}), "
        f"{document['precision']}; torch {document['torch']}; commit {document['commit'] or 'unknown'}; "
        f"{document['date']}."
    )
    return " ".join([*sentences, about])


def main() -> int:
    """Keep the sheet of one recipe."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recipe", help="a built-in recipe")
    parser.add_argument("--run", type=Path, help="a run trained by it; without it one is trained now")
    parser.add_argument("--images", type=int, default=10_000, help="test images for each kind and severity")
    parser.add_argument("--attacks", action="store_true", help="also under FGSM and PGD")
    parser.add_argument("--out", type=Path, default=ROOT / "results" / "robustness")
    chosen = parser.parse_args()
    document = measure(chosen.recipe, chosen.run, num_images=chosen.images, attacks=chosen.attacks)
    for path in write(document, chosen.out):
        print(path)
    print(robustness_table(document))
    return 0


if __name__ == "__main__":
    sys.exit(main())
