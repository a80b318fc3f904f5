"""From results/planning/runs.json to docs/planning.md, planning.json and planning.png."""

# ruff: noqa: E501  sentences and rows of a page

import io
import json
import math
import statistics
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from dev.reading_tables import markdown_table

from inkwise.experiments.planning.fit import Line, Run, fit_bytes, fit_seconds
from inkwise.experiments.planning.plan import HOUR, Plan, limits_of, plan_work
from inkwise.experiments.planning.work import Cluster, Costs, Exchange, Prices
from inkwise.files import write_atomically

ROOT = Path(__file__).parents[1]
CORES_HERE = 2
PRICES = Prices(
    core_hour=0.0408, gigabyte_month=0.023, thousand_puts=0.005, thousand_gets=0.0004, gigabyte_out=0.09
)
NODE = Cluster(
    num_nodes=1, cores_a_node=64, node_bytes_a_second=30e9 / 8, store_bytes_a_second=100e9,
    store_requests_a_second=5500.0, failures_a_node_hour=419 / (54 * 24 * 2048),
)  # fmt: skip
NUM_NODES = (1, 16, 256)
SIZES = (10**9, 10**12)
GIVEN = f"""| given | value | source |
| --- | --- | --- |
| an hour of a core | {{core_hour}} $ | m7g.large, 0.0816 $ for 2 cores, on demand, us-east-1; [list of June 2026](https://www.factualminds.com/blog/amazon-ec2-on-demand-pricing-instance-families-2026/) |
| a month of 10^9 bytes | {{gigabyte_month}} $ | S3 Standard, us-east-1; [Pricing guide](https://deepeshsoni.com/archives/256), read 2026-11-21 |
| 1,000 writes, 1,000 reads | {{thousand_puts}} $, {{thousand_gets}} $ | S3 Standard, us-east-1; [S3 pricing](https://aws.amazon.com/s3/pricing/); the rates of the last years, not seen anew |
| 10^9 bytes out of the cloud | {{gigabyte_out}} $ | S3 to the internet, first 10 TB; the same page, not seen anew |
| a node | {NODE.cores_a_node} cores, 30 Gbit/s | the size of an m7g.16xlarge |
| the store | 5,500 requests a second, 100 x 10^9 bytes a second | [one partition of a bucket](https://aws.amazon.com/premiumsupport/knowledge-center/s3-object-key-naming-pattern/), which grows under load; the bytes are assumed |
| failures | {NODE.failures_a_node_hour:.1e} a node and hour | 419 interruptions in 54 days on 16,384 accelerators, 8 a node: The Llama 3 Herd of Models, 2024, table 5 |
| a file | 10^6 images | assumed; 20 ms to look at one, 16 at once |
| a training | batch of 384 a worker, 0.5 ms beside the sending, a checkpoint every 10 min, 40 s to start again | assumed; starting again as Ray Train took here |
"""


def show(results: Path, changed: dict[str, float]) -> None:
    """Write the page, the numbers and the picture of what was measured."""
    path = results / "runs.json"
    runs = json.loads(path.read_text("utf-8"))["runs"] if path.is_file() else []
    prices = replace(PRICES, **changed)
    checks = [*_checks_of(runs), *_checks_of(_scaling_runs())]
    costs = _costs(checks, json.loads((results / "sizes.json").read_text("utf-8")))
    plans = _plans(costs, prices)
    write_atomically(ROOT / "docs" / "planning.md", _page(checks, costs, plans=plans, prices=prices))
    numbers = {
        "checks": [{"name": c["name"], "line": vars(c["line"]), "rows": c["rows"]} for c in checks],
        "costs": {name: vars(cost) for name, (cost, _) in costs.items()},
        "prices": vars(prices), "plans": [{**row, "plan": vars(row["plan"])} for row in plans],
    }  # fmt: skip
    write_atomically(results / "planning.json", json.dumps(numbers, indent=1) + "\n")
    write_atomically(results / "planning.png", _draw(checks, costs))


def _scaling_runs() -> list[dict[str, Any]]:
    """Return what `inkwise bench scaling` measured, as runs."""
    rows = json.loads((ROOT / "results/scaling/scaling.json").read_text("utf-8"))["rows"]
    return [
        {"task": f"{row['task']}, quick, one process", "num_images": row["num_images"], "num_blocks": 1,
         "block": 0, "seconds": row["seconds"], "peak_bytes": row["private_bytes"],
         "load_average": row["load_average"]}
        for row in rows if row["task"] in ("train", "predict") and row["num_threads"] == 1
    ]  # fmt: skip


