#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Every file in configs/ does what it says: discs and drives load, the targets.conf example brings
# a drive up in a tgtd of its own, the unit file is one.
#   configs_test.sh BUILD
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2
build=$(realpath "$1")
PATH=$PATH:/usr/sbin:/sbin
work=$(mktemp -d "${TMPDIR:-/tmp}/dvdemu-configs.XXXXXX")
daemon=
trap '[ -z "$daemon" ] || kill -9 "$daemon" 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
# shellcheck source=tests/support/tap.sh
. tests/support/tap.sh
export XDG_RUNTIME_DIR=$work

wait_for() { # wait_for COMMAND...: up to 5 s
    for _ in $(seq 100); do
        "$@" >/dev/null 2>&1 && return
        kill -0 "$daemon" 2>/dev/null || return 1
        sleep 0.05
    done
    return 1
}

serves() { # serves ARGUMENT...: up, probed, and down again
    rm -f "$work/ready"
    "$build/dvdemu" serve --ready-file "$work/ready" "$@" >"$work/serve.log" 2>&1 &
    daemon=$!
    wait_for test -s "$work/ready" && "$build/dvdemu" probe "$(head -n 1 "$work/ready")"
    local result=$?
    cat "$work/serve.log"
    kill "$daemon"
    wait "$daemon"
    daemon=
    return $result
}

for file in configs/discs/*.disc; do
    cp "$file" "$work/sample.disc"
    truncate -s $((256 * 2048)) "$work/demo.iso"
    holds "$file describes" "$build/dvdemu" describe "$work/sample.disc"
    holds "$file serves" serves --state none "$work/sample.disc"
done
for file in configs/drives/*.conf; do
    holds "$file serves" serves --drive "$file"
done

# ---- a tgtd that is not ours, configured by tgt-admin ----

targets_example() {
    local port=$((20000 + $$ % 20000)) user=someone password=twelve-chars-1
    export TGT_IPC_SOCKET=$work/ipc
    sed "s|/srv/dvd/film.iso|$build/demo/demo.iso|; s|/etc/dvdemu/drive-1.conf|$PWD/configs/drives/default.conf|; s|192.0.2.0/24|127.0.0.1|" \
        configs/targets.conf.example >"$work/targets.conf"
    LD_PRELOAD="${DVDEMU_TGTD_PRELOAD-} $build/dvd.so" tgtd -f -C 0 --iscsi "portal=127.0.0.1:$port" >"$work/tgtd.log" 2>&1 &
    daemon=$!
    wait_for tgtadm -C 0 --op show --mode system || { cat "$work/tgtd.log"; return 1; }
    tgt-admin -C 0 -c "$work/targets.conf" -e || return 1
    echo "$password" >"$work/password"
    "$build/dvdemu" probe --chap "$user:$work/password" \
        "iscsi://127.0.0.1:$port/iqn.2026-11.example.dvdemu:drive-1/1"
}
if [ "$(id -u)" -ne 0 ]; then
    echo "skip: targets.conf.example: tgt-admin wants to be root"
elif command -v tgt-admin >/dev/null; then
    holds "configs/targets.conf.example brings a drive up" targets_example
else
    echo "skip: targets.conf.example: no tgt-admin"
fi

if command -v systemd-analyze >/dev/null; then
    mkdir "$work/bin" && ln -s "$build/dvdemu" "$work/bin/dvdemu"
    sed "s|^ExecStart=dvdemu|ExecStart=$work/bin/dvdemu|" configs/systemd/dvdemu.service >"$work/dvdemu.service"
    holds "configs/systemd/dvdemu.service verifies" systemd-analyze verify --man=no "$work/dvdemu.service"
else
    echo "skip: dvdemu.service: no systemd-analyze"
fi

if [ -n "$daemon" ]; then
    kill -9 "$daemon"
    wait "$daemon" 2>/dev/null
    daemon=
fi
sum_up
