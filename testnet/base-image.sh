#!/usr/bin/env bash
# Makes sure that a base image for Dockerfile.local is there and prints its name on stdout.
#
# First choice is the official slim image. Where it is absent and no registry answers, a base of the
# same Debian release is bootstrapped from the package mirror: the binary that the host has built
# needs that release's C library.
set -euo pipefail
. "$(dirname "$0")/../scripts/lib.sh"

readonly RELEASE=bookworm
readonly OFFICIAL=debian:$RELEASE-slim
readonly OWN=quorate-base:$RELEASE
readonly PULL_LIMIT=60s # a registry that is not reached may otherwise hang for minutes

have() { docker image inspect "$1" >/dev/null 2>&1; }

bootstrap() {
    local root
    root=$(mktemp -d)
    # The trap must see the path after this function is gone.
    # shellcheck disable=SC2064
    trap "as_root rm -rf '$root'" EXIT
    install_packages debootstrap
    as_root debootstrap --variant=minbase --include=ca-certificates,libstdc++6 "$RELEASE" "$root"
    # Nothing in a container reads these, and they are half of the size.
    as_root rm -rf "$root"/usr/share/{doc,info,locale,man}/* \
        "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/*
    as_root tar -C "$root" --numeric-owner -c . | docker import - "$OWN"
}

for image in "$OFFICIAL" "$OWN"; do
    if have "$image"; then
        echo "$image"
        exit
    fi
done
if timeout "$PULL_LIMIT" docker pull "$OFFICIAL" >&2; then
    echo "$OFFICIAL"
else
    bootstrap >&2
    echo "$OWN"
fi
