# SPDX-License-Identifier: GPL-2.0-only
"""The power fails while a region changes. What the daemon does to its state folder is seen by strace;
from that follows every folder that a disk may have afterwards: what was not synced may be there, may
not, or in part. From each of them a daemon starts, with the old state or the new one - with the new one
once the host was answered."""
import itertools
import os
import re
import shutil
import signal
import subprocess

from daemon import Failure, Folder, Served, SLOWED, require, until
from part_kills import Change, FACTORY, NAME, read_state
from wire import Session

CALLS = "openat,write,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,sendto,sendmsg"
CALL = re.compile(r"^\d+\s+(\w+)\((.*)\)\s+= (\d+)")
PATH = re.compile(r'"([^"]*)"')
OPEN = re.compile(r"^\d+<([^>]*)>")
CHANGES_SHORT, CHANGES = 3, 12


class Traced:
    """Calls of the daemon while a change is made: (name, what it is about), in their order."""

    def __init__(self, pid, out):
        self.out = out
        self.process = subprocess.Popen(
            ["strace", "-f", "-y", "-qq", "-s", "4096", "-e", f"trace={CALLS}", "-o", out, "-p", str(pid)],
            stderr=subprocess.PIPE, text=True)
        if not until(lambda: self._attached(pid) or self.process.poll() is not None, 10) or self.process.poll() is not None:
            raise PermissionError(f"strace may not trace here: {self.process.stderr.read().strip()}")

    @staticmethod
    def _attached(pid):
        with open(f"/proc/{pid}/status", encoding="ascii") as status:
            return not re.search(r"^TracerPid:\s+0$", status.read(), re.M)

    def end(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=10)
        self.process.stderr.close()
        return self.out.read_text().splitlines()


def events_of(lines, folder):
    """Of all calls those that change the folder, its syncs, and what is sent."""
    found = []
    for line in lines:
        match = CALL.match(line)
        if not match:
            continue
        call, arguments = match[1], match[2]
        paths, opened = PATH.findall(arguments), OPEN.match(arguments)
        if call == "openat" and "O_CREAT" in arguments and paths[0].startswith(f"{folder}/"):
            found.append(("create", os.path.basename(paths[0])))
        elif call in ("rename", "renameat", "renameat2") and paths[0].startswith(f"{folder}/"):
            found.append(("rename", tuple(map(os.path.basename, paths))))
        elif call in ("unlink", "unlinkat") and paths[0].startswith(f"{folder}/"):
            found.append(("unlink", os.path.basename(paths[0])))
        elif call in ("sendto", "sendmsg") or (call == "write" and opened and opened[1].startswith(("socket:", "TCP:", "UNIX"))):
            found.append(("answer", ""))
        elif opened and opened[1] == str(folder) and "sync" in call:
            found.append(("sync folder", ""))
        elif opened and opened[1].startswith(f"{folder}/"):
            found.append(("write" if call == "write" else "sync", os.path.basename(opened[1])))
    return found


