"""What a sweep of recipes has found, judged by validation images."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from inkwise.html_table import html_table

State = Literal["done", "pruned", "failed", "too large", "too slow"]
Value = bool | int | float | str  # of a recipe


class Trial(BaseModel):
    """One combination, tried.

    Attributes:
        number: 0 for the first.
        settings: what it set.
        state: "done"; "pruned": given up early; "failed": the training broke off; "too large", "too slow":
            beyond the plan's limits.
        validation_accuracy: mean over the seeds of the last epoch's, a fraction; None where none was reached.
        validation_loss: likewise, nats.
        epochs: trained, of one seed.
        seconds: for one training, mean over the seeds.
        num_parameters: of the network.
        note: why it failed.
    """

    model_config = ConfigDict(frozen=True)

    number: int
    settings: dict[str, Value]
    state: State
    validation_accuracy: float | None = None
    validation_loss: float | None = None
    epochs: int = 0
    seconds: float = 0.0
    num_parameters: int = 0
    note: str = ""

    @property
    def score(self) -> float:
        """The validation accuracy of a trial that is done."""
        assert self.validation_accuracy is not None
        return self.validation_accuracy


class Sweep(BaseModel):
    """What a sweep has found.

    Attributes:
        recipe: name of the recipe that was varied.
        dataset: name of the data.
        keys: what was varied.
        num_train: images a training saw.
        num_validation: images a combination was judged by; the test part was not looked at.
        num_trials: how many were planned.
        num_seeds: trainings a combination.
        trials: so far, in the order they were tried.
    """

    model_config = ConfigDict(frozen=True)

    recipe: str
    dataset: str
    keys: list[str]
    num_train: int
    num_validation: int
    num_trials: int
    num_seeds: int
    trials: list[Trial]

    @property
    def ranked(self) -> list[Trial]:
        """The trials that are done, the best first."""
        return sorted((trial for trial in self.trials if trial.state == "done"), key=_rank)

    @property
    def best(self) -> Trial | None:
        """The trial with the highest validation accuracy, of equals the lowest loss; None where none is."""
        return next(iter(self.ranked), None)

    def _repr_html_(self) -> str:
        rows = [
            (f"{trial.score:.2%}", *(str(trial.settings[key]) for key in self.keys)) for trial in self.ranked
        ]
        title = f"{self.recipe} on {self.dataset}, {len(self.trials)} of {self.num_trials} trials"
        return html_table(rows, columns=["validation", *self.keys], caption=title, side="right")


def _rank(trial: Trial) -> tuple[float, float]:
    return -trial.score, trial.validation_loss or 0.0
