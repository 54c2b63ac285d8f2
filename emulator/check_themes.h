/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * \file check_themes.h
 * Inside the conformance suite: the themes, one file of rows each.
 */
#ifndef DVDEMU_CHECK_THEMES_H
#define DVDEMU_CHECK_THEMES_H

#include "check.h"

extern const struct check_theme check_theme_identify, check_theme_wire, check_theme_configuration,
    check_theme_event, check_theme_structure, check_theme_agid, check_theme_key_format,
    check_theme_key_state, check_theme_handshake, check_theme_keys, check_theme_gate,
    check_theme_no_disc, check_theme_nexus, check_theme_region, check_theme_reset, check_theme_tray,
    check_theme_region_walk;

#endif
