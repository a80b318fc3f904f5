"""The file of a classifier: its header and tensors, checked; see docs/file-format.md. Needs no PyTorch."""

import json
import os
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load as load_arrays

from inkwise.errors import CheckpointError
from inkwise.networks.layers import Layer, OutputConvention
from inkwise.preprocessing import Preprocessing

FORMAT = 2  # raised when a reader of today could not read a file of tomorrow
FILE_NAME = "classifier.safetensors"

Framework = Literal["pt", "numpy"]


class Header(BaseModel):
    """What the file says about itself, as JSON under the metadata key "inkwise".

    Attributes:
        layers: the network in words; empty in a file of format 1, and where it is no chain of known layers.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    format: int = Field(ge=1)
    network: str
    network_options: dict[str, bool | int | float | str] = Field(default_factory=dict)
    layers: list[Layer] = Field(default_factory=list)
    output: OutputConvention
    preprocessing: Preprocessing
    classes: list[str] = Field(min_length=2)
    recipe: dict[str, Any] = Field(default_factory=dict)
    metrics: dict[str, float] = Field(default_factory=dict)
    provenance: dict[str, Any] = Field(default_factory=dict)

    @property
    def trained_on(self) -> str | None:
        """What load_dataset finds the classifier's own data by; None where the file does not say."""
        # The recipe has the path of a person's own data, the provenance only its name.
        section = self.recipe.get("data")
        named = section.get("dataset") if isinstance(section, dict) else None
        source = named or self.provenance.get("dataset")
        return source if isinstance(source, str) else None


def find_classifier_file(run: str | os.PathLike[str]) -> Path:
    """Return the classifier's file of a run folder, or run itself where it is no folder."""
    path = Path(run)
    return path / FILE_NAME if path.is_dir() else path


def title_of(path: Path) -> str:
    """Return what people call the classifier in a file: its run folder, or the file itself.

    >>> title_of(Path("runs/quick-001/classifier.safetensors")), title_of(Path("old/mine.safetensors"))
    ('quick-001', 'mine')
    """
    path = path.resolve()
    return path.parent.name if path.name == FILE_NAME else path.name.removesuffix(".safetensors")


def recorded_accuracy(path: Path) -> float | None:
    """Return the accuracy on test images that stands beside a classifier's file, in its run's evaluation.

    None where there is none, or none that can be read: it is told, never computed with.
    """
    try:
        text = (path.parent / "evaluation.json").read_text(encoding="utf-8")
        accuracy = json.loads(text)["accuracy"]
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return accuracy if isinstance(accuracy, float) and path.name == FILE_NAME else None


def read_classifier_file(path: Path, *, framework: Framework = "numpy") -> tuple[Header, dict[str, Any]]:
    """Return the header and tensors of a classifier file, both checked to be of our format.

    Args:
        path: of the file.
        framework: whose tensors, NumPy's or PyTorch's ("pt").
    Raises:
        CheckpointError: the file is missing, truncated, altered, foreign, or newer than this inkwise.
    """
    metadata, tensors = read_safetensors(path, framework=framework)
    return _parse_header(path, metadata), tensors


def read_header(path: Path) -> Header:
    """Return the header of a classifier file, its tensors left where they are.

    Raises:
        CheckpointError: as read_classifier_file.
    """
    return _parse_header(path, read_safetensors(path, framework=None)[0])


def read_safetensors(path: Path, *, framework: Framework | None) -> tuple[dict[str, str], dict[str, Any]]:
    """Return metadata and tensors of any safetensors file.

    Args:
        path: of the file.
        framework: whose tensors; None for the metadata alone.
    Raises:
        CheckpointError: the file is missing or not whole.
    """
    if not path.is_file():
        raise CheckpointError(f"{path}: no such file; expected a run folder or a {FILE_NAME}")
    try:
        # Read, not mapped: where a disk fails, a read is an error, and a touched page the end of the process.
        if framework is None:
            _read_head(path)
            with safe_open(path, framework="numpy") as file:
                return dict(file.metadata() or {}), {}
        raw = path.read_bytes()
        tensors = _load(raw, framework)  # which checks the header
        return _metadata(raw), tensors
    except (SafetensorError, OSError) as error:
        is_ours = path.suffix == ".safetensors"
        advice = (
            "it was cut short or altered, take another copy"
            if is_ours
            else f"expected a run or a {FILE_NAME}"
        )
        raise CheckpointError(f"{path}: not a whole safetensors file ({error}); {advice}") from error


def _read_head(path: Path) -> bytes:
    """Return a safetensors file up to its first tensor; safe_open will find that in memory."""
    with path.open("rb") as file:
        length = file.read(8)
        return length + file.read(min(int.from_bytes(length, "little"), path.stat().st_size))


def _load(raw: bytes, framework: Framework) -> dict[str, Any]:
    if framework == "numpy":
        return load_arrays(raw)
    from safetensors.torch import load  # brings in PyTorch

    return load(raw)


def _metadata(raw: bytes) -> dict[str, str]:
    """Return the metadata in the header of a safetensors file: a length of 8 bytes, then JSON."""
    end = 8 + int.from_bytes(raw[:8], "little")
    return dict(json.loads(raw[8:end]).get("__metadata__") or {})


def _parse_header(path: Path, metadata: dict[str, str]) -> Header:
    if "inkwise" not in metadata:
        raise CheckpointError(
            f"{path}: a safetensors file, but not an inkwise classifier (its header has no 'inkwise' entry); "
            f"expected the {FILE_NAME} of a run"
        )
    text = metadata["inkwise"]
    try:
        raw = json.loads(text)
        number = raw.get("format") if isinstance(raw, dict) else None
        if isinstance(number, int) and number > FORMAT:
            raise CheckpointError(
                f"{path}: format {number}, this inkwise reads up to {FORMAT}; "
                "run: pip install --upgrade inkwise"
            )
        return Header.model_validate_json(text)
    except (ValueError, RecursionError) as error:  # ValidationError is a ValueError
        first = error.errors()[0] if isinstance(error, ValidationError) else {"loc": (), "msg": str(error)}
        where = ".".join(str(part) for part in first["loc"]) or "the header"
        raise CheckpointError(
            f"{path}: {where} is not as expected ({first['msg']}); the file was altered, take another copy"
        ) from error
