#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Side by side with a stock tgtd `cd` logical unit on the same image, raw TCP of the same shapes and
the scalar cipher, in the same run: ratios, with min, median and max of the rounds.

usage: run_bench.py BUILD [--quick] [--only GROUP,...] [--rounds N] [--seconds S]

Groups: reads, exchange, cipher, core, scale, fleet. Writes BUILD/bench.json and BUILD/bench/report/.
Needs tgtd and tgtadm, no root. What is wanted and not reached is said; nothing is failed for it.
"""
import argparse
import json
import os
import pathlib
import platform
import re
import shutil
import subprocess
import tempfile
import time

from bench_fleet import measure_fleet
from bench_reads import Field, measure_exchanges, measure_reads
from bench_report import write_report
from bench_scale import measure_drives, measure_sessions
from bench_table import figure_row

EXCHANGES_AT_LEAST = 300_000


def machine():
    text = pathlib.Path("/proc/cpuinfo").read_text()
    model = re.search(r"model name\s*: (.*)", text)
    tgt = subprocess.run(["dpkg-query", "-W", "-f=${Version}", "tgt"], capture_output=True, text=True)
    return {"cpu": model[1] if model else platform.machine(), "cpus": os.cpu_count(),
            "kernel": platform.release(), "tgt": tgt.stdout or "not Debian's",
            "load": os.getloadavg()[0], "date": time.strftime("%Y-%m-%d")}


def measure_cipher(build, rounds):
    program = [build / "bench/cipher_bench", "--rounds", str(rounds)]
    print(subprocess.run(program, check=True, capture_output=True, text=True).stdout)
    out = subprocess.run([*program, "--json"], check=True, capture_output=True, text=True).stdout
    return {"rows": [], "measured": [json.loads(line) for line in out.splitlines()]}


def measure_core(build, seconds):
    out = subprocess.run([build / "bench/core_bench", str(seconds)], check=True, capture_output=True, text=True)
    rates = {line.split()[0]: float(line.split()[1]) for line in out.stdout.splitlines()}
    rows = [figure_row(f"in process: {name}", rate, "per second",
                       least=EXCHANGES_AT_LEAST if name == "exchange" else None) for name, rate in rates.items()]
    return {"rows": rows, "measured": rates}


def arguments():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default="reads,exchange,cipher,core,scale,fleet")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seconds", type=float)
    a = parser.parse_args()
    a.build = a.build.resolve()
    a.rounds = a.rounds or (3 if a.quick else 7)
    a.seconds = a.seconds or (0.1 if a.quick else 0.6)
    return a


def main():
    a = arguments()
    only = a.only.split(",")
    found = {"machine": machine(), "rounds": a.rounds, "seconds": a.seconds}
    folder, field = pathlib.Path(tempfile.mkdtemp(prefix="dvdemu-bench-")), None
    print(", ".join(f"{key} {value}" for key, value in found["machine"].items()))
    print(f"{'':52} {'first':>10} {'second':>10}  {'min':>5} {'med.':>5} {'max':>5}")
    try:
        field = Field(a.build, folder, a.seconds)
        if "reads" in only:
            found["reads"] = measure_reads(field, a.rounds, a.quick)
        if "exchange" in only:
            found["exchange"] = measure_exchanges(field, a.rounds)
        if "core" in only:
            found["core"] = measure_core(a.build, a.seconds)
        if "cipher" in only:
            found["cipher"] = measure_cipher(a.build, 5 if a.quick else 41)
        if "scale" in only:
            found["scale"] = measure_drives(a.build, folder, field.image, 1 if a.quick else 3)
            if not a.quick:
                found["sessions"] = measure_sessions(field, 3)
        if "fleet" in only and not a.quick:
            found["fleet"] = measure_fleet(field)
    finally:
        if field:
            field.stop()
        shutil.rmtree(folder)
    (a.build / "bench.json").write_text(json.dumps(found, indent=1) + "\n")
    print(f"{a.build / 'bench.json'}, {write_report(a.build / 'bench/report', found)}")


main()
