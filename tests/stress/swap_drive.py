# SPDX-License-Identifier: GPL-2.0-only
"""One drive whose discs are swapped, and what may be read of it when."""
import os
import subprocess
import threading
import time

from daemon import require
from discs import part, write_image
from wire import BLOCK_BYTES, GOOD

SIZES = (256, 160, 256)  # blocks of the drive's discs: plain, plain, CSS
CSS, SCRAMBLED = 2, range(64, 128)
NO_DISC, TRAY_OPEN, CHANGED, BEYOND, LOCKED = 0x23A01, 0x23A02, 0x62800, 0x52100, 0x56F03
NEVER = float("inf")


class Disc:
    """`image` is what a reader gets: with scrambled blocks as the program `mint` writes them out."""

    def __init__(self, build, folder, number, kind):
        self.number, self.blocks, self.css = number, SIZES[kind], kind == CSS
        self.path = folder / f"{number}.iso"
        self.image = write_image(self.path, number, self.blocks)
        if self.css:
            self.path = self._mint(build, folder)

    def _mint(self, build, folder):
        out = folder / f"{self.number}.disc"
        command = [build / "dvdemu", "mint", folder / f"{self.number}.iso", "--seed", str(self.number), "--extent",
                   f"{SCRAMBLED.start}:{len(SCRAMBLED)}:F0", "-o"]
        subprocess.run([*command, out], check=True, stdout=subprocess.DEVNULL)
        subprocess.run([*command, folder / "out.disc", "--materialise", folder / "out.img"], check=True,
                       stdout=subprocess.DEVNULL)
        self.image = (folder / "out.img").read_bytes()
        require(len(self.image) == self.blocks * BLOCK_BYTES, "mint writes an image of another size")
        return out

    def forget_pages(self):
        """What is not in the page cache is read by a worker, not on the spot."""
        with open(self.path.with_suffix(".iso"), "rb") as image:
            os.fsync(image.fileno())
            os.posix_fadvise(image.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)

    def is_locked(self, lba, blocks):
        return self.css and lba < SCRAMBLED.stop and lba + blocks > SCRAMBLED.start


class Stay:
    """A disc in the drive, from before it goes in until after it is out."""

    def __init__(self, disc):
        self.disc, self.begin, self.end, self.unlocked = disc, time.monotonic(), NEVER, NEVER


class SwapDrive:
    """Discs come and go; `stays` is written by one thread and read by many."""

    def __init__(self, build, folder, index):
        self.index, self.stays, self.lock = index, [], threading.Lock()
        self.discs = [Disc(build, folder, index * len(SIZES) + kind, kind) for kind in range(len(SIZES))]

    def comes(self, disc):
        with self.lock:
            self.stays.append(Stay(disc))
            del self.stays[:-16]

    def is_gone(self):
        self.stays[-1].end = time.monotonic()

    def unlocks(self):
        self.stays[-1].unlocked = time.monotonic()

    def stays_between(self, begin, end):
        with self.lock:
            return [s for s in self.stays if s.begin <= end and s.end >= begin]

    def judge(self, lba, blocks, begin, end, result):
        """Returns the number of the disc that was read, None: a refusal that is right."""
        stays = self.stays_between(begin, end)
        told = f"drive {self.index + 1}, blocks {lba} to {lba + blocks - 1}: outcome {result.outcome:05x}"
        if result.outcome == GOOD:
            for s in stays:
                if result.data == part(s.disc.image, lba, blocks) and len(result.data) == blocks * BLOCK_BYTES:
                    require(not s.disc.is_locked(lba, blocks) or s.unlocked <= end,
                            f"{told}, scrambled blocks though nobody has authenticated")
                    return s.disc.number
            require(False, f"{told}, bytes of none of the discs {[s.disc.number for s in stays]} that were in; "
                    f"{len(result.data)} bytes, they begin {bytes(result.data[:8]).hex()}")
        require(result.outcome != BEYOND or any(lba + blocks > s.disc.blocks for s in stays),
                f"{told}, no disc that was in ends before")
        require(result.outcome != LOCKED or any(s.disc.is_locked(lba, blocks) for s in stays),
                f"{told}, no disc that was in is locked there")
        require(result.outcome in (NO_DISC, TRAY_OPEN, CHANGED, BEYOND, LOCKED), f"{told}: not a refusal for a swap")
        require(not result.data, f"{told}, and {len(result.data)} bytes of data")
        return None


def loaded_drives(build, folder, count):
    """So many drives with their first discs in, and what `dvdemu serve` is to be told of them."""
    drives = [SwapDrive(build, folder, n) for n in range(count)]
    for d in drives:
        d.comes(d.discs[0])
    return drives, ["--state", "none", *(a for d in drives for a in ("--disc", d.discs[0].path))]


class Reader:
    """Judges one session's answers in the order of its commands: who was not told of a change must
    not see the new disc."""

    def __init__(self, drive):
        self.drive, self.answers, self.next_tag = drive, {}, None
        self.disc, self.told = None, True
        self.good, self.refused = 0, {}

    def take(self, tag, lba, blocks, begin, result):
        number = self.drive.judge(lba, blocks, begin, time.monotonic(), result)
        self.answers[tag] = (result.outcome, number)
        while self.next_tag in self.answers:
            self._in_order(*self.answers.pop(self.next_tag))
            self.next_tag += 1

    def _in_order(self, outcome, number):
        if outcome != GOOD:
            self.refused[outcome] = self.refused.get(outcome, 0) + 1
            self.told = self.told or outcome == CHANGED
            return
        self.good += 1
        require(self.told or number == self.disc,
                f"drive {self.drive.index + 1}: disc {number} is read after disc {self.disc}, and nobody told of a change")
        self.disc, self.told = number, False
