# Everything the project does, from a checkout and a Python: make help.
# PYTHON= chooses the Python that .venv is made with.

PYTHON ?= python3
PYTEST ?=
SEEDS ?= 20
PROCESSES ?= 1
FIRST ?= 1
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help run test ui check bench coverage faults lock clean set-up
unexport PYTHONDONTWRITEBYTECODE PYTHONHOME PYTHONPATH

help:  ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' Makefile

run: set-up  ## ingest and forecast through Airflow; print the headline crossing dates
	@$(BIN)/python -m trends.local_airflow run

test: set-up  ## run the test suite; PYTEST="-k name" passes arguments on
	@$(BIN)/python -m pytest -ra -n 2 --dist loadfile --no-loadscope-reorder $(PYTEST)

ui: set-up  ## start Airflow with its web pages; Ctrl-C stops it
	@$(BIN)/python -m trends.local_airflow ui

check: set-up  ## lint, format, types and import contracts
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: set-up  ## measure the fitting engine beside the loops it replaces
	@$(BIN)/python -m trends.bench

coverage: set-up  ## simulate how often intervals hold the truth; writes docs/coverage.md
	@$(BIN)/python -m trends.coverage

faults: set-up  ## break runs on purpose: SEEDS=20 from FIRST=1 on, PROCESSES=1
	@$(BIN)/python -m tests.faults --first $(FIRST) --seeds $(SEEDS) \
	  --processes $(PROCESSES)

cluster-demo: set-up  ## forecast on two workers, lose one, compare with one machine
	@$(BIN)/python -m trends.local_airflow.cluster \
	  $(if $(BENCHMARKS),--benchmarks $(BENCHMARKS)) $(DEMO)

lock: set-up  ## resolve requirements.lock again, for all Pythons at once
	$(BIN)/uv pip compile --system-certs --quiet --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
	  --group pyproject.toml:dev --extra cluster --extra s3 pyproject.toml \
	  --output-file requirements.lock

clean:  ## remove what make made, but keep published results
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m trends.local_airflow stop; fi
	rm -rf .venv .airflow .mypy_cache .pytest_cache .ruff_cache .hypothesis \
	  .import_linter_cache data/work
	find dags tests trends -name __pycache__ -type d -prune -exec rm -rf {} +

set-up:
	@command -v $(PYTHON) >/dev/null || { \
	  echo "error: no $(PYTHON) here; install Python 3.11, 3.12 or 3.13," \
	    "or choose one with PYTHON=" >&2; exit 1; }
	@$(PYTHON) trends/set_up.py $(if $(filter file,$(origin PYTHON)),,--this-python)
