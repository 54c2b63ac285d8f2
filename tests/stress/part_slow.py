# SPDX-License-Identifier: GPL-2.0-only
"""Sessions that ask for much and read nothing of it must not hold up a neighbour."""
import time

from daemon import SLOWED, Folder, Served, require, until
from discs import part, write_image
from wire import BLOCK_BYTES, GOOD, Session, read_10

IMAGE_BLOCKS = 2048
READ_BLOCKS = 128  # 256 KiB
SLOW, DEPTH = 16, 16
NAME = "iqn.2026-01.org.example:stress-"
# A busy machine delays anybody; a daemon that waits for a reader delays for as long as it sleeps.
P99_ROOM_S, P99_RATIO = 0.2, 20


def latencies_s(session, image, seconds):
    """Sorted round trips of one-block reads, one at a time; every byte compared."""
    found, lba = [], 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        begin = time.monotonic()
        result = session.read(lba, 1)
        found.append(time.monotonic() - begin)
        require(result.outcome == GOOD and result.data == part(image, lba, 1), "a neighbour reads wrong bytes")
        lba = (lba + 7) % (IMAGE_BLOCKS - 1)
    return sorted(found)


def percentiles_ms(found):
    return {p: found[min(len(found) - 1, int(len(found) * p / 100))] * 1000 for p in (50, 99, 100)}


def tell(who, alone, beside):
    print(f"    {who}: p50 {alone[50]:.3f} -> {beside[50]:.3f} ms, p99 {alone[99]:.3f} -> {beside[99]:.3f} ms, "
          f"most {alone[100]:.1f} -> {beside[100]:.1f} ms")
    limit_ms = max(P99_ROOM_S * 1000, P99_RATIO * alone[99])
    require(SLOWED or beside[99] <= limit_ms, f"slow readers hold up the {who}: p99 {beside[99]:.1f} ms, {limit_ms:.1f} at most")


def submit_all(sessions, blocks):
    for s in sessions:
        for n in range(DEPTH):
            s.submit(read_10(n * blocks % IMAGE_BLOCKS, blocks), blocks * BLOCK_BYTES)


def finish_all(sessions, image, blocks):
    """At last the others read, and all of it is there and right."""
    for s in sessions:
        first = s.tag - DEPTH + 1
        for _ in range(DEPTH):
            tag, result = s.complete()
            lba = (tag - first) * blocks % IMAGE_BLOCKS
            require(result.outcome == GOOD and result.data == part(image, lba, blocks),
                    "a slow reader gets wrong bytes")
        s.log_out()


def one_case(build, folder, images, seconds, segment_bytes, receive_buffer, mss=None, blocks=READ_BLOCKS):
    with Served(build, folder, "--state", "none", folder / "0.iso", folder / "1.iso", drives=2) as daemon:
        neighbours = [Session(url, NAME + "neighbour").ready() for url in daemon.urls]
        alone = [percentiles_ms(latencies_s(s, i, seconds)) for s, i in zip(neighbours, images)]
        before = daemon.descriptors()
        slow = [Session(daemon.urls[0], f"{NAME}{n}", segment_bytes, receive_buffer, mss).ready()
                for n in range(SLOW)]
        submit_all(slow, blocks)
        beside = [percentiles_ms(latencies_s(s, i, seconds)) for s, i in zip(neighbours, images)]
        print(f"  {SLOW} sessions with {DEPTH} reads of {blocks * 2} KiB each read nothing for {2 * seconds} s; "
              f"data PDUs of {segment_bytes // 1024} KiB, receive buffer {receive_buffer or 'as usual'}, "
              f"MSS {mss or 'of loopback'}:")
        for n, who in enumerate(("neighbour on the same drive", "neighbour on another drive")):
            tell(who, alone[n], beside[n])
        for s in slow[::2]:  # these never read
            s.reset()
        finish_all(slow[1::2], images[0], blocks)
        require(until(lambda: daemon.descriptors() <= before), f"{daemon.descriptors()} descriptors, {before} before")
        for s in neighbours:
            s.log_out()


def run(build, short, seed):
    """`seed` draws nothing here: there is nothing to draw. With Ethernet's MSS send buffers stay small."""
    cases = ((65536, None), (262144, 4096, 1448)) if short else \
        tuple((size, room) for size in (8192, 65536, 262144) for room in (None, 4096)) + \
        tuple((size, 4096, 1448) for size in (65536, 262144)) + ((8 << 20, None, None, IMAGE_BLOCKS),)
    with Folder() as folder:
        images = [write_image(folder / f"{n}.iso", n, IMAGE_BLOCKS) for n in range(2)]
        for case in cases:
            one_case(build, folder, images, 0.5 if short else 5, *case)
