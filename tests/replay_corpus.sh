#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Every saved input of every fuzz target, TIMES times (1), and what they met; and each block of the
# golden files as an input of the targets that have a drive.
#   replay_corpus.sh BUILD [TIMES]
set -euo pipefail
cd "$(dirname "$0")/.." || exit 2
build=$1 times=${2-1}
golden=$(mktemp -d)
trap 'rm -rf "$golden"' EXIT
targets=0 inputs=0
replay() {
    local name=$1 folder=$2
    echo "==== $name"
    "$build/fuzz/${name}_replay" -r "$times" "$folder"
    inputs=$((inputs + $(find "$folder" -type f | wc -l)))
}

for source in fuzz/fuzz_*.c; do
    name=${source#fuzz/fuzz_}
    name=${name%.c}
    replay "$name" "fuzz/corpus/$name"
    targets=$((targets + 1))
done
for name in commands keys; do
    mkdir "$golden/$name"
    "$build/fuzz/golden_inputs" "$name" "$golden/$name" tests/golden/*.txt
    replay "$name" "$golden/$name"
done
echo "$targets targets, $inputs inputs ran"
