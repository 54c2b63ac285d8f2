#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Every saved input of every fuzz target, TIMES times (1), and what they met.
#   replay_corpus.sh BUILD [TIMES]
set -euo pipefail
cd "$(dirname "$0")/.." || exit 2
targets=0 inputs=0
for source in fuzz/fuzz_*.c; do
    name=${source#fuzz/fuzz_}
    name=${name%.c}
    echo "==== $name"
    "$1/fuzz/${name}_replay" -r "${2-1}" "fuzz/corpus/$name"
    targets=$((targets + 1))
    inputs=$((inputs + $(find "fuzz/corpus/$name" -type f | wc -l)))
done
echo "$targets targets, each of $inputs saved inputs ran"
