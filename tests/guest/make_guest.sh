#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A small Linux guest out of Debian's packages, which are downloaded and unpacked, never installed:
#   make_guest.sh FOLDER
# leaves there vmlinuz, base.cpio (busybox, iscsistart, the modules a DVD drive needs, init.sh) and
# busybox, which packs and unpacks on the host too. Nothing is done when all is there already.
# KERNEL_PACKAGE: linux-image-cloud-amd64 unless told; linux-image-amd64 has the drivers of all SCSI
# controllers, EXTRA_MODULES names those to take along. Exit 77: no package to be had.
set -euo pipefail
export LC_ALL=C PATH=$PATH:/usr/sbin:/sbin
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "${1:?usage: make_guest.sh FOLDER}"
folder=$(cd "$1" && pwd)
meta=${KERNEL_PACKAGE:-linux-image-cloud-amd64}

userland=(busybox-static open-iscsi libopeniscsiusr libkmod2 libssl3)
modules=(virtio_pci virtio_console virtio_scsi virtio_net iscsi_tcp cdrom sr_mod sg isofs udf
         nls_utf8 nls_iso8859-1 loop)
read -r -a extra <<<"${EXTRA_MODULES:-}"
modules+=("${extra[@]}")
recipe="$meta ${extra[*]}"

up_to_date() {
    [ -s "$folder/base.cpio" ] && [ "$folder/base.cpio" -nt "$here/make_guest.sh" ] &&
        [ "$folder/base.cpio" -nt "$here/init.sh" ] && [ "$(cat "$folder/recipe")" = "$recipe" ]
}
if up_to_date; then
    exit 0
fi
skip() {
    echo "skipped: $1"
    exit 77
}
for tool in apt-get apt-cache dpkg-deb; do
    command -v $tool >/dev/null || skip "no $tool: the guest is made of Debian packages"
done

work=$(mktemp -d "$folder/make.XXXXXX")
trap 'rm -rf "$work"' EXIT
packages=$folder/packages
mkdir -p "$packages"

# unpack PACKAGE: download it unless it is here
unpack() {
    if ! compgen -G "$packages/$1_*.deb" >/dev/null; then
        (cd "$packages" && timeout 120 apt-get -qq -o APT::Sandbox::User=root -o Acquire::Retries=1 \
            -o Acquire::http::Timeout=20 download "$1") >&2 ||
            skip "apt-get download $1 failed"
    fi
    dpkg-deb -x "$packages/$1"_*.deb "$work/unpacked"
}
kernel=$(apt-cache depends "$meta" 2>/dev/null | awk '/Depends: linux-image-[0-9]/ { print $2; exit }') || true
[ -n "$kernel" ] || skip "apt-cache knows no $meta (apt-get update)"
for package in "$kernel" "${userland[@]}"; do
    unpack "$package"
done
version=${kernel#linux-image-}
unpacked=$work/unpacked
install -m755 "$unpacked/bin/busybox" "$folder/busybox"
install -m644 "$unpacked/boot/vmlinuz-$version" "$folder/vmlinuz"
"$folder/busybox" depmod -b "$unpacked" "$version"

root=$work/root
mkdir -p "$root"/{bin,dev,etc,mnt,proc,run,sys,tmp,lib/modules}
install -m755 "$folder/busybox" "$root/bin/busybox"
ln -s busybox "$root/bin/sh"
install -m755 "$here/init.sh" "$root/init"

# The modules and those that they need, in the order to load them in; files under one folder.
for module in "${modules[@]}"; do
    awk -F: -v name="/${module//[-_]/[-_]}[.]ko$" '$1 ~ name {
        for (i = split($2, needed, " "); i > 0; i--) print needed[i]
        print $1
    }' "$unpacked/lib/modules/$version/modules.dep"
done | awk '!seen[$0]++' >"$work/order"
while read -r path; do
    install -m644 "$unpacked/lib/modules/$version/$path" "$root/lib/modules/"
    basename "$path"
done <"$work/order" >"$root/lib/modules/order"

# The guest's own initiator, with the libraries that it is linked with.
install -Dm755 "$unpacked/sbin/iscsistart" "$root/sbin/iscsistart"
libraries=$unpacked/lib/x86_64-linux-gnu:$unpacked/usr/lib/x86_64-linux-gnu
LD_LIBRARY_PATH=$libraries ldd "$root/sbin/iscsistart" >"$work/ldd"
if grep 'not found' "$work/ldd" >&2; then
    exit 1
fi
grep -o '/[^ ]*' "$work/ldd" | while read -r library; do
    case $library in
    */ld-linux-*) install -Dm755 "$library" "$root/lib64/$(basename "$library")" ;;
    *) install -Dm755 "$library" "$root/lib/x86_64-linux-gnu/$(basename "$library")" ;;
    esac
done

(cd "$root" && find . | "$folder/busybox" cpio -o -H newc -R 0:0) >"$work/base.cpio" 2>/dev/null
echo "$recipe" >"$folder/recipe"
mv "$work/base.cpio" "$folder/base.cpio"
