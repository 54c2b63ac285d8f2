#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The command line: help, mint, describe; what is wrong is said, with an exit code, and nothing is
# left behind.
#   cli_test.sh BUILD
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2
build=$(realpath "$1")
iso=$build/demo/demo.iso
work=$(mktemp -d "${TMPDIR:-/tmp}/dvdemu-cli.XXXXXX")
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/support/tap.sh
. tests/support/tap.sh

# expect CODE REGEX WHAT ARGUMENT...
expect() {
    ends "$1" "$2" "$build/dvdemu" "${@:4}"
    report $? "$3 (exit $got)"
}
# json EXPRESSION: over the object d that was printed last
json() {
    python3 -c 'import json, sys; d = json.load(open(sys.argv[1])); sys.exit(not eval(sys.argv[2]))' \
        "$work/last.json" "$1"
}
describe() {
    "$build/dvdemu" describe "$1" --json >"$work/last.json"
}

expect 2 'usage: dvdemu COMMAND' 'no command'
expect 2 "no command 'bake'" 'unknown command' bake
expect 0 '^dvdemu [0-9]' 'version' --version
expect 0 'mint' 'help' help
export DVDEMU_KERNEL=sse9
expect 2 "^dvdemu: DVDEMU_KERNEL: no kernel 'sse9' here; there is .*portable" 'an unknown kernel' help
export DVDEMU_KERNEL=portable
expect 0 'mint' 'a kernel that is there' help
unset DVDEMU_KERNEL
for command in serve mint describe probe status insert eject region clock state drives quirks; do
    expect 0 "^usage: dvdemu $command" "$command --help" "$command" --help
    expect 2 'unknown option --nonsense' "$command refuses an unknown option" "$command" --nonsense
done

cd "$work" || exit 2
expect 0 'seed 7' 'mint a DVD-Video image' mint "$iso" -o a.disc --seed 7 --regions 1,4
expect 0 'seed 7' 'mint it again' mint "$iso" -o b.disc --seed 7 --regions 1,4
holds 'one seed, one disc' cmp a.disc b.disc
expect 0 'seed 8' 'mint with another seed' mint "$iso" -o c.disc --seed 8
holds 'another seed, another disc' sh -c '! cmp -s a.disc c.disc'
describe a.disc
holds 'regions 1 and 4' json 'd["rmi"] == 0xff & ~(1 | 8) and d["regions"] == [1, 4]'
holds 'extents are whole' json 'all(set(e) >= {"lba", "blocks", "cpr_mai", "title_key", "file"} for e in d["extents"])'
holds 'F0h and B0h, nothing else' json '{e["cpr_mai"] for e in d["extents"]} == {0xf0, 0xb0}'
holds 'a key for each title set and the menus' json 'len({e["title_key"] for e in d["extents"]}) == 3'
holds 'about 30 % of the packs' json '0.15 < sum(e["blocks"] for e in d["extents"] if e["cpr_mai"] == 0xf0) / sum(e["blocks"] for e in d["extents"]) < 0.4'
holds 'a VOB starts with a block in clear' json 'all(b["cpr_mai"] == 0xb0 for a, b in zip([{"file": None}] + d["extents"], d["extents"]) if a["file"] != b["file"])'
expect 0 '.' 'describe in words' describe a.disc
expect 0 '.' 'mint with a disc key' mint "$iso" -o k.disc --seed 1 --disc-key 0102030405
describe k.disc
holds 'the disc key is that one' json 'd["disc_key"] == "0102030405"'

expect 0 '.' 'materialise' mint "$iso" -o flat.disc --seed 7 --materialise flat.img
holds 'the image has the size of the plain one' test "$(stat -c %s flat.img)" -eq "$(stat -c %s "$iso")"
expect 1 'LBA [0-9]+' 'a scrambled image is no plain one' mint flat.img -o twice.disc
holds 'and leaves nothing' test ! -e twice.disc

mkdir data && head -c 600000 /dev/urandom >data/file
genisoimage -quiet -o data.iso data 2>/dev/null
expect 1 'UDF.*--extent|--extent.*UDF' 'an ISO 9660-only image names the option' mint data.iso -o d.disc
expect 0 '.' 'extents of an image that is no DVD-Video' mint data.iso -o d.disc --extent 64:8:F0 --extent 72:8:B0 --seed 1
describe d.disc
holds 'they are in the description' json '[(e["lba"], e["blocks"], e["cpr_mai"]) for e in d["extents"]] == [(64, 8, 0xf0), (72, 8, 0xb0)]'
expect 1 '.' 'an extent past the end' mint data.iso -o e.disc --extent 999999:8:F0
expect 1 '.' 'extents that overlap' mint data.iso -o e.disc --extent 64:8:F0 --extent 70:8:B0
holds 'nothing is left of either' test ! -e e.disc
expect 2 '.' 'an extent that is none' mint data.iso -o e.disc --extent 64-8
expect 2 '.' 'a region that is none' mint "$iso" -o e.disc --regions 9
expect 2 '.' 'a disc key that is too short' mint "$iso" -o e.disc --disc-key 01
expect 1 'nowhere.iso' 'an image that is not there' mint nowhere.iso -o e.disc
expect 1 'no-folder' 'a folder that is not there' mint "$iso" -o no-folder/e.disc

