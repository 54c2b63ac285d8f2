#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# `dvdemu serve`, `status`, `insert` and `eject` against a real tgtd, as an ordinary user runs them.
# usage: serve_test.sh BUILD-FOLDER; prints "ok N - what" or "not ok N - what", exit 0, 1 or 77.
set -u

build=$(cd "${1:?usage: serve_test.sh BUILD-FOLDER}" && pwd) || exit 2
# shellcheck source=tests/support/tap.sh
. "$(dirname "$0")/../support/tap.sh"
PATH=$PATH:/usr/sbin:/sbin
for tool in tgtd iscsi-inq; do
    if ! command -v "$tool" >/dev/null; then
        echo "skipped: $tool is not installed"
        exit 77
    fi
done

work=$(mktemp -d "${TMPDIR:-/tmp}/dvdemu-serve.XXXXXX") || exit 2
export XDG_RUNTIME_DIR=$work/run XDG_STATE_HOME=$work/state
mkdir -m 700 "$XDG_RUNTIME_DIR"
runtime=${DVDEMU_TGTD_PRELOAD-}${DVDEMU_VALGRIND-} # a sanitizer's: its memory is not the drives'
cd "$work" || exit 2

serve_pid=
MANY=200
KIB_PER_DRIVE=32

dvdemu() {
    "$build/dvdemu" "$@"
}

# serve ARGUMENT...: replaces this (sub)shell
serve() {
    exec "$build/dvdemu" serve "$@"
}

# check WHAT COMMAND...: the command has to succeed
check() {
    local what=$1
    shift
    "$@"
    report $? "$what"
}
why() {
    cat "$work"/{out,err} 2>/dev/null | tail -n 20
}

fails() {
    ! "$@" 2>"$work/err"
}

# until_true COMMAND...: poll for ten seconds at most
until_true() {
    local _
    for _ in $(seq 200); do
        "$@" && return 0
        read -r -t 0.05 <> <(:)
    done
    return 1
}

serve_is_up_or_gone() {
    [ -s "$work/ready" ] || ! kill -0 "$serve_pid" 2>/dev/null
}

# start ARGUMENT...: in the background; true once it is ready
start() {
    rm -f "$work/ready"
    (serve --ready-file "$work/ready" "$@") >"$work/out" 2>"$work/err" </dev/null &
    serve_pid=$!
    until_true serve_is_up_or_gone
    [ -s "$work/ready" ] && url=$(head -n 1 "$work/ready")
}

# stop SIGNAL: the exit code is left in $code
stop() {
    kill "-$1" "$serve_pid" 2>/dev/null
    wait "$serve_pid" 2>/dev/null
    code=$?
    serve_pid=
}

# refused EXPECTED-CODE PATTERN ARGUMENT...: serve ends by itself with that code and message
refused() {
    local want=$1 pattern=$2
    shift 2
    (serve --ready-file "$work/ready" "$@") >"$work/out" 2>"$work/err" </dev/null
    code=$?
    [ "$code" = "$want" ] && grep -q -- "$pattern" "$work/err" && [ ! -e "$work/ready" ] &&
        nothing_left
}

daemon_pid() {
    dvdemu status --json | sed 's/.*"daemon_pid":\([0-9]*\).*/\1/'
}

nothing_left() {
    [ -z "$(find "$XDG_RUNTIME_DIR" -mindepth 1)" ]
}

is_gone() {
    ! kill -0 "$1" 2>/dev/null
}

# logs_in URL [OPTION...]
logs_in() {
    timeout 20 iscsi-inq "${@:2}" "$1" >/dev/null 2>&1
}

status_has() {
    dvdemu status --json | grep -q -- "$1"
}

cleanup() {
    [ -n "$serve_pid" ] && kill "$serve_pid" 2>/dev/null && wait "$serve_pid" 2>/dev/null
    rm -rf "$work"
}
trap cleanup EXIT

