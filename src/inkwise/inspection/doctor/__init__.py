"""Names the classic mistakes of a training: what was found, the evidence, why it matters, what to do."""

from inkwise.inspection.doctor.finding import Finding

__all__ = ["Finding"]
