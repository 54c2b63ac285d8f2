#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The drive as /dev/sr0 of a Linux guest with Debian's kernel, in both ways that boot.sh knows: all of
# DVD_AUTH and DVD_READ_STRUCT, mounts, disc swaps, event polling, an empty start.
# Then Debian's programs, those that are installed here:
#   tools     disc tools, on a plain DVD-Video
#   players   mplayer, on the same
#   dvdcss    lsdvd, dvdbackup and mplayer with libdvdcss, on a scrambled one; DVDCSS=FILE is the
#             user's own libdvdcss.so.2, which is not part of Debian and not part of this
#   guest_test.sh BUILD [qemu] [initiator] [tools] [players] [dvdcss]     all unless told
# Needs qemu-system-x86 and qemu-block-extra; make_guest.sh downloads the rest once. Exit 77: not here.
# GUEST_FOLDER: another guest than BUILD/guest; CONTROLLER: see boot.sh.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 2
build=$(realpath "${1:?usage: guest_test.sh BUILD [PART...]}")
shift
PARTS="qemu initiator tools players dvdcss"
# shellcheck disable=SC2086 # words
[ $# -gt 0 ] || set -- $PARTS
for name in "$@"; do
    [[ " $PARTS " = *" $name "* ]] || {
        echo "guest_test.sh: no part $name; there are: $PARTS" >&2
        exit 2
    }
done
# shellcheck source=tests/guest/guest_common.sh
. tests/guest/guest_common.sh
programs=$build/guest
BOOT_SECONDS=90
BCA=000102030405060708090a0b0c0d0e0f
TOOLS=(lsscsi sg_inq sg_get_config sg_modes sg_raw /lib/udev/cdrom_id blkid isoinfo cd-drive cd-info
       dvd+rw-mediainfo wodim readom setcd lsdvd dvdbackup regionset eject)
# shellcheck source=tests/support/tap.sh
. tests/support/tap.sh

find_guest
make_work

why() { # the guest has told it before
    :
}
# say RESULT WHAT
say() {
    report "$1" "$name: $2"
}

# check WHAT COMMAND...
check() {
    local what=$1
    shift
    "$@"
    say $? "$what"
}
leave_out() {
    echo "skipped: $name: $1"
}

# ---- discs, and what the guest has to know of them ----

make_discs() {
    local tree=$work/tree
    mkdir -p "$tree/folder/deeper"
    seq -f '%015.0f' 262144 >"$tree/count.txt" # 4 MiB that repeat nowhere
    : >"$tree/empty"
    head -c 2049 "$tree/count.txt" >"$tree/folder/one byte more than a block.bin"
    head -c 2048 "$tree/count.txt" >"$tree/folder/deeper/block"
    (cd "$tree" && find . -type f -exec md5sum {} +) >"$work/overlay/data.md5"
    genisoimage -quiet -udf -R -J -V DATA -o "$work/data.iso" "$tree" &&
        echo '77 1122334455' >"$work/player.keys" &&
        "$build/dvdemu" mint "$build/demo/demo.iso" -o "$work/css.disc" --seed 5 --regions 1 \
            --player-keys "$work/player.keys" >"$work/minted" &&
        sed -i "s/^protection = css/&\nbca = $BCA/" "$work/css.disc"
}
describe_for_guest() {
    {
        echo "bca $BCA"
        sed -n 's/.* \([0-9]*\) of [0-9]* blocks scrambled.*/scrambled \1/p' "$work/minted"
    } >"$work/overlay/disc.txt"
    "$build/dvdemu" describe --json "$work/css.disc" | python3 -c '
import json, sys
disc = json.load(sys.stdin)
print("blocks", disc["blocks"])
print("rmi %02x" % disc["rmi"])
print("disc_key", disc["disc_key"])
for slot in disc["player_keys"]:
    print("slot", slot["slot"], slot["key"])
for e in disc["extents"]:
    print("extent", e["lba"], e["blocks"], "%02x" % e["cpr_mai"], e["title_key"])
' >>"$work/overlay/disc.txt"
}
make_overlay() {
    mkdir -p "$work/overlay/bin"
    cp "$programs/dvd_auth" "$programs/drive_watch" "$programs/tray" "$work/overlay/bin/" || {
        echo "guest_test.sh: no programs for the guest in $programs: make guest" >&2
        return 1
    }
    cp "$build/demo/demo.iso" "$work/overlay/plain.iso"
    install -m755 tests/guest/in_guest.sh "$work/overlay/main"
    make_discs && describe_for_guest
}

# ---- Debian's programs, with the libraries that they are linked with ----

installed() {
    PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null
}
# copy_programs OVERLAY PROGRAM...: those that are installed, to /tools there
copy_programs() {
    local overlay=$1 program path library
    shift
    for program in "$@"; do
        path=$(PATH=$PATH:/usr/sbin:/sbin command -v "$program") || continue
        install -Dm755 "$path" "$overlay/tools/${path##*/}"
        for library in $(ldd "$path" | grep -o '/[^ ]*'); do
            [ -e "$overlay$library" ] || install -Dm755 "$library" "$overlay$library"
        done
    done
}
# The stream of each title as it is on the disc: whole, and without the navigation packs, which a
# player that reads cell by cell keeps to itself.
copy_titles() {
    local number
    mkdir -p "$1"
    for number in 1 2; do
        isoinfo -i "$build/demo/demo.iso" -x "/VIDEO_TS/VTS_0${number}_1.VOB;1" >"$1/$number.vob" || return 1
        python3 -c '
import sys
data = sys.stdin.buffer.read()
for at in range(0, len(data), 2048):
    if data[at + 14:at + 18] != b"\0\0\1\xbb": # a system header: only a navigation pack has one
        sys.stdout.buffer.write(data[at:at + 2048])
' <"$1/$number.vob" >"$1/$number.no-navigation"
    done
}
# program_overlay SCRIPT PROGRAM...: leaves $work/SCRIPT, of which SCRIPT is run in the guest
program_overlay() {
    local overlay=$work/$1
    mkdir -p "$overlay/tools"
    copy_programs "$overlay" "${@:2}"
    copy_titles "$overlay/titles" || return 1
    cp "$build/demo/demo.iso" "$overlay/plain.iso"
    cp tests/guest/program_checks.sh "$overlay/"
    install -m755 "tests/guest/$1" "$overlay/main"
}

# ---- one drive, one boot ----

# what the guest asks for; its own check says whether it saw that
operate() {
    local said
    case $1 in
    eject) said=$("$build/dvdemu" eject 2>&1) ;;
    eject-refused) ! said=$("$build/dvdemu" eject 2>&1) && [[ $said == *"a host prevents"* ]] ;;
    'insert '*) said=$("$build/dvdemu" insert "$work/${1#insert }" 2>&1) ;;
    *) false ;;
    esac || say 1 "host: $1: $said"
}

