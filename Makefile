# The commands of the project. `make demo` and `make check` install first, so a fresh clone needs nothing else.
# PYTHON: the interpreter that makes the virtual environment (3.11 or later).
# TORCH:  what to install as torch. The default is one exact release, so that pip takes its CPU build (2.13.0+cpu)
#         where one is offered; left free, a later step would bring CUDA onto machines without a GPU.
#         With a GPU: `make setup TORCH=torch`.
# --no-compile: the modules that are imported are compiled then; to compile them all takes as long as the rest. So what is
#         compiled must be kept, whatever the surroundings say: else every process begins with 12 seconds of it.
export PYTHONDONTWRITEBYTECODE :=
PYTHON ?= python3
TORCH ?= torch==2.13.0
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEMO ?= demo

# One thread a process: the test runner already uses every core. Each worker gets neighbouring tests, which share what
# their module made, and takes over from the other one at the end.
TESTING := OMP_NUM_THREADS=1 HF_HUB_OFFLINE=1 HF_HUB_DISABLE_TELEMETRY=1

# The longest first, so that the last ones end together.
EXTRA := $(addprefix extra-,deepspeed potato server engines pages ray stock lmms_eval inspect trl wheel)
FUZZ := $(addprefix fuzz-,answers tables jsonl media)

.DEFAULT_GOAL := check
.PHONY: setup format lint types layers test docs check check-extra demo $(EXTRA) $(FUZZ)

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("avere needs Python 3.11 or later") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	grep -v '^torch==' constraints.txt > $(VENV)/constraints.txt
	$(BIN)/pip install --quiet --no-compile '$(TORCH)' -c $(VENV)/constraints.txt
	$(BIN)/pip install --quiet --no-compile -e '.[dev]' -c $(VENV)/constraints.txt
	touch $@

format: setup
	$(BIN)/ruff format src tests performance .ci
	$(BIN)/ruff check --fix src tests performance .ci

lint: setup
	$(BIN)/ruff format --check src tests performance .ci
	$(BIN)/ruff check src tests performance .ci

types: setup
	$(BIN)/mypy

layers: setup
	$(BIN)/lint-imports --no-logo

test: setup
	$(TESTING) $(BIN)/pytest -n 2 --dist worksteal

docs: setup
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

# The cheap checks speak first, two at a time, for each uses one core; then the tests get both, even under `make -j`.
check: setup
	$(MAKE) --no-print-directory --jobs=2 --output-sync=target types lint layers docs
	$(MAKE) --no-print-directory --jobs=1 test

# What needs an environment of its own: the wheel as a stranger gets it, the losses of another library, training under
# DeepSpeed, tasks exported to two other harnesses, prompts and rows exported to two training engines, models behind an
# API against a real server, construction on the workers of Ray, models that see through the library's own processors,
# and people who check questions, read reports and ask models in a real browser.
# Besides, half a minute each of random replies, tables, lines and damaged media, from a fixed seed. Two at a time, for
# most of them use one core or wait for downloads; what each of them says is printed whole when it ends.
check-extra: setup
	$(MAKE) --no-print-directory --jobs=2 --output-sync=target --keep-going $(EXTRA) $(FUZZ)

$(FUZZ): fuzz-%: setup
	$(BIN)/python .ci/fuzz_$*.py --seconds 30 --seed 0

$(EXTRA): extra-%: setup
	$(BIN)/python .ci/check_$*.py

demo: setup
	$(BIN)/avere demo --out $(DEMO)
