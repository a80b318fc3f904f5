"""Reports as a worker would give them."""

from typing import Any

from inkwise.experiments.bench.recipes.report import Cost, Report
from inkwise.experiments.bench.recipes.result import Measured

ENVIRONMENT = {
    "inkwise": "0.1.0", "commit": "0123456789", "python": "3.11", "torch": "2.9", "platform": "Linux",
    "processor": "A Processor", "processor_features": ["avx2", "amx_bf16"], "num_cores": 2, "threads": 2,
    "started": "2026-11-21T00:00:00+00:00",
}  # fmt: skip
COST = Cost(num_parameters=1000, multiply_adds=20_000, safetensors_bytes=5000, onnx_bytes=4500)


def report(**changes: Any) -> Report:
    """Return a report of 4 s: 1 to load, 2 forward, 1 to evaluate; 3 s of processor time."""
    usual: dict[str, Any] = {
        "stage_seconds": {"load": 1.0, "forward": 2.0, "evaluate": 1.0},
        "stage_cpu_seconds": {"load": 1.0, "forward": 1.5, "evaluate": 0.5},
        "accuracy": 0.99, "num_steps": 10, "batch_size": 256, "precision": "float32", "num_train": 60_000,
        "num_test": 10_000, "prepares_ahead": False, "peak_memory_bytes": 400_000_000,
        "peak_device_bytes": None, "context_seconds": None, "load_average": 0.1, "cost": COST,
        "environment": ENVIRONMENT,
    }  # fmt: skip
    return Report(**usual | changes)


def measured(*reports: Report) -> list[Measured]:
    """Return one repetition a report, seeds from 0."""
    return [Measured(seed, whole=one, staged=one) for seed, one in enumerate(reports)]
