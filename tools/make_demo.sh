#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Author the built-in demo disc: make_demo.sh OUTDIR TOOLDIR
# OUTDIR gets demo.iso and demo.disc; TOOLDIR is a build folder with dvdemu, tools/demo_mpeg and
# tools/fixed_time.so. The same bytes come out of every run.
set -eu

if [ $# -ne 2 ]; then
    echo "usage: make_demo.sh OUTDIR TOOLDIR" >&2
    exit 2
fi
for program in dvdauthor genisoimage; do
    command -v "$program" >/dev/null || {
        echo "make_demo.sh: $program is missing (Debian package $program)" >&2
        exit 1
    }
done
mkdir -p "$1"
out=$(cd "$1" && pwd)
build=$(cd "$2" && pwd)
work=$(mktemp -d "$out/demo.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work"

# What could differ between two runs: clock, time zone, language, the user's settings, file modes.
SOURCE_DATE_EPOCH=946684800 # 2000-01-01
TZ=UTC LC_ALL=C VIDEO_FORMAT=PAL HOME=$work
export SOURCE_DATE_EPOCH TZ LC_ALL VIDEO_FORMAT HOME
unset GENISOIMAGERC MKISOFSRC
umask 022

quietly() {
    "$@" >log 2>&1 || {
        cat log >&2
        echo "make_demo.sh: $1 failed" >&2
        exit 1
    }
}

# One title set with one title.
titleset() {
    echo "<titleset><titles><video format='pal' aspect='4:3'/>"
    echo "<pgc><vob file='$1.mpg'/></pgc></titles></titleset>"
}

# The menu only leads on. It has a VOB because genisoimage leaves a gap before VIDEO_TS.BUP without
# one, and fills it with whatever its stack holds.
authoring() {
    echo "<dvdauthor dest='dvd'>"
    echo "<vmgm><fpc>jump title 1;</fpc><menus><video format='pal' aspect='4:3'/>"
    echo "<pgc entry='title'><vob file='stripes.mpg'/><post>jump title 1;</post></pgc>"
    echo "</menus></vmgm>"
    titleset ramp
    titleset squares
    echo "</dvdauthor>"
}

for pattern in ramp squares stripes; do
    "$build/tools/demo_mpeg" $pattern >$pattern.mpg
done
authoring >demo.xml
quietly dvdauthor -x demo.xml
find dvd -exec touch -d "@$SOURCE_DATE_EPOCH" {} +

LD_PRELOAD=$build/tools/fixed_time.so
export LD_PRELOAD
quietly genisoimage -dvd-video -udf -V DVDEMU_DEMO -sysid LINUX -o demo.iso dvd
unset LD_PRELOAD

mv -f demo.iso "$out/demo.iso"
quietly "$build/dvdemu" mint "$out/demo.iso" -o "$out/demo.disc" --seed 1
