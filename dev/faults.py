"""Kill trainings at random moments and see what is left: `python dev/faults.py --kills 50 --seed 0`.

Trainings of several kinds (dev/injection/trainings.py) are led through several faults each
(dev/injection/faults.py): signals, a full disk, reads and writes that fail, clocks that jump. The moments are
drawn over the whole life of the process, its imports, evaluation and report too. After each fault every file
of the run folder must be whole or not there, `inkwise evaluate` must answer or say why not, and the training
is gone on with; in the end weights, optimizer, history and evaluation must be equal to the bits of one that
nothing befell. With --every-write a small training is killed at every fsync, rename and unlink that it makes.
Writes results/faults/faults.json, .md and .png.
"""

import argparse
import datetime
import json
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

sys.path.insert(0, str(Path(__file__).parents[1]))
from dev.faults_shown import draw, to_markdown
from dev.injection.chain import IMPORTING, Blow, Undisturbed, finish, live_undisturbed, suffer
from dev.injection.disks import small_disk
from dev.injection.every_write import CALLS, kill_at_every_write
from dev.injection.faults import FAULTS, Fault
from dev.injection.trainings import SHARDS, TRAININGS, Training
from dev.streamed.sets import make_set

from inkwise.files import write_atomically
from inkwise.runs.environment import describe_environment

ROOT = Path(__file__).parents[1]
_MOST_IN_A_CHAIN = 4
_SHORTER = 0.8  # a moment that came after the end is taken that much earlier

Moment = tuple[Fault, float]  # a kind, and when: a share of a life, see Undisturbed.moment


def deal(num_moments: int, faults: list[Fault], chance: random.Random) -> dict[str, list[Moment]]:
    """Return moments for each training by name: every kind as often, and spread over the whole of a life."""
    kinds = [faults[index % len(faults)] for index in range(num_moments)]
    moments = [(index + chance.random()) / num_moments for index in range(num_moments)]
    chance.shuffle(kinds)
    chance.shuffle(moments)
    pairs = list(zip(kinds, moments, strict=True))
    dealt, before, total = {}, 0, 0.0
    for training in TRAININGS:
        total += training.share
        until = round(total * num_moments)
        dealt[training.name] = pairs[before:until]
        before = until
    return dealt


def chains(
    training: Training, moments: list[Moment], folder: Path, *, chance: random.Random
) -> Iterator[Blow]:
    """Give the blows of a training, chain after chain, each with all that was found."""
    expected = live_undisturbed(training, folder / "undisturbed")
    number = 0
    while moments:
        number += 1
        most = chance.randrange(1, _MOST_IN_A_CHAIN + 1)
        with small_disk(folder / str(number)):
            blows = list(_blows(training, moments, folder / str(number) / "run", (expected, most, chance)))
            if blows:
                finish(training, folder / str(number) / "run", expected=expected, blows=blows)
        yield from blows


def _blows(
    training: Training, moments: list[Moment], run: Path, drawn: tuple[Undisturbed, int, random.Random]
) -> Iterator[Blow]:
    expected, most, chance = drawn
    done = 0.0
    for _ in range(most):
        if not moments:
            return
        fault, share = moments.pop()
        blow = suffer(
            training, fault, run, wait=expected.moment(share, done=done), chance=chance,
            is_forked=share >= IMPORTING,
        )  # fmt: skip
        if blow is None:
            moments.insert(0, (fault, share * _SHORTER))
            return
        done = blow.done
        _tell(blow)
        yield blow


def _tell(blow: Blow) -> None:
    state = "; ".join(blow.wrong) or "whole"
    print(f"{blow.training:15s} {blow.fault:26s} {blow.age:5.1f} s {blow.stage:9s} {blow.done:4.0%} "
          f"exit {blow.exit:4d}  {blow.answer:13s} {state}", flush=True)  # fmt: skip


def main() -> None:
    """Do the faults and write the tables and the picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--kills", type=int, default=50, help="random moments in all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--every-write", action="store_true")
    parser.add_argument("--only", help="one training by its name; the others stay in the results as they are")
    parser.add_argument("--out", type=Path, default=ROOT / "results" / "faults")
    asked = parser.parse_args()
    faults = [fault for fault in FAULTS if fault.needs()]
    dealt = deal(asked.kills, faults, random.Random(asked.seed))
    document = _read(asked.out) | {
        "environment": describe_environment(torch.device("cpu")),
        "date": f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}", "seed": asked.seed,
        "skipped": [fault.name for fault in FAULTS if fault not in faults],
    }  # fmt: skip
    folder = Path(tempfile.mkdtemp(prefix="inkwise-faults-"))
    make_set(SHARDS, "tar", num_images=12_000, shard_images=2_000, num_test=1000)
    for training in TRAININGS:
        if dealt[training.name] and asked.only in (None, training.name):
            chance = random.Random(f"{asked.seed} {training.name}")
            found = chains(training, dealt[training.name], folder / training.name, chance=chance)
            _put(document, "blows", list(found), training.name)
            _write(asked.out, document)
    if asked.every_write and asked.only is None:
        document["every_write"] = []
    if asked.every_write:
        for call in CALLS:
            if asked.only in (None, call):
                found = kill_at_every_write(folder / call, call)
                document["every_write"] += [asdict(blow) for blow in found]
    shutil.rmtree(folder)
    shutil.rmtree(SHARDS)
    _write(asked.out, document)
    sys.exit(any(blow["wrong"] or not blow["is_equal"] for blow in document["blows"]))


def _read(out: Path) -> dict[str, Any]:
    path = out / "faults.json"
    if path.is_file():
        return dict(json.loads(path.read_text("utf-8")))
    return {"blows": [], "every_write": []}


def _put(document: dict[str, Any], name: str, found: list[Blow], training: str) -> None:
    """Put what was found of a training in the place of what was there of it, in the order of TRAININGS."""
    kept = [blow for blow in document[name] if blow["training"] != training]
    order = [training.name for training in TRAININGS]
    document[name] = sorted(
        [*kept, *map(asdict, found)], key=lambda blow: order.index(blow["training"])
    )  # fmt: skip


def _write(out: Path, document: dict[str, Any]) -> None:
    write_atomically(out / "faults.json", json.dumps(document, indent=1) + "\n")
    write_atomically(out / "faults.md", to_markdown(document))
    write_atomically(out / "faults.png", draw(document))


if __name__ == "__main__":
    main()
