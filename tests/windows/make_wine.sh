#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The part of Debian's wine64 that one console program needs, as a folder to lay over a guest's root:
#   make_wine.sh FOLDER PROGRAM.exe
# leaves FOLDER/tree; in it `wine-run PROGRAM.exe [ARGUMENT...]` is the command, and drive D: is
# /dev/sr0. All of Wine would be 1.3 GB: the program runs once here, without a drive, under strace,
# and what it opened is taken along. Nothing is done when all is there already. Exit 77: not here.
set -euo pipefail
export LC_ALL=C
if [ $# -ne 2 ]; then
    sed -n 's/^# \{0,1\}//; 4p' "$0" >&2
    exit 2
fi
mkdir -p "$1"
folder=$(cd "$1" && pwd) program=$(realpath "$2")
wine=/usr/lib/wine/wine64
builtin=/usr/lib/x86_64-linux-gnu/wine/x86_64-windows # Wine's own DLLs

skip() {
    echo "skipped: $1"
    exit 77
}
[ -x $wine ] || skip "no wine64 (Debian package wine64)"
command -v strace >/dev/null || skip "no strace (Debian package strace)"

recipe="$(dpkg-query -W -f='${Version}' wine64)"
up_to_date() {
    [ -s "$folder/recipe" ] && [ "$(cat "$folder/recipe")" = "$recipe" ] &&
        [ "$folder/recipe" -nt "$0" ] && [ "$folder/recipe" -nt "$program" ]
}
if up_to_date; then
    exit 0
fi
strace -f -o /dev/null true 2>/dev/null || skip "strace may not trace here"

# nothing of the user's own Wine is touched, and no display
export HOME=$folder/home WINEPREFIX=$folder/prefix WINEARCH=win64 WINEDEBUG=-all
export WINESERVER=/usr/lib/wine/wineserver64
export WINEDLLOVERRIDES='mscoree=;mshtml=;winemenubuilder.exe=;explorer.exe='
unset DISPLAY WAYLAND_DISPLAY
rm -rf "${folder:?}"/{recipe,home,prefix,tree}
mkdir -p "$HOME"
stop_wine() {
    "$WINESERVER" -k 2>/dev/null || true
}
trap stop_wine EXIT
trap 'exit 1' HUP INT TERM
$wine wineboot -i >"$folder/wineboot.log" 2>&1
$wine reg add 'HKLM\Software\Wine\Drives' /v d: /d cdrom /f >>"$folder/wineboot.log" 2>&1
"$WINESERVER" -w

# A file serves as the drive: it opens, and knows no ioctl. The server has stopped, so its start and
# that of its helpers is seen too.
ln -s "$program" "$WINEPREFIX/dosdevices/d::"
strace --seccomp-bpf -f -qq -o "$folder/opened" -e trace=open,openat,execve \
    $wine "$program" --wine D: >"$folder/traced.log" 2>&1 || true
"$WINESERVER" -w
ln -sfn /dev/sr0 "$WINEPREFIX/dosdevices/d::"

tree=$folder/tree
take() {
    [ -e "$tree$1" ] || install -Dm755 "$1" "$tree$1"
}
# a DLL of the prefix is a copy of Wine's own
take_from_prefix() {
    local name=${1##*/} there=$tree/prefix/drive_c/$1
    mkdir -p "${there%/*}"
    if [ -e "$builtin/$name" ]; then
        take "$builtin/$name"
        ln -sfn "$builtin/$name" "$there"
    else
        cp "$WINEPREFIX/drive_c/$1" "$there"
    fi
}
grep -v ' = -1 ' "$folder/opened" | grep -o '"/[^"]*"' | tr -d '"' | sort -u >"$folder/files"
while read -r file; do
    [ -f "$file" ] || continue
    case $file in
    "$WINEPREFIX"/dosdevices/c:/*) take_from_prefix "${file#"$WINEPREFIX"/dosdevices/c:/}" ;;
    "$WINEPREFIX"/drive_c/*) take_from_prefix "${file#"$WINEPREFIX"/drive_c/}" ;;
    "$WINEPREFIX"/dosdevices/z:/usr/share/wine/*) take "/${file#"$WINEPREFIX"/dosdevices/z:/}" ;;
    /lib/* | /usr/lib/* | /usr/share/wine/*) take "$(realpath -s "$file")" ;;
    esac
done <"$folder/files"
[ -e "$tree$wine" ] || {
    echo "make_wine.sh: nothing was traced:" >&2
    tail -n 5 "$folder/traced.log" >&2
    exit 1
}
take /lib64/ld-linux-x86-64.so.2
cp -a "$WINEPREFIX"/{dosdevices,*.reg} "$tree/prefix/"
echo disable >"$tree/prefix/.update-timestamp" # or each start would bring the prefix up to date
mkdir -p "$tree"/prefix/drive_c/windows/temp "$tree"/{etc/fonts,usr/bin}
echo '<fontconfig><cachedir>/tmp</cachedir></fontconfig>' >"$tree/etc/fonts/fonts.conf" # no complaints
cat >"$tree/usr/bin/wine-run" <<'END'
#!/bin/sh
# wine-run PROGRAM.exe [ARGUMENT...]; wine-run --end stops what keeps running for the next program
export HOME=/root WINEPREFIX=/prefix WINEARCH=win64 WINEDEBUG=-all
export WINESERVER=/usr/lib/wine/wineserver64
export WINEDLLOVERRIDES='mscoree=;mshtml=;winemenubuilder.exe=;explorer.exe='
mkdir -p $HOME
if [ "$1" = --end ]; then
    exec $WINESERVER -k
fi
$WINESERVER -p # stays when the program has ended: its start takes longer than most programs
exec /usr/lib/wine/wine64 "$@"
END
chmod 755 "$tree/usr/bin/wine-run"
rm -rf "$WINEPREFIX" "$HOME"
echo "$recipe" >"$folder/recipe"
