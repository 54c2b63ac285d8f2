# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# How the suites in shell count and print what they find: "ok N - WHAT", "not ok N - WHAT", and as
# the last line how many of each. Sourced, with $work, a folder, set by the time that one is called:
#   report RESULT WHAT          0 is ok; below a "not ok" stands what why() prints
#   why                         $work/out; a suite that has more to tell defines its own behind this
#   holds WHAT COMMAND...       reports whether the command succeeds, with its output in $work/out
#   ends CODE REGEX COMMAND...  whether it ends with that code, and a line of its output matches:
#                               the output is left in $work/out, the code in $got
#   sum_up                      the last line; fails when something was not ok
number=0 failed=0

why() {
    cat "${work:?}/out"
}
report() {
    number=$((number + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $number - $2"
    else
        echo "not ok $number - $2"
        why | sed 's/^/#   /'
        failed=$((failed + 1))
    fi
}
# The command may leave something running that goes on to write: hence >>.
holds() {
    local what=$1
    shift
    : >"${work:?}/out"
    "$@" >>"$work/out" 2>&1
    report $? "$what"
}
ends() {
    local code=$1 regex=$2
    shift 2
    "$@" >"${work:?}/out" 2>&1
    got=$?
    [ "$got" -eq "$code" ] && grep -qE -- "$regex" "$work/out"
}
sum_up() {
    echo "$((number - failed)) passed, $failed failed"
    [ "$failed" -eq 0 ]
}
