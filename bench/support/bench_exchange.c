/* SPDX-License-Identifier: GPL-2.0-only */
#include "bench_exchange.h"

#include "css/css.h"
#include "scsi/be.h"
#include "scsi/opcodes.h"

#include <string.h>

#define RPC_BYTES       8
#define COPYRIGHT_BYTES 8
#define AGID_BYTES      8
#define CHALLENGE_BYTES 16
#define KEY_BYTES       12
#define ASF_BYTES       8
#define LIST_HEADER     4

static bool key(struct exchange *x, uint8_t opcode, uint8_t agid_format, uint8_t *data,
                uint16_t bytes)
{
    uint8_t cdb[12] = {opcode};

    be32_put(cdb + 2, x->title_lba); /* of the title key; reserved elsewhere, and not looked at */
    be16_put(cdb + 8, bytes);
    cdb[10] = agid_format;
    return x->run(x->ctx, cdb, data, bytes, opcode == OP_SEND_KEY);
}

static bool survey(struct exchange *x)
{
    const uint8_t copyright[12] = {OP_READ_DVD_STRUCTURE, 0, 0, 0, 0, 0, 0, STRUCTURE_COPYRIGHT, 0,
                                   COPYRIGHT_BYTES};
    uint8_t reply[COPYRIGHT_BYTES];

    return key(x, OP_REPORT_KEY, KEY_RPC_STATE, reply, RPC_BYTES) &&
           x->run(x->ctx, copyright, reply, sizeof(reply), false);
}

/* The host's challenge, and the drive's answer to it, which tells the variant. */
static bool drive_proves(struct exchange *x, uint8_t agid)
{
    uint8_t list[CHALLENGE_BYTES] = {0, CHALLENGE_BYTES - 2, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    uint8_t reply[KEY_BYTES];
    css_challenge challenge;

    memcpy(challenge.b, list + LIST_HEADER, sizeof(challenge.b));
    if (!key(x, OP_SEND_KEY, agid | KEY_CHALLENGE, list, sizeof(list)) ||
        !key(x, OP_REPORT_KEY, agid | KEY_KEY1, reply, sizeof(reply))) {
        return false;
    }
    for (unsigned tries = 0; tries < CSS_VARIANTS; tries++) {
        const css_key1 key1 = css_make_key1(x->variant, &challenge);

        if (memcmp(key1.b, reply + LIST_HEADER, sizeof(key1.b)) == 0) {
            return true;
        }
        x->variant = (x->variant + 1) % CSS_VARIANTS;
    }
    return false;
}

static bool host_proves(struct exchange *x, uint8_t agid)
{
    uint8_t reply[CHALLENGE_BYTES], list[KEY_BYTES] = {0, KEY_BYTES - 2};
    css_challenge challenge;
    css_key2 key2;

    if (!key(x, OP_REPORT_KEY, agid | KEY_CHALLENGE, reply, sizeof(reply))) {
        return false;
    }
    memcpy(challenge.b, reply + LIST_HEADER, sizeof(challenge.b));
    key2 = css_make_key2(x->variant, &challenge);
    memcpy(list + LIST_HEADER, key2.b, sizeof(key2.b));
    return key(x, OP_SEND_KEY, agid | KEY_KEY2, list, sizeof(list));
}

bool exchange_once(struct exchange *x)
{
    uint8_t reply[KEY_BYTES], agid;

    if (!survey(x) || !key(x, OP_REPORT_KEY, KEY_AGID, reply, AGID_BYTES)) {
        return false;
    }
    agid = reply[7] & 0xc0;
    return drive_proves(x, agid) && host_proves(x, agid) &&
           key(x, OP_REPORT_KEY, KEY_ASF, reply, ASF_BYTES) &&
           key(x, OP_REPORT_KEY, agid | KEY_TITLE_KEY, reply, KEY_BYTES);
}
