#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Every saved input of every fuzz target, once.
#   replay_corpus.sh BUILD
set -euo pipefail
cd "$(dirname "$0")/.." || exit 2
targets=0
for source in fuzz/fuzz_*.c; do
    name=${source#fuzz/fuzz_}
    name=${name%.c}
    "$1/fuzz/${name}_replay" "fuzz/corpus/$name"
    targets=$((targets + 1))
done
echo "$targets targets, every saved input ran"
