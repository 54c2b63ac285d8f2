# SPDX-License-Identifier: GPL-2.0-only
"""Verdicts in a file, one a line, as they come: a run that was cut short, or whose survivors got
tests meanwhile, goes on from there."""
import hashlib
import sys

from .judge import SURVIVED

COLUMNS = ("id", "place", "kind", "verdict", "by", "seconds", "before", "after")


def mutant_id(mutant, c_text):
    """The changed file itself: another change, or another file, is another mutant."""
    text = f"{mutant.file}\n{c_text.changed(mutant.change)}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class Record:
    def __init__(self, path, texts):
        self.path, self.texts, self.told, self.total = path, texts, 0, 0
        self.others = []  # lines of mutants that this run is not about

    def line(self, mutant):
        cells = (mutant_id(mutant, self.texts[mutant.file]), f"{mutant.file}:{mutant.line}", mutant.change.kind,
                 mutant.verdict, mutant.by, f"{mutant.seconds:.2f}", mutant.before, mutant.after)
        return "\t".join(cells) + "\n"

    def take_over(self, mutants):
        """What was not survived stays as it was; returns what is to be judged."""
        known = {}
        if self.path.exists():
            for line in self.path.read_text(encoding="utf-8").split("\n"):
                cells = dict(zip(COLUMNS, line.split("\t")))
                if len(cells) == len(COLUMNS):
                    known[cells["id"]] = cells
        for m in mutants:
            cells = known.pop(mutant_id(m, self.texts[m.file]), None)
            if cells and cells["verdict"] != SURVIVED:
                m.verdict, m.by, m.seconds = cells["verdict"], cells["by"], float(cells["seconds"])
        self.others = ["\t".join(cells.values()) + "\n" for cells in known.values()]
        return [m for m in mutants if not m.verdict]

    def begin(self, mutants):
        self.total = sum(not m.verdict for m in mutants)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with open(self.path, "w", encoding="utf-8") as out:
            out.writelines(self.others)
            out.writelines(self.line(m) for m in mutants if m.verdict)

    def add(self, mutant):
        """Called with a verdict that is new."""
        with open(self.path, "a", encoding="utf-8") as out:
            out.write(self.line(mutant))
        self.told += 1
        if mutant.verdict == SURVIVED:
            print(f"survived {mutant.file}:{mutant.line}\n    - {mutant.before}\n    + {mutant.after}",
                  file=sys.stderr, flush=True)
        if self.told % 100 == 0:
            print(f"{self.told} of {self.total}", file=sys.stderr, flush=True)
