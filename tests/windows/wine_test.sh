#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# wintest.exe under Wine in a Linux guest, on a CSS disc: every step, and in the drive's own log the
# commands that these calls have to become, in order (wine_cdbs.txt).
#   wine_test.sh BUILD [qemu] [initiator]     how the guest gets the drive (boot.sh); both unless told
# Prints the program's lines, PASS, FAIL or SKIP and the step. Needs what `tools/packages.sh wine` and
# `guest` install, and `make windows`. Exit 77: not here.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 2
build=$(realpath "${1:?usage: wine_test.sh BUILD [qemu] [initiator]}")
shift
[ $# -gt 0 ] || set -- qemu initiator
# shellcheck source=tests/guest/guest_common.sh
. tests/guest/guest_common.sh
program=$build/windows/wintest.exe wine=$build/wine
BOOT_SECONDS=150
failed=0

[ -s "$program" ] || skip "no wintest.exe (make windows)"
tests/windows/make_wine.sh "$wine" "$program"
case $? in
0) ;;
77) exit 77 ;;
*) exit 1 ;;
esac
find_guest
make_work

# The disc, and what there is to know of it. wintest looks for a title and a scrambled block by
# itself: it has to find the first block there that scrambling has changed.
make_disc() {
    "$build/dvdemu" mint "$build/demo/demo.iso" -o "$work/css.disc" --seed 5 --regions 1 \
        --materialise "$work/scrambled.img" >"$work/minted" &&
        "$build/dvdemu" describe --json "$work/css.disc" | python3 -c '
import json, sys
disc = json.load(sys.stdin)
plain, scrambled = (open(path, "rb").read() for path in sys.argv[1:])
title = next(e for e in disc["extents"] if e["file"] == "VTS_01_1.VOB")
at = title["lba"] * 2048
while plain[at:at + 2048] == scrambled[at:at + 2048]:
    at += 2048
print("blocks=%08x" % disc["blocks"])
print("disc-regions=%02x" % disc["rmi"])
print("region-mask=ff")
print("disc-key=" + disc["disc_key"])
print("title-key=" + title["title_key"])
print("clear-sector=" + plain[at + 128:at + 2048].hex())
' "$build/demo/demo.iso" "$work/scrambled.img" >"$work/overlay/expect.txt"
}
mkdir "$work/overlay"
make_disc || exit 1
cp "$program" "$work/overlay/wintest.exe"
install -m755 tests/windows/wine_in_guest.sh "$work/overlay/main"

heard() {
    [[ $1 != FAIL* ]] || failed=1 told=1
    printf '%s\n' "$1"
}

# The log's key commands, in the form of wine_cdbs.txt.
key_commands() {
    sed -n 's@.*: \(a[34d]\( [0-9a-f]\{2\}\)\{11\}\)[^:]*: .*(\([^)]*\)), .*@\1 \3@p' "$work/drive.log"
}
# A line for each section, PASS or FAIL; fails with one of them, or if there is none.
judge_commands() {
    awk '
        function judge(    at) {
            if (title == "") return
            at = index(seen, wanted)
            print (at ? "PASS" : "FAIL") " wine-cdbs " title
            at ? passed++ : failed++
            if (at) seen = substr(seen, at + length(wanted))
        }
        FILENAME == "-" { seen = seen $0 "|"; next }
        /^\[/ { judge(); title = substr($0, 2, length($0) - 2); wanted = "" }
        /^[a-z]/ { sub(/^[^ ]+ +/, ""); sub(/  +/, " "); wanted = wanted $0 "|" }
        END { judge(); exit failed || !passed }
    ' - tests/windows/wine_cdbs.txt < <(key_commands)
}

for way in "$@"; do
    echo "# the drive by way of: $way"
    told=0 code=0
    MEMORY_MIB=1024 boot_guest "$way" "$work/css.disc" $BOOT_SECONDS "$wine/tree" "$work/overlay" || code=$?
    [ $code = $told ] || heard "FAIL wine-ends the guest does not end well: $code"
    judge_commands || failed=1
    cp "$work/drive.log" "$wine/drive-$way.log"
done
exit $failed
