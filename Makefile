# smpbench. `make` shows what there is; `make bench` needs nothing but Python 3.11+ and a network for the install.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

# datasets/ holds declarations; it must never be imported in place of a library of that name.
export PYTHONSAFEPATH := 1
PYTHON ?= python3
BIN := .venv/bin
DATA ?= musk_tweets
SEEDS ?= 1
# Two cells of one thread each: small networks gain nothing from a second thread.
JOBS ?= 2
# catboost comes along with dev; add to it with EXTRAS='dev ray'.
EXTRAS ?= dev
INSTALLED := .venv/.installed-$(subst $() ,-,$(EXTRAS))
UV_INSTALL := $(BIN)/uv pip install --quiet --python $(BIN)/python
# Two processes of one thread each: two of two threads on two cores would be slower than one.
PYTEST := OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE $(BIN)/python -m pytest -q -n 2 --dist worksteal

.PHONY: help install demo bench study smpd board compare data verify new-baseline scale docs test test-fast lint licences format lock clean

help: ## show this
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

install: $(INSTALLED) ## create .venv and install the pinned dependencies, every file held against its hash (EXTRAS)

# Nothing is built but the project itself, and that with the setuptools of the lock: what is built asks for more.
# Packages are compiled here and once: where Python may not write what it has compiled (images often say so), each of the
# processes that a run starts would compile thousands of files anew.
$(INSTALLED): requirements.lock pyproject.toml tools/locked.py | $(BIN)/uv
	$(BIN)/python tools/locked.py $(EXTRAS) | $(UV_INSTALL) --compile-bytecode --no-build --require-hashes --requirement -
	$(UV_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "smpbench needs Python 3.11 or newer: $$($(PYTHON) --version) found. Name another: make PYTHON=python3.12 ..." >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python tools/locked.py --only uv | $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement /dev/stdin

demo: install ## three baselines on 500 made-up posts, in half a minute
	$(BIN)/smpbench demo

bench: install ## say how long it will take, run every baseline on every data set at hand, show what came out (SMPBENCH_RAW, SEEDS, JOBS, ARGS)
	$(BIN)/smpbench run --seeds $(SEEDS) --jobs $(JOBS) $(ARGS)

study: install ## compare losses, target scalings, the level and a random split, with bundled and hub encoders (DATA=musk_tweets)
	$(BIN)/python -m tools.tables.study $(addprefix -d ,$(DATA)) --seeds $(SEEDS) --jobs $(JOBS) $(ARGS)

smpd: install ## from the unpacked SMPD image track to its table of four, with LightGBM, and the files to submit (SMPBENCH_RAW, SEEDS, JOBS)
	$(BIN)/python -m tools.tables.smpd --seeds $(SEEDS) --jobs $(JOBS) $(ARGS)

board: install ## write leaderboard/ anew from the stored and the published results
	$(BIN)/smpbench board

compare: install ## say what is better or worse, running what has no results: make compare A=lightgbm:+history B=my_model.py
	$(BIN)/smpbench compare "$(A)" "$(B)" $(ARGS)

data: install ## download what may be downloaded, say how to get the rest
	$(BIN)/smpbench data

verify: install ## re-derive every stored and published score, and the boards
	$(BIN)/smpbench verify

new-baseline: install ## write a baseline that already runs: make new-baseline NAME=my_model
	$(BIN)/smpbench new baseline $(NAME)

scale: install ## measure harness, encoders and networks at full SMPD size (486,194 generated posts), and graphs of up to 1,000,000 edges; FULL=1: every baseline there
	$(BIN)/python -m $(if $(FULL),tools.full_size,tools.scale) $(ARGS)

docs: install ## build the pages of docs/ as a site, into site/; any link that leads nowhere is an error
	$(BIN)/mkdocs build --strict

test: install ## the whole test suite
	$(PYTEST)

# Is run again and again: what Python has compiled of it is kept, whatever the environment says.
test-fast: install ## the quick part, under a minute
	PYTHONDONTWRITEBYTECODE= $(PYTEST) -m "not slow"

lint: install ## style, types and licences
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m tools.licences --brief

licences: install ## list the licence of all that is required or brought along; those that are not allowed
	$(BIN)/python -m tools.licences

format: install ## put the code into its style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: | $(BIN)/uv ## pin, with its hashes, what pyproject.toml asks for anew; make lock UPGRADE=--upgrade takes the newest of all
	$(BIN)/uv pip compile --quiet --universal --generate-hashes $(UPGRADE) --python-version 3.11 --all-extras --no-emit-index-url pyproject.toml --custom-compile-command "make lock" --output-file requirements.lock

clean: ## remove prepared data, caches and results (raw data stay)
	rm -rf data/prepared data/features data/runs
