#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Side by side with a stock tgtd `cd` logical unit on the same image, in the same run.

usage: run_bench.py BUILD [ROUNDS] [SECONDS]

Every round runs each case once on either side, one after the other, in turns; the table shows
medians, and the median of the ratios of the pairs. Needs tgtd and tgtadm, no root.
"""
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

BUILD = pathlib.Path(sys.argv[1])
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 9
SECONDS = sys.argv[3] if len(sys.argv) > 3 else "0.5"
IMAGE_BYTES = 64 << 20
DRIVES_FOR_MEMORY = 100
KIB = 1024

# name, mode of drive_bench, depth, bytes
CASES = [
    *((f"sequential {size} KiB, depth {depth}", "seq", depth, size * KIB)
      for size in (64, 256) for depth in (1, 8, 32)),
    ("random 2 KiB, depth 1", "rand", 1, 2 * KIB),
    ("random 2 KiB, depth 32", "rand", 32, 2 * KIB),
    ("TEST UNIT READY", "tur", 1, 0),
]


def measure(mode, depth, size, url):
    out = subprocess.run([BUILD / "bench/drive_bench", mode, str(depth), str(size), SECONDS, url],
                         check=True, capture_output=True, text=True)
    return float(out.stdout)


def free_port():
    import socket
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Ours:
    """`dvdemu serve` with any number of discs."""

    def __init__(self, *discs):
        start = time.monotonic()
        self.process = subprocess.Popen(
            [BUILD / "dvdemu", "serve", "--state", "none", *sum((["--disc", str(d)] for d in discs), [])],
            stdout=subprocess.PIPE, text=True)
        self.urls = []
        for _ in discs:
            line = self.process.stdout.readline()
            if not line.startswith("ready "):
                sys.exit(f"run_bench: serve says {line!r}")
            self.urls.append(line.split()[1])
        self.ready_s = time.monotonic() - start

    def tgtd(self):
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return int(children.read_text().split()[0])

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


class Stock:
    """tgtd alone, with one LUN of device type cd for each image."""

    def __init__(self, folder, images):
        self.port, self.env = free_port(), dict(os.environ, TGT_IPC_SOCKET=str(folder / "ipc"))
        start = time.monotonic()
        self.process = subprocess.Popen(
            ["tgtd", "-f", "-C", "0", "--iscsi", f"portal=127.0.0.1:{self.port}"],
            env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while subprocess.run(["tgtadm", "-C", "0", "--op", "show", "--mode", "target"], env=self.env,
                             capture_output=True).returncode:
            time.sleep(0.005)
        self.urls = []
        for tid, image in enumerate(images, 1):
            name = f"iqn.2026-11.example.dvdemu:stock-{tid}"
            self.adm("--op", "new", "--mode", "target", "--tid", str(tid), "-T", name)
            self.adm("--op", "new", "--mode", "logicalunit", "--tid", str(tid), "--lun", "1",
                     "-b", str(image), "--device-type", "cd")
            self.adm("--op", "bind", "--mode", "target", "--tid", str(tid), "-I", "ALL")
            self.urls.append(f"iscsi://127.0.0.1:{self.port}/{name}/1")
        self.ready_s = time.monotonic() - start

    def adm(self, *arguments):
        subprocess.run(["tgtadm", "-C", "0", "--lld", "iscsi", *arguments], env=self.env, check=True)

    def tgtd(self):
        return self.process.pid

    def stop(self):
        self.process.kill()
        self.process.wait()


def resident_kib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])


def threads(pid):
    return len(os.listdir(f"/proc/{pid}/task"))


def per_drive(make):
    """Memory and threads of a drive more: many against one."""
    one = make(1)
    base = resident_kib(one.tgtd()), threads(one.tgtd())
    one.stop()
    many = make(1 + DRIVES_FOR_MEMORY)
    full = resident_kib(many.tgtd()), threads(many.tgtd())
    many.stop()
    return [(b - a) / DRIVES_FOR_MEMORY for a, b in zip(base, full)]


def row(name, ours, stock, unit, better="higher", ratio=None):
    ratio = f"{ratio or ours / stock:8.2f}" if stock else "       -"
    print(f"{name:34} {ours:12.1f} {stock:12.1f} {ratio}  {unit}, {better} is better", flush=True)


def pair(turn, case, ours, stock):
    """Both sides once, the other one first in every second turn."""
    mode, depth, size = case
    first, second = (ours, stock) if turn % 2 else (stock, ours)
    a = measure(mode, depth, size, first.urls[0])
    b = measure(mode, depth, size, second.urls[0])
    return (a, b) if turn % 2 else (b, a)


def reads(ours, stock):
    for name, *case in CASES:
        pairs = [pair(turn, case, ours, stock) for turn in range(ROUNDS)]
        a, b = (statistics.median(column) for column in zip(*pairs))
        ratio = statistics.median(mine / theirs for mine, theirs in pairs)
        mode, _, size = case
        if mode == "seq":
            row(name, a * size / 1e6, b * size / 1e6, "MB/s", ratio=ratio)
        else:
            row(name, a, b, "commands/s", ratio=ratio)


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="dvdemu-bench-"))
    ours = stock = None
    try:
        image = folder / "plain.iso"
        image.write_bytes(os.urandom(1 << 20) * (IMAGE_BYTES >> 20))
        print(f"{ROUNDS} rounds of {SECONDS} s, image of {IMAGE_BYTES >> 20} MiB, {os.cpu_count()} processors")
        print(f"{'':34} {'dvdemu':>12} {'stock cd':>12} {'ratio':>8}")
        ours, stock = Ours(image), Stock(folder, [image])
        reads(ours, stock)
        row("start to ready", ours.ready_s * 1e3, stock.ready_s * 1e3, "ms", "lower")
        ours.stop()
        stock.stop()
        ours = Ours(BUILD / "demo/demo.disc")
        rate = statistics.median(measure("auth", 1, 0, ours.urls[0]) for _ in range(ROUNDS))
        print(f"{'key exchanges with disc key':34} {rate:12.1f} {'-':>12} {'-':>8}  exchanges/s")
        ours.stop()
        mine = per_drive(lambda n: Ours(*[image] * n))
        theirs = per_drive(lambda n: Stock(folder, [image] * n))
        row("memory of a drive more", mine[0], theirs[0], "KiB", "lower")
        row("threads of a drive more", mine[1], theirs[1], "threads", "lower")
    finally:
        for daemon in (ours, stock):
            if daemon and daemon.process.poll() is None:
                daemon.stop()
        shutil.rmtree(folder)


main()
