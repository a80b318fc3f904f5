"""What dev/faults.py found, as a page and as a picture."""

import io
import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

from dev.reading_tables import markdown_table

_STAGES = {
    "start": "imports", "load": "reading the images", "set up": "reading the images", "train": "steps",
    "calibrate": "calibration, evaluation", "evaluate": "calibration, evaluation",
    "report": "report", "end": "end",
}  # fmt: skip


def to_markdown(document: dict[str, Any]) -> str:
    """Return the page of tables."""
    blows, writes = document["blows"], document["every_write"]
    environment = document["environment"]
    lines = [
        "# Faults",
        "",
        f"Measured: {len(blows)} faults at random moments (seed {document['seed']}), in "
        f"{len({blow['training'] for blow in blows})} trainings, by `python dev/faults.py`; "
        f"{environment['processor']}, {environment['num_cores']} cores, torch {environment['torch']}, "
        f"commit {environment['commit'] or 'unknown'}; {document['date']}.",
        "",
        "*Folder whole*: every file in it is whole or not there. *Clear*: `inkwise evaluate` answers, or "
        "says that there is no classifier yet. *Gone on with*: the same command with `--resume`, or once "
        "more where nothing had begun. *Equal*: weights, optimizer, random state, history and evaluation of "
        "the training are in the end those of one that nothing befell, to the last bit.",
        "",
        *_counted(blows, "fault"),
        "",
        *_counted(blows, "training"),
        "",
        *_counted([{**blow, "where": _STAGES[blow["stage"]]} for blow in blows], "where"),
    ]
    if writes:
        kinds = [{**blow, "call": blow["fault"].split()[2]} for blow in writes]
        lines += [
            "",
            f"A small training killed at each of the {len(writes)} calls by which it writes its folder, "
            "one a life:",
            "",
            *_counted(kinds, "call"),
        ]
    if document["skipped"]:
        lines += ["", f"Not to be had on this machine: {', '.join(document['skipped'])}."]
    lines += _told(blows + writes)
    return "\n".join(lines) + "\n"


def _counted(blows: Sequence[dict[str, Any]], key: str) -> list[str]:
    rows = []
    for name in dict.fromkeys(blow[key] for blow in blows):
        rows.append([name, *_counts([blow for blow in blows if blow[key] == name])])
    rows.append(["**all**", *_counts(blows)])
    head = [_HEADS[key], "moments", "folder whole, clear", "a classifier answers", "no classifier yet",
            "no run yet", "gone on with, equal"]  # fmt: skip
    dashes = ["---", *["---:"] * (len(head) - 1)]
    return markdown_table([head, dashes, *rows]).splitlines()


_HEADS = {"fault": "fault", "training": "training", "where": "where it was", "call": "killed at"}


def _counts(blows: Sequence[dict[str, Any]]) -> list[str]:
    answers = Counter(blow["answer"] for blow in blows)
    return [
        str(len(blows)),
        str(sum(not blow["wrong"] for blow in blows)),
        *(str(answers[name]) for name in ("answers", "says why not", "no run yet")),
        str(sum(blow["is_equal"] for blow in blows)),
    ]


def _told(blows: Sequence[dict[str, Any]]) -> list[str]:
    """Return what was not in order, one line each, and nothing if all was."""
    bad = [blow for blow in blows if blow["wrong"] or not blow["is_equal"]]
    if not bad:
        return []
    return [
        "",
        "Not in order:",
        "",
        *(f"- {b['training']}, {b['fault']}: {'; '.join(b['wrong'])}" for b in bad),
    ]


# Okabe and Ito's colours, and a form each, for whoever sees no colours.
_LOOKS = dict(
    zip(
        ("SIGKILL", "SIGTERM", "SIGINT (Ctrl-C)", "SIGINT twice", "SIGHUP (terminal gone)",
         "stopped, gone on, SIGKILL", "clocks jump, SIGKILL", "disk full", "read fails (EIO)",
         "write fails (EIO)"),
        (("#000000", "X"), ("#E69F00", "^"), ("#56B4E9", "o"), ("#009E73", "8"), ("#F0E442", "v"),
         ("#000000", "s"), ("#CC79A7", "*"), ("#D55E00", "D"), ("#0072B2", "<"), ("#0072B2", ">")),
        strict=True,
    )
)  # fmt: skip
_BANDS = ("imports", "reading the images", "steps", "calibration, evaluation", "report")
_EDGES = (0.0, 0.15, 0.25, 0.8, 0.9, 1.0)  # of the bands, in shares of the picture's width


def draw(document: dict[str, Any]) -> bytes:
    """Return a PNG: a row a training, a mark a fault, where in its life the training was."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot as plt

    blows, chance = document["blows"], random.Random(0)
    names = list(dict.fromkeys(blow["training"] for blow in blows))
    figure, axes = plt.subplots(figsize=(10, 1.9 + 0.55 * len(names)), layout="constrained")
    for kind, (colour, form) in _LOOKS.items():
        of_kind = [blow for blow in blows if blow["fault"] == kind]
        axes.scatter(
            [_place(blow, chance) for blow in of_kind],
            [names.index(blow["training"]) + chance.uniform(-0.25, 0.25) for blow in of_kind],
            c=colour, marker=form, s=45, edgecolors="black", linewidths=0.5, label=f"{kind}: {len(of_kind)}",
        )  # fmt: skip
    for index, band in enumerate(_BANDS):
        if index % 2:
            axes.axvspan(_EDGES[index], _EDGES[index + 1], color="0.93", zorder=0)
        middle = (_EDGES[index] + _EDGES[index + 1]) / 2
        axes.text(
            middle,
            -0.62,
            band.replace(", ", ",\n").replace(" the ", " the\n"),
            ha="center",
            va="bottom",
            fontsize=9,
        )
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.6)
    axes.set_xlim(0, 1)
    ticks = [_EDGES[2] + share * (_EDGES[3] - _EDGES[2]) for share in (0, 0.25, 0.5, 0.75, 1)]
    axes.set_xticks(ticks, ["0 %", "25 %", "50 %", "75 %", "100 %"])
    axes.set_xlabel("share of the training's steps done when the fault came; within the other bands no scale")
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside lower center", ncols=4, fontsize=8, frameon=False)
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=130)
    plt.close(figure)
    return picture.getvalue()


def _place(blow: dict[str, Any], chance: random.Random) -> float:
    stage = _STAGES[blow["stage"]]
    band = _BANDS.index(stage) if stage in _BANDS else len(_BANDS) - 1
    share = blow["done"] if stage == "steps" else chance.uniform(0.15, 0.85)
    return _EDGES[band] + share * (_EDGES[band + 1] - _EDGES[band])
