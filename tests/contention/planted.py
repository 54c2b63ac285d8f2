#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Does the contention lab notice? Mistakes are planted into a copy of the drive, one at a time, and
the lab is run against each.

usage: planted.py BUILD [RUNS]

Each is a mistake that only several initiators, or something in mid-exchange, can bring to light:
what one command after another does stays right. Says in which of RUNS (3000) interleavings each is
found. Ends with 1 when one is not found, 2 when the text that is to be changed is not there.
"""
import pathlib
import re
import shutil
import subprocess
import sys

# what goes wrong, the file, its text, the text instead
PLANTED = [
    ("a reset leaves the AGIDs", "emulator/drive.c",
     "    drive_tick(d);\n    forget_authentication(d);\n    mode_pages_reset",
     "    drive_tick(d);\n    d->state.asf = false;\n    mode_pages_reset"),
    ("a reset leaves ASF", "emulator/drive.c",
     "    drive_tick(d);\n    forget_authentication(d);\n    mode_pages_reset",
     "    drive_tick(d);\n    agid_pool_free_all(d);\n    mode_pages_reset"),
    ("an attention goes to one nexus only", "emulator/drive.c",
     "        n->state.attentions |= bit;\n",
     "        n->state.attentions |= bit;\n        break;\n"),
    ("a login counts as a reset", "emulator/tgt_module.c",
     "    const bool reset = lu->reserve_id != RESERVED_BY_NOBODY;",
     "    const bool reset = lu->reserve_id != RESERVED_BY_NOBODY || !is_empty_list(&lu->lu_itl_info_list);"),
    ("a reset is seen with every look", "emulator/tgt_module.c",
     "    lu->reserve_id = RESERVED_BY_NOBODY;\n    return reset;", "    return reset;"),
    ("a reset that nobody stays to hear of is none", "emulator/tgt_module.c",
     "            drain_attentions(info);\n",
     "            if (!fresh && !is_empty_list(&info->pending_ua_sense_list)) {\n"
     "                u->lu->reserve_id = 0;\n            }\n            drain_attentions(info);\n"
     "            if (fresh) {\n                u->lu->reserve_id = RESERVED_BY_NOBODY;\n            }\n"),
    ("who leaves takes all AGIDs along", "emulator/drive.c",
     "        if (!d->nexuses && d->personality.quirks.release_on_last_nexus_loss) {",
     "        if (true) {"),
    ("the last one's end lets go of nothing", "emulator/drive.c",
     "        if (!d->nexuses && d->personality.quirks.release_on_last_nexus_loss) {",
     "        if (false) {"),
    ("who comes is seen before who has gone", "emulator/tgt_module.c",
     "    struct list_head *head = &u->lu->lu_itl_info_list;\n\n    close_lost_nexuses(u);\n",
     "    struct list_head *head = &u->lu->lu_itl_info_list;\n\n"),
    ("prevention outlives its nexus", "emulator/tgt_module.c",
     "        shows_prevention(c->scb[0]) || u->host->drive.state.loading) {",
     "        u->host->drive.state.loading) {"),
    ("the operator does not see who has come", "emulator/tgt_module.c",
     "    if (u) {\n        scan_nexuses(u);\n    }\n    return u ? u->host : NULL;",
     "    return u ? u->host : NULL;"),
    ("an eject leaves ASF", "emulator/drive.c",
     "        forget_authentication(d);\n        post_event(d, MEDIA_REMOVAL);",
     "        agid_pool_free_all(d);\n        post_event(d, MEDIA_REMOVAL);"),
    ("an event is posted to one nexus only", "emulator/drive.c",
     "        n->state.events[n->state.event_count++] = (uint8_t)event;\n",
     "        n->state.events[n->state.event_count++] = (uint8_t)event;\n        break;\n"),
    ("keys leave under the bus key of AGID 0", "emulator/key_transfer.c",
     "css_bus_xor(out + 1, out + 1, CSS_KEY_BYTES, &d->state.agids[agid].bus_key);",
     "css_bus_xor(out + 1, out + 1, CSS_KEY_BYTES, &d->state.agids[0].bus_key);"),
    ("an AGID that is taken from its owner keeps the challenge", "emulator/agid_pool.c",
     "        agid_pool_step(d, *agid, AGID_EV_RESET);\n"
     "        agid_pool_step(d, *agid, AGID_EV_GRANT);\n",
     ""),
    ("a wrong KEY2 of one host ends the exchanges of all", "emulator/agid_pool.c",
     "    if (action == AGID_DRAW_VARIANT || action == AGID_BEGIN) {",
     "    if (event == AGID_EV_KEY2_BAD) {\n        agid_pool_free_all(d);\n    }\n"
     "    if (action == AGID_DRAW_VARIANT || action == AGID_BEGIN) {"),
    ("an aborted command is answered with GOOD", "emulator/tgt_module.c",
     "target_cmd_io_done(c, SAM_STAT_TASK_ABORTED);", "target_cmd_io_done(c, SAM_STAT_GOOD);"),
    ("an aborted command is never answered", "emulator/tgt_module.c",
     "        target_cmd_io_done(c, SAM_STAT_TASK_ABORTED);\n", ""),
    ("a parameter list is judged with the attention of before", "emulator/tgt_module.c",
     "    u = c->dev->xxc_p;\n    nexus_of(u, c);\n",
     "    u = c->dev->xxc_p;\n    if (c->scb[0] != OP_SEND_KEY) {\n        nexus_of(u, c);\n    }\n"),
    ("a disc is ready for who was there at its insert", "emulator/drive.c",
     "    d->state.loading = false;\n    raise_attention(d, DRIVE_UA_MEDIUM_CHANGED);\n",
     "    d->state.loading = false;\n    if (d->nexuses && d->nexuses->next) {\n"
     "        raise_attention(d, DRIVE_UA_MEDIUM_CHANGED);\n"
     "        d->nexuses->state.attentions &= ~(unsigned)DRIVE_UA_MEDIUM_CHANGED;\n    }\n"),
]


def copy_tree(root, tree):
    files = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=root, check=True,
                           capture_output=True, text=True).stdout.split("\n")
    for name in filter(None, files):
        if (root / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, tree / name)


def build(tree, out, headers):
    out.mkdir(parents=True, exist_ok=True)
    (out / ".packages").touch()
    made = subprocess.run(["make", "-s", "-C", tree, f"BUILD={out}", f"TGT_SRC={headers}",
                           f"{out}/dvdemu", f"{out}/dvd.so"], capture_output=True, text=True)
    if made.returncode:
        sys.exit(f"planted: does not build:\n{made.stderr}")


def run_lab(program, out, runs):
    lab = subprocess.run([program, out, str(runs)], capture_output=True, text=True, timeout=1800)
    first = re.search(r"^seed (\d+), drive \"(.*)\": (.*)", lab.stdout, re.M)
    return lab.returncode, first


def main(words):
    if len(words) not in (2, 3):
        sys.exit(__doc__)
    made, runs = pathlib.Path(words[1]).resolve(), int(words[2]) if len(words) == 3 else 3000
    root = pathlib.Path(__file__).resolve().parents[2]
    tree, out, missed = made / "planted" / "tree", made / "planted" / "build", 0
    shutil.rmtree(tree, ignore_errors=True)
    copy_tree(root, tree)
    for what, name, old, new in PLANTED:
        text = (root / name).read_text()
        if text.count(old) != 1:
            print(f"planted: {name}: the text for '{what}' is not there once")
            return 2
        (tree / name).write_text(text.replace(old, new))
        build(tree, out, made / "tgt")
        code, first = run_lab(made / "tests" / "contention", out, runs)
        found = code == 1 and first
        missed += not found
        print(f"{'seed ' + first[1] if found else 'MISSED':10} {what}"
              + (f": {first[3]} (drive \"{first[2]}\")" if found else ""), flush=True)
        shutil.copy2(root / name, tree / name)
        (tree / name).touch()
    print(f"{len(PLANTED) - missed} of {len(PLANTED)} planted mistakes were found in {runs} interleavings")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
