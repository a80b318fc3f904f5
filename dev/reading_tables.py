"""What the pages say of reading handwriting, from the files in results/ alone.

dev/results.py puts it between their markers. results/handwriting/ is written by dev/handwriting.py and
results/corrections/ by dev/corrections.py, both from a folder of real pictures, and
results/reading-benchmark/ by `inkwise bench reading --out`.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

ROOT = Path(__file__).parents[1]
NOT_MEASURED = "Not measured yet: `python dev/handwriting.py FOLDER --runs DIR`."
NOT_LEARNED = "Not measured yet: `python dev/corrections.py FOLDER --runs DIR`."
NOT_BENCHED = "Not measured yet: `make results`."
README_ROWS = ("black-on-white", "corner", "thin-pen", "photo", "ruled", "shadow", "string-touching")
STEPS_PICTURE = (
    "![Pictures read right, a bar a step, from plain resizing at the top to the reader]"
    "(../images/handwriting-ladder.png)"
)


def read_document(name: str, root: Path = ROOT) -> Any:
    """Return results/NAME/NAME.json, or None before the first."""
    path = root / "results" / name / f"{name}.json"
    return json.loads(path.read_text("utf-8")) if path.is_file() else None


def read_benchmark(root: Path = ROOT) -> Any:
    """Return the ReadingBench of results/reading-benchmark/, or None before the first."""
    from inkwise.experiments.bench.reading_result import ReadingBench

    path = root / "results" / "reading-benchmark" / "reading.json"
    return ReadingBench.model_validate_json(path.read_text("utf-8")) if path.is_file() else None


def reading_parts(root: Path = ROOT) -> dict[str, str]:
    """Return the generated parts by the name of their markers."""
    handwriting, learned = read_document("handwriting", root), read_document("corrections", root)
    benchmark = read_benchmark(root)
    tellers = {
        "handwriting steps": steps_table,
        "handwriting in words": handwriting_in_words,
        "handwriting media": media_table,
        "handwriting pages": pages_in_words,
        "handwriting mistakes": mistakes_in_words,
    }
    return {
        **{name: _told(handwriting, tell, missing=NOT_MEASURED) for name, tell in tellers.items()},
        "handwriting steps picture": "" if handwriting is None else STEPS_PICTURE,
        "learning a hand": _told(learned, corrections_table, missing=NOT_LEARNED),
        "learning an odd hand": _told(learned, odd_hands_table, missing=NOT_LEARNED),
        "reading table": _told(benchmark, benchmark_table, missing=NOT_BENCHED),
        "reading table, short": _told(benchmark, short_benchmark_table, missing=NOT_BENCHED),
    }


def _told(document: Any, tell: Callable[[Any], str], *, missing: str) -> str:
    return missing if document is None else tell(document)


def corrections_table(document: Any) -> str:
    """Return a row a real source whose hand was learned: what is misread and doubtful of its other digits."""
    return (
        f"{_hands(document['rows'])}\n\nBefore -> after learning. Before, the reader is "
        f"{100 * document['mnist_before']:.2f} % right on MNIST's test images. "
        f"{say_machine(document['environment'])}"
    )


def odd_hands_table(document: Any) -> str:
    """Return the same of the writers who do not exist, with what they come to together."""
    rows = document["odd"]
    total = sum(row["num_others"] for row in rows)
    before, after = (100 * sum(row[when]["misread"] for row in rows) / total for when in ("before", "after"))
    least = 100 * min(row["mnist_accuracy"] for row in rows)
    return (
        f"{_hands(rows)}\n\nTogether {before:.1f} % misread before, {after:.1f} % after; on MNIST's test "
        f"images at least {least:.2f} %, where it was {100 * document['mnist_before']:.2f} %. "
        f"{say_machine(document['environment'])}"
    )


def _hands(rows: Sequence[dict[str, Any]]) -> str:
    head = ("hand", "corrected", "other digits", "misread", "doubtful", "mean loss", "MNIST test")
    body = [_hand_row(number, row) for number, row in enumerate(rows, start=1)]
    return markdown_table([head, ("---", *("---:",) * 6), *body])


def _hand_row(number: int, row: dict[str, Any]) -> tuple[str, ...]:
    before, after = row["before"], row["after"]
    counts = (f"{before[key]} -> {after[key]}" for key in ("misread", "doubtful"))
    loss, accuracy = f"{before['loss']:.3f} -> {after['loss']:.3f}", f"{100 * row['mnist_accuracy']:.2f} %"
    return (str(number), str(row["num_corrected"]), str(row["num_others"]), *counts, loss, accuracy)


def steps_table(document: Any) -> str:
    """Return a row a step: what the network is given, the share read right, its standard deviation."""
    rows = [("what the network is given", "read right", "trainings"), ("---", "---:", "---:")]
    for step in document["steps"]:
        shares = step["shares"]
        spread = f" ± {100 * stdev(shares):.1f}" if len(shares) > 1 else ""
        rows.append((step["step"], f"{100 * fmean(shares):.1f}{spread} %", str(len(shares))))
    return f"{markdown_table(rows)}\n\n{say_machine(document['environment'])}"


def handwriting_in_words(document: Any) -> str:
    """Return what is read right of the real pictures of one digit, and how the first step fares."""
    singles, first = document["singles"], document["steps"][0]
    return (
        f"Of {singles['num_pictures']} real digits that strangers photographed, scanned or drew, "
        f"`inkwise read` gets {100 * singles['share_right']:.1f} % right, and is sure of "
        f"{100 * singles['share_accepted']:.1f} %: of these {singles['num_accepted_wrong']} of "
        f"{singles['num_accepted']} are wrong. A network that is 99 % right on MNIST, given the same "
        f"pictures {first['step']}, gets {100 * fmean(first['shares']):.1f} %."
    )


def media_table(document: Any) -> str:
    """Return a row a kind of picture, with how even the sources are below."""
    singles = document["singles"]
    rows = [("kind of picture", "pictures", "read right"), ("---", "---:", "---:")]
    for name, (share, count) in singles["by_medium"].items():
        rows.append((name, str(count), f"{100 * share:.1f} %"))
    return (
        f"{markdown_table(rows)}\n\nThe mean over {len(singles['by_source'])} sources is "
        f"{100 * singles['mean_over_sources']:.1f} %; with any one of them left out, all pictures together "
        f"come to {100 * singles['least_without_one_source']:.1f} to "
        f"{100 * singles['most_without_one_source']:.1f} %. {say_machine(document['environment'])}"
    )


def pages_in_words(document: Any) -> str:
    """Return how pictures of several digits are read."""
    pages = document["pages"]
    return (
        f"Of {pages['num_pictures']} real pictures of several digits {pages['num_exact']} are read without a "
        f"mistake; {100 * pages['share_of_digits']:.1f} % of their digits are right by edit distance."
    )


def mistakes_in_words(document: Any) -> str:
    """Return every kind of mistake with how often it was made."""
    confusions = document["singles"]["confusions"]
    return "; ".join(f"{name}: {count}" for name, count in confusions.items()) or "None."


def benchmark_table(benchmark: Any) -> str:
    """Return the table of `inkwise bench reading`, with what it was measured on."""
    from inkwise.experiments.bench.reading_result import TABLE_HEAD

    head = [TABLE_HEAD, ("---", *("---:",) * (len(TABLE_HEAD) - 1))]
    table = markdown_table([*head, *benchmark.to_rows()])
    return f"{table}\n\n{benchmark.explanation()} {say_machine(benchmark.environment)}"


def short_benchmark_table(benchmark: Any) -> str:
    """Return README_ROWS of it, and fewer columns."""
    chosen = [row for row in benchmark.rows if row.name in README_ROWS]
    body = [
        (
            row.title + (", digit by digit" if row.num_digits > row.num_pictures else ""),
            str(row.num_pictures), _percent(row.naive), _percent(row.right),
        )
        for row in chosen
    ]  # fmt: skip
    head = ("on paper", "pictures", "resized to 28x28", "`inkwise read`")
    return markdown_table([head, ("---", "---:", "---:", "---:"), *body])


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f} %"


def markdown_table(rows: Sequence[Sequence[str]]) -> str:
    """Return rows of cells as Markdown; the second row is the one of dashes."""
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def say_machine(about: dict[str, Any]) -> str:
    """Return where and when something was measured, from what describe_environment gave."""
    commit = about["commit"]
    short = "unknown" if commit is None else commit[:10] + "+" * commit.endswith("+")
    return f"{about['processor']}, {about['num_cores']} cores; commit {short}; {about['started'][:10]}."


def steps_figure(root: Path) -> Any:
    """Return the picture of the measured steps, or None without results."""
    from inkwise.figures.handwriting.steps import StepShares, render_steps

    document = read_document("handwriting", root)
    if document is None:
        return None
    return render_steps([StepShares(step["step"], step["shares"]) for step in document["steps"]])
