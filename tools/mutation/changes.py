# SPDX-License-Identifier: GPL-2.0-only
"""Changes of comparisons, constants, conditions and statements: any C file has them."""
import re

from .c_text import Change

SWAPS = {
    "comparison": {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="},
    "logic": {"&&": "||", "||": "&&"},
    "bits": {"&": "|", "|": "&", "^": "|", "<<": ">>", ">>": "<<", "|=": "&=", "&=": "|="},
    "arithmetic": {"+": "-", "-": "+", "*": "/", "/": "*", "%": "/", "+=": "-=", "-=": "+="},
}
# clang-format puts blanks around an operator of two operands, and around no other
BINARY = re.compile(r"(?<= )(<=|>=|==|!=|&&|\|\||<<|>>|\|=|&=|\+=|-=|[-<>&|^+*/%])(?= |\n)")
NUMBER = re.compile(r"(?<![\w.])(0[xX][0-9a-fA-F]+|\d+)([uUlL]*)(?![\w.])")
# how large an array is says nothing about what is put there
ARRAY_SIZE = re.compile(r"^\s*(?:static |const |struct )*\w+ (?:\w+(?:\[[^\]]*\])?, )*\w+\[[^\]]*$")


def is_array_size(c, place):
    return ARRAY_SIZE.match(c.code[c.code.rfind("\n", 0, place) + 1:place])


def swapped_operators(c):
    for m in BINARY.finditer(c.code):
        if is_array_size(c, m.start()):
            continue
        for kind, swaps in SWAPS.items():
            if m.group() in swaps:
                yield Change(c.file, m.start(), m.end(), swaps[m.group()], kind)


def dropped_operators(c):
    for m in re.finditer(r"(?<![\w)\]])[!~](?=[\w(*])", c.code):
        yield Change(c.file, m.start(), m.end(), "", "not")


def counted_down(c):
    """x++ and x-- where they stand alone: a loop's would only never end."""
    for m in re.finditer(r"(?<=\w)(\+\+|--)(?=;)|(?<=[\w\]])(\+\+|--)(?=\])", c.code):
        yield Change(c.file, m.start(), m.end(), "--" if m.group() == "++" else "++", "arithmetic")


def other_numbers(digits):
    value = int(digits, 8 if re.match("0[0-7]", digits) else 0)
    if digits[:2] in ("0x", "0X"):
        top = 1 << (4 * (len(digits) - 2) - 1)
        return [f"0x{value ^ bit:0{len(digits) - 2}x}" for bit in (1, top)]
    return [str(value + 1)] + ([str(value - 1)] if value else [])


def changed_numbers(c):
    for m in NUMBER.finditer(c.code):
        if is_array_size(c, m.start()):
            continue
        for other in other_numbers(m.group(1)):
            yield Change(c.file, m.start(), m.end(), other + m.group(2), "constant")


def changed_truth(c):
    for m in re.finditer(r"\b(true|false)\b", c.code):
        yield Change(c.file, m.start(), m.end(), "false" if m.group() == "true" else "true", "truth")


def forced_conditions(c):
    """if (x): never, always."""
    for m in re.finditer(r"\bif \(", c.code):
        opening = m.end() - 1
        closing = c.closing(opening)
        for text in ("false && ", "true || "):
            yield Change(c.file, opening, closing + 1,
                         f"({text}{c.text[opening:closing + 1]})", "condition")


def condition_before(code, place):
    """Where the condition in front of a ? begins."""
    depth = 0
    for i in range(place - 1, -1, -1):
        if code[i] in ")]}":
            depth += 1
        elif code[i] in "([{":
            depth -= 1
        if depth < 0 or (depth == 0 and code[i] in ",;?:") or (
                depth == 0 and code[i] == "=" and code[i - 1] not in "=!<>" and code[i + 1] != "="):
            return i + 1
        if depth == 0 and code.startswith("return ", i):
            return i + len("return ")
    return 0


def turned_choices(c):
    for m in re.finditer(r"\?(?=\s)", c.code):
        start = condition_before(c.code, m.start())
        start += len(c.code[start:]) - len(c.code[start:].lstrip())
        end = len(c.code[:m.start()].rstrip())
        yield Change(c.file, start, end, f"!({c.text[start:end]})", "condition")


STATEMENT = re.compile(
    r"(?<=[;{}:])\s*\n\s+(\*?[a-z_][\w.>-]*(?:\[[^;]*?\])?[\w.>-]*(?:\s*(?:[-+|&^]|<<|>>)?= |\+\+;|--;|\())")


def dropped_statements(c):
    """Assignments and calls."""
    for m in STATEMENT.finditer(c.code):
        start = m.start(1)
        end = c.code.find(";", start)
        if not c.in_body(start) or re.match(r"(if|for|while|switch|return|sizeof)\b", c.code[start:]):
            continue
        if "{" in c.code[start:end]:
            opening = c.code.index("{", start)
            end = c.code.find(";", c.closing(opening))
        yield Change(c.file, start, end, "", "statement")


def if_blocks(c):
    """(start, end, indentation) of every `if (...) {...}` without else, as whole lines."""
    for m in re.finditer(r"^( +)if \(", c.code, re.M):
        closing = c.closing(m.end() - 1)
        if c.code[closing + 1:closing + 3] != " {":
            continue
        end = c.closing(closing + 2)
        if end > 0 and c.code[end + 1] == "\n":
            yield m.start(), end + 2, m.group(1)


# what is compared with something; two of the same cannot both be true
EQUALITY = re.compile(r"\s*if \((?:strcmp\()?([\w.>-]+)(?:, .*\) == 0| == \S+)\) \{")


def exclude_each_other(c, a, b):
    one, other = EQUALITY.match(c.text, a), EQUALITY.match(c.text, b)
    return one and other and one.group(1) == other.group(1)


def swapped_checks(c):
    """Two checks that follow each other, in the other order."""
    blocks = list(if_blocks(c))
    for a, b in zip(blocks, blocks[1:]):
        if a[1] == b[0] and a[2] == b[2] and not exclude_each_other(c, a[0], b[0]):
            text = c.text[b[0]:b[1]] + c.text[a[0]:a[1]]
            yield Change(c.file, a[0], b[1] - 1, text[:-1], "order")


ALL = (swapped_operators, dropped_operators, counted_down, changed_numbers, changed_truth,
       forced_conditions, turned_choices, dropped_statements, swapped_checks)
