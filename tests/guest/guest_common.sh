# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What the tests that boot the guest share. Sourced from the root of the tree, with $build set:
#   find_guest                     leaves $guest; ends the test with 77 when there can be none here
#   make_work                      leaves $work, which goes with the test, as do drive and guest
#   boot_guest WAY DISC SECONDS OVERLAY...
#                                  one drive, one boot (boot.sh); each line that the guest says goes
#                                  to the caller's heard(), the drive's log is $work/drive.log.
#                                  Fails if the drive does not start or the guest ends badly
# GUEST_FOLDER: another guest than BUILD/guest.
booted=''
# shellcheck source=tests/support/daemons.sh
. tests/support/daemons.sh

skip() {
    echo "skipped: $1"
    exit 77
}

find_guest() {
    local block_modules
    guest=${GUEST_FOLDER:-${build:?}/guest}
    command -v qemu-system-x86_64 >/dev/null ||
        skip "no qemu-system-x86_64 (Debian package qemu-system-x86)"
    block_modules=$(dpkg-query -L qemu-block-extra 2>/dev/null | grep -c 'block-iscsi\.so$')
    [ "$block_modules" -gt 0 ] || skip "QEMU has no iSCSI driver (Debian package qemu-block-extra)"
    tests/guest/make_guest.sh "$guest"
    case $? in
    0) ;;
    77) exit 77 ;;
    *) exit 1 ;;
    esac
}

forget_work() {
    [ -z "$booted" ] || kill "$booted" 2>/dev/null
    [ -z "$serve" ] || kill "$serve" 2>/dev/null
    wait
    rm -rf "$work"
}
make_work() {
    work=$(mktemp -d "${TMPDIR:-/tmp}/dvdemu-guest.XXXXXX") || exit 2
    export XDG_RUNTIME_DIR=$work/runtime
    mkdir -m 700 "$XDG_RUNTIME_DIR"
    mkfifo "$work/said"
    trap forget_work EXIT
    trap 'exit 1' HUP INT TERM
}

# start_drive DISC: leaves the URL in $url
start_drive() {
    serve --seed 1 --verbose --log "$work/drive.log" --disc "$1" 2>/dev/null
    [ -n "$url" ] || {
        echo "# the drive does not start"
        sed 's/^/#   /' "$work/serve.log"
        false
    }
}

boot_guest() {
    local way=$1 disc=$2 seconds=$3 line code=0
    : >"$work/drive.log"
    start_drive "$disc" || return 1
    tests/guest/boot.sh "$guest" "$way" "$url" "$4" "$seconds" "${@:5}" </dev/null >"$work/said" &
    booted=$!
    while read -r line; do
        heard "$line"
    done <"$work/said"
    wait "$booted" || code=$?
    booted=
    stop
    return $code
}
