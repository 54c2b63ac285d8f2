#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Does tools/mutants.py tell a mutant that is caught from one that is not? On a project of two
functions, whose test looks at one of them well and at the other hardly."""
import contextlib
import io
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import mutants  # noqa: E402
from mutation import changes, rows  # noqa: E402
from mutation.c_text import CText  # noqa: E402
from mutation.plan import Plan, Suite  # noqa: E402

RULES = """\
/* a < b in a comment is no code, "a < b" in a string neither */
#include "rules.h"

int is_small(int n)
{
    return n < 3;
}

int is_large(int n)
{
    return n > 9;
}
"""
TEST = """\
#include "rules.h"

int main(void)
{
    return !(is_small(2) && !is_small(3) && is_large(99) && !is_large(1));
}
"""
MAKEFILE = """\
all: build/test
build/%.o: %.c
\t@mkdir -p build
\tcc $(CFLAGS) -I. -c $< -o $@
build/rules.a: build/rules.o
\tar rcs $@ $^
build/test: build/test.o build/rules.a
\tcc $^ -o $@
"""
PLAN = Plan(groups={"rules": ("rules.c",)}, suites=(Suite("test", ("build/test",), "build/test"),))
HEADER = "int is_small(int n);\nint is_large(int n);\n"
SURVIVOR = "rules.c is_large\n- return n > 9;\n+ return n >= 9;\n"


class Project(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="dvdemu-mutants.")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        for name, text in (("rules.c", RULES), ("rules.h", HEADER), ("test.c", TEST), ("Makefile", MAKEFILE),
                           (".gitignore", "/out/\n")):
            (self.root / name).write_text(text)
        (self.root / "tests/mutants").mkdir(parents=True)
        subprocess.run(["git", "init", "-q"], cwd=self.root, check=True)

    def run_tool(self, *words):
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
            code = mutants.main([*words, str(self.root / "out")], self.root, PLAN)
        return code, out.getvalue()

    def reasons(self, text):
        (self.root / "tests/mutants/survivors.txt").write_text(text)

    def test_tells_caught_from_survived(self):
        code, out = self.run_tool("--least", "0")
        self.assertEqual(code, 1)
        self.assertIn("rules.c:11: is_large (comparison)\n    - return n > 9;\n    + return n >= 9;\n    NO REASON", out)
        self.assertNotIn("rules.c:6", out)
        # n < 2 and n <= 3 are caught, n >= 9 and n > 10 are not; n < 4 and n > 8 are no others
        self.assertIn("| all | 4 | 2 | 2 | 50.0 % | 2 |", out)

    def test_a_reason_for_each_and_a_low_bar_are_well(self):
        self.reasons(SURVIVOR + "  nobody asks\n\n" + SURVIVOR.replace(">= 9", "> 10") + "  nor this\n")
        code, out = self.run_tool("--least", "50")
        self.assertEqual((code, "nobody asks" in out), (0, True), out)
        self.assertEqual(self.run_tool("--least", "51")[0], 1)

    def test_goes_on_from_the_survivors_of_the_last_run(self):
        self.run_tool("--least", "0")
        (self.root / "test.c").write_text(TEST.replace("is_large(99)", "is_large(10) && !is_large(9)"))
        code, out = self.run_tool("--again")
        self.assertEqual((code, "| all | 4 | 4 | 0 | 100.0 % | 2 |" in out), (0, True), out)

    def test_a_reason_for_what_is_caught_is_refused(self):
        self.reasons(SURVIVOR.replace("large", "small").replace("> 9", "< 3").replace(">= 9", "<= 3") + "  so\n")
        _, out = self.run_tool()
        self.assertIn("rules.c:6: has a reason and is no survivor (caught test)", out)

    def test_a_suite_that_fails_by_itself_measures_nothing(self):
        (self.root / "test.c").write_text(TEST.replace("!is_small(3)", "is_small(3)"))
        self.assertEqual(self.run_tool()[0], 2)


class Changes(unittest.TestCase):
    @staticmethod
    def of(text, makers=changes.ALL):
        c = CText("x.c", text)
        return [c.changed(change) for make in makers for change in make(c)]

    def test_comments_strings_and_includes_are_left_alone(self):
        self.assertEqual(self.of('/* 1 < 2 */\n#include <x.h>\nchar *s = "1 < 2";\n'), [])

    def test_a_condition_is_forced_both_ways(self):
        made = self.of("void f(void)\n{\n    if (a(b)) {\n        g();\n    }\n}\n", [changes.forced_conditions])
        self.assertEqual([m.split("\n")[2].strip() for m in made], ["if (false && (a(b))) {", "if (true || (a(b))) {"])

    def test_two_checks_change_places(self):
        made = self.of("void f(void)\n{\n    if (a) {\n        x();\n    }\n    if (b) {\n        y();\n    }\n}\n",
                       [changes.swapped_checks])
        self.assertEqual([m.index("if (b)") < m.index("if (a)") for m in made], [True])

    def test_checks_that_exclude_each_other_stay(self):
        made = self.of("void f(void)\n{\n    if (a == 1) {\n        x();\n    }\n    if (a == 2) {\n        y();\n    }\n}\n",
                       [changes.swapped_checks])
        self.assertEqual(made, [])

    def test_the_size_of_an_array_stays(self):
        self.assertEqual(self.of("void f(void)\n{\n    char text[ROOM / 2], more[8];\n}\n"), [])

    def test_a_row_is_dropped_whole(self):
        made = self.of("static const struct row rows[] = {\n    {1,\n     {2}},\n    {3, {0}},\n};\n", [rows.dropped_rows])
        self.assertEqual(["{2}" in m for m in made], [False, True])

    def test_a_name_becomes_the_next_of_its_enum(self):
        follows = rows.enums(["enum colour { RED, GREEN = 4, BLUE };"])
        self.assertEqual(follows, {"RED": "GREEN", "GREEN": "BLUE", "BLUE": "RED"})


if __name__ == "__main__":
    unittest.main()
