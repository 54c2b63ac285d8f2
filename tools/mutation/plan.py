# SPDX-License-Identifier: GPL-2.0-only
"""What is changed, and what has to notice: the files in groups, the suites in the order of their cost."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Suite:
    """A command run in the tree of a worker; what it needs built is linked again before it."""
    name: str
    needs: tuple
    command: str
    repeats: bool = False  # talks to a process of its own: a failure has to happen twice
    sanitized: bool = False  # runs in the build with sanitizers
    units_of: str = ""  # a runner of unit suites: those whose name begins as the file's
    slow: bool = False  # takes seconds: the first of these comes after a look at the optimized code


@dataclass(frozen=True)
class Plan:
    groups: dict
    suites: tuple
    headers: tuple = ()
    goals: str = "all"  # what `make` builds before the first change
    sanitized_goals: str = ""

    def group_of(self, file):
        return next(g for g, files in self.groups.items() if file in files)


UNIT, GOLDEN, WALK = "build/tests/unit_tests", "build/tests/golden", "build/tests/oracle_walk"
REPLAYS = ("build/fuzz/commands_replay", "build/fuzz/disc_replay")
SERVED = ("build/dvdemu", "build/dvd.so")
A = "build-asan"

# suite by suite: a mutant that fails early costs little; those that talk to a whole drive are last
UNITS = f"for s in $({UNIT} -l | cut -d ' ' -f 1 | uniq | grep -v ^check_); do {UNIT} -s $s || exit 1; done"


DRIVE = Plan(
    groups={
        "opcode rows": ("emulator/commands.c",),
        "AGID cells": ("css/agid.c",),
        "gates": ("scsi/dispatch.c", "scsi/cdb.c", "scsi/sense.c", "emulator/cmd_key.c"),
        "regions": ("emulator/region.c", "emulator/region_store.c"),
        "quirks": ("emulator/quirks.c", "emulator/agid_pool.c", "emulator/key_transfer.c"),
        "features, pages": ("emulator/drive_features.c", "emulator/mode_pages.c"),
        "handlers": tuple(f"emulator/cmd_{t}.c" for t in (
            "configuration", "event", "identify", "mode", "read", "speed", "structure", "toc", "tray")),
        "keys": ("css/css_auth.c", "css/css_keys.c", "css/css_keystream.c", "css/css_pack.c"),
        "discs": ("emulator/disc.c", "emulator/disc_read.c", "emulator/read_ahead.c"),
        "drive": ("emulator/drive.c", "emulator/drive_host.c"),
    },
    headers=("css/*.h", "scsi/*.h", "emulator/*.h"),
    suites=(
        Suite("unit, own", (UNIT,), "", units_of=UNIT),
        Suite("golden", (GOLDEN,), f"{GOLDEN} tests/golden"),
        Suite("vectors", ("build/tests/css_vectors",), "build/tests/css_vectors tests/vectors"),
        Suite("oracle", (WALK,), f"{WALK} 5000 1 default && {WALK} 20000 1"),
        Suite("corpus", REPLAYS, "tests/replay_corpus.sh build"),
        Suite("sanitized, own", (f"{A}/tests/unit_tests",), "", units_of=f"{A}/tests/unit_tests", sanitized=True,
              slow=True),
        Suite("unit", (UNIT,), UNITS, slow=True),
        Suite("oracle, long", (WALK,), f"{WALK} 150000 1 default && {WALK} 150000 1", slow=True),
        Suite("sanitized", (f"{A}/tests/golden", f"{A}/tests/oracle_walk"),
              f"{A}/tests/golden tests/golden && {A}/tests/oracle_walk 20000 1", sanitized=True, slow=True),
        Suite("unit, all", (UNIT,), UNIT, slow=True),
        Suite("drives", (GOLDEN, WALK) + SERVED, "tests/drives_test.sh build", slow=True),
        Suite("configs", SERVED, "tests/configs_test.sh build", slow=True),
        Suite("docs", SERVED, "tests/docs_test.sh build", slow=True),
        Suite("replay", ("build/tests/replay",) + SERVED, "tests/replay_test.sh build", repeats=True, slow=True),
        Suite("conformance", ("build/tests/conformance_tests",) + SERVED,
              "build/tests/conformance_tests build", repeats=True, slow=True),
        Suite("serve", SERVED, "tests/serve/serve_test.sh build", repeats=True, slow=True),
        Suite("check", SERVED, "tests/check_test.sh build", repeats=True, slow=True),
    ),
    sanitized_goals=f"{A}/tests/unit_tests {A}/tests/golden {A}/tests/oracle_walk",
)
