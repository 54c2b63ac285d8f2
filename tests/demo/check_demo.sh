#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The demo disc is a DVD-Video to others: check_demo.sh BUILD. lsdvd opens it with libdvdread and
# finds two titles; its description has two title sets with keys of their own, clear and scrambled
# packs. Ends with 77 when lsdvd is missing.
set -eu

if [ $# -ne 1 ]; then
    echo "usage: check_demo.sh BUILD" >&2
    exit 2
fi
image=$1/demo/demo.iso
disc=$1/demo/demo.disc

fail() {
    echo "check_demo.sh: $*" >&2
    exit 1
}

command -v lsdvd >/dev/null || {
    echo "SKIP check_demo.sh: lsdvd is missing (Debian package lsdvd)"
    exit 77
}
titles=$(lsdvd "$image" 2>/dev/null) || fail "lsdvd cannot open $image"
[ "$(echo "$titles" | grep -c '^Title: ')" -eq 2 ] || fail "lsdvd does not list two titles: $titles"
echo "$titles" | grep -q 'Length: 00:00:00' && fail "a title without length: $titles"

blocks=$(($(wc -c <"$image") / 2048))
[ "$blocks" -ge 128 ] || fail "only $blocks blocks"
map=$("$1/dvdemu" describe "$disc")
for file in VIDEO_TS.VOB VTS_01_1.VOB VTS_02_1.VOB; do
    for cpr_mai in B0 F0; do
        echo "$map" | grep -q " $cpr_mai .*$file\$" || fail "no $cpr_mai blocks in $file"
    done
done
keys=$(echo "$map" | awk '$3 == "F0" { print $4 }' | sort -u | wc -l)
[ "$keys" -eq 3 ] || fail "$keys title keys, 3 expected"
echo "check_demo.sh: two titles, $blocks blocks, $keys title keys"
