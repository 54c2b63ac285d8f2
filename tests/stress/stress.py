#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The daemon under stress: thousands of sessions, drops, slow readers, swaps, kills, a million
commands. Every part prints its figures; a failure names the part, the seed and what was seen.

usage: stress.py BUILD [--short] [--seed N] [PART...]
"""
import argparse
import importlib
import pathlib
import resource
import sys
import time
import traceback

sys.dont_write_bytecode = True
from daemon import Failure  # noqa: E402
from wire import Broken  # noqa: E402

PARTS = ("sessions", "slow", "swaps", "ahead", "kills", "power", "memory")
DESCRIPTORS = 4096  # a thousand sessions, here and in the daemon


def raise_limit():
    """Returns why there are too few descriptors, or None."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < DESCRIPTORS and hard >= DESCRIPTORS:
        resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, hard))
        return None
    return None if soft >= DESCRIPTORS else f"ulimit -n is {hard} at most, {DESCRIPTORS} are needed"


def run_part(name, options):
    """Returns True, False, or why it was skipped."""
    print(f"{name}:", flush=True)
    begin = time.monotonic()
    try:
        why = importlib.import_module(f"part_{name}").run(options.build.resolve(), options.short, options.seed)
    except (Failure, Broken, OSError) as error:
        traceback.print_exc()
        print(f"not ok - {name}, seed {options.seed}: {error}", flush=True)
        return False
    if why:
        print(f"skipped - {name}: {why}", flush=True)
        return why
    print(f"ok - {name} ({time.monotonic() - begin:.1f} s)", flush=True)
    return True


def main():
    parser = argparse.ArgumentParser(usage="stress.py BUILD [--short] [--seed N] [PART...]")
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("parts", nargs="*", default=list(PARTS), metavar="PART")
    options = parser.parse_intermixed_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    why = raise_limit()
    if why:
        print(f"skipped: {why}")
        return 77
    results = [run_part(name, options) for name in options.parts]
    failed, passed = results.count(False), results.count(True)
    print(f"{passed} parts passed, {failed} failed" + (f", {len(results) - failed - passed} skipped" * (failed + passed < len(results))))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
