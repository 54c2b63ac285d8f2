#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The initiator matrix: who was seen to get on with the drive, and in what.

usage: matrix.py BUILD [ROW...]

Runs each row of the table below that this machine has the programs for, and writes
BUILD/matrix.md and BUILD/matrix.xml (JUnit). What a row prints is in BUILD/matrix-logs. A cell is
passed, failed, or skipped with its reason. Ends with 1 if a cell failed, 2 for bad usage.
"""
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as xml
from dataclasses import dataclass, field

# What an initiator can show of the drive; tests/support/replay_script.c has the same names.
COLUMNS = (
    "identify", "features", "mode pages", "contents", "polling", "media change", "tray",
    "structures", "authentication", "disc key", "title keys", "scrambled read", "plain read",
    "regions", "refusals",
)
SKIPPED_CODE = 77
TIME_OF_DAY = re.compile(r" @[\d:.]+Z$")  # of wintest's lines: no part of a reason
NOT_SHOWN = "not what this initiator shows"
SERVE_SECONDS = 20

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"
# how the suites begin a line
VERDICTS = (
    (FAILED, re.compile(r"not ok\b|FAILED\b|FAIL\b")),
    (SKIPPED, re.compile(r"(# )?skip(ped)?\b", re.IGNORECASE)),
    (PASSED, re.compile(r"ok\b|PASS\b")),
)


@dataclass
class Row:
    """One initiator. `shows`: column -> regex of the lines that speak of it."""
    name: str
    title: str
    command: str  # for sh; {build}, {url} and {disc} are filled in
    shows: dict
    about: str = ""  # regex of the lines that are this row's at all
    programs: tuple = ()  # (program, Debian package)
    serves: str = ""      # disc of a `dvdemu serve` that runs meanwhile: gives {url}
    seconds: int = 120

    def columns(self):
        return set(self.shows)


def replayed(*columns):
    """A replay says its column in brackets."""
    return {column: rf"\[{column}\]" for column in columns}


GUEST = "tests/guest/guest_test.sh {build} "
QEMU = ("qemu-system-x86_64", "qemu-system-x86")


def guest(name, title, way):
    """One of the two ways of the Linux guest."""
    return Row(name, title, GUEST + way, {
        "identify": r"DVD drive", "contents": r"table of contents",
        "polling": r"event polling", "media change": r"another disc|a disc again|disc is put in",
        "tray": r"tray|door|eject", "structures": r"DVD_READ_STRUCT",
        "authentication": r"AGID|KEY2|handshake", "disc key": r"handshake, disc key",
        "title keys": r"title key for", "scrambled read": r"descrambled",
        "plain read": r"md5|: mounts$|equal the image", "regions": r"region",
        "refusals": r"refused|nothing to read|no scrambled|clear sectors only",
    }, programs=(QEMU,), seconds=300)


def guest_programs(name, title, part, lines, shows, programs=(), seconds=300):
    """Debian's programs in the guest: of what a part says, the lines that begin with `lines`."""
    return Row(name, title, GUEST + part, shows, about=rf"{part}: ({lines}|the guest ends)",
               programs=(QEMU, *programs), seconds=seconds)


def wintest(names):
    """Lines of the program for Windows: PASS, FAIL or SKIP and the step's name."""
    return rf"^[A-Z]+ ({names})(\s|$)"


REPLAY = "{build}/tests/replay {build} "

