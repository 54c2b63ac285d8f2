#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Lines and branches of css/, scsi/ and emulator/ that the suites run, in process and inside tgtd:
# builds a tree of its own, runs them, and judges by the limits of coverage_table.py.
#   coverage.sh BUILD TGT_SRC
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p "$1"
build=$(realpath "$1") tgt=$(realpath "$2")
begin=$SECONDS
# gcc counts what a child did before it became another program only in GNU C, where fork and exec
# are its own; several threads count at once
make -s BUILD="$build" TGT_SRC="$tgt" CC=gcc SANITIZE='' \
    CFLAGS='-O0 -g --coverage -fprofile-update=atomic' GNU_C=1 all
find "$build" -name '*.gcda' -delete
tests/run_all.sh "$build" unit vectors kernels golden oracle corpus \
    command-line serve module probe lies check replay conformance configs drives
html=$build/coverage
mkdir -p "$html"
gcovr --root . --object-directory "$build" --filter css/ --filter scsi/ --filter emulator/ \
    --gcov-executable gcov --json "$html/lines.json" --html-details "$html/index.html"
tools/coverage_table.py "$html/lines.json" tests/coverage/left.txt
echo "coverage: $((SECONDS - begin)) s; line by line: $html/index.html"
