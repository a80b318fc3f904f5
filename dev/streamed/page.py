"""The page and pictures of results/streaming, from streaming.json."""

import io
import json
import math
from pathlib import Path
from typing import Any

from dev.streamed.randomness import summarise

from inkwise.data.streaming.shuffle import BUFFER_IMAGES
from inkwise.files import write_atomically

_ROOT = Path(__file__).parents[2]
# Okabe and Ito's, which colour-blind readers can tell apart.
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
_MARKERS = ("o", "s", "^", "D", "v", "P")
_KINDS = {
    "parquet": "parquet, PNG", "raw": "parquet, raw pixels", "tar": "tar, PNG", "idx": "one array (IDX)",
    "memory": "in memory",
}  # fmt: skip
_LIMIT_BYTES = 1.5e9


def write_page(out: Path) -> None:
    """Write streaming.md, buffer.png and memory.png, the pictures into docs/images too."""
    document = json.loads((out / "streaming.json").read_text())
    write_atomically(out / "streaming.md", "\n".join(_lines(document)) + "\n")
    for name, drawn in (("buffer", _draw_buffer(document)), ("memory", _draw_memory(document))):
        write_atomically(out / f"{name}.png", drawn)
        write_atomically(_ROOT / "docs" / "images" / f"streaming-{name}.png", drawn)


def _lines(document: dict[str, Any]) -> list[str]:
    where = (
        f"{document['processor']}, {document['num_cores']} cores, torch {document['torch']}, "
        f"commit {document['commit'] or 'unknown'}; {document['date']}."
    )
    lines = ["# Sets larger than memory", "", f"Measured by `python dev/streaming.py`; {where}"]
    if "note" in document:
        lines += ["", document["note"]]
    if "memory" in document:
        lines += [
            "",
            "## 10 million images",
            "",
            *_memory_table(document["memory"]),
            "",
            "![Memory](memory.png)",
        ]
    if "speed" in document:
        lines += [
            "",
            "## Images a second beside the training in memory",
            "",
            *_speed_table(document["speed"]),
        ]
    if "count" in document:
        lines += ["", "## The shuffle buffer, counted", "", *_count_table(document["count"])]
    if "accuracy" in document:
        lines += ["", "## What a small buffer costs", "", *_accuracy_table(document["accuracy"])]
        lines += ["", "![Randomness and accuracy by the size of the buffer](buffer.png)"]
    return lines


def _memory_table(memory: dict[str, Any]) -> list[str]:
    rows = []
    for name, found in memory.items():
        kind, recipe = name.split()
        stages = {one["stage"]: one for one in found["stages"]}
        start, first, last = stages["imported"], stages["first batch"], found["stages"][-1]
        seen = [one for one in found["stages"] if "images" in one and one["stage"] != "loaded"]
        rows.append(
            [
                _KINDS[kind],
                "read only" if recipe == "none" else f"`{recipe}`",
                f"{stages['loaded']['images']:,}",
                f"{max(one['images'] for one in seen):,}" if seen else "-",
                f"{first['seconds'] - start['seconds']:.1f}",
                f"{first['cpu_seconds'] - start['cpu_seconds']:.1f}",
                f"{first['seconds']:.1f}",
                f"{last['seconds']:.0f}",
                *(_megabytes(max(one[key] for one in found["memory"])) for key in ("resident", "anonymous")),
            ]
        )
    head = ["stored as", "trained", "images", "handed out", "first batch, s", "its CPU s", "from start, s",
            "watched, s",
            "resident, at most", "of it its own"]  # fmt: skip
    return [
        *_table([head, *rows]),
        "",
        "*First batch*: from reading the first file until the first batch is there; *from the start* counts "
        "Python's imports too. *Resident* is Rss of `/proc/PID/smaps_rollup`, libraries and mapped files "
        "counted; *its own* is Anonymous. The processes ran in a memory control group of "
        f"{_LIMIT_BYTES / 1e9:.1f} GB, page cache counted.",
    ]


