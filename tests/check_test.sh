#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# `dvdemu check` on our drive with every kind of disc, on a stock tgtd, whose results are written
# down, and on what is no drive; its output as TAP and JUnit, its options and exit codes.
#   check_test.sh BUILD [record]     record: write tests/check/stock-tgt.txt anew
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2
build=$(realpath "$1") mode=${2-}
PATH=$PATH:/usr/sbin:/sbin
expected=$PWD/tests/check/stock-tgt.txt
demo=$build/demo/demo.disc
work=$(mktemp -d "${TMPDIR:-/tmp}/dvdemu-check.XXXXXX")
stock=''
export LC_ALL=C
trap '[ -z "$serve" ] || kill "$serve"; [ -z "$stock" ] || kill -9 "$stock"; wait 2>/dev/null; rm -rf "$work"' EXIT
# shellcheck source=tests/support/daemons.sh
. tests/support/daemons.sh
# shellcheck source=tests/support/tap.sh
. tests/support/tap.sh

# ---- drives ----

# a tgtd that knows nothing of us, with a `cd` unit; what is small it takes for a CD
adm() {
    tgtadm -C 0 --lld iscsi "$@" 2>>"$work/stock.log"
}
serve_stock() {
    local port
    port=$(free_port)
    export TGT_IPC_SOCKET=$work/ipc
    cp "$build/demo/demo.iso" "$work/plain.iso"
    truncate -s 1G "$work/plain.iso"
    tgtd -f -C 0 --iscsi "portal=127.0.0.1:$port" >"$work/stock.log" 2>&1 &
    stock=$!
    for _ in $(seq 100); do
        adm --op show --mode sys >/dev/null && break
        kill -0 "$stock" 2>/dev/null || return 1
        sleep 0.05
    done
    adm --op new --mode target --tid 1 -T iqn.2026-11.example.dvdemu:stock
    adm --op new --mode logicalunit --tid 1 --lun 1 -b "$work/plain.iso" --device-type cd
    adm --op bind --mode target --tid 1 -I ALL
    url=iscsi://127.0.0.1:$port/iqn.2026-11.example.dvdemu:stock/1
}
stop_stock() {
    kill -9 "$stock" # tgtd ignores SIGTERM
    wait "$stock" 2>/dev/null
    stock=''
}

# ---- judging ----

why() {
    grep -vE '^ok ' "$work/out" | head -n 40
}
also() { # also WHAT COMMAND...: holds, and of the last check too is told why
    local what=$1
    shift
    "$@" >>"$work/out" 2>&1
    report $? "$what"
}
check() { # check ARGUMENT...: output in $work/tap and $work/err
    "$build/dvdemu" check --timeout 5 "$@" >"$work/tap" 2>"$work/err"
    code=$?
    cat "$work/err" "$work/tap" >"$work/out"
    return $code
}
expect() { # expect CODE REGEX WHAT ARGUMENT...
    local wanted=$1 regex=$2 what=$3
    shift 3
    check "$@"
    [ "$code" -eq "$wanted" ] && grep -qE -- "$regex" "$work/out"
    report $? "$what (exit $code)"
}

