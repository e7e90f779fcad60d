# Everything a newcomer needs is one word. `make help` lists the words.
PYTHON ?= python3.11
STUDY ?= demo
ROOMS ?=
VENV := .venv
READY := $(VENV)/.ready
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help run test slow newcomer lab check bench bench-features sample glossary constraints clean

help:  ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Made anew when missing, and when what should be in it has changed.
$(READY): pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "coterie needs Python 3.11; $(PYTHON) is not on the PATH (set PYTHON=...)"; exit 2; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,journey,train]'
	@touch $@

run: $(READY)  ## run a study from raw files to HTML: make run STUDY=demo
	$(BIN)/coterie run $(STUDY)

test: $(READY)  ## run the tests that every change must pass, and say which take longest
	$(BIN)/python -m pytest -q --durations=10

slow: $(READY)  ## run the long simulations and the whole studies: make slow ROOMS=tests/segments
	$(BIN)/python -m pytest -q -m slow --durations=10 $(ROOMS)

newcomer: $(READY)  ## see that tests of the real data are skipped where nobody has them
	COTERIE_DATA=/nowhere $(BIN)/python -m pytest -q -m real

lab: $(READY)  ## open JupyterLab on the notebooks
	$(BIN)/jupyter lab notebooks

check: $(READY)  ## lint the code, and see that notebooks are committed clean
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/python -m pytest -q tests/notebooks/test_shape.py

bench: $(READY)  ## time a run and what of it is overhead, and the tournament of segments
	$(BIN)/python tests/bench/bench.py
	$(BIN)/python tests/bench/segments.py time

bench-features: $(READY)  ## time the behaviour table against hand-written SQL and pandas
	$(BIN)/python tests/bench/features.py

sample: $(READY)  ## render the small demo run that is kept under reports/sample
	$(BIN)/python tests/bench/sample.py

glossary: $(READY)  ## write the tables of GLOSSARY.md from the contracts
	$(BIN)/python tests/bench/glossary.py

# In a fresh environment without constraints, so that it finds the newest versions that fit pyproject.toml.
constraints:  ## pin the exact version of everything
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,journey,train]'
	$(BIN)/python -m pip freeze --exclude-editable | sed 's/+cpu$$//' > constraints.txt
	@touch $(READY)

clean:  ## remove the environment; data and reports stay
	rm -rf $(VENV)
