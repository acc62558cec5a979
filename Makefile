# Every target makes the environment it needs and does nothing twice. Paths are relative, so a folder with spaces works.
PYTHON ?= python3
ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
else
BIN := .venv/bin
endif
READY := .venv/ready
WANTED := --constraint constraints.txt --editable '.[lab,pdf,scheduler,test]'
JOBS ?=
# Jobs that JupyterLab schedules run through the library's renderer.
SCHEDULER := --Scheduler.execution_manager_class=clusterlib.report.lab.ReportExecutionManager \
	--SchedulerApp.environment_manager_class=clusterlib.report.lab.ReportEnvironmentManager
FORMAT ?= html,pdf
.DEFAULT_GOAL := help
.PHONY: help env reports test lab check bench notebooks clean

help:  ## show this list
	@echo "make TARGET, one of:"
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/^([a-z]+):.*## (.*)/  \1@\2/' | awk -F@ '{printf "%-12s %s\n", $$1, $$2}'

env: $(READY)  ## make the environment in .venv (uv where it can be installed, else pip)

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || { echo "Python 3.11 or later is needed; $(PYTHON) is `$(PYTHON) --version 2>&1`. Name another: make PYTHON=python3.12" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@{ $(BIN)/python -m pip install --quiet --disable-pip-version-check uv && \
	   $(BIN)/python -m uv pip install --quiet --python $(BIN)/python --compile-bytecode $(WANTED); } 2>/dev/null || \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check $(WANTED)
	@touch $(READY)

reports: $(READY)  ## render the plan (reports/plan.toml) to reports/, what has changed; open reports/index.html
	@$(BIN)/python -m clusterlib report --format $(FORMAT) $(if $(JOBS),--jobs $(JOBS))

test: $(READY)  ## style, types, floors, then all tests, notebook regressions included
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .
	@$(BIN)/python -m mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m pytest -n 2

lab: $(READY)  ## open the notebooks in JupyterLab
	@cd notebooks && ../$(BIN)/python -m jupyterlab $(SCHEDULER)

check: $(READY)  ## check data/ against its schema (SOURCE=file checks the places too)
	@$(BIN)/python -m clusterlib check $(if $(SOURCE),--source "$(SOURCE)")

bench: $(READY)  ## measure speed, as ratios within one run
	@$(BIN)/python benchmarks/bench.py

notebooks: $(READY)  ## run the notebooks and keep the outputs that nbval compares
	@$(BIN)/python -m jupyter nbconvert --log-level ERROR --to notebook --inplace --execute notebooks/*.ipynb
	@$(BIN)/python -m nbstripout --keep-id --keep-count --extra-keys "metadata.language_info cell.metadata.execution" notebooks/*.ipynb

clean:  ## remove rendered reports and caches, keep the environment
	@find reports -mindepth 1 -not -name plan.toml -delete
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	@find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
