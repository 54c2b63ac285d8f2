# SPDX-License-Identifier: GPL-2.0-only
"""Sessions that ask for much and read nothing of it must not hold up a neighbour."""
import time

from daemon import Folder, Served, require
from discs import part, write_image
from wire import BLOCK_BYTES, GOOD, Session, read_10

IMAGE_BLOCKS = 2048
READ_BLOCKS = 128  # 256 KiB
SLOW, DEPTH = 16, 32
NAME = "iqn.2026-01.org.example:stress-"
# A busy machine delays anybody; a daemon that waits for a reader delays for as long as it sleeps.
P99_ROOM_S, P99_RATIO = 0.05, 20


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
    require(beside[99] <= limit_ms, f"slow readers hold up the {who}: p99 {beside[99]:.1f} ms, {limit_ms:.1f} at most")


def submit_all(sessions):
    for s in sessions:
        for n in range(DEPTH):
            s.submit(read_10(n * READ_BLOCKS % IMAGE_BLOCKS, READ_BLOCKS), READ_BLOCKS * BLOCK_BYTES)


def finish_all(sessions, image):
    """At last they read, and all of it is there and right."""
    for s in sessions:
        first = s.tag - DEPTH + 1
        for _ in range(DEPTH):
            tag, result = s.complete()
            require(result.outcome == GOOD and result.data == part(image, (tag - first) * READ_BLOCKS % IMAGE_BLOCKS, READ_BLOCKS),
                    "a slow reader gets wrong bytes")
        s.log_out()


def one_case(build, folder, images, segment_bytes, receive_buffer, seconds):
    with Served(build, folder, "--state", "none", folder / "0.iso", folder / "1.iso", drives=2) as daemon:
        neighbours = [Session(url, NAME + "neighbour").ready() for url in daemon.urls]
        alone = [percentiles_ms(latencies_s(s, i, seconds)) for s, i in zip(neighbours, images)]
        slow = [Session(daemon.urls[0], f"{NAME}{n}", segment_bytes, receive_buffer).ready() for n in range(SLOW)]
        submit_all(slow)
        beside = [percentiles_ms(latencies_s(s, i, seconds)) for s, i in zip(neighbours, images)]
        print(f"  {SLOW} sessions with {DEPTH} reads of 256 KiB each read nothing for {2 * seconds} s; "
              f"data PDUs of {segment_bytes // 1024} KiB, receive buffer {receive_buffer or 'as usual'}:")
        for n, who in enumerate(("neighbour on the same drive", "neighbour on another drive")):
            tell(who, alone[n], beside[n])
        finish_all(slow, images[0])
        for s in neighbours:
            s.log_out()


def run(build, short, seed):
    """`seed` draws nothing here: there is nothing to draw."""
    cases = ((65536, None), (262144, 4096)) if short else \
        tuple((size, room) for size in (8192, 65536, 262144) for room in (None, 4096))
    with Folder() as folder:
        images = [write_image(folder / f"{n}.iso", n, IMAGE_BLOCKS) for n in range(2)]
        for segment_bytes, receive_buffer in cases:
            one_case(build, folder, images, segment_bytes, receive_buffer, 0.5 if short else 5)
