"""Everything that a training and its report import on their way, imported at once."""

import sklearn.datasets  # noqa: F401
from dev.injection import victim  # noqa: F401
from matplotlib import pyplot  # noqa: F401

import inkwise.reports.write  # noqa: F401
