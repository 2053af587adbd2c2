# The workflow. `make demo` and `make test` set themselves up; nothing else has to be run first.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
# Debian keeps venv in a package of its own: fetch it where we may, or say so.
INSTALL_VENV = { [ "$$(id -u)" = 0 ] && SU= || SU="sudo -n"; command -v apt-get >/dev/null && \
  { $$SU apt-get update -q && DEBIAN_FRONTEND=noninteractive $$SU apt-get install -q -y python3-venv; } >/dev/null 2>&1; }
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test check bench soak docs secrets lock clean

help:            ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

$(READY): requirements.lock pyproject.toml
	@echo "Setting up $(VENV) (once) …"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one with: make PYTHON=/path/to/python3 …"; exit 2; }
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || { rm -rf $(VENV); $(INSTALL_VENV) && $(PYTHON) -m venv $(VENV); } || \
	  { rm -rf $(VENV); echo "This Python cannot make an environment; on Debian: apt-get install python3-venv"; exit 2; }
	@$(BIN)/pip install -q --require-hashes -r requirements.lock
	@$(BIN)/pip install -q --no-deps --no-build-isolation -e .
	@touch $(READY)

demo: $(READY)   ## the main job, embedded, no services: a year recorded, two real logs imported, replayed, checked
	@$(BIN)/caseledger demo

test: $(READY)   ## every test
	@$(BIN)/python -m pytest

check: $(READY)  ## formatter, linter, types, architecture
	@$(BIN)/ruff format --check -q .
	@$(BIN)/ruff check -q .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest tests/test_architecture.py

bench: $(READY)  ## every benchmark: floor, figure, ratio
	@$(BIN)/python bench/run.py

soak: $(READY)   ## the long siege: three brokers and PostgreSQL, every part killed 20 times under 50,000 events
	@CASELEDGER_SOAK=1 $(BIN)/python -m pytest tests/faults/test_cluster_under_siege.py

docs: $(READY)   ## write the generated documents anew
	@$(BIN)/python -m infra.documents

secrets:         ## a random database password for docker-compose.yml, once
	@mkdir -p -m 0700 secrets
	@umask 077; [ -e secrets/postgres.env ] || { p=$$($(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(32))'); \
	  printf 'POSTGRES_PASSWORD=%s\nPGPASSWORD=%s\n' "$$p" "$$p" >secrets/postgres.env; }
	@echo "secrets/postgres.env"

lock:            ## pin every dependency with its hashes (needs uv)
	uv pip compile --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
	  --extra dev --extra kafka --extra postgres -q -o requirements.lock pyproject.toml

clean:           ## remove what the targets made
	rm -rf $(VENV) demo-data demo-data-* .mypy_cache .ruff_cache .hypothesis build *.egg-info
