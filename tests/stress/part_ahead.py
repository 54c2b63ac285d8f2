# SPDX-License-Identifier: GPL-2.0-only
"""Hosts that read from block to block, one command after the other, so that the drive reads ahead,
while their discs are swapped: what was read ahead of a disc is never answered for another."""
import os
import pathlib
import random
import time

from daemon import Folder, Served, require, until
from part_swaps import Job, NAME, Operator
from swap_drive import CHANGED, Reader, SIZES, loaded_drives
from wire import BLOCK_BYTES, Session, read_10

DRIVES, BLOCKS = 2, 16
STAY_S = 0.02  # of a disc at least, a few times around it


def read_around(session, reader):
    """From the first block to the last, again and again."""
    reader.next_tag, lba = session.tag + 1, 0
    while not Job.stop.is_set():
        begin = time.monotonic()
        session.submit(read_10(lba, BLOCKS), BLOCKS * BLOCK_BYTES)
        tag, result = session.complete()
        reader.take(tag, lba, BLOCKS, begin, result)
        lba = (lba + BLOCKS) % max(SIZES)


def swap_slowly(operator, drive, host):
    while not Job.stop.is_set():
        time.sleep(STAY_S * (1 + operator.rng.random()))
        operator.eject(drive, host)
        operator.insert(drive, operator.rng.choice(drive.discs))
    answer = operator.served.ask("eject", drive=drive.index + 1)  # a host would leave it on the tray
    require(answer["ok"], f"eject: {answer}")


def open_images(served):
    """Files of discs that the daemon holds."""
    found = []
    for link in pathlib.Path(f"/proc/{served.pid}/fd").iterdir():
        try:
            found.append(os.readlink(link))
        except FileNotFoundError:
            pass
    return [name for name in found if name.endswith(".iso")]


def load(build, folder, seconds, seed):
    drives, arguments = loaded_drives(build, folder, DRIVES)
    with Served(build, folder, *arguments, drives=DRIVES) as served:
        readers, jobs = [Reader(d) for d in drives], []
        require(len(open_images(served)) == DRIVES, "the daemon does not hold its discs' files")
        for n, drive in enumerate(drives):
            jobs.append(Job(read_around, Session(served.urls[n], f"{NAME}{n}").ready(), readers[n]))
            operator = Operator(build, folder, served, random.Random(seed * 100 + n))
            jobs.append(Job(swap_slowly, operator, drive, Session(served.urls[n], f"{NAME}host-{n}").ready()))
        Job.let_work(jobs, seconds)
        require(until(lambda: not open_images(served), 5), f"no disc is in, and still open: {open_images(served)}")
        counters = [one["counters"] for one in served.ask("status")["drives"]]
    return readers, counters


def run(build, short, seed):
    with Folder() as folder:
        readers, counters = load(build, folder, 3 if short else 30, seed)
    good, ahead = sum(r.good for r in readers), sum(c["ahead"] for c in counters)
    swaps = sum(c["inserts"] for c in counters)
    print(f"  {DRIVES} drives, {swaps} swaps: {good} reads right for a disc that was in, {ahead} of them read ahead")
    require(ahead > good / 10, "too little was read ahead")
    require(swaps >= 10 * DRIVES and sum(r.refused.get(CHANGED, 0) for r in readers) >= 5 * DRIVES, "too few swaps")
