"""Put results/ into the pages: `python dev/results.py [--check]`, the last line of `make results`.

Numbers come from results/ alone: reproduce/ (`inkwise reproduce --out`), bench/ (`inkwise bench --out`), and
what the modules beside this one say theirs are made of. They go between `<!-- begin NAME -->` and
`<!-- end NAME -->` of PAGES, and into pictures. With --check nothing is written, and a page that says
something else is an error.
"""

import argparse
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from dev.bench_tables import recipes_bench_figures, recipes_bench_parts
from dev.frameworks import frameworks_table
from dev.reading_tables import markdown_table, reading_parts, steps_figure
from dev.recipes import recipes_sentence, recipes_table
from dev.robustness_sheet import robustness_figures, robustness_parts
from dev.serving_tables import serving_parts
from dev.sweeps import sweeps_figures, sweeps_parts

ROOT = Path(__file__).parents[1]
PAGES = (
    "README.md",
    "docs/results.md",
    "docs/explanation/handwriting.md",
    "docs/how-to/teach-it-your-hand.md",
)
NOT_MEASURED = "Not measured yet: `make results`."
ACCURACY_PICTURE = (
    "![Test error of every seed of every study, a dot each, beside the published error](images/studies.png)"
)
SPEED_PICTURE = (
    "![How many times as fast as each tutorial's program: the medians, least and most](images/speed.png)"
)
_ID_NAMES = {"S2-TF": "S2-TF, no dropout", "S4-relu-output-8": "S4-relu-output, 8 epochs"}


def read_reproduction(root: Path = ROOT) -> Any:
    """Return the Reproduction of results/reproduce/, or None before the first."""
    from inkwise.evaluation.reproduction import Reproduction

    path = root / "results" / "reproduce" / "reproduce.json"
    return Reproduction.model_validate_json(path.read_text("utf-8")) if path.is_file() else None


def read_bench(root: Path = ROOT) -> Any:
    """Return the BenchResult of results/bench/, or None before the first."""
    from inkwise.experiments.bench.result import BenchResult

    path = root / "results" / "bench" / "bench.json"
    return BenchResult.model_validate_json(path.read_text("utf-8")) if path.is_file() else None


def accuracy_table(reproduction: Any) -> str:
    """Return published beside measured as Markdown, a row a study, with what it was measured on."""
    if reproduction is None:
        return NOT_MEASURED
    rows = [
        ("study", "recipe", "published", "measured, mean ± std", "seeds", "seconds a training"),
        ("---", "---", "---:", "---:", "---:", "---:"),
        *map(_study_row, reproduction.studies),
    ]
    about = reproduction.environment
    commits = sorted({commit for row in reproduction.studies for commit in row.commits})
    return (
        f"{markdown_table(rows)}\n\n"
        f"{_machine(about['processor'], about['num_cores'], about['threads'])}; "
        f"torch {about['torch']}; commit {', '.join(commits) or 'unknown'}; {about['started'][:10]}."
    )


def _study_row(row: Any) -> tuple[str, ...]:
    published, spread = row.published_test_accuracy, row.test_accuracy_std
    missed = (
        ""
        if row.is_as_expected is not False
        else f", not {100 * row.expected[0]:.1f} to {100 * row.expected[1]:.1f} %"
    )
    return (
        _ID_NAMES.get(row.study, row.study),
        f"`{row.recipe}`",
        "-" if published is None else f"{100 * published:.2f} %",
        f"{100 * row.test_accuracy:.2f}" + (" %" if spread is None else f" ± {100 * spread:.2f} %") + missed,
        str(row.num_seeds),
        f"{row.seconds_per_seed:.0f}",
    )


def lost_classes(reproduction: Any) -> str:
    """Return in words what share of the seeds ended with classes that are never predicted."""
    if reproduction is None:
        return NOT_MEASURED
    lines = [
        f"- {row.study}: {round(row.share_with_lost_classes * row.num_seeds)} of {row.num_seeds} seeds"
        for row in reproduction.studies
        if row.share_with_lost_classes or "relu-output" in row.study
    ]
    return "\n".join(lines) or "None of the seeds."


def bench_table(bench: Any) -> str:
    """Return the speed table as Markdown, with what it was measured on."""
    if bench is None:
        return NOT_MEASURED
    from inkwise.experiments.bench.result import TABLE_HEAD

    rows = [TABLE_HEAD, ("---",) * len(TABLE_HEAD), *bench.to_rows()]
    about = bench.conditions
    load = (
        "" if about.load_average is None else f"; load average {about.load_average:.1f} before the first run"
    )
    return (
        f"{markdown_table(rows)}\n\n"
        f"{_machine(about.cpu, about.num_cores, about.num_threads)}; "
        f"torch {about.torch}; commit {_short(about.commit)}; {about.date[:10]}; "
        f"{about.repetitions} runs a side{load}."
    )


