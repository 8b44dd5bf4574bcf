# Callwright. `make demo` shows it; `make test` is what continuous integration runs.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
DEMO := scenarios/promises/on_february_20.yaml scenarios/third_parties/asks_twice.yaml \
	scenarios/rights/stop_during_negotiation.yaml scenarios/dialing/seven_in_seven.yaml

.PHONY: demo test bench fuzz soak chaos clean

# Three calls and a dial that is refused, each with what the rules did.
demo: $(VENV)/.core
	@$(BIN)/callwright replay $(DEMO)

test: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/mypy engine tools
	$(BIN)/lint-imports
	CALLWRIGHT_CACHE=$(CURDIR)/$(VENV)/cache $(BIN)/python -m pytest -q -n 2

# Figures beside those of the libraries we stand on, on the same work in the same run; with DATA=folder, those of
# understanding beside published ones too; with LARGE=--large, the store with a million jobs and entries.
bench: $(VENV)/.bench
	$(BIN)/python -m tools.bench
	$(BIN)/python -m tools.bench_lint
	$(BIN)/python -m tools.bench_lsp
	$(BIN)/python -m tools.bench_records $(LARGE)
	$(BIN)/python -m tools.bench_api
	$(BIN)/python -m tools.bench_nlu $(if $(DATA),--data $(DATA))

# Requests drawn from the API's own document, many an operation; and 20,000 damaged documents to read and check.
fuzz: $(VENV)/.test
	CALLWRIGHT_FUZZ=300 $(BIN)/python -m pytest -q tests/server/test_fuzz.py
	CALLWRIGHT_FUZZ=20000 $(BIN)/python -m pytest -q -n 2 -rP tests/engine/checks/test_fuzz.py

# Random calls, judged by ear; and workers that are killed, while nothing may be lost, with the long races: stops
# against dials, sixteen workers for one call each, a thousand callers' identifiers looked for in what is kept.
soak: $(VENV)/.core
	$(BIN)/python -m tools.soak

chaos: $(VENV)/.test
	$(BIN)/python -m tools.chaos
	CALLWRIGHT_CHAOS=1 $(BIN)/python -m pytest -q tests/engine/outbound/test_canaries.py tests/engine/outbound/test_gate.py

clean:
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

$(VENV)/bin/python:
	@python=$$(sh tools/python.sh) && echo "Making $(VENV) with $$python" && "$$python" -m venv $(VENV)

$(VENV)/.core: setup.cfg pyproject.toml | $(VENV)/bin/python
	@echo "Installing Callwright and what it needs into $(VENV)"
	@$(PIP) install -e .
	@touch $@

$(VENV)/.test: $(VENV)/.core
	@echo "Installing what the tests need into $(VENV)"
	@$(PIP) install -e '.[records,server,postgres,lsp,prove,test]'
	@touch $@

$(VENV)/.bench: $(VENV)/.test
	@echo "Installing what the benches compare with into $(VENV)"
	@$(PIP) install -e '.[bench]'
	@touch $@
