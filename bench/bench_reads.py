# SPDX-License-Identifier: GPL-2.0-only
"""Reads, small commands and key exchanges over iSCSI: this drive with a clear and with a scrambled
disc, a stock tgtd and raw TCP, one after the other in every round, so that whatever else the machine
does meets all of them."""
import os
import subprocess

from bench_daemons import Ours, Stock
from bench_table import ratio_row

KIB = 1024
IMAGE_BYTES = 64 << 20
BLOCK_BYTES = 2048
TITLE_LBA = "0"
COMMANDS_OF_AN_EXCHANGE = 9
TIMES = ("per_second", "p50_us", "p90_us", "p99_us", "max_us")

# mode of drive_bench, depth, bytes
QUICK = [*(("seq", depth, size * KIB) for size in (64, 256) for depth in (1, 8, 32)),
         ("rand", 1, 2 * KIB), ("rand", 32, 2 * KIB)]
FULL = [*(("seq", depth, size * KIB) for size in (2, 16, 64, 256, 1024) for depth in (1, 8, 32)),
        ("rand", 1, 2 * KIB), ("rand", 32, 2 * KIB)]
# first against second, the least that is wanted of it (None: no more than told)
WANTED = {
    ("clear", "stock"): {("seq", 1, 64): 1.2, ("seq", 8, 64): 1.0, ("seq", 32, 64): 1.0, ("seq", 1, 256): 1.2,
                         ("seq", 8, 256): 1.0, ("seq", 32, 256): 1.0, ("rand", 32, 2): 1.7},
    ("scrambled", "clear"): {("seq", depth, size): 0.9 for depth in (1, 8, 32) for size in (64, 256)},
    ("clear", "tcp"): {("seq", depth, size): 0.85 for depth in (1, 8, 32) for size in (64, 256)},
}


def case_name(case):
    mode, depth, size = case
    return f"{ {'seq': 'sequential', 'rand': 'random'}[mode] } {size // KIB} KiB, depth {depth}"


class Field:
    """Everything that is measured side by side."""

    def __init__(self, build, folder, seconds):
        self.build, self.seconds = build, seconds
        self.image, self.disc = folder / "plain.iso", folder / "scrambled.disc"
        self.image.write_bytes(os.urandom(IMAGE_BYTES))
        subprocess.run([build / "dvdemu", "mint", self.image, "-o", self.disc, "--seed", "1",
                        "--extent", f"0:{IMAGE_BYTES // BLOCK_BYTES}:F0"], check=True, capture_output=True)
        self.ours = Ours(build, [self.image, self.disc])
        self.stock = Stock(folder, [self.image])
        self.drives = {"clear": [self.ours.urls[0]], "scrambled": [self.ours.urls[1], TITLE_LBA],
                       "stock": [self.stock.urls[0]]}

    def measure(self, who, mode, depth, size):
        program, where = "drive_bench", self.drives.get(who)
        arguments = [mode, str(depth), str(size), str(self.seconds)]
        if who == "tcp":
            program, where, arguments = "tcp_bench", [str(self.image)], arguments[1:]
        out = subprocess.run([self.build / "bench" / program, *arguments, *where],
                             check=True, capture_output=True, text=True).stdout
        return dict(zip(TIMES, map(float, out.split())))

    def rounds(self, count, who, case):
        """`count` measurements of each, in an order that turns."""
        found = {name: [] for name in who}
        for turn in range(count):
            for name in who[turn % len(who):] + who[:turn % len(who)]:
                found[name].append(self.measure(name, *case))
        return found

    def stop(self):
        self.ours.stop()
        self.stock.stop()


def rates(found, who):
    return [one["per_second"] for one in found[who]]


def measure_reads(field, rounds, quick):
    rows, measured = [], []
    for case in QUICK if quick else FULL:
        mode, depth, size = case
        found = field.rounds(rounds, ["clear", "stock", "scrambled", "tcp"], case)
        measured.append({"mode": mode, "depth": depth, "bytes": size, "runs": found})
        for (first, second), wanted in WANTED.items():
            least = wanted.get((mode, depth, size // KIB))
            rows.append(ratio_row(f"{case_name(case)}: {first} to {second}", rates(found, first),
                                  rates(found, second), least))
    rows.append(floor(field, rounds))
    return {"rows": rows, "measured": measured}


def floor(field, rounds):
    """What tgtd needs for a command without data is the most that small reads can reach."""
    small, none = [], []
    for _ in range(rounds):
        small.append(field.measure("clear", "rand", 32, 2 * KIB)["per_second"])
        none.append(field.measure("clear", "tur", 32, 0)["per_second"])
    return ratio_row("random 2 KiB, depth 32, to TEST UNIT READY, depth 32", small, none)


def measure_exchanges(field, rounds):
    found = {"exchange": [], "stock": [], "clear": []}
    for _ in range(rounds):
        found["exchange"].append(field.measure("scrambled", "exchange", 1, 0))
        found["stock"].append(field.measure("stock", "round", 1, 0))
        found["clear"].append(field.measure("clear", "round", 1, 0))
    nine = [rate / COMMANDS_OF_AN_EXCHANGE for rate in rates(found, "stock")]
    return {"rows": [ratio_row("exchange to nine stock TEST UNIT READY", rates(found, "exchange"), nine, 0.9),
                     ratio_row("TEST UNIT READY to stock's", rates(found, "clear"), rates(found, "stock"))],
            "measured": found}
