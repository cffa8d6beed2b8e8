# make demo: train, export, build and prove the ECG rhythm system, or another RECIPE. make test: all tests.
# Both set up everything they need; the second time they are quick.

VENV ?= .venv
PYTHON ?= python3
RECIPE ?= ecg-rhythm
TARGET ?= mps2-an386
BIN := $(VENV)/bin
JOBS ?= $(shell nproc)
export VENV PYTHON

.PHONY: help demo test lint format bench docs soak clean
.DEFAULT_GOAL := help

help:  ## Show what there is to make
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# What the demo needs; synthetic pictures are drawn by OpenGL.
EXTRA := train
ifeq ($(RECIPE),aircraft-detect)
EXTRA := train,scenes
endif

demo:  ## Train, quantise, export, build, run and report the ECG rhythm system (RECIPE=, TARGET=)
	@scripts/venv.sh $(EXTRA)
	@if [ $(EXTRA) != train ]; then scripts/tools.sh scenes || true; fi
	@if scripts/tools.sh; then target=$(TARGET); else echo "Going on with the host target." >&2; target=host; fi; \
	$(BIN)/edgekit demo $(RECIPE) --target $$target

test:  ## Lint and run all tests, also the slow ones and those on emulated boards
	@scripts/tools.sh test
	@scripts/venv.sh dev
	@$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup

lint:  ## Check style, types, import layers and C formatting
	@scripts/venv.sh dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache >/dev/null || $(BIN)/lint-imports --no-cache
	@if command -v clang-format >/dev/null; then \
	    git ls-files 'firmware/*.[ch]' | xargs clang-format --dry-run --Werror; fi

format:  ## Format Python and C
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	git ls-files 'firmware/*.[ch]' | xargs clang-format -i

bench:  ## Count instructions per inference on the emulated cores
	@scripts/tools.sh
	@scripts/venv.sh train
	$(BIN)/edgekit bench --optimize balanced,speed,ram --markdown docs/benchmarks.md --json benchmarks/edgekit.json

docs:  ## Build the documentation into site/
	@scripts/venv.sh dev
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

soak:  ## Long forms of the tests, 10,000 damaged model files among them (half an hour)
	@scripts/tools.sh test
	@scripts/venv.sh dev
	EDGEKIT_SOAK=1 $(BIN)/python -m pytest -n $(JOBS) --dist loadgroup

clean:  ## Remove what make made, except run folders
	rm -rf $(VENV) site build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
