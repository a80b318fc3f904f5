"""What dev/predict_million.py measured, as a page and as a picture."""

import json
from pathlib import Path
from typing import Any

from dev.reading_tables import markdown_table, say_machine

from inkwise.files import write_atomically

_ROOT = Path(__file__).parents[1]
_TITLES = {
    "kills": "## Killed and gone on with",
    "memory": "## Memory",
    "speed": "## Beside one process",
    "blocks": "## By the size of a block",
}


def show(folder: Path) -> None:
    """Write predicting.md beside predicting.json, and memory.png, also into docs/images."""
    document = json.loads((folder / "predicting.json").read_text("utf-8"))
    lines = ["# Predicting on Ray", "", "Measured by `python dev/predict_million.py`."]
    for what, title in _TITLES.items():
        if what in document:
            about = document[what].pop("about")
            lines += ["", title, "", say_machine(about), "", *_LINES[what](document[what])]
    write_atomically(folder / "predicting.md", "\n".join(lines) + "\n")
    if "memory" in document:
        drawn = draw_memory(document["memory"])
        write_atomically(folder / "memory.png", drawn)
        write_atomically(_ROOT / "docs" / "images" / "predicting-memory.png", drawn)


def _kills(found: dict[str, Any]) -> list[str]:
    checked, second = found["checked"], found["second"]
    killed, outlived = "; ".join(found["killed"]), f"{found['outlived_seconds']:.1f} s"
    return [
        f"{found['num_images']:,} images, half in parquet, half in tars; killed by SIGKILL: {killed}. What "
        f"the first driver had started outlived it by {outlived}. The same command, given again, found "
        f"{second['num_blocks_before']} of {second['num_blocks']} blocks and made the others. The difference "
        "is that of a probability to the one that one process says.",
        "",
        *markdown_table(
            [
                ["rows", "lost", "double", "errors", "of another class", "greatest difference"],
                ["---:"] * 6,
                [
                    *(f"{checked[key]:,}" for key in ("rows", "lost", "double", "errors", "other_class")),
                    f"{checked['greatest_difference']:.1e}",
                ],
            ]
        ).splitlines(),
    ]


def _memory(found: dict[str, Any]) -> list[str]:
    rows = []
    for count, one in found.items():
        answers, samples = one["answers"], one["samples"]
        most = {key: max(sample[key] for sample in samples) for key in _CURVES}
        rows.append(
            [f"{int(count):,}", f"{answers['seconds']:.0f}", f"{answers['images_per_second']:,.0f}"]
            + [f"{value / 1e6:,.0f}" for value in most.values()]
        )
    head = ["images", "seconds", "images/s", *(f"{label}, most MB" for label, _, _ in _CURVES.values())]
    table = markdown_table([head, ["---:"] * len(head), *rows]).splitlines()
    said = (
        "Seconds of the table are those of the answering; those of the picture count from when the command "
        "was given, so the starting of Python and of Ray is in them."
    )
    return [
        *table,
        "",
        said,
        "",
        "![Resident memory over the seconds since the command was given](memory.png)",
    ]


def _speed(found: dict[str, Any]) -> list[str]:
    rows = [
        [
            form,
            f"{one['one_process_images_per_second']:,.0f}",
            f"{one['ray_images_per_second']:,.0f}",
            f"{one['ratio']:.2f}",
        ]
        for form, one in found.items()
    ]
    head = ["PNG files in", "one process, two threads, images/s", "Ray, images/s", "ratio"]
    said = (
        "One process is `inkwise predict`: Pillow decodes each picture, PyTorch answers, each answer is an "
        "object of Python. The workers decode by OpenCV, answer by ONNX Runtime and write columns; so they "
        "are more than twice as fast. Of more images the start of Ray is a smaller part."
    )
    return [*markdown_table([head, ["---", "---:", "---:", "---:"], *rows]).splitlines(), "", said]


def _blocks(found: dict[str, Any]) -> list[str]:
    rows = [[f"{int(size):,}", f"{rate:,.0f}"] for size, rate in found.items()]
    return markdown_table([["images a block", "images/s"], ["---:", "---:"], *rows]).splitlines()


_LINES = {"kills": _kills, "memory": _memory, "speed": _speed, "blocks": _blocks}

# A label, a colour of Okabe and Ito's and a line's form, for whoever sees no colours.
_CURVES = {
    "driver_bytes": ("the driver", "#0072B2", "-"),
    "largest_worker_bytes": ("the largest worker", "#D55E00", "--"),
    "all_bytes": ("workers and all of Ray", "#000000", ":"),
}


def draw_memory(found: dict[str, Any]) -> bytes:
    """Return a PNG: memory over the time, a panel for each number of images."""
    from inkwise.figures import style
    from inkwise.figures.encode import to_png

    figure = style.new_figure(width=9, height=3.6)
    most = max(sample["all_bytes"] for one in found.values() for sample in one["samples"])
    for number, (count, one) in enumerate(found.items(), start=1):
        axes = figure.add_subplot(1, len(found), number)
        for key, (label, colour, line) in _CURVES.items():
            samples = [sample for sample in one["samples"] if sample[key]]
            axes.plot(
                [sample["seconds"] for sample in samples],
                [sample[key] / 1e6 for sample in samples],
                line, color=colour, label=label, linewidth=1.8,
            )  # fmt: skip
        axes.set_title(f"{int(count):,} images")
        axes.set_xlabel("seconds since the command was given")
        axes.set_ylim(0, most / 1e6 * 1.08)
        axes.spines[["top", "right"]].set_visible(False)
        if number == 1:
            axes.set_ylabel("resident memory (MB)")
            axes.legend(frameon=False, fontsize=style.FONT_SIZE - 1)
    return to_png(figure)
