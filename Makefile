# Two commands for newcomers: `make profiles` and `make test`. `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
RUN := $(PY) -m resilience_analysis
PIP := $(PY) -m pip install --quiet --disable-pip-version-check
REGION ?= neteland
# what starts kernels, run in processes of its own: after hundreds of other tests a kernel has died at its start
KERNELS := tests/batch/test_engine.py notebooks

# in these locales Python cannot read the name of a folder with accents
ifneq ($(filter C POSIX,$(LC_ALL)),)
export LC_ALL := C.UTF-8
endif

.DEFAULT_GOAL := help
.PHONY: help docs profiles test lint types tests trials notebooks build example pdf browser bench bench-all lock clean

help: ## What can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

profiles: $(VENV)/run.stamp ## The profiles and the report of a region (REGION=neteland), on real figures
	$(RUN) build
	$(RUN) profiles --region $(REGION)
	$(RUN) region $(REGION)
	$(RUN) villages --region $(REGION)

test: $(VENV)/test.stamp ## Everything that CI does: style, types, tests, notebooks
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -m pytest --nbval --nbval-cell-timeout 120 --numprocesses 2 --dist loadfile $(KERNELS)
	$(PY) -m pytest --numprocesses 2 --dist loadfile --ignore tests/batch/test_engine.py tests

trials: $(VENV)/test.stamp ## Long trials of what the tests try briefly; CI runs them too
	$(PY) -m pytest -m trial --numprocesses 2 --dist loadfile tests

build: $(VENV)/run.stamp ## The tables in data/processed, from data/raw
	$(RUN) build

example: $(VENV)/run.stamp ## The same reports with invented answers and registers, in reports-example
	RESILIENCE_EXAMPLE=1 $(RUN) build
	RESILIENCE_EXAMPLE=1 $(RUN) profiles --region $(REGION)
	RESILIENCE_EXAMPLE=1 $(RUN) region $(REGION)
	RESILIENCE_EXAMPLE=1 $(RUN) villages --region $(REGION)

notebooks: $(VENV)/test.stamp ## Run the committed notebooks again and keep their outputs without pictures
	$(PY) tools/renew_notebooks.py

pdf: $(VENV)/test.stamp ## What `--format pdf` needs: the engine, and Debian's pango
	$(call install,libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0)

browser: $(VENV)/test.stamp ## What the tests of accessibility need: Debian's chromium
	$(call install,chromium)

docs: $(VENV)/test.stamp ## The documentation as a site, in build/docs
	$(PY) -m sphinx --quiet -W --keep-going -b html docs build/docs

bench: $(VENV)/test.stamp ## What is wanted of the speed, as ratios: ten minutes on an idle machine
	$(PY) benchmarks/goals.py

bench-all: $(VENV)/test.stamp ## All measurements of docs/performance.md: an hour
	$(PY) benchmarks/all.py

lock: ## Pin again what pyproject.toml asks for (needs uv): exact versions and hashes, no address of any index
	uv pip compile pyproject.toml build.in --universal --python-version 3.11 --generate-hashes --no-annotate \
		--no-header --quiet --output-file requirements.lock
	uv pip compile pyproject.toml build.in --all-extras --constraint requirements.lock --universal \
		--python-version 3.11 --generate-hashes --no-annotate --no-header --quiet --output-file requirements-dev.lock

clean: ## Take away what was made, the environment too
	rm -rf $(VENV) .cache reports reports-example data/example build

# pip speaks up when it has to fetch; a second run finds the stamp and fetches nothing
$(VENV)/run.stamp: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes --requirement requirements.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/test.stamp: requirements-dev.lock $(VENV)/run.stamp
	$(PIP) --require-hashes --requirement requirements-dev.lock
	@touch $@

# Debian packages, only when one is missing; as root directly, otherwise with sudo
define install
	@dpkg --status $(1) > /dev/null 2>&1 || { \
		as_root=$$([ "$$(id -u)" = 0 ] || echo sudo); \
		$$as_root apt-get update --quiet --quiet && \
		DEBIAN_FRONTEND=noninteractive $$as_root apt-get install --quiet --quiet --yes $(1); }
endef
