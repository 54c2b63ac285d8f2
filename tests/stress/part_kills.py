# SPDX-License-Identifier: GPL-2.0-only
"""SIGKILL of the daemon while regions change: what it has said is kept, what it was about to say is
kept or not, and there is nothing in between."""
import random
import threading
import time

from daemon import Folder, Served, require
from wire import Broken, Session, report_key, send_key

NAME = "iqn.2026-01.org.example:stress-kills"
RPC_STATE, RPC_STRUCTURE = 0x08, 0x06
FACTORY = (0x25, 0xFF)  # no region, four vendor resets, five changes
MASKS = (0xFE, 0xFD)
KILL_WITHIN_S = 0.15  # most of them early, where a life has few changes


def read_state(session):
    data = session.run(report_key(RPC_STATE, 0, 8), 8).data
    require(len(data) == 8 and data[6] == 1, f"RPC state: {data.hex()}")
    return data[4], data[5]


def state_of(resets, changes, mask):
    """Bytes 4 and 5 of the RPC state (mmc-spec, REPORT KEY format 8)."""
    kind = {5: 0, 1: 2, 0: 3}.get(changes, 1)
    return kind << 6 | resets << 3 | changes, mask


class Change:
    """The change that comes after a state: five by the host, then the vendor's, then the operator's."""

    def __init__(self, state):
        resets, changes, mask = state[0] >> 3 & 7, state[0] & 7, state[1]
        self.mask = None
        if changes:
            self.mask = MASKS[mask == MASKS[0]]
            self.after = state_of(resets, changes - 1, self.mask)
        elif resets:
            self.request, self.after = {"vendor_reset": True}, state_of(resets - 1, 5, 0xFF)
        else:
            self.request, self.after = {"set": "25FF"}, FACTORY

    def make(self, daemon, session):
        if self.mask is None:
            answer = daemon.ask("region", **self.request)
            require(answer["ok"], f"the operator's change is refused: {answer}")
            return
        outcome = session.run(send_key(RPC_STRUCTURE, 0, 8), 0, bytes([0, 6, 0, 0, self.mask, 0, 0, 0])).outcome
        require(outcome == 0, f"a change of the region is refused: {outcome:05x}")


class Changes(threading.Thread):
    """Changes without end. `said`: the state that was acknowledged last; `next`: the one asked for."""

    def __init__(self, daemon, session, state):
        super().__init__()
        self.daemon_process, self.session = daemon, session
        self.said, self.next, self.count, self.wrong = state, state, 0, None

    def run(self):
        try:
            while True:
                change = Change(self.said)
                self.next = change.after
                change.make(self.daemon_process, self.session)
                self.said = change.after
                self.count += 1
        except (Broken, OSError, ValueError):
            pass  # it was killed
        except Exception as error:  # pylint: disable=broad-except
            self.wrong = error


def one_life(build, folder, disc, allowed, rng):
    """Start, see that the state is one of those allowed, change, kill. Returns the thread and what was found."""
    arguments = ("--state", folder / "state", disc)
    daemon = Served(build, folder, *arguments)
    try:
        session = Session(daemon.urls[0], NAME).ready()
        state = read_state(session)
        require(state in allowed, f"state {state[0]:02X}{state[1]:02X} after a kill; "
                f"{' or '.join(f'{a:02X}{b:02X}' for a, b in allowed)} was right")
        changes = Changes(daemon, session, state)
        changes.start()
        time.sleep(rng.random() ** 3 * KILL_WITHIN_S)
    finally:
        daemon.kill()
    changes.join()
    session.close()
    if changes.wrong:
        raise changes.wrong
    return changes, state


def run(build, short, seed):
    rng, kills = random.Random(seed), 20 if short else 1000
    allowed, made, old, new = [FACTORY], 0, 0, 0
    with Folder() as folder:
        disc = build / "demo/demo.disc"
        for _ in range(kills):
            changes, state = one_life(build, folder, disc, allowed, rng)
            if len(set(allowed)) > 1:
                old, new = old + (state == allowed[0]), new + (state == allowed[1])
            made += changes.count
            allowed = [changes.said, changes.next]
        with Served(build, folder, "--state", folder / "state", disc) as daemon:
            session = Session(daemon.urls[0], NAME).ready()
            require(read_state(session) in allowed, "the last state is not kept")
            session.log_out()
            left = sorted(p.name for p in (folder / "state").iterdir())
            runs = [p.name for p in (folder / "run").glob("*/*") if p.name != str(daemon.process.pid)]
        print(f"  {kills} kills, {made} changes acknowledged and kept; {old + new} kills met a change under way: "
              f"{old} left the old state, {new} the new one; in the state folder: {len(left)} file(s)")
        require(len(left) == 1, f"kills leave files in the state folder: {left[:8]}")
        require(not runs, f"kills leave run folders: {runs[:8]}")
