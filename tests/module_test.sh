#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# dvd.so in a tgtd of somebody's own, told by tgtadm: units made, changed and taken away, what is
# refused, and the end of a daemon with drives in it.
#   module_test.sh BUILD
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2
build=$(realpath "$1")
PATH=$PATH:/usr/sbin:/sbin
work=$(mktemp -d "${TMPDIR:-/tmp}/dvdemu-module.XXXXXX")
daemon=
trap '[ -z "$daemon" ] || kill -9 "$daemon" 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
# shellcheck source=tests/support/daemons.sh
. tests/support/daemons.sh
# shellcheck source=tests/support/tap.sh
. tests/support/tap.sh
export TGT_IPC_SOCKET=$work/ipc DVDEMU_CONTROL=$work/control
TARGET=iqn.2026-11.example.dvdemu:own
cp "$build/demo/demo.iso" "$work/plain.iso"

why() {
    cat "$work/out"
    tail -n 5 "$work/tgtd.log" | sed 's/^/tgtd: /'
}
adm() { # adm OPERATION MODE ARGUMENT...
    tgtadm -C 0 --lld iscsi --op "$1" --mode "$2" "${@:3}"
}
answers() {
    adm show sys >/dev/null 2>&1
}
start_tgtd() { # start_tgtd NAME=VALUE...: its environment
    port=$(free_port)
    env "$@" tgtd -f -C 0 --iscsi "portal=127.0.0.1:$port" >>"$work/tgtd.log" 2>&1 &
    daemon=$!
    url=iscsi://127.0.0.1:$port/$TARGET
    until_true answers
}
new_unit() { # new_unit LUN ARGUMENT...
    adm new logicalunit --tid 1 --lun "$1" --bstype dvd "${@:2}"
}
refused_unit() { # refused_unit WHAT-THE-LOG-SAYS ARGUMENT...: and the number is free afterwards
    : >"$work/tgtd.log"
    ! new_unit 9 "${@:2}" && grep -q -- "$1" "$work/tgtd.log" && ! shows 'LUN: 9'
}
shows() {
    adm show target | grep -q -- "$1"
}
probe() { # probe LUN REGEX
    "$build/dvdemu" probe --timeout 5 "$url/$1" >"$work/probe" 2>&1
    cat "$work/probe"
    grep -qE -- "$2" "$work/probe"
}
ends_by_itself() { # the drives first: a daemon with targets stays
    adm delete target --tid 1 --force && adm delete sys && wait "$daemon" && daemon=
}

# ---- units ----

holds 'tgtd starts with the module' start_tgtd LD_PRELOAD="${DVDEMU_TGTD_PRELOAD-} $build/dvd.so"
adm new target --tid 1 -T $TARGET
adm bind target --tid 1 -I ALL
holds 'a unit with a disc' new_unit 1 -b "$work/plain.iso"
holds 'is a drive with it' probe 1 '^ok capacity: [0-9]+ blocks'
holds 'and has a name and a number of its own' \
    sh -c "'$build/dvdemu' status --socket '$work/control' --json | grep -q '\"name\":\"$TARGET,1\"'"
change() { # change PARAMETER
    adm update logicalunit --tid 1 --lun 1 --params "$1"
}
holds 'no disc is exchanged while it is online' sh -c "! tgtadm -C 0 --lld iscsi --op update \
    --mode logicalunit --tid 1 --lun 1 --params path='$build/demo/demo.disc'"
holds 'it goes offline' change online=0
holds 'its disc is exchanged' change "path=$build/demo/demo.disc"
holds 'and the other one is in' probe 1 '^ok disc key'
change online=0
holds 'a disc that is not there is refused' sh -c "! tgtadm -C 0 --lld iscsi --op update \
    --mode logicalunit --tid 1 --lun 1 --params path=/nowhere.iso"
holds 'and said' grep -q '/nowhere.iso: No such file' "$work/tgtd.log"
holds 'it goes online' change online=1
holds 'and is empty' probe 1 '^ok unit ready: no disc'
printf 'not a number of blocks' >"$work/odd.iso"
holds 'a disc that is none' refused_unit 'odd.iso' -b "$work/odd.iso"
printf 'vendor = EXAMPLE\ndisc = %s\n' "$work/plain.iso" >"$work/one.conf"
printf '[a]\ndisc = none\n[b]\ndisc = none\n' >"$work/two.conf"
printf 'vendor = EXAMPLE\nspeed = fast\n' >"$work/bad.conf"
holds 'a unit of a drive file' new_unit 2 -b "$work/one.conf" --bsopts "conf=$work/one.conf"
holds 'is that drive, with the disc of the file' probe 2 'EXAMPLE'
holds 'two drives in a file are not one unit' refused_unit 'describes several drives' \
    -b "$work/plain.iso" --bsopts "conf=$work/two.conf"
holds 'a bad drive file: file, line, key' refused_unit 'bad.conf:2: speed' \
    -b "$work/plain.iso" --bsopts "conf=$work/bad.conf"
holds 'another option' refused_unit "bsopts 'disc=x': the only one is conf=FILE" \
    -b "$work/plain.iso" --bsopts 'disc=x'
holds 'a store of objects is no drive' refused_unit 'for the device type disk' \
    -b "$work/plain.iso" --device-type osd
holds 'a unit goes away' adm delete logicalunit --tid 1 --lun 1
holds 'and is one no longer' sh -c "! '$build/dvdemu' status --socket '$work/control' --json | grep -q '$TARGET,1'"
holds 'the other one answers as before' probe 2 'EXAMPLE'
holds 'a number can be used again' new_unit 1 -b "$work/plain.iso"
holds 'tgtd ends with the drives in it' ends_by_itself

