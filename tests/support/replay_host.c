/* SPDX-License-Identifier: GPL-2.0-only */
#include "replay_host.h"

/* clang-format off */
const struct replay_host_kind replay_host_kinds[] = {
    /* name        initiator                            ms, events: windows-spec a.1, b.2, e */
    {"cdrom.sys", "iqn.1991-05.com.microsoft:replay",   10000,  4000, true },
    {"linux",     "iqn.1993-08.org.debian:01:replay",    7000,  7000, false},
    {"freebsd",   "iqn.1994-09.org.freebsd:replay",     20000, 20000, false},
    {"netbsd",    "iqn.1994-04.org.netbsd:replay",      30000, 30000, false},
    {NULL, NULL, 0, 0, false},
};
/* clang-format on */

/* ---- block addresses ---- */

static bool is_scrambled(const struct disc_extent *e)
{
    return cpr_mai_is_gated(e->cpr_mai) && e->key >= 0;
}

static const struct disc_extent *first_scrambled(const struct disc *disc)
{
    for (size_t i = 0; i < disc->extent_count; i++) {
        if (is_scrambled(&disc->extents[i])) {
            return &disc->extents[i];
        }
    }
    return NULL;
}

static bool is_wanted(const struct disc_extent *e, const struct disc_extent *first,
                      enum replay_lba which)
{
    switch (which) {
    case REPLAY_SCRAMBLED:
        return e == first;
    case REPLAY_SECOND:
        return first && is_scrambled(e) && e->key != first->key;
    default:
        return e->key >= 0 && !is_scrambled(e);
    }
}

uint32_t replay_lba(const struct disc *disc, enum replay_lba which)
{
    const struct disc_extent *first = first_scrambled(disc);

    if (which == REPLAY_END) {
        return disc->blocks;
    }
    for (size_t i = 0; i < disc->extent_count; i++) {
        if (is_wanted(&disc->extents[i], first, which)) {
            return disc->extents[i].lba;
        }
    }
    return DISC_BLOCKS_MAX;
}
