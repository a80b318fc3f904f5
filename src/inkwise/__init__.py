"""Train small-image classifiers, say honestly how good they are, and put them to use.

Bytes become a Dataset, a Dataset and a Recipe become a Run, a Run holds a Classifier, and a Classifier
is evaluated, compared and put to use. The names below are loaded when first
used, so that `import inkwise` costs nothing.
"""

import importlib
import os
from typing import Any

# ONNX Runtime would keep a file of its own for a service of its maker; nothing here talks to anybody unasked.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

_HOME = {
    "Classifier": "inkwise.classifier",
    "Dataset": "inkwise.data.dataset",
    "InkwiseError": "inkwise.errors",
    "Recipe": "inkwise.recipes.recipe",
    "Run": "inkwise.runs.run",
    "Split": "inkwise.data.dataset",
    "compare": "inkwise.experiments.compare",
    "correct": "inkwise.handwriting.corrections",
    "evaluate": "inkwise.experiments.evaluate",
    "explore": "inkwise.experiments.explore",
    "export": "inkwise.exporting.export",
    "inspect": "inkwise.experiments.inspect",
    "list_recipes": "inkwise.recipes.load",
    "load_dataset": "inkwise.data.load",
    "load_recipe": "inkwise.recipes.load",
    "predict": "inkwise.experiments.predict",
    "read": "inkwise.experiments.read",
    "reproduce": "inkwise.experiments.reproduce",
    "sweep": "inkwise.experiments.sweep.search",
    "train": "inkwise.experiments.train",
}

__all__ = sorted(_HOME)
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'inkwise' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted([*_HOME, "__version__"])
