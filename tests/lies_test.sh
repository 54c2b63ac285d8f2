#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# `dvdemu probe` and `dvdemu check` with a drive that lies, or a connection that ends: between them
# and our drive stands tests/support/iscsi_liar.py, which says how a lie is written.
#   lies_test.sh BUILD
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2
build=$(realpath "$1")
demo=$build/demo/demo.disc
work=$(mktemp -d "${TMPDIR:-/tmp}/dvdemu-lies.XXXXXX")
export XDG_RUNTIME_DIR=$work/run LC_ALL=C
mkdir -m 700 "$XDG_RUNTIME_DIR"
liar=''
trap '[ -z "$serve" ] || kill "$serve"; [ -z "$liar" ] || kill "$liar"; wait 2>/dev/null; rm -rf "$work"' EXIT
# shellcheck source=tests/support/daemons.sh
. tests/support/daemons.sh
# shellcheck source=tests/support/tap.sh
. tests/support/tap.sh

# serve_behind_liar ARGUMENT...: the URL that is left in $url is the liar's
serve_behind_liar() {
    serve "$@"
    [ -n "$url" ] || { cat "$work/serve.log"; exit 1; }
    url=iscsi://127.0.0.1:$port/${url#iscsi://*/}
    "$build/dvdemu" state snapshot new >/dev/null || exit 1
}
: >"$work/rules"
tests/support/iscsi_liar.py "$work/port" "$work/ready" "$work/rules" &
liar=$!
until_true test -s "$work/port" || exit 1
port=$(cat "$work/port")

why() {
    cat "$work/rules"
    grep -v '^ok ' "$work/out" | head -n 20
}
# rules LINE...: what the liar says from now on; the drive is as new
rules() {
    { echo "# $number"; printf '%s\n' "$@"; } >"$work/rules"
    "$build/dvdemu" state restore new >/dev/null || report 1 'the drive is as new'
}
# told COMMAND CODE REGEX LINE...: the exit code of a command, and a line of its output
told() {
    local command=$1 code=$2 regex=$3
    shift 3
    rules "$@"
    ends "$code" "$regex" "$build/dvdemu" "$command" --timeout 1 "$url" "${with[@]}"
    report $? "$command: $regex (${*:-no lie}; exit $got)"
}
# lie CODE REGEX LINE...: by the probe
lie() {
    told probe "$@"
}
REPORT_KEY() { # REPORT_KEY FORMAT: of AGID 0
    echo "a4..................$1"
}
SEND_KEY() {
    echo "a3..................$1"
}
INVALID=sense=05/24/00

# ---- who it is, and whether it is ready ----

serve_behind_liar "$demo"
with=(--disc "$demo")
lie 0 '^ok sessions ended: AGID 0 given back'
lie 1 '^FAILED inquiry: INQUIRY: expected good with 36 bytes, got sense 05/24/00' "12 $INVALID"
lie 1 '^FAILED inquiry: INQUIRY: expected good with 36 bytes, got good with 35 bytes' '1200 short=35'
lie 1 '^FAILED inquiry: expected device type 05h, got 00h' '1200 byte=0:00'
lie 1 '^FAILED inquiry: expected a removable medium, RMB is 0' '1200 byte=1:00'
lie 0 '^ok inquiry: .*serial number not given' "1201 $INVALID"
lie 0 '^ok unit ready: ready' '00@-3 sense=02/04/01'
lie 1 '^FAILED unit ready: .* got sense 02/04/01' '00 sense=02/04/01'
lie 1 '^FAILED unit ready: .* got sense 06/28/00' '00 sense=06/28/00'
lie 1 '^FAILED unit ready: expected ready or no disc, got sense 04/44/00' '00 sense=04/44/00'
lie 1 '^FAILED unit ready: .* got status 08h' '00 status=08'
lie 1 '^FAILED unit ready: expected the disc of --disc, got sense 02/3A/00' '00 sense=02/3a/00'

# ---- features, region, disc ----

lie 1 '^FAILED configuration: expected good, got sense 05/20/00' '46 sense=05/20/00'
lie 1 '^FAILED configuration: expected a list of features, but ' '46 short=7'
lie 1 '^FAILED configuration: expected the feature [A-Z].*, it is not listed' '46 byte=0:00000010' '46 short=20'
lie 1 '^FAILED configuration: expected current profile 0010h or 0008h, got 0009h' '46 byte=6:0009'
lie 1 '^FAILED configuration: expected current profile 0000h, got 0010h' '00 sense=02/3a/00'
lie 1 '^FAILED region state: RPC state: expected good with 8 bytes' "$(REPORT_KEY 08) $INVALID"
lie 1 '^FAILED capacity: READ CAPACITY: expected good with 8 bytes' '25 sense=02/04/00'
lie 1 '^FAILED capacity: expected blocks of 2048 bytes, got 1024' '25 byte=4:00000400'
lie 1 '^FAILED capacity: expected the [0-9]+ blocks of --disc, got 2' '25 byte=0:00000001'
lie 1 '^FAILED copyright structure: expected 8 bytes, got good with 6 bytes, 6 bytes' "ad............01 short=6"
lie 1 '^FAILED copyright structure: expected 8 bytes, got sense 05/24/00' "ad............01 $INVALID"
lie 1 '^FAILED copyright structure: expected protection 01h as in --disc, got 00h' "ad............01 byte=4:00"
lie 1 '^FAILED copyright structure: expected RMI 00h as in --disc, got FEh' "ad............01 byte=5:fe"
with=()
lie 1 '^FAILED copyright structure: expected feature 0106h not current with protection 00h' "ad............01 byte=4:00"
lie 0 '^ok copyright structure: the disc has none, so no CSS' "ad............01 $INVALID"
lie 0 '^skipped copyright structure: a CD has none' '46 byte=6:0008' 'ad............01 sense=05/30/02'
with=(--disc "$demo")