printf '[disc]\nimage = data.iso\nlayers = 3\n' >bad.disc
expect 1 'bad.disc:3: layers: ' 'a bad value: file, line, key' describe bad.disc
printf '[disc]\nimage = gone.iso\n' >bad.disc
expect 1 'bad.disc:2: image: .*gone.iso' 'a missing image' describe bad.disc
printf '[disc]\nimage = data.iso\nprotection = css\nspeed = 4\n' >bad.disc
expect 1 'bad.disc:4: speed: ' 'an unknown key' describe bad.disc
expect 1 'absent.disc' 'a description that is not there' describe absent.disc

expect 0 '^agid_count = 4 .default' 'quirks' quirks
printf 'agid_count = 1\nagid_order = highest\n' >one.conf
expect 0 '^agid_order = highest$' 'quirks of a drive file' quirks --drive one.conf
expect 1 'none.conf' 'quirks of a drive file that is not there' quirks --drive none.conf
"$build/dvdemu" quirks --drive one.conf --json >last.json
holds 'quirks for programs: every key, with what it may be' json 'all(set(q) == {"key", "value", "default", "values", "help", "changes", "source"} for q in d) and len(d) > 10'
holds 'the values of the file' json '{q["key"]: q["value"] for q in d if q["value"] != q["default"]} == {"agid_count": "1", "agid_order": "highest"}'
holds 'a value is one of those it may be' json 'all(q["value"] in q["values"] and q["default"] in q["values"] for q in d if q["key"] == "agid_order")'
printf 'agid_count = 1\nagid_exhausted = never\n' >bad.conf
expect 1 "bad.conf:2: agid_exhausted: 'never' is none of 5500, 2C00" 'a bad value of a quirk: file, line, key' quirks --drive bad.conf
expect 2 'what is' 'quirks takes no operand' quirks agid_count
expect 0 '^hlds-gdr8164b +HL-DT-ST DVD-ROM GDR8164B: ' 'drives by name' drives
expect 0 '"name":"tsst-h352a"' 'drives for programs' drives --json
expect 2 'what is' 'drives takes no operand' drives tsst-h352a
expect 0 '^agid_exhausted = reuse$' 'quirks of a drive by name' quirks --drive hlds-gdr8164b
expect 1 'no drive of that name' 'no such drive' quirks --drive hlds-none

# ---- what is typed wrong, command by command ----

expect 0 'usage: dvdemu COMMAND' '--help' --help
expect 2 'unknown option --wrong' 'help has no options' help --wrong
for command in eject status clock region; do
    expect 2 "'x' is too much" "$command takes no operand" "$command" x
done
expect 2 'which DISC goes in' 'insert without a disc' insert
expect 2 'which DISC goes in' 'insert of two discs' insert a b
expect 2 "advance: 'soon' is not a number of milliseconds" 'a time that is no number' clock --advance soon
expect 2 'either --set or --vendor-reset' 'two ways to a region' region --set 25FF --vendor-reset
expect 2 'nothing, or snapshot, restore or forget and a NAME' 'a verb without a name' state snapshot
expect 2 'nothing, or snapshot, restore or forget and a NAME' 'a verb that is none' state keep one
expect 2 'one FILE is expected' 'describe nothing' describe
expect 1 "one.conf: a drive's file; a disc or an image is expected" 'describe a drive' describe one.conf
expect 2 'wants one URL' 'probe nothing' probe
expect 1 'absent.disc' 'probe for a disc that is not there' probe iscsi://127.0.0.1:1/iqn.a:b/1 --disc absent.disc
expect 2 "chap wants USER:FILE, not 'me'" 'a password without a file' probe --chap me
expect 2 "chap wants USER:FILE, not ':a'" 'a password without a user' probe --chap :a
expect 1 'absent: no password can be read: No such file' 'a password file that is not there' probe --chap me:absent
: >empty
expect 1 'empty: no password can be read: its first line is empty' 'an empty password' probe --chap me:empty
expect 2 "timeout wants 1 to 600 seconds, not '0'" 'a time-out of nothing' probe --timeout 0
expect 1 '^FAILED connect: ' 'a host that there is not' probe iscsi://no.such.host.invalid/iqn.a:b/1 --initiator iqn.a:me
only=()
for _ in $(seq 33); do only+=(--only '*'); done
expect 2 'only more than 32 times' 'too many patterns' check "${only[@]}"