head -c 2048000 /dev/zero >plain.iso
head -c 1024000 /dev/zero >other.iso
printf '[disc]\nnonsense = 1\n' >bad.disc
printf 'vendor = EXAMPLE\nserial = ABC123\nspeed = fast\n' >bad.conf
printf 'vendor = EXAMPLE\nserial = ABC123\n' >good.conf
printf 'vendor = MANY\n[left]\ndisc = plain.iso\n[right]\ndisc = none\n' >two.conf
echo 'twelve-chars-1' >password
mapfile -t TOO_MANY_DISCS < <(yes none | head -n 4097)
mapfile -t TOO_MANY_INITIATORS < <(printf -- '--initiator\n10.0.0.0/8\n%.0s' {1..65})

# ---- ready ----
check "starts on a free port" start plain.iso
ready_line() {
    [ "$(head -n 1 out)" = "ready $url" ] &&
        [[ $url =~ ^iscsi://127\.0\.0\.1:[0-9]+/iqn\.2026-11\.example\.dvdemu:drive-1/1$ ]]
}
check "the first line of the output is ready and the URL of the ready file" ready_line
check "says how to attach from Windows, Linux and QEMU" \
    grep -q -z 'Connect-IscsiTarget.*iscsiadm.*scsi-generic' out
check "a login succeeds at once, and the unit is a DVD drive" \
    grep -q 'Device Type:MMC' <(timeout 20 iscsi-inq "$url")
check "no message on stderr" test ! -s err
port=${url#iscsi://127.0.0.1:}
port=${port%%/*}
one_listener() {
    local daemon inode found=0
    daemon=$(daemon_pid)
    for inode in $(find "/proc/$daemon/fd" -lname 'socket:*' -printf '%l\n' | tr -dc '0-9\n'); do
        found=$((found + $(awk -v i="$inode" '$4 == "0A" && $10 == i' /proc/net/tcp{,6} | wc -l)))
    done
    [ $found = 1 ]
}
check "its tgtd listens at one port only" one_listener

# ---- status, insert, eject ----
check "status says which disc is in" status_has "\"image\":\"$work/plain.iso\""
check "status for people names the drive" grep -q 'drive-1' <(dvdemu status)
check "a disc does not go into a full drive" fails dvdemu insert other.iso
check "eject takes the disc" dvdemu eject
check "status says so to people" grep -q 'disc  *none' <(dvdemu status)
check "status says that the tray is open and empty" status_has '"tray":"open","disc":null'
check "eject of an empty drive fails" fails dvdemu eject
check "insert puts another disc in" dvdemu insert other.iso
check "status says so" status_has "\"image\":\"$work/other.iso\""
dvdemu eject
check "insert of a bad description fails and names file, line and key" \
    grep -q 'bad.disc:2: nonsense' <(dvdemu insert bad.disc 2>&1)
check "a missing drive is refused" grep -q 'no drive 7' <(dvdemu eject --drive 7 2>&1)
garbage() {
    dvdemu status --socket "$(find run -name tgtd.log)" 2>&1 | grep -q 'dvdemu status:'
}
check "a path that is no socket is refused" garbage

# ---- refusals while it runs, and of a port in use ----
in_use() {
    (serve --port "$port" plain.iso) >out2 2>err2 </dev/null
    [ $? = 1 ] && grep -q "port $port: Address already in use" err2 && [ ! -s out2 ]
}
check "a port in use is an error" in_use
check "and the first one still serves" logs_in "$url"

# ---- clean stop ----
daemon=$(daemon_pid)
stop TERM
check "SIGTERM ends it with code 0" test "$code" = 0
check "its tgtd is gone" is_gone "$daemon"
check "no socket, folder or ready file is left" nothing_left
check "the ready file is gone" test ! -e ready
check "starts on the same port again at once" start --port "$port" plain.iso
check "and says the same URL" test "$url" = "iscsi://127.0.0.1:$port/iqn.2026-11.example.dvdemu:drive-1/1"
stop INT
check "SIGINT ends it with code 0" test "$code" = 0
check "nothing is left" nothing_left

# ---- kill -9 ----
start plain.iso
daemon=$(daemon_pid)
stop KILL
check "after kill -9 of serve its tgtd ends" until_true is_gone "$daemon"
check "and removes sockets and folders" until_true nothing_left
check "and the ready file" test ! -e ready
start plain.iso
daemon=$(daemon_pid)
kill -9 "$daemon"
wait "$serve_pid"
code=$?
serve_pid=
tgtd_died() {
    [ "$code" = 1 ] && grep -q 'tgtd has ended' err && nothing_left && [ ! -e ready ]
}
check "when tgtd dies serve says so and leaves nothing" tgtd_died

# ---- refusals ----
check "a missing image is an error" refused 1 'absent.iso: No such file' absent.iso
check "a bad description is an error with file, line and key" \
    refused 1 'bad.disc:2: nonsense' bad.disc
check "a bad drive file is an error with file, line and key" \
    refused 1 'bad.conf:3: speed' --drive bad.conf plain.iso
check "a folder is no image" refused 1 "$work" "$work"
check "beyond loopback CHAP is asked for" refused 2 'chap' --listen 0.0.0.0 plain.iso
check "an address of another machine is an error" \
    refused 1 'Cannot assign' --listen 192.0.2.1 --no-auth plain.iso
check "a password file that is missing is an error" refused 1 'nofile' --chap u:nofile plain.iso
check "a program that is no tgtd is an error" refused 1 '/bin/true' --tgtd /bin/true plain.iso
check "a tgtd that is missing is an error" refused 1 'No such file' --tgtd /nowhere/tgtd plain.iso
check "a name that is no target name is an error" refused 1 'name' --name Drive plain.iso
check "an unknown option is a usage error" refused 2 'unknown' --nonsense
check "a port out of range is a usage error" refused 2 'port' --port 70000

check "a seed that is no number is a usage error" refused 2 "seed: 'one'" --seed one
check "a host that there is not is a usage error" refused 2 'listen: no.such.host.invalid' --listen no.such.host.invalid
check "three discs for two drives are a usage error" \
    refused 2 '2 drives in drive files and 3 discs' --drive two.conf none none none
check "more drives than there may be are a usage error" \
    refused 2 '4097 drives are more than 4096' "${TOO_MANY_DISCS[@]}"
check "more initiators than there may be are a usage error" \
    refused 2 'initiator: more than 64' "${TOO_MANY_INITIATORS[@]}"
check "an account without a file is an error" refused 1 "chap: 'me' is not USER:FILE" --chap me
: >empty
check "an empty password is an error" refused 1 'chap: empty: no password in the first line' --chap me:empty
check "a ready file that cannot be written is an error" refused 1 'nowhere/ready: No such file' \
    --ready-file nowhere/ready plain.iso
check "a path that is too long is a usage error" refused 2 '^dvdemu serve: 0000' --log "$(printf '%05000d' 0)"
from_nowhere() { # a folder that is gone has no name to put in front
    mkdir gone
    (cd gone && rmdir ../gone && exec "$build/dvdemu" serve --log here none) >out 2>err
    [ $? = 2 ] && grep -q 'here: No such file' err
}
check "a path in a folder that is gone is a usage error" from_nowhere
printf '[same]\ndisc = none\n' >same.conf
check "two drives of one name are an error" refused 1 'there is a target iqn.*:same already' \
    --state none --drive same.conf --drive same.conf

# ---- a tgtd that goes wrong ----
cat >ends.sh <<'SCRIPT'
#!/bin/sh
for i in $(seq 300); do echo "line $i of its log"; done
SCRIPT
chmod +x ends.sh
ends_with_log() {
    refused 1 '^line 300 of its log$' --tgtd ./ends.sh --log "$PWD/its.log" none &&
        sed -n 2p err | grep -qx 'line 2[0-9]* of its log'
}
check "the end of the log of a tgtd that ends is shown, whole lines of it" ends_with_log
printf '#!/bin/sh\nrm "%s"\n' "$PWD/its.log" >removes.sh
chmod +x removes.sh
check "a log that is gone is not" refused 1 '^dvdemu serve: .*removes.sh: the daemon ' --tgtd ./removes.sh --log "$PWD/its.log" none
check "a log that cannot be written is an error" refused 1 'No such file' --log nowhere/log none
hangs() {
    start --log its.log plain.iso || return 1
    daemon=$(daemon_pid)
    kill -STOP "$daemon"
    stop TERM
    [ "$code" = 0 ] && is_gone "$daemon" && nothing_left && [ -s its.log ]
}
check "a tgtd that hangs is killed in the end" hangs
library=$(ldd "$build/dvd.so" | awk '/libinih/ { print $3 }')
preloads() {
    (DVDEMU_TGTD_PRELOAD="$runtime${runtime:+:}$library" serve --ready-file ready plain.iso) >out 2>err </dev/null &
    serve_pid=$!
    until_true serve_is_up_or_gone && [ -s ready ] &&
        tr '\0' '\n' <"/proc/$(daemon_pid)/environ" | grep -q "^LD_PRELOAD=.*$library:$build/dvd.so"
}
rm -f ready
check "something else comes before the module when the environment says so" preloads
stop TERM

# ---- who may log in ----
check "starts with CHAP" start --chap me:password plain.iso
check "no login without the password" fails logs_in "$url"
check "no login with a wrong password" \
    fails logs_in "${url/\/\//\/\/me%wrong-password@}"
check "login with the password" logs_in "${url/\/\//\/\/me%twelve-chars-1@}"
check "the password is in no command line and no log" \
    fails grep -rqa 'twelve-chars-1' /proc/"$(daemon_pid)"/{cmdline,environ} run/*/*/tgtd.log
stop TERM
check "starts with an initiator's name" start --initiator iqn.2026-11.example:me plain.iso
check "another initiator sees nothing" fails logs_in "$url"
check "that initiator does" logs_in "$url" -i iqn.2026-11.example:me
stop TERM
check "starts with a network" start --initiator 127.0.0.0/8 plain.iso
check "an initiator in it logs in" logs_in "$url"
stop TERM
check "listens beyond loopback when told to" start --listen 0.0.0.0 --no-auth plain.iso
stop TERM
if [ -e /proc/net/if_inet6 ]; then
    check "listens at the IPv6 loopback" start --listen ::1 plain.iso
    check "an initiator there logs in" logs_in "$url"
    stop TERM
    check "listens everywhere, of IPv6 too" start --listen :: --no-auth plain.iso
    check "and names an address that can be reached" grep -q '^iscsi://\[::1\]:' ready
    stop TERM
else
    echo "skip: IPv6: this machine has none"
fi
echo short >short
check "starts with a password that is short for Windows" start --chap me:short plain.iso
check "and says so" grep -q 'Windows takes CHAP passwords of 12 to 16 characters' err
stop TERM

# ---- state ----
region_state() {
    printf 'version = 1\nserial = ABC123\nvendor_resets = 4\nuser_changes = 3\nmask = 0xfd\nscheme = 1\n'
}
mkdir -p kept
region_state >kept/ABC123.region
check "starts with a kept state" start --drive good.conf --state kept plain.iso
check "the region is the kept one" status_has '"mask":"0xfd","user_changes":3'
stop TERM
check "the state file is as it was" diff -q <(region_state) kept/ABC123.region
check "starts without state" start --drive good.conf --state none plain.iso
check "the region is a new drive's, in memory" \
    status_has '"mask":"0xff","user_changes":5,"vendor_resets":4,"kept_in":null'
stop TERM
check "starts with the default folder" start plain.iso
check "the state would be kept under XDG_STATE_HOME" status_has "\"kept_in\":\"$work/state/dvdemu\""
stop TERM
echo 'mask = 0x99' >>kept/ABC123.region
cp kept/ABC123.region damaged
check "a damaged state file is an error that names it" \
    refused 1 'ABC123.region:7: mask' --drive good.conf --state kept plain.iso
check "and stays as it was" cmp -s damaged kept/ABC123.region
: >kept/ABC123.region
check "an empty state file is one too" \
    refused 1 'ABC123.region' --drive good.conf --state kept plain.iso
check "two drives with one serial number and one state folder are refused" \
    refused 1 'ABC123' --drive good.conf --state fresh plain.iso plain.iso

# ---- seed, empty drive, drive files ----
export DVDEMU_KERNEL=sse9
check "a scrambling kernel that is not there is refused" refused 2 "no kernel 'sse9' here" plain.iso
export DVDEMU_KERNEL=portable
check "starts with a seed, and a kernel of ours" start --seed 7 plain.iso
check "status says that it is reproducible" status_has '"random":"seed","seed":7'
check "status says which kernel scrambles" status_has '"scrambling_kernel":"portable"'
check "and says so to people" grep -q 'scrambling kernel portable' <(dvdemu status)
unset DVDEMU_KERNEL
stop TERM
check "starts empty" start none
check "without a disc" status_has '"disc":null'
stop TERM
check "starts what a file with sections describes, and logs each command" start --verbose --drive two.conf
two_drives() {
    [ "$(grep -c '^ready iscsi://' out)" = 2 ] && grep -q 'dvdemu:left/1$' out &&
        grep -q 'dvdemu:right/1$' out && status_has '"vendor":"MANY"'
}
check "one drive for each section" two_drives
check "with several drives one has to be chosen" \
    grep -q 'say which' <(dvdemu eject 2>&1)
check "a drive is chosen by its number" dvdemu eject --drive 1
check "or by its name" dvdemu insert --drive iqn.2026-11.example.dvdemu:right other.iso
stop TERM

check "two drives of one name have numbers" start --state none --name iqn.2026-11.example:pair none none
check "from 1" test "$(grep -c '/iqn.2026-11.example:pair-[12]/1$' ready)" = 2
stop TERM
printf '[iqn.2026-11.example:whole]\ndisc = none\n' >whole.conf
check "a section may be a whole name" start --state none --drive whole.conf
check "that is taken as it stands" grep -q '/iqn.2026-11.example:whole/1$' ready
first_pid=$serve_pid
check "another one starts beside it, by short options" start -s none -d none
check "with two running one has to be chosen" grep -q 'several .* running: choose one with --pid' <(dvdemu status 2>&1)
check "one of them is chosen by its process" dvdemu status --pid "$first_pid"
stop TERM
serve_pid=$first_pid
stop TERM

# ---- many ----
resident_kib() {
    sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$1/status"
}
start --state none plain.iso
base=$(resident_kib "$(daemon_pid)")
stop TERM
discs=()
for _ in $(seq $MANY); do
    discs+=(--disc plain.iso)
done
check "starts $MANY drives in one daemon" start --state none "${discs[@]}"
check "one ready line each" test "$(grep -c '^ready iscsi://' out)" = $MANY
check "in order" test "$(sed -n ${MANY}p out)" = "ready ${url/drive-1/drive-$MANY}"
check "the last one answers" logs_in "${url/drive-1/drive-$MANY}"
daemon=$(daemon_pid)
each=$((($(resident_kib "$daemon") - base) / MANY))
if [ -z "$runtime" ]; then
    check "$each KiB each are less than $KIB_PER_DRIVE" test "$each" -lt $KIB_PER_DRIVE
fi
check "no thread of their own" test "$(find /proc/"$daemon"/task -mindepth 1 -maxdepth 1 | wc -l)" -lt 8
stop TERM
check "all end cleanly" nothing_left

echo "1..$number"
sum_up