is_tap() { # version, plan, as many results as it says, counted from 1, and a summary that adds up
    awk '
        NR == 1 { good = $0 == "TAP version 13" }
        NR == 2 { plan = substr($0, 4); good = good && /^1\.\.[0-9]+$/ }
        /^ok [0-9]+ - [^ ]+ \(.*\)( # SKIP .+)?$/ || /^not ok [0-9]+ - [^ ]+ \(.*\)$/ {
            n++
            number = $1 == "ok" ? $2 : $3
            good = good && number == n
            if ($1 == "not") bad++; else if (/ # SKIP /) skipped++; else passed++
            next
        }
        NR > 2 && !/^#/ { good = 0 }
        / tests in / { good = good && $2 == n && $7 == passed + 0 && $9 == bad + 0 && $12 == skipped + 0; sum = 1 }
        END { exit !(good && sum && n == plan) }' "$work/tap"
}
# names and verdicts of the last run
verdicts() {
    sed -nE 's/^(ok) [0-9]+ - ([^ ]+) .* # SKIP .*/skip   \2/p; t; s/^ok [0-9]+ - ([^ ]+) .*/ok     \1/p; t
             s/^not ok [0-9]+ - ([^ ]+) .*/not ok \1/p' "$work/tap"
}
# no other reasons for skips than these lines
skips_for() {
    sort -u >"$work/reasons"
    sed -nE 's/.* # SKIP (.*)/\1/p' "$work/tap" | sort -u | comm -23 - "$work/reasons" >"$work/strange"
    sed 's/^/not a reason: /' "$work/strange" >>"$work/out"
    [ ! -s "$work/strange" ]
}
passes() { # passes WHAT ARGUMENT... <REASONS: all ok, and nothing skipped for another reason
    local what=$1
    shift
    check "$@"
    [ "$code" -eq 0 ] && is_tap && skips_for
    report $? "$what: $(grep -oE '[0-9]+ ok, .*' "$work/tap")"
}

OTHER_DISCS="needs an empty drive
needs a CD
needs agid_exhausted to be a reuse
every number in a CDB is an AGID"
ONE_LAYER="needs a disc of two layers
needs a disc with BCA"

# ---- our drive ----

serve "$demo"
passes 'demo disc, described' "$url" --disc "$demo" --eject <<<"$OTHER_DISCS
$ONE_LAYER
needs a DVD without CSS
needs a CSS disc of another region than the drive's
--destructive not given"
passes 'demo disc, not described' "$url" <<<"$OTHER_DISCS
$ONE_LAYER
needs a DVD without CSS
needs a CSS disc of another region than the drive's
--disc not given
--eject not given
--destructive not given"
also 'no AGID is left behind' sh -c "'$build/dvdemu' probe '$url' | grep -q 'AGID 0'"
also 'nor is a region change spent' sh -c "'$build/dvdemu' probe '$url' | grep -q 'type NONE.* user changes 5'"

# options, while there is a drive
check "$url" --only 'region.*' --only 'key2.wrong-byte-?'
also '--only chooses' test "$(verdicts | awk '{ print $NF }' | grep -cE '^(region\.|key2\.wrong-byte-[0-4]$)')" -eq "$(grep -cE '^(not )?ok' "$work/tap")"
also 'and finds all' test "$(verdicts | wc -l)" -eq "$("$build/dvdemu" check --list | grep -cE '^(region\.|key2\.wrong-byte-)')"
"$build/dvdemu" check --list >"$work/list"
check "$url" --junit "$work/junit.xml"
also '--list names what runs' diff <(awk '{ print $1 }' "$work/list") <(verdicts | awk '{ print $NF }')
also '--list has clause and needs' test "$(grep -cvE '^[a-z0-9-]+\.[a-z0-9-]+(\.[a-z0-9-]+)? +(mmc|css|windows)-spec [a-f0-9.]+ +[^ ]+$|^[a-z.0-9-]+ +(tgt-notes [0-9]+|quirks) +[^ ]+$' "$work/list")" -eq 0
junit() { # junit FILE: what the XML says is what TAP said
    python3 - "$1" "$work/tap" <<'PYTHON'
import re, sys, xml.etree.ElementTree as xml
suite = xml.parse(sys.argv[1]).getroot()
rows = re.findall(r"^(not ok|ok) \d+ - (\S+) .*?(?:# SKIP (.*))?$", open(sys.argv[2]).read(), re.M)
cases = suite.findall("testcase")
assert len(cases) == len(rows) == int(suite.get("tests")), "cases"
for case, (verdict, name, reason) in zip(cases, rows):
    kind = [child.tag for child in case]
    assert case.get("name") == name and case.get("classname") == name.split(".")[0], name
    assert kind == (["failure"] if verdict == "not ok" else ["skipped"] if reason else []), name
    assert not reason or case.find("skipped").get("message") == reason, name
    if verdict == "not ok":
        assert "expected" in case.find("failure").text, name
assert int(suite.get("failures")) == sum(v == "not ok" for v, _, _ in rows)
assert int(suite.get("skipped")) == sum(bool(r) for _, _, r in rows)
PYTHON
}
also 'JUnit says the same' junit "$work/junit.xml"
expect 2 'no test has such a name' 'a name that there is not' "$url" --only 'nothing.*'
expect 2 "no quirk 'colour'" 'a quirk that there is not' "$url" --quirk colour=red
expect 2 'agid_count' 'a value that there is not' "$url" --quirk agid_count=9
expect 2 'KEY=VALUE' 'a quirk without value' "$url" --quirk agid_count
expect 2 'no-such-file' 'a drive file that is not there' "$url" --drive "$work/no-such-file.conf"
printf '[one]\nagid_count = 1\n[two]\nagid_count = 2\n' >"$work/two.conf"
expect 2 'describes 2 drives' 'a drive file of two drives' "$url" --drive "$work/two.conf"
expect 2 'no-such-file' 'a disc that is not there' "$url" --disc "$work/no-such-file.disc"
expect 2 'no-such-folder' 'JUnit where no file can be' "$url" --junit "$work/no-such-folder/junit.xml"
"$build/dvdemu" mint "$build/demo/demo.iso" -o "$work/region2.disc" --seed 3 --regions 2,5 >/dev/null || exit 2
expect 2 'another disc than described' 'another disc than is in' "$url" --disc "$work/region2.disc"
expect 2 'wants one URL' 'no URL'
expect 2 'wants one URL' 'two URLs' "$url" "$url"
expect 2 'unknown option' 'unknown option' --wrong "$url"
expect 2 'the URL is not' 'no URL at all' 'not-a-url'
expect 2 'no CD or DVD drive' 'a unit that is no drive' "${url%/1}/0"
expect 2 'cannot log in' 'no such target' "${url/drive-1/drive-9}"
also 'and no TAP then' test ! -s "$work/tap"

# stopped in the middle: a TAP that says so, or, if that came too late, a whole one
mkfifo "$work/fifo"
"$build/dvdemu" check "$url" >"$work/fifo" 2>"$work/err" &
victim=$!
exec 3<"$work/fifo"
for _ in 1 2 3; do read -r -u 3 line && echo "$line"; done >"$work/tap"
kill -TERM "$victim"
cat <&3 >>"$work/tap"
exec 3<&-
wait "$victim"
code=$?
cp "$work/tap" "$work/out"
if grep -q '^Bail out! stopped after' "$work/tap"; then
    also 'stopped by a signal' test "$code" -eq 1
else
    also 'a signal that came too late' is_tap
fi
"$build/dvdemu" check "$url" 2>"$work/err" | head -n 3 >"$work/out"
also 'a reader that goes away' test "${PIPESTATUS[1]}" -eq 0
also 'leaves no AGID behind either' sh -c "'$build/dvdemu' probe '$url' | grep -q 'AGID 0'"

# what cannot be undone, once: then all region changes are spent
passes 'demo disc, regions spent' "$url" --disc "$demo" --destructive --only 'region.*' --only 'title-key.*' <<<"$OTHER_DISCS
needs a CSS disc of another region than the drive's
needs a disc that some regions play and others do not"
also 'to the last' sh -c "'$build/dvdemu' probe '$url' | grep -q 'type PERM.* user changes 0'"
check "$url" --destructive --only region.walk
also 'and there is no other' grep -q 'SKIP no user change is left' "$work/tap"
stop
expect 2 'cannot log in' 'nobody listens' "$url"

serve "$work/region2.disc"
passes 'a disc of another region' "$url" --disc "$work/region2.disc" --eject --destructive <<<"$OTHER_DISCS
$ONE_LAYER
needs a DVD without CSS
needs a CSS disc of the drive's region"
stop
serve "$build/demo/demo.iso"
passes 'a plain disc' "$url" --eject --destructive <<<"$OTHER_DISCS
$ONE_LAYER
needs a CSS disc
needs a disc that some regions play and others do not"
stop
serve --disc none
passes 'an empty drive' "$url" --eject --destructive <<<"needs a DVD
needs a CD"
stop

# every sample: what is described is what the drive shows
for sample in configs/discs/*.disc; do
    cp "$sample" "$work/sample.disc"
    case $sample in
    *two-layers*) head -c $((256 * 2048)) "$build/demo/demo.iso" >"$work/demo.iso" ;; # of 128 blocks each
    *) cp "$build/demo/demo.iso" "$work/demo.iso" ;;
    esac
    serve "$work/sample.disc"
    passes "$sample" "$url" --disc "$work/sample.disc" --eject <<<"$OTHER_DISCS
$ONE_LAYER
needs a DVD
needs a DVD without CSS
needs a CSS disc
needs a CSS disc of the drive's region
needs a CSS disc of another region than the drive's
needs a disc without BCA
no scrambled block was found
no scrambled block behind one in clear was found
no block without title key was found
the disc has no block that is restricted and in clear
the scrambled block is no MPEG pack
--destructive not given"
    stop
done

# quirks: a drive that has them is right when they are expected, and wrong when they are not
for sample in configs/drives/*.conf; do
    name=$(basename "$sample" .conf)
    sed "s|^disc = .*|disc = $demo|" "$sample" >"$work/drive.conf"
    serve --drive "$work/drive.conf"
    check "$url" --disc "$demo" --drive "$name" --eject
    [ "$code" -eq 0 ] && is_tap
    report $? "$sample: $(grep -oE '[0-9]+ ok, .*' "$work/tap")"
    stop
done
printf 'disc = %s\nagid_exhausted = 2C00\n' "$demo" >"$work/drive.conf"
serve --drive "$work/drive.conf"
check "$url"
also 'a quirk that is not expected is found' test "$code:$(verdicts | grep '^not ok')" = '1:not ok agid.exhausted'
also 'and said' grep -qE 'expected 05/55/00 .* seen 05/2C/00' "$work/tap"
expect 0 '0 not ok' 'a quirk that is expected' "$url" --quirk agid_exhausted=2C00
expect 0 '0 not ok' 'the same from a drive file' "$url" --drive "$work/drive.conf"
expect 1 'expected 05/6F/01 .* seen 05/2C/00' 'another one' "$url" --quirk agid_exhausted=6F01_invalidate
stop

# ---- a drive that is not ours ----

if serve_stock; then
    check "$url" --junit "$work/stock.xml"
    version=$(dpkg-query -W -f='${Version}' tgt 2>/dev/null || tgtd -V)
    if [ "$mode" = record ]; then
        {
            echo "# What \`dvdemu check\` finds on a stock tgtd, device type cd, a DVD of 1 GiB. Written by"
            echo "# tests/check_test.sh BUILD record, with tgt $version."
            verdicts
        } >"$expected"
    fi
    also "stock tgtd $version: exit 1 ($(grep -oE '[0-9]+ ok, .*' "$work/tap"))" test "$code" -eq 1
    also 'its TAP' is_tap
    also 'its JUnit' junit "$work/stock.xml"
    also 'as written down' diff <(grep -v '^#' "$expected") <(verdicts)
    check "$url"
    also 'and again: it is left as it was' diff <(grep -v '^#' "$expected") <(verdicts)
    stop_stock
else
    cp "$work/stock.log" "$work/out"
    report 1 'a stock tgtd to compare with'
fi

sum_up
