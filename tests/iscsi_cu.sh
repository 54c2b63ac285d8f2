#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# libiscsi's own suite, iscsi-test-cu, against a plain disc served by `dvdemu serve`:
#   iscsi_cu.sh BUILD
# One line for each family of the table: ok, not ok with the tests that did not pass, and one skip
# for each exception. A test of the table that the suite skips is a failure: it was meant to run.
set -eu

# FAMILY TEST...: what can pass on device type 5. What is not named is for disks, or writes.
families='
Inquiry        Standard AllocLength EVPD SupportedVPD VersionDescriptors
ModeSense6     AllPages Residuals
Read10         Simple BeyondEol ZeroBlocks
Read12         Simple BeyondEol ZeroBlocks
ReadCapacity10 Simple
StartStopUnit  NoLoej PwrCnd
TestUnitReady  Simple
Verify10       Simple BeyondEol ZeroBlocks Flags Mismatch MismatchNoCmp
iSCSIResiduals Read10Invalid Read10Residuals Read12Residuals
iSCSIcmdsn     iSCSICmdSnTooHigh iSCSICmdSnTooLow
'
# FAMILY.TEST REASON: would run, and fails by right.
exceptions='
StartStopUnit.Simple  a load raises unit attention 06/28/00, which the test does not expect
ModeSense6.Control    the control mode page is no page of a CD/DVD drive
'
DEADLINE_S=30

if [ $# -ne 1 ]; then
    echo "usage: iscsi_cu.sh BUILD" >&2
    exit 2
fi
build=$1
command -v iscsi-test-cu >/dev/null || {
    echo "skip: iscsi-test-cu is not installed (package libiscsi-bin)"
    exit 77
}

work=$(mktemp -d)
server=
clean_up() {
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null && wait "$server"
    fi
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

# Both ends of the pipe stay open here, so that nobody waits for anybody but for the ready line.
mkfifo "$work/out"
exec 3<>"$work/out"
XDG_RUNTIME_DIR=$work "$build/dvdemu" serve --state none "$build/demo/demo.iso" >&3 3>&- &
server=$!
url=$(timeout "$DEADLINE_S" sed -n '/^ready /{s///p;q;}' <&3)
[ -n "$url" ] || {
    echo "iscsi_cu.sh: dvdemu serve is not ready" >&2
    exit 1
}

# Output of the suite to lines "TEST passed|FAILED|skipped".
verdicts() {
    awk '
        function say() { if (test != "") print test, verdict }
        $1 == "Test:"          { say(); test = $2; verdict = "nothing" }
        /\[SKIPPED\]/          { verdict = "skipped" }
        /(^|\.\.\.)passed$/    { if (verdict != "skipped") verdict = "passed" }
        /(^|\.\.\.)FAILED$/    { verdict = "FAILED" }
        END                    { say() }'
}

passed=0 failed=0 skipped=0
run_family() {
    family=$1
    shift
    timeout "$DEADLINE_S" iscsi-test-cu -t "ALL.$family" "$url" >"$work/log" 2>&1 || true
    verdicts <"$work/log" >"$work/verdicts"
    wrong=
    for test in "$@"; do
        grep -qx "$test passed" "$work/verdicts" || wrong="$wrong $test"
    done
    if [ -z "$wrong" ]; then
        echo "ok     $family: $*"
        passed=$((passed + 1))
    else
        echo "not ok $family:$wrong"
        sed 's/^/       /' "$work/log"
        failed=$((failed + 1))
    fi
}

while read -r family tests; do
    # shellcheck disable=SC2086 # a list of names
    [ -z "$family" ] || run_family "$family" $tests
done <<END
$families
END
while read -r test reason; do
    [ -n "$test" ] || continue
    echo "skip   $test: $reason"
    skipped=$((skipped + 1))
done <<END
$exceptions
END
kill -0 "$server" 2>/dev/null || {
    echo "not ok dvdemu serve ended by itself"
    failed=$((failed + 1))
}
echo "$passed families passed, $failed failed, $skipped tests skipped"
[ "$failed" -eq 0 ]
