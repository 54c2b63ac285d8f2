# SPDX-License-Identifier: GPL-2.0-only
"""Daemons to measure: `dvdemu serve`, and a stock tgtd with its own `cd` logical units. No root."""
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def status(pid, field):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1])
    sys.exit(f"bench: no {field} of {pid}")


class Daemon:
    """What is asked of either: its URLs, its tgtd, and how long it took to be ready."""
    urls: list
    ready_s: float

    def tgtd(self):
        raise NotImplementedError

    def resident_kib(self):
        return status(self.tgtd(), "VmRSS")

    def threads(self):
        return status(self.tgtd(), "Threads")

    def cpu_s(self):
        fields = pathlib.Path(f"/proc/{self.tgtd()}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Ours(Daemon):
    """`dvdemu serve` with a drive for each disc."""

    def __init__(self, build, discs):
        options = [option for disc in discs for option in ("--disc", str(disc))]
        start = time.monotonic()
        self.process = subprocess.Popen([build / "dvdemu", "serve", "--state", "none", *options],
                                        stdout=subprocess.PIPE, text=True)
        self.urls = []
        for _ in discs:
            line = self.process.stdout.readline()
            if not line.startswith("ready "):
                sys.exit(f"bench: serve says {line!r}")
            self.urls.append(line.split()[1])
        self.ready_s = time.monotonic() - start

    def tgtd(self):
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return int(children.read_text().split()[0])

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait()


class Stock(Daemon):
    """tgtd alone, with one LUN of device type cd for each image."""

    def __init__(self, folder, images):
        ipc = pathlib.Path(tempfile.mkdtemp(dir=folder)) / "ipc"
        self.port, self.env = free_port(), dict(os.environ, TGT_IPC_SOCKET=str(ipc))
        start = time.monotonic()
        self.process = subprocess.Popen(
            ["tgtd", "-f", "-C", "0", "--iscsi", f"portal=127.0.0.1:{self.port}"],
            env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while subprocess.run(["tgtadm", "-C", "0", "--op", "show", "--mode", "target"], env=self.env,
                             capture_output=True).returncode:
            time.sleep(0.005)
        self.urls = [self.make(tid, image) for tid, image in enumerate(images, 1)]
        self.ready_s = time.monotonic() - start

    def make(self, tid, image):
        name = f"iqn.2026-11.example.dvdemu:stock-{tid}"
        self.adm("new", "target", tid, "-T", name)
        self.adm("new", "logicalunit", tid, "--lun", "1", "-b", str(image), "--device-type", "cd")
        self.adm("bind", "target", tid, "-I", "ALL")
        return f"iscsi://127.0.0.1:{self.port}/{name}/1"

    def adm(self, op, mode, tid, *arguments):
        subprocess.run(["tgtadm", "-C", "0", "--lld", "iscsi", "--op", op, "--mode", mode,
                        "--tid", str(tid), *arguments], env=self.env, check=True)

    def tgtd(self):
        return self.process.pid

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
