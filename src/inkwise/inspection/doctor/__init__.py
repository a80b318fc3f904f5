"""Names the classic mistakes of a training: what was found, the evidence, why it matters, what to do.

`examine_run` looks at a run of inkwise, `examine` at any network with its images, `watch` at anybody's own
training loop while it runs. Each check is a small function that returns a Finding or None.
"""

from inkwise.inspection.doctor.examine import examine, examine_data, examine_run
from inkwise.inspection.doctor.finding import NAMES, Finding
from inkwise.inspection.doctor.history import Course
from inkwise.inspection.doctor.watch import Watch, watch

__all__ = ["NAMES", "Course", "Finding", "Watch", "examine", "examine_data", "examine_run", "watch"]
