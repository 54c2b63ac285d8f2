# SPDX-License-Identifier: GPL-2.0-only
"""What came of it: a table, the survivors and their reasons."""
from collections import Counter

from .judge import CAUGHT, EQUAL, NO_C, SURVIVED, TWICE


class ReasonError(Exception):
    pass


def read_reasons(path):
    """{(file, owner, before, after): reason} of a file of survivors."""
    reasons = {}
    if not path.exists():
        return reasons
    text = "\n".join(line for line in path.read_text().split("\n") if not line.startswith("#"))
    for block in filter(None, (b.strip("\n") for b in text.split("\n\n"))):
        lines = block.split("\n")
        place = lines[0].split(" ")
        if len(lines) < 4 or len(place) != 2 or lines[1][:2] != "- " or lines[2][:2] != "+ ":
            raise ReasonError(f"{path}: not a survivor with a reason: {lines[0]}")
        reason = " ".join(line.strip() for line in lines[3:])
        reasons[place[0], place[1], lines[1][2:], lines[2][2:]] = reason
    return reasons


def per_cent(caught, counted):
    return f"{100 * caught / counted:.1f} %" if counted else "-"


def table(mutants, groups):
    yield "| group | made | caught | survived | score | not counted |"
    yield "|---|---:|---:|---:|---:|---:|"
    for name in (*groups, "all"):
        n = Counter(m.verdict for m in mutants if name in ("all", m.group))
        counted = n[CAUGHT] + n[SURVIVED]
        if sum(n.values()):
            yield (f"| {name} | {counted} | {n[CAUGHT]} | {n[SURVIVED]} | {per_cent(n[CAUGHT], counted)} | "
                   f"{n[NO_C] + n[EQUAL] + n[TWICE]} |")


def score(mutants):
    n = Counter(m.verdict for m in mutants)
    counted = n[CAUGHT] + n[SURVIVED]
    return 100 * n[CAUGHT] / counted if counted else 100.0


def summary(mutants):
    n = Counter(m.verdict for m in mutants)
    yield (f"not counted: {n[NO_C]} do not compile, {n[EQUAL]} give the same object code, "
           f"{n[TWICE]} the same as another")
    by = Counter(m.by for m in mutants if m.verdict == CAUGHT)
    yield "caught by: " + ", ".join(f"{name} {count}" for name, count in by.most_common())


def survivors(mutants, reasons):
    for m in mutants:
        if m.verdict == SURVIVED:
            yield f"{m.file}:{m.line}: {m.owner} ({m.change.kind})\n    - {m.before}\n    + {m.after}\n" \
                  f"    {reasons.get(m.key, 'NO REASON')}"


def complaints(mutants, reasons, known_keys=None):
    """What is wrong with the list of reasons."""
    for m in mutants:
        if m.verdict == SURVIVED and m.key not in reasons:
            yield f"{m.file}:{m.line}: a survivor without a reason"
        elif m.verdict in (CAUGHT, EQUAL) and m.key in reasons and not any(
                o.key == m.key and o.verdict == SURVIVED for o in mutants):
            yield f"{m.file}:{m.line}: has a reason and is no survivor ({m.verdict} {m.by})"
    if known_keys is not None:
        for key in reasons:
            if key not in known_keys:
                yield f"{key[0]}: no such mutant any more: {key[1]}: {key[3]}"
