/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runner of all conformance suites. The program under test is the dvdemu of the build folder that
 * this program is in; DVDEMU in the environment names another one.
 */
#include "rig.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    if (!rig_find()) {
        fprintf(stderr, "%s: no program %s; build it, or name it in DVDEMU\n", argv[0],
                rig_paths.dvdemu);
        return 2;
    }
    return unit_run(argc, argv, &rig_hooks);
}
