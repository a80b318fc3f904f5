"""What the doctor says of one mistake."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One mistake, found in this data, network or training.

    Attributes:
        name: a short fixed word for it, such as "dead-classes"; documentation is found by it.
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
