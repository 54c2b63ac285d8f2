#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The drive as /dev/sr0 of a Linux guest with Debian's kernel, in both ways that boot.sh knows: all of
# DVD_AUTH and DVD_READ_STRUCT, mounts, disc swaps, event polling, an empty start.
# On a plain disc: Debian's disc tools, those that are installed here.
#   guest_test.sh BUILD [qemu] [initiator] [tools]     all unless told
# Needs qemu-system-x86 and qemu-block-extra; make_guest.sh downloads the rest once. Exit 77: not here.
# GUEST_FOLDER: another guest than BUILD/guest; CONTROLLER: see boot.sh.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 2
build=$(realpath "${1:?usage: guest_test.sh BUILD}")
shift
[ $# -gt 0 ] || set -- qemu initiator tools
programs=$build/guest
guest=${GUEST_FOLDER:-$programs}
BOOT_SECONDS=90
BCA=000102030405060708090a0b0c0d0e0f
number=0 failed=0 serve='' booted=''

skip() {
    echo "skipped: $1"
    exit 77
}
command -v qemu-system-x86_64 >/dev/null || skip "no qemu-system-x86_64 (Debian package qemu-system-x86)"
block_modules=$(dpkg-query -L qemu-block-extra 2>/dev/null | grep -c 'block-iscsi\.so$')
[ "$block_modules" -gt 0 ] || skip "QEMU has no iSCSI driver (Debian package qemu-block-extra)"
tests/guest/make_guest.sh "$guest"
case $? in
0) ;;
77) exit 77 ;;
*) exit 1 ;;
esac

work=$(mktemp -d "${TMPDIR:-/tmp}/dvdemu-guest.XXXXXX") || exit 2
export XDG_RUNTIME_DIR=$work/runtime
mkdir -m 700 "$XDG_RUNTIME_DIR"
cleanup() {
    [ -z "$booted" ] || kill "$booted" 2>/dev/null
    [ -z "$serve" ] || kill "$serve" 2>/dev/null
    wait
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM

# say ok|"not ok" WHAT
say() {
    number=$((number + 1))
    [ "$1" = ok ] || failed=$((failed + 1))
    echo "$1 $number - $2"
}

# check WHAT COMMAND...
check() {
    local what=$1
    shift
    if "$@"; then
        say ok "$name: $what"
    else
        say "not ok" "$name: $what"
    fi
}

# ---- discs, and what the guest has to know of them ----

make_discs() {
    local tree=$work/tree
    mkdir -p "$tree/folder/deeper" "$work/overlay/bin"
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
TOOLS=(lsscsi sg_inq sg_get_config sg_modes sg_raw /lib/udev/cdrom_id blkid isoinfo cd-drive cd-info
       dvd+rw-mediainfo wodim readom setcd lsdvd dvdbackup regionset eject)
# copy_tool PATH: to /tools, with the libraries that it is linked with
copy_tool() {
    local library
    install -Dm755 "$1" "$work/tools/tools/${1##*/}"
    for library in $(ldd "$1" | grep -o '/[^ ]*'); do
        [ -e "$work/tools$library" ] || install -Dm755 "$library" "$work/tools$library"
    done
}
make_overlays() {
    local tool path
    mkdir -p "$work/overlay/bin" "$work/tools"
    cp "$programs/dvd_auth" "$programs/drive_watch" "$programs/tray" "$work/overlay/bin/" || return 1
    cp "$build/demo/demo.iso" "$work/overlay/plain.iso"
    cp "$build/demo/demo.iso" "$work/tools/plain.iso"
    install -m755 tests/guest/in_guest.sh "$work/overlay/main"
    install -m755 tests/guest/tools_in_guest.sh "$work/tools/main"
    for tool in "${TOOLS[@]}"; do
        path=$(PATH=$PATH:/usr/sbin:/sbin command -v "$tool") && copy_tool "$path"
    done
}
make_discs && describe_for_guest && make_overlays || exit 1
mkfifo "$work/said"

# ---- one drive, one boot ----

# start_drive DISC: leaves the URL in $url
start_drive() {
    rm -f "$work/ready"
    "$build/dvdemu" serve --state none --seed 1 --verbose --log "$work/drive.log" \
        --ready-file "$work/ready" --disc "$1" >"$work/serve.log" 2>&1 &
    serve=$!
    for _ in $(seq 200); do
        [ -s "$work/ready" ] && break
        kill -0 "$serve" 2>/dev/null || break
        sleep 0.05
    done
    url=$(head -n 1 "$work/ready" 2>/dev/null) || {
        sed 's/^/#   /' "$work/serve.log"
        false
    }
}
stop_drive() {
    kill "$serve" && wait "$serve"
    serve=
}

# what the guest asks for; its own check says whether it saw that
operate() {
    local said
    case $1 in
    eject) said=$("$build/dvdemu" eject 2>&1) ;;
    eject-refused) ! said=$("$build/dvdemu" eject 2>&1) && [[ $said == *"a host prevents"* ]] ;;
    'insert '*) said=$("$build/dvdemu" insert "$work/${1#insert }" 2>&1) ;;
    *) false ;;
    esac || say "not ok" "$name: host: $1: $said"
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
    local line code=0
    : >"$work/drive.log"
    start_drive "$2" || { say "not ok" "$name: the drive starts"; return; }
    tests/guest/boot.sh "$guest" "$1" "$url" "$3" $BOOT_SECONDS </dev/null >"$work/said" &
    booted=$!
    while read -r line; do
        case $line in
        'ok - '*) say ok "$name: ${line#ok - }" ;;
        'not ok - '*) say "not ok" "$name: ${line#not ok - }" ;;
        'skipped - '*) echo "skipped: ${line#skipped - }" ;;
        'host: '*) operate "${line#host: }" ;;
        *) echo "# ${line#\# }" ;;
        esac
    done <"$work/said"
    wait $booted || code=$?
    booted=
    stop_drive
    check "the guest ends by itself" test $code = 0
}

for name in "$@"; do
    case $name in
    qemu) boot qemu "$work/css.disc" "$work/overlay" ;; # QEMU opens no empty drive
    initiator) boot initiator none "$work/overlay" ;;
    tools) boot initiator "$build/demo/demo.iso" "$work/tools" ;;
    *) skip "no such part: $name" ;;
    esac
    if [ "$name" != tools ]; then
        check "the drive saw the CDBs of the handshake as Linux builds them" handshake_on_the_wire
    fi
    cp "$work/drive.log" "$guest/drive-$name.log"
done
echo "$((number - failed)) passed, $failed failed"
[ "$failed" -eq 0 ]
