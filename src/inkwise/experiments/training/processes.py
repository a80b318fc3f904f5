"""In which framework and by which processes a recipe is trained: this one, torchrun's, or workers on Ray."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from inkwise.recipes.recipe import Recipe
from inkwise.runs.framework import Framework
from inkwise.training import session as torch_session
from inkwise.training.parallel.torchrun import check_workers, prepare_leading, torchrun_size


@contextlib.contextmanager
def preparing(
    framework: Framework, recipe: Recipe, *, workers: int | None, ray: str | None, device: str
) -> Iterator[Callable[..., Any]]:
    """Give what prepares the session: of this process, with those of torchrun, or of workers on Ray."""
    total = check_workers(workers, recipe, on_ray=ray is not None, framework=framework)
    if torchrun_size() > 1:
        yield prepare_leading
    elif total > 1 or ray is not None:
        from inkwise.scale.training import on_workers

        with on_workers(total, ray or "local", device=device) as prepare:
            yield prepare
    else:
        yield sessions_in(framework).prepare_session


def sessions_in(framework: Framework) -> Any:
    """Return the module whose check_session and prepare_session train in a framework."""
    if framework == "torch":
        return torch_session
    from inkwise.tensorflow import session as keras_session  # seconds, and only where it is installed

    return keras_session
