/* SPDX-License-Identifier: GPL-2.0-only */
/* The drive's region: state in two ways, and setting it when asked (windows-spec a.7, b.4). */
#include "key_buffer.h"
#include "wintest.h"

#include <inttypes.h>
#include <string.h>

#define SCHEME_RPC2       1
#define REGION_LIST_BYTES 8

static const char *const type_names[] = {"none set", "set", "last change left", "permanent"};

static struct call_result read_rpc(struct wintest *t, struct rpc_state *rpc)
{
    struct dvd_session s = wintest_session(t);
    const struct call_result result = dvd_read_key(&s, KEY_TYPE_GET_RPC, KEY_RPC_BYTES, 0);

    *rpc = rpc_state_read(key_buffer_data(&s.buffer));
    return result;
}

static void rpc_state_step(struct wintest *t)
{
    struct rpc_state *rpc = &t->known.rpc;
    struct call_result result;

    step_begin(t->report, "rpc-state");
    result = read_rpc(t, rpc);
    if (!step_called(t->report, &result, KEY_RPC_BYTES)) {
        return;
    }
    t->known.has_rpc = true;
    step_judge(t->report,
               expectation_met(t->expected, EXPECTED_REGION_MASK, &rpc->mask, sizeof(rpc->mask)),
               "scheme %u, %s, mask %02Xh, %u changes and %u vendor resets left", rpc->scheme,
               type_names[rpc->type], rpc->mask, rpc->user_changes, rpc->vendor_resets);
}

/* What GET_REGION has to say when READ_KEY says `rpc`: Wine gives the mask as it is (d). */
static uint8_t system_region(const struct wintest *t)
{
    if (t->options->wine) {
        return t->known.rpc.mask;
    }
    return t->known.rpc.type ? (uint8_t)~t->known.rpc.mask : 0;
}

static void get_region(struct wintest *t)
{
    uint8_t region[REGION_BYTES] = {0};
    struct call_result result;

    step_begin(t->report, "get-region");
    if (!t->known.has_rpc) {
        step_skip(t->report, "no region state to compare with");
        return;
    }
    result = wintest_control(t, CODE_DVD_GET_REGION, NULL, 0, region, sizeof(region));
    if (t->known.rpc.scheme != SCHEME_RPC2 && result.status == NT_INVALID_DEVICE_REQUEST) {
        step_pass(t->report, "refused, as the drive has no RPC-II");
        return;
    }
    if (!step_called(t->report, &result, REGION_BYTES)) {
        return;
    }
    step_judge(t->report,
               (region[0] == 1) == t->known.css && region[1] == t->known.disc_regions &&
                   region[2] == system_region(t) && region[3] == t->known.rpc.user_changes,
               "protection %u, forbidden %02Xh, system region %02Xh, %u changes left", region[0],
               region[1], region[2], region[3]);
}

/* ---- setting it ---- */

static struct call_result send_region_ioctl(const struct wintest *t, uint8_t mask)
{
    const struct key_header header = {.key_length = KEY_SET_RPC_BYTES, .type = KEY_TYPE_SET_RPC};
    struct key_buffer buffer;
    const struct ioctl_call call = {
        HANDLE_READ_WRITE, CODE_DVD_SEND_KEY2, &buffer, KEY_SET_RPC_BYTES, NULL, 0};

    key_buffer_make(&buffer, &header);
    key_buffer_data(&buffer)[0] = mask;
    return t->calls->control(t->calls->ctx, &call);
}

/* Wine has no SEND_KEY2: the command itself, past everybody. */
static struct call_result send_region_command(const struct wintest *t, uint8_t mask)
{
    static const uint8_t cdb[] = {OP_SEND_KEY,    0, 0, 0, 0, 0, 0, 0, 0, REGION_LIST_BYTES,
                                  KEY_SET_REGION, 0};
    struct scsi_call call = {.cdb = cdb,
                             .cdb_bytes = sizeof(cdb),
                             .data_out = true,
                             .data = t->room,
                             .data_bytes = REGION_LIST_BYTES};

    memset(t->room, 0, REGION_LIST_BYTES);
    t->room[1] = REGION_LIST_BYTES - 2;
    t->room[4] = mask;
    return wintest_scsi(t, &call);
}

/* The region is one that the disc forbids, or the drive has had its last change. */
static uint32_t wanted_status(const struct rpc_state *before, uint8_t disc_regions, uint8_t mask)
{
    const uint8_t region = (uint8_t)~mask;

    if ((region & disc_regions) != 0) {
        return NT_CSS_REGION_MISMATCH;
    }
    return before->user_changes == 0 ? NT_CSS_RESETS_EXHAUSTED : NT_SUCCESS_STATUS;
}

static void judge_change(struct wintest *t, const struct rpc_state *before, uint8_t mask)
{
    const unsigned left = before->user_changes - (before->mask == mask ? 0u : 1u);
    struct call_result result;

    result = read_rpc(t, &t->known.rpc);
    if (step_called(t->report, &result, KEY_RPC_BYTES)) {
        step_judge(t->report, t->known.rpc.mask == mask && t->known.rpc.user_changes == left,
                   "mask %02Xh, %u changes left, wanted %02Xh and %u", t->known.rpc.mask,
                   t->known.rpc.user_changes, mask, left);
    }
}

static void set_region(struct wintest *t)
{
    const uint8_t mask = (uint8_t) ~(1u << (t->options->set_region - 1));
    const struct rpc_state before = t->known.rpc;
    struct call_result result;
    uint32_t wanted;

    step_begin(t->report, "set-region");
    if (!t->known.has_rpc || !(t->calls->has_write || t->options->wine)) {
        step_skip(t->report, "%s",
                  t->known.has_rpc ? "no handle for writing: run as administrator"
                                   : "no region state to compare with");
        return;
    }
    wanted = wanted_status(&before, t->known.css ? t->known.disc_regions : 0, mask);
    result = t->options->wine ? send_region_command(t, mask) : send_region_ioctl(t, mask);
    if (wanted == NT_SUCCESS_STATUS) {
        if (step_called(t->report, &result, STEP_ANY_BYTES)) {
            judge_change(t, &before, mask);
        }
        return;
    }
    step_judge(t->report, result.status == wanted, "status %08" PRIX32 ", wanted %08" PRIX32,
               result.status, wanted);
}

void wintest_region(struct wintest *t)
{
    rpc_state_step(t);
    get_region(t);
    if (t->known.has_rpc && t->known.rpc.type && !t->options->set_region && !t->options->wine) {
        step_fact(t->report, "region",
                  "is set; on a drive that is new the class driver did that by itself");
    }
    if (t->options->set_region) {
        set_region(t);
    }
}