ROWS = (
    Row("cdrom.sys", "Windows cdrom.sys, by replay",
        REPLAY + "tests/replay/cdrom_sys_*.txt", replayed(*COLUMNS)),
    Row("linux-sr", "Linux sr, by replay", REPLAY + "tests/replay/linux_sr.txt", replayed(*COLUMNS)),
    Row("freebsd-cd", "FreeBSD cd, by replay", REPLAY + "tests/replay/freebsd_cd.txt",
        replayed(*(c for c in COLUMNS if c not in ("features", "mode pages", "polling")))),
    Row("netbsd-cd", "NetBSD cd, by replay", REPLAY + "tests/replay/netbsd_cd.txt",
        replayed(*(c for c in COLUMNS if c not in ("features", "mode pages", "polling")))),
    Row("libiscsi", "libiscsi, the conformance suite",
        "for s in $({build}/tests/conformance_tests -l | cut -d' ' -f1 | uniq); do "
        "if said=$({build}/tests/conformance_tests -s $s 2>&1); then echo \"ok $s\"; "
        "else echo \"not ok $s\"; echo \"$said\" | sed 's/^/# /'; fi; done",
        {"identify": r"windows_sequence|linux_sequence", "features": r"windows_sequence",
         "mode pages": r"linux_sequence", "contents": r"linux_sequence|end_to_end",
         "polling": r"linux_sequence|media_change", "media change": r"media_change|nexus",
         "tray": r"media_change", "structures": r"linux_sequence|windows_sequence",
         "authentication": r"handshake|key2_bits|out_of_order", "disc key": r"handshake|end_to_end",
         "title keys": r"handshake|regions", "scrambled read": r"end_to_end|handshake",
         "plain read": r"end_to_end|raw_wire", "regions": r"regions",
         "refusals": r"robustness|out_of_order|raw_wire"},
        programs=(("tgtd", "tgt"),)),
    Row("iscsi-test-cu", "libiscsi, its own suite (iscsi-test-cu)", "tests/iscsi_cu.sh {build}",
        {"identify": r"Inquiry", "mode pages": r"ModeSense6", "contents": r"ReadCapacity10",
         "tray": r"ok +StartStopUnit", "plain read": r"Read1|Verify10",
         "polling": r"TestUnitReady", "refusals": r"iSCSI"},
        programs=(("iscsi-test-cu", "libiscsi-bin"),)),
    Row("probe", "dvdemu probe", "{build}/dvdemu probe {url} --disc {disc}",
        {"identify": r"inquiry", "features": r"configuration", "contents": r"capacity",
         "polling": r"unit ready", "structures": r"copyright structure",
         "authentication": r"AGID|KEY|drive challenge|ASF|sessions", "disc key": r"disc key",
         "title keys": r"title keys", "scrambled read": r"scrambled sectors",
         "regions": r"region state", "refusals": r"gated read"},
        serves="demo/demo.disc"),
    guest("linux-qemu", "Linux guest, the drive through QEMU's iSCSI driver", "qemu"),
    guest("linux-initiator", "Linux guest, its own initiator", "initiator"),
    guest_programs("sg3-utils", "sg3-utils in the Linux guest", "tools", r"sg_\w+:", {
        "identify": r"sg_inq", "features": r"sg_get_config", "mode pages": r"sg_modes",
        "regions": r"sg_raw",
    }, (("sg_inq", "sg3-utils"),)),
    guest_programs("regionset", "regionset in the Linux guest", "tools", "regionset:",
                   {"regions": "regionset"}, (("regionset", "regionset"),)),
    guest_programs("libdvdread", "libdvdread in the Linux guest: lsdvd, dvdbackup", "tools",
                   r"(lsdvd|dvdbackup):", {"contents": "lsdvd", "plain read": "dvdbackup"},
                   (("lsdvd", "lsdvd"), ("dvdbackup", "dvdbackup"))),
    guest_programs(
        "disc-tools", "other disc tools in the Linux guest: lsscsi, udev, blkid, cdrtools, libcdio, "
        "dvd+rw-tools, setcd, eject", "tools",
        r"(lsscsi|cdrom_id|blkid|isoinfo|cd-drive|cd-info|dvd\+rw-mediainfo|wodim|readom|setcd|"
        r"eject):", {
            "identify": "lsscsi|cdrom_id", "features": "cd-drive|mediainfo",
            "mode pages": "wodim: page", "contents": "wodim: table|cd-info|setcd", "tray": "eject",
            "plain read": "blkid|isoinfo|readom",
        }),
    guest_programs("mplayer", "mplayer in the Linux guest: dvd://, dvdnav://", "players",
                   "mplayer:", {"contents": "plays", "plain read": "stream"},
                   (("mplayer", "mplayer"),)),
    guest_programs("libdvdcss", "a user's libdvdcss in the Linux guest: lsdvd, dvdbackup, mplayer",
                   "dvdcss", r"\w+:", {
                       "contents": "lsdvd", "authentication": "handshake",
                       "disc key": "disc key", "title keys": "title key",
                       "scrambled read": "with libdvdcss (every|it plays|the stream)",
                       "regions": "regionset", "refusals": "without libdvdcss",
                   }, seconds=600),
    Row("wine", "Wine in a Linux guest, IOCTL_DVD_*", "tests/windows/wine_test.sh {build}", {
        "identify": wintest("device-type|pass-inquiry"), "features": wintest(r"features-\S+"),
        "contents": wintest(r"media|geometry|toc\S*|find-title"),
        "structures": wintest(r"(pass-)?copyright|physical\S*|manufacturer|bca"),
        "authentication": wintest(r"start-session|send-challenge|read-key1|read-challenge|"
                                  r"send-key2|end-(all|session)|asf\S*|invalidate|session-free\S*|"
                                  r"repeat|threads-\S+|wine-cdbs"),
        "disc key": wintest("(pass-|threads-)?disc-key(-again|-structure)?"),
        "title keys": wintest("(pass-)?title-key"),
        "scrambled read": wintest("find-scrambled|scrambled-after|clear-sector"),
        "regions": wintest("get-region|set-region|(pass-)?rpc-state|title-key-other-region"),
        "refusals": wintest(r"wrong-key2|fifth-session|scrambled|no-\S+|\S+-too-\S+|past-end|"
                            r"title-key-past-end|keylength-differs|send-(set-rpc|key1|title-key|"
                            r"disc-key|key2-no-write)|key2-without-format|dvd-read-ahead|"
                            r"both-calls-agree|pass-(no-\S+|\S+-no-\S+|past-end)"),
    }, programs=(QEMU,), seconds=600),
)


