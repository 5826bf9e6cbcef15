#!/usr/bin/env bash
# Shared by the scripts of this repository; sourced, never run.

# A container or CI usually runs as root and has no sudo; a developer's machine is the other way round.
as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi; }

die() {
    echo "error: $1" >&2
    echo "hint: $2" >&2
    exit 1
}

# install_packages PACKAGE... installs the Debian packages that are missing, and is silent and quick
# when none is. Another system may have them under other names: it is told, and left alone.
install_packages() {
    local package missing=()
    if ! command -v apt-get >/dev/null; then
        echo "note: this is not Debian; needed here: $*" >&2
        return 0
    fi
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
            missing+=("$package")
    done
    [ "${#missing[@]}" -gt 0 ] || return 0
    echo "installing: ${missing[*]}" >&2
    as_root apt-get update -qq </dev/null
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null >&2
}
