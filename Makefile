PYTHON ?= python3
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-slow check docs clean

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' $(firstword $(MAKEFILE_LIST)) | expand -t 12
	@echo 'Pass arguments along with ARGS, for example: make test ARGS="tests/drift -x"'

setup: ## fill .venv with everything, ready to work on omloop
	@$(PYTHON) run.py setup $(ARGS)

demo: ## turn the whole circuit once
	@$(PYTHON) run.py demo $(ARGS)

test: ## run the tests with coverage
	@$(PYTHON) run.py test $(ARGS)

test-slow: ## run the tests that take minutes
	@$(PYTHON) run.py test-slow $(ARGS)

check: ## lint, format, types, floors and docs
	@$(PYTHON) run.py check $(ARGS)

docs: ## build the documentation into site/
	@$(PYTHON) run.py docs $(ARGS)

clean: ## remove .venv and what builds and tests left behind
	@rm -rf .venv build dist site htmlcov .coverage .coverage.* .hypothesis .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