heard() {
    case $1 in
    'ok - '*) say 0 "${1#ok - }" ;;
    'not ok - '*)
        say 1 "${1#not ok - }"
        told=1
        ;;
    'skipped - '*) leave_out "${1#skipped - }" ;;
    'host: '*) operate "${1#host: }" ;;
    *) echo "# ${1#\# }" ;;
    esac
}

# the CDBs of one handshake and of the disc key, in this order; polling may come between
HANDSHAKE='a4 .. 08 00 00|a3 .. 10 01 00|a4 .. 0c 02 00|a4 .. 10 01 00|a3 .. 0c 03 00|ad .. 02 08 04 00 00|'
handshake_on_the_wire() {
    sed -n 's/.*: \(a[34d]\( [0-9a-f]\{2\}\)\{11\}\).*/\1/p' "$work/drive.log" |
        sed 's/ 00 00 00 00 00 00 00 00 / .. /; s/ 00 00 00 00 00 00 02 / .. 02 /' | tr '\n' '|' |
        grep -qF "$HANDSHAKE"
}

# boot WAY DISC OVERLAY
boot() {
    local code=0
    told=0
    boot_guest "$1" "$2" "$BOOT_SECONDS" "$3" || code=$?
    # with 1 when something failed there, which it has told then
    check "the guest ends by itself" test $code = $told
    cp "$work/drive.log" "$guest/drive-$name.log"
}

# ---- the parts ----

CDBS="the drive saw the CDBs of the handshake as Linux builds them"
part_qemu() { # QEMU opens no empty drive
    boot qemu "$work/css.disc" "$work/overlay"
    check "$CDBS" handshake_on_the_wire
}
part_initiator() {
    boot initiator none "$work/overlay"
    check "$CDBS" handshake_on_the_wire
}
part_tools() {
    program_overlay tools_in_guest.sh "${TOOLS[@]}" || exit 1
    boot initiator "$build/demo/demo.iso" "$work/tools_in_guest.sh"
}
part_players() {
    installed mplayer || {
        leave_out "mplayer: not installed on the host (tools/packages.sh players)"
        return
    }
    program_overlay players_in_guest.sh mplayer || exit 1
    MEMORY_MIB=1024 BOOT_SECONDS=180 boot initiator "$build/demo/demo.iso" "$work/players_in_guest.sh"
}

# title_keys_given: one for each title of the disc, and no refusal
title_keys_given() {
    local given
    given=$(sed -n 's/.*REPORT KEY, title key: a4 00 \(.. .. .. ..\).*: good .*/\1/p' "$work/drive.log" |
        sort -u | wc -l)
    [ "$given" -ge 3 ] && ! grep -q 'REPORT KEY, title key.*([1-9a-f]/' "$work/drive.log"
}
disc_key_given() {
    grep -q 'READ DVD STRUCTURE, disc key.*: good ' "$work/drive.log"
}
# libdvdcss has no player key of the disc: it finds the disc key from the check entry, which gives
# the right one for keys like these only.
part_dvdcss() {
    local disc_key overlay=$work/dvdcss_in_guest.sh
    [ -n "${DVDCSS:-}" ] || {
        leave_out "libdvdcss: none given; DVDCSS=FILE names the user's libdvdcss.so.2"
        return
    }
    installed regionset || {
        leave_out "libdvdcss: no regionset on the host to set the region with (tools/packages.sh guest)"
        return
    }
    disc_key=$(awk '!/^#/ { print $1; exit }' tests/vectors/dischash.txt)
    program_overlay dvdcss_in_guest.sh lsdvd dvdbackup mplayer regionset &&
        install -Dm755 "$DVDCSS" "$overlay/libdvdcss.so.2" &&
        "$build/dvdemu" mint "$build/demo/demo.iso" -o "$work/dvdcss.disc" --seed 6 --regions 2 \
            --disc-key "$disc_key" >"$work/minted" || exit 1
    # the search for the disc key takes ten seconds in emulation, for each program anew
    MEMORY_MIB=1024 BOOT_SECONDS=450 boot initiator "$work/dvdcss.disc" "$overlay"
    check "libdvdcss: $CDBS" handshake_on_the_wire
    check "libdvdcss: the drive gave the disc key" disc_key_given
    check "libdvdcss: the drive gave the title key of every title, and refused none" title_keys_given
}

make_overlay || exit 1
for name in "$@"; do
    "part_$name"
done
sum_up
