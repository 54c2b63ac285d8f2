#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Every drive of configs/drives: each golden block under its personality, and the differences that
# the rows of its keys predict, no others; what was captured of it, byte for byte; random commands
# judged by the oracle. The questions of `dvdemu check` are asked of each in check_test.sh.
#   drives_test.sh BUILD
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2
build=$(realpath "$1")
cells=0
# shellcheck source=tests/support/tap.sh
. tests/support/tap.sh

say() { # say WHAT CODE OUTPUT
    local what=$1
    said=$3
    [ "$2" -ne 0 ] || what+=": $(tail -n 1 <<<"$said")"
    report "$2" "$what"
}
why() {
    printf '%s\n' "$said"
}

for file in configs/drives/*.conf; do
    name=$(basename "$file" .conf)
    out=$("$build/tests/golden" tests/golden "$file" 2>&1)
    say "$name, golden blocks" $? "$out"
    cells=$((cells + $(sed -n 's/^\([0-9]*\) as written, \([0-9]*\) otherwise.*/\1 + \2/p' <<<"$out")))
    out=$("$build/tests/oracle_walk" 20000 3 "$file" 2>&1)
    say "$name, random commands judged by the oracle" $? "$out"
    if [ -e "tests/golden/drives/$name.txt" ]; then
        out=$("$build/tests/golden" "tests/golden/drives/$name.txt" "$file" 2>&1)
        say "$name, captured" $? "$out"
    fi
done
for file in tests/golden/drives/*.txt; do
    [ -e "configs/drives/$(basename "$file" .txt).conf" ]
    say "$file has its drive" $? ""
done
echo "$(sum_up); $cells matrix cells"
[ "$failed" -eq 0 ]
