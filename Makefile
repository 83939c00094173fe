# Toktra: everything a developer or a first user runs. `make help` lists it.
PYTHON ?= python3
FUZZ_SECONDS ?= 600
# Tests wait for processes about half of their time. Files that take long come first, so that none ends alone.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(3 * (os.cpu_count() or 2) // 2)')
VENV := .venv
BIN := $(VENV)/bin
SETUP := $(VENV)/.ready
WEB := server/src/toktra/web/index.html
EXTENSION := extension/dist/chrome/manifest.json
NPM := npm --prefix dashboard
NPM_EXTENSION := npm --prefix extension
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

.DEFAULT_GOAL := help
.PHONY: help setup dashboard extension demo test check bench bench-peers deb fuzz estimator-page docs format lock clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

setup: $(SETUP) $(WEB) $(EXTENSION) ## Prepare .venv, the dashboard and the extension, which the other targets need

$(SETUP): requirements.txt wire/pyproject.toml server/pyproject.toml agent/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Toktra needs Python 3.11 or later as '$(PYTHON)'. Say which one with: make setup PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "'$(PYTHON)' has no venv module. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "Setting up .venv (once, about a minute)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable wire --editable server --editable agent
	@touch $@

%/node_modules/.ready: %/package-lock.json
	@node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null || \
	  { echo "The $* is built with Node.js 20 or later, which is not here as 'node'. See https://nodejs.org"; exit 1; }
	@echo "Setting up the packages of the $*"
	@npm --prefix $* ci --no-audit --no-fund --loglevel=error
	@touch $@

# The API's types are made from the API itself, so that a changed answer fails the build of what shows it.
$(WEB): $(SETUP) dashboard/node_modules/.ready $(wildcard $(shell git ls-files dashboard server/src wire/src 2>/dev/null))
	@echo "Building the dashboard"
	@$(BIN)/toktra openapi > dashboard/openapi.json
	@$(NPM) run --silent types >/dev/null
	@$(NPM) run --silent build -- --logLevel warn
	@touch $@

dashboard: $(WEB) ## Build the dashboard into the server's package

$(EXTENSION): extension/node_modules/.ready $(wildcard $(shell git ls-files extension 2>/dev/null))
	@echo "Building the extension"
	@$(NPM_EXTENSION) run --silent build >/dev/null
	@touch $@

extension: $(EXTENSION) ## Build the browser extension into extension/dist, and packages for the stores
	@TOKTRA_STORE=1 $(NPM_EXTENSION) run --silent zip >/dev/null
	@ls extension/dist/*.zip

demo: $(SETUP) $(WEB) ## Start the demo organisation: database, server, worker, live usage
	@$(BIN)/toktra demo

test: $(SETUP) $(WEB) $(EXTENSION) ## Run the tests of every package, and those that need several programs
	@$(NPM) run --silent test
	@$(NPM_EXTENSION) run --silent test
	@$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile e2e agent/tests server/tests wire/tests docs/tests

check: $(SETUP) $(WEB) $(EXTENSION) ## Everything CI does: format, lint, types, layering, docs, package, tests
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(NPM) run --silent check
	@$(NPM_EXTENSION) run --silent check
	@$(MAKE) --no-print-directory docs
	@if command -v dpkg-deb >/dev/null; then $(MAKE) --no-print-directory deb; \
	  else echo "The agent's Debian package is not built: there is no dpkg-deb here."; fi
	@$(MAKE) --no-print-directory test

bench: $(SETUP) $(EXTENSION) ## Measure, print tables, write bench/results.json
	@$(BIN)/python -m bench

bench-peers: $(SETUP) ## Measure preflight beside LiteLLM's proxy; installs it and mitmproxy into .peers
	@$(BIN)/python -m bench.peers

deb: $(SETUP) ## Build the agent's Debian package into dist (needs dpkg-deb and the Python it is for)
	@$(BIN)/python deploy/deb/build.py

# New inputs that reach new code go to .toktra/fuzz; a crash is written beside the fuzzer.
fuzz: $(SETUP) ## Look for bytes that the agent's readers cannot take (FUZZ_SECONDS=600)
	@mkdir -p .toktra/fuzz
	@$(BIN)/python agent/fuzz/readers.py -max_total_time=$(FUZZ_SECONDS) -max_len=8192 -artifact_prefix=agent/fuzz/ .toktra/fuzz agent/fuzz/corpus

estimator-page: $(SETUP) ## Write docs/agent/estimator.md, the estimator's errors on rows it has not seen
	@mkdir -p .toktra
	@$(BIN)/python -m toktra_wire.page data/llm_exchanges.csv > .toktra/estimator.md
	@mv .toktra/estimator.md docs/agent/estimator.md

docs: $(SETUP) ## Build the documentation into docs/_build/html; a warning is an error
	@$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going --builder html docs docs/_build/html

format: $(SETUP) dashboard/node_modules/.ready extension/node_modules/.ready ## Format and fix what can be fixed
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .
	@$(NPM) run --silent format
	@$(NPM_EXTENSION) run --silent format

lock: ## Lock the dependencies again (needs uv)
	@$(LOCK) --no-emit-package toktra-wire --output-file requirements.txt \
	  wire/pyproject.toml server/pyproject.toml agent/pyproject.toml dev-requirements.in

clean: ## Remove what setup, docs and the demo made
	rm -rf $(VENV) dist docs/_build .toktra .peers dashboard/node_modules server/src/toktra/web \
	  extension/node_modules extension/dist extension/.wxt
