"""What the pages say of work beyond one machine is what results/ says."""

import json
from pathlib import Path
from statistics import fmean
from typing import Any

ROOT = Path(__file__).parents[1]


def result(name: str) -> Any:
    return json.loads((ROOT / "results" / name).read_text("utf-8"))


def page(name: str) -> str:
    return " ".join((ROOT / "docs" / name).read_text("utf-8").split())


def test_no_image_was_lost_or_answered_twice() -> None:
    kills = result("predicting/predicting.json")["kills"]
    assert len(kills["killed"]) == 3
    assert kills["checked"].pop("greatest_difference") < 1e-5
    assert kills["checked"] == {"rows": 1_000_000, "lost": 0, "double": 0, "errors": 0, "other_class": 0}


def test_memory_of_predicting_does_not_grow_with_the_images() -> None:
    memory = result("predicting/predicting.json")["memory"]
    few, many = (
        {
            key: max(sample[key] for sample in memory[count]["samples"])
            for key in ("driver_bytes", "all_bytes")
        }
        for count in ("100000", "1000000")
    )
    assert all(many[key] < 1.1 * few[key] for key in few)
    assert "1,000,000 images are answered: the same](" in page("how-to/predict-millions.md")


def test_every_fault_ended_in_equal_bits() -> None:
    blows = result("faults/faults.json")["blows"]
    assert [blow["is_equal"] for blow in blows] == [True] * 50
    assert "all ended in the bits of an undisturbed one" in page("results.md")


def test_streaming_needs_the_memory_that_is_said() -> None:
    measured = result("streaming/streaming.json")["memory"]
    most = max(sample["resident"] for one in measured.values() for sample in one["memory"])
    said = "10 million images, read without training on them, needed [less than 1.1 GB]"
    assert said in page("larger-than-memory.md")
    assert most < 1.1e9


def test_two_workers_on_one_machine_are_as_slow_as_is_said() -> None:
    said = page("how-to/train-on-several-workers.md")
    assert "two of them learned [half as fast as one process]" in said
    assert "a perceptron a tenth as fast" in said
    ratios = {
        recipe: fmean(ways["torchrun, two processes"]) / fmean(ways["one process, one thread"])
        for recipe, ways in result("scaling-workers/workers.json")["images_per_second"].items()
    }
    assert 0.4 < ratios["standard"] < 0.6
    assert "(0.4 times as fast as one on both cores)" in said
    ways = result("scaling-workers/workers.json")["images_per_second"]["standard"]
    assert round(fmean(ways["torchrun, two processes"]) / fmean(ways["one process, two threads"]), 1) == 0.4
    assert 0.4 < ratios["quick"] < 0.6
    assert 0.05 < ratios["mlp-logsoftmax"] < 0.15
