"""What a sweep is asked for."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from inkwise.experiments.sweep.space import Choice, Span, grid_size
from inkwise.recipes.recipe import Recipe

_MOST_COMBINATIONS = 64  # so many are all tried, unless told otherwise
_TRIALS = 20  # of more, or of a span


class Plan(BaseModel):
    """What is searched, and how. A resumed sweep keeps it.

    Attributes:
        recipe: what is not varied comes from it.
        parameters: what is varied.
        num_trials: how many combinations are tried.
        num_seeds: trainings a combination; what counts is their mean.
        seed: of the first training, and of the search.
        max_parameters: networks with more are not trained; None has no limit.
        max_seconds: trainings that take longer, on this machine, cannot win; None has no limit.
        prune: whether trials that lag behind the median are given up before their last epoch.
    """

    model_config = ConfigDict(frozen=True)

    recipe: Recipe
    parameters: tuple[Annotated[Choice | Span, Field(discriminator="kind")], ...]
    num_trials: int = Field(ge=1)
    num_seeds: int = Field(ge=1)
    seed: int = Field(ge=0)
    max_parameters: int | None = None
    max_seconds: float | None = None
    prune: bool = True

    @property
    def is_grid(self) -> bool:
        """Whether every combination is tried once."""
        return self.num_trials == grid_size(self.parameters)


def default_trials(parameters: tuple[Choice | Span, ...]) -> int:
    """Return how many trials a sweep of parameters makes when nobody says."""
    size = grid_size(parameters)
    return size if size is not None and size <= _MOST_COMBINATIONS else _TRIALS
