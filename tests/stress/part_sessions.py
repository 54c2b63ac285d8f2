# SPDX-License-Identifier: GPL-2.0-only
"""Sessions by the thousand, half of them dropped in the middle of a transfer: the others read on,
and nothing is left of the dropped."""
import random
import time

from daemon import Folder, Served, require, require_flat, until
from discs import part, write_image
from wire import BLOCK_BYTES, GOOD, Session, read_10, report_key

IMAGE_BLOCKS = 2048
READ_BLOCKS = 128
AGIDS, NO_AGID_LEFT, INVALIDATE = 4, 0x55500, 0x3F
SEQUENCE_ERROR = 0x52C00
NAME = "iqn.2026-01.org.example:stress-"
RSS_ROOM_KIB = 2048  # what later rounds may differ in: a step of the allocator's; a lost session is 12 KiB


def by_reset(session, image):
    """Four reads outstanding, nothing read of them, RST."""
    for n in range(4):
        session.submit(read_10(n * READ_BLOCKS, READ_BLOCKS), READ_BLOCKS * BLOCK_BYTES)
    session.reset()


def half_received(session, image):
    """One PDU of the data is taken, and right; RST in the middle of the rest."""
    session.submit(read_10(0, READ_BLOCKS), READ_BLOCKS * BLOCK_BYTES)
    head, data = session.read_pdu()
    require(head[0] == 0x25 and image.startswith(data), "the first PDU is not the disc's beginning")
    session.reset()


def half_sent(session, image):
    """Half of a command PDU, then the end of the connection."""
    session.socket.sendall(session.header(read_10(0, 1), BLOCK_BYTES)[:24])
    session.close()


def half_list(session, image):
    """A key exchange that waits for the rest of its parameter data when the connection ends."""
    session.socket.sendall(session.header(bytes([0xA3, 0, 0, 0, 0, 0, 0, 0, 0, 16, 1, 0]), 0, 16))
    session.close()


WAYS = (by_reset, half_received, half_sent, half_list)


def grant(session):
    return session.run(report_key(0, 0, 8), 8).outcome


def take_all_agids(sessions):
    """The first four hold one each, the fifth gets none."""
    for s in sessions[:AGIDS]:
        require(grant(s) == GOOD, "an AGID of a drive that has four free ones is refused")
    require(grant(sessions[AGIDS]) == NO_AGID_LEFT, "a fifth AGID is granted")


def give_agids_back(session, freed_alone):
    """They have no owner: whoever is there may free them, if the drive has not done so itself."""
    for agid in range(AGIDS):
        outcome = session.run(report_key(INVALIDATE, agid, 0)).outcome
        require(outcome == GOOD or (freed_alone and outcome == SEQUENCE_ERROR),
                f"AGID {agid} of a dropped session cannot be freed: {outcome:05x}")
    for _ in range(AGIDS):
        require(grant(session) == GOOD, "an AGID of a dropped session is still taken")
    for agid in range(AGIDS):
        require(session.run(report_key(INVALIDATE, agid, 0)).outcome == GOOD, "AGID not freed")


def read_right(session, image, lba):
    result = session.read(lba, READ_BLOCKS)
    require(result.outcome == GOOD and result.data == part(image, lba, READ_BLOCKS),
            f"block {lba}: outcome {result.outcome:05x}, or other bytes than the disc's")


