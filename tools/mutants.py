#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Mutation score: how many small changes of the drive do the tests notice?

usage: mutants.py [options] BUILD

A mutant is the drive with one textual change: a cell of a table row, a comparison, a constant, a
condition, a statement (tools/mutation). It is caught when one of the suites of `make test` fails.
Work goes to BUILD/mutants; reasons of survivors are in tests/mutants/survivors.txt. Ends with 1 if
the score is below --least or a survivor has no reason, 2 if nothing could be measured.
"""
import argparse
import pathlib
import random
import sys
import threading
import time

sys.dont_write_bytecode = True
from mutation import changes, judge, record, report, rows, tree  # noqa: E402
from mutation.c_text import CText  # noqa: E402
from mutation.plan import DRIVE  # noqa: E402


def find_mutants(root, plan, only):
    """All mutants of the plan's files, each once, and the files' texts."""
    headers = [p.read_text() for pattern in plan.headers for p in sorted(root.glob(pattern))]
    texts, found = {}, []
    for group, files in plan.groups.items():
        for file in files:
            if only and not any(o in (file, pathlib.Path(file).name) for o in only):
                continue
            c = texts[file] = CText(file, (root / file).read_text())
            follows = rows.enums([*headers, c.text])
            once = set()
            for change in (*rows.all_changes(c, follows), *(x for make in changes.ALL for x in make(c))):
                after = c.changed(change)
                if after not in once and after != c.text:
                    once.add(after)
                    found.append(judge.Mutant(group, change, c.line(change.start), c.owner(change.start),
                                              *c.shown(change)))
    return found, texts


def options(words):
    p = argparse.ArgumentParser(prog="mutants.py", description="mutation score of the drive")
    p.add_argument("build", metavar="BUILD")
    p.add_argument("--only", metavar="FILE", action="append", default=[], help="only this source file")
    p.add_argument("--sample", metavar="N", type=int, help="N mutants by chance")
    p.add_argument("--seed", metavar="S", type=int, default=1, help="of that chance (1)")
    p.add_argument("--again", action="store_true", help="go on from the last run in BUILD: its survivors, and what it did not reach")
    p.add_argument("--list", action="store_true", help="only print them")
    p.add_argument("--jobs", metavar="N", type=int, default=1, help="workers (1)")
    p.add_argument("--least", metavar="PERCENT", type=float, default=95.0, help="score to reach (95)")
    p.add_argument("--quick", action="store_true", help="only suites that are quick: more survive")
    return p.parse_args(words)


def choose(found, o):
    if o.sample and o.sample < len(found):
        chosen = random.Random(o.seed).sample(range(len(found)), o.sample)
        found = [found[i] for i in sorted(chosen)]
    return found


def run(found, texts, root, plan, o, reasons):
    """Judges them all, by as many workers as asked for."""
    folder = pathlib.Path(o.build).resolve()
    log = record.Record(folder / "mutants/verdicts.tsv", texts)
    rest = log.take_over(found) if o.again else found
    tgt = folder / "tgt"
    judges, seen, lock = [], set(), threading.Lock()
    for n in range(min(o.jobs, len(rest))):
        t = tree.Tree(root, folder / f"mutants/worker{n}", plan, tgt if tgt.exists() else None)
        t.copy_sources()
        t.build()
        judges.append(judge.Judge(t, plan, reasons, seen, lock, o.quick))
    log.begin(found)
    judge.judge_all(judges, rest, texts, log.add)


def tell(mutants, plan, reasons, seconds, known_keys, least):
    """Prints the table; true: all is well."""
    for line in report.survivors(mutants, reasons):
        print(line)
    print("\n".join(report.table(mutants, plan.groups)))
    print("\n".join(report.summary(mutants)))
    wrong = list(report.complaints(mutants, reasons, known_keys))
    score = report.score(mutants)
    if score < least:
        wrong.append(f"{score:.1f} % is less than {least:g} %")
    print("\n".join(f"mutants: {w}" for w in wrong))
    print(f"mutation score {score:.1f} % in {seconds:.0f} s")
    return not wrong


def main(words, root=pathlib.Path(__file__).resolve().parent.parent, plan=DRIVE):
    o = options(words)
    found, texts = find_mutants(root, plan, o.only)
    known = None if o.only else {m.key for m in found}
    found = choose(found, o)
    if o.list:
        for m in found:
            print(f"{m.file}:{m.line}: {m.owner} ({m.change.kind})\n    - {m.before}\n    + {m.after}")
        print(f"{len(found)} mutants")
        return 0
    begin = time.monotonic()
    try:
        reasons = report.read_reasons(root / "tests/mutants/survivors.txt")
        run(found, texts, root, plan, o, reasons)
    except (tree.BuildError, report.ReasonError) as error:
        print(f"mutants: {error}", file=sys.stderr)
        return 2
    return 0 if tell(found, plan, reasons, time.monotonic() - begin, known, o.least) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
