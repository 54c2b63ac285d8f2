# SPDX-License-Identifier: GPL-2.0-only
"""Changes of table rows: cells, names of an enum, whole rows."""
import re

from .c_text import NOT_CODE, STRING, Change, blank

# what stands for no gate, no allocation field, ... and what else could
CELLS = (
    (r"\bMEDIUM_DVD\b", ("GATE_MEDIUM", "0")),
    (r"\bGATE_MEDIUM\b(?=,)", ("MEDIUM_DVD", "0")),
    (r"\bGATE_ALLOW_UA\b(?=,)", ("0", "GATE_MEDIUM")),
    (r"(?<=, )0(?=,\s+\")", ("GATE_MEDIUM", "GATE_ALLOW_UA")),
    (r"\bNO_ALLOC\b(?=,)", ("ALLOC8(4)",)),
    (r"\bALLOC8\b", ("ALLOC16", "LIST8")),
    (r"\bALLOC16\b", ("ALLOC8", "LIST16")),
    (r"\bALLOC32\b", ("ALLOC16",)),
    (r"\bLIST(8|16)\b(?=\()", ("ALLOC8", "ALLOC16")),
    (r"\b(check|cmd)_\w+(?=,)", ("NULL",)),
    (r"\bCONTROL\b(?= \})", ("0",)),
)


def enums(headers):
    """{name: the next of its enum} of all enums in the given texts; the last one's next is the first."""
    follows = {}
    for text in headers:
        code = NOT_CODE.sub(blank, text)
        for m in re.finditer(r"\benum(?: \w+)? \{([^}#]*)\}", code):
            names = re.findall(r"(\w+)(?:\s*=[^,]*)?(?:,|$)", m.group(1).strip())
            names = [n for n in names if not re.search(r"(COUNT|STATES|EVENTS|ACTIONS|_END)$", n)]
            if len(names) > 1:
                follows.update(zip(names, names[1:] + names[:1]))
        rows = re.findall(r"^\s+X\((\w+),", text, re.M)
        if rows:
            names = [f"SENSE_{n}" for n in rows]
            follows.update(zip(names, names[1:] + names[:1]))
    return follows


def other_names(c, follows):
    for m in re.finditer(r"\b[A-Z][A-Z0-9_]+\b", c.code):
        if m.group() in follows:
            yield Change(c.file, m.start(), m.end(), follows[m.group()], "name")


def in_tables(c, place):
    return any(a <= place < b for a, b in c.tables)


def other_cells(c):
    for pattern, others in CELLS:
        # a name stands behind a gate, and names are no code
        for m in re.finditer(pattern, c.text):
            if in_tables(c, m.start()) and c.code[m.start()] != " ":
                for other in others:
                    if other != m.group():
                        yield Change(c.file, m.start(), m.end(), other, "cell")


ROW = re.compile(r"^ +(?:\{|\[\w+\]\s*=\s*(?:\{|\w+\())", re.M)


def dropped_rows(c):
    for a, b in c.tables:
        end = a
        for m in ROW.finditer(c.code, a, b):
            if m.start() < end:
                continue  # a row within a row
            end = c.closing(m.end() - 1) + 1
            if c.code[end:end + 1] == ",":
                yield Change(c.file, m.start(), end + 1, "", "row")


# ---- css/agid.c: every state and action that a cell could have ----

TO = re.compile(r"TO\((\w+),\s*(\w+)\)")
STATES = ("FREE", "GRANTED", "HCHAL", "KEY1", "DCHAL", "BUSKEY")
EVENTS = ("GRANT", "HOST_CHALLENGE", "READ_KEY1", "READ_CHALLENGE", "KEY2_OK", "KEY2_BAD",
          "READ_KEY", "INVALIDATE", "RESET")
ACTIONS = ("REFUSE", "NOTHING", "DRAW_VARIANT", "STORE_CHALLENGE", "BEGIN", "MAKE_KEY1", "REPEAT",
           "DRAW_CHALLENGE", "SET_BUS_KEY", "WIPE")


def other_transitions(c):
    for m in TO.finditer(c.text):
        for state in STATES:
            if state != m.group(1) and m.group(1) in STATES:
                yield Change(c.file, m.start(1), m.end(1), state, "AGID state")
        for action in ACTIONS:
            if action != m.group(2) and m.group(2) in ACTIONS:
                yield Change(c.file, m.start(2), m.end(2), action, "AGID action")


def added_transitions(c):
    """A cell where the table has none: the exchange goes on, or back, or is begun."""
    for m in re.finditer(r"^    \[AGID_(\w+)\] = \{\n", c.text, re.M):
        row = c.text[m.end():c.text.find("\n    },", m.end())]
        has = row + ("HOST_CHALLENGE" if "RESTART" in row else "") + ("INVALIDATE] RESET]" if "LEAVE" in row else "")
        for event in EVENTS:
            if f"{event}]" in has or (event == "HOST_CHALLENGE" and event in has):
                continue
            for to in (f"{m.group(1)}, NOTHING", "BUSKEY, NOTHING", "GRANTED, DRAW_VARIANT"):
                yield Change(c.file, m.end(), m.end(), f"        [AGID_EV_{event}] = TO({to}),\n", "AGID cell")


def dropped_macros(c):
    for m in re.finditer(r"^ +(RESTART|LEAVE),", c.code, re.M):
        yield Change(c.file, m.start(), m.end(), "", "AGID cell")


# ---- emulator/quirks.c: another default, values in another order ----

def other_quirks(c):
    for m in re.finditer(r"^    \{(?:CHOICE\(\w+, ([^)]*)\)|(YES_NO)\(\w+\)), \"([^\"]*)\"", c.text, re.M):
        values = STRING.findall(m.group(1)) if m.group(1) else ["no", "yes"]
        start = m.end() - len(m.group(3)) - 1
        for value in values:
            if value != m.group(3):
                yield Change(c.file, start, m.end() - 1, value, "quirk default")
        if m.group(1):
            quoted = [f'"{v}"' for v in values[1:2] + values[:1] + values[2:]]
            yield Change(c.file, m.start(1), m.end(1), ", ".join(quoted), "quirk values")


def all_changes(c, follows):
    yield from other_names(c, follows)
    yield from other_cells(c)
    yield from dropped_rows(c)
    if c.file.endswith("agid.c"):
        yield from other_transitions(c)
        yield from added_transitions(c)
        yield from dropped_macros(c)
    if c.file.endswith("quirks.c"):
        yield from other_quirks(c)
