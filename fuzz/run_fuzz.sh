#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# One target under a fuzzer for a time, from its corpus, what else there is to begin with, and a
# dictionary. What it finds stays in BUILD; an input that fails is named, and is the exit code.
#   run_fuzz.sh libfuzzer|afl BUILD NAME SECONDS
#   run_fuzz.sh merge BUILD NAME    BUILD's finds and the corpus, minimised, become the corpus
set -euo pipefail
cd "$(dirname "$0")/.." || exit 2
how=$1 build=$(realpath "$2") name=$3 seconds=${4-0}
work=$build/fuzz/work/$name
found=$build/fuzz/found/$name
corpus=fuzz/corpus/$name
mkdir -p "$work/seeds" "$found" "$corpus"

# beginnings: blocks of golden files; sample files
samples() {
    case $name in
    config) printf '%s\n' configs/drives/*.conf ;;
    disc) printf '%s\n' configs/discs/*.disc ;;
    esac
    find "$corpus" -type f
}
case $name in
commands | keys)
    make -s "BUILD=$2" "$2/fuzz/golden_inputs" "$2/fuzz/dictionary"
    "$build/fuzz/golden_inputs" "$name" "$work/seeds" tests/golden/*.txt
    "$build/fuzz/dictionary" "$name" >"$work/dictionary"
    longest=1024
    ;;
*)
    make -s "BUILD=$2" "$2/fuzz/dictionary"
    mapfile -t texts < <(samples)
    cp --backup=numbered "${texts[@]}" "$work/seeds"
    "$build/fuzz/dictionary" words "${texts[@]}" >"$work/dictionary"
    longest=4096
    ;;
esac

case $how in
libfuzzer)
    cd "$work"
    "$build/fuzz/${name}_fuzz" -max_total_time="$seconds" -max_len=$longest -timeout=20 \
        -dict=dictionary -print_final_stats=1 "$found" "$OLDPWD/$corpus" seeds
    ;;
afl)
    cp -r "$corpus/." "$work/seeds"
    # a container has no core pattern and governor of its own
    export AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_SKIP_CPUFREQ=1 AFL_NO_UI=1 AFL_NO_AFFINITY=1 AFL_AUTORESUME=1
    afl-fuzz -i "$work/seeds" -o "$work/afl" -V "$seconds" -G $longest -x "$work/dictionary" \
        -- "$build/afl/${name}_afl"
    cp "$work"/afl/default/queue/id* "$found"
    crashes=$(find "$work/afl/default/crashes" -name 'id*')
    [ -z "$crashes" ] || { echo "inputs that fail:"; echo "$crashes"; exit 1; }
    ;;
merge)
    rm -rf "$work/merged"
    mkdir "$work/merged"
    FUZZ_COARSE=1 "$build/fuzz/${name}_fuzz" -merge=1 -use_counters=0 "$work/merged" "$corpus" "$work/seeds" "$found"
    rm -rf "$corpus"
    mv "$work/merged" "$corpus"
    echo "$corpus: $(find "$corpus" -type f | wc -l) inputs, $(du -cb "$corpus"/* | tail -n 1 | cut -f 1) bytes"
    ;;
*)
    echo "usage: run_fuzz.sh libfuzzer|afl|merge BUILD NAME [SECONDS]" >&2
    exit 2
    ;;
esac
