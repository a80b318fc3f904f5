"""What functions take for a run and for data: a path, or the thing itself."""

import os
from pathlib import Path
from typing import Any

from torch.utils.data import Dataset as TorchDataset

from inkwise.classifier import Classifier
from inkwise.data.dataset import Dataset
from inkwise.runs.run import Run

RunArgument = str | os.PathLike[str] | Run | Classifier
DataArgument = str | os.PathLike[str] | Dataset | TorchDataset[Any]


def as_run(run: RunArgument) -> Run | None:
    """Return the run that a RUN argument means; None for a classifier, in a file or in memory.

    Raises:
        RunError: a folder that holds no run.
    """
    if isinstance(run, Run | Classifier):
        return run if isinstance(run, Run) else None
    return Run.open(run) if Path(run).is_dir() else None
