# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# For what runs Debian's programs in the guest: sourced there, with what guest_test.sh has laid beside
# it: /tools (the programs), /plain.iso and /titles (what the disc has to hold).
device=/dev/sr0
failed=0
export DVDCSS_CACHE=off
echo root:x:0:0::/tmp:/bin/sh >/etc/passwd

# says WHAT REGEX COMMAND...: ends with 0 and prints a line like that
says() {
    what=$1 regex=$2
    shift 2
    "$@" >/tmp/said 2>&1 </dev/null
    code=$?
    if [ $code = 0 ] && grep -qE -- "$regex" /tmp/said; then
        echo "ok - $what"
    else
        echo "not ok - $what: exit $code, /$regex/"
        tail -n 40 /tmp/said | sed 's/^/#   /'
        failed=1
    fi
}
# exits with 1 if something failed
end_checks() {
    exit $failed
}
# tool PROGRAM WHAT REGEX COMMAND...: the same, if the guest has the program
tool() {
    program=$1
    if [ -x "/tools/$program" ]; then
        what="$program: $2" regex=$3
        shift 3
        says "$what" "$regex" "$@"
    else
        echo "skipped - $program: not installed on the host"
    fi
}

# all files of the disc, as dvdbackup reads them; it gives no error for blocks that it cannot read
same_files() {
    mkdir -p /plain
    mount -t iso9660 -o ro,loop /plain.iso /plain
    rm -rf /tmp/backup
    /tools/dvdbackup -M -i "$device" -o /tmp/backup -n DEMO || return 1
    for file in /plain/video_ts/*; do
        name=$(basename "$file" | tr '[:lower:]' '[:upper:]')
        cmp "$file" "/tmp/backup/DEMO/VIDEO_TS/$name" || return 1
    done
    umount /plain
    echo same
}
# sets region 2, then only looks: without an answer regionset changes nothing
regions() {
    printf 'y\n2\ny\n' | /tools/regionset "$device"
    /tools/regionset "$device" || true
}
mplayer() {
    /tools/mplayer -noconfig all -nolirc -dvd-device "$device" "$@" >/tmp/mplayer 2>&1 </dev/null
    code=$?
    tr '\r' '\n' </tmp/mplayer
    return $code
}
# plays URL: as fast as it goes; each title has 48 frames
plays() {
    mplayer -benchmark -nosound -vo null "$1" >/tmp/lines || return 1
    cat /tmp/lines
    frames=$(sed -n 's@^V: .* \([0-9]*\)/ *[0-9]* .*@\1@p' /tmp/lines | tail -n 1)
    [ "${frames:-0}" -ge 48 ] && echo "all frames"
}
# dumps URL FILE: the stream is that file
dumps() {
    rm -f /tmp/stream
    mplayer -dumpstream -dumpfile /tmp/stream "$1" && cmp /tmp/stream "$2" && echo same
}