def _checks_of(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Fit the smaller runs of each task; set each size predicted beside measured."""
    return [
        _check([run for run in runs if run["task"] == task])
        for task in dict.fromkeys(r["task"] for r in runs)
    ]


def _check(runs: list[dict[str, Any]]) -> dict[str, Any]:
    most = max(run["num_images"] for run in runs) / 10
    small = [run for run in runs if run["num_images"] <= most]
    has_blocks = len({run["block"] for run in small}) > 1
    line = fit_seconds(_runs(small), has_blocks=has_blocks)
    memory = fit_bytes(_runs(small), has_blocks=has_blocks)
    rows = []
    for size in sorted({(run["num_images"], run["num_blocks"]) for run in runs}):
        of = [run for run in runs if (run["num_images"], run["num_blocks"]) == size]
        rows.append(
            {
                "num_images": size[0], "num_blocks": size[1], "runs": len(of), "is_fitted": size[0] <= most,
                "is_usual": of[0]["block"] == max(run["block"] for run in runs),
                "seconds": statistics.median(run["seconds"] for run in of), "predicted": line.at(*size),
                "peak_bytes": statistics.median(run["peak_bytes"] for run in of),
                "predicted_bytes": memory.at(*size), "load_average": max(run["load_average"] for run in of),
            }
        )  # fmt: skip
    return {"name": runs[0]["task"], "line": line, "rows": rows, "runs": runs}


def _runs(runs: list[dict[str, Any]], key: str = "seconds") -> list[Run]:
    return [Run(run["num_images"], run["num_blocks"], run[key], run["peak_bytes"]) for run in runs]


def _costs(checks: list[dict[str, Any]], sizes: dict[str, float]) -> dict[str, tuple[Costs, Exchange | None]]:
    """Return what an image costs, by the words for the work."""
    by_name = {check["name"]: check for check in checks}
    speed = json.loads((ROOT / "results/predicting/predicting.json").read_text("utf-8"))
    quick = Costs(
        core_seconds=CORES_HERE / speed["speed"]["parquet"]["ray_images_per_second"], start_seconds=10.0,
        driver_seconds=_block_seconds(speed["blocks"]), images_a_block=8192, bytes_in=sizes["bytes_in"],
        bytes_out=sizes["bytes_out"], images_a_file=10**6, listing_seconds=0.02 / 16,
        plan_bytes=sizes["plan_bytes"], driver_bytes=4e8, driver_bytes_a_block=1.0,
    )  # fmt: skip
    found: dict[str, tuple[Costs, Exchange | None]] = {"predict, quick": (quick, None)}
    if "predict" in by_name:
        line = by_name["predict"]["line"]
        # Unpacked, as the runs of the check were.
        found["predict, perceptron"] = (
            replace(quick, core_seconds=line.an_image * CORES_HERE, bytes_in=784.0, start_seconds=line.start),
            None,
        )
    train = replace(
        quick, core_seconds=_quick_seconds(), driver_seconds=0.0, images_a_block=384, bytes_in=784.0,
        bytes_out=0.0, plan_bytes=0.0,
    )  # fmt: skip
    found["train, quick"] = (train, _exchange(sizes["parameters_of_quick"]))
    if "train" in by_name:
        seconds = by_name["train"]["line"].an_image
        found["train, perceptron"] = (
            replace(train, core_seconds=seconds),
            _exchange(sizes["parameters_of_mlp_sequential"]),
        )
    return found


def _block_seconds(rates: dict[str, float]) -> float:
    """Return what a block takes beside its images: from images a second with blocks of 512 and of 2,048.

    Driver, workers and all of Ray share two cores here, so of the driver alone it is an upper bound.
    """
    seconds = {size: 1 / rates[str(size)] for size in (512, 2048)}
    return (seconds[512] - seconds[2048]) / (1 / 512 - 1 / 2048)


def _quick_seconds() -> float:
    """Return core-seconds an image of training quick, measured by inkwise bench scaling."""
    rows = json.loads((ROOT / "results/scaling/scaling.json").read_text("utf-8"))["rows"]
    largest = max((row for row in rows if row["task"] == "train"), key=lambda row: row["num_images"])
    return float(largest["cpu_seconds"] / largest["num_images"])


def _exchange(num_parameters: float) -> Exchange:
    return Exchange(int(num_parameters), step_seconds=0.0005, checkpoint_seconds=600.0, restart_seconds=40.0)


def _plans(costs: dict[str, tuple[Costs, Exchange | None]], prices: Prices) -> list[dict[str, Any]]:
    return [
        {"work": name, "num_nodes": nodes, "num_drivers": drivers,
         "plan": plan_work(size, cost, replace(NODE, num_nodes=nodes, num_drivers=drivers), prices=prices,
                           exchange=exchange)}
        for name, (cost, exchange) in costs.items() for size in SIZES for nodes in NUM_NODES
        for drivers in sorted({1, _drivers_enough(size, cost, nodes)})
    ]  # fmt: skip


def _drivers_enough(size: int, cost: Costs, nodes: int) -> int:
    """Return into how many parts a work must be cut so that no processor waits for a driver.

    A training, whose driver hands out no blocks, stays whole.
    """
    if not cost.driver_seconds:
        return 1
    limits = limits_of(size, cost, replace(NODE, num_nodes=nodes))
    return max(1, math.ceil((limits["driver"] + limits["listing"]) / limits["processor"]))


def _page(checks: list[dict[str, Any]], costs: dict[str, Any], *, plans: list[Any], prices: Prices) -> str:
    environment = json.loads((ROOT / "results/scaling/scaling.json").read_text("utf-8"))["environment"]
    largest = max(row["num_images"] for check in checks for row in check["rows"])
    fitted = next(check["line"].a_block for check in checks if check["name"] == "predict")
    moves = _moves(costs, fitted=fitted)
    lines = [
        "# Planned past these machines",
        "",
        "What 10^9 and 10^12 images of 28x28 cost to predict, and to train on for one epoch: computed from what was measured on two cores, with prices that are given. Made by `python dev/planning.py show`, which takes other prices (`python dev/planning.py show --core-hour 0.02`).",
        "",
        "Every figure is one of three kinds: **measured** here, **given** (prices, nodes, failures: change them to yours), or **computed** from these.",
        "",
        "## Is the model right?",
        "",
        f"Seconds = start + images x each + blocks x each. The constants are fitted on the runs of at most a tenth of the largest one's images; the largest says how far off that is. The largest measured so far has {largest:,} images; what is computed below goes thousands and millions of times further, and is as good as that.",
        "",
    ]
    for check in checks:
        lines += [
            f"**{_WORDS.get(check['name'], check['name'])}**: {_say_line(check['line'])}",
            "",
            *_check_table(check["rows"]),
            "",
        ]
    lines += [
        f"Measured on {environment['processor']}, {environment['num_cores']} cores, torch {environment['torch']}. Load: of the system, other people's work included. Memory is what processes do not share; the pages of a mapped file that the system keeps are left out. A training reads up to 1 GiB of pixels (1.4 million images) into memory and streams what is larger, so there memory no longer follows its line. Rows of one process are those of [time and memory as the images grow](../results/scaling/scaling.md).",
        "",
        f"![Left: seconds predicted and measured. Right: hours of each part by the cores; the processor decides up to about {moves['driver_cores']:.0f}, from there on the driver](../results/planning/planning.png)",
        "",
        "## What is given",
        "",
        GIVEN.format(**vars(prices)),
        "## What an image costs",
        "",
        *_cost_table(costs),
        "",
        "Measured: core-seconds (two over the images a second of [a million images on Ray](../results/predicting/predicting.md), PNG files in parquet; processor seconds of a training), the milliseconds a block (images a second with blocks of 512 and of 2,048; an upper bound, for driver and workers share two cores here), bytes. Given: the start, about 10 s for Ray.",
        "",
        "## What it comes to",
        "",
        "All computed. *Commands*: into how many the images are parted, each with a driver and an output folder of its own; one, and as many as leave no processor waiting for a driver.",
        "",
    ]
    for size in SIZES:
        lines += [f"### {_power(size)} images", "", *_plan_table(plans, size), ""]
    return "\n".join([*lines, _MOVES.format(**moves), ""])


_WORDS = {
    "predict": "Predicting on Ray, `mlp-sequential`, unpacked images, two workers",
    "train": "Training `mlp-sequential`, one process, the set mapped from the disk",
}
_MOVES = """## Where the bottleneck moves

- **Processor**, as long as there are few cores: cost is core-hours, and twice the cores are half the time at the same price.
- **The driver** hands out one block after another, {driver_ms:.1f} ms each. Past about {driver_cores:,.0f} cores (`predict, quick`,
  blocks of {block:,} images) it decides, and more cores only wait, and are paid for. That is measured while workers take the same
  two cores, so it is the most; the fit above says {fitted_ms:.1f} ms, by which the driver would decide from {fitted_cores:,.0f} cores on.
  Larger blocks help up to the 64 MiB that a block
  may hold; then the images have to be parted among several commands with an output folder each, which need
  nothing of one another.
- **The store's requests**: each block is one write and one read. A bucket that has grown more partitions, or larger blocks, move that.
- **Network and store** come late: a core that takes {quick_us:.0f} µs for an image asks for {quick_mb:.1f} x 10^6 bytes a second.
  Only what learns millions of images a second, a perceptron on 64 cores, waits for them first.
- **The list of blocks** is {plan_bytes:.0f} bytes a block: {plan_trillion:.1f} x 10^9 bytes for 10^12 images, read a block at a time;
  the driver itself keeps one byte a block, {driver_mb:.0f} x 10^6 bytes.
- **Exchange**, of training: a step of a small network is so short that averaging gradients over many workers takes longer than
  the arithmetic. Larger batches a worker help, and change what is learned: 10^12 images in one epoch is no recipe of ours.
- **Failures** cost predicting next to nothing (half a block of one node), and training the time since the last checkpoint for
  everybody: see the column.
- **Storage** is paid by the month, whether anybody computes or not.

What this does not know: that many nodes are rarely all to be had at once, that stores slow requests down before they grow, what
people cost. [From a laptop to a cluster](from-a-laptop-to-a-cluster.md) has the commands;
[What survives what](what-survives-what.md) what failures do to one machine."""


def _moves(costs: dict[str, Any], *, fitted: float) -> dict[str, float]:
    """Return the numbers of _MOVES; fitted are the seconds a block by the fit."""
    cost = costs["predict, quick"][0]
    blocks = 10**12 / cost.images_a_block
    a_block = cost.core_seconds * cost.images_a_block
    return {
        "driver_ms": cost.driver_seconds * 1e3, "driver_cores": a_block / max(cost.driver_seconds, 1e-9),
        "fitted_ms": fitted * 1e3, "fitted_cores": a_block / fitted,
        "block": cost.images_a_block, "quick_us": cost.core_seconds * 1e6,
        "quick_mb": cost.bytes_in / cost.core_seconds / 1e6, "plan_bytes": cost.plan_bytes,
        "plan_trillion": blocks * cost.plan_bytes / 1e9, "driver_mb": blocks / 1e6,
    }  # fmt: skip


def _say_line(line: Line) -> str:
    return f"start {line.start:.1f} s, {line.an_image * 1e6:.2f} µs an image, {line.a_block * 1e3:.2f} ms a block."


def _check_table(rows: list[dict[str, Any]]) -> list[str]:
    head = ["images", "blocks", "runs", "used for", "measured s", "predicted s", "off by", "measured memory",
            "predicted", "off by", "load"]  # fmt: skip
    cells = [
        [
            f"{row['num_images']:,}", f"{row['num_blocks']:,}", str(row["runs"]),
            "the fit" if row["is_fitted"] else "**the check**", f"{row['seconds']:.1f}",
            f"{row['predicted']:.1f}", f"{row['predicted'] / row['seconds'] - 1:+.0%}",
            f"{row['peak_bytes'] / 1e6:,.0f} MB", f"{row['predicted_bytes'] / 1e6:,.0f} MB",
            f"{row['predicted_bytes'] / max(row['peak_bytes'], 1) - 1:+.0%}", f"{row['load_average']:.1f}",
        ]
        for row in rows
    ]  # fmt: skip
    return _table(head, cells)


def _table(head: list[str], cells: list[list[str]]) -> list[str]:
    return markdown_table([head, ["---", *["---:"] * (len(head) - 1)], *cells]).splitlines()


def _cost_table(costs: dict[str, tuple[Costs, Exchange | None]]) -> list[str]:
    head = ["work", "core-µs an image", "start s", "driver ms a block", "images a block", "bytes in", "bytes out",
            "parameters"]  # fmt: skip
    cells = [
        [
            name, f"{cost.core_seconds * 1e6:.1f}", f"{cost.start_seconds:.1f}",
            f"{cost.driver_seconds * 1e3:.2f}", f"{cost.images_a_block:,}", f"{cost.bytes_in:.0f}",
            f"{cost.bytes_out:.1f}", f"{exchange.num_parameters:,}" if exchange else "",
        ]
        for name, (cost, exchange) in costs.items()
    ]  # fmt: skip
    return _table(head, cells)


def _plan_table(plans: list[dict[str, Any]], size: int) -> list[str]:
    head = ["work", "cores", "commands", "hours", "bottleneck", "core-hours paid", "of them busy", "failures", "done twice",
            "in", "out", "$ cores", "$ requests", "$ a month stored"]  # fmt: skip
    cells = [_plan_row(row) for row in plans if row["plan"].num_images == size]
    return _table(head, cells)


def _plan_row(row: dict[str, Any]) -> list[str]:
    plan: Plan = row["plan"]
    stored = plan.dollars["a month of the images"] + plan.dollars["a month of the answers"]
    return [
        row["work"], f"{row['num_nodes'] * NODE.cores_a_node:,}", f"{row['num_drivers']:,}", _digits(plan.seconds / HOUR), plan.bottleneck,
        _digits(plan.core_hours), f"{plan.busy_core_hours / plan.core_hours:.0%}", _digits(plan.failures),
        f"{plan.redone:.2%}", _bytes(plan.bytes_in), _bytes(plan.bytes_out), _digits(plan.dollars["cores"]),
        _digits(plan.dollars["requests"]), _digits(stored),
    ]  # fmt: skip


def _digits(value: float) -> str:
    """Return three digits that count: 0.00123, 12.3, 1,230."""
    return f"{float(f'{value:.3g}'):,.0f}" if value >= 100 else f"{value:.3g}"


def _bytes(value: float) -> str:
    return f"{value / 1e12:.3g} TB" if value >= 1e12 else f"{value / 1e9:.3g} GB"


def _power(size: int) -> str:
    return f"10^{len(str(size)) - 1}"


def _draw(checks: dict[str, Any], costs: dict[str, Any]) -> bytes:
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 6), layout="constrained")
    _draw_checks(left, checks)
    _draw_limits(right, costs["predict, quick"][0])
    for axes in (left, right):
        axes.grid(which="major", alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=130)
    plt.close(figure)
    return picture.getvalue()


def _draw_checks(axes: Any, checks: list[dict[str, Any]]) -> None:
    looks = (("#0072B2", "o", "-"), ("#D55E00", "s", "--"), ("#009E73", "^", "-."), ("#CC79A7", "D", ":"))
    for check, (colour, mark, dash) in zip(checks, looks, strict=False):
        usual = [row for row in check["rows"] if row["is_usual"]]
        sizes, blocks = [row["num_images"] for row in usual], [row["num_blocks"] for row in usual]
        places = np.geomspace(sizes[0], sizes[-1], 100)
        predicted = [check["line"].at(size, np.interp(size, sizes, blocks)) for size in places]
        words = _WORDS.get(check["name"], check["name"]).replace("`", "")
        axes.plot(places, predicted, color=colour, linestyle=dash, label=words)
        for row in usual:
            fill = "white" if row["is_fitted"] else colour
            axes.plot(row["num_images"], row["seconds"], mark, color=colour, markerfacecolor=fill)
    for fill, words in (("white", "measured, and fitted on"), ("0.3", "measured, not fitted on: the check")):
        axes.plot([], [], "o", color="0.3", markerfacecolor=fill, label=words)
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="images",
        ylabel="seconds",
        title="Predicted (lines) and measured (marks)",
    )
    _key_below(axes)


def _key_below(axes: Any) -> None:
    axes.legend(fontsize=9, loc="upper left", bbox_to_anchor=(0, -0.12), frameon=False)


_LOOKS = {
    "processor": ("#000000", "-"), "driver": ("#D55E00", "--"), "requests": ("#0072B2", ":"),
    "network": ("#009E73", "-."), "store": ("#CC79A7", (0, (5, 1))), "listing": ("#E69F00", (0, (1, 1))),
}  # fmt: skip


def _draw_limits(axes: Any, cost: Costs) -> None:
    # Below a node of 64 cores: one that has fewer.
    small = [replace(NODE, num_nodes=1, cores_a_node=2**power) for power in range(6)]
    clusters = [*small, *(replace(NODE, num_nodes=2**power) for power in range(13))]
    limits = [limits_of(10**12, cost, cluster) for cluster in clusters]
    cores = [cluster.num_cores for cluster in clusters]
    for name, (colour, dash) in _LOOKS.items():
        hours = [limit[name] / HOUR for limit in limits]
        axes.plot(cores, hours, color=colour, linestyle=dash, label=name)
    axes.set(
        xscale="log", yscale="log", xlabel="cores", ylabel="hours if nothing else took time",
        title="10^12 images, predict, quick: the highest line decides",
    )  # fmt: skip
    _key_below(axes)
