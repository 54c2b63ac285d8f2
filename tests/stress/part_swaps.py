# SPDX-License-Identifier: GPL-2.0-only
"""24 drives under load while their discs are swapped: what is read is of a disc that was in, or the
read is refused with the right sense."""
import collections
import os
import random
import subprocess
import threading
import time

from daemon import Folder, Served, require
from swap_drive import CHANGED, Reader, SIZES, loaded_drives
from wire import BLOCK_BYTES, GOOD, Session, read_10

DRIVES, SESSIONS, DEPTH, BLOCKS_MAX = 24, 2, 4, 32
SWAPPERS = 4
NAME = "iqn.2026-01.org.example:stress-"
START_STOP_EJECT = bytes([0x1B, 0, 0, 0, 2, 0])


class Job(threading.Thread):
    """A thread that keeps what went wrong, and stops the others then."""

    wrong, stop = [], threading.Event()

    def __init__(self, work, *arguments):
        super().__init__(daemon=True)
        self.work, self.arguments = work, arguments
        self.start()

    def run(self):
        try:
            self.work(*self.arguments)
        except Exception as error:  # pylint: disable=broad-except
            self.wrong.append(error)
            self.stop.set()

    @classmethod
    def let_work(cls, jobs, seconds):
        """Until the time is over or one has gone wrong; that is raised again."""
        cls.stop.wait(seconds)
        cls.stop.set()
        for job in jobs:
            job.join()
        wrong = list(cls.wrong)
        cls.wrong.clear()  # for who comes next
        cls.stop.clear()
        if wrong:
            raise wrong[0]


def read_on(session, reader, rng):
    """Reads, a few at a time, until told to stop; then takes what is still to come."""
    asked = {}
    reader.next_tag = session.tag + 1
    while not Job.stop.is_set() or asked:
        while len(asked) < DEPTH and not Job.stop.is_set():
            blocks = rng.randint(1, BLOCKS_MAX)
            lba = rng.randrange(max(SIZES) + 8 - blocks)
            begin = time.monotonic()
            asked[session.submit(read_10(lba, blocks), blocks * BLOCK_BYTES)] = (lba, blocks, begin)
        tag, result = session.complete()
        reader.take(tag, *asked.pop(tag), result)


class Operator:
    """Swaps the discs of some drives: over the control socket, by the program, by a host's eject."""

    def __init__(self, build, folder, served, rng):
        self.build, self.served, self.rng, self.counts = build, served, rng, collections.Counter()
        self.environment = dict(os.environ, XDG_RUNTIME_DIR=str(folder / "run"))

    def program(self, verb, *arguments):
        done = subprocess.run([self.build / "dvdemu", verb, *map(str, arguments)], capture_output=True,
                              text=True, env=self.environment, check=False)
        require(done.returncode == 0, f"dvdemu {verb}: {done.stderr or done.stdout}")

    def insert(self, drive, disc):
        drive.comes(disc)
        if self.rng.random() < 0.25:
            self.program("insert", "--pid", self.served.process.pid, "--drive", drive.index + 1, disc.path)
            self.counts["insert by program"] += 1
        else:
            answer = self.served.ask("insert", drive=drive.index + 1, disc=str(disc.path))
            require(answer["ok"], f"insert: {answer}")
            self.counts["insert by socket"] += 1

    def eject(self, drive, host):
        choice = self.rng.random()
        if choice < 0.25:
            self.program("eject", "--pid", self.served.process.pid, "--drive", drive.index + 1)
            self.counts["eject by program"] += 1
        elif choice < 0.5:
            host.ready()
            outcome = host.run(START_STOP_EJECT).outcome
            require(outcome == GOOD, f"START STOP UNIT, eject: {outcome:05x}")
            self.counts["eject by host"] += 1
        else:
            answer = self.served.ask("eject", drive=drive.index + 1)
            require(answer["ok"], f"eject: {answer}")
            self.counts["eject by socket"] += 1
        drive.is_gone()

    def unlock(self, drive):
        """A whole key exchange by a host beside the readers."""
        drive.unlocks()
        self.program("probe", self.served.urls[drive.index])
        self.counts["authenticated"] += 1

    def swap_on(self, drives):
        hosts = {d.index: Session(self.served.urls[d.index], f"{NAME}host-{d.index}").ready() for d in drives}
        while not Job.stop.is_set():
            drive = self.rng.choice(drives)
            self.eject(drive, hosts[drive.index])
            time.sleep(self.rng.random() * 0.01)
            disc = self.rng.choice(drive.discs)
            disc.forget_pages()
            self.insert(drive, disc)
            if disc.css and self.rng.random() < 0.5:
                self.unlock(drive)
        for host in hosts.values():
            host.log_out()


def see_the_last_discs(served, drives):
    """After all: each drive reads its last disc from end to end, as far as it is not locked."""
    for drive in drives:
        disc = drive.stays[-1].disc
        session = Session(served.urls[drive.index], NAME + "after").ready()
        for lba in range(0, disc.blocks, BLOCKS_MAX):
            begin = time.monotonic()
            number = drive.judge(lba, BLOCKS_MAX, begin, time.monotonic(), session.read(lba, BLOCKS_MAX))
            require(number == disc.number or disc.is_locked(lba, BLOCKS_MAX), "the last disc does not read")
        session.log_out()


def load(build, folder, seconds, seed):
    drives, arguments = loaded_drives(build, folder, DRIVES)
    with Served(build, folder, *arguments, drives=DRIVES) as served:
        readers, jobs = [], []
        for n in range(DRIVES * SESSIONS):
            readers.append(Reader(drives[n % DRIVES]))
            session = Session(served.urls[n % DRIVES], f"{NAME}{n}").ready()
            jobs.append(Job(read_on, session, readers[-1], random.Random(seed * 1000 + n)))
        operators = [Operator(build, folder, served, random.Random(seed * 1000 - n - 1)) for n in range(SWAPPERS)]
        for n, operator in enumerate(operators):
            jobs.append(Job(operator.swap_on, drives[n::SWAPPERS]))
        Job.let_work(jobs, seconds)
        see_the_last_discs(served, drives)
    return readers, sum((o.counts for o in operators), collections.Counter())


def run(build, short, seed):
    with Folder() as folder:
        readers, counts = load(build, folder, 4 if short else 60, seed)
    good = sum(r.good for r in readers)
    refused = sum((collections.Counter(r.refused) for r in readers), collections.Counter())
    swaps = sum(n for what, n in counts.items() if what.startswith("insert"))
    print(f"  {DRIVES} drives, {DRIVES * SESSIONS} sessions with {DEPTH} reads each, {swaps} swaps: "
          f"{good} reads right for a disc that was in; refused: "
          + ", ".join(f"{refused[k]} with {k >> 16:X}/{k >> 8 & 255:02X}/{k & 255:02X}" for k in sorted(refused)))
    print("  " + ", ".join(f"{counts[what]} {what}" for what in sorted(counts)))
    require(good > 1000 and swaps >= DRIVES and refused[CHANGED] >= DRIVES, "too little was tried")
