# Everything a newcomer needs: `make run` to see it, `make test` to trust it.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MADE := $(VENV)/.made
STAMP := $(VENV)/.set-up
# What numba compiles once.
WARM := $(VENV)/.warm
DATA ?= data
WEB := services/console/web
WEB_SOURCES := $(shell find $(WEB)/src $(WEB)/public services/console/words -type f 2>/dev/null)
NODE = $(BIN)/python -m deploy.node $(WEB)
# Three for two processors, since many tests wait, each with whole files of tests, or with those that share a server
# (tests/conftest.py). They keep their order, in which the quick ones come last: by how many tests they hold, the longest
# would.
SPREAD = -n 3 --dist loadscope --no-loadscope-reorder
PYTEST = $(BIN)/python -m pytest $(SPREAD)
# Two targets at once, the output of each in one piece where this make can.
BESIDE = -j2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)
# Compiled sources are kept where the caller's environment says otherwise: a suite starts Stemma some hundred times.
unexport PYTHONDONTWRITEBYTECODE
RESOLVE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml

.PHONY: help setup run test test-service test-units test-console deep fast check read-only lint types audit bench conformance client console e2e screenshots lock servers-up servers-down compose-up dashboards clean

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

setup: $(STAMP) $(WARM) ## make .venv with the locked dependencies

$(MADE):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; call make with PYTHON=/path/to/python3.11"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@touch $@

# pip fetches uv alone, which installs in a seventh of the processor time; where the registry is known to pip's own settings only, pip
# installs all.
$(STAMP): requirements.lock pyproject.toml | $(MADE)
	@sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > $(VENV)/uv.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $(VENV)/uv.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock || \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(WARM): $(STAMP) $(wildcard projections/trace/*.py projections/genealogy/*.py)
	$(BIN)/python -m projections.trace.warm
	@touch $@

$(WEB)/node_modules/.installed: $(WEB)/package-lock.json | $(MADE)
	$(NODE) npm ci --no-progress --loglevel=error
	@touch $@

$(WEB)/dist/index.html: $(WEB)/node_modules/.installed $(WEB)/index.html $(WEB)/vite.config.ts $(WEB_SOURCES)
	$(NODE) npx vite build --logLevel warn
	@touch $@

console: $(WEB)/dist/index.html ## build the console

client: setup $(WEB)/node_modules/.installed ## the console's types from the service's own OpenAPI
	$(BIN)/python -m services.console.openapi > $(WEB)/openapi.json
	$(NODE) npm run --silent client

e2e: console ## every page in Chromium, in both languages, widths and shades
	STEMMA_E2E=all $(NODE) npx playwright test

screenshots: console ## pictures of every page in both languages, into docs/images
	STEMMA_E2E=all $(NODE) npx playwright test --config playwright.screenshots.ts

run: setup console ## the embedded service with the demo plant; says the URL
	$(BIN)/stemma serve --demo --data $(DATA)

test: test-service test-units test-console ## the whole suite, on every back end that can be had here, and the console in Chromium

test-service: setup
	$(PYTEST)

test-units: $(WEB)/node_modules/.installed
	$(NODE) npx vitest run --silent=passed-only

test-console: console
	$(NODE) npx playwright test

deep: export STEMMA_TESTS = deep
deep: test-service ## the service's tests with more seeds, orders and rounds (tests/depth.py)

fast: setup ## what needs no server and takes seconds
	$(BIN)/python -m pytest -m "not servers and not slow" -x

lint: $(STAMP) $(WEB)/node_modules/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(NODE) npx eslint . --max-warnings 0

types: console
	$(BIN)/mypy
	$(NODE) npx tsc --noEmit

audit: $(STAMP) ## known vulnerabilities among the locked dependencies, where the registry can tell
	$(BIN)/python -m deploy.audit

check: export CI = true
check: ## lint, types, audit and tests; a missing server is a failure
	@$(MAKE) --no-print-directory $(BESIDE) $(WARM) console
	@$(MAKE) --no-print-directory $(BESIDE) test-service read-only test-units
	@$(MAKE) --no-print-directory test-console

# What reads the sources takes the processor when the tests wait.
read-only:
	@nice -n 15 $(MAKE) --no-print-directory lint types audit

bench: setup ## the measured claims, each a ratio within one run
	$(BIN)/python -m tests.bench

conformance: setup ## docs/epcis-conformance.md from the tests that cite a row
	$(BIN)/python -m tests.epcis.conformance $(SPREAD)

lock: setup ## resolve the dependencies anew
	$(RESOLVE) --group dev -o requirements.lock
	$(RESOLVE) --group image --constraint requirements.lock -o deploy/requirements.lock

servers-up: setup ## real Kafka, Neo4j and PostgreSQL without Docker; addresses in .servers.env
	$(BIN)/python deploy/servers/servers.py up

servers-down: setup ## end them
	$(BIN)/python deploy/servers/servers.py down

compose-up: ## Stemma with Kafka, Neo4j, PostgreSQL, Prometheus and Grafana in Docker
	$(PYTHON) deploy/passwords.py
	docker compose -f deploy/compose.yaml up --build --detach --wait

dashboards: setup ## Grafana's dashboards from deploy/grafana/*.py
	$(BIN)/python -m deploy.grafana.build

clean: ## remove what set-up made
	rm -rf $(VENV) build *.egg-info $(WEB)/node_modules $(WEB)/dist
