#!/bin/sh
# The life of a change to a server, as a gate in CI sees it: docs/pull-request.sh [FOLDER]
# It needs Prosody and xmpp-harness, and leaves its files in FOLDER, by default a new one.
set -eu

folder=${1:-$(mktemp -d)}
mkdir -p "$folder"
cd "$folder"

say() { printf '\n== %s\n' "$*"; }

# Run a command that has to end with an exit code.
expect() {
    wanted=$1
    shift
    code=0
    "$@" || code=$?
    [ "$code" = "$wanted" ] || { echo "exit code $code instead of $wanted: $*" >&2; exit 1; }
}

gate() {
    out=$1
    shift
    xmpp-harness run prosody.toml discovery --quiet --baseline known.toml --out "$out" "$@"
}

# Whoever knows why writes it down; here it is always the same person.
give_reasons() { sed "s/TODO: .*\"/$1\"/" known.toml > known.new && mv known.new known.toml; }

server() {
    printf 'launcher = "prosody"\nproduct = "Prosody"\nbaseline = ""\n[accounts]\nprovider = "server"\n' > prosody.toml
    printf "[settings]\nextra = '''modules_disabled = { \"s2s\", \"s2s_auth_certs\" %s }'''\n" "$1" >> prosody.toml
}

say "The server as it is: what it is known for is written down, with reasons"
server ""
expect 0 gate before --update-baseline
give_reasons "Agreed upon; issue 1"

say "The gate is green"
expect 0 gate green

say "A change of the configuration breaks something: the gate names it"
server ', "lastactivity"'
expect 1 gate changed
expect 1 xmpp-harness compare before/record.jsonl changed/record.jsonl --html changes.html

say "It is meant to be so: the baseline is brought up to date, with a reason, and the gate is green"
expect 0 gate accepted --update-baseline
give_reasons "Nobody shall see who is idle; issue 2"
expect 0 gate green-again

say "The change is undone: the gate tells that the deviation is gone"
server ""
expect 1 gate undone
expect 0 gate mended --update-baseline
expect 0 gate green-at-last