# ---- keys ----

lie 1 '^FAILED gated read: ASF: expected good with 8 bytes' "$(REPORT_KEY 05)@1 $INVALID"
lie 1 '^FAILED gated read: LBA 295: expected sense 05/6F/03, got sense 03/11/05' '28 sense=03/11/05'
lie 1 '^FAILED AGID: AGID: expected good with 8 bytes, got sense 05/55/00' 'a4..................00 sense=05/55/00'
lie 1 '^FAILED AGID: expected an AGID in bits 7-6 alone, got 01h' 'a4..................00@1 byte=7:01'
lie 1 '^FAILED KEY1: host challenge: expected good, got sense 05/2C/00' "$(SEND_KEY 01) sense=05/2c/00"
lie 1 '^FAILED KEY1: KEY1: expected good with 12 bytes' "$(REPORT_KEY 02) sense=05/6f/00"
lie 1 '^FAILED KEY1: expected a KEY1 of one of 32 variants' "$(REPORT_KEY 02) bits=4:ff"
lie 1 '^FAILED drive challenge: drive challenge: expected good with 16 bytes' "$(REPORT_KEY 01) short=15"
lie 1 '^FAILED KEY2: KEY2: expected good, got sense 05/6F/00' "$(SEND_KEY 03) sense=05/6f/00"
lie 1 '^FAILED disc key: disc key: expected good with 2052 bytes' "ad............02 sense=05/6f/02"
lie 1 '^FAILED disc key: expected a check entry that accepts the disc key' "ad............02 bits=4:01"
lie 1 '^FAILED disc key: expected the disc key block of --disc, got other slots' "ad............02 bits=1000:01"
lie 1 '^FAILED ASF: expected ASF 1 after the disc key' "$(REPORT_KEY 05)@2 byte=7:00"
lie 1 '^FAILED ASF: ASF: expected good with 8 bytes' "$(REPORT_KEY 05)@2 $INVALID"
lie 1 '^FAILED title keys: expected a new challenge for each handshake' "$(REPORT_KEY 01) again"
lie 1 '^FAILED title keys: AGID: expected good with 8 bytes' "$(REPORT_KEY 00)@2 sense=05/55/00"
lie 1 '^FAILED title keys: title key: expected good with 12 bytes' "$(REPORT_KEY 04) sense=05/6f/01"
lie 1 '^FAILED title keys: expected title key menus of --disc at LBA 287, got another' "$(REPORT_KEY 04) bits=5:01"
lie 1 '^FAILED title keys: expected CPR_MAI B0h at LBA 287, got 80h' "$(REPORT_KEY 04) byte=4:80"
lie 1 '^FAILED sessions ended: invalidate AGID: expected good' "$(REPORT_KEY 3f) $INVALID"
lie 1 '^FAILED sessions ended: AGID: expected good' "$(REPORT_KEY 00)@5 sense=05/55/00"

# ---- sectors ----

lie 1 '^FAILED scrambled sectors: ASF: expected good' "$(REPORT_KEY 05)@3 $INVALID"
lie 0 '^ok scrambled sectors: 3 read' "$(REPORT_KEY 05)@3 byte=7:00"
lie 1 '^FAILED scrambled sectors: invalidate AGID: expected good' "$(REPORT_KEY 04) sense=05/6f/01" \
    "$(REPORT_KEY 05)@3 byte=7:00" "$(REPORT_KEY 3f)@1 $INVALID"
lie 1 '^FAILED scrambled sectors: READ.10.: expected good with 2048 bytes' '28@2 sense=03/11/00'
lie 1 '^FAILED scrambled sectors: LBA 295: expected the bytes of the image after descrambling' '28@2 bits=2047:01'
sed "s|^image = .*|image = $work/shrinks.iso|" "$demo" >"$work/shrinks.disc"
cp "$build/demo/demo.iso" "$work/shrinks.iso"
shrinks() { # while the drive thinks about its capacity
    rules '25 delay=500'
    : >"$work/out"
    "$build/dvdemu" probe "$url" --disc "$work/shrinks.disc" >"$work/out" 2>&1 &
    local probe=$!
    for _ in $(seq 200); do
        grep -q '^ok region state' "$work/out" && break
        sleep 0.02
    done
    truncate -s 2048 "$work/shrinks.iso"
    ! wait "$probe" && grep -q "^FAILED scrambled sectors: LBA 295 cannot be read from $work/shrinks.iso" "$work/out"
}
shrinks
report $? 'an image that becomes shorter meanwhile'

