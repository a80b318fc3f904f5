"""What the doctor says of one mistake."""

from dataclasses import dataclass

# Every name a finding can have; docs/explanation/doctor.md has a heading for each.
NAMES = (
    "out-of-range",
    "grey-as-colour",
    "overlapping-parts",
    "labels-off-by-one",
    "turned-images",
    "mirrored-characters",
    "unshuffled",
    "softmax-under-cross-entropy",
    "log-softmax-under-cross-entropy",
    "logits-under-nll",
    "dead-classes",
    "dead-units",
    "dropout-inactive",
    "train-mode-at-evaluation",
    "loss-stuck",
    "learning-rate-too-low",
    "learning-rate-too-high",
    "exploding-gradients",
)


@dataclass(frozen=True)
class Finding:
    """One mistake, found in this data, network or training.

    Attributes:
        name: one of NAMES, a short fixed word for it; documentation is found by it.
        what: one sentence that names the mistake.
        evidence: the numbers it was seen by.
        why: what it does to the result.
        advice: what to do, with the setting or line to change.
    """

    name: str
    what: str
    evidence: str
    why: str
    advice: str

    def __str__(self) -> str:
        """Return the finding as one readable line."""
        return f"{self.name}: {self.what} {self.evidence} {self.advice}"
