#!/usr/bin/env bash
# What action.yml runs: inputs come by the environment, as XMPP_ and the input's name in capitals.
# Passwords go into a file that is removed at the end, for others could see them on a command line.
set -euo pipefail

input() { local name="XMPP_$1"; printf '%s' "${!name:-}"; }
quoted() { local text=${1//\\/\\\\}; printf '"%s"' "${text//\"/\\\"}"; }
listed() { tr ',' '\n' <<<"$1" | sed -E 's/^ +//; s/ +$//; /^$/d'; }

wrong() { echo "$1" >&2; exit 2; }
number() { # of an input, or the usual one
    local text; text=$(input "$1")
    [[ ${text:=$2} =~ ^[0-9]{1,9}$ ]] || wrong "${1,,}: a number, not $text"
    echo "$((10#$text))"
}

work=$(mktemp -d)
child=
# A service that gives up ends this script alone; the harness has to hear of it to stop its servers.
trap 'if [ -n "$child" ]; then kill -TERM "$child" && wait "$child" || true; fi; exit 3' TERM INT HUP
trap 'rm -rf "$work"' EXIT
log_dir=$(input LOGDIR)
log_dir=${log_dir:-output}
case $log_dir in -*) log_dir=./$log_dir ;; esac
port=$(number PORT 5222)
milliseconds=$(number TIMEOUT 2000)
target=$(input TARGET)

case $(input SECURITYMODE) in
    required) tls=starttls ;;
    disabled) tls=none ;;
    '' | ifpossible) tls=if-offered ;;
    *) wrong "securityMode: disabled, ifpossible or required, not $(input SECURITYMODE)" ;;
esac

accounts() {
    local number found=''
    for number in ONE TWO THREE; do
        [ -n "$(input "ACCOUNT${number}USERNAME")" ] || continue
        found="$found{ name = $(quoted "$(input "ACCOUNT${number}USERNAME")"), password = $(quoted "$(input "ACCOUNT${number}PASSWORD")") }, "
    done
    if [ -n "$found" ]; then
        printf '[accounts]\nprovider = "given"\nlist = [%s]\n' "$found"
    elif [ -n "$(input ADMINACCOUNTUSERNAME)" ]; then
        printf '[accounts]\nprovider = "admin"\nadmin = %s\npassword = %s\n' \
            "$(quoted "$(input ADMINACCOUNTUSERNAME)@$(input DOMAIN)")" "$(quoted "$(input ADMINACCOUNTPASSWORD)")"
    fi
}

# An attached server; with `target` one that the harness starts.
if [ -z "$target" ]; then
    target=$work/server.toml
    (
        umask 077
        printf 'host = %s\ndomain = %s\n' "$(quoted "$(input HOST)")" "$(quoted "$(input DOMAIN)")"
        printf 'port = %d\ntls = "%s"\n' "$port" "$tls"
        printf 'patience = %s\n' "$(printf '%06d' "$milliseconds" | sed -E 's/^0*([0-9]+)([0-9]{3})$/\1.\2/')"
        if [ "$(input ACCEPTALLCERTIFICATES)" = true ]; then echo 'insecure = true'; fi
        accounts
    ) >"$target"
fi

words=("$target")
while read -r one; do
    case $one in -*) wrong "$one is no specification and no test" ;; esac
    words+=("$one")
done < <(listed "$(input ENABLEDSPECIFICATIONS)"; listed "$(input ENABLEDTESTS)")
while read -r one; do words+=(--without "$one"); done < <(listed "$(input DISABLEDSPECIFICATIONS)"; listed "$(input DISABLEDTESTS)")
baseline=$(input BASELINE)
if [ -z "$baseline" ] && [ "$(input FAILONIMPOSSIBLETEST)" = true ]; then
    baseline=$work/known.toml
    echo 'unmeasured = []' >"$baseline"
fi
if [ -n "$baseline" ]; then words+=(--baseline "$baseline"); fi
if [ -n "$(input FAILON)" ]; then words+=(--fail-on "$(input FAILON)"); fi

code=0
xmpp-harness run "${words[@]}" --quiet --out "$log_dir" &
child=$!
wait "$child" || code=$?
child=
if [ -n "${GITHUB_STEP_SUMMARY:-}" ] && [ -f "$log_dir/summary.md" ]; then
    cat "$log_dir/summary.md" >>"$GITHUB_STEP_SUMMARY" || true
fi
# Besides the reports of the run; without them its exit code says the same.
if [ -f "$log_dir/record.jsonl" ]; then
    xmpp-harness report "$log_dir/record.jsonl" --format sarif --format badge >/dev/null || true
fi
exit "$code"