# ---- the connection ----

lie 1 '^FAILED connect: iscsi://' 'login close'
lie 1 '^FAILED connect: .*: no answer within 1000 ms' 'login hang'
lie 1 '^FAILED capacity: .* got a lost session: no answer within 1000 ms' '25 hang'
lie 1 '^FAILED capacity: .* got a lost session: the connection was closed' '25 close'
lie 1 '^skipped sessions ended: no connection, and no AGID held' '28@2 close'
lie 1 '^ok sessions ended: AGID 0 given back' "$(SEND_KEY 03) close" - ''
lie 1 '^FAILED sessions ended: iscsi://' "$(SEND_KEY 03) close" - 'login close'
lie 1 '^FAILED sessions ended: .* got sense 04/44/00' "$(SEND_KEY 03) close" - '00 sense=04/44/00'
lie 1 '^FAILED capacity: .* got sense 00/00/00' '25 sense=none'
lie 1 '^FAILED capacity: .* got sense 02/00/00' '25 sense=02/04/01:12'
lie 1 '^FAILED capacity: .* got sense 02/04/00' '25 sense=02/04/01:13'
url="${url/\/\////me%secret@}?target_user=you&target_password=wrong-one"
lie 1 '^FAILED connect: ' # to somebody who cannot say who he is
stop

# ---- a drive of another region, and discs with little to ask for ----

"$build/dvdemu" mint "$build/demo/demo.iso" -o "$work/region2.disc" --seed 3 --regions 2 >/dev/null || exit 2
serve_behind_liar "$work/region2.disc"
with=(--disc "$work/region2.disc")
lie 0 '^ok title keys: refused as the regions do not match .* 05/6F/01' "$(REPORT_KEY 04) sense=05/6f/01"
lie 1 '^FAILED title keys: expected sense 05/6F/04 .* got sense 05/24/00' "$(REPORT_KEY 04) $INVALID"
lie 1 '^FAILED title keys: AGID: expected good' "$(REPORT_KEY 00)@2 sense=05/55/00"
lie 1 '^FAILED title keys: invalidate AGID: expected good' "$(REPORT_KEY 3f)@1 $INVALID"
stop
# a drive that sends in clear what it should scramble: its description says that the image is it
sed "s|^image = .*|image = $build/demo/demo.iso|; s|^scrambled = .*|scrambled = yes|" "$demo" >"$work/clear.disc"
serve_behind_liar "$work/clear.disc"
with=(--disc "$demo")
lie 1 '^FAILED scrambled sectors: LBA 295: expected it scrambled, got it in clear'
stop
sed "s|^image = .*|image = $build/demo/demo.iso|; /^\[title_keys\]/,\$d" "$demo" >"$work/bare.disc"
serve_behind_liar "$work/bare.disc"
with=(--disc "$work/bare.disc")
lie 0 '^skipped title keys: no block of --disc has a title key'
lie 0 '^skipped scrambled sectors: --disc has no scrambled block'
stop
printf '[title_keys]\na = 0102030405\nb = 0102030406\n[extents]\n16 = 4 B0 a\n20 = 4 F0 b\n' |
    cat "$work/bare.disc" - >"$work/half.disc"
serve_behind_liar "$work/half.disc"
with=(--disc "$work/half.disc")
lie 0 '^ok scrambled sectors: 1 read'
stop

# ---- dvdemu check ----

# check CODE REGEX LINE...: by dvdemu check
check() {
    told check "$@"
}
serve_behind_liar "$demo"
with=(--disc "$demo" --only 'identify.*')
check 0 ' 0 not ok' '00@-3 sense=02/04/01'
check 1 '^#   25 .* seen a lost session: the connection was closed' '25@2 close'
check 1 ' 1 not ok' '25@2 close'
check 1 '^#   25 .* seen a lost session: no answer within 1000 ms' '25@2 hang'
check 1 '^#   25 .* seen CHECK CONDITION without sense that can be read' '25@2 sense=none'
check 1 '^#   25 .* seen status 18h' '25@2 status=18'
check 2 'a DVD is described, and none is in the drive' '46@1 close'
check 2 'expected good with 36 bytes, seen 05/24/00' "1200 $INVALID"
check 2 'another disc than described: blocks 3' '25 byte=0:00000002'
with=(--disc "$demo" --only 'reset.*')
check 1 ' 0 ok, 6 not ok' 'reset response=05'
with=(--only 'reset.f*' --only 'reset.k*' --only 'identify.*')
check 1 ' 2 not ok' 'reset hang'
check 1 '^#   .*LOGICAL UNIT RESET was refused or not answered' 'reset close'
with=(--only 'identify.*' --junit "$work")
check 2 "$work: Is a directory"
stop

sum_up
