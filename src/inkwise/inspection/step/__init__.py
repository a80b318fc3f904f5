"""The training step of a run as a plain PyTorch program, and with real numbers why each line is there."""

from inkwise.inspection.step.explain import StepExplanation, explain_step

__all__ = ["StepExplanation", "explain_step"]
