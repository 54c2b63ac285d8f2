# SPDX-License-Identifier: GPL-2.0-only
"""What a drive more, and a session more, costs a daemon."""
import resource
import statistics
import subprocess

from bench_daemons import Ours, Stock
from bench_table import figure_row, ratio_row

DRIVES = (1, 100, 1000)
STOCK_DRIVES = 100
IDLE, HELD = 1000, 3000
DESCRIPTORS = 2 * HELD + 1000


def raise_limit():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, DESCRIPTORS)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, max(hard, DESCRIPTORS)))
        wanted = DESCRIPTORS
    except (ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted


def look(daemon):
    found = {"ready_s": daemon.ready_s, "resident_kib": daemon.resident_kib(), "threads": daemon.threads(),
             "cpu_s": daemon.cpu_s()}
    daemon.stop()
    return found


def per_drive(found, few, many, what):
    return (found[many][what] - found[few][what]) / (many - few)


def measure_drives(build, folder, image, rounds):
    """Start with 1, 100 and 1000 drives, in turns; the medians of each."""
    runs = {count: [] for count in DRIVES}
    for _ in range(rounds):
        for count in DRIVES:
            runs[count].append(look(Ours(build, [image] * count)))
    found = {count: {what: statistics.median(run[what] for run in many) for what in many[0]}
             for count, many in runs.items()}
    few, many = DRIVES[0], DRIVES[-1]
    stock = {count: look(Stock(folder, [image] * count)) for count in (1, STOCK_DRIVES)}
    rows = [
        figure_row("start to ready, 1 drive", found[1]["ready_s"], "s"),
        figure_row("start to ready, 100 drives", found[100]["ready_s"], "s"),
        figure_row("start to ready, 1000 drives", found[1000]["ready_s"], "s", most=0.6),
        figure_row("creation of a drive", 1e3 * per_drive(found, few, many, "ready_s"), "ms", most=0.3),
        figure_row("memory of a drive", per_drive(found, few, many, "resident_kib"), "KiB", most=24),
        figure_row("threads of a drive", per_drive(found, few, many, "threads"), "threads", most=0),
        figure_row("memory of a stock cd", per_drive(stock, 1, STOCK_DRIVES, "resident_kib"), "KiB"),
        figure_row("threads of a stock cd", per_drive(stock, 1, STOCK_DRIVES, "threads"), "threads"),
    ]
    return {"rows": rows, "measured": {"dvdemu": runs, "stock": stock}}


class Idle:
    """Sessions that do nothing, held by another process."""

    def __init__(self, build, count, urls):
        self.process = subprocess.Popen([build / "bench/idle_sessions", str(count), *urls],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.login_s = float(self.process.stdout.readline() or "nan")

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def spread_row(field, rounds, case):
    """The idle sessions are on drives of their own."""
    daemon, alone, beside = Ours(field.build, [field.image] * (IDLE + 1)), [], []
    field.drives["spread"] = daemon.urls[:1]
    for _ in range(rounds):
        alone.append(field.measure("spread", *case)["per_second"])
        idle = Idle(field.build, IDLE, daemon.urls[1:])
        beside.append(field.measure("spread", *case)["per_second"])
        idle.stop()
    daemon.stop()
    return ratio_row(f"random 2 KiB, depth 32: {IDLE} idle sessions on others to none", beside, alone, 0.8)


def measure_sessions(field, rounds):
    """Random reads with and without idle sessions, on the same drive and on others; memory of many."""
    descriptors = raise_limit()
    if descriptors < DESCRIPTORS:
        print(f"skip: {HELD} sessions: {descriptors} descriptors are allowed, they need {DESCRIPTORS}")
        return {"rows": [], "measured": {}}
    daemon = Ours(field.build, [field.image])
    field.drives["idle"] = daemon.urls
    case, alone, beside, logins = ("rand", 32, 2048), [], [], []
    try:
        base_kib = daemon.resident_kib()
        for _ in range(rounds):
            alone.append(field.measure("idle", *case)["per_second"])
            idle = Idle(field.build, IDLE, daemon.urls)
            logins.append(idle.login_s)
            beside.append(field.measure("idle", *case)["per_second"])
            idle.stop()
        held = Idle(field.build, HELD, daemon.urls)
        held_kib = daemon.resident_kib()
        rows = [ratio_row(f"random 2 KiB, depth 32: {IDLE} idle sessions on it to none", beside, alone, 0.8),
                spread_row(field, rounds, case),
                figure_row(f"{IDLE} logins to one drive", statistics.median(logins), "s"),
                figure_row(f"{HELD} logins to one drive", held.login_s, "s"),
                figure_row(f"memory of a session, {HELD} held", (held_kib - base_kib) / HELD, "KiB"),
                figure_row("random 2 KiB, depth 32, beside them",
                           field.measure("idle", *case)["per_second"], "per second")]
        held.stop()
    finally:
        daemon.stop()
    return {"rows": rows, "measured": {"alone": alone, "beside": beside, "logins_s": logins}}
