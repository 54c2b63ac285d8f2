#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs in the guest as /main, with "qemu" or "initiator" as its argument; guest_test.sh reads what it
# prints: "ok - WHAT", "not ok - WHAT", and "host: ..." for what is to be done to the drive.
way=$1
device=/dev/sr0
failed=0

result() {
    if [ "$1" = 0 ]; then
        echo "ok - $2"
    else
        echo "not ok - $2"
        sed 's/^/#   /' /tmp/said
        dmesg | tail -n 5 | sed 's/^/#   /'
        failed=1
    fi
}
# check WHAT COMMAND...
check() {
    what=$1
    shift
    "$@" >/tmp/said 2>&1 </dev/null
    result $? "$what"
}
# watch WHAT EVENT STATUS REQUEST...: the request goes to the host, the drive shows what came of it
watch() {
    what=$1
    shift
    drive_watch $device "$@" 2>/tmp/said
    result $? "$what"
}

same_files() {
    (cd /mnt && md5sum -c /data.md5) && [ "$(find /mnt -type f | wc -l)" = "$(wc -l </data.md5)" ]
}
# holds WHAT TYPE TEST: mounted as TYPE, the test is true
holds() {
    check "$1: mounts" mount -t "$2" -o ro $device /mnt
    check "$1: $4" "$3"
    check "$1: unmounts" umount /mnt
}
# files of two mounts of one image
clear_files_equal() {
    mkdir -p /plain
    mount -t iso9660 -o ro,loop /plain.iso /plain || return 1
    find /plain -type f ! -iname '*.vob' >/tmp/clear
    different=0
    while read -r file; do
        cmp "$file" "/mnt${file#/plain}" || different=1
    done </tmp/clear
    umount /plain
    [ "$different" = 0 ] && [ "$(wc -l </tmp/clear)" -ge 4 ]
}
first_scrambled() {
    awk '$1 == "extent" && $4 == "f0" { print $2; exit }' /disc.txt
}
reads() {
    dd if="$device" of=/dev/null bs=2048 skip="$1" count=1
}
cannot_read() {
    ! reads "$1"
}
is_locked() {
    reads 16 && cannot_read "$(first_scrambled)"
}
locked_door() {
    tray "$device" lock && ! tray "$device" open
}
kernel_is_content() {
    dmesg | grep -q 'scsi3-mmc drive' && ! dmesg | grep -iE 'disagree|scsi-1 drive|call trace'
}

if [ "$way" = initiator ]; then
    watch "logs in to an empty drive: no disc" - 1
    check "nothing to read there" cannot_read 16
    watch "a disc is put in: event polling tells it, no one asked" DISK_MEDIA_CHANGE 4 insert css.disc
fi
dvd_auth $device /disc.txt /plain.iso "$way" || failed=1

holds "CSS disc" iso9660 clear_files_equal "the files that are clear equal the image's"
mount -t iso9660 -o ro $device /mnt
watch "mounted: the host's eject is refused, the guest is told of it" DISK_EJECT_REQUEST 4 eject-refused
umount /mnt

watch "eject: event polling tells it, the tray is open" DISK_MEDIA_CHANGE 2 eject
check "nothing to read then" cannot_read 16
watch "another disc: event polling tells it" DISK_MEDIA_CHANGE 4 insert data.iso
holds "data disc, ISO 9660" iso9660 same_files "md5 of all files"
holds "data disc, UDF" udf same_files "md5 of all files"

check "the guest locks the door: no way to open the tray" locked_door
check "the guest unlocks it" tray $device unlock
check "the guest opens the tray" tray $device open
watch "tray open" - 2
check "the guest closes it" tray $device close
watch "the disc is there again" - 4
holds "data disc, after that" iso9660 same_files "md5 of all files"

watch "the CSS disc goes out and in: no disc" DISK_MEDIA_CHANGE 2 eject
watch "and a disc again" DISK_MEDIA_CHANGE 4 insert css.disc
check "the authentication is forgotten with the disc: clear sectors only" is_locked
check "the kernel had nothing to complain about" kernel_is_content
dmesg | sed -n 's/^.*\(sr [0-9:]* .*\)/# \1/p' | grep scsi3-mmc
exit $failed
