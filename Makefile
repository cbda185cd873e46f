# `make demo` shows it, `make test` proves it, `make check` is the quick look before a commit.

PYTHON ?= python3
VENV := .venv
# On Windows (Git Bash, MSYS) a virtual environment keeps its programs elsewhere.
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# Test processes at once; CI and the reference machine have two cores.
JOBS ?= 2

.PHONY: help demo setup dev peers test check bench lock clean

help:
	@echo "make demo    show Onlooker with cameras that need no hardware"
	@echo "make setup   install it into $(VENV); then: $(BIN)/onlooker serve"
	@echo "make test    everything: format, lint, types, import contracts, all tests with real cameras and a browser"
	@echo "make check   the same without the real peers: seconds"
	@echo "make bench   measure it against what the kernel, the disk and nginx can do"
	@echo "make lock    pin the dependencies anew (UPGRADE=1: to their newest versions)"

demo: setup
	@$(BIN)/onlooker demo

setup: $(VENV)/.installed

dev: $(VENV)/.installed-dev

$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Onlooker needs Python 3.11 or newer; $(PYTHON) is older or not there."; \
	  echo "Name another one: make $(or $(MAKECMDGOALS),demo) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is incomplete; on Debian: apt-get install python3-venv"; exit 1; }
	@touch $@

$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/.created
	@echo "Installing Onlooker into $(VENV) …"
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	@echo "Installing what the tests need …"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

peers:
	@sh scripts/install-peers.sh

check: dev
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m pytest -q -n $(JOBS) -m "not peers and not browser"

# Hundreds of hubs are started, each by an interpreter of its own: compile once, whatever the surroundings say.
check test: export PYTHONDONTWRITEBYTECODE =

# pytest comes last, so that its own closing line is the last word.
test: dev peers
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal

bench: dev
	@$(BIN)/python bench/run.py

lock: dev
	@$(BIN)/python scripts/lock.py $(if $(UPGRADE),--upgrade)

clean:
	rm -rf $(VENV) .peers build dist
