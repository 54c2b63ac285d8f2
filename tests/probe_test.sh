#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# `dvdemu probe` as a CI rig runs it: against a CSS disc, a plain one, an empty drive, a region
# that does not match, a scrambled image, and things that are no drive.
#   probe_test.sh BUILD
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2
build=$(realpath "$1")
demo=$build/demo/demo.disc
work=$(mktemp -d "${TMPDIR:-/tmp}/dvdemu-probe.XXXXXX")
trap '[ -z "$serve" ] || kill "$serve"; wait; rm -rf "$work"' EXIT
# shellcheck source=tests/support/daemons.sh
. tests/support/daemons.sh
# shellcheck source=tests/support/tap.sh
. tests/support/tap.sh

# expect CODE REGEX WHAT ARGUMENT...: exit code, and a line of the output
expect() {
    if ends "$1" "$2" "$build/dvdemu" probe --timeout 5 "${@:4}"; then
        report 0 "$3"
    else
        report 1 "$3: exit $got, wanted $1 and /$2/"
    fi
}

serve "$demo"
expect 0 '^ok scrambled sectors: 3 read' 'demo disc, keys and data compared' "$url" --disc "$demo"
expect 0 '^skipped title keys' 'demo disc, nothing to compare with' "$url"
expect 0 '"steps"' 'JSON' "$url" --json
python3 -m json.tool <"$work/out" >/dev/null || { echo "not ok - JSON parses"; failed=$((failed + 1)); }
"$build/dvdemu" mint "$build/demo/demo.iso" -o "$work/other.disc" --seed 99 >/dev/null || exit 2
expect 1 '^FAILED disc key' 'another disc than the one that is in' "$url" --disc "$work/other.disc"
expect 1 'FAILED' 'no such target' "${url/drive-1/drive-9}"
expect 2 'usage|URL' 'no URL' "not-a-url"
expect 2 'unknown option' 'unknown option' --wrong "$url"
stop
expect 1 'FAILED' 'nobody listens' "$url"

serve "$build/demo/demo.iso"
expect 0 '^skipped .*' 'a plain disc has no keys' "$url"
stop
serve --disc none
expect 0 '^skipped .*' 'an empty drive' "$url"
stop

"$build/dvdemu" mint "$build/demo/demo.iso" -o "$work/region2.disc" --seed 3 --regions 2 >/dev/null || exit 2
serve "$work/region2.disc"
expect 0 '05/6F/04' 'no region set: title keys are refused' "$url" --disc "$work/region2.disc"
stop
"$build/dvdemu" mint "$build/demo/demo.iso" -o "$work/flat.disc" --seed 3 \
    --materialise "$work/flat.img" >/dev/null || exit 2
serve "$work/flat.disc"
expect 0 '^ok title keys' 'a materialised image' "$url" --disc "$work/flat.disc"
stop

sum_up