def _speed_table(rows: list[dict[str, Any]]) -> list[str]:
    cells = [
        [
            f"`{row['recipe']}`", _KINDS[row["kind"]], f"{row['images_per_second']:,.0f}",
            f"{1 / row['seconds_to_memory']:.2f}", f"{row['cpu_seconds_to_memory']:.2f}",
        ]
        for row in rows
    ]  # fmt: skip
    head = ["recipe", "images from", "images/s", "images/s beside memory", "CPU s beside memory"]
    return [
        *_table([head, *cells]),
        "",
        f"Medians over {rows[0]['turns']} turns: in each, two buffers' images (131,072) in memory and as "
        "many from each kind of shards, after as many that are not counted. "
        "200,000 images in shards of 20,000.",
    ]


def _count_table(rows: list[dict[str, Any]]) -> list[str]:
    cells = [
        [
            row["stored"], "none" if row["buffer_images"] is None else f"{row['buffer_images']:,}",
            "-" if row["buffer_images"] is None else f"{row['buffer_images'] * 784 / 1e6:.1f} MB",
            f"{row['entropy'] / row['entropy_of_full_shuffle']:.3f}", f"{row['correlation']:.3f}",
            f"{row['correlation_in_run']:.3f}", f"{row['drift']:.3f}",
        ]
        for row in rows
    ]  # fmt: skip
    head = ["stored as", "buffer, images", "bytes", "entropy of a batch", "place", "place in run", "drift"]
    return [
        *_table([head, *cells]),
        "",
        "1,000,000 images that lie class by class, ten classes, batches of 256. *Entropy*: of the classes in "
        "a batch, as a share of what a full shuffle has. *Place*: correlation of an image's place in the "
        "epoch with its place on the disk; *place in run*: with its place in the stretch that is read front "
        "to back. *Drift*: the largest difference of a class's share in any twentieth of the epoch to its "
        "share in the set. Means of 2 epochs.",
    ]


def _accuracy_table(rows: list[dict[str, Any]]) -> list[str]:
    cells = [
        [
            f"`{row['recipe']}`",
            "in memory" if not row["buffer_images"] else f"{row['buffer_images']:,}",
            f"{row['mean']:.2%}" + (f" ± {row['std']:.2%}" if row["seeds"] > 1 else ""), str(row["seeds"]),
        ]
        for row in summarise(rows)
    ]  # fmt: skip
    return [
        *_table([["recipe", "buffer, images", "validation accuracy", "seeds"], *cells]),
        "",
        "MNIST in ten shards, sorted by class, one epoch; validated on a sixth of the train part.",
    ]


def _table(rows: list[list[str]]) -> list[str]:
    """Return rows of cells as lines of Markdown; the first is the head."""
    return [f"| {' | '.join(row)} |" for row in (rows[0], ["---"] * len(rows[0]), *rows[1:])]


def _megabytes(size: float) -> str:
    return f"{size / 1e6:,.0f} MB"


def _figure(columns: int) -> Any:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    return pyplot.subplots(1, columns, figsize=(4.6 * columns + 0.8, 4.3), dpi=150, layout="constrained")


def _png(figure: Any) -> bytes:
    from matplotlib import pyplot

    file = io.BytesIO()
    figure.savefig(file, format="png")
    pyplot.close(figure)
    return file.getvalue()


