#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs in the guest as /main: Debian's disc tools, those that the host has, on a plain DVD-Video.
# Each has to end well and to say what it should; guest_test.sh counts the lines.
# shellcheck source=tests/guest/program_checks.sh
. /program_checks.sh

same_image() {
    /tools/readom dev="$device" sectors=0-"$1" f=/tmp/copy && cmp /tmp/copy /plain.iso && echo same
}
blocks=$(($(stat -c %s /plain.iso) / 2048))

tool lsscsi "the drive by its names" 'cd/dvd +DVDEMU' /tools/lsscsi
tool sg_inq "INQUIRY" 'Peripheral device type: cd/dvd' /tools/sg_inq $device
tool sg_get_config "features and profile" 'DVD.ROM' /tools/sg_get_config $device
tool sg_modes "every mode page" 'MM capabilities' /tools/sg_modes -a $device
tool sg_raw "REPORT KEY, region state" '00 06 00 00 25 ff 01 00' \
    /tools/sg_raw -r 8 $device a4 00 00 00 00 00 00 00 00 08 08 00
tool cdrom_id "what udev learns" 'ID_CDROM_MEDIA_DVD=1' /tools/cdrom_id $device
tool blkid "type of the file system" 'TYPE=(udf|iso9660)' /tools/blkid -p -o export $device
tool isoinfo "volume name" 'Volume id: DVDEMU_DEMO' /tools/isoinfo -d -i $device
tool cd-drive "capabilities" 'DVD-ROM' /tools/cd-drive
tool cd-info "disc mode" 'DVD-ROM' /tools/cd-info --no-cddb --no-device-info $device
tool dvd+rw-mediainfo "profile" 'Mounted Media: +10h, DVD-ROM' /tools/dvd+rw-mediainfo $device
tool wodim "page 2Ah" 'Does read DVD-ROM media' /tools/wodim dev=$device -prcap
tool wodim "table of contents" "lout.* $blocks " /tools/wodim dev=$device -toc
tool readom "copies the image" '^same' same_image "$blocks"
tool setcd "disc status" 'disc' /tools/setcd -i $device
tool lsdvd "titles" '^Title: 01' /tools/lsdvd -x $device
tool dvdbackup "copies every file" '^same' same_files
tool regionset "sets region 2 and reads it back" 'bitmask=0xFD' regions
tool eject "the tray opens" 'CD-ROM eject' /tools/eject -v $device
tool eject "and closes" 'losing tray' /tools/eject -v -t $device
end_checks
