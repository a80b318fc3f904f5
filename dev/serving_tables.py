"""What the pages say of serving, from results/serving-benchmark/ alone (`inkwise bench serving --out`)."""

from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
NOT_MEASURED = "Not measured yet: `make results`."


def read_serving(root: Path = ROOT) -> Any:
    """Return the ServingBench of results/serving-benchmark/, or None before the first."""
    from inkwise.experiments.bench.serving.result import ServingBench

    path = root / "results" / "serving-benchmark" / "serving.json"
    return ServingBench.model_validate_json(path.read_text("utf-8")) if path.is_file() else None


def serving_parts(root: Path = ROOT) -> dict[str, str]:
    """Return the generated parts by the name of their markers."""
    bench = read_serving(root)
    tellers = {"serving table": serving_table, "serving in words": serving_in_words}
    return {name: NOT_MEASURED if bench is None else tell(bench) for name, tell in tellers.items()}


def serving_table(bench: Any) -> str:
    """Return every row as Markdown, with what it means and what it was measured on."""
    from inkwise.experiments.bench.serving.result import TABLE_HEAD

    lines = [TABLE_HEAD, ("---", *("---:",) * (len(TABLE_HEAD) - 1)), *bench.to_rows()]
    table = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    about = bench.environment
    features = ", ".join(about["processor_features"])
    load = "" if bench.load_average is None else f"; load average {bench.load_average:.1f} before it began"
    return (
        f"{table}\n\n{bench.explanation()}\n\n"
        f"{about['processor']} ({features}), {about['num_cores']} cores; torch {about['torch']}; "
        f"commit {about['commit'] or 'unknown'}; {about['started'][:10]}{load}."
    )


def serving_in_words(bench: Any) -> str:
    """Return the rows that matter most in one sentence, for the README."""
    rows = {row.name: row for row in bench.rows}
    one, many, slowest, start = (rows[name] for name in ("png-8", "many-binary", "p99", "start"))
    return (
        f"Beside the usual FastAPI and PyTorch handler, same network, same client, one run: "
        f"{one.ratio:.1f} times the requests a second ({one.inkwise.value:,.0f}, a PNG each), "
        f"{many.inkwise.value:,.0f} images a second with many a request, 99 of 100 answers within "
        f"{slowest.inkwise.value:.1f} ms at 200 requests a second, and the first answer "
        f"{start.inkwise.value:.1f} s after the start."
    )
