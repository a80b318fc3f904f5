"""What the pages say of recipes side by side, from results/recipes-bench/ alone (`inkwise bench recipes`)."""

from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
NOT_MEASURED = "Not measured yet: `inkwise bench recipes --out results/recipes-bench`."
PICTURES = {
    "recipes-stages": "Where each recipe's time goes, by stage, as shares of the whole",
    "recipes-time": "Accuracy against seconds from files to evaluated, both on logarithmic axes",
    "recipes-size": "Accuracy against the number of parameters, both on logarithmic axes",
}


def read_recipes_bench(root: Path = ROOT) -> Any:
    """Return the RecipesBench of results/recipes-bench/, or None before the first."""
    from inkwise.experiments.bench.recipes.result import RecipesBench

    path = root / "results" / "recipes-bench" / "recipes.json"
    return RecipesBench.model_validate_json(path.read_text("utf-8")) if path.is_file() else None


def recipes_bench_parts(root: Path = ROOT) -> dict[str, str]:
    """Return the generated parts by the name of their markers."""
    bench = read_recipes_bench(root)
    pictures = [f"![{words}](images/{name}.png)" for name, words in PICTURES.items()]
    return {
        "recipes side by side": NOT_MEASURED if bench is None else side_by_side(bench),
        "recipes side by side pictures": "" if bench is None else "\n\n".join(pictures),
    }


def side_by_side(bench: Any) -> str:
    """Return the three tables as Markdown, with what they mean and what they were measured on."""
    from inkwise.experiments.bench.page import markdown_table
    from inkwise.experiments.bench.recipes.tables import explain, main_rows, size_rows, stage_rows

    about, load = bench.environment, bench.load_average
    machine = (
        f"{about['processor']} ({', '.join(about['processor_features'])}), {about['num_cores']} cores, "
        f"threads: {about['threads']}; torch {about['torch']}; commit {about['commit'] or 'unknown'}; "
        f"{about['started'][:10]}" + ("." if load is None else f"; load average {load:.1f} before it began.")
    )
    tables = [markdown_table(rows) for rows in (main_rows(bench), size_rows(bench), stage_rows(bench))]
    return "\n\n".join([*tables, explain(bench), machine])


def recipes_bench_figures(root: Path = ROOT) -> dict[str, Any]:
    """Return the pictures by name; none before the first bench."""
    from inkwise.experiments.bench.recipes.pictures import recipes_figures

    bench = read_recipes_bench(root)
    return {} if bench is None else dict(recipes_figures(bench))
