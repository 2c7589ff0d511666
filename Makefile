# make demo and make test do all their own set-up; a machine needs only Python 3.11 or newer, and make.
PYTHON ?= $(firstword $(foreach p,python3.11 python3.12 python3.13 python3 python,$(if $(shell $(p) -c 'import sys; print(sys.version_info >= (3, 11) or "")' 2>/dev/null),$(p))))
UV = uv==0.13.9
VENV = .venv
BIN = $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1
# tests and notebooks run beside each other, one a core: linear algebra that takes all cores in each of them makes all of them wait
export OMP_NUM_THREADS ?= 1

.PHONY: help install dev demo wheel test test-long test-spark lint bench lock samples pictures clean
help:
	@echo "make install  the pinned environment in .venv"
	@echo "make demo     reports on the two shipped samples, in reports/"
	@echo "make wheel    dist/kamplay-*.whl, which installs without this folder"
	@echo "make test     all checks and tests"
	@echo "make test-long  whole runs as on Windows, of anonymous copies and of fleets that are cut off"
	@echo "make test-spark  the tests of sales in Spark (needs a JRE)"
	@echo "make lint     ruff, mypy and the layers"
	@echo "make bench    what is timed, against what: see benchmarks/"
	@echo "make lock     pin the dependencies of pyproject.toml anew"
	@echo "make pictures the pictures of the quick starts in docs/, anew (needs Chromium)"
	@echo "make samples  build the invented sample and the blank workbooks anew"

install: $(VENV)/.installed
dev: $(VENV)/.developing

$(VENV)/.uv:
	@test -n "$(PYTHON)" || { echo "kamplay needs Python 3.11 or newer; name yours with: make PYTHON=/path/to/python"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PYTHON) -m venv $(VENV)/uv
	$(VENV)/uv/bin/python -m pip install --quiet $(UV)
	touch $@

$(VENV)/.installed: $(VENV)/.uv requirements.txt pyproject.toml
	$(VENV)/uv/bin/uv pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r requirements.txt
	$(VENV)/uv/bin/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	$(BIN)/python -m compileall -q kamplay
	touch $@

$(VENV)/.developing: $(VENV)/.installed requirements-dev.txt
	$(VENV)/uv/bin/uv pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r requirements-dev.txt
	touch $@

demo: install
	$(BIN)/kamplay demo

# the build back-end is the one of the lock, so nothing is fetched to build with; the same tree gives the same bytes
wheel: dev
	rm -rf dist
	$(VENV)/uv/bin/uv build --quiet --wheel --no-build-isolation --python $(BIN)/python --out-dir dist .

lint: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder
	PYTHONPATH=tests $(BIN)/python -m pytest -p one_kernel --nbval-lax --nbval-cell-timeout=300 -W ignore notebooks

# whole runs on two systems, of copies and of fleets: minutes each, before a release
test-long: dev
	$(BIN)/python -m pytest -m long -n auto --dist loadfile

# against a Spark of its own; pyspark is large, so it is fetched for these tests alone (needs a JRE)
test-spark: dev
	$(VENV)/uv/bin/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-spark.txt
	KAMPLAY_NEED_SPARK=1 $(BIN)/python -m pytest tests/intake/test_database.py -k spark

bench: dev
	$(BIN)/python benchmarks/run_against_bare.py
	$(BIN)/python benchmarks/rollup.py
	$(BIN)/python benchmarks/tier_draws.py

lock: $(VENV)/.uv
	$(VENV)/uv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url pyproject.toml -o requirements.txt
	$(VENV)/uv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt
	$(VENV)/uv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --extra spark -c requirements-dev.txt pyproject.toml -o requirements-spark.txt

samples: install
	$(BIN)/python -m kamplay.samples.medtech
	$(BIN)/python -m kamplay.intake.blank_workbook --write data_templates

pictures: dev
	CHROMIUM="$${CHROMIUM:-$$(command -v chromium || command -v google-chrome)}" $(BIN)/python docs/make_pictures.py

clean:
	rm -rf $(VENV)
