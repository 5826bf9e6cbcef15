#!/usr/bin/env bash
# Installs what a fresh Debian 12 with git, make and Rust lacks.
#
#   setup.sh build    what compiling needs
#   setup.sh test     that, and the test runner
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

# Pinned, so that everybody sees the same runner.
readonly NEXTEST=0.9.143

command -v cargo >/dev/null || die "cargo is not found" "install Rust with rustup"

# RocksDB is C++, and its header is read by libclang.
install_packages g++ clang libclang-dev

if [ "${1:-build}" = test ] && ! cargo nextest --version >/dev/null 2>&1; then
    cargo install cargo-nextest --locked --version "$NEXTEST"
fi
