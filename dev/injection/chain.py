"""A chain: one training that suffers one fault after another, is gone on with each time, and is compared."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from dev.injection.faults import Fault, Surroundings
from dev.injection.folder import answer_of, contents, faults_of
from dev.injection.forked import ForkedLife, import_seconds
from dev.injection.life import Life
from dev.injection.trainings import Training

from inkwise.files import is_leftover

IMPORTING, STARTING = (
    0.1,
    0.2,
)  # shares of the moments: the start of a process is half a small training's life


@dataclass(frozen=True)
class Undisturbed:
    """How a training goes that nothing befalls.

    Attributes:
        contents: what it leaves.
        seconds: of its life, from when its imports were done.
        trains_from, trains_to: when its steps began and ended, likewise.
    """

    contents: dict[str, object]
    seconds: float
    trains_from: float
    trains_to: float

    def moment(self, share: float, *, done: float) -> Callable[[Life], bool]:
        """Return what waits for a moment in a life that begins with a fraction of the steps done.

        Args:
            share: in [0, 1]; below 0.1 while the process imports, below 0.2 while it reads and sets up, 0.2
                as the steps begin, 1 at its end.
        """
        if share < IMPORTING:
            return partial(Life.lives_to, seconds=share / IMPORTING * import_seconds())
        if share < STARTING:
            seconds = (share - IMPORTING) / (STARTING - IMPORTING) * self.trains_from
        else:
            end = self.seconds - (self.trains_to - self.trains_from) * done
            seconds = self.trains_from + (share - STARTING) / (1 - STARTING) * (end - self.trains_from)
        return lambda life: life.comes_to("load") and life.lives_to(life.age + seconds)


@dataclass
class Blow:
    """One fault that befell one life, and what was found afterwards.

    Attributes:
        training, fault: their names.
        stage, done: how far the training was; done is the fraction of its steps.
        age: seconds that the process had lived.
        exit: its exit status, negative for a signal.
        said: the last line on standard error.
        wrong: what was not as it should be; empty is the aim.
        answer: what `inkwise evaluate` does with the folder.
        went_on: "resumed", or "begun anew" where the recipe was not yet written.
        is_equal: whether its training ended in the bits of an undisturbed one; set at the chain's end.
    """

    training: str
    fault: str
    stage: str
    done: float
    age: float
    exit: int
    said: str
    wrong: list[str] = field(default_factory=list)
    answer: str = ""
    went_on: str = ""
    is_equal: bool = False


def live_undisturbed(training: Training, run: Path) -> Undisturbed:
    """Train once with nothing happening."""
    life = ForkedLife(training.arguments(str(run), resume=False))
    status, said = life.end()
    if status:
        raise RuntimeError(f"{training.name}: failed with nothing done to it: {said}")
    ages = life.ages
    begun, after = ages["load"], ages.get("calibrate", ages["evaluate"])
    return Undisturbed(contents(run), ages["end"] - begun, ages["train"] - begun, after - begun)


def suffer(
    training: Training,
    fault: Fault,
    run: Path,
    *,
    wait: Callable[[Life], bool],
    chance: random.Random,
    is_forked: bool = False,
) -> Blow | None:
    """Lead one life until a fault befalls it; look at the folder, and return what was found.

    None where it ended before the fault came.

    Args:
        wait: waits for the moment, and returns whether it still lives then.
        is_forked: the process comes from one that has imported everything, where the fault allows that.
    """
    surroundings = fault.surround(run, chance)
    asked = training.arguments(str(run), resume=(run / "recipe.toml").exists())
    if is_forked and surroundings == Surroundings():
        life: Life = ForkedLife(asked)
    else:
        life = Life(asked, prefix=surroundings.prefix, environment=surroundings.environment)
    is_struck = not fault.is_by_count and wait(life)
    blow = Blow(training.name, fault.name, life.stage, life.done, round(life.age, 2), exit=0, said="")
    if is_struck:
        fault.strike(life, run, chance)
    blow.exit, blow.said = life.end()
    if blow.exit == 0 and not is_struck:
        return None
    if fault.is_by_count:
        blow.stage, blow.done, blow.age = life.stage, life.done, round(life.age, 2)
    if blow.exit not in (0, *fault.exits):
        blow.wrong.append(f"exit {blow.exit}: {blow.said}")
    if not life.leaves_nobody():
        blow.wrong.append("a process was left behind")
    look_at(run, blow)
    return blow


def look_at(run: Path, blow: Blow) -> None:
    """Fill in what a blow left in the run folder."""
    blow.wrong += faults_of(run)
    if (run / "recipe.toml").exists():
        blow.went_on, blow.answer = "resumed", answer_of(run)
        if blow.answer not in ("answers", "says why not"):
            blow.wrong.append(f"evaluate: {blow.answer}")
    else:
        blow.went_on, blow.answer = "begun anew", "no run yet"


def finish(training: Training, run: Path, *, expected: Undisturbed, blows: list[Blow]) -> None:
    """Go on with a training to its end, and note with its blows whether it equals the undisturbed one."""
    life = ForkedLife(training.arguments(str(run), resume=(run / "recipe.toml").exists()))
    status, said = life.end()
    wrong = faults_of(run)
    if status:
        wrong.append(f"cannot be gone on with: {said}")
    elif not (run / "report.html").exists():
        wrong.append("no report in the end")
    wrong += [f"{path.name}: left over" for path in run.iterdir() if is_leftover(path)]
    is_equal = not status and contents(run) == expected.contents
    for blow in blows:
        blow.is_equal = is_equal
        blow.wrong += wrong
