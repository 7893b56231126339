# The two commands: `make run [PORT=8000]` and `make test`. Both set everything up first, in .venv; a second call starts in seconds.
#
# JIETI_TORCH_INDEX: address of a package index that has PyTorch's CPU build, where the plain pin would bring CUDA libraries.

PORT ?= 8000
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
export PYTHONUNBUFFERED := 1
export HF_HUB_OFFLINE := 1
export TOKENIZERS_PARALLELISM := false

.PHONY: run test check bench eval assets messages lock clean

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.torch: requirements-torch.txt | $(BIN)/python
	@echo "PyTorch …"
	$(PIP) install -r requirements-torch.txt $(if $(JIETI_TORCH_INDEX),--index-url $(JIETI_TORCH_INDEX))
	@touch $@

# The lock names every package with its hash, so pip need not resolve (and must not: PyTorch stands apart).
$(VENV)/.runtime: requirements.txt pyproject.toml $(VENV)/.torch
	@echo "Python packages …"
	$(PIP) install --no-deps --require-hashes -r requirements.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	@echo "Packages for the tests …"
	$(PIP) install --no-deps --require-hashes -r requirements-dev.txt
	@touch $@

assets: $(VENV)/.runtime
	@$(BIN)/python scripts/build_assets.py
	@$(BIN)/python scripts/compile_translations.py

run: assets
	@$(BIN)/python scripts/run.py --port $(PORT)

test: $(VENV)/.dev assets
	$(BIN)/python -m pytest -n 2 --dist loadgroup

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports

# The table beside off-the-shelf encoders; fails where one of our figures has fallen below its released interval.
eval: $(VENV)/.dev
	$(BIN)/python -m matcher evaluate ../shared/data/need_result_pairs --peers --against matcher/models/quality.json
	$(BIN)/python -m matcher indicators tests/evaluation/indicators/*.jsonl

bench: $(VENV)/.dev assets
	$(BIN)/python scripts/bench.py

# Texts new in the sources enter the English catalogue, those no longer used leave it; what has no English yet is printed.
messages: $(VENV)/.runtime
	@$(BIN)/python scripts/extract_messages.py
	@$(BIN)/python scripts/compile_translations.py

lock: $(VENV)/.dev
	$(BIN)/python scripts/lock_requirements.py

clean:
	rm -rf $(VENV) node_modules platform/jieti/web/static/build
