# Toktra: everything a developer or a first user runs. `make help` lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SETUP := $(VENV)/.ready
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench bench-peers docs format lock clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

setup: $(SETUP) ## Prepare .venv with everything the other targets need

$(SETUP): requirements.txt wire/pyproject.toml server/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Toktra needs Python 3.11 or later as '$(PYTHON)'. Say which one with: make setup PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "'$(PYTHON)' has no venv module. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "Setting up .venv (once, about a minute)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable wire --editable server
	@touch $@

demo: $(SETUP) ## Start the demo organisation: database, server, worker, live usage
	@$(BIN)/toktra demo

test: $(SETUP) ## Run the tests of every package, and those that need several programs
	@$(BIN)/python -m pytest wire/tests server/tests docs/tests e2e

check: $(SETUP) ## Everything CI does: format, lint, types, layering, docs, tests
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(MAKE) --no-print-directory docs
	@$(MAKE) --no-print-directory test

bench: $(SETUP) ## Measure, print tables, write bench/results.json
	@$(BIN)/python -m bench

bench-peers: $(SETUP) ## Measure preflight beside LiteLLM's proxy, installed into .peers
	@$(BIN)/python -m bench.peers

docs: $(SETUP) ## Build the documentation into docs/_build/html; a warning is an error
	@$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going --builder html docs docs/_build/html

format: $(SETUP) ## Format and fix what can be fixed
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lock: ## Lock the dependencies again (needs uv)
	@$(LOCK) --no-emit-package toktra-wire --output-file requirements.txt \
	  wire/pyproject.toml server/pyproject.toml dev-requirements.in

clean: ## Remove what setup, docs and the demo made
	rm -rf $(VENV) docs/_build .toktra .peers
