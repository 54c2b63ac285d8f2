# SPDX-License-Identifier: GPL-2.0-only
"""One mutant after the other: built, and shown to the suites until one of them fails."""
import hashlib
import threading
import time
from dataclasses import dataclass

CAUGHT, SURVIVED = "caught", "survived"
# these do not count
NO_C, EQUAL, TWICE = "does not compile", "same object code", "same object code as another"


@dataclass
class Mutant:
    group: str
    change: object
    line: int
    owner: str
    before: str
    after: str
    verdict: str = ""
    by: str = ""
    seconds: float = 0.0

    @property
    def file(self):
        return self.change.file

    @property
    def key(self):
        return self.file, self.owner, self.before, self.after


class Judge:
    """A worker: a tree, and the plan's suites. `seen` and `lock` are shared by all workers."""

    def __init__(self, tree, plan, reasons, seen, lock, quick=False):
        self.tree, self.plan, self.reasons = tree, plan, reasons
        self.seen, self.lock, self.quick = seen, lock, quick
        self.base = {}      # file: its object, unchanged

    def baseline(self, file):
        if file not in self.base:
            self.base[file] = self.tree.compile(file)
        return self.base[file]

    def is_new(self, file, data):
        key = file, hashlib.sha256(data).digest()
        with self.lock:
            new = key not in self.seen
            self.seen.add(key)
        return new

    def optimized_alike(self, file, text):
        """What a better optimizer takes for the same."""
        path = self.tree.folder / file
        changed = self.tree.compile(file, "-O2")
        mutated = path.read_text()
        path.write_text(text)
        same = changed is not None and changed == self.tree.compile(file, "-O2")
        path.write_text(mutated)
        return same

    def fails(self, suite, file):
        tree = self.tree
        if suite.name not in tree.seconds:
            return False  # measured before, or not run at all
        if suite.sanitized:
            tree.compile_sanitized(file)
        for program in suite.needs:
            if not tree.link(file, program):
                return None
        times = 2 if suite.repeats else 1
        return all(tree.run_suite(suite, file, tree.cpu_seconds(suite)) != 0 for _ in range(times))

    def suites_for(self, mutant):
        listed = mutant.key in self.reasons
        for suite in self.plan.suites:
            left_out = suite.slow and (self.quick or listed)
            if not left_out and self.tree.applies(suite, mutant.file):
                yield suite

    def show_to_suites(self, mutant, text):
        compared = False
        for suite in self.suites_for(mutant):
            if suite.name not in self.tree.seconds:
                self.measure_unchanged(mutant, text, suite)
            if suite.slow and not compared:
                compared = True
                if self.optimized_alike(mutant.file, text):
                    return EQUAL, ""
            failed = self.fails(suite, mutant.file)
            if failed is None:
                return NO_C, ""
            if failed:
                return CAUGHT, suite.name
        if not compared and self.optimized_alike(mutant.file, text):
            return EQUAL, ""
        return SURVIVED, ""

    def measure_unchanged(self, mutant, text, suite):
        """The first time that a suite is needed: does it pass without the change?"""
        path, data = self.tree.folder / mutant.file, None
        mutated, data = path.read_text(), (self.tree.folder / self.tree.learn(mutant.file)["object"]).read_bytes()
        path.write_text(text)
        self.tree.put_object(mutant.file, self.base[mutant.file])
        if not suite.sanitized:
            for program in suite.needs:
                self.tree.link(mutant.file, program)
        self.tree.measure((suite,), mutant.file)
        path.write_text(mutated)
        self.tree.put_object(mutant.file, data)

    def judge(self, mutant, c_text):
        begin = time.monotonic()
        path = self.tree.folder / mutant.file
        base = self.baseline(mutant.file)
        path.write_text(c_text.changed(mutant.change))
        try:
            data = self.tree.compile(mutant.file)
            if data is None:
                mutant.verdict = NO_C
            elif data == base:
                mutant.verdict = EQUAL
            elif not self.is_new(mutant.file, data):
                mutant.verdict = TWICE
            else:
                self.tree.put_object(mutant.file, data)
                mutant.verdict, mutant.by = self.show_to_suites(mutant, c_text.text)
        finally:
            path.write_text(c_text.text)
            self.tree.put_object(mutant.file, base)
        mutant.seconds = time.monotonic() - begin
        return mutant


def judge_all(judges, mutants, texts, told):
    """Every judge takes the next mutant until there is none; `told` hears of each."""
    rest, lock, errors = list(reversed(mutants)), threading.Lock(), []

    def work(judge):
        while not errors:
            with lock:
                if not rest:
                    return
                mutant = rest.pop()
            try:
                judge.judge(mutant, texts[mutant.file])
            except Exception as error:  # to be raised where somebody looks
                errors.append(error)
                return
            with lock:
                told(mutant)

    threads = [threading.Thread(target=work, args=(j,)) for j in judges]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    if errors:
        raise errors[0]
