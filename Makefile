PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
READY := .venv/.ready
MINERL := .minerl/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test check bench clean minerl minerl-build

help: ## Show this list
	@grep -hE '^[a-z.-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: $(READY) ## Train, judge and report on the flagship task (at most 10 minutes on 2 cores)
	$(BIN)/falsebeacon demo

test: $(READY) $(MINERL) ## Run the test suite
	OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE $(BIN)/pytest -n 2 --dist worksteal --durations 12

check: $(READY) ## Lint, format, types, import order
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/pyright

bench: $(READY) $(MINERL) ## Measure speed as ratios, side by side in one run
	$(BIN)/python -m benchmarks

minerl: $(MINERL) ## Prepare MineRL's own environment in .minerl

minerl-build: $(MINERL) ## Build Minecraft for it (JDK 8; docs/minerl.md)
	$(BIN)/python -m minecraft_tasks.backends.minerl.machine.build

clean: ## Remove the environment and caches; runs/ and .minerl/ are kept
	rm -rf .venv .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './runs/*' -prune -exec rm -rf {} +

.venv: $(READY)

$(MINERL): minecraft_tasks/backends/minerl/machine/requirements.lock | $(READY)
	$(BIN)/python -m minecraft_tasks.backends.minerl.machine.prepare

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}: make PYTHON=/path/to/python3.11")'
	rm -rf .venv
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@
