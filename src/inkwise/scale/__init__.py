"""Work on more than one process or machine, by Ray. Nothing else imports it.

Importing this package imports Ray, quietly, and says in one line what to install where it is missing.
"""

from inkwise.scale.start import start_ray

start_ray()
