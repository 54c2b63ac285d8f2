#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Fetches the source of the installed tgt into a folder: its headers, since the module has to be
# built against the very version that will load it, or with "whole" all of it, patched as Debian
# does. Uses package lists of its own and leaves the machine's as they are.
#   fetch_tgt.sh FOLDER [whole]
set -euo pipefail

out=$1 what=${2-headers}
version=$(dpkg-query -W -f='${source:Version}' tgt 2>/dev/null) ||
    { echo "fetch_tgt: the package tgt is not installed" >&2; exit 1; }
work=$out.part
rm -rf "$work"
mkdir -p "$work/lists/partial" "$work/parts" "$work/source"

# the machine's own sources, as source packages: deb822 files and one-line lists
for file in /etc/apt/sources.list.d/*.sources; do
    [ -e "$file" ] && sed 's/^Types:.*/Types: deb-src/' "$file" >"$work/parts/${file##*/}"
done
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    name=${file##*/}
    [ -e "$file" ] && sed -n 's/^deb /deb-src /p' "$file" >"$work/parts/one-line-${name%.list}.list"
done

# apt's own user may not enter this folder: it is asked to fetch as us
private=(-o "Dir::Etc::SourceParts=$(realpath "$work/parts")" -o Dir::Etc::SourceList=/dev/null
         -o "Dir::State::Lists=$(realpath "$work/lists")" -o APT::Sandbox::User=)
log=$(realpath "$work")/log
fetch() {
    apt-get -q "${private[@]}" update &&
        (cd "$work/source" &&
            apt-get -q "${private[@]}" source --download-only "tgt=$version")
}
if ! fetch >"$log" 2>&1; then
    cat "$log" >&2
    echo "fetch_tgt: no source of tgt $version; TGT_SRC=FOLDER names a tree of it" >&2
    exit 1
fi
if [ "$what" = whole ]; then
    dpkg-source --no-check -x "$work"/source/tgt_*.dsc "$work/tree" >/dev/null
    rm -rf "$out"
    mv "$work/tree" "$out"
    rm -rf "$work"
    exit 0
fi
tar -xf "$work"/source/tgt_*.orig.tar.* -C "$work/source" --strip-components=1
mkdir "$work/usr"
cp "$work"/source/usr/*.h "$work/usr/"
cp -r "$work/source/usr/iscsi" "$work/usr/" 2>/dev/null || true
find "$work/usr" -type f ! -name '*.h' -delete
rm -rf "$work/source" "$work/lists" "$work/parts" "$log" "$out"
mv "$work" "$out"
