#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154 # the kernel makes variables of what it does not know
# First process of the guest. boot.sh gives $way, $iqn and $portal on the kernel's command line;
# /main is run when the drive is there, its output goes to the port "output".
busybox=/bin/busybox
$busybox mkdir -p /sbin /usr/bin /usr/sbin
$busybox --install -s
export PATH=/sbin:/usr/sbin:/bin:/usr/bin HOME=/tmp TERM=dumb
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs run /run

while read -r module; do
    insmod "/lib/modules/$module" || echo "init: $module does not load"
done </lib/modules/order

# until_true COMMAND...: for ten seconds at most
until_true() {
    left=200
    until "$@"; do
        left=$((left - 1))
        [ $left -gt 0 ] || return 1
        sleep 0.05
    done
}
find_output() {
    for port in /sys/class/virtio-ports/*; do
        if [ "$(cat "$port/name" 2>/dev/null)" = output ]; then
            output=/dev/${port##*/}
            return 0
        fi
    done
    return 1
}
end() {
    echo "guest: end $1"
    exec >/dev/null 2>&1 # the port is empty when it is closed
    poweroff -f
}

until_true find_output || poweroff -f
exec >"$output" 2>&1 </dev/null
echo 500 >/sys/module/block/parameters/events_dfl_poll_msecs # what udev does
if [ "$way" = initiator ]; then
    ip link set lo up
    ip addr add 10.0.2.15/24 dev eth0
    ip link set eth0 up
    iscsistart -i iqn.2026-11.example.dvdemu:guest -t "$iqn" -g 1 -a "${portal%:*}" \
        -p "${portal#*:}" >/run/iscsistart.log 2>&1 || {
        cat /run/iscsistart.log
        end 1
    }
fi
until_true test -b /dev/sr0 || {
    echo "guest: no /dev/sr0"
    dmesg | tail -n 20
    end 1
}
/main "$way"
end $?
