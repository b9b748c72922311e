# Two commands matter: `make run` starts the demo, `make test` runs all tests. Both install what is missing.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
export QT_API := pyside6

.PHONY: help run test lint bench shots endurance trace bundle format clean system
.DEFAULT_GOAL := help

help: ## list the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

$(STAMP): pyproject.toml .ci/constraints.txt .ci/venv
	@bash .ci/venv $(PYTHON) $(VENV)
	@touch $@

test bench endurance: EXTRA = postgresql socat
system:
	@bash .ci/system $(EXTRA)

run: system $(STAMP) ## start the demo: city, simulated panels, call-taker window (offscreen at 20x without a display)
	@$(BIN)/python -m console demo

test: system $(STAMP) ## run all tests
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -q -n 3 --dist loadgroup

lint: $(STAMP) ## ruff, mypy --strict, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check -q .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: system $(STAMP) ## measure the figures of the README, each beside its baseline
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m console bench all --json

shots: system $(STAMP) ## render the window over the demo, night and day, small and large, into out/shots
	@mkdir -p out/shots
	@for window in calltaker bench; do for size in 1366x768 1920x1080 3840x2160; do for theme in night day; do \
		$(BIN)/python -m console screenshot $$window out/shots/$$window-$$theme-$$size.png --theme $$theme --size $$size || exit 1; \
	done; done; done

endurance: system $(STAMP) ## the long runs (200 kills, 60 s floods …); resumable; prints a table for the README
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.endurance

trace: $(STAMP) ## which rows of the five founding documents are proven by a test
	@$(BIN)/python -m tests.trace

bundle: system $(STAMP) ## installer without internet (wheels and hashes) and frozen program into out/bundle, each tested without a network
	@$(BIN)/python .ci/bundle.py wheels out/bundle
	@$(BIN)/python .ci/bundle.py frozen out/bundle
	@bash .ci/bundle-check out/bundle/*.tar.gz

format: $(STAMP) ## let ruff put the files in order
	@$(BIN)/ruff check --fix -q . ; $(BIN)/ruff format -q .

clean: ## throw away what was installed and made
	@rm -rf $(VENV) out build .mypy_cache .ruff_cache .hypothesis .import_linter_cache
