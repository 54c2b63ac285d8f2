#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs in the guest as /main: wintest.exe under Wine, on a drive as new, and then with its region set.
# wine_test.sh reads what it prints.
result=0

# run WHAT OPTION...
run() {
    echo "# $1"
    shift
    # a file: what stays of Wine would hold a pipe open
    wine-run /wintest.exe --wine --pass-through --expect /expect.txt "$@" D: >/tmp/lines 2>&1 </dev/null
    tr -d '\r' </tmp/lines >/tmp/said
    sed 's/^[0-9]* passed, /# &/' /tmp/said
    # its closing line, and that it got as far as the keys
    grep -qE '^[1-9][0-9]* passed, 0 failed' /tmp/said && grep -q '^PASS disc-key ' /tmp/said ||
        result=1
}

run "no region is set"
run "the region is set to 1" --set-region 1 --repeat 20 --threads 4
wine-run --end
exit $result