# ---- mint: options, and files that cannot be written ----

expect 2 'one IMAGE is expected' 'mint nothing' mint -o x.disc
expect 2 '-o OUT.disc is missing' 'mint without a name' mint "$iso"
expect 2 'ends in .disc' 'a name of another kind' mint "$iso" -o x.iso
expect 2 'a description already; an image is expected' 'mint a description' mint a.disc -o x.disc
expect 2 'does not end in .disc' 'an image named as a description' mint "$iso" -o x.disc --materialise y.disc
expect 2 'cgms: a number from 0 to 3 is expected' 'CGMS that there is not' mint "$iso" -o x.disc --cgms 4
expect 2 'seed: a number below' 'a seed that is no number' mint "$iso" -o x.disc --seed one
expect 1 'absent: No such file' 'player keys that are not there' mint "$iso" -o x.disc --player-keys absent
cp "$iso" own.iso
expect 1 'own.iso: is the image itself' 'the scrambled image over the plain one' mint own.iso -o x.disc --materialise ./own.iso
holds 'which is as it was' cmp own.iso "$iso"
expect 1 'no-folder/y.img: No such file' 'a folder for the image that is not there' mint "$iso" -o x.disc --materialise no-folder/y.img
long=$(printf '%0245d' 0).disc # a file may be named so, but not with .PID.tmp behind it
expect 1 'File name too long' 'a name that is too long' mint "$iso" -o "$long"
cp "$iso" $'two\nlines.iso'
expect 1 'a description cannot hold this image name' 'a name of two lines' mint $'two\nlines.iso' -o x.disc
too_large() (
    trap '' XFSZ
    ulimit -f 1024 # KiB; the image has more
    ! "$build/dvdemu" mint "$iso" -o x.disc --materialise y.img >said 2>&1
    grep -q 'y.img: File too large' said && [ ! -e y.img ]
)
holds 'an image that does not fit' too_large
holds 'nothing is left of all these' test ! -e x.disc

# ---- describe all there can be ----

printf '[disc]\nimage = own.iso\nprotection = css\n[player_keys]\n7 = 0102030405\n[bad_blocks]\n3 = 2\n' >full.disc
describe full.disc
holds 'player keys and bad blocks' json 'd["player_keys"] == [{"slot": 7, "key": "0102030405"}] and d["bad_blocks"] == [{"lba": 3, "blocks": 2}]'

# ---- a program without what lies beside it ----

mkdir alone && cp "$build/dvdemu" alone/
alone() { # alone REGEX ARGUMENT...
    alone/dvdemu "${@:2}" >said 2>&1
    [ $? -eq 1 ] && grep -q -- "$1" said
}
holds 'has no drives' alone 'the drive files are neither beside the program nor installed' drives
holds 'has no demo disc' alone 'the demo disc is not installed: name a DISC, or none' serve
holds 'has no module' alone 'the module dvd.so is neither beside the program nor installed' serve --state none none
mkdir alone/drives && : >alone/drives/default.conf
holds 'an empty drive file is listed' sh -c "alone/dvdemu drives | grep -qx 'default *'"

# ---- a daemon that is none ----

export XDG_RUNTIME_DIR=$work/run
expect 1 'no .dvdemu serve. of this user is running' 'no daemon' status
expect 1 "longer than a socket's path may be" 'a socket with a long path' status --socket "/$(printf '%0200d' 0)"
long_run() (
    export XDG_RUNTIME_DIR
    XDG_RUNTIME_DIR=/$(printf '%05000d' 0)
    "$build/dvdemu" status --pid 1 >said 2>&1
    [ $? -eq 1 ] && grep -q 'XDG_RUNTIME_DIR: the path is too long' said
)
holds 'a folder with a long path' long_run
# answers REGEX ANSWER: of a daemon that says just that, and ends
answers() {
    python3 - "$work/socket" "$2" <<'PYTHON' &
import os, socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1] + ".new")
listener.listen()
os.rename(sys.argv[1] + ".new", sys.argv[1])
daemon, _ = listener.accept()
daemon.makefile().readline()
daemon.sendall(sys.argv[2].encode())
daemon.close()
PYTHON
    for _ in $(seq 200); do [ -S "$work/socket" ] && break; sleep 0.02; done
    "$build/dvdemu" status --socket "$work/socket" >said 2>&1
    local code=$?
    wait
    rm -f "$work/socket"
    cat said
    [ "$code" -eq 1 ] && grep -q -- "$1" said
}
holds 'an answer that is not JSON' answers "the daemon's answer is not JSON" 'hello'
holds 'an answer that is cut' answers 'the daemon ended before it answered' '{"ok":'
holds 'a refusal without a reason' answers 'refused' '{"ok":false}'

sum_up
