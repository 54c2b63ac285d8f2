/* SPDX-License-Identifier: GPL-2.0-only */
/* RPC state: mmc-spec 4, region rule 3.3. */
#include "oracle_turn.h"

#define LIST_MASK_AT 4
#define NO_REGION    0xffu

enum { TYPE_NONE, TYPE_SET, TYPE_LAST_CHANCE, TYPE_PERMANENT };

/* 4.1 */
unsigned oracle_region_type(const struct oracle_region *r)
{
    if (r->mask == NO_REGION) {
        return TYPE_NONE;
    }
    if (r->user_changes >= 2) {
        return TYPE_SET;
    }
    return r->user_changes == 1 ? TYPE_LAST_CHANCE : TYPE_PERMANENT;
}

/* RMI of the disc inside; a disc without CSS forbids nothing (5.2). */
static uint8_t rmi(const struct oracle *o)
{
    return o->disc->css ? o->disc->rmi : 0;
}

/* 3.3 */
bool oracle_region_allowed(const struct oracle *o)
{
    const unsigned drive_plays = ~(unsigned)o->region.mask & 0xff;
    const unsigned disc_allows = ~(unsigned)rmi(o) & 0xff;

    if (o->quirk[ORACLE_RPC_SCHEME] == SCHEME_0) {
        return true;
    }
    return rmi(o) == 0 || (drive_plays & disc_allows) != 0;
}

/* REPORT KEY 08h, 4.1; quirks.md rpc_scheme */
void oracle_report_rpc(struct oracle_turn *t)
{
    const struct oracle_region *r = &t->o->region;
    uint8_t *reply = turn_reply(t, ORACLE_RPC_REPLY, 8);

    if (t->o->quirk[ORACLE_RPC_SCHEME] == SCHEME_0) {
        reply[5] = NO_REGION;
        return;
    }
    reply[4] =
        (uint8_t)(oracle_region_type(r) << 6 | (unsigned)r->vendor_resets << 3 | r->user_changes);
    reply[5] = r->mask;
    reply[6] = 1;
}

static unsigned zero_bits(uint8_t byte)
{
    unsigned count = 0;

    for (unsigned bit = 0; bit < 8; bit++) {
        count += !(byte >> bit & 1);
    }
    return count;
}

/* SEND KEY 06h after list length, medium and list header: 4.3, in its order. */
void oracle_send_rpc(struct oracle_turn *t)
{
    struct oracle_region *r = &t->o->region;
    const uint8_t mask = t->c->out[LIST_MASK_AT];
    const bool same_is_free = t->o->quirk[ORACLE_RPC_SAME_REGION] == SAME_FREE;

    if (zero_bits(mask) != 1) {
        turn_refuse_list(t, ORACLE_RPC_MASK, LIST_MASK_AT);
        return;
    }
    if (rmi(t->o) & (uint8_t)~mask) {
        turn_refuse(t, ORACLE_RPC_DISC_FORBIDS, 0x05, 0x6f, 0x04);
        return;
    }
    if (r->user_changes == 0) {
        turn_refuse(t, ORACLE_RPC_PERMANENT, 0x05, 0x6f, 0x05);
        return;
    }
    if (mask == r->mask && same_is_free) {
        turn_good(t, ORACLE_RPC_SAME);
        return;
    }
    turn_good(t, ORACLE_RPC_SET);
    r->mask = mask;
    r->user_changes--;
}
