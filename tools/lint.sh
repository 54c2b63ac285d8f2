#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Everything that can be said about the sources without running them.
#   lint.sh BUILD TGT_SRC
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2
build=$1 tgt=$2
bad=0
step() {
    local name=$1
    shift
    if "$@"; then
        echo "lint: $name: ok"
    else
        echo "lint: $name: FAILED" >&2
        bad=1
    fi
}

# what calls Windows is compiled by `make windows`, with the same warnings
mapfile -t sources < <(git ls-files -co --exclude-standard '*.c' | grep -v '/win32_')
mapfile -t scripts < <(git ls-files -co --exclude-standard '*.sh' .ci/run)
flags=(-std=c11 -D_GNU_SOURCE -I. -isystem "$tgt/usr" -I/usr/include/json-c)
warnings=(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes
          -Wcast-qual -Wpointer-arith -Wvla -Wundef -Werror)

compile() {
    printf '%s\n' "${sources[@]}" | xargs -P "$(nproc)" -I{} "$1" "${flags[@]}" "${warnings[@]}" "${@:2}" -c {} -o /dev/null
}
tidy() {
    # one line per finding, nothing else
    printf '%s\n' "${sources[@]}" | xargs -P "$(nproc)" -n 4 sh -c \
        'clang-tidy --quiet "$@" -- '"${flags[*]}"' 2>/dev/null' tidy
}
headers_documented() {
    # every call that a header offers has a comment in front of it, or of its group, or behind it
    local undocumented
    undocumented=$(awk '
        FNR == 1 { near = 0 }
        /\/\*/ { near = 1 }
        /^$/ { near = 0 }
        /^[a-z].*\(.*[,;]$/ && !/typedef|^static inline|^return|_free\(/ && !near { print FILENAME ":" FNR ": " $0 }
        ' css/*.h scsi/*.h emulator/*.h)
    [ -z "$undocumented" ] || { echo "calls without a comment:"; echo "$undocumented"; return 1; } >&2
}

step layers tools/layer_check.sh
step "gcc -Werror" compile gcc -O2
step "clang -Werror" compile clang
step "comments" headers_documented
step clang-tidy tidy
# uninitvar, returnDanglingLifetime: version 2.10 takes an array in a returned structure for a
# pointer; memleak: make_room() grows an array whose pointer it reads and writes by memcpy
step cppcheck cppcheck --quiet --suppress=uninitvar --suppress=ctuuninitvar \
    --suppress=returnDanglingLifetime --suppress=memleak:emulator/disc_text.c --std=c11 --error-exitcode=1 --inline-suppr -j "$(nproc)" \
    --enable=warning,portability,performance --suppress=missingIncludeSystem \
    --cppcheck-build-dir="$build" -I. css scsi emulator tools tests bench fuzz prove
step shellcheck shellcheck -x -e SC2317 "${scripts[@]}"
exit $bad