@dataclass
class Cell:
    state: str
    reason: str = ""  # of a failure or a skip
    passed: int = 0
    failed: int = 0


@dataclass
class Result:
    row: Row
    cells: dict = field(default_factory=dict)
    seconds: float = 0.0


# ---- running ----

class Drive:
    """`dvdemu serve` while a row runs."""

    def __init__(self, build, disc):
        self.folder = tempfile.mkdtemp(prefix="dvdemu-matrix.")
        ready = pathlib.Path(self.folder, "ready")
        self.process = subprocess.Popen(
            [build / "dvdemu", "serve", "--state", "none", "--ready-file", ready, disc],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + SERVE_SECONDS
        self.url = ""
        while not self.url and self.process.poll() is None and time.monotonic() < end:
            self.url = ready.read_text().partition("\n")[0] if ready.exists() else ""
            time.sleep(0 if self.url else 0.02)

    def stop(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def missing(row):
    """Why the row cannot run here; empty: it can."""
    for program, package in row.programs:
        if not shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin"):
            return f"no {program} (Debian package {package})"
    return ""


def run_command(command, seconds, log):
    """Exit code, None when it took too long; what it said is in `log`."""
    with open(log, "w", encoding="utf-8") as out:
        process = subprocess.Popen(["sh", "-c", command], stdin=subprocess.DEVNULL, stdout=out,
                                   stderr=subprocess.STDOUT, start_new_session=True)
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return None


class Runner:
    """Runs rows; a command that several rows share runs once."""

    def __init__(self, build):
        self.build = build
        self.logs = build / "matrix-logs"
        self.logs.mkdir(exist_ok=True)
        self.done = {}

    def output(self, row):
        """Exit code, lines, seconds."""
        if row.command not in self.done:
            self.done[row.command] = self.run_once(row)
            return self.done[row.command]
        code, lines, _ = self.done[row.command]
        return code, lines, 0.0

    def run_once(self, row):
        begin = time.monotonic()
        log = self.logs / f"{row.name}.log"
        disc = self.build / row.serves
        drive = Drive(self.build, disc) if row.serves else None
        command = row.command.format(build=shlex.quote(str(self.build)), disc=shlex.quote(str(disc)),
                                     url=shlex.quote(drive.url if drive else ""))
        try:
            code = run_command(command, row.seconds, log)
        finally:
            if drive:
                drive.stop()
        return code, log.read_text(errors="replace").splitlines(), time.monotonic() - begin


# ---- judging ----

def verdict(line):
    return next((state for state, begins in VERDICTS if begins.match(line)), None)


def judge_cell(lines):
    """The cell that these (verdict, line) pairs make."""
    passed = sum(state == PASSED for state, _ in lines)
    wrong = [line for state, line in lines if state == FAILED]
    skips = [line for state, line in lines if state == SKIPPED]
    if wrong:
        return Cell(FAILED, wrong[0], passed, len(wrong))
    if passed:
        return Cell(PASSED, "", passed)
    return Cell(SKIPPED, skips[0] if skips else "no test of this row spoke of it")


def how_it_ended(code):
    """Empty: well."""
    if code is None:
        return "took too long"
    return f"ended with {code}" if code else ""


def judge_column(row, column, code, said, lines):
    if column not in row.columns():
        return Cell(SKIPPED, NOT_SHOWN)
    if code == SKIPPED_CODE:
        return Cell(SKIPPED, lines[-1] if lines else "it does not say why")
    pattern = re.compile(row.shows[column])
    ours = [(state, line) for state, line in said if pattern.search(line)]
    if not ours and all(state == SKIPPED for state, _ in said):
        ours = said  # the row as a whole was left out
    return judge_cell(ours)


def hidden_failure(row, code, told, said):
    """Why the row failed though no cell shows it: told by a line of no column, or by no line."""
    wrong = [line for state, line in said if state == FAILED]
    if wrong:
        return wrong[0]
    if not said:
        return how_it_ended(code) or "it said nothing"
    if code is None or not any(state == FAILED for state, _ in told):
        return how_it_ended(code)
    return ""


def judge_row(row, code, lines):
    told = [(state, TIME_OF_DAY.sub("", line)) for line in lines if (state := verdict(line))]
    said = [(state, line) for state, line in told if re.search(row.about, line)]
    cells = {column: judge_column(row, column, code, said, lines) for column in COLUMNS}
    if code != SKIPPED_CODE and not any(cell.state == FAILED for cell in cells.values()):
        reason = hidden_failure(row, code, told, said)
        if reason:
            cells.update((column, Cell(FAILED, reason, 0, 1)) for column in row.columns())
    return cells


def run_row(runner, row):
    reason = missing(row)
    if reason:
        return Result(row, {c: Cell(SKIPPED, reason if c in row.columns() else NOT_SHOWN)
                            for c in COLUMNS})
    code, lines, seconds = runner.output(row)
    return Result(row, judge_row(row, code, lines), seconds)


# ---- reports ----

def cell_text(cell, notes):
    if cell.state == PASSED:
        return f"passed ({cell.passed})"
    if cell.reason not in notes:
        notes.append(cell.reason)
    note = f"[{notes.index(cell.reason) + 1}]"
    return f"**FAILED** {note}" if cell.state == FAILED else f"skipped {note}"


def write_markdown(path, results):
    notes = []
    lines = ["# Initiator matrix", "", "In parentheses: how many tests say so.", "",
             "| | " + " | ".join(COLUMNS) + " |", "|---" * (len(COLUMNS) + 1) + "|"]
    for result in results:
        cells = (cell_text(cell, notes) for cell in result.cells.values())
        lines.append(f"| {result.row.title} | " + " | ".join(cells) + " |")
    lines += ["", *(f"{n}. {' '.join(note.split())}" for n, note in enumerate(notes, 1)), ""]
    path.write_text("\n".join(lines), encoding="utf-8")


def printable(text):
    """XML 1.0 has no control characters."""
    return re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd]", "?", text)


def write_junit(path, results):
    root = xml.Element("testsuites", name="initiator matrix")
    for result in results:
        states = [c.state for c in result.cells.values()]
        suite = xml.SubElement(root, "testsuite", name=result.row.name, tests=str(len(states)),
                               failures=str(states.count(FAILED)), errors="0",
                               skipped=str(states.count(SKIPPED)), time=f"{result.seconds:.3f}")
        for column, cell in result.cells.items():
            case = xml.SubElement(suite, "testcase", classname=f"matrix.{result.row.name}",
                                  name=column)
            if cell.state != PASSED:
                tag = "failure" if cell.state == FAILED else "skipped"
                xml.SubElement(case, tag, message=printable(cell.reason))
    xml.indent(root)
    xml.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def summary(result):
    states = [cell.state for cell in result.cells.values()]
    text = ", ".join(f"{states.count(s)} {s}" for s in (PASSED, FAILED, SKIPPED))
    told = FAILED if FAILED in states else SKIPPED if PASSED not in states else None
    reasons = {cell.reason for cell in result.cells.values() if cell.state == told}
    return text + "".join(f"; {reason}" for reason in sorted(reasons - {NOT_SHOWN}))


def main():
    if len(sys.argv) < 2 or not os.path.exists(os.path.join(sys.argv[1], "dvdemu")):
        print("usage: matrix.py BUILD [ROW...]; BUILD/dvdemu has to be there", file=sys.stderr)
        return 2
    build, wanted = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2:]
    unknown = set(wanted) - {row.name for row in ROWS}
    if unknown:
        print(f"matrix.py: no row {', '.join(sorted(unknown))}; there are: "
              + " ".join(row.name for row in ROWS), file=sys.stderr)
        return 2
    os.chdir(pathlib.Path(__file__).resolve().parent.parent)
    os.environ["DVDEMU"] = str(build / "dvdemu")
    runner, results = Runner(build), []
    for row in ROWS:
        if not wanted or row.name in wanted:
            results.append(run_row(runner, row))
            print(f"{row.name:14} {results[-1].seconds:6.1f} s  {summary(results[-1])}", flush=True)
    write_markdown(build / "matrix.md", results)
    write_junit(build / "matrix.xml", results)
    failed = any(c.state == FAILED for r in results for c in r.cells.values())
    print(f"{build}/matrix.md, {build}/matrix.xml")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
