# The commands of this repository. Longer logic is in scripts/; CONTRIBUTING.md says when to use what.

# Outside the clone, so that RocksDB (10 to 15 minutes of C++) is compiled once for all clones of a user.
export CARGO_TARGET_DIR ?= $(HOME)/.cache/quorate/target
# A shell that was open before Rust was installed does not have it on its path yet.
export PATH := $(PATH):$(HOME)/.cargo/bin

QUORATE := $(CARGO_TARGET_DIR)/release/quorate
ARGS ?=
STATES ?= 1000000

.PHONY: help build test sim recovery twins model fuzz mutants museum testnet testnet-compose bench vectors
.DEFAULT_GOAL := help

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' Makefile

# Cheap checks come first, so that a mistake shows early; the test runner comes last, so that its
# summary is the end of the output. Every step has the same profile: nothing is compiled twice.
test: ## install what is missing, then run everything that CI runs
	@scripts/setup.sh test
	cargo fmt --all --check
	cargo clippy --locked --release --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --locked --release --workspace --no-deps
	cargo test --locked --release --workspace --doc
	cargo nextest run --locked --release --workspace

# Each seed is a run of its own; the first that fails is told whole and ends the search.
sim: FROM ?= 0
sim: SEEDS ?= 1000
sim: build ## seeds of the simulator, on all cores (SEEDS=100000 FROM=0)
	seq $(FROM) $$(($(FROM) + $(SEEDS) - 1)) | xargs -P "$$(nproc)" -I{} \
		sh -c 'run=$$($(QUORATE) sim --seed {}) || { echo "$$run"; exit 255; }'
	@echo '$(SEEDS) seeds from $(FROM): every oracle held'

recovery: SEEDS ?= 1000
recovery: ## how long a network takes to come back after an hour (SEEDS=1000), as a table
	QUORATE_RECOVERY_SEEDS=$(SEEDS) cargo test --locked --release -p quorate-sim --test recovery -- --nocapture

# One state file per shard: a run that was ended goes on where it was. Remove the file to start anew.
twins: ROW ?= TW1 TW2 TW4 TW5 TW6
twins: SHARD ?= 1/1
twins: ## every script of doubled validators, for a release: hours (ROW=TW4 SHARD=1/2)
	QUORATE_TWINS_ROWS='$(ROW)' QUORATE_TWINS_SHARD='$(SHARD)' \
		QUORATE_TWINS_STATE='$(CARGO_TARGET_DIR)/twins-$(subst /,-of-,$(SHARD)).state' \
		cargo test --locked --release -p quorate-sim --test twins -- --ignored --nocapture

build: ## install what is missing, then build the binary quorate
	@scripts/setup.sh build
	cargo build --locked --release -p quorate-node
	@echo 'built $(QUORATE)'

testnet: build ## four validators with funded accounts in the foreground (ARGS='--full 1')
	$(QUORATE) testnet up $(ARGS)

testnet-compose: build ## four validators and a full node in containers, until a first final transfer
	scripts/testnet-compose.sh $(QUORATE)

bench: ## the benchmarks of single crates
	cargo bench --locked -p quorate-crypto -p quorate-ledger -p quorate-sim --benches

vectors: ## write the golden vectors anew: a visible change of a format, to be reviewed as one
	QUORATE_UPDATE_VECTORS=1 cargo test --locked --release -p quorate-types -p quorate-light

model: ## explore the state machine under a model checker for longer (STATES=1000000 of each order)
	QUORATE_MODEL_STATES=$(STATES) cargo test --locked --release -p quorate-consensus --test model -- --nocapture

# No sanitizer: there is no unsafe code to watch, and so the pinned stable toolchain is enough. What is
# found is kept beside the build; the corpus of the repository is only read.
fuzz: TIME ?= 60
fuzz: TARGET ?= $(notdir $(basename $(sort $(wildcard fuzz/fuzz_targets/*.rs))))
fuzz: FUZZ = $(CARGO_TARGET_DIR)/fuzz
fuzz: ## search for bytes that break a check (TARGET=message, TIME=60 seconds each)
	@scripts/setup.sh fuzz
	for target in $(TARGET); do \
		mkdir -p $(FUZZ)/corpus/$$target && \
		cargo fuzz run --sanitizer none --target-dir $(FUZZ) $$target \
			$(FUZZ)/corpus/$$target fuzz/corpus/$$target -- \
			-max_total_time=$(TIME) -timeout=10 -max_len=8192 -print_final_stats=1 || exit 1; \
	done

mutants: SHARD ?= 0/1
mutants: FILE ?= consensus/src/**
mutants: ## break the core place by place and see that a test notices: hours (SHARD=0/8 FILE=...)
	@scripts/setup.sh mutants
	CARGO_TARGET_DIR='$(CARGO_TARGET_DIR)/mutants' cargo mutants --file '$(FILE)' \
		--shard '$(SHARD)' --output '$(CARGO_TARGET_DIR)'

museum: ## seed each bug of the museum, see what notices it, and print the table
	cargo nextest run --locked --release -p quorate-sim --features museum --test museum \
		--no-fail-fast --success-output immediate --status-level fail
