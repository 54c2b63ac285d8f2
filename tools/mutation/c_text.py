# SPDX-License-Identifier: GPL-2.0-only
"""A C file as text in which changes are looked for: what is code, and what it belongs to."""
import re
from dataclasses import dataclass

# comments, strings, characters; includes and conditions of the preprocessor
NOT_CODE = re.compile(
    r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'"
    r"|^[ \t]*#[ \t]*(?!define\b)[^\n]*|^[ \t]*#[ \t]*define[ \t]+\w+", re.S | re.M)
STRING = re.compile(r"\"((?:\\.|[^\"\\\n])*)\"")
# a definition that begins at the left margin: function, table, typedef
DEFINITION = re.compile(r"^(?:#define\s+(\w+)|(?:\} )?(?=[A-Za-z_])[^\n;=]*?(\w+)\s*(?:\(|\[|=| =|;))", re.M)


def blank(match):
    return re.sub(r"[^\n]", " ", match.group())


@dataclass(frozen=True)
class Change:
    """One textual change: the characters start..end of a file become `text`."""
    file: str
    start: int
    end: int
    text: str
    kind: str


class CText:
    """`code` has blanks for all that is no code, so that a place is the same in it and in `text`."""

    def __init__(self, file, text):
        self.file = file
        self.text = text
        self.code = NOT_CODE.sub(blank, text)
        self._starts = [m.start() for m in DEFINITION.finditer(text)]
        self._names = [m.group(1) or m.group(2) for m in DEFINITION.finditer(text)]
        self.bodies, self.tables = self._blocks()

    def _blocks(self):
        """The insides of function bodies, and of initializers of tables at the left margin."""
        bodies, tables = [], []
        for m in re.finditer(r"^\{$|^(?:\} )?[A-Za-z_][^\n;(]*=\s*\{+$", self.code, re.M):
            end = self.code.find("\n}", m.end())
            (bodies if m.group() == "{" else tables).append((m.end(), end if end > 0 else len(self.code)))
        return bodies, tables

    def line(self, place):
        return self.text.count("\n", 0, place) + 1

    def owner(self, place):
        """Name of the function, table or macro that a place belongs to."""
        name = "-"
        for start, what in zip(self._starts, self._names):
            if start > place:
                break
            name = what
        return name

    def in_body(self, place):
        return any(a <= place < b for a, b in self.bodies)

    def closing(self, place):
        """The place of the bracket that closes the one at `place`; -1: none does."""
        opens = self.code[place]
        closes = {"(": ")", "{": "}", "[": "]"}[opens]
        depth = 0
        for i in range(place, len(self.code)):
            depth += (self.code[i] == opens) - (self.code[i] == closes)
            if depth == 0:
                return i
        return -1

    def changed(self, change):
        return self.text[:change.start] + change.text + self.text[change.end:]

    def shown(self, change):
        """The lines that a change touches, before and after, each as one line without margin."""
        a = self.text.rfind("\n", 0, change.start) + 1
        b = self.text.find("\n", change.end)
        b = len(self.text) if b < 0 else b
        after = self.text[a:change.start] + change.text + self.text[change.end:b]
        return " ".join(self.text[a:b].split()), " ".join(after.split())