# ---- where the module says something and tgtd goes on ----

holds 'a control socket that cannot be made' start_tgtd \
    LD_PRELOAD="${DVDEMU_TGTD_PRELOAD-} $build/dvd.so" DVDEMU_CONTROL="$work/no-folder/control"
holds 'is said' grep -q 'control socket .*no-folder' "$work/tgtd.log"
adm new target --tid 1 -T $TARGET
holds 'and units can be made' new_unit 1 -b "$work/plain.iso"
holds 'it ends as well' ends_by_itself

# ---- as whoever owns the daemon asks for drives: one line of JSON after the other ----

# owned LINE...: tgtd by the module, its answers in $work/answers
owned() {
    port=$(free_port)
    python3 - "$work" "$port" "${DVDEMU_TGTD_PRELOAD-} $build/dvd.so" "$@" >"$work/answers" <<'PYTHON'
import os, socket, subprocess, sys
work, port, preload = sys.argv[1:4]
ours, theirs = socket.socketpair()
environment = dict(os.environ, LD_PRELOAD=preload, DVDEMU_OWNER_FD=str(theirs.fileno()), DVDEMU_CONTROL="")
with open(work + "/tgtd.log", "a") as log:
    tgtd = subprocess.Popen(["tgtd", "-f", "-C", "0", "--iscsi", "portal=127.0.0.1:" + port],
                            env=environment, pass_fds=[theirs.fileno()], stdout=log, stderr=log)
theirs.close()
lines = ours.makefile("rw")
for request in sys.argv[4:]:
    print('{"dvdemu":1,' + request.replace("PORT", port) + "}", file=lines, flush=True)
    print(lines.readline(), end="")
ours.close()
lines.close()
sys.exit(tgtd.wait())
PYTHON
}
answered() { # answered NUMBER REGEX
    cat "$work/answers"
    sed -n "${1}p" "$work/answers" | grep -qE -- "$2"
}
attach() { # attach NAME MORE...
    echo "\"op\":\"attach\",\"name\":\"$1\",\"config\":{\"disc\":\"none\",\"state\":\"none\"}${2-}"
}
holds 'a daemon ends with its owner' owned '"op":"hello","host":"127.0.0.1","port":PORT' \
    '"op":"hello","host":"127.0.0.1","port":1' "$(attach "$TARGET")" "$(attach "$TARGET")" "$(attach "$TARGET,b")" \
    "$(attach "$TARGET-c" ',"initiators":["10.0.0.0/99"]')" \
    "$(attach "$TARGET-e" ',"initiators":["10.0.0.0/8","iqn.2026-11.example:me","10.0.0.0/8"]')"
holds 'it is told that the daemon fits' answered 1 '"ok":true'
holds 'and what is wrong with another port' answered 2 'tgtd (listens at|does not listen at) 127.0.0.1'
holds 'it makes a drive' answered 3 '"ok":true'
holds 'but none of that name again' answered 4 "name: there is a target $TARGET already"
holds 'nor of a name that tgtd would split' answered 5 "name: '$TARGET,b' has other characters than a-z 0-9"
holds 'nor for an initiator that is none' answered 6 '10.0.0.0/99'
holds 'an initiator may be named twice' answered 7 '"ok":true'
unowned() {
    start_tgtd LD_PRELOAD="${DVDEMU_TGTD_PRELOAD-} $build/dvd.so" DVDEMU_OWNER_FD=-1 || return 1
    grep -q 'no memory for the control connection' "$work/tgtd.log" && adm delete sys && wait "$daemon" && daemon=
}
: >"$work/tgtd.log"
holds 'a descriptor that is none is said' unowned

# ---- as a module of tgtd's folder, in a view of the machine of its own ----

# view COMMAND: with the module in tgtd's folder, which need not be there otherwise
view() {
    mkdir -p "$work/view"
    unshare -m sh -c "mount -t tmpfs none '$work/view' && cd '$work/view' && mkdir upper work &&
        mount -t overlay overlay -o lowerdir=/usr/lib,upperdir=upper,workdir=work /usr/lib &&
        mkdir -p /usr/lib/tgt/backing-store && cp '$build/dvd.so' /usr/lib/tgt/backing-store && cd / && exec $1"
}
in_folder() { # in_folder PRELOADED
    port=$(free_port)
    : >"$work/tgtd.log"
    view "env LD_PRELOAD='$1' tgtd -f -C 0 --iscsi portal=127.0.0.1:$port" >>"$work/tgtd.log" 2>&1 &
    daemon=$!
    url=iscsi://127.0.0.1:$port/$TARGET
    until_true answers
}
if [ -z "${DVDEMU_TGTD_PRELOAD-}" ] && view true 2>/dev/null; then
    holds 'tgtd loads it from its folder' in_folder ''
    adm new target --tid 1 -T $TARGET
    adm bind target --tid 1 -I ALL
    holds 'a unit is made' new_unit 1 -b "$work/plain.iso"
    holds 'and is a drive' probe 1 '^ok capacity: [0-9]+ blocks'
    holds 'tgtd ends' ends_by_itself
    holds 'loaded twice it is there once' in_folder "$build/dvd.so"
    holds 'and says so' grep -q 'loaded already' "$work/tgtd.log"
    adm new target --tid 1 -T $TARGET
    holds 'units are made all the same' new_unit 1 -b "$work/plain.iso"
    holds 'tgtd ends' ends_by_itself
else
    echo "skip: as a module of tgtd's folder: no overlay can be mounted, or a sanitizer's runtime comes first"
fi

sum_up
