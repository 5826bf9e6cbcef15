#!/usr/bin/env bash
# Installs what a fresh Debian 12 with git, make and Rust lacks.
#
#   setup.sh build    what compiling needs
#   setup.sh test     that, and the test runner
#   setup.sh fuzz     a C++ compiler and the fuzzer's command
#   setup.sh mutants  the test runner and the tool that breaks the code
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

# Pinned, so that everybody sees the same.
readonly NEXTEST=0.9.143
readonly FUZZ=0.13.2
readonly MUTANTS=27.1.0

command -v cargo >/dev/null || die "cargo is not found" "install Rust with rustup"

# Installs a command of cargo that is missing, in its pinned version.
command_of_cargo() {
    cargo "$1" --version >/dev/null 2>&1 || cargo install "cargo-$1" --locked --version "$2"
}

# RocksDB is C++, and its header is read by libclang.
compilers() { install_packages g++ clang libclang-dev; }

case "${1:-build}" in
build) compilers ;;
test)
    compilers
    command_of_cargo nextest "$NEXTEST"
    ;;
fuzz)
    install_packages g++ # libFuzzer is C++
    command_of_cargo fuzz "$FUZZ"
    ;;
mutants)
    command_of_cargo nextest "$NEXTEST"
    command_of_cargo mutants "$MUTANTS"
    ;;
*) die "unknown step '$1'" "say build, test, fuzz or mutants" ;;
esac
