#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Proves by Frama-C that no input makes the sources below go wrong: no access out of bounds, no
# signed overflow, no read of what was never written, no shift too far. A line for each theme.
# A theme fails on any alarm, on anything left unproven, and when a statement of its functions was
# not reached.
#   prove.sh BUILD [THEME...]         the themes, or those named
#   prove.sh --self-test BUILD [...]  breaks a copy of the sources and expects the alarm
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2
self_test=
[ "${1-}" != --self-test ] || { self_test=yes; shift; }
mkdir -p "$1/prove"
build=$(realpath "$1")
shift

if ! command -v frama-c >/dev/null; then
    echo "skipped: no frama-c on this machine (tools/packages.sh prove)"
    exit 77
fi

# theme; every function of these files has to be reached; what is linked besides; options of Eva.
# What is unknown, and how far, stands at the top of prove/prove_THEME.c; what is behind a hyphen is
# the same driver again, with other options. wp-THEME proves contracts of the functions named, by Z3.
themes=(
    "be     | scsi/be.h     | | -warn-unsigned-overflow"
    "cdb    | scsi/cdb.c    | | -warn-unsigned-overflow"
    "datain | scsi/datain.h | | -eva-alloc-builtin fresh -eva-no-alloc-returns-null"
    "wp-datain | scsi/datain.h | di_begin di_bytes di_fill di_zero di_patch di_open |"
    "sense  | scsi/sense.c  | | -warn-unsigned-overflow"
    "dispatch | scsi/dispatch.c | scsi/sense.c | -warn-unsigned-overflow"
    "dispatch-32 | scsi/dispatch.c | scsi/sense.c | -warn-unsigned-overflow -machdep gcc_x86_32"
    "agid   | css/agid.c    | | -warn-unsigned-overflow"
    "keystream | css/css_keystream.c | css/css_tables.c |"
    "keys   | css/css_auth.c css/css_keys.c | css/css_keystream.c css/css_tables.c | -eva-auto-loop-unroll 2048"
    "sectors | css/css_lanes.h css/css_gates.h | css/css_keystream.c css/css_tables.c |"
    "lanes-2 | css/css_lanes.h | css/css_keystream.c css/css_tables.c | -cpp-extra-args=-DLANES=2"
    "lanes-4 | css/css_lanes.h | css/css_keystream.c css/css_tables.c | -cpp-extra-args=-DLANES=4"
    "lanes-8 | css/css_lanes.h | css/css_keystream.c css/css_tables.c | -cpp-extra-args=-DLANES=8"
    "region | emulator/region.c | |"
    "pack   | css/css_pack.c | | -warn-unsigned-overflow"
)

# theme; file; how it is broken; what has to be said about it
breaks=(
    "be     | scsi/be.h         | s/be16_put(p + 2,/be16_put(p + 3,/              | out of bounds write"
    "cdb    | scsi/cdb.c        | s/be24_get(cdb + 6)/be24_get(cdb + 10)/         | out of bounds read"
    "cdb    | scsi/cdb.c        | s/(int64_t)p.0. . 60/p[0] * 99999999/ | signed overflow"
    "datain | scsi/datain.h     | s/di->room - di->len;/di->room - di->len + 1;/  | valid_dest"
    "datain | scsi/datain.h     | s/at < di->room && //                           | out of bounds write"
    "wp-datain | scsi/datain.h  | s/n < fits . n : fits/n/                        | call_copy_bytes_requires : Failed"
    "wp-datain | scsi/datain.h  | s/at < di->room && //                           | di_patch_assert_rte_mem_access_2 : Failed"
    "wp-datain | prove/wp_datain.c | s/.separated(di,/1 == 0 \\&\\& &/             | [Failed] Smoke-test"
    "sense  | scsi/sense.c      | s/memset(out, 0, SENSE_FIXED_BYTES)/memset(out, 0, SENSE_FIXED_BYTES - 4)/ | check got status"
    "sense  | scsi/sense.c      | s/i < SENSE_COUNT/i <= SENSE_COUNT/             | out of bounds read"
    "dispatch | scsi/dispatch.c | s/rq->cdb_bytes < rq->row->cdb_bytes/rq->cdb_bytes + 1 < rq->row->cdb_bytes/ | out of bounds read"
    "dispatch | scsi/dispatch.c | s/stray & 1u << sense.bit/stray \& 2u << sense.bit/ | invalid RHS operand for shift"
    "dispatch-32 | scsi/dispatch.c | s/(uint64_t)blocks/(size_t)blocks/          | unsigned overflow"
    "agid   | css/agid.c        | s/slot->state = cell.next/slot->state = cell.next + 1/ | check got status"
    "keystream | css/css_keystream.c | s/fresh << 9/fresh << 10/                  | check got status"
    "keystream | css/css_keystream.c | s/i < bytes/i <= bytes/                    | out of bounds write"
    "keys   | css/css_auth.c    | s/variant & VARIANT_MASK/variant/               | out of bounds index"
    "keys   | css/css_keys.c    | 0,/i = 1;/s//i = 2;/                            | accessing uninitialized"
    "keys   | css/css_keys.c    | s/BLOCK_BYTES - entry/BLOCK_BYTES + 1 - entry/  | invalid pointer creation"
    "sectors | css/css_lanes.h  | s/if (rest == 0) {/if (words > 99) {/           | invalid RHS operand for shift"
    "sectors | css/css_lanes.h  | s/, b\[RING_WORDS\];/, b[RING_WORDS - 1];/      | out of bounds"
    "sectors | css/css_gates.h  | s/BYTES(0xcc)/BYTES(0xcd)/                      | check got status"
    "lanes-2 | css/css_lanes.h  | s/lane >= count/lane > count/                   | out of bounds read"
    "region | emulator/region.c | s/== REGION_PERM/== REGION_NONE/                | check got status"
    "pack   | css/css_pack.c    | s/0x26/0x7fe/                                   | out of bounds read"
    "agid   | prove/prove_agid.c | s/^    names();//                              | not reached: agid_state_name"
)

