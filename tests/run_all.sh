#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs every suite of a built tree and says in one line each how it went. A skip is printed with
# its reason and never counts as a pass.
#   run_all.sh BUILD [SUITE...]
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2
build=$(realpath "$1")
shift
export DVDEMU=$build/dvdemu

# A module under a sanitizer needs the runtime first in tgtd. What tgtd itself, and a library that
# we do not own, never free is not ours to find.
runtime=$(ldd "$build/dvd.so" | grep -oE '/[^ ]*san[^ ]*\.so[^ ]*' | tr '\n' ' ')
if [ -n "$runtime" ]; then
    export DVDEMU_TGTD_PRELOAD=${runtime% }
    export LSAN_OPTIONS=suppressions=$PWD/tests/lsan.supp:print_suppressions=0
    export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
fi

# name, command; a suite that ends with 77 was skipped and says why in its last line
suites=(
    "unit            $build/tests/unit_tests"
    "vectors         $build/tests/css_vectors tests/vectors"
    "kernels         $build/tests/kernels 100000 tests/vectors/sector.txt"
    "kernels-arm64   tests/cross_test.sh $build arm64"
    "golden          $build/tests/golden tests/golden"
    "drives          tests/drives_test.sh $build"
    "oracle          $build/tests/oracle_walk 150000 1 default"
    "oracle-quirks   $build/tests/oracle_walk 150000 1"
    "explore         $build/tests/explore -n 2 -d 3 -r 2 -e"
    "explore-lies    $build/tests/explore -n 1 -d 3 -r 1 -e -x"
    "corpus          tests/replay_corpus.sh $build"
    "demo            tests/demo/check_demo.sh $build"
    "mutants         tests/mutants/mutants_test.py"
    "docs            tests/docs_test.sh $build"
    "configs         tests/configs_test.sh $build"
    "command-line    tests/cli_test.sh $build"
    "serve           tests/serve/serve_test.sh $build"
    "module          tests/module_test.sh $build"
    "probe           tests/probe_test.sh $build"
    "lies            tests/lies_test.sh $build"
    "check           tests/check_test.sh $build"
    "replay          tests/replay_test.sh $build"
    "conformance     $build/tests/conformance_tests $build"
    "stress          tests/stress/stress.py $build --short"
    "contention      $build/tests/contention $build 500"
    "linux-guest     tests/guest/guest_test.sh $build qemu initiator tools"
    "iscsi-test-cu   tests/iscsi_cu.sh $build"
)

logs=$build/test-logs
mkdir -p "$logs"
passed=0 failed=0 skipped=0
run_suite() {
    local name=$1 begin=$SECONDS code
    shift
    timeout --kill-after=10 300 "$@" >"$logs/$name.log" 2>&1 </dev/null
    code=$?
    case $code in
    0)
        printf 'ok       %-14s %3d s  %s\n' "$name" $((SECONDS - begin)) "$(tail -n 1 "$logs/$name.log")"
        passed=$((passed + 1))
        # what a suite leaves out, it says
        grep -iE '^(# )?skip' "$logs/$name.log" | sed 's/^/         /'
        ;;
    77)
        printf 'skipped  %-14s        %s\n' "$name" "$(tail -n 1 "$logs/$name.log")"
        skipped=$((skipped + 1))
        ;;
    *)
        printf 'FAILED   %-14s %3d s  ended with %d; %s:\n' "$name" $((SECONDS - begin)) "$code" "$logs/$name.log"
        tail -n 30 "$logs/$name.log" | sed 's/^/         /'
        failed=$((failed + 1))
        ;;
    esac
}

for suite in "${suites[@]}"; do
    read -r -a words <<<"$suite"
    if [ $# -eq 0 ] || [[ " $* " == *" ${words[0]} "* ]]; then
        run_suite "${words[@]}"
    fi
done
echo "suites: $passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
