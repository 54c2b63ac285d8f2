#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Says per folder and per file which lines and branches ran, and fails below the limits.

    coverage_table.py LINES.json LEFT

LINES.json is what `gcovr --json` wrote. LEFT names what need not run (tests/coverage/left.txt says
how). Every line of css/ and scsi/ runs or is named there, and every function of emulator/.
"""
import json
import pathlib
import re
import sys

LIMITS = {"css": 100.0, "scsi": 100.0, "emulator": 95.0}
STRICT = ("css", "scsi")  # a single line that is not named is too much
CPU_FLAGS = pathlib.Path("/proc/cpuinfo")


class Run:
    """Lines that did not run, one after the other, of one function."""

    def __init__(self, path, function):
        self.path, self.function, self.lines, self.texts = path, function, [], []

    def __str__(self):
        return f"{self.path}:{self.lines[0]}: {self.function}: {self.texts[0]}"


class File:
    def __init__(self, entry):
        self.path = entry["file"]
        self.folder = self.path.split("/")[0]
        text = pathlib.Path(self.path).read_text().split("\n")
        self.texts = {" ".join(t.split()) for t in text}
        self.functions = sorted((f["lineno"], f["name"]) for f in entry["functions"])
        self.idle = {f["name"] for f in entry["functions"] if f["execution_count"] == 0}
        code = [n for n in entry["lines"] if not n["gcovr/noncode"] and not n["gcovr/excluded"]]
        self.total = len(code)
        self.ran = sum(n["count"] > 0 for n in code)
        branches = [b for n in code for b in n["branches"]]
        self.branches = len(branches)
        self.taken = sum(b["count"] > 0 for b in branches)
        self.runs = self.find_runs(code, text)

    def function_at(self, number):
        return next((n for at, n in reversed(self.functions) if at <= number), "-")

    def find_runs(self, code, text):
        runs, run = [], None
        for line in code:
            if line["count"]:
                run = None
                continue
            function = self.function_at(line["line_number"])
            if run is None or run.function != function:
                run = Run(self.path, function)
                runs.append(run)
            run.lines.append(line["line_number"])
            run.texts.append(" ".join(text[line["line_number"] - 1].split()))
        return runs


class Left:
    """What is named: (path, function, text) -> reason; no text: the whole function."""

    def __init__(self, path):
        self.reasons, self.needs_cpu, self.used = {}, {}, set()
        reason = None
        for number, line in enumerate(pathlib.Path(path).read_text().split("\n"), 1):
            if not line or line.startswith("#"):
                continue
            if not line.startswith(" "):
                reason = line
                continue
            entry = re.fullmatch(r" +(\S+) (?:cpu=(\S+)|(\w+|-)(?:: (.+))?)", line)
            if not entry or not reason:
                sys.exit(f"{path}:{number}: want a reason, then `  FILE FUNCTION[: LINE]` under it")
            file, cpu, function, text = entry.groups()
            if cpu:
                self.needs_cpu[file] = (cpu, reason)
            else:
                self.reasons[file, function, text and " ".join(text.split())] = reason

    def names(self, run):
        for text in [None, *run.texts]:
            if (run.path, run.function, text) in self.reasons:
                self.used.add((run.path, run.function, text))
                return True
        return False

    def unused(self):
        return [key for key in self.reasons if key not in self.used]


def cpu_has(flag):
    return re.search(rf"^(flags|Features)\s*:.*\b{flag}\b", CPU_FLAGS.read_text(), re.M)


def share(part, whole):
    return f"{100.0 * part / whole:6.1f} %" if whole else "     - %"


def row(name, files):
    total, ran, branches, taken = (
        sum(getattr(f, what) for f in files) for what in ("total", "ran", "branches", "taken")
    )
    return (
        f"{name:34} {ran:6} of {total:6} {share(ran, total)}"
        f"   {taken:6} of {branches:6} {share(taken, branches)}"
    )


def print_table(files):
    print(f"{'':34} {'lines':>16} {'':8}   {'branches':>16}")
    for folder in LIMITS:
        mine = [f for f in files if f.folder == folder]
        for f in mine:
            print(row(f.path, [f]))
        print(row(f"{folder}/", mine) + "\n")
    print(row("all", files))


def judge_folder(folder, files, left):
    """Complaints about one folder."""
    bad, named = [], 0
    mine = [f for f in files if f.folder == folder]
    for f in mine:
        for run in f.runs:
            if left.names(run):
                named += len(run.lines)
            elif folder in STRICT or run.function in f.idle:
                bad.append(f"did not run, and is not named: {run}")
            else:
                print(f"note: did not run, and is not named: {run}")
    total, ran = sum(f.total for f in mine), sum(f.ran for f in mine)
    if folder in STRICT:
        total -= named
    if total == 0 or 100.0 * ran / total < LIMITS[folder]:
        bad.append(f"{folder}/: {share(ran, total).strip()} of lines, want {LIMITS[folder]} %")
    return bad


def judge_named(files, left):
    """Complaints about names of what is not there; notes about what ran all the same."""
    bad = []
    known = {f.path: f for f in files}
    for path, function, text in left.unused():
        f = known.get(path)
        what = f"{path} {function}" + (f": {text}" if text else "")
        if not f or function not in {"-", *(n for _, n in f.functions)} or (text and text not in f.texts):
            bad.append(f"named, and not there: {what}")
        else:
            print(f"note: named, and ran: {what}")
    return bad


def main(lines_path, left_path):
    left = Left(left_path)
    files = [File(e) for e in json.loads(pathlib.Path(lines_path).read_text())["files"]]
    files = [f for f in files if f.total]
    for path, (cpu, reason) in left.needs_cpu.items():
        if not cpu_has(cpu):
            print(f"left out, this CPU has no {cpu}: {path}: {reason}")
            files = [f for f in files if f.path != path]
    print_table(files)
    print()
    bad = [b for folder in LIMITS for b in judge_folder(folder, files, left)]
    bad += judge_named(files, left)
    for complaint in bad:
        print(f"coverage: {complaint}", file=sys.stderr)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
