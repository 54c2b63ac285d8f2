#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Sees to it that the Debian packages this project needs are there. Root: installs what is
# missing. Anyone else: says exactly what to install, and fails. Nothing missing: no network.
#   packages.sh          what building, running and testing need
#   packages.sh GROUP    what else is needed for that, a group_ below
# shellcheck disable=SC2034 # a group is used by its name
set -eu

base="gcc libc6-dev pkg-config dpkg-dev tgt libinih-dev libjson-c-dev libudfread-dev libiscsi-dev
      libiscsi-bin libcunit1-dev libmd-dev dvdauthor genisoimage lsdvd libdvdread-dev python3 strace"
group_guest="qemu-system-x86 qemu-block-extra lsscsi sg3-utils udev libcdio-utils dvd+rw-tools wodim regionset
       dvdbackup eject setcd"
group_players="mplayer"
group_windows="gcc-mingw-w64-x86-64-win32 gcc-mingw-w64-i686-win32"
group_wine="wine64 strace gcc-mingw-w64-x86-64-win32"
group_prove="frama-c-base why3 z3"
group_arm64="gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user"
group_powerpc="gcc-powerpc-linux-gnu libc6-dev-powerpc-cross qemu-user"
group_bochs="bochs bochsbios vgabios isolinux syslinux-common"
group_coverage="gcovr"
group_fuzz="clang libclang-rt-14-dev afl++"
group_valgrind="valgrind"
group_bench="gnuplot-nox valgrind"
group_lint="shellcheck clang clang-tidy clang-format cppcheck"

wanted=$base
if [ $# -gt 0 ]; then
    groups=$(sed -n 's/^group_\([a-z0-9]*\)=.*/\1/p' "$0" | tr '\n' ' ')
    case " $groups" in
    *" $1 "*) eval "wanted=\$group_$1" ;;
    *) echo "usage: packages.sh [GROUP], of $groups" >&2; exit 2 ;;
    esac
fi

missing=
for package in $wanted; do
    state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
    echo "missing packages; as root: apt-get install$missing" >&2
    exit 1
fi
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086 # a list of names
apt-get install -y -qq --no-install-recommends $missing >/dev/null
