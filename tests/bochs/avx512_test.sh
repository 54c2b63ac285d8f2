#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The AVX-512 kernel on a CPU that has it, played by Bochs: no system, the same random requests as
# tests/kernels.c. What speed it has cannot be seen there.
#   avx512_test.sh BUILD [ROUNDS]     ROUNDS: of 2080 sectors, 2 unless told; some seconds each
# Debian packages: tools/packages.sh bochs. Exit 77: they are not here.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 2
folder=$(realpath "${1:?usage: avx512_test.sh BUILD}")/bochs rounds=${2:-2}
SECONDS_MAX=$((60 + 60 * rounds))
isolinux=/usr/lib/ISOLINUX/isolinux.bin modules=/usr/lib/syslinux/modules/bios bios=/usr/share/bochs

for file in /usr/bin/bochs $isolinux $modules/mboot.c32 $bios/VGABIOS-lgpl-latest /usr/bin/genisoimage; do
    if [ ! -e "$file" ]; then
        echo "skipped: no $file (tools/packages.sh bochs)"
        exit 77
    fi
done
die() {
    echo "FAILED: $1"
    exit 1
}

rm -rf "$folder"
mkdir -p "$folder/disc/isolinux"
flags=(-std=c11 -O2 -ffreestanding -fno-pie -mno-red-zone -fno-stack-protector -mcmodel=large -I.
       -fno-tree-loop-distribute-patterns -Wall -Wextra -DBARE_ROUNDS="$rounds")
objects=()
for source in tests/bochs/bare_start.S tests/bochs/bare_main.c tests/support/kernel_round.c \
    tests/support/scalar_sector.c css/css_kernel_{avx512,avx2,portable}.c css/css_keystream.c css/css_tables.c; do
    object=$folder/$(basename "${source%.*}").o
    own=()
    [ "$source" != css/css_kernel_avx512.c ] || own=(-include tests/bochs/bochs_affine.h)
    gcc "${flags[@]}" "${own[@]}" -c "$source" -o "$object" || die "$source"
    objects+=("$object")
done
# a multiboot loader takes 32-bit files; what is in there switches to 64 bits by itself
ld -m elf_x86_64 -n --no-warn-rwx-segments -T tests/bochs/bare.ld "${objects[@]}" -o "$folder/kernels64" ||
    die "linking"
objcopy -O elf32-i386 "$folder/kernels64" "$folder/disc/isolinux/kernels" || die "objcopy"

cp $isolinux $modules/{ldlinux,mboot,libcom32}.c32 "$folder/disc/isolinux/" || die "the loader"
printf 'default kernels\nprompt 0\nlabel kernels\n kernel mboot.c32\n append kernels\n' \
    >"$folder/disc/isolinux/isolinux.cfg"
genisoimage -quiet -o "$folder/disc.iso" -b isolinux/isolinux.bin -c isolinux/boot.cat -no-emul-boot \
    -boot-load-size 4 -boot-info-table "$folder/disc" || die "the boot disc"

cat >"$folder/bochsrc" <<END
display_library: rfb, options="timeout=0"
config_interface: textconfig
megs: 64
cpu: model=corei7_icelake_u, count=1, ips=40000000
romimage: file=$bios/BIOS-bochs-latest
vgaromimage: file=$bios/VGABIOS-lgpl-latest
ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14
ata0-master: type=cdrom, path=$folder/disc.iso, status=inserted
boot: cdrom
port_e9_hack: enabled=1
plugin_ctrl: speaker=0
sound: waveoutdrv=dummy, waveindrv=dummy, midioutdrv=dummy
log: $folder/bochs.log
panic: action=fatal
error: action=ignore
info: action=ignore
END
# no sound: without a card to play on, Bochs' mixer may end it at the start
# Debian's Bochs has its debugger in: it wants to be told to go on
echo c >"$folder/go"
timeout "$SECONDS_MAX" bochs -q -f "$folder/bochsrc" -rc "$folder/go" </dev/null >"$folder/output" 2>&1 &
bochs=$!
trap 'kill $bochs 2>/dev/null' EXIT
while kill -0 $bochs 2>/dev/null && ! grep -aq '^end' "$folder/output"; do
    sleep 0.2
done
grep -a '^FAILED' "$folder/output" && exit 1
grep -aq '^end' "$folder/output" || die "no end after $SECONDS_MAX s: $folder/output"
grep -a '^ok' "$folder/output" | tail -n 1 | grep "$((2080 * rounds))"
