/* SPDX-License-Identifier: GPL-2.0-only */
/* Runner of all unit suites. */
#include "tests/support/unit_runner.h"

#include <stddef.h>

int main(int argc, char **argv)
{
    return unit_run(argc, argv, NULL);
}
