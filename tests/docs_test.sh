#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What the documents say is what the program's tables say.
#   docs_test.sh BUILD
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2
build=$1 bad=0 checks=0
check() {
    local what=$1
    shift
    checks=$((checks + 1))
    "$@" || { echo "not ok: $what" >&2; bad=1; }
}
man=$(sed 's/\\f[A-Z]//g; s/\\-/-/g' docs/man/dvdemu.1)
in_man() {
    grep -qF -- "$1" <<<"$man"
}

mapfile -t commands < <("$build/dvdemu" help | awk '/^  [a-z]/ { print $1 }')
check "help lists commands" test "${#commands[@]}" -ge 8
for command in "${commands[@]}"; do
    check "man page has 'dvdemu $command'" in_man "$command"
    mapfile -t options < <("$build/dvdemu" "$command" --help | grep -oE -- '^ .*--[a-z-]+' | grep -oE -- '--[a-z-]+' | grep -vx -- --help)
    for option in "${options[@]}"; do
        check "man page has $option of $command" in_man "$option"
    done
done

# name, default, every value: the man page, and the page that says what they mean
quirk_is_told() {
    local key=$1 initial=$2 values=$3 value line
    line=$(grep -E "^\| .*\`$key\`" docs/spec/quirks.md | head -n 1)
    in_man "$key \" = $initial" && [[ $line == *"**$initial**"* ]] || return 1
    for value in $values; do
        in_man "$value" && [[ $line == *"${value%%:*}"* || $line == *"${value%%..*}"* ]] || return 1
    done
}
while IFS=$'\t' read -r key initial values; do
    check "quirk $key is told as it is" quirk_is_told "$key" "$initial" "$values"
done < <("$build/dvdemu" quirks --json | python3 -c '
import json, sys
for row in json.load(sys.stdin):
    print(row["key"], row["default"], " ".join(row["values"]), sep="\t")')

check "docs/agid.md is the table of css/agid.c" \
    diff <("$build/tools/agid2dot" --markdown) <(grep "^|" docs/agid.md)

targets=$(make -s help | awk '{ print $1 }')
for target in all run test check asan lint format format-check bench fuzz install clean help \
    windows guest wine matrix; do
    check "make help has $target" grep -qx "$target" <<<"$targets"
done

# links between documents lead somewhere
while IFS=: read -r file link; do
    check "$file: $link exists" test -e "$(dirname "$file")/$link"
done < <(grep -oHE '\]\([^)#:]+\)' README.md CONTRIBUTING.md docs/*.md | sed 's/](\(.*\))/\1/')

[ "$bad" -eq 0 ] && echo "$checks things that the documents say are so"
exit $bad
