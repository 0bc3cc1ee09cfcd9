# Préau: `make help` lists what can be asked.
.DEFAULT_GOAL := help
SHELL := /bin/bash -o pipefail
PORT ?= 8000
VENV := .venv
PY := $(VENV)/bin/python
UV := .tools/bin/uv
export UV_PYTHON_DOWNLOADS := never
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Compiled once: the tests start a portal, a worker or a command a hundred times.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help:  ## list the targets, each with a sentence
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' | awk -F'|' '{printf "  make %-8s %s\n", $$1, $$2}'

# The environment. Two stamps: what the portal needs, and what its tests need on top.
$(UV):
	@bin/install-tool uv

$(VENV)/.portal: requirements.lock | $(UV)
	@test -x $(PY) || $(UV) venv --quiet --python "$$(command -v python3)" $(VENV)
	@$(UV) pip install --quiet --compile-bytecode --python $(PY) --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.portal
	@$(UV) pip install --quiet --compile-bytecode --python $(PY) --require-hashes -r requirements-dev.lock
	@touch $@

.PHONY: run
run: $(VENV)/.portal  ## serve the demonstration town on http://127.0.0.1:8000 (PORT= to change), worker included
	@PORT=$(PORT) exec $(PY) -m app.demo.serve

.PHONY: demo
demo: $(VENV)/.portal  ## reset the demonstration town to its first day
	@PREAU_ENV=demo $(PY) -m flask demo

.PHONY: setup
setup: $(VENV)/.dev  ## install what the tests need (Chromium and PostgreSQL from the distribution's packages)
	@PATH="$$PATH:/usr/sbin:/sbin" bin/install-tool chromium playwright postgresql

.PHONY: test
test: setup check  ## run lint, types and every test
	@$(PY) -m pytest -n auto $(ARGS)

.PHONY: check
check: $(VENV)/.dev  ## check style, format, types, templates and htmx usage, without running tests
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check --quiet .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports --no-logo --no-cache
	@$(VENV)/bin/djlint app/templates --lint --quiet
	@$(PY) tests/vendor/htmx-upgrade-check.py --no-color app/templates app/static/js | tail -n 25

.PHONY: format
format: $(VENV)/.dev  ## put the code in its usual format
	@$(VENV)/bin/ruff check --fix --quiet . ; $(VENV)/bin/ruff format --quiet .

.PHONY: schema
schema: $(VENV)/.portal  ## write schema.sql, the photograph of the models for SQLite
	@PREAU_ENV=demo $(PY) -m flask db photograph

.PHONY: house
house: $(VENV)/.portal  ## draw docs/images/house.svg, the rooms of the app and which imports which
	@$(PY) bin/draw_house.py

.PHONY: lock
lock: $(UV)  ## compile the lock files anew from pyproject.toml
	@$(UV) pip compile --quiet pyproject.toml --python-version 3.11 --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate -o requirements.lock
	@$(UV) pip compile --quiet pyproject.toml --python-version 3.11 --group dev --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate -o requirements-dev.lock

.PHONY: vendor
vendor:  ## fetch the pinned files again (htmx, the font, axe, postal codes), with npm
	@bin/vendor

.PHONY: bench
bench: $(VENV)/.dev  ## measure pages and verbs (AGAINST=<commit>: beside that commit, in the same run)
	@$(PY) -m $(if $(AGAINST),bench.against $(AGAINST) "$(ROWS)",bench)