def speed_sentence(bench: Any) -> str:
    """Return the ratios in one sentence, for the README."""
    if bench is None:
        return NOT_MEASURED
    works = {"s3": "the whole of S3", "s2-pt": "S2-PT"}
    ratios = " and ".join(
        f"{works[row.name]} {row.ratio:.1f} times ({row.ratio_min:.1f} to {row.ratio_max:.1f})"
        for row in bench.ratios
    )
    return (
        f"Beside the tutorials' own programs, in turn on one machine, with equal steps, batches and fp32: "
        f"{ratios} as fast."
    )


def _machine(processor: str, num_cores: int, num_threads: int) -> str:
    threads = "1 thread" if num_threads == 1 else f"{num_threads} threads"
    return f"{processor}, {num_cores} cores, {threads}"


def _short(commit: str | None) -> str:
    """Return the commit's first letters, with its "+" where the sources had been changed."""
    return "unknown" if commit is None else commit[:10] + "+" * commit.endswith("+")


def parts(root: Path = ROOT) -> dict[str, str]:
    """Return the generated parts by the name of their markers."""
    reproduction, bench = read_reproduction(root), read_bench(root)
    return {
        "accuracy": accuracy_table(reproduction),
        "accuracy picture": "" if reproduction is None else ACCURACY_PICTURE,
        "lost classes": lost_classes(reproduction),
        "speed": bench_table(bench),
        "speed picture": SPEED_PICTURE if bench is not None and bench.ratios else "",
        "speed in words": speed_sentence(bench),
        "recipes": recipes_table(root),
        "recipes in words": recipes_sentence(root),
        "frameworks": frameworks_table(root),
        **reading_parts(root),
        **serving_parts(root),
        **recipes_bench_parts(root),
        **robustness_parts(root),
        **sweeps_parts(root),
    }


def fill(text: str, generated: dict[str, str]) -> str:
    """Return a page with the parts between its markers written anew.

    Raises:
        KeyError: a marker names a part that there is not.
    """

    def put(match: re.Match[str]) -> str:
        return "\n\n".join(filter(None, (match[1], generated[match[2]], match[4])))

    return re.sub(r"(<!-- begin ([\w, ]+) -->)(.*?)(<!-- end \2 -->)", put, text, flags=re.DOTALL)


def stale_pages(root: Path = ROOT) -> list[str]:
    """Return the pages whose generated parts differ from results/."""
    generated = parts(root)
    texts = {name: (root / name).read_text(encoding="utf-8") for name in PAGES}
    return [name for name, text in texts.items() if fill(text, generated) != text]


def draw(root: Path = ROOT) -> list[Path]:
    """Draw the pictures of docs/results.md that there are numbers for, and return their paths."""
    from inkwise.figures.encode import to_png

    pictures: dict[str, Callable[[Path], Any]] = {
        "studies.png": studies_figure,
        "speed.png": speed_figure,
        "handwriting-ladder.png": steps_figure,
    }
    figures = {name: build(root) for name, build in pictures.items()}
    more = recipes_bench_figures(root) | robustness_figures(root) | sweeps_figures(root)
    written = []
    for name, figure in (figures | {f"{name}.png": figure for name, figure in more.items()}).items():
        if figure is not None:
            path = root / "docs" / "images" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(to_png(figure))
            written.append(path)
    return written


def studies_figure(root: Path) -> Any:
    """Return the picture of every seed beside the published error, or None without results."""
    from inkwise.experiments.reproduce import SeedResult
    from inkwise.figures.experiments.studies import StudyPoints, render_studies

    reproduction = read_reproduction(root)
    if reproduction is None:
        return None
    lines = (root / "results" / "reproduce" / "seeds.jsonl").read_text().splitlines()
    seeds = [SeedResult.model_validate_json(line) for line in lines if line]
    rows = []
    for row in reproduction.studies:
        # Seeds of an earlier form of the recipe may stand there too; their weights are not the study's.
        own = [s for s in seeds if s.study == row.study and s.weights_digest in row.weights_digests]
        published = None if row.published_test_accuracy is None else 1 - row.published_test_accuracy
        errors = [1 - seed.test_accuracy for seed in own]
        rows.append(StudyPoints(_ID_NAMES.get(row.study, row.study), errors, published))
    return render_studies(rows)


def speed_figure(root: Path) -> Any:
    """Return the picture of the bench's ratios, or None without results."""
    from inkwise.figures.experiments.studies import Ratio, render_ratios

    bench = read_bench(root)
    if bench is None or not bench.ratios:
        return None
    keys = ("ratio", "ratio_min", "ratio_max", "target")
    return render_ratios(
        [Ratio(row.name.upper(), *(getattr(row, key) for key in keys)) for row in bench.ratios]
    )


def main() -> int:
    """Fill the pages and draw the pictures, or with --check return 1 if a page is not fresh."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, fail if a page is not fresh")
    if parser.parse_args().check:
        stale = stale_pages()
        print(f"Not as in results/: {', '.join(stale)}; run: make results" if stale else "Results: fresh.")
        return 1 if stale else 0
    generated = parts()
    for name in PAGES:
        page = ROOT / name
        page.write_text(fill(page.read_text(encoding="utf-8"), generated), encoding="utf-8")
    for path in draw():
        print(path.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
