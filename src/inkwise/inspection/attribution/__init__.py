"""Which pixels move the answer for one image: maps of signed, unscaled numbers, each with a check.

What is explained is always the log-odds of one class, log(p / (1 - p)): it has the same meaning for networks
that end in logits, log-probabilities or probabilities, and does not stand still where p is almost 1.
"""

from inkwise.inspection.attribution.attribution import Attribution
from inkwise.inspection.attribution.class_activation import grad_cam
from inkwise.inspection.attribution.gradients import integrated_gradients
from inkwise.inspection.attribution.occluding import occlusion

__all__ = ["Attribution", "grad_cam", "integrated_gradients", "occlusion"]
