# SPDX-License-Identifier: GPL-2.0-only
"""A running `dvdemu serve`: started, asked, measured, stopped or killed."""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

DEADLINE_S = 60
# under a sanitizer or valgrind neither memory nor time says anything
SLOWED = bool({"DVDEMU_TGTD_PRELOAD", "DVDEMU_VALGRIND"} & set(os.environ))


class Failure(Exception):
    """What a part found wrong."""


def require(condition, what):
    if not condition:
        raise Failure(what)


def require_flat(before_kib, after_kib, room_kib):
    """Resident memory that may not have grown by more than `room_kib`."""
    if not SLOWED:
        require(after_kib - before_kib <= room_kib, f"memory grew from {before_kib} to {after_kib} KiB resident")


def until(condition, deadline_s=DEADLINE_S):
    """Ask again until it holds. Returns whether it ever did."""
    end = time.monotonic() + deadline_s
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


class Folder:
    """A folder of our own, gone afterwards."""

    def __enter__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="dvdemu-stress."))
        (self.path / "run").mkdir(mode=0o700)
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)


class Served:
    """`dvdemu serve ARGUMENTS`, ready. `folder` holds its run folder, and the test's files."""

    def __init__(self, build, folder, *arguments, drives=1):
        self.folder, self.log = folder, folder / "serve.log"
        environment = dict(os.environ, XDG_RUNTIME_DIR=str(folder / "run"))
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [build / "dvdemu", "serve", *map(str, arguments)], stdout=subprocess.PIPE,
                stderr=log, env=environment, text=True)
        self.urls = []
        for _ in range(drives):
            line = self.process.stdout.readline()
            if not line.startswith("ready "):
                self.process.kill()
                self.process.wait()
                raise Failure(f"serve says {line!r}: {self.log.read_text()[-2000:]}")
            self.urls.append(line.split()[1])
        self.control = next((folder / "run").glob(f"*/{self.process.pid}/control"), None)
        require(self.control, "no control socket in the run folder")
        self.pid = self.ask("status")["daemon_pid"]

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=DEADLINE_S)
        self.process.stdout.close()
        if kind is None:
            require(code == 0, f"serve ended with {code}: {self.log.read_text()[-2000:]}")

    # ---- what it says ----

    def ask(self, op, **members):
        """One request on the control socket. Returns the answer; a refusal is ok: false in it."""
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(DEADLINE_S)
            s.connect(str(self.control))
            s.sendall(json.dumps({"dvdemu": 1, "op": op, **members}).encode() + b"\n")
            answer = bytearray()
            while not answer.endswith(b"\n"):
                got = s.recv(1 << 16)
                if not got:
                    raise ConnectionError("the daemon ended before it answered")
                answer += got
        return json.loads(answer)

    def drives(self):
        return self.ask("status")["drives"]

    def sessions(self):
        """How many initiators the drives know. Asking makes them look."""
        return sum(d["initiators"] for d in self.drives())

    # ---- what it uses ----

    def rss_kib(self):
        for line in pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        raise Failure("the daemon is gone")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def threads(self):
        return len(os.listdir(f"/proc/{self.pid}/task"))

    def cpu_s(self):
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    # ---- ends ----

    def kill(self):
        """SIGKILL of the daemon; its owner then ends by itself."""
        os.kill(self.pid, signal.SIGKILL)
        self.process.wait(timeout=DEADLINE_S)
        self.process.stdout.close()
