#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs in the guest as /main: what reads through libdvdread, on a scrambled disc of region 2, first
# without libdvdcss, which guest_test.sh puts to /libdvdcss.so.2, and then with it.
# shellcheck source=tests/guest/program_checks.sh
. /program_checks.sh
export DVDCSS_VERBOSE=2 DVDCSS_METHOD=disc # finds the disc key by its check entry, asks for title keys

no_title() {
    same_files || echo "not the same"
}
tool regionset "sets region 2 and reads it back" 'bitmask=0xFD' regions
tool dvdbackup "without libdvdcss a scrambled title is not to be had" '^not the same' no_title

mkdir -p /usr/lib/x86_64-linux-gnu
mv /libdvdcss.so.2 /usr/lib/x86_64-linux-gnu/
tool lsdvd "with libdvdcss: titles" '^Title: 02' /tools/lsdvd -x "$device"
tool dvdbackup "with libdvdcss every file is the plain image's" '^same' same_files
tool mplayer "with libdvdcss it plays title 1 to its end" '^all frames' plays dvd://1
tool mplayer "with libdvdcss the stream of title 1 is the plain image's" '^same' \
    dumps dvd://1 /titles/1.no-navigation
tool mplayer "with libdvdcss the stream of title 2 is the plain image's" '^same' \
    dumps dvd://2 /titles/2.no-navigation
end_checks
