# Everything runs in .venv, made with this interpreter (3.11 or newer).
PYTHON ?= python3
BIN = .venv/bin
FUZZ ?= 1000000
FUZZ_SECONDS ?= 3600

.PHONY: demo test lint docs bench fuzz clean

demo: .venv/base  ## set up the light install and extract a shipped page with each model
	$(BIN)/python cli.py extract tests/pages/news.html --head classifier --title
	$(BIN)/python cli.py extract tests/pages/news.html --head decoder --query "How many trees were planted?"

test: .venv/dev  ## set up everything and pass the tests
	$(BIN)/python -m pytest -n auto --dist loadfile

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: .venv/docs  ## draw the pictures and build the documentation in site/
	$(BIN)/python docs/how_it_works.py
	$(BIN)/python docs/choosing_tree.py
	$(BIN)/mkdocs build --strict

bench: .venv/dev
	$(BIN)/python -m pytest -o addopts= tests/bench --benchmark-only

fuzz: .venv/dev  ## properties of many random inputs: FUZZ examples, in at most FUZZ_SECONDS
	INDEXLM_FUZZ_EXAMPLES=$(FUZZ) INDEXLM_FUZZ_SECONDS=$(FUZZ_SECONDS) $(BIN)/python -m pytest -n auto --timeout=0 -rs tests/fuzz

clean:
	rm -rf .venv site

.venv/bin/python:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip

.venv/base: .venv/bin/python pyproject.toml constraints.txt
	PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	touch $@

# torch first and by its exact version: another one may pull gigabytes of CUDA libraries.
.venv/dev: .venv/base
	$(BIN)/python -m pip install --quiet --constraint constraints.txt torch
	PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

.venv/docs: .venv/base
	PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[docs]'
	touch $@
