# make demo    compile a sample to a header and an object, in a virtual environment of its own
# make check   lint, type check, unit tests and the rule book, but for what is slow: a minute
# make test    lint, type check and every test, in the same environment
# make lint    the first two of these
# make coverage   which lines and branches of bpfgen/ the tests reach, as a table and as pages
# make bench   measure speed and memory, and fail where a limit is exceeded
# make mutation   break cells of the tables of map kinds, and expressions of what `breaking` compares
#              with, some at random, and see that tests notice
# make corpus  hold the reading of objects against libbpf, with the kernel's own BPF selftests
# make adoption   move the BPF programs that Debian has sources of, and count which go unaided;
#              ADOPTION_ARGS=a/compile_commands.json for a project of one's own
# make fresh   make demo and make test in a Debian with python3, make and git alone, as root;
#              SUITE=trixie for another one than this machine's
# make kernels   boot Debian's kernels, 5.10 to the newest, under qemu, one after another, and run
#              the tests of running maps there; KERNELS_ARGS='--kernel 5.10' for one of them
# make vscode   package share/vscode as build/bpfmap.vsix, with node's npm and VS Code's own packer
# make toolchains   fetch Go, cilium/ebpf, the crates and the Pythons that tests of user space want,
#                   and node for those of VS Code's extension
# make generate   write bpfgen/syntax/tables.py from grammar/, and the functions in
#                 bpfgen/emit/templates/ from templates/

SHELL := /bin/sh
.SHELLFLAGS := -euc
.ONESHELL:
.SILENT:
.DEFAULT_GOAL := demo
.PHONY: demo check test lint coverage bench mutation corpus adoption kernels fresh vscode toolchains generate clean

BIN := .venv/bin
DEMO := build/demo
PYTEST_ARGS ?= -n auto
COVERAGE_ARGS ?= tests
SUITE ?=
ADOPTION_ARGS ?=
KERNELS_ARGS ?=
MUTATION_ARGS ?= --count 40 --seed 1

demo: .venv/demo
	mkdir -p $(DEMO)
	echo '$$ cat samples/quickstart.dsl'
	cat samples/quickstart.dsl
	echo
	echo '$$ bpfgen samples/quickstart.dsl -o $(DEMO)/quickstart.h && cat $(DEMO)/quickstart.h'
	$(BIN)/bpfgen samples/quickstart.dsl -o $(DEMO)/quickstart.h
	cat $(DEMO)/quickstart.h
	echo
	echo '$$ bpfgen samples/quickstart.dsl -o $(DEMO)/quickstart.o'
	$(BIN)/bpfgen samples/quickstart.dsl -o $(DEMO)/quickstart.o
	echo "verified: its BTF says what the source says. Read back from its $$(wc -c <$(DEMO)/quickstart.o) bytes:"
	echo
	echo '$$ bpfgen inspect $(DEMO)/quickstart.o'
	$(BIN)/bpfgen inspect $(DEMO)/quickstart.o
	echo
	echo '$$ cat $(DEMO)/mistake.dsl'
	echo 'map counters: array<__u64, __u64>[64];' >$(DEMO)/mistake.dsl
	cat $(DEMO)/mistake.dsl
	echo
	echo '$$ bpfgen $(DEMO)/mistake.dsl -o $(DEMO)/mistake.h'
	if $(BIN)/bpfgen $(DEMO)/mistake.dsl -o $(DEMO)/mistake.h 2>&1; then exit 1; fi
	echo 'caught here, where the kernel would have said "Invalid argument" at run time'

test: lint
	$(BIN)/python -m pytest $(PYTEST_ARGS)

check: lint
	$(BIN)/python -m pytest $(PYTEST_ARGS) -m 'not slow' tests/unit tests/rulebook tests/test_architecture.py

coverage: .venv/dev
	mkdir -p build
	$(BIN)/python -m coverage erase
	$(BIN)/python -m coverage run -m pytest $(PYTEST_ARGS) $(COVERAGE_ARGS) || status=$$?
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage html --quiet
	$(BIN)/python -m coverage report
	echo 'line by line: build/coverage/index.html'
	exit $${status:-0}

lint: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: .venv/dev
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m tests.benchmarks.bench

mutation: .venv/dev
	$(BIN)/python -m tests.mutation.mutate_tables $(MUTATION_ARGS)
	$(BIN)/python -m tests.mutation.mutate_changes $(MUTATION_ARGS)

corpus: .venv/dev
	$(BIN)/python -m tests.corpus --install

adoption: .venv/dev
	$(BIN)/python -m tests.adoption --install $(ADOPTION_ARGS)

kernels: .venv/dev
	$(BIN)/python -m tests.machines --install $(KERNELS_ARGS)

fresh:
	.ci/fresh $(SUITE)

vscode:
	rm -rf build/vscode
	mkdir -p build
	cp -R share/vscode build/vscode
	cp LICENSE build/vscode
	cd build/vscode
	npm ci --ignore-scripts --no-audit --no-fund --silent
	npx --yes @vscode/vsce@3.2.2 package --allow-missing-repository --out ../bpfmap.vsix

toolchains: | $(BIN)/python
	.ci/toolchains $(BIN)/python
	.ci/pythons
	.ci/npm $(BIN)/python

generate: .venv/dev
	$(BIN)/python -m bpfgen.syntax.generate
	$(BIN)/python -m bpfgen.emit.templates.generate
	$(BIN)/python -m bpfgen.commands.share

clean:
	rm -rf .venv build dist

.venv/demo: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

.venv/dev: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[clang,dev]'
	touch $@ .venv/demo

# Debian's python3 comes without ensurepip; the package python3-venv has it.
$(BIN)/python:
	python=
	for candidate in "$${PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11; do
	    if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
	        python=$$candidate
	        break
	    fi
	done
	if [ -z "$$python" ]; then
	    echo 'bpfgen needs Python 3.11 or newer; PYTHON=/path/to/python3 make … names one' >&2
	    exit 3
	fi
	if "$$python" -m venv .venv >/dev/null 2>&1; then exit 0; fi
	rm -rf .venv
	if "$$python" -m virtualenv --quiet .venv 2>/dev/null; then exit 0; fi
	rm -rf .venv
	if "$$python" -m pip --version >/dev/null 2>&1 && "$$python" -m venv --without-pip .venv \
	    && "$$python" -m pip --python .venv/bin/python install --quiet pip 2>/dev/null; then exit 0; fi
	rm -rf .venv
	if [ "$$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
	    echo 'installing python3-venv'
	    export DEBIAN_FRONTEND=noninteractive
	    apt-get update -qq
	    apt-get install -qq --yes --no-install-recommends python3-venv >/dev/null
	    "$$python" -m venv .venv
	    exit 0
	fi
	echo 'Python has no ensurepip here. Once, as root: apt install python3-venv' >&2
	exit 3
