# SPDX-License-Identifier: GPL-2.0-only
"""What one daemon serves at most, and what a second one adds: a host a drive, all at work at once."""
import subprocess

from bench_daemons import Ours
from bench_table import figure_row

# what is done, mode of drive_bench, depth, bytes
LOADS = [("exchanges", "exchange", 1, 0), ("random reads of 2 KiB, depth 8", "rand", 8, 2048),
         ("sequential reads of 64 KiB, depth 8", "seq", 8, 65536)]
DRIVES = (1, 2, 4, 8)
DAEMONS = (1, 2)


def together(field, urls, load):
    """All hosts at once: their sum, and the slowest 99th percentile."""
    mode, depth, size = load
    hosts = [subprocess.Popen([field.build / "bench/drive_bench", mode, str(depth), str(size), str(field.seconds),
                               url, "0"], stdout=subprocess.PIPE, text=True) for url in urls]
    said = [[float(word) for word in host.communicate()[0].split()] for host in hosts]
    return sum(words[0] for words in said), max(words[3] for words in said)


def measure_fleet(field):
    rows, measured = [], []
    for drives in DRIVES:
        for count in DAEMONS:
            if count > drives:
                continue
            daemons = [Ours(field.build, [field.disc] * (drives // count)) for _ in range(count)]
            urls = [url for daemon in daemons for url in daemon.urls]
            for name, *load in LOADS:
                rate, p99_us = together(field, urls, load)
                where = f"{drives} drive{'s' * (drives > 1)} in {count} daemon{'s' * (count > 1)}"
                rows.append(figure_row(f"{name}: {where}", rate, f"per second, 99 % within {p99_us:.0f} us"))
                measured.append({"load": name, "drives": drives, "daemons": count, "per_second": rate,
                                 "p99_us": p99_us})
            for daemon in daemons:
                daemon.stop()
    return {"rows": rows, "measured": measured}
