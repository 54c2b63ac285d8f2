/* SPDX-License-Identifier: GPL-2.0-only */
#include "scripts.h"

#define TO_KEY1    STEP_GRANT, STEP_CHALLENGE, STEP_KEY1
#define TO_BUS_KEY TO_KEY1, STEP_DRIVE_CHALLENGE, STEP_KEY2

/* clang-format off */
const struct script scripts[] = {
    /* exchanges, to the end or not: those that stop leave their AGID behind */
    {ROLE_HOST, 8, true,  false, {TO_BUS_KEY, STEP_DISC_KEY, STEP_READ_GATED, SCRIPT_END}},
    {ROLE_HOST, 6, true,  false, {TO_BUS_KEY, STEP_TITLE_ONE, STEP_READ_LONG_GATED, SCRIPT_END}},
    {ROLE_HOST, 3, true,  false, {TO_BUS_KEY, STEP_TITLE_TWO, SCRIPT_END}},
    {ROLE_HOST, 2, true,  false, {TO_BUS_KEY, STEP_TITLE_NONE, STEP_INVALIDATE, SCRIPT_END}},
    {ROLE_HOST, 1, true,  false, {TO_BUS_KEY, STEP_TITLE_RANGE, STEP_DISC_KEY, SCRIPT_END}},
    {ROLE_HOST, 2, true,  false, {TO_KEY1, STEP_DRIVE_CHALLENGE, STEP_BAD_KEY2, STEP_ASF, SCRIPT_END}},
    {ROLE_HOST, 3, true,  false, {TO_KEY1, SCRIPT_END}},
    {ROLE_HOST, 2, true,  false, {TO_BUS_KEY, SCRIPT_END}},
    {ROLE_HOST, 2, true,  false, {STEP_GRANT, STEP_GRANT, STEP_GRANT, STEP_GRANT, STEP_GRANT, SCRIPT_END}},
    /* AGIDs that somebody else was given */
    {ROLE_HOST, 2, true,  false, {STEP_CHALLENGE, STEP_KEY1, STEP_DRIVE_CHALLENGE, STEP_KEY2, STEP_TITLE_ONE, SCRIPT_END}},
    {ROLE_HOST, 2, true,  false, {STEP_DRIVE_CHALLENGE, STEP_KEY2, STEP_DISC_KEY, SCRIPT_END}},
    {ROLE_HOST, 2, true,  false, {STEP_INVALIDATE, SCRIPT_END}},
    /* looking on */
    {ROLE_HOST, 4, true,  false, {STEP_READ_GATED, STEP_ASF, STEP_READ_EDGE, STEP_READ_FREE, SCRIPT_END}},
    {ROLE_HOST, 3, true,  false, {STEP_READ_LONG, STEP_READ_LONG_GATED, STEP_READ_LONG, SCRIPT_END}},
    {ROLE_HOST, 3, true,  false, {STEP_UNIT_READY, STEP_EVENT, STEP_SENSE, STEP_EVENT, SCRIPT_END}},
    {ROLE_HOST, 2, true,  false, {STEP_COPYRIGHT, STEP_RPC, STEP_READ_FREE, SCRIPT_END}},
    {ROLE_HOST, 2, true,  false, {STEP_RPC, STEP_REGION_1, STEP_RPC, SCRIPT_END}},
    {ROLE_HOST, 2, true,  false, {STEP_REGION_2, STEP_RPC, STEP_TITLE_ONE, SCRIPT_END}},
    /* the tray */
    {ROLE_HOST, 2, false, false, {STEP_EJECT, STEP_UNIT_READY, STEP_LOAD, STEP_UNIT_READY, STEP_EVENT, STEP_EVENT, SCRIPT_END}},
    {ROLE_HOST, 2, false, false, {STEP_PREVENT, STEP_EJECT, STEP_EVENT, STEP_ALLOW, SCRIPT_END}},
    {ROLE_HOST, 2, false, false, {STEP_PREVENT, STEP_READ_FREE, STEP_ASF, SCRIPT_END}},
    {ROLE_HOST, 2, false, false, {STEP_EJECT, STEP_LOAD, STEP_GRANT, SCRIPT_END}},
    {ROLE_HOST, 1, false, false, {STEP_STOP, STEP_UNIT_READY, SCRIPT_END}},

    {ROLE_MANAGER, 4, false, false, {DEED_RESET, SCRIPT_END}},
    {ROLE_MANAGER, 2, false, false, {DEED_RESET, DEED_RESET, SCRIPT_END}},
    {ROLE_MANAGER, 5, false, false, {DEED_ABORT, SCRIPT_END}},
    {ROLE_MANAGER, 3, false, false, {DEED_ABORT_ALL, SCRIPT_END}},
    {ROLE_MANAGER, 2, false, false, {DEED_DROP, DEED_LOGIN, SCRIPT_END}},
    {ROLE_MANAGER, 2, false, false, {DEED_RST, DEED_LOGIN, SCRIPT_END}},
    {ROLE_MANAGER, 4, false, false, {DEED_LOGOUT, DEED_LOGIN, SCRIPT_END}},

    {ROLE_OPERATOR, 2, false, false, {DEED_OPERATOR_EJECT, DEED_INSERT_0, SCRIPT_END}},
    {ROLE_OPERATOR, 3, false, false, {DEED_OPERATOR_EJECT, DEED_INSERT_1, SCRIPT_END}},
    {ROLE_OPERATOR, 2, false, false, {DEED_INSERT_0, SCRIPT_END}},
    {ROLE_OPERATOR, 1, false, false, {DEED_INSERT_1, SCRIPT_END}},
    {ROLE_OPERATOR, 4, true,  true,  {DEED_CLOCK, SCRIPT_END}},
};
/* clang-format on */

const size_t script_count = sizeof(scripts) / sizeof(scripts[0]);
