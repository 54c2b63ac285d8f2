#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Sees to it that the Debian packages this project needs are there. Root: installs what is
# missing. Anyone else: says exactly what to install, and fails. Nothing missing: no network.
#   packages.sh          what building, running and testing need
#   packages.sh GROUP    what else is needed: lint, windows, guest, players, wine, prove, arm64, powerpc, bochs, coverage, fuzz
set -eu

base="gcc libc6-dev pkg-config dpkg-dev tgt libinih-dev libjson-c-dev libudfread-dev libiscsi-dev
      libiscsi-bin libcunit1-dev libmd-dev dvdauthor genisoimage lsdvd libdvdread-dev python3"
guest="qemu-system-x86 qemu-block-extra lsscsi sg3-utils udev libcdio-utils dvd+rw-tools wodim regionset
       dvdbackup eject setcd"
players="mplayer"
windows="gcc-mingw-w64-x86-64-win32 gcc-mingw-w64-i686-win32"
wine="wine64 strace gcc-mingw-w64-x86-64-win32"
prove="frama-c-base"
arm64="gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user"
powerpc="gcc-powerpc-linux-gnu libc6-dev-powerpc-cross qemu-user"
bochs="bochs bochsbios vgabios isolinux syslinux-common"
coverage="gcovr"
fuzz="clang libclang-rt-14-dev afl++"
lint="shellcheck clang clang-tidy clang-format cppcheck"

case ${1-} in
'') wanted=$base ;;
lint) wanted=$lint ;;
windows) wanted=$windows ;;
guest) wanted=$guest ;;
players) wanted=$players ;;
wine) wanted=$wine ;;
prove) wanted=$prove ;;
arm64) wanted=$arm64 ;;
powerpc) wanted=$powerpc ;;
bochs) wanted=$bochs ;;
coverage) wanted=$coverage ;;
fuzz) wanted=$fuzz ;;
*) echo "usage: packages.sh [GROUP], of lint windows guest players wine prove arm64 powerpc bochs coverage fuzz" >&2; exit 2 ;;
esac

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