field() {
    cut -d'|' -f"$2" <<<"$1" | sed 's/^ *//; s/ *$//'
}

# names of the functions that a file defines: its definitions begin in the first column
functions_of() {
    awk '/^[a-zA-Z].*\(/ && !/^(typedef|return)/ { head = $0; open = 1 }
         open && /;$/ { open = 0 }
         open && /^\{/ { sub(/\(.*/, "", head); sub(/.*[ *]/, "", head); print head; open = 0 }
         open && !/^[a-zA-Z]/ && /^\}/ { open = 0 }' "$@"
}

# Is every function in the log, with all its statements but those the driver excuses? Prints how
# many functions and statements there are, or what is missing.
coverage() {
    local driver=$1 theme=$2 log=$3 function seen=0 all=0 count=0 excused line missing=
    shift 3
    while read -r function; do
        line=$(grep -oE "^  $function: [0-9]+ stmts out of [0-9]+" "$log" | head -n 1)
        excused=$(grep -oE "unreached: $theme $function [0-9]+" "$driver" | grep -oE '[0-9]+$')
        read -r _ reached _ _ _ statements <<<"${line:-x 0 x x x 1}"
        [ $((statements - reached)) -eq "${excused:-0}" ] || missing="$missing $function"
        count=$((count + 1)) seen=$((seen + reached)) all=$((all + statements))
    done < <(functions_of "$@")
    if [ -n "$missing" ] || [ $count -eq 0 ]; then
        echo "not reached:${missing:- any function}"
        return 1
    fi
    printf '%2d functions, %3d of %3d statements' "$count" "$seen" "$all"
}

frama() {
    nice -n 10 frama-c -c11 -machdep gcc_x86_64 -cpp-extra-args="-std=c11 -D_GNU_SOURCE -I." \
        -kernel-warn-key annot:missing-spec=abort,typing:implicit-function-declaration=abort "$@"
}

# verdict NAME SECONDS PROBLEM LOG SAID: the line of a theme; PROBLEM empty: it is proved
verdict() {
    if [ -z "$3" ]; then
        printf 'proved   %-11s %s, %3d s\n' "$1" "$5" "$2"
        return 0
    fi
    echo "FAILED   $1: $3; $4"
    grep -A 1 -E '^\[[a-z:-]+\] .*(Warning|Error|Failed|Timeout|Unknown)' "$4" | sed 's/^/         /' | head -n 20
    return 1
}

# run_eva ROOT THEME LOG FILES SOURCES OPTIONS: 0 when all was proved
run_eva() {
    local root=$1 theme=$2 log=$3 driver=prove/prove_${2%%-*}.c begin=$SECONDS problem='' alarms proved
    local -a files sources options
    read -r -a files <<<"$4"
    read -r -a sources <<<"$(tr ' ' '\n' <<<"$4" | grep '\.c$' | tr '\n' ' ') $5"
    read -r -a options <<<"$6"
    (cd "$root" && frama -warn-invalid-pointer -eva-auto-loop-unroll 300 "${options[@]}" -eva \
        "$driver" "${sources[@]}" -then -metrics -metrics-eva-cover) >"$log" 2>&1 || problem=" frama-c ended with $?"
    alarms=$(grep -cE '^\[eva:alarm\]' "$log")
    proved=$(awk '/^    (Assertions|Preconditions) / { n += $2 } END { print n + 0 }' "$log")
    grep -q '^  0 alarms generated by the analysis' "$log" || alarms="$alarms or more"
    [ "$alarms" = 0 ] || problem+=" $alarms alarms"
    grep -q '^  No errors or warnings raised' "$log" || problem+=" warnings"
    grep -qE '^  (100% of the logical properties reached have been proven|No logical properties)' "$log" ||
        problem+=" something is left open"
    covered=$(coverage "$root/$driver" "$theme" "$log" "${files[@]/#/$root/}") || problem+=" $covered"
    verdict "$theme" $((SECONDS - begin)) "$problem" "$log" "$covered, 0 alarms, $proved checks"
}

# run_wp ROOT THEME LOG FUNCTIONS: the same by contracts
run_wp() {
    local root=$1 theme=$2 log=$3 functions=$4 begin=$SECONDS problem='' goals function
    export WHY3CONFIG=$build/prove/why3.conf
    if ! why3 config detect >"$log" 2>&1 || ! grep -q Z3 "$WHY3CONFIG"; then
        echo "skipped  $theme: no why3 with z3 on this machine"
        return 0
    fi
    (cd "$root" && frama -wp -wp-rte -wp-smoke-tests -wp-fct "${functions// /,}" -wp-prover z3 -wp-par 2 -wp-timeout 20 \
        "prove/wp_${theme#wp-}.c") >"$log" 2>&1 || problem=" frama-c ended with $?"
    goals=$(grep -oE 'Proved goals: .*' "$log" | grep -oE '[0-9]+' | uniq -c | awk 'NR == 1 && $1 == 2 { print $2 }')
    [ -n "$goals" ] || problem+=" $(grep -oE 'Proved goals: .*' "$log")"
    for function in $functions; do
        grep -qE "Goal typed_${function}_" "$log" || problem+=" not reached: $function"
    done
    verdict "$theme" $((SECONDS - begin)) "$problem" "$log" \
        "$(printf '%2d functions, %d goals' "$(wc -w <<<"$functions")" "$goals")"
}

# run_theme ROOT ROW LOG
run_theme() {
    local theme
    theme=$(field "$2" 1)
    case $theme in
    wp-*) run_wp "$1" "$theme" "$3" "$(field "$2" 3)" ;;
    *) run_eva "$1" "$theme" "$3" "$(field "$2" 2)" "$(field "$2" 3)" "$(field "$2" 4)" ;;
    esac
}