def _draw_buffer(document: dict[str, Any]) -> bytes:
    figure, (left, right) = _figure(2)
    counted = document.get("count", [])
    for number, stored in enumerate(dict.fromkeys(row["stored"] for row in counted)):
        rows = [row for row in counted if row["stored"] == stored and row["buffer_images"]]
        left.plot(
            [row["buffer_images"] for row in rows],
            [row["entropy"] / row["entropy_of_full_shuffle"] for row in rows],
            marker=_MARKERS[number], color=_COLOURS[number], label=stored,
        )  # fmt: skip
    left.set(
        title="How mixed a batch is, set sorted by class", ylabel="entropy of its classes, 1 = full shuffle"
    )
    _draw_accuracy(right, summarise(document.get("accuracy", [])))
    for axes, place in ((left, 0.42), (right, 0.5)):
        axes.set_xscale("log", base=2)
        axes.set_xlabel("images in the buffer")
        axes.axvline(BUFFER_IMAGES, color="0.5", linestyle=":", linewidth=1)
        axes.annotate("default", (BUFFER_IMAGES, place), xycoords=("data", "axes fraction"), rotation=90,
                      ha="right", va="center", fontsize=8, color="0.35")  # fmt: skip
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8, loc="upper left", bbox_to_anchor=(0, -0.15), ncols=2, frameon=False)
    return _png(figure)


def _draw_accuracy(axes: Any, rows: list[dict[str, Any]]) -> None:
    most_seeds = max((row["seeds"] for row in rows), default=1)
    for number, recipe in enumerate(dict.fromkeys(row["recipe"] for row in rows)):
        own = [row for row in rows if row["recipe"] == recipe and row["buffer_images"]]
        colour = _COLOURS[number]
        axes.errorbar(
            [row["buffer_images"] for row in own], [100 * row["mean"] for row in own],
            [100 * row["std"] for row in own] if most_seeds > 1 else None,
            marker=_MARKERS[number], color=colour, capsize=3, label=recipe,
        )  # fmt: skip
        held = next(
            (row["mean"] for row in rows if row["recipe"] == recipe and not row["buffer_images"]), None
        )
        if held is not None:
            axes.axhline(100 * held, color=colour, linestyle="--", linewidth=1)
    axes.set(
        title=f"Its cost: sorted MNIST, one epoch, {_say_seeds(most_seeds)}",
        ylabel="validation accuracy, %\n(dashed: in memory)",
    )


def _say_seeds(count: int) -> str:
    return "one seed" if count == 1 else f"{count} seeds"


def _draw_memory(document: dict[str, Any]) -> bytes:
    memory = document.get("memory", {})
    kinds = list(dict.fromkeys(name.split()[0] for name in memory))
    figure, panels = _figure(len(kinds))
    for kind, axes in zip(kinds, panels, strict=True):
        of = {name.split()[1]: one["memory"] for name, one in memory.items() if name.split()[0] == kind}
        for number, (recipe, found) in enumerate(of.items()):
            words = "read only, one epoch" if recipe == "none" else f"trained: {recipe}"
            _draw_process(axes, found, number=number, words=words)
        axes.axhline(_LIMIT_BYTES / 1e6, color="0.4", linestyle="--", linewidth=1)
        axes.annotate("1.5 GB", (1, _LIMIT_BYTES / 1e6), xycoords=("axes fraction", "data"), xytext=(-4, 2),
                      textcoords="offset points", ha="right", fontsize=8, color="0.35")  # fmt: skip
        axes.set(
            title=_KINDS[kind], xlabel="seconds since the start of the process", ylim=(0, 1700),
            ylabel="MB (dotted: the process's own, anonymous)",
        )  # fmt: skip
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8, loc="upper left", bbox_to_anchor=(-0.1, -0.13), ncols=3, frameon=False,
                    columnspacing=1)  # fmt: skip
    figure.suptitle("Memory while 10 million images are read or trained on")
    return _png(figure)


def _draw_process(axes: Any, found: list[dict[str, float]], *, number: int, words: str) -> None:
    """Draw the memory of one process: resident solid and marked, its own dotted."""
    seconds, colour = [one["seconds"] for one in found], _COLOURS[number]
    resident, own = ([one.get(key, math.nan) / 1e6 for one in found] for key in ("resident", "anonymous"))
    axes.plot(
        seconds, resident, color=colour, label=words, linewidth=1.2, marker=_MARKERS[number], markersize=5,
        markevery=0.1,
    )  # fmt: skip
    axes.plot(seconds, own, ":", color=colour, linewidth=1.2)
