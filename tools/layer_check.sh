#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Keeps the layers of docs/architecture.md true: who may include whom, one file for tgtd's
# headers, no file name twice, a licence line in every source.
set -eu
cd "$(dirname "$0")/.."
bad=0
say() {
    echo "layers: $*" >&2
    bad=1
}

# includes FOLDER ALLOWED-REGEX: every #include in the folder has to match
includes() {
    found=$(grep -nE '^#[ 	]*include' "$1"/*.[ch] | grep -vE "#include ($2)" || true)
    [ -z "$found" ] || say "$1/ may not include:
$found"
}
libc='<(stdbool|stddef|stdint|string)\.h>'
includes css "$libc|<(immintrin|arm_neon)\.h>|\"(agid|css[a-z_]*)\.h\""
found=$(grep -lE '#include <(immintrin|arm_neon)\.h>' css/*.[ch] | grep -v '^css/css_kernel_' || true)
[ -z "$found" ] || say "instructions of one machine outside css/css_kernel_*.c: $found"
includes scsi "$libc|\"(be|cdb|datain|dispatch|opcodes|sense)\.h\""

# the oracle judges the drive and shares nothing with it
found=$(grep -nE '^#include' tests/oracle/*.[ch] |
    grep -vE '#include (<(stdarg|stdbool|stddef|stdint|stdio|stdlib|string)\.h>|"oracle[a-z_]*\.h"|"tests/support/host_css\.h")' || true)
[ -z "$found" ] || say "tests/oracle/ may not include:
$found"

found=$(grep -lE '#include "(tests|fuzz|bench|tools)/' css/*.[ch] scsi/*.[ch] emulator/*.[ch] || true)
[ -z "$found" ] || say "sources include tests: $found"

# tgtd's headers carry these names; the module's file is the only one that may use them
tgtd='"(list|util|tgtd|target|scsi|spc|log|work|driver|bs_thread|tgtadm|tgtadm_error|parser|media|iscsi/[a-z]+)\.h"'
found=$(grep -lE "#include $tgtd" css/*.[ch] scsi/*.[ch] emulator/*.[ch] | grep -vx emulator/tgt_module.c || true)
[ -z "$found" ] || say "tgtd's headers outside emulator/tgt_module.c: $found"
found=$(grep -rlE 'tgt_module\.(c|h)"' --include='*.[ch]' . || true)
[ -z "$found" ] || say "somebody includes the module: $found"

# the drive itself does no I/O: everything is handed in
core="emulator/drive.c emulator/cmd_*.c emulator/commands.c emulator/drive_features.c
      emulator/mode_pages.c emulator/region.c emulator/disc.c emulator/disc_read.c"
# shellcheck disable=SC2086 # a list of names
found=$(grep -nE '\b(fopen|open|read|pread|printf|fprintf|sleep|usleep|nanosleep|time|clock_gettime|getrandom|rand|random)\(' \
    $core | grep -vE -e '->(read|close)\(|services\.random|->random|snprintf|_(open|read|close)\(' || true)
[ -z "$found" ] || say "the drive's core does I/O:
$found"

found=$(git ls-files -co --exclude-standard '*.c' '*.h' '*.sh' '*.py' | sed 's|.*/||' | sort | uniq -d)
[ -z "$found" ] || say "file names used twice: $found"

found=$(git ls-files -co --exclude-standard '*.c' '*.h' '*.sh' '*.py' Makefile |
    xargs grep -L 'SPDX-License-Identifier: GPL-2.0-only' || true)
[ -z "$found" ] || say "no licence line: $found"

[ "$bad" -eq 0 ] && echo "layers: ok"
exit "$bad"
