# kcore: one command for each thing a developer does. `make help` lists them.
#
# Everything runs in its own virtual environment ($(VENV)), made on first use; a machine needs only
# python3, make and, for the fast kernels, a C compiler.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV ?= .venv
JOBS ?= 2
NODES ?= 5
SEED ?= 1
MANIFEST ?=
VECTORS ?= ../shared/vectors
FAMILY ?=
BENCH ?=

BIN := $(VENV)/bin
# Tools that call other tools (cython-lint calls pycodestyle) find them.
export PATH := $(abspath $(BIN)):$(PATH)
RUNTIME := $(VENV)/.runtime-installed
DEVELOPMENT := $(VENV)/.development-installed
KERNELS := $(VENV)/.kernels-built
KERNEL_SOURCES := setup.py $(wildcard kcore/_native/*.pyx kcore/_native/*.pxd \
	kcore/_native/*.c kcore/_native/*.h kcore/_native/*/*.c kcore/_native/*/*.h)

# Compiled kernels are demanded where they can be built, so that a broken build cannot pass unseen.
COMPILER := $(shell command -v cc || command -v gcc || command -v clang)
NATIVE := $(if $(COMPILER),0,1)
PYTEST := $(BIN)/python -m pytest -n $(JOBS)
# What runs on the kernels directly, or would tell of a difference between them and their twins.
KERNEL_TESTS := $(wildcard tests/native tests/machinery tests/store tests/simulation)

# Kernels with a stub; a stub is compared with the compiled kernel.
STUBBED := $(patsubst kcore/_native/%.pyi,kcore._native.%,$(wildcard kcore/_native/*.pyi))

.PHONY: help venv build debug check format test test-pure test-deep demo bench conformance sanitize docs clean

help: ## List every target
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

venv: $(DEVELOPMENT) ## Make the virtual environment with everything a developer needs

build: $(DEVELOPMENT) $(KERNELS) ## Build the compiled kernels in place (optional: without a compiler the pure twins run)

debug: $(DEVELOPMENT) ## Build the kernels with assertions, bounds checks and line tracing
	KCORE_DEBUG=1 $(BIN)/python setup.py --quiet build_ext --inplace --force
	rm -f $(KERNELS)

check: build ## Check format, style, layers, types, stubs, kernels and spelling
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy
	$(if $(COMPILER),$(BIN)/stubtest $(STUBBED) --allowlist stubtest-allowlist.txt)
	$(BIN)/cython-lint kcore/_native
	$(BIN)/codespell

format: $(DEVELOPMENT) ## Rewrite the sources into the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

test: build ## Run every test on the compiled kernels, then the kernel-sensitive ones on the pure twins
	KCORE_PURE=$(NATIVE) $(PYTEST)
	$(if $(COMPILER),KCORE_PURE=1 $(PYTEST) $(KERNEL_TESTS),@echo "no C compiler: everything above ran on the pure twins")

test-pure: build ## Run every test on the pure Python kernels
	KCORE_PURE=1 $(PYTEST)

test-deep: build ## Run every test with long random campaigns (tens of minutes)
	KCORE_PURE=$(NATIVE) HYPOTHESIS_PROFILE=deep $(PYTEST)

demo: $(RUNTIME) $(KERNELS) ## Show the main job on the example, or on your own: make demo MANIFEST=path
	$(BIN)/python examples/demo.py $(MANIFEST) --nodes $(NODES) --seed $(SEED)

bench: build ## Run the benchmarks: make bench BENCH=fork; all of them without BENCH
	$(BIN)/python -m benchmarks $(BENCH)

conformance: build ## Compare with upstream's recorded answers: make conformance VECTORS=dir FAMILY=name
	$(BIN)/python -m tests.conformance --vectors $(VECTORS) $(if $(FAMILY),--family $(FAMILY))

sanitize: $(DEVELOPMENT) ## Run the kernel tests under AddressSanitizer and UndefinedBehaviorSanitizer
	$(BIN)/python tools/sanitize.py
	rm -f $(KERNELS)

docs: $(DEVELOPMENT) ## Build the documentation into build/docs; warnings are errors
	$(BIN)/sphinx-build -W --keep-going -q -b html docs build/docs
	@echo "open build/docs/index.html"

clean: ## Remove everything that was built, and the virtual environment
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks $(VENV)
	find kcore -name '*.so' -delete
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Each stamp is newer than what it was made from, so set-up happens once.
$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip

$(RUNTIME): pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[cli,plots]' 'setuptools>=77' 'Cython>=3.1,<4'
	touch $@

$(DEVELOPMENT): pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[all]' --group dev
	touch $@ $(RUNTIME)

$(KERNELS): $(KERNEL_SOURCES) | $(RUNTIME)
	$(BIN)/python setup.py --quiet build_ext --inplace
	touch $@
