#!/usr/bin/env bash
# make testnet-compose: four validators and a full node in containers around the binary that was just
# built; ends when a first transfer, sent to the full node, is final.
#
#   testnet-compose.sh PATH_OF_THE_BINARY
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

readonly BINARY=$1
export QUORATE_IMAGE=${QUORATE_IMAGE:-quorate:local}
export QUORATE_RPC_PORT=${QUORATE_RPC_PORT:-27657}
readonly NODE=http://127.0.0.1:$QUORATE_RPC_PORT
readonly READY_LIMIT=120 # seconds from the containers' start until the full node answers
readonly FINAL_LIMIT=60  # seconds for one transfer

command -v docker >/dev/null || install_packages docker.io
compose=(docker compose)
if ! "${compose[@]}" version >/dev/null 2>&1; then
    command -v docker-compose >/dev/null || install_packages docker-compose
    compose=(docker-compose)
fi
docker info >/dev/null 2>&1 ||
    die "the docker engine does not answer" "start it, or join the group docker and log in again"

give_up() {
    "${compose[@]}" ps >&2
    "${compose[@]}" logs --tail 20 >&2
    die "$1" "the last lines of every container are above"
}

# field KEY N: the Nth string that the accounts in the JSON of the setup have under a key.
field() { grep -o "\"$1\": *\"[^\"]*\"" <<<"$accounts" | cut -d '"' -f 4 | sed -n "${2}p"; }

base=$(testnet/base-image.sh)
# The context is two files and not the clone: nothing else is sent to the engine.
tar -c -C "$(dirname "$BINARY")" "$(basename "$BINARY")" -C "$PWD/testnet" Dockerfile.local |
    docker build -q -f Dockerfile.local --build-arg BASE="$base" -t "$QUORATE_IMAGE" -

cd testnet # where .env gives the project its name
"${compose[@]}" up -d || give_up "the containers did not start"
deadline=$((SECONDS + READY_LIMIT))
until "$BINARY" healthcheck --ready --node "$NODE" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$deadline" ] || give_up "not ready within $READY_LIMIT s"
    sleep 1
done

# The setup prints what it made; a key file has the same path in the client's container.
accounts=$("${compose[@]}" logs --no-color --no-log-prefix setup | sed 's/.*"accounts"//')
timeout "$FINAL_LIMIT" "${compose[@]}" run --rm -T --no-deps client \
    tx transfer --from "$(field key_file 1)" --to "$(field address 2)" --amount 1 --wait final \
    -o json || give_up "no final transfer within $FINAL_LIMIT s"

cat <<EOF
Four validators and a full node are running; RPC: $NODE
In the folder testnet:
  ${compose[*]} run --rm --no-deps client status    any command, at the full node
  ${compose[*]} kill -s KILL val2                   the others go on
  ${compose[*]} down                                stop and keep the chain ('down -v' forgets it)
EOF