row_of() {
    printf '%s\n' "${themes[@]}" | grep -E "^$1 *\|"
}

run_break() {
    local row=$1 copy log=$build/prove/self-test.log said theme file
    theme=$(field "$row" 1) file=$(field "$row" 2)
    copy=$(mktemp -d)
    cp -r css scsi emulator prove "$copy"
    sed -i "$(field "$row" 3)" "$copy/$file"
    if cmp -s "$file" "$copy/$file"; then
        echo "FAILED   $theme: nothing was broken in $file"
        rm -rf "$copy"
        return 1
    fi
    said=$(run_theme "$copy" "$(row_of "$theme")" "$log")
    rm -rf "$copy"
    if grep -qF "FAILED" <<<"$said" && { grep -F "$(field "$row" 4)" "$log" || grep -F "$(field "$row" 4)" <<<"$said"; } >/dev/null; then
        printf 'found    %-11s %s: %s\n' "$theme" "$file" "$(field "$row" 4)"
    else
        printf 'FAILED   %-10s %s, broken by %s, was not found:\n%s\n' "$theme" "$file" "$(field "$row" 3)" "$said"
        return 1
    fi
}

is_wanted() {
    [ $# -eq 1 ] || [[ " ${*:2} " == *" $1 "* ]]
}

bad=0 count=0
if [ -n "$self_test" ]; then
    for row in "${breaks[@]}"; do
        is_wanted "$(field "$row" 1)" "$@" || continue
        run_break "$row" || bad=$((bad + 1))
        count=$((count + 1))
    done
    echo "self-test: $((count - bad)) of $count broken things found"
else
    for row in "${themes[@]}"; do
        theme=$(field "$row" 1)
        is_wanted "$theme" "$@" || continue
        run_theme . "$row" "$build/prove/$theme.log" || bad=$((bad + 1))
        count=$((count + 1))
    done
    echo "proof: $((count - bad)) of $count themes"
fi
[ "$bad" -eq 0 ] && [ "$count" -gt 0 ]
