PYTHON ?= python

.DEFAULT_GOAL := help
.PHONY: help install check format test test-fast docs site sizes results picture
.PHONY: check-types check-site check-style check-layers check-pages check-sizes

# Whether `make site` runs the lessons (run), shows what was kept of earlier runs (kept), or neither (none).
LESSONS ?= run

# List these targets.
help:
	@awk '/^# /{said = substr($$0, 3)} \
	      /^[a-z-]+:/{if (said) printf "  make %-10s %s\n", substr($$1, 1, length($$1) - 1), said} \
	      !/^# /{said = ""}' $(MAKEFILE_LIST)

# Install inkwise from this checkout, with what its developers need.
install:
	$(PYTHON) -m pip install -e '.[dev]'

# Check format, lint, types, layers, freshness of reference and results, the site, and sizes.
check: check-types check-site check-style check-layers check-pages check-sizes

check-types:
	$(PYTHON) -m mypy

check-site:
	$(PYTHON) dev/site.py --lessons none --out build/site-check

check-style:
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .

check-layers:
	$(PYTHON) -c 'from importlinter.cli import lint_imports_command as main; main()'

check-pages:
	$(PYTHON) dev/reference.py --check
	$(PYTHON) dev/results.py --check
	$(PYTHON) dev/notebooks.py --check

check-sizes:
	$(PYTHON) dev/sizes.py

# Put every file into the house's format and apply the safe fixes.
format:
	$(PYTHON) -m ruff format .
	$(PYTHON) -m ruff check --fix .

# Run every test, the slow ones too.
test:
	$(PYTHON) -m pytest

# Run the tests of seconds only.
test-fast:
	$(PYTHON) -m pytest -m "not slow"

# Write docs/reference/ anew from the docstrings and the --help texts, and notebooks/ from the lessons.
docs:
	$(PYTHON) dev/reference.py
	$(PYTHON) dev/notebooks.py

# Build the site of all pages, strictly, into build/site; LESSONS=none runs no lesson.
site:
	$(PYTHON) dev/site.py --lessons $(LESSONS)

# Show the size of every folder, the longest modules and the longest functions.
sizes:
	$(PYTHON) dev/sizes.py --table

# Measure again all that README and docs/results.md say, and put it there; takes hours.
results:
	$(PYTHON) -m inkwise reproduce --out results/reproduce
	$(PYTHON) -m inkwise bench --out results/bench
	$(PYTHON) dev/recipes.py quick --seeds 20
	$(PYTHON) dev/recipes.py standard --seeds 10 --zero-shot usps
	$(PYTHON) dev/recipes.py tiny --seeds 10 --at-once 2
	$(PYTHON) dev/recipes.py best --seeds 5 --at-once 2 --zero-shot usps --runs build/best
	$(PYTHON) dev/sweeps.py quick tiny
	$(PYTHON) dev/frameworks.py cnn-keras mlp-logsoftmax
	$(PYTHON) -m inkwise bench recipes --out results/recipes-bench
	$(PYTHON) -m inkwise bench reading --out results/reading-benchmark
	$(PYTHON) -m inkwise bench serving --out results/serving-benchmark
	$(PYTHON) dev/results.py

# Draw the pictures of the pages anew, from trainings of seconds; needs MNIST.
picture:
	$(PYTHON) dev/picture.py
	$(PYTHON) dev/reading_picture.py
	$(PYTHON) dev/handwriting_pictures.py
	$(PYTHON) dev/drawing_picture.py
