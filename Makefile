# The only commands to learn. The first use makes .venv from Python alone; nothing else needs to be installed.
.PHONY: demo test check bench docs screenshots postman lock clean
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

demo: $(READY)            ## Publish, queue, run and fetch the worked example, for real
	@if [ -t 1 ]; then $(BIN)/galleria demo; else $(BIN)/galleria demo --exit; fi

test: $(READY)            ## Everything that continuous integration runs, but for `check`
	$(BIN)/pytest -n auto --dist worksteal -q

check: $(READY)           ## Format, lint, types, import contracts
	$(BIN)/ruff format --check -q .
	$(BIN)/ruff check -q .
	$(BIN)/basedpyright --level error
	$(BIN)/lint-imports

bench: $(READY)           ## Ratios measured in one run; takes minutes
	for script in benchmarks/[a-z]*.py; do echo "== $$script"; $(BIN)/python -m benchmarks.$$(basename $$script .py) || exit 1; done

docs: $(READY)            ## The static pages, into site/
	$(BIN)/python docs/build.py site

screenshots: $(READY)     ## Every page of the gallery, light, dark and on a phone, into screenshots/
	$(BIN)/python -m tests.browser.screenshots screenshots

postman: $(READY)         ## The collection and environment in postman/, anew
	$(BIN)/python docs/postman.py

lock: $(READY)            ## requirements.lock from pyproject.toml
	$(BIN)/uv lock --upgrade
	$(BIN)/uv export --format requirements.txt --all-extras --no-emit-project --no-annotate --no-header -o requirements.lock

$(READY): requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --disable-pip-version-check uv
	$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements.lock
	$(BIN)/uv pip install -q --python $(BIN)/python --no-deps -e .
	touch $@

clean:
	rm -rf .venv node_modules site dist screenshots
