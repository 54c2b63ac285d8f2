#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Instructions of key operations, counted by callgrind, against the committed ones.

usage: count_instructions.py BUILD "COMPILER AND FLAGS" [--update]

Counts do not depend on what else the machine does. They do on the compiler, the C library and the
CPU: the portable kernel and the C library's plainest functions are asked for, and where compiler
or flags are not those of bench/instructions.txt nothing is compared, which is said. More than 2 %
more is a failure, and so is 2 % less: then the file is no longer true, and --update makes it so.
"""
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile

MARGIN = 0.02
TIMES = 50
FILE = pathlib.Path(__file__).with_name("instructions.txt")
HEAD = """# Instructions of one operation of core_bench (portable kernel), by bench/count_instructions.py;
# `make instructions` compares, `make instructions-update` writes.
# built by: {}
"""
# what the C library would choose by the CPU
PLAIN = "glibc.cpu.hwcaps=" + ",".join(
    f"-{name}" for name in ("AVX512F", "AVX512VL", "AVX2", "AVX", "ERMS", "FSRM", "SSE4_2", "SSSE3", "BMI2",
                            "AVX_Fast_Unaligned_Load", "Fast_Unaligned_Copy"))


def builder(command):
    """The compiler's own first line, and the flags."""
    compiler, *flags = command.split()
    version = subprocess.run([compiler, "--version"], check=True, capture_output=True, text=True).stdout
    libc = " ".join(platform.libc_ver())
    return " ".join([re.sub(r"^\S+ ", "", version.splitlines()[0]), *flags, "with", libc, platform.machine()])


def count(program, operation):
    env = dict(os.environ, GLIBC_TUNABLES=PLAIN, DVDEMU_KERNEL="portable")
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out",
                              "--toggle-collect=repeat", program, "--repeat", operation, str(TIMES)],
                             env=env, capture_output=True, text=True)
    found = re.search(r"Collected : (\d+)", run.stderr)
    if run.returncode or not found or found[1] == "0":
        sys.exit(f"instructions: {operation}: {run.stderr.strip()[-300:]}")
    return round(int(found[1]) / TIMES)


def read_file():
    lines = FILE.read_text().splitlines() if FILE.exists() else []
    built_by = next((l.split(": ", 1)[1] for l in lines if l.startswith("# built by: ")), None)
    rows = [l.split() for l in lines if l and not l.startswith("#")]
    return built_by, {name: int(number) for name, number in rows}


def compare(known, counted):
    """The names that are off, each said."""
    off = [name for name in known.keys() ^ counted.keys()]
    for name in off:
        print(f"instructions: {name} is in one of file and program only")
    for name in (n for n in known if n in counted):
        change = counted[name] / known[name] - 1
        print(f"{name:20} {known[name]:9} {counted[name]:9} {100 * change:+7.2f} %")
        if abs(change) > MARGIN:
            off.append(name)
    return off


def main():
    build, command = sys.argv[1:3]
    if not shutil.which("valgrind"):
        print("skip: instructions: there is no valgrind")
        return 0
    program = pathlib.Path(build) / "bench/core_bench"
    names = subprocess.run([program, "--list"], check=True, capture_output=True, text=True).stdout.split()
    here, (built_by, known) = builder(command), read_file()
    if "--update" not in sys.argv and here != built_by:
        print(f"skip: instructions: built by {here}, the file is of {built_by}")
        return 0
    counted = {name: count(program, name) for name in names}
    if "--update" in sys.argv:
        rows = "".join(f"{name:20} {number}\n" for name, number in counted.items())
        FILE.write_text(HEAD.format(here) + rows)
        return 0
    off = compare(known, counted)
    print(f"instructions: {len(counted) - len(off)} of {len(counted)} operations are within {MARGIN:.0%}")
    return 1 if off else 0


sys.exit(main())
