# SPDX-License-Identifier: GPL-2.0-only
"""A million mixed commands: resident memory and descriptors at the end are those of the beginning."""
import random
import subprocess
import time

from daemon import Folder, Served, require, require_flat, until
from discs import part
from swap_drive import CSS, Disc
from wire import BLOCK_BYTES, GOOD, Session, read_10, report_key, send_key

DEPTH, SESSIONS = 32, 4
RSS_ROOM_KIB = 1024  # from half of the commands to all: what a byte lost for each would exceed
NAME = "iqn.2026-01.org.example:stress-"


def structure(number, in_bytes):
    return bytes([0xAD, 0, 0, 0, 0, 0, 0, number]) + in_bytes.to_bytes(2, "big") + bytes(2)


# What is asked, with the length expected and parameter data; weights in front. Every answer is
# allowed: GOOD or a refusal, but for reads of the disc, which are compared.
COMMANDS = (
    (10, bytes(6), 0, b""),  # TEST UNIT READY
    (4, bytes([0x03, 0, 0, 0, 18, 0]), 18, b""),
    (4, bytes([0x12, 0, 0, 0, 96, 0]), 96, b""),
    (2, bytes([0x12, 1, 0x80, 0, 96, 0]), 96, b""),
    (4, bytes([0x25]) + bytes(9), 8, b""),
    (4, bytes([0x43, 0, 0, 0, 0, 0, 0, 0, 36, 0]), 36, b""),
    (4, bytes([0x46, 0, 0, 0, 0, 0, 0, 2, 0, 0]), 512, b""),
    (4, bytes([0x4A, 1, 0, 0, 0x10, 0, 0, 0, 8, 0]), 8, b""),
    (4, bytes([0x5A, 0, 0x3F, 0, 0, 0, 0, 1, 0, 0]), 256, b""),
    (2, bytes([0x55, 0x10, 0, 0, 0, 0, 0, 0, 20, 0]), 0, bytes(8) + bytes([1, 10]) + bytes(10)),
    (4, structure(0x00, 2052), 2052, b""),
    (4, structure(0x01, 8), 8, b""),
    (4, structure(0x02, 2052), 2052, b""),  # refused while nobody has authenticated
    (2, structure(0xFE, 8), 8, b""),
    (6, report_key(0x00, 0, 8), 8, b""),
    (6, report_key(0x3F, 0, 0), 0, b""),
    (4, report_key(0x05, 0, 8), 8, b""),
    (4, report_key(0x08, 0, 8), 8, b""),
    (4, send_key(0x01, 0, 16), 0, b"\0\x0e" + bytes(14)),
    (4, report_key(0x02, 0, 12), 12, b""),
    (4, report_key(0x01, 0, 16), 16, b""),
    (4, send_key(0x03, 0, 12), 0, b"\0\x0a" + bytes(10)),  # a wrong KEY2
    (2, bytes([0x1E, 0, 0, 0, 1, 0]), 0, b""),
    (2, bytes([0x1E, 0, 0, 0, 0, 0]), 0, b""),
    (2, bytes([0xB6] + [0] * 9 + [28, 0]), 0, bytes(28)),
    (2, bytes([0xAC, 0x10, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0]), 24, b""),
    (2, bytes([0xFF]) + bytes(11), 0, b""),  # no such command
    (2, bytes([0x2A, 0, 0, 0, 0, 0, 0, 0, 1, 0]), 0, bytes(BLOCK_BYTES)),  # a write: refused
)


class Load:
    """Mixed commands of several sessions, a few in flight each."""

    def __init__(self, probe, daemon, disc, rng):
        self.probe, self.daemon, self.disc, self.rng = probe, daemon, disc, rng
        self.table = [row[1:] for row in COMMANDS for _ in range(row[0])]
        self.sessions, self.count, self.logins, self.swaps = [], 0, 0, 0
        self.outcomes = set()

    def log_in(self):
        self.logins += 1
        return Session(self.daemon.urls[0], f"{NAME}{self.logins % 64}").ready()

    def start(self):
        self.sessions = [self.log_in() for _ in range(SESSIONS)]

    def submit(self, session):
        if self.rng.random() < 0.15:
            blocks = self.rng.choice((1, 4, 16, 32))
            lba = self.rng.randrange(self.disc.blocks + 8 - blocks)  # some end beyond the disc
            return session.submit(read_10(lba, blocks), blocks * BLOCK_BYTES), (lba, blocks)
        cdb, in_bytes, out = self.rng.choice(self.table)
        return session.submit(cdb, in_bytes, out), None

    def judge(self, result, asked):
        self.outcomes.add(result.outcome)
        if asked and result.outcome == GOOD:
            require(result.data == part(self.disc.image, *asked), f"blocks {asked}: other bytes than the disc's")

    def batch(self):
        """DEPTH commands on each session, and all of their answers."""
        asked = [dict(self.submit(s) for _ in range(DEPTH)) for s in self.sessions]
        for session, wanted in zip(self.sessions, asked):
            for _ in range(DEPTH):
                tag, result = session.complete()
                self.judge(result, wanted[tag])
        self.count += DEPTH * len(self.sessions)

    def events(self):
        """A session leaves one way or another and comes again, the disc too; a whole key exchange."""
        at = self.rng.randrange(SESSIONS)
        (self.sessions[at].log_out if self.rng.random() < 0.5 else self.sessions[at].reset)()
        self.sessions[at] = self.log_in()
        self.daemon.ask("snapshot", name="s")
        self.daemon.ask("restore", name="s")
        self.daemon.ask("forget", name="s")  # a kept state holds on to its disc
        self.daemon.ask("eject", force=True)
        self.disc.forget_pages()  # so that workers read
        require(self.daemon.ask("insert", disc=str(self.disc.path))["ok"], "insert is refused")
        self.swaps += 1
        done = subprocess.run([self.probe, "probe", self.daemon.urls[0]], capture_output=True, check=False)
        require(done.returncode == 0, f"probe: {done.stdout.decode()[-500:]}")


def measure(load, marks):
    """When the control connections of before are closed."""
    if marks:
        until(lambda: load.daemon.descriptors() == marks[0][2], 5)
    else:
        time.sleep(0.2)
    marks.append((load.count, load.daemon.rss_kib(), load.daemon.descriptors(), load.daemon.threads()))


def run(build, short, seed):
    total = 20000 if short else 1000000
    marks = []
    with Folder() as folder:
        disc = Disc(build, folder, 1, CSS)
        with Served(build, folder, "--state", folder / "state", disc.path) as daemon:
            load = Load(build / "dvdemu", daemon, disc, random.Random(seed))
            load.start()
            batches = 0
            for percent in (10, 50, 100):
                while load.count < total * percent // 100:
                    load.batch()
                    batches += 1
                    if batches % 20 == 0:
                        load.events()
                measure(load, marks)
            for s in load.sessions:
                s.log_out()
    print(f"  {load.count} commands, {load.logins} logins, {load.swaps} swaps, {len(load.outcomes)} outcomes; "
          + "; ".join(f"after {n}: {rss} KiB resident, {fds} descriptors, {threads} threads"
                      for n, rss, fds, threads in marks))
    require_flat(marks[1][1], marks[2][1], RSS_ROOM_KIB)
    require(len({fds for _, _, fds, _ in marks}) == 1, "descriptors come or go")
