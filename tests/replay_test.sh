#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Plays the scripts of tests/replay against `dvdemu serve` with the demo disc, and sees to it that
# bad scripts are refused by file and line, and that an expectation that does not hold is told.
#   replay_test.sh BUILD [SCRIPT...]      with scripts: only plays those
set -uo pipefail
build=$(realpath "${1:?usage: replay_test.sh BUILD [SCRIPT...]}") || exit 2
shift
cd "$(dirname "$0")/.." || exit 2
replay=$build/tests/replay
work=$(mktemp -d "${TMPDIR:-/tmp}/dvdemu-replay.XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# verdict OK WHAT
verdict() {
    if [ "$1" -eq 0 ]; then
        echo "ok - $2"
        passed=$((passed + 1))
    else
        echo "not ok - $2"
        sed 's/^/#   /' "$work/out"
        failed=$((failed + 1))
    fi
}

# refused LINE MESSAGE: the script on stdin is refused with that line and something like the message
refused() {
    cat >"$work/bad.txt"
    "$replay" --parse "$work/bad.txt" >"$work/out" 2>&1
    [ $? -eq 2 ] && grep -q "^$work/bad.txt:$1: .*$2" "$work/out"
    verdict $? "bad script, line $1: $2"
}

# untrue LINE WRONG: the script on stdin is played, and its one step found wrong
untrue() {
    {
        printf 'host: cdrom.sys\nfeature: refusals\nstep: untrue\n'
        cat
    } >"$work/untrue.txt"
    "$replay" "$build" "$work/untrue.txt" >"$work/out" 2>&1
    [ $? -eq 1 ] && grep -q "^not ok 1 - untrue \[refusals\]" "$work/out" &&
        grep -q "^#   $work/untrue.txt:3: .*$1" "$work/out"
    verdict $? "an untrue expectation is told: $1"
}

head='host: linux
feature: refusals'
bad_scripts() {
    refused 1 'no such host' <<<'host: OS/2'
    refused 1 'no such field' <<<'hosts: linux'
    refused 1 'want .field: value.' <<<'linux'
    refused 1 'says nothing' <<<'host:'
    refused 1 'come first' <<<'step: one'
    refused 1 'belongs to a step' <<<'cdb: 00'
    refused 2 'given twice' <<<$'host: linux\nhost: linux'
    refused 2 'no such feature' <<<$'host: linux\nfeature: brightness'
    refused 2 'want css, region 2, plain or none' <<<$'host: linux\ndisc: cd'
    refused 1 'no step in it' <<<"$head"
    refused 4 'want AA' <<<"$head"$'\nstep: s\ncdb: 0'
    refused 4 'want AA' <<<"$head"$'\nstep: s\ncdb: AG|40'
    refused 4 'want AA' <<<"$head"$'\nstep: s\ncdb: LUN'
    refused 4 '17 bytes; want 1 to 16' <<<"$head"$'\nstep: s\ncdb: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00'
    refused 3 'go together' <<<"$head"$'\nstep: s\ncdb: 00 00 00 00 00 00'
    refused 5 'want good or' <<<"$head"$'\nstep: s\ncdb: 00 00\nsense: 5/24'
    refused 5 'want good or' <<<"$head"$'\nstep: s\ncdb: 00 00\nsense: 00/24/00'
    refused 5 'no NTSTATUS' <<<"$head"$'\nstep: s\ncdb: 00 00\nstatus: CSS_KEY_NOT_PRESENT'
    refused 5 'no such status' <<<$'host: cdrom.sys\nfeature: refusals\nstep: s\ncdb: 00 00\nstatus: UNLUCKY'
    refused 5 'want a number of bytes' <<<"$head"$'\nstep: s\ncdb: 00 00\nin: many'
    refused 5 'want a number of bytes' <<<"$head"$'\nstep: s\ncdb: 00 00\nin: 65537'
    refused 5 'no such check' <<<"$head"$'\nstep: s\ncdb: 00 00\ncheck: all, nice'
    refused 5 'takes 2 arguments' <<<"$head"$'\nstep: s\ncdb: 00 00\ncheck: byte 4'
    refused 5 'is not what it takes' <<<"$head"$'\nstep: s\ncdb: 00 00\ncheck: all 4'
    refused 5 'is not what it takes' <<<"$head"$'\nstep: s\ncdb: 00 00\ncheck: bytes 0x'
    refused 5 'a comma too many' <<<"$head"$'\nstep: s\ncdb: 00 00\ncheck: all, , whole'
    refused 5 'nothing that can be kept' <<<"$head"$'\nstep: s\ncdb: 00 00\nkeep: calm'
    refused 3 'nothing to look at' <<<"$head"$'\nstep: s\ncdb: 00 00\nsense: good\ncheck: all'
    refused 3 'one way only' <<<"$head"$'\nstep: s\ncdb: 00 00\nsense: good\nin: 4\nout: 00'
    refused 3 'either .cdb:. or .do:.' <<<"$head"$'\nstep: s\nstep: t'
    refused 3 'has no data' <<<"$head"$'\nstep: s\ndo: eject\nin: 4'
    refused 4 'nobody can do that' <<<"$head"$'\nstep: s\ndo: knock'
    # lines that go on, and comments, still count
    refused 8 'no such check' <<<"$head"$'\nstep: s # a step\n# comment\ncdb: 00 00\n 00 00 # more\n  00 00\ncheck: nice'
    "$replay" --parse "$work/absent.txt" >"$work/out" 2>&1
    [ $? -eq 2 ] && grep -q 'absent.txt: No such file' "$work/out"
    verdict $? 'a script that is not there'
}

untrue_scripts() {
    untrue 'wanted good' <<<$'cdb: 00 00 00 00 00 00\nsense: good'
    untrue 'wanted 05/24/00' <<<$'cdb: 00 00 00 00 00 00\nsense: 05/24/00'
    untrue 'wanted STATUS_IO_DEVICE_ERROR' <<<$'cdb: 00 00 00 00 00 00\nsense: 06/29/00\nstatus: IO_DEVICE_ERROR'
    untrue 'byte: another byte' <<<$'cdb: 12 00 00 00 24 00\nin: 36\nsense: good\ncheck: byte 0 00'
    untrue 'all: not all bytes' <<<$'cdb: 12 00 00 00 24 00\nin: 40\nsense: good\ncheck: all'
    untrue 'listed: the feature is not' <<<$'cdb: 46 00 00 00 00 00 00 02 00 00\nin: 512\nsense: good\ncheck: listed 0021'
    untrue 'event: another event' <<<$'cdb: 4A 01 00 00 10 00 00 00 08 00\nin: 8\nsense: good\ncheck: event 2'
    untrue 'key1: too few bytes' <<<$'cdb: 12 00 00 00 04 00\nin: 4\nsense: good\nkeep: key1'
    untrue 'this could not be done' <<<'do: insert css'
    untrue 'an overflow' <<<$'cdb: 12 00 00 00 24 00\nin: 35\nsense: good'
}

if [ $# -eq 0 ]; then
    bad_scripts
    untrue_scripts
    set -- tests/replay/*.txt
fi
"$replay" "$build" "$@" >"$work/played" 2>"$work/stderr"
code=$?
grep -vE '^[0-9]+ passed, [0-9]+ failed$' "$work/played"
cat "$work/stderr"
read -r more_passed more_failed < <(sed -nE 's/^([0-9]+) passed, ([0-9]+) failed$/\1 \2/p' "$work/played")
if [ -z "${more_failed-}" ] || { [ "$code" -ne 0 ] && [ "$more_failed" -eq 0 ]; }; then
    echo "not ok - replay ended with $code"
    more_failed=$((${more_failed:-0} + 1))
fi
echo "$((passed + ${more_passed:-0})) passed, $((failed + more_failed)) failed"
[ $((failed + more_failed)) -eq 0 ]
