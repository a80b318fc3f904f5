"""What a training leaves behind, one record an epoch, as JSON lines; equal runs write equal bytes."""

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict


class EpochRecord(BaseModel):
    """One epoch.

    Attributes:
        epoch: 1 for the first.
        step: optimizer updates made since the beginning of training.
        learning_rate: of the epoch's last step.
        train_loss: mean over the epoch's images, in nats, while the weights were changing (each image is
            seen by the weights of its own step), so it lags behind a loss measured afterwards.
        train_accuracy: a fraction, likewise.
        validation_loss, validation_accuracy: measured after the epoch; None without a validation split.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    epoch: int
    step: int
    learning_rate: float
    train_loss: float
    train_accuracy: float
    validation_loss: float | None = None
    validation_accuracy: float | None = None


def history_to_lines(records: Iterable[EpochRecord]) -> str:
    """Return one line of JSON a record."""
    return "".join(record.model_dump_json() + "\n" for record in records)


def history_from_lines(text: str) -> list[EpochRecord]:
    """Return the records in text, as history_to_lines wrote it."""
    return [EpochRecord.model_validate_json(line) for line in text.splitlines() if line.strip()]
