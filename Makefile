# make run      play every scenario against the embedded reference server; the report is out/latest/report.html
# make test     all tests; servers and clients that are missing are installed where that is possible
# make docs     build the documentation site into out/docs
# make check    form, types, floors and scenarios
# make tables   write the scenarios that are rows of tables
# make bench    measure speed
# make clean    remove what can be made again

VENV := .venv
BIN := $(VENV)/bin
SERVERS := prosody prosody-modules ejabberd jabberd2 jabber-muc chromium redis-server
# What drivers of clients are built with and from; pip and npm get the rest when a driver is built.
CLIENTS := g++ gcc pkg-config libgloox-dev libstrophe-dev
NODE := $(shell command -v npm >/dev/null || echo nodejs npm)

.DEFAULT_GOAL := run
.PHONY: run test check docs tables bench clean servers clients

run: $(VENV)/.package
	$(BIN)/xmpp-harness run reference

# Scansion's scripts are an acceptance test, and axe-core looks at the pages; without them such tests skip
# themselves, but fail where CI=true.
test: $(VENV)/.tools servers clients
	export XMPP_HARNESS_SCANSION_SCRIPTS="$$(.ci/scansion-scripts $(VENV)/scansion-scripts)"; \
	export XMPP_HARNESS_AXE_CORE="$$(.ci/axe-core $(VENV)/axe-core)"; \
	$(BIN)/pytest -n auto --dist loadfile --ignore tests/live && $(BIN)/pytest tests/live

check: $(VENV)/.tools
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/pytest tests/test_architecture.py
	$(BIN)/xmpp-harness lint scenarios

tables: $(VENV)/.tools
	$(BIN)/python -m harness.tables scenarios

docs: $(VENV)/.docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

bench: $(VENV)/.tools
	for script in $(filter-out benchmarks/planted.py benchmarks/planted_faults.py benchmarks/boofuzz_side.py benchmarks/measuring.py,$(wildcard benchmarks/*.py)); do $(BIN)/python "$$script" || exit 1; done

clean:
	rm -rf out dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis $(VENV)
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Tests against a server or client that is not there skip themselves, so these may fail.
servers:
	-.ci/packages $(SERVERS)

clients:
	-.ci/packages $(CLIENTS) $(NODE)

$(VENV)/.package: pyproject.toml .ci/venv
	.ci/venv $(VENV)
	$(BIN)/pip install --quiet --editable .
	touch $@

$(VENV)/.docs: $(VENV)/.package
	$(BIN)/pip install --quiet --editable '.[docs]'
	touch $@

# The tests build the site, too, and mypy reads what makes it.
$(VENV)/.tools: $(VENV)/.package
	$(BIN)/pip install --quiet --editable '.[dev,docs]'
	touch $@
