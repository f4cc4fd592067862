# `make` alone says what there is. Everything happens in .venv, made from requirements.lock; nothing is assumed but Python and make.

PYTHON ?= python3
VENV := .venv
INSTALLED := $(VENV)/.installed
# In the order of the folders: by number of tests, the few long ones with a real Airflow would come last, and one worker wait for them.
PYTEST := $(VENV)/bin/python -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder
# What is needed now and then runs in an environment of its own, which uv makes.
TOOL := $(VENV)/bin/uv tool run --quiet
PIP := $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check

# Where this is set, every process compiles anew all that it imports: a crawl's start takes 1.7 s of a processor instead of 0.8.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo up test quick coverage rehearse soak lint docs bench sbom audit clean

help: ## Say what there is
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

demo: $(INSTALLED) ## Run the whole pipeline over the demo sites, through a real Airflow, and show what came of it
	$(VENV)/bin/warraq demo

up: $(INSTALLED) ## Run Airflow, the S3 server and the demo sites until Ctrl-C
	$(VENV)/bin/warraq up

test: $(INSTALLED) ## Run every test, with a real S3 server and a real Airflow
	$(PYTEST)

quick: $(INSTALLED) ## Run all but the slow tests: three minutes, for while you work
	$(PYTEST) -m "not slow"

coverage: $(INSTALLED) ## Run every test, and show how much of the code they run in their own processes
	$(PYTEST) --cov

rehearse: $(INSTALLED) ## Run the production set-up without Docker, kill one part of it after the other, and hold the corpus to the gold
	$(VENV)/bin/python -m tests.rehearsal $(EVENTS)

soak: $(INSTALLED) ## Kill, starve and disturb every command at random moments, TIMES=175 trials, and hold what is left
	$(VENV)/bin/python -m tests.faults --times $(or $(TIMES),175) --hours 24

lint: $(INSTALLED) ## Check format, style and types
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy

docs: $(INSTALLED) ## Build the site of docs/ and of the code's reference; what leads nowhere is an error
	$(VENV)/bin/sphinx-build --quiet --fail-on-warning --fresh-env -d build/doctrees docs build/docs
	@echo "build/docs/index.html"

bench: $(INSTALLED) ## Measure speed and quality beside the peers
	@# As modules: in the path, benchmarks/pipeline.py would stand for the package of that name.
	@for bench in benchmarks/[a-z]*.py; do echo "$$bench"; $(VENV)/bin/python -m "benchmarks.$$(basename "$$bench" .py)" || exit 1; done

sbom: $(INSTALLED) ## List what requirements.lock installs, with its hashes, in build/sbom.json (CycloneDX)
	@mkdir -p build
	@$(TOOL) --from 'cyclonedx-bom>=7.5,<8' cyclonedx-py requirements --output-reproducible --pyproject pyproject.toml \
		--output-file build/sbom.json requirements.lock
	@echo "build/sbom.json"

audit: $(INSTALLED) ## Ask osv.dev for known faults of what requirements.lock installs; fails where there are any, or it does not answer
	@mkdir -p build && rm -f build/audit.txt
	@if $(TOOL) 'pip-audit>=2.10,<3' --vulnerability-service osv --disable-pip --require-hashes --requirement requirements.lock \
		--progress-spinner off --output build/audit.txt 2> build/audit.log; then tail -n 1 build/audit.log; \
	elif [ -s build/audit.txt ]; then cat build/audit.txt; exit 1; \
	else echo "nothing was audited, which says nothing of faults: $$(tail -n 1 build/audit.log)" >&2; exit 2; fi

clean: ## Remove what the demo and the tools leave behind: .warraq/ (its corpus too), caches; .venv stays
	rm -rf .warraq .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage build dist *.egg-info
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' || \
		{ echo "warraq needs Python 3.11 to 3.14, and $(PYTHON) is $$($(PYTHON) --version 2>&1): say which with make PYTHON=..." >&2; exit 1; }
	@echo "Installing what requirements.lock names into $(VENV) (once; a minute or more)"
	@$(PYTHON) -m venv $(VENV)
	@sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > $(VENV)/uv.lock
	@$(PIP) --require-hashes -r $(VENV)/uv.lock
	@# uv is many times faster; where it does not reach the registry that pip is set up for, pip does it all.
	@$(VENV)/bin/uv pip install --quiet --python $(VENV)/bin/python --require-hashes -r requirements.lock || $(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@