def one_round(daemon, images, count, rng, timed):
    drives = len(images)
    begin = time.monotonic()
    sessions = [Session(daemon.urls[n % drives], f"{NAME}{n}").ready() for n in range(count)]
    timed["login"] = time.monotonic() - begin
    require(daemon.sessions() == count, "the drives do not know all sessions")
    order = list(range(count))
    rng.shuffle(order)
    dropped, kept = order[:count // 2], order[count // 2:]
    on_first = [sessions[n] for n in dropped if n % drives == 0]
    take_all_agids(on_first + [sessions[n] for n in kept if n % drives == 0])
    begin = time.monotonic()
    for n in dropped:
        WAYS[rng.randrange(len(WAYS))](sessions[n], images[n % drives])
    timed["drop"] = time.monotonic() - begin
    begin = time.monotonic()
    for n in kept:
        read_right(sessions[n], images[n % drives], rng.randrange(IMAGE_BLOCKS - READ_BLOCKS))
    timed["read"] = time.monotonic() - begin
    require(until(lambda: daemon.sessions() == len(kept)),
            f"{daemon.sessions()} sessions are known, {len(kept)} are there")
    give_agids_back(next(sessions[n] for n in kept if n % drives == 0), False)
    for n in kept:
        sessions[n].log_out()


def check_as_before(daemon, images, before):
    """No session, descriptor or thread left; every drive still reads."""
    require(until(lambda: daemon.sessions() == 0), f"{daemon.sessions()} sessions left over")
    require(until(lambda: daemon.descriptors() <= before), f"{daemon.descriptors()} descriptors, {before} before")
    for url, image in zip(daemon.urls, images):
        session = Session(url, NAME + "after").ready()
        read_right(session, image, 0)
        session.log_out()


def many(build, folder, count, drives, rounds, rng):
    images = [write_image(folder / f"{n}.iso", n, IMAGE_BLOCKS) for n in range(drives)]
    paths = [folder / f"{n}.iso" for n in range(drives)]
    rss, timed = [], {}
    with Served(build, folder, "--state", "none", *paths, drives=drives) as daemon:
        before = daemon.descriptors()
        start = daemon.rss_kib()
        for _ in range(rounds):
            one_round(daemon, images, count, rng, timed)
            check_as_before(daemon, images, before)
            rss.append(daemon.rss_kib())
        after = daemon.descriptors()
    settled, drops = rss[(rounds - 1) // 2:], count // 2 * (rounds // 2)
    print(f"  {count} sessions on {drives} drive(s), half dropped, {rounds} rounds: "
          f"login {timed['login']:.1f} s, drops {timed['drop']:.1f} s, "
          f"reads of the others {timed['read']:.1f} s; descriptors {before} -> {after}; "
          f"resident KiB {start} -> {' '.join(map(str, rss))}, "
          f"{(settled[-1] - settled[0]) * 1024 / drops:.0f} bytes for each of the last {drops} drops")
    require_flat(settled[0], settled[-1], RSS_ROOM_KIB)


def while_waiting(build, folder, count, rng):
    """Drops while answers wait for their time in the drive: a real drive's speed."""
    image = write_image(folder / "slow.iso", 1, IMAGE_BLOCKS)
    (folder / "slow.conf").write_text("release_on_last_nexus_loss = yes\nready_ms = 100\n")
    with Served(build, folder, "--state", "none", "--speed", "real", "--drive", folder / "slow.conf",
                folder / "slow.iso") as daemon:
        sessions = [Session(daemon.urls[0], f"{NAME}{n}").ready() for n in range(count)]
        require(until(lambda: sessions[0].run(bytes(6)).outcome == GOOD), "the disc never spins up")
        for s in sessions:
            s.ready()
        take_all_agids(sessions)
        read_right(sessions[0], image, 0)  # the timers are there from now on
        before = daemon.descriptors() - count
        for s in sessions:
            s.submit(read_10(rng.randrange(IMAGE_BLOCKS - 16), 16), 16 * BLOCK_BYTES)
        for s in sessions:
            (s.reset if rng.random() < 0.5 else s.close)()
        require(until(lambda: daemon.descriptors() <= before),
                f"{daemon.descriptors()} descriptors, {before} without the sessions")
        require(until(lambda: daemon.sessions() == 0), "sessions left of waiting commands")
        after = Session(daemon.urls[0], NAME + "after").ready()
        give_agids_back(after, True)
        read_right(after, image, 64)
        after.log_out()
    print(f"  {count} sessions dropped while their reads wait for a real drive's time: nothing left, "
          "AGIDs free by themselves (release_on_last_nexus_loss)")


def run(build, short, seed):
    """100 or 1000 at once; all on one drive, and on eight."""
    rng = random.Random(seed)
    count, rounds = (100, 16) if short else (1000, 24)
    for drives in (1, 8):
        with Folder() as folder:
            many(build, folder, count, drives, rounds, rng)
    with Folder() as folder:
        while_waiting(build, folder, 50, rng)
