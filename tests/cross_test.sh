#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The kernels compiled for another machine, which qemu-user plays, against the scalar form.
#   cross_test.sh BUILD MACHINE     MACHINE: arm64 (the NEON kernel), powerpc (32 bits, big-endian)
# Debian packages: tools/packages.sh MACHINE. Exit 77: they are not here.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2
build=$1 machine=$2
SECTORS=8000 # random ones; css_vectors and the long run are for machines with the CPU

case $machine in
arm64) triplet=aarch64-linux-gnu qemu=qemu-aarch64 kernels=(neon portable) ;;
powerpc) triplet=powerpc-linux-gnu qemu=qemu-ppc kernels=(portable) ;;
*)
    echo "cross_test.sh: no machine '$machine'" >&2
    exit 2
    ;;
esac
for program in "$triplet-gcc" "$qemu"; do
    if ! command -v "$program" >/dev/null; then
        echo "skipped: no $program (tools/packages.sh $machine)"
        exit 77
    fi
done

folder=$build/$machine
mkdir -p "$folder"
if ! "$triplet-gcc" -O2 -std=c11 -D_GNU_SOURCE -I. -Wall -Wextra -Wpedantic -Wconversion -Werror -static \
    -fno-predictive-commoning tests/kernels.c css/*.c emulator/css_choice.c tests/support/scalar_sector.c \
    tests/support/kernel_round.c tests/support/guard_area.c -o "$folder/kernels"; then
    echo "FAILED: $triplet-gcc"
    exit 1
fi
"$qemu" "$folder/kernels" $SECTORS tests/vectors/sector.txt | tee "$folder/kernels.log"
code=${PIPESTATUS[0]}
for kernel in "${kernels[@]}"; do
    if ! grep -q "^ok $kernel:" "$folder/kernels.log"; then
        echo "FAILED: $kernel was not tested"
        code=1
    fi
done
exit "$code"
