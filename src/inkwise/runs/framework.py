"""The framework that trains a run: PyTorch, or TensorFlow where the extra is installed."""

from importlib.util import find_spec
from typing import Literal, get_args

from inkwise.errors import RecipeError, RunError, unknown_name
from inkwise.runs.run import Run

Framework = Literal["torch", "tensorflow"]
FRAMEWORKS: tuple[Framework, ...] = get_args(Framework)


def is_installed(framework: Framework) -> bool:
    """Return whether a framework can be imported here, without importing it."""
    return find_spec(framework) is not None


def framework_of(run: Run) -> Framework:
    """Return what a run is trained in, by its environment.json; PyTorch where that does not say."""
    if not run.environment_path.is_file():
        return "torch"
    found = run.environment.get("framework", "torch")
    return "tensorflow" if found == "tensorflow" else "torch"


def choose_framework(asked: str | None, run: Run | None = None) -> Framework:
    """Return the framework to train in.

    Args:
        asked: None takes PyTorch, or what run began in.
        run: the one to resume, if any.
    Raises:
        RecipeError: there is no such framework.
        RunError: the run began in the other one.
    """
    if asked is not None and asked not in FRAMEWORKS:
        raise RecipeError(unknown_name("framework", asked, FRAMEWORKS))
    wanted: Framework = "tensorflow" if asked == "tensorflow" else "torch"
    if run is None or not run.environment_path.is_file():
        return wanted
    began_in = framework_of(run)
    if asked is not None and began_in != wanted:
        raise RunError(
            f"{run.path}: begun in {began_in}, which {wanted} cannot go on with; leave out --framework, "
            "or begin a new run"
        )
    return began_in
