#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The module under valgrind's memcheck, in a tgtd that was built here with its symbols: conformance,
# replays, `serve` and the short form of the stress run as they are, with a tgtd in PATH that is one under
# valgrind. No error, nothing definitely lost; what is tgtd's own is in tests/valgrind.supp.
#   valgrind_test.sh BUILD TGT-TREE [LOAD...]     TGT-TREE: a built tree of tgt's source
set -uo pipefail
build=$(realpath "${1:?usage: valgrind_test.sh BUILD TGT-TREE [LOAD...]}") || exit 2
tgt=$(realpath "${2:?usage: valgrind_test.sh BUILD TGT-TREE [LOAD...]}") || exit 2
shift 2
cd "$(dirname "$0")/.." || exit 2
[ $# -gt 0 ] || set -- orderly conformance replay serve stress
work=$(mktemp -d "${TMPDIR:-/tmp}/dvdemu-valgrind.XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT
bad=0

mkdir "$work/bin" "$work/logs"
cat >"$work/bin/tgtd" <<END
#!/bin/sh
exec valgrind --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite \
    --num-callers=30 --suppressions='$PWD/tests/valgrind.supp' --log-file='$work/logs/'\$DVDEMU_LOAD.%p \
    '$tgt/usr/tgtd' "\$@"
END
chmod +x "$work/bin/tgtd"
export PATH=$work/bin:$tgt/usr:$PATH DVDEMU=$build/dvdemu DVDEMU_VALGRIND=yes

# Targets deleted, then the system: what serves a drive is freed, and nothing may still be reached by
# a pointer that is gone. `serve` finds its daemon gone and fails.
delete_all() {
    local url ipc
    for _ in $(seq 600); do [ -s "$work/ready" ] && break; sleep 0.1; done
    url=$(head -n 1 "$work/ready")
    "$build/dvdemu" probe "$url" --disc "$build/demo/demo.disc" || return 1
    ipc=$(echo "$work/run/"*/"$1"/tgt.0)
    export TGT_IPC_SOCKET=${ipc%.0}
    timeout 60 tgtadm -C 0 --lld iscsi --op delete --mode target --tid 1 --force || return 1
    timeout 5 tgtadm -C 0 --op delete --mode system # it may wait for ever, though the daemon has ended
    true
}
orderly() {
    local serve code
    mkdir -m 700 "$work/run"
    XDG_RUNTIME_DIR=$work/run "$build/dvdemu" serve --state none --ready-file "$work/ready" &
    serve=$!
    (delete_all $serve)
    code=$?
    [ $code -eq 0 ] || kill $serve # otherwise it ends by itself: its daemon is gone
    wait $serve
    return $code
}
run_load() {
    case $1 in
    orderly) orderly ;;
    conformance) "$build/tests/conformance_tests" "$build" ;;
    replay) tests/replay_test.sh "$build" tests/replay/*.txt ;;
    serve) tests/serve/serve_test.sh "$build" ;;
    stress) tests/stress/stress.py "$build" --short ;;
    *) echo "no load $1"; false ;;
    esac
}

# A log with a frame in it holds an error. One without a summary is of a tgtd that a test killed.
judge() {
    local load=$1 log errors=0 ended=0 killed=0
    for log in "$work/logs/$load".*; do
        if grep -qE '^==[0-9]+==    (at|by) 0x' "$log"; then
            errors=$((errors + 1))
            [ "$errors" -gt 3 ] || sed -n '/    at 0x/,$p' "$log" | head -n 60
        fi
        if grep -q 'ERROR SUMMARY' "$log"; then ended=$((ended + 1)); else killed=$((killed + 1)); fi
    done
    echo "$load: $ended tgtd ended under valgrind, $killed were killed; $errors with errors"
    [ "$errors" -eq 0 ] && [ "$ended" -gt 0 ]
}

for load in "$@"; do
    export DVDEMU_LOAD=$load
    begin=$SECONDS
    if ! run_load "$load" >"$work/$load.out" 2>&1; then
        echo "not ok - $load failed under valgrind:"
        tail -n 30 "$work/$load.out" | sed 's/^/    /'
        bad=1
    fi
    if judge "$load"; then echo "ok - $load ($((SECONDS - begin)) s)"; else echo "not ok - $load"; bad=1; fi
done
exit $bad
