#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Boots the guest of make_guest.sh with an iSCSI drive as its /dev/sr0 and runs a program there.
#   boot.sh GUEST WAY URL OVERLAY SECONDS [OVERLAY...]
# GUEST: the folder of make_guest.sh. WAY: how the drive gets in:
#   qemu        QEMU logs in, the guest sees a SCSI drive (the drive must have a disc by then)
#   initiator   the guest's kernel logs in, over a network that leads to the target only
# OVERLAY: a folder that is laid over the guest's root, further ones over that; /main in it is run, as
# root, with WAY as its argument. What it prints comes out here as it is printed. The kernel's log:
# GUEST/console-WAY.log. MEMORY_MIB: of the guest, 512 unless told; the overlays are in it.
# CONTROLLER: the SCSI controller of the way "qemu", virtio-scsi-pci unless told; several words are
# devices one below the other ("qemu-xhci usb-bot").
# Exit: 0 when /main ended with 0, 1 when with another code, 124 after SECONDS, 125 when the guest ended
# in another way. Software emulation, no /dev/kvm.
set -euo pipefail
if [ $# -lt 5 ]; then
    sed -n 's/^# \{0,1\}//; 4p' "$0" >&2
    exit 2
fi
guest=$(cd "$1" && pwd) way=$2 url=$3 seconds=$5
overlays=("$4" "${@:6}")
host=${url#iscsi://}
host=${host%%/*}
iqn=${url#iscsi://*/}
iqn=${iqn%/*}
append="console=ttyS0 quiet panic=-1 mitigations=off nokaslr no_timer_check random.trust_cpu=on way=$way"

# shellcheck disable=SC2054 # QEMU's commas
case $way in
qemu)
    drive=(-iscsi initiator-name=iqn.2026-11.example.dvdemu:qemu
           -drive "file=$url,if=none,id=dvd,format=raw,cache=none")
    for device in ${CONTROLLER:-virtio-scsi-pci}; do
        drive+=(-device "$device")
    done
    drive+=(-device scsi-generic,drive=dvd)
    ;;
initiator)
    drive=(-netdev "user,id=net,restrict=on,guestfwd=tcp:10.0.2.100:3260-tcp:$host"
           -device virtio-net-pci,netdev=net)
    append+=" iqn=$iqn portal=10.0.2.100:3260"
    ;;
*)
    echo "boot.sh: no such way: $way" >&2
    exit 2
    ;;
esac

run=$(mktemp -d "$guest/run.XXXXXX")
qemu=
cleanup() {
    [ -z "$qemu" ] || kill "$qemu" 2>/dev/null || true
    rm -rf "$run"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM

cp "$guest/base.cpio" "$run/initrd"
for overlay in "${overlays[@]}"; do
    (cd "$overlay" && find . | "$guest/busybox" cpio -o -H newc -R 0:0) >>"$run/initrd" 2>/dev/null
done
console=$guest/console-$way.log
: >"$console"
mkfifo "$run/output"
timeout -k 5 "$seconds" qemu-system-x86_64 -M q35 -accel tcg,thread=multi -cpu qemu64,+rdrand \
    -m "${MEMORY_MIB:-512}" -nodefaults -no-user-config -display none -no-reboot \
    -kernel "$guest/vmlinuz" -initrd "$run/initrd" -append "$append" -serial "file:$console" \
    -device virtio-serial-pci -chardev file,id=output,path=/dev/stdout \
    -device virtserialport,chardev=output,name=output "${drive[@]}" \
    </dev/null >"$run/output" 2>"$run/qemu.log" &
qemu=$!
ended=
while read -r line; do
    case $line in
    'guest: end '*) ended=${line##* } ;;
    *) printf '%s\n' "$line" ;;
    esac
done <"$run/output"
code=0
wait "$qemu" || code=$?
qemu=
if [ -n "$ended" ] && [ $code = 0 ]; then
    [ "$ended" = 0 ] || exit 1
    exit 0
fi
if [ -z "$ended" ]; then
    sed 's/^/# qemu: /' "$run/qemu.log"
    tail -n 20 "$console" 2>/dev/null | sed 's/^/# guest: /'
fi
if [ $code = 124 ]; then
    echo "# no end after $seconds s"
    exit 124
fi
exit 125