class File:
    """What was written to a file, and whether all of that is safe."""

    def __init__(self, content, synced):
        self.content, self.synced = content, synced

    def afterwards(self):
        """What may be in it: all, or, not synced, any beginning."""
        return {self.content} if self.synced else {self.content, b"", self.content[:len(self.content) // 2]}


class Disk:
    """A folder as a disk has it: entries that are safe, and edits of them that are on their way."""

    def __init__(self, before, written):
        self.safe = {name: File(content, True) for name, content in before.items()}
        self.view, self.edits, self.written = dict(self.safe), [], written  # as processes see it

    def apply(self, kind, what):
        if kind == "create":
            self._edit({what: File(b"", False)})
        elif kind == "rename":
            self._edit({what[0]: None, what[1]: self.view[what[0]]})
        elif kind == "unlink":
            self._edit({what: None})
        elif kind == "write":
            self.view[what].content, self.view[what].synced = self.written, False
        elif kind == "sync":
            self.view[what].synced = True
        elif kind == "sync folder":
            self.safe, self.edits = dict(self.view), []

    def _edit(self, edit):
        self.edits.append(edit)
        self.view = self._with(self.view, [edit])

    @staticmethod
    def _with(entries, edits):
        entries = dict(entries)
        for edit in edits:
            entries.update(edit)
        return {name: file for name, file in entries.items() if file}

    def after_power_loss(self):
        """Every folder that may be found: edits are there or not, each by itself."""
        for there in itertools.product((False, True), repeat=len(self.edits)):
            entries = self._with(self.safe, itertools.compress(self.edits, there))
            for contents in itertools.product(*(file.afterwards() for file in entries.values())):
                yield dict(zip(entries, contents))


def folders_by_event(events, before, written):
    """(events until then, whether the host has its answer, a folder that may be found), each once."""
    disk, seen = Disk(before, written), set()
    told_at = max(n for n, (kind, _) in enumerate(events, 1) if kind == "answer")  # before it, what was asked for is fetched
    for n, (kind, what) in enumerate([("", "")] + events):
        disk.apply(kind, what)
        answered = n >= told_at
        for found in disk.after_power_loss():
            key = answered, tuple(sorted(found.items()))
            if key not in seen:
                seen.add(key)
                yield n, answered, found


def state_from(build, work, found):
    """What a daemon says that starts with this folder."""
    shutil.rmtree(work, ignore_errors=True)
    (work / "run").mkdir(parents=True, mode=0o700)
    (work / "state").mkdir(mode=0o700)
    for name, content in found.items():
        (work / "state" / name).write_bytes(content)
    with Served(build, work, "--state", work / "state", build / "demo/demo.disc") as daemon:
        session = Session(daemon.urls[0], NAME).ready()
        state = read_state(session)
        session.log_out()
    return state


def judge(build, work, events, files, states):
    """Every folder of one change. Returns how many there were."""
    (before, written), (old, new), count = files, states, 0
    for n, answered, found in folders_by_event(events, before, written):
        told = f"power lost after {events[:n][-4:]}, the folder holds { {k: len(v) for k, v in found.items()} }"
        try:
            state = state_from(build, work, found)
        except Failure as error:
            raise Failure(f"{told}: no daemon starts: {error}") from error
        require(state == new or (state == old and not answered),
                f"{told}: state {state[0]:02X}{state[1]:02X}, {'the host was told of' if answered else 'neither of'} "
                f"{old[0]:02X}{old[1]:02X} and {new[0]:02X}{new[1]:02X}")
        count += 1
    return count


def see_it_fail(build, work, events, files, states):
    """A daemon that does not sync what it writes, or where, or answers before, would be found."""
    kinds = [kind for kind, _ in events]
    require({"sync", "sync folder", "answer"} <= set(kinds), f"a change without a sync or an answer: {events}")
    wrong = [[e for e in events if e[0] != missing] for missing in ("sync", "sync folder")]
    wrong.append([("answer", "")] + [e for e in events if e[0] != "answer"])
    for other in wrong:
        try:
            judge(build, work, other, files, states)
        except Failure:
            continue
        raise Failure(f"every folder would be good of a daemon that does {other}")


def content_of(folder):
    return {p.name: p.read_bytes() for p in folder.iterdir()} if folder.exists() else {}


def run(build, short, seed):
    del seed
    if SLOWED:
        return "a sanitizer or valgrind does not work under strace"
    if not shutil.which("strace"):
        return "strace is not installed (Debian package strace)"
    count = 0
    with Folder() as folder:
        state_folder = folder / "state"
        with Served(build, folder, "--state", state_folder, build / "demo/demo.disc") as daemon:
            session, state = Session(daemon.urls[0], NAME).ready(), FACTORY
            for n in range(CHANGES_SHORT if short else CHANGES):
                before, change = content_of(state_folder), Change(state)
                try:
                    traced = Traced(daemon.pid, folder / "trace")
                except PermissionError as error:
                    return str(error)
                change.make(daemon, session)
                events = events_of(traced.end(), state_folder)
                (written,) = content_of(state_folder).values()
                files, states = (before, written), (state, change.after)
                count += judge(build, folder / "after", events, files, states)
                if n == 1:
                    see_it_fail(build, folder / "after", events, files, states)
                state = change.after
            session.log_out()
    print(f"  {n + 1} changes, {len(events)} calls the last: {count} folders that a power loss may leave, each old or new; "
          f"without a sync, or answered early, it is seen to fail")
    return None
