# SPDX-License-Identifier: GPL-2.0-only
"""A worker's copy of the sources: built once by make, then one object at a time."""
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import time

MIB = 1 << 20
MEMORY_BYTES_MAX = 3072 * MIB
FILE_BYTES_MAX = 64 * 1024 * MIB
WALL_SECONDS_MAX = 120


class BuildError(Exception):
    pass


def limits(cpu_seconds, memory):
    def apply():
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
        resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES_MAX, resource.RLIM_INFINITY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if memory:
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    return apply


class Tree:
    def __init__(self, root, folder, plan, tgt=None):
        self.root, self.folder, self.plan = pathlib.Path(root), pathlib.Path(folder), plan
        self.make = ["make", "-s", "CFLAGS=-O1"]
        if shutil.which("ld.lld"):
            self.make.append("CC=cc -fuse-ld=lld")
        if tgt:
            self.make.append(f"TGT_SRC={tgt}")
        self.commands = {}  # (build, file): how its object, the archive, the programs are made
        self.seconds = {}   # suite: what it takes when nothing is changed
        self.units = {}     # runner of unit suites: their names
        self.stale = set()  # programs that hold an earlier object

    # ---- the copy ----

    def copy_sources(self):
        names = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=self.root,
                               check=True, capture_output=True, text=True).stdout.split("\n")
        names = [n for n in names if n and (self.root / n).is_file()]
        self.folder.mkdir(parents=True, exist_ok=True)
        listed = self.folder / ".copied"
        for gone in set(listed.read_text().split("\n") if listed.exists() else ()) - set(names):
            if gone:
                (self.folder / gone).unlink(missing_ok=True)
        for name in names:
            to, data = self.folder / name, (self.root / name).read_bytes()
            if not to.exists() or to.read_bytes() != data:
                to.parent.mkdir(parents=True, exist_ok=True)
                to.write_bytes(data)
                shutil.copymode(self.root / name, to)
        listed.write_text("\n".join(names))

    def run_make(self, *words):
        done = subprocess.run([*self.make, *words], cwd=self.folder, capture_output=True, text=True,
                              check=False)
        if done.returncode:
            raise BuildError(f"make {' '.join(words)}: {(done.stdout + done.stderr)[-2000:]}")
        return done.stdout

    def build(self):
        """What an earlier run left, it may have left in the middle of a mutant."""
        for files in self.plan.groups.values():
            for file in files:
                (self.folder / file).touch()
        self.run_make(*self.plan.goals.split())

    def build_sanitized(self):
        self.run_make(*self.sanitized_words(), *self.plan.sanitized_goals.split())

    @staticmethod
    def sanitized_words():
        return "BUILD=build-asan", "SANITIZE=address,undefined"

    # ---- one object ----

    def learn(self, file, sanitized=False):
        """What make would do after a change of the file, as commands."""
        build = "build-asan" if sanitized else "build"
        if (build, file) not in self.commands:
            words = [*self.sanitized_words(), *self.plan.sanitized_goals.split()] if sanitized \
                else self.plan.goals.split()
            text = self.run_make("-n", "-W", file, *words)
            found = {}
            for line in text.replace("\\\n", " ").split("\n"):
                out = re.search(r" -o (\S+)", line)
                if re.search(rf" -c {re.escape(file)} ", line + " "):
                    found["object"], found["compile"] = out.group(1), line
                elif out:
                    found[out.group(1)] = line
                elif re.match(r"\S*ar rcs ", line):
                    found["archive"] = line.split()[2]
            if "compile" not in found:
                raise BuildError(f"make builds no object from {file}")
            self.commands[build, file] = found
        return self.commands[build, file]

    def shell(self, command, seconds=WALL_SECONDS_MAX):
        return subprocess.run(command, shell=True, cwd=self.folder, capture_output=True, text=True,
                              timeout=seconds, check=False)

    def compile(self, file, level="-O1"):
        """The object's bytes; None: it is no C, or an error of the project's."""
        how = self.learn(file)
        command, path = how["compile"], self.folder / how["object"]
        if level != "-O1":
            path = self.folder / "other.o"
            command = re.sub(r" -o \S+", " -o other.o", command.replace("-O1", level, 1)).replace("-MMD -MP", "")
        done = self.shell(command + " -w -Werror=implicit-function-declaration -Werror=int-conversion")
        return path.read_bytes() if done.returncode == 0 else None

    def put_object(self, file, data, sanitized=False):
        """From now on programs are linked with it; the archive keeps the object of no change."""
        how = self.learn(file, sanitized)
        (self.folder / how["object"]).write_bytes(data)
        self.stale |= {out for out in how if "/" in out}

    def compile_sanitized(self, file):
        how = self.learn(file, sanitized=True)
        if self.shell(how["compile"] + " -w").returncode:
            raise BuildError(f"{file} with sanitizers")
        self.put_object(file, (self.folder / how["object"]).read_bytes(), sanitized=True)

    def link(self, file, program):
        """False: the linker finds no program in it."""
        how = self.learn(file, program.startswith("build-asan"))
        if program not in self.stale or program not in how:
            return True
        self.stale.discard(program)
        command = how[program]
        if "archive" in how:
            command = command.replace(f" {how['archive']}", f" {how['object']} {how['archive']}", 1)
        return self.shell(command).returncode == 0

    # ---- a suite ----

    def units_of(self, suite, file):
        if suite.units_of not in self.units:
            said = self.shell(f"{suite.units_of} -l").stdout
            self.units[suite.units_of] = sorted({line.split()[0] for line in said.split("\n") if line})
        return [u for u in self.units[suite.units_of] if u.startswith(pathlib.Path(file).stem)]

    def applies(self, suite, file):
        return not suite.units_of or bool(self.units_of(suite, file))

    def run_suite(self, suite, file, cpu_seconds, log=None):
        """0: passed; else how it ended. What it started does not outlive it."""
        command = suite.command
        if suite.units_of:
            command = " && ".join(f"{suite.units_of} -s {u}" for u in self.units_of(suite, file))
        temporary = self.folder / "tmp"
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        environment = dict(os.environ, TMPDIR=str(temporary), DVDEMU=str(self.folder / "build/dvdemu"),
                           UBSAN_OPTIONS="halt_on_error=1", ASAN_OPTIONS="detect_leaks=1")
        with open(log or os.devnull, "wb") as out:
            process = subprocess.Popen(command, shell=True, cwd=self.folder, stdin=subprocess.DEVNULL,
                                       stdout=out, stderr=subprocess.STDOUT, env=environment,
                                       start_new_session=True,
                                       preexec_fn=limits(cpu_seconds, 0 if suite.sanitized else MEMORY_BYTES_MAX))
            try:
                return process.wait(WALL_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                return -signal.SIGALRM
            finally:
                try:
                    os.killpg(process.pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
                process.wait()

    def cpu_seconds(self, suite):
        return int(3 * self.seconds.get(suite.name, 0)) + 3

    def measure(self, suites, file):
        """Runs the suites on the unchanged tree: they have to pass."""
        for suite in suites:
            if suite.sanitized:
                self.build_sanitized()
            begin = time.monotonic()
            log = self.folder / "unchanged.log"
            if self.run_suite(suite, file, WALL_SECONDS_MAX, log) != 0:
                tail = log.read_text(errors="replace")[-1500:]
                raise BuildError(f"{suite.name} fails without any change:\n{tail}")
            self.seconds[suite.name] = time.monotonic() - begin
