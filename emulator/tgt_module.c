/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The backing store "dvd": drives inside an unmodified tgtd. The only file with tgtd's headers.
 *
 * Used with the default device type; dvd_init() makes that one logical unit a type 5 device: one
 * dispatcher in all operations, and two functions of the unit interposed, which are the only places
 * where unit attentions, nexuses, residuals and task attributes can be had in time. tgtd keeps its
 * task list, aborts, access control and persistent reservations. One object serves as a module in
 * tgtd's folder and preloaded into a tgtd that an ordinary user runs.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* before tgtd's headers, which define MEDIUM_ERROR and the like as macros */
#include "commands.h"
#include "control_server.h"
#include "delay_queue.h"
#include "error_line.h"
#include "fetch_queue.h"
#include "initiator_rule.h"
#include "listen_check.h"
#include "module_calls.h"
#include "nexus_table.h"
#include "read_ahead.h"
#include "run_folder.h"
#include "scsi/opcodes.h"

/* they need each other in this order */
/* clang-format off */
#include <list.h>
#include <util.h>
#include <tgtd.h>
#include <target.h>
#include <scsi.h>
#include <spc.h>
#include <bs_thread.h>
#include <driver.h>
#include <tgtadm.h>
/* clang-format on */

/*
 * Weak: the object may be preloaded into a process that is not tgtd, and has to be harmless there.
 * A strong reference to a function whose address is taken is bound at load time.
 */
#pragma weak account_add
#pragma weak account_ctl
#pragma weak acl_add
#pragma weak bs_null_cmd_submit
#pragma weak bs_thread_cmd_submit
#pragma weak get_backingstore_template
#pragma weak get_driver_index
#pragma weak iqn_acl_add
#pragma weak it_nexus_lookup
#pragma weak log_error
#pragma weak register_backingstore_template
#pragma weak smc_template
#pragma weak spc_illegal_op
#pragma weak spc_inquiry
#pragma weak spc_lu_exit
#pragma weak spc_request_sense
#pragma weak target_cmd_io_done
#pragma weak target_cmd_perform
#pragma weak tgt_device_create
#pragma weak tgt_event_add
#pragma weak tgt_event_del
#pragma weak tgt_event_modify
#pragma weak tgt_target_create
#pragma weak tgt_target_destroy
#pragma weak tgt_targetname
#pragma weak ua_sense_clear

extern struct device_type_template smc_template;
extern int bs_null_cmd_submit(struct scsi_cmd *);

#define STORE_NAME               "dvd"
#define DRIVE_LUN                1
#define WORKERS                  4
#define OFFLOAD_BLOCKS_MIN       16 /* 32 KiB: measured; handing 8 KiB over costs more */
#define OFFLOAD_OTHERS_MIN       2
#define RESERVED_BY_NOBODY       UINT64_MAX /* numbers of nexuses have 16 bits */
#define ABORT_POLL_NS            5000000 /* short: a second request for one command must find none */
#define NEXUS_POLL_NS            100000000
#define US_PER_S                 1000000
#define NS_PER_US                1000
#define CDB_BYTES_MIN            16 /* of what tgtd hands over; 260 with an extended CDB */
#define CDB_BYTES_MAX            260
#define SENSE_ASC_FIXED          12 /* in fixed-format sense */
#define SENSE_ASC_DESCRIPTOR     2  /* in descriptor format */
#define SENSE_CURRENT_DESCRIPTOR 0x72
#define SENSE_DESCRIPTOR_BYTES   8

/* Buffers of commands stay in the heap instead of being mapped and faulted in anew each time. */
#define MALLOC_MAP_BYTES  (64 << 20)
#define MALLOC_TRIM_BYTES (128 << 20)
#define MALLOC_TOP_BYTES  (1 << 20)

/* What hangs on a logical unit. */
struct unit {
    struct unit *next, *previous;
    struct scsi_lu *lu;
    struct drive_host *host;
    int (*next_perform)(int, struct scsi_cmd *);
    void (*next_done)(struct target *, struct scsi_cmd *);
    struct nexus_table nexuses;
    struct delay_queue delayed; /* answers whose time has not come, by the drive's clock */
    struct unit *next_waiting;  /* of those that have one */
    bool is_waiting;
};

/* Of the process; everything runs on tgtd's event thread. */
static struct {
    struct unit *units, *last_unit; /* in order of creation */
    struct unit *waiting;           /* those with delayed answers */
    uint64_t armed_us;              /* when the timer of delayed answers ends; UINT64_MAX: never */
    struct fetch_queue *fetches;    /* NULL until the first unit */
    struct read_ahead *ahead;       /* NULL: no memory for it */
    int timer_fd;                   /* looks for aborts while reads are running */
    bool timer_runs;
    int watch_fd; /* looks for lost nexuses; -1: no drive needs it */
    int due_fd;   /* ends the wait of delayed answers; -1: none ever waited */
    bool command_layout_seen;
    const char *misfit;               /* why this tgtd is none that was built for; NULL: it is */
    char unit_error[INI_ERROR_BYTES]; /* of the last dvd_init() */
    struct drive_host *attached;      /* on its way from attach() to dvd_init() */
    int last_tid;
    char run_folder[PATH_MAX], ready_file[PATH_MAX];
} module = {.timer_fd = -1, .watch_fd = -1, .due_fd = -1, .armed_us = UINT64_MAX};

static struct backingstore_template dvd_store;

/* tgtd has an offsetof of its own, which follows a null pointer */
#define OWNER_OF(link, type, member)                                                               \
    ((type *)((uintptr_t)(link) - __builtin_offsetof(type, member)))

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
    char text[INI_ERROR_BYTES];
    va_list ap;

    va_start(ap, format);
    vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    log_error("%s: %s\n", STORE_NAME, text);
}

/* ---- layout: is this tgtd one whose structures are those of the headers? ---- */

#define REQUIRE(condition, what)                                                                   \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            return what;                                                                           \
        }                                                                                          \
    } while (0)

static bool is_linked(const struct list_head *l)
{
    return l->next && l->prev && l->next->prev == l && l->prev->next == l;
}

static bool is_empty_list(const struct list_head *l)
{
    return l->next == l && l->prev == l;
}

static bool store_serves(const struct backingstore_template *store, unsigned opcode)
{
    const unsigned bits = 8 * sizeof(store->bs_supported_ops[0]);

    return store->bs_supported_ops[opcode / bits] >> opcode % bits & 1;
}

/* tgtd carries no version symbol, but it exports objects whose content is known. */
static const char *misfit_of_templates(void)
{
    const struct backingstore_template *rdwr, *null;
    const struct device_type_template *changer = &smc_template;

    REQUIRE(get_backingstore_template && register_backingstore_template && changer &&
                bs_thread_cmd_submit && spc_inquiry && target_cmd_perform,
            "its symbols");
    rdwr = get_backingstore_template("rdwr");
    null = get_backingstore_template("null");
    REQUIRE(rdwr && null, "its stores rdwr and null");
    REQUIRE(rdwr->bs_datasize == sizeof(struct bs_thread_info), "struct bs_thread_info");
    REQUIRE(rdwr->bs_cmd_submit == bs_thread_cmd_submit &&
                null->bs_cmd_submit == bs_null_cmd_submit &&
                rdwr->bs_oflags_supported == (O_SYNC | O_DIRECT),
            "struct backingstore_template");
    REQUIRE(store_serves(rdwr, TEST_UNIT_READY) && store_serves(rdwr, WRITE_VERIFY_16) &&
                !store_serves(rdwr, NR_SCSI_OPCODES - 1) && is_linked(&rdwr->backingstore_siblings),
            "struct backingstore_template, operations");
    REQUIRE(changer->type == TYPE_MEDIUM_CHANGER, "struct device_type_template");
    REQUIRE(changer->ops[INQUIRY].cmd_perform == spc_inquiry &&
                changer->ops[REQUEST_SENSE].cmd_perform == spc_request_sense &&
                changer->ops[NR_SCSI_OPCODES - 1].cmd_perform == spc_illegal_op &&
                is_linked(&changer->device_type_siblings),
            "struct device_type_template, operations");
    return NULL;
}

static const char *misfit_of_unit(const struct scsi_lu *lu)
{
    REQUIRE(lu->bst == &dvd_store, "struct scsi_lu, store");
    REQUIRE(lu->cmd_perform == target_cmd_perform && lu->cmd_done, "struct scsi_lu, functions");
    REQUIRE(lu->tgt && lu->tgt->name && tgt_targetname(lu->tgt->tid) == lu->tgt->name,
            "struct target");
    REQUIRE(lu->dev_type_template.type == lu->attrs.device_type, "struct lu_phy_attr, type");
    return NULL;
}

/* What a unit of another type need not have. */
static const char *misfit_of_disk(const struct scsi_lu *lu)
{
    REQUIRE(is_empty_list(&lu->registration_list) && is_empty_list(&lu->cmd_queue.queue) &&
                is_empty_list(&lu->lu_itl_info_list) && is_linked(&lu->mode_pages) &&
                !is_empty_list(&lu->mode_pages),
            "struct scsi_lu, lists");
    REQUIRE(strcmp(lu->attrs.vendor_id, VENDOR_ID) == 0 &&
                strncmp(lu->attrs.scsi_id, VENDOR_ID "     ", VENDOR_ID_LEN) == 0,
            "struct lu_phy_attr, texts");
    REQUIRE(lu->attrs.lu_vpd[PCODE_OFFSET(0x83)], "struct lu_phy_attr, pages");
    return NULL;
}

static const struct it_nexus_lu_info *find_info(const struct scsi_lu *lu, const void *wanted)
{
    const struct list_head *head = &lu->lu_itl_info_list;

    for (struct list_head *l = head->next; l != head; l = l->next) {
        const struct it_nexus_lu_info *info =
            OWNER_OF(l, struct it_nexus_lu_info, lu_itl_info_siblings);

        if (info == wanted) {
            return info;
        }
    }
    return NULL;
}

static const struct unit *find_unit(const struct scsi_lu *lu)
{
    const struct unit *u = module.units;

    while (u && u->lu != lu) {
        u = u->next;
    }
    return u;
}

/* The login's own, which every nexus still has when its first command comes. */
static bool is_attention(const struct ua_sense *ua)
{
    const uint8_t *s = ua->ua_sense_buffer;

    if (!is_linked(&ua->ua_sense_siblings)) {
        return false;
    }
    return s[0] == SENSE_CURRENT_DESCRIPTOR
               ? s[1] == UNIT_ATTENTION && ua->ua_sense_len == SENSE_DESCRIPTOR_BYTES
               : s[2] == UNIT_ATTENTION && ua->ua_sense_len == SENSE_FIXED_BYTES;
}

/* Whether the target's list of nexuses, begun at its head, leads to this one. */
static bool is_listed(const struct target *target, const struct it_nexus *nexus)
{
    const struct list_head *head = &target->it_nexus_list, *l = head;

    do {
        if (!is_linked(l)) {
            return false;
        }
        l = l->next;
    } while (l != head && l != &nexus->nexus_siblings);
    return l != head;
}

/* Follows no pointer of the command before it is known to be one that is good. */
static const char *misfit_of_command(int tid, const struct scsi_cmd *c)
{
    const struct unit *u = find_unit(c->dev);
    const struct it_nexus_lu_info *info;
    const struct it_nexus *nexus;

    REQUIRE(u, "struct scsi_cmd, unit");
    REQUIRE(c->c_target == u->lu->tgt && u->lu->tgt->tid == tid, "struct scsi_cmd, target");
    nexus = it_nexus_lookup(tid, c->cmd_itn_id);
    REQUIRE(nexus && c->it_nexus == nexus, "struct scsi_cmd, nexus");
    REQUIRE(nexus->itn_id == c->cmd_itn_id && nexus->nexus_target == c->c_target &&
                is_linked(&nexus->cmd_list) && is_linked(&nexus->itn_itl_info_list) &&
                is_listed(u->lu->tgt, nexus),
            "struct it_nexus");
    REQUIRE(is_linked(&u->lu->lu_itl_info_list), "struct scsi_lu, nexuses");
    info = find_info(u->lu, c->itn_lu_info);
    REQUIRE(info, "struct scsi_cmd, nexus of the unit");
    REQUIRE(info->lu == u->lu && info->itn_id == c->cmd_itn_id &&
                is_linked(&info->itn_itl_info_siblings) && is_linked(&info->pending_ua_sense_list),
            "struct it_nexus_lu_info");
    REQUIRE(is_empty_list(&info->pending_ua_sense_list) ||
                is_attention(
                    OWNER_OF(info->pending_ua_sense_list.next, struct ua_sense, ua_sense_siblings)),
            "struct ua_sense");
    REQUIRE(c->scb && c->scb_len >= CDB_BYTES_MIN && c->scb_len <= CDB_BYTES_MAX,
            "struct scsi_cmd, CDB");
    REQUIRE(!c->sense_len && !c->mreq && !c->in_sdb.resid && !c->out_sdb.resid &&
                c->in_sdb.transfer_len == c->in_sdb.length &&
                c->out_sdb.transfer_len == c->out_sdb.length,
            "struct scsi_cmd, buffers");
    return NULL;
}

/* ---- nexuses and resets, as far as tgtd lets them be seen ---- */

static uint16_t attention_code(const struct list_head *link)
{
    const struct ua_sense *ua = OWNER_OF(link, struct ua_sense, ua_sense_siblings);
    const uint8_t *s = ua->ua_sense_buffer;

    s += s[0] == SENSE_CURRENT_DESCRIPTOR ? SENSE_ASC_DESCRIPTOR : SENSE_ASC_FIXED;
    return (uint16_t)(s[0] << 8 | s[1]);
}

/* Take all unit attentions that tgtd keeps for a nexus: the drive makes its own. What tgtd
 * allocated, tgtd frees. */
static void drain_attentions(struct it_nexus_lu_info *info)
{
    const struct list_head *head = &info->pending_ua_sense_list;

    for (const struct list_head *first = NULL; head->next != head && head->next != first;) {
        first = head->next;
        ua_sense_clear(info, attention_code(first));
    }
}

/*
 * A logical unit reset ends whatever reservation tgtd knows of, and nothing else ends one of
 * nobody: the mark is gone after a reset, even when all who were told of it have left since. No
 * command of a drive asks for this reservation; those of persistent ones have their own.
 */
static bool was_reset(struct scsi_lu *lu)
{
    const bool reset = lu->reserve_id != RESERVED_BY_NOBODY;

    lu->reserve_id = RESERVED_BY_NOBODY;
    return reset;
}

/*
 * Whether a nexus is one that the table has. A nexus comes with a unit attention, which stays until
 * its first command is seen here: one without any has been seen, under this number. So tgtd's own
 * list, which is searched from its begin, is asked for those only that are new or were reset.
 */
static bool is_known(struct unit *u, const struct it_nexus_lu_info *info)
{
    return is_empty_list(&info->pending_ua_sense_list) &&
           nexus_table_keep(&u->nexuses, info->itn_id);
}

/* Nexuses that are gone are closed before new ones come: the last one's end means something. */
static void close_lost_nexuses(struct unit *u)
{
    const struct list_head *head = &u->lu->lu_itl_info_list;

    for (const struct list_head *l = head->next; l != head; l = l->next) {
        const struct it_nexus_lu_info *info =
            OWNER_OF(l, struct it_nexus_lu_info, lu_itl_info_siblings);
        const struct it_nexus *nexus;
        bool fresh;

        if (is_known(u, info)) {
            continue;
        }
        nexus = it_nexus_lookup(u->lu->tgt->tid, info->itn_id);
        if (nexus && nexus_table_find(&u->nexuses, info->itn_id, nexus->ctime)) {
            nexus_table_mark(&u->nexuses, &u->host->drive, info->itn_id, nexus->ctime, &fresh);
        }
    }
    nexus_table_sweep(&u->nexuses, &u->host->drive);
}

/* Both a login and a reset leave 29h/00h behind in tgtd; the drive makes them of its own. */
static void scan_nexuses(struct unit *u)
{
    struct list_head *head = &u->lu->lu_itl_info_list;

    close_lost_nexuses(u);
    for (struct list_head *l = head->next; l != head; l = l->next) {
        struct it_nexus_lu_info *info = OWNER_OF(l, struct it_nexus_lu_info, lu_itl_info_siblings);
        const struct it_nexus *nexus;
        bool fresh = false;

        if (is_known(u, info)) {
            continue;
        }
        nexus = it_nexus_lookup(u->lu->tgt->tid, info->itn_id);
        if (nexus) {
            nexus_table_mark(&u->nexuses, &u->host->drive, info->itn_id, nexus->ctime, &fresh);
            drain_attentions(info);
        }
    }
    nexus_table_sweep(&u->nexuses, &u->host->drive); /* all are marked */
    if (was_reset(u->lu)) {
        drive_reset(&u->host->drive);
    }
}

/* A nexus that has gone prevents nothing any more: eject asks, and page 2Ah tells. */
static bool shows_prevention(uint8_t opcode)
{
    return opcode == START_STOP || opcode == MODE_SENSE || opcode == MODE_SENSE_10;
}

/*
 * The list may be long: walk it only when something is new, or prevention is about to matter, or
 * whoever logged in meanwhile is about to be told that a disc has become ready.
 */
static struct drive_nexus *nexus_of(struct unit *u, const struct scsi_cmd *c)
{
    long since = c->it_nexus->ctime;
    struct drive_nexus *nexus = nexus_table_find(&u->nexuses, c->cmd_itn_id, since);

    if (!nexus || !is_empty_list(&c->itn_lu_info->pending_ua_sense_list) ||
        shows_prevention(c->scb[0]) || u->host->drive.state.loading) {
        scan_nexuses(u);
        nexus = nexus_table_find(&u->nexuses, c->cmd_itn_id, since);
    }
    return nexus;
}

/*
 * For each command tgtd searches the target's nexuses from the begin of their list, in which new
 * ones come last: with a thousand idle ones that is a third of a small read's time. Who speaks goes
 * to the front. The order means nothing to tgtd, and it walks the list in no call that leads here.
 */
static void to_front(struct target *target, struct it_nexus *nexus)
{
    if (target->it_nexus_list.next != &nexus->nexus_siblings) {
        list_del(&nexus->nexus_siblings);
        list_add(&nexus->nexus_siblings, &target->it_nexus_list);
    }
}

/* ---- commands ---- */

static uint32_t wire_bytes(size_t bytes)
{
    return bytes < INT32_MAX ? (uint32_t)bytes : INT32_MAX;
}

/* Turn a reply into tgtd's terms; the data is in the buffer already. */
static int finish(struct scsi_cmd *c, const struct drive_reply *reply)
{
    /* more than the expected length becomes a negative residual: overflow on the wire */
    scsi_set_in_resid_by_actual(c, reply->sense.check ? 0 : wire_bytes(reply->in_bytes));
    scsi_set_out_resid_by_actual(c, wire_bytes(reply->out_bytes));
    if (reply->sense.check) {
        sense_fixed(reply->sense, c->sense_buffer);
        c->sense_len = SENSE_FIXED_BYTES;
    }
    return (int)sense_status(reply->sense);
}

static void set_timer(bool on)
{
    const struct itimerspec t = {{0, on ? ABORT_POLL_NS : 0}, {0, on ? ABORT_POLL_NS : 0}};

    if (on != module.timer_runs) {
        timerfd_settime(module.timer_fd, 0, &t, NULL);
        module.timer_runs = on;
    }
}

/* ---- answers that take their time ---- */

/* Units are on the list from their first delayed answer on until a look finds them without. */
static void add_waiting(struct unit *u)
{
    if (!u->is_waiting) {
        u->is_waiting = true;
        u->next_waiting = module.waiting;
        module.waiting = u;
    }
}

static void drop_idle_units(void)
{
    struct unit **at = &module.waiting, *u;

    while ((u = *at) != NULL) {
        if (u->delayed.first) {
            at = &u->next_waiting;
        } else {
            *at = u->next_waiting;
            u->is_waiting = false;
        }
    }
}

static bool any_delayed(void)
{
    drop_idle_units();
    return module.waiting != NULL;
}

/* When the next answer is due on the real clock; a virtual one is moved by somebody. */
static void arm_due_timer(void)
{
    uint64_t next_us = UINT64_MAX;
    struct itimerspec t = {{0, 0}, {0, 0}};

    for (const struct unit *u = module.waiting; u; u = u->next_waiting) {
        const uint64_t due_us = delay_queue_due_us(&u->delayed);

        if (!u->host->virtual_clock && due_us < next_us) {
            next_us = due_us;
        }
    }
    if (next_us == module.armed_us) {
        return;
    }
    module.armed_us = next_us;
    if (next_us != UINT64_MAX) {
        t.it_value.tv_sec = (time_t)(next_us / US_PER_S);
        t.it_value.tv_nsec = (long)(next_us % US_PER_S * NS_PER_US + 1); /* 0 would be "never" */
    }
    timerfd_settime(module.due_fd, TFD_TIMER_ABSTIME, &t, NULL);
}

static void answer_due(struct unit *u)
{
    const uint64_t now_us = drive_host_now_us(u->host);
    struct drive_reply reply;
    struct scsi_cmd *c;

    while ((c = delay_queue_take(&u->delayed, now_us, &reply)) != NULL) {
        int status = finish(c, &reply);

        target_cmd_io_done(c, status); /* may free it at once */
    }
}

static void due_came(int fd, int events, void *data)
{
    uint64_t ticks;

    (void)events;
    (void)data;
    if (read(fd, &ticks, sizeof(ticks)) < 0) {
        return;
    }
    module.armed_us = UINT64_MAX; /* it ends once */
    for (struct unit *u = module.waiting; u; u = u->next_waiting) {
        answer_due(u);
    }
    drop_idle_units();
    arm_due_timer();
}

static bool start_due_timer(void)
{
    if (module.due_fd >= 0) {
        return true;
    }
    module.due_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    return module.due_fd >= 0 && tgt_event_add(module.due_fd, EPOLLIN, due_came, NULL) == 0;
}

/* Whether the answer waits; if not, it is to be given now. */
static bool delay(struct scsi_cmd *c, const struct drive_reply *reply)
{
    struct unit *u = c->dev->xxc_p;

    if (reply->due_us <= drive_host_now_us(u->host) || !start_due_timer() ||
        !delay_queue_add(&u->delayed, reply->due_us, reply, c)) {
        return false;
    }
    add_waiting(u);
    arm_due_timer();
    set_timer(true); /* an abort ends the wait */
    return true;
}

/* The answer of a command that is done, or the promise of it. */
static int answer(struct scsi_cmd *c, const struct drive_reply *reply)
{
    if (reply->due_us && delay(c, reply)) {
        set_cmd_async(c);
        return SAM_STAT_GOOD;
    }
    return finish(c, reply);
}

static uint64_t now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * US_PER_S + (uint64_t)t.tv_nsec / NS_PER_US;
}

static bool look_ahead(void)
{
    return module.ahead && read_ahead_look(module.ahead);
}

static void go_ahead(void)
{
    read_ahead_run(module.ahead, now_us());
}

static bool was_read_ahead(const struct scsi_cmd *c, const struct drive_request *request,
                           const struct drive_reply *reply)
{
    struct unit *u = c->dev->xxc_p;

    return module.ahead && read_ahead_take(module.ahead, &u->host->drive, request, reply, now_us());
}

/*
 * Copying and scrambling a large read costs more than handing it over. A thread of its own pays
 * when this one has answers to send meanwhile: others of the unit are not done with yet.
 */
static bool is_worth_a_worker(const struct scsi_cmd *c, const struct drive_reply *reply)
{
    return reply->fetch.blocks >= OFFLOAD_BLOCKS_MIN &&
           c->dev->cmd_queue.active_cmd > OFFLOAD_OTHERS_MIN;
}

/* What is small or alone is read here and now, if it is at hand; everything else on a worker. */
static int fetch(struct scsi_cmd *c, const struct drive_request *request, struct drive_reply *reply)
{
    if (was_read_ahead(c, request, reply)) {
        drive_fetch_end(reply);
        return answer(c, reply);
    }
    if (is_worth_a_worker(c, reply) &&
        fetch_queue_start(module.fetches, FETCH_IN_PLACE, request, reply, c)) {
        set_cmd_async(c);
        return SAM_STAT_GOOD;
    }
    if (drive_fetch(request, reply, false) == MEDIUM_WOULD_BLOCK) {
        if (fetch_queue_start(module.fetches, FETCH_APART, request, reply, c)) {
            set_cmd_async(c);
            set_timer(true);
            return SAM_STAT_GOOD;
        }
        drive_fetch(request, reply, true); /* late is better than wrong */
    }
    drive_fetch_end(reply);
    return answer(c, reply);
}

static int dispatch(int host_no, struct scsi_cmd *c)
{
    struct unit *u = c->dev->xxc_p;
    struct drive_request request = {
        .cdb = c->scb,
        .cdb_bytes = (size_t)c->scb_len,
        .out = scsi_get_out_buffer(c),
        .in = scsi_get_in_buffer(c),
        .nexus = nexus_table_find(&u->nexuses, c->cmd_itn_id, c->it_nexus->ctime),
    };
    struct drive_reply reply = {.sense = sense_of(SENSE_INTERNAL_FAILURE)};

    (void)host_no;
    /* a length may stand without a buffer: for the other direction, and from 2 GiB on */
    request.out_bytes = request.out ? scsi_get_out_length(c) : 0;
    request.in_bytes = request.in ? scsi_get_in_length(c) : 0;
    if (!request.nexus) {
        return finish(c, &reply);
    }
    drive_execute(&u->host->drive, &request, &reply);
    /* tgtd shows it and refuses to take the unit offline */
    c->itn_lu_info->prevent =
        (request.nexus->state.prevent ? PREVENT_REMOVAL : 0) |
        (request.nexus->state.prevent_persistent ? PREVENT_REMOVAL_PERSISTENT : 0);
    return reply.fetch.blocks ? fetch(c, &request, &reply) : answer(c, &reply);
}

/* Everything that has to be right before tgtd itself looks at the command. */
static int unit_perform(int tid, struct scsi_cmd *c)
{
    struct unit *u;

    if (!module.command_layout_seen) {
        const char *misfit = misfit_of_command(tid, c);

        if (misfit) {
            say("this tgtd does not fit (%s): command left unanswered", misfit);
            return -EINVAL;
        }
        module.command_layout_seen = true;
    }
    u = c->dev->xxc_p;
    nexus_of(u, c);
    to_front(c->c_target, c->it_nexus);
    /* tgtd's own error paths would send the expected length of memory nobody has written */
    scsi_set_in_resid_by_actual(c, 0);
    /* tgtd must not queue behind an ordered task: the abort of a queued one frees it twice */
    c->attribute = MSG_SIMPLE_TAG;
    return u->next_perform(tid, c);
}

/* tgtd is about to free the command. */
static void unit_done(struct target *target, struct scsi_cmd *c)
{
    struct unit *u = c->dev->xxc_p;

    if (module.fetches) {
        fetch_queue_forget(module.fetches, c);
    }
    if (u->delayed.first) {
        delay_queue_forget(&u->delayed, c);
    }
    u->next_done(target, c);
}

static void fetches_done(int fd, int events, void *data)
{
    struct fetch_result result;

    (void)fd;
    (void)events;
    (void)data;
    while (fetch_queue_take(module.fetches, &result)) {
        struct scsi_cmd *c = result.user;
        int status;

        if (result.data_bytes > 0) {
            memcpy(scsi_get_in_buffer(c), result.data, result.data_bytes);
        }
        if (result.reply->due_us && delay(c, result.reply)) {
            fetch_queue_release(module.fetches, &result);
            continue;
        }
        status = finish(c, result.reply);
        fetch_queue_release(module.fetches, &result);
        target_cmd_io_done(c, status); /* may free it at once */
    }
    set_timer(fetch_queue_is_busy(module.fetches) || any_delayed());
}

static void end_if_aborted(void *user)
{
    struct scsi_cmd *c = user;

    if (c->mreq) {
        struct unit *u = c->dev->xxc_p;

        fetch_queue_forget(module.fetches, c);
        delay_queue_forget(&u->delayed, c);
        scsi_set_in_resid_by_actual(c, 0);
        target_cmd_io_done(c, SAM_STAT_TASK_ABORTED);
    }
}

static void end_delayed_if_aborted(void *ctx, void *user)
{
    (void)ctx;
    end_if_aborted(user);
}

static void look_for_aborts(int fd, int events, void *data)
{
    uint64_t ticks;

    (void)events;
    (void)data;
    if (read(fd, &ticks, sizeof(ticks)) < 0) {
        return; /* the timer was stopped in between */
    }
    fetch_queue_each(module.fetches, end_if_aborted);
    for (struct unit *u = module.waiting; u; u = u->next_waiting) {
        delay_queue_each(&u->delayed, end_delayed_if_aborted, NULL);
    }
    set_timer(fetch_queue_is_busy(module.fetches) || any_delayed());
}

/*
 * tgtd tells nobody that a nexus is gone. Most drives need not know before the next command comes;
 * one that lets go of something with its last nexus looks by itself.
 */
static void look_for_lost_nexuses(int fd, int events, void *data)
{
    uint64_t ticks;

    (void)events;
    (void)data;
    if (read(fd, &ticks, sizeof(ticks)) < 0) {
        return;
    }
    for (struct unit *u = module.units; u; u = u->next) {
        if (u->host->drive.personality.quirks.release_on_last_nexus_loss) {
            scan_nexuses(u);
        }
    }
}

static bool watch_nexuses(const struct drive_host *host)
{
    const struct itimerspec t = {{0, NEXUS_POLL_NS}, {0, NEXUS_POLL_NS}};

    if (module.watch_fd >= 0 || !host->drive.personality.quirks.release_on_last_nexus_loss) {
        return true;
    }
    module.watch_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    return module.watch_fd >= 0 && timerfd_settime(module.watch_fd, 0, &t, NULL) == 0 &&
           tgt_event_add(module.watch_fd, EPOLLIN, look_for_lost_nexuses, NULL) == 0;
}

/* One processor is the event thread's. */
static unsigned threads_in_place(void)
{
    const long others = sysconf(_SC_NPROCESSORS_ONLN) - 1;

    return others < 1 ? 1 : others < WORKERS ? (unsigned)others : WORKERS - 1;
}

/* Late, at the first unit: a daemon forks after its modules are loaded. */
static bool start_fetches(void)
{
    if (module.fetches) {
        return true;
    }
    if (module.timer_fd < 0) {
        module.timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
        if (module.timer_fd < 0 ||
            tgt_event_add(module.timer_fd, EPOLLIN, look_for_aborts, NULL) != 0) {
            return false;
        }
    }
    mallopt(M_MMAP_THRESHOLD, MALLOC_MAP_BYTES);
    mallopt(M_TRIM_THRESHOLD, MALLOC_TRIM_BYTES);
    mallopt(M_TOP_PAD, MALLOC_TOP_BYTES);
    module.fetches = fetch_queue_new(WORKERS, threads_in_place());
    return module.fetches &&
           tgt_event_add(fetch_queue_fd(module.fetches), EPOLLIN, fetches_done, NULL) == 0;
}

/* ---- life of a unit ---- */

static void log_line(void *ctx, const char *name, const char *text)
{
    (void)ctx;
    say("%s: %s", name, text);
}

/* A drive for `tgtadm`: bsopts is nothing, or conf=FILE. */
static struct drive_host *host_for(const struct scsi_lu *lu, const char *bsopts, char *error)
{
    static const char key[] = "conf=";
    const struct drive_log log = {.line = log_line};
    struct drive_config_list list;
    struct drive_host *host = NULL;

    if (!bsopts || !*bsopts) {
        list = (struct drive_config_list){.rows = malloc(sizeof(*list.rows)), .count = 1};
        if (!list.rows) {
            return NULL;
        }
        drive_config_init(list.rows);
    } else if (strncmp(bsopts, key, sizeof(key) - 1) != 0) {
        error_line(error, "bsopts '%s': the only one is conf=FILE", bsopts);
        return NULL;
    } else if (!drive_config_read(&list, bsopts + sizeof(key) - 1, error)) {
        return NULL;
    }
    if (list.count > 1) {
        error_line(error, "%s: describes several drives, a unit is one", bsopts + sizeof(key) - 1);
    } else {
        if (!*list.rows->name) {
            snprintf(list.rows->name, sizeof(list.rows->name), "%s,%" PRIu64, lu->tgt->name,
                     lu->lun);
        }
        host = drive_host_new(list.rows, log, error);
    }
    drive_config_list_free(&list);
    return host;
}

static tgtadm_err dvd_online(struct scsi_lu *lu)
{
    lu->attrs.online = 1;
    return TGTADM_SUCCESS;
}

static bool reads_medium(unsigned opcode)
{
    return opcode == OP_READ_10 || opcode == OP_READ_12 || opcode == OP_READ_CD ||
           opcode == OP_READ_CD_MSF || opcode == OP_VERIFY_10;
}

static void make_dvd(struct unit *u)
{
    struct scsi_lu *lu = u->lu;

    lu->xxc_p = u;
    lu->reserve_id = RESERVED_BY_NOBODY;
    lu->blk_shift = (unsigned)__builtin_ctz(DISC_BLOCK_BYTES);
    lu->dev_type_template.type = TYPE_MMC;
    lu->attrs.device_type = TYPE_MMC;
    lu->attrs.removable = 1;
    lu->attrs.readonly = 1;
    lu->attrs.no_auto_lbppbe = 1;
    snprintf(lu->attrs.product_id, sizeof(lu->attrs.product_id), "%s",
             u->host->drive.personality.product);
    lu->dev_type_template.lu_online = dvd_online;
    for (unsigned i = 0; i < NR_SCSI_OPCODES; i++) {
        struct device_type_operations *op = &lu->dev_type_template.ops[i];

        if (!command_is_left_to_target((uint8_t)i)) {
            op->cmd_perform = dispatch;
            op->service_actions = NULL;
            op->pr_conflict_bits = reads_medium(i) ? PR_EA_FA | PR_EA_FN : 0;
        }
    }
    u->next_perform = lu->cmd_perform;
    u->next_done = lu->cmd_done;
    lu->cmd_perform = unit_perform;
    lu->cmd_done = unit_done;
}

static void append_unit(struct unit *u)
{
    u->previous = module.last_unit;
    *(u->previous ? &u->previous->next : &module.units) = u;
    module.last_unit = u;
}

static void remove_unit(struct unit *u)
{
    *(u->previous ? &u->previous->next : &module.units) = u->next;
    *(u->next ? &u->next->previous : &module.last_unit) = u->previous;
    drop_idle_units(); /* tgtd ends a unit without commands only */
}

static bool is_disk_that_fits(const struct scsi_lu *lu, char *error)
{
    const char *misfit = misfit_of_templates();

    if (!misfit) {
        misfit = misfit_of_unit(lu);
    }
    if (!misfit && lu->dev_type_template.type != TYPE_DISK) {
        return error_line(error, "a store for the device type disk, not for another");
    }
    if (!misfit) {
        misfit = misfit_of_disk(lu);
    }
    return !misfit || error_line(error, "this tgtd does not fit: %s differs", misfit);
}

/* Reasons go to the log, and to whoever asked through attach(). */
static bool init_unit(struct scsi_lu *lu, const char *bsopts, char *error)
{
    struct unit *u;

    if (!is_disk_that_fits(lu, error)) {
        return false;
    }
    u = calloc(1, sizeof(*u));
    if (!u || !start_fetches()) {
        free(u);
        return error_line(error, "no memory or descriptor");
    }
    u->host = module.attached ? module.attached : host_for(lu, bsopts, error);
    module.attached = NULL;
    if (!u->host) {
        free(u);
        return false;
    }
    if (!watch_nexuses(u->host)) {
        drive_host_free(u->host);
        free(u);
        return error_line(error, "no descriptor for a timer");
    }
    u->lu = lu;
    make_dvd(u);
    append_unit(u);
    return true;
}

static tgtadm_err dvd_init(struct scsi_lu *lu, char *bsopts)
{
    if (init_unit(lu, bsopts, module.unit_error)) {
        return TGTADM_SUCCESS;
    }
    say("%s", module.unit_error);
    spc_lu_exit(lu); /* tgtd frees no more than the unit itself */
    return TGTADM_UNSUPPORTED_OPERATION;
}

static void dvd_exit(struct scsi_lu *lu)
{
    struct unit *u = lu->xxc_p;

    remove_unit(u);
    nexus_table_sweep(&u->nexuses, &u->host->drive);
    if (module.ahead) {
        read_ahead_forget(module.ahead, &u->host->drive);
    }
    drive_host_free(u->host);
    free(u);
    lu->xxc_p = NULL;
}

/* tgtadm's medium. A path that ends in ".conf" names no disc: some tgt-admin want a file there. */
static int dvd_open(struct scsi_lu *lu, char *path, int *fd, uint64_t *size)
{
    struct unit *u = lu->xxc_p;
    const char *dot = strrchr(path, '.');
    char error[INI_ERROR_BYTES];

    *fd = open(path, O_RDONLY | O_CLOEXEC); /* tgtd takes a number from 0 for success */
    if (*fd < 0) {
        say("%s: %s", path, strerror(errno));
        return -errno;
    }
    *size = 0;
    if (!dot || strcmp(dot, ".conf") != 0) {
        drive_eject(&u->host->drive, true);
        if (!drive_host_insert(u->host, path, error)) {
            say("%s", error);
            close(*fd);
            *fd = -1;
            return -EINVAL;
        }
        *size = (uint64_t)u->host->drive.disc->blocks * DISC_BLOCK_BYTES;
    }
    return 0;
}

static void dvd_close(struct scsi_lu *lu)
{
    struct unit *u = lu->xxc_p;

    close(lu->fd);
    drive_eject(&u->host->drive, true);
}

/* Never called: every operation of ours is answered by dispatch(). */
static int dvd_submit(struct scsi_cmd *c)
{
    (void)c;
    return -EINVAL;
}

static struct backingstore_template dvd_store = {
    .bs_name = STORE_NAME,
    /*
     * Not ours. With device type cd tgtd makes the unit by this template and then puts its own
     * store on it, which writes its data behind the unit: there has to be room.
     */
    .bs_datasize = sizeof(struct bs_thread_info) + 128,
    .bs_open = dvd_open,
    .bs_close = dvd_close,
    .bs_init = dvd_init,
    .bs_exit = dvd_exit,
    .bs_cmd_submit = dvd_submit,
};

/* ---- control: what `dvdemu serve` and the other commands ask for ---- */

static bool serve_hello(void *ctx, const char *host, unsigned port, char *error)
{
    char where[INI_ERROR_BYTES];

    (void)ctx;
    if (module.misfit) {
        return error_line(error, "this tgtd does not fit: %s differs", module.misfit);
    }
    return listens_only_at(host, port, where) || error_line(error, "tgtd %s", where);
}

static struct drive_host *serve_drive(void *ctx, size_t index)
{
    struct unit *u = module.units;

    (void)ctx;
    while (u && index-- > 0) {
        u = u->next;
    }
    if (u) {
        scan_nexuses(u);
    }
    return u ? u->host : NULL;
}

static void serve_clock_moved(void *ctx, struct drive_host *host)
{
    (void)ctx;
    for (struct unit *u = module.units; u; u = u->next) {
        if (u->host == host) {
            answer_due(u);
        }
    }
}

/* Two drives of one serial number would overwrite each other's state. */
static bool keeps_state_alone(const struct drive_host *host, char *error)
{
    for (const struct unit *u = module.units; u && host->state_folder; u = u->next) {
        if (u->host->state_folder && strcmp(u->host->state_folder, host->state_folder) == 0 &&
            strcmp(u->host->drive.personality.serial, host->drive.personality.serial) == 0) {
            return error_line(error,
                              "serial: %s is the number of %s already, which keeps its "
                              "state in the same folder",
                              host->drive.personality.serial, u->host->name);
        }
    }
    return true;
}

static tgtadm_err admit_one(int tid, const char *text, char *error)
{
    struct initiator_rule rule;

    if (!initiator_rule_parse(&rule, text, error)) {
        return TGTADM_INVALID_REQUEST;
    }
    return rule.is_name ? iqn_acl_add(tid, rule.text) : acl_add(tid, rule.text);
}

static bool admit(int tid, const struct control_attach *what, char *error)
{
    char all[] = "ALL";

    error_line(error, "tgtd does not take the access rule");
    if (what->initiator_count == 0 && acl_add(tid, all) != TGTADM_SUCCESS) {
        return false;
    }
    for (size_t i = 0; i < what->initiator_count; i++) {
        tgtadm_err failed = admit_one(tid, what->initiators[i], error);

        if (failed && failed != TGTADM_ACL_EXIST) {
            return false;
        }
    }
    return true;
}

static bool set_chap(int tid, const struct control_attach *what, char *error)
{
    char user[INI_ERROR_BYTES], password[INI_ERROR_BYTES];
    tgtadm_err failed;

    if (!what->chap_user) {
        return true;
    }
    snprintf(user, sizeof(user), "%s", what->chap_user);
    snprintf(password, sizeof(password), "%s", what->chap_password);
    failed = account_add(user, password);
    explicit_bzero(password, sizeof(password));
    if (failed && failed != TGTADM_USER_EXIST) {
        return error_line(error, "tgtd does not take the account %s", user);
    }
    return account_ctl(tid, ACCOUNT_TYPE_INCOMING, user, 1) == TGTADM_SUCCESS ||
           error_line(error, "tgtd does not bind the account %s", user);
}

/* Takes the drive over, also on failure. */
static bool make_unit(int tid, struct drive_host *host, char *error)
{
    char options[] = "bstype=" STORE_NAME;
    tgtadm_err failed;

    module.attached = host;
    error_line(module.unit_error, "tgtd does not make the unit");
    failed = tgt_device_create(tid, TYPE_DISK, DRIVE_LUN, options, 1);
    drive_host_free(module.attached); /* not when dvd_init() took it */
    module.attached = NULL;
    return failed == TGTADM_SUCCESS || error_line(error, "%s", module.unit_error);
}

static bool make_target(int lld, int tid, const char *name, char *error)
{
    char options[DRIVE_NAME_BYTES + sizeof("targetname=")];

    if (name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.:-")]) {
        return error_line(error, "name: '%s' has other characters than a-z 0-9 . : -", name);
    }
    snprintf(options, sizeof(options), "targetname=%s", name);
    switch (tgt_target_create(lld, tid, options)) {
    case TGTADM_SUCCESS:
        return true;
    case TGTADM_TARGET_EXIST:
        return error_line(error, "name: there is a target %s already", name);
    default:
        return error_line(error, "tgtd does not make the target %s", name);
    }
}

static bool serve_attach(void *ctx, const struct control_attach *what, char *error)
{
    const struct drive_log log = {.line = log_line};
    struct drive_host *host = drive_host_new(what->config, log, error);
    char iscsi[] = "iscsi";
    int lld = get_driver_index(iscsi), tid = module.last_tid + 1;

    (void)ctx;
    if (!host || !keeps_state_alone(host, error) ||
        !make_target(lld, tid, what->config->name, error)) {
        drive_host_free(host);
        return false;
    }
    if (!make_unit(tid, host, error) || !set_chap(tid, what, error) || !admit(tid, what, error)) {
        tgt_target_destroy(lld, tid, 1);
        return false;
    }
    module.last_tid = tid;
    return true;
}

/* The `dvdemu serve` that this daemon belongs to has ended, one way or another. */
static void owner_gone(void)
{
    if (*module.ready_file) {
        unlink(module.ready_file);
    }
    if (*module.run_folder) {
        run_folder_remove(module.run_folder);
    }
    exit(EXIT_SUCCESS);
}

static void keep_environment(const char *name, char *out, size_t bytes)
{
    const char *value = getenv(name);

    snprintf(out, bytes, "%s", value ? value : "");
    unsetenv(name);
}

/* The owner's end was inherited; its number is in the environment. */
static bool serve_owner(struct control_server *server)
{
    char number[16];

    keep_environment("DVDEMU_OWNER_FD", number, sizeof(number));
    if (!*number) {
        return true;
    }
    if (!control_server_own(server, (int)strtol(number, NULL, 10), owner_gone)) {
        return false;
    }
    prctl(PR_SET_PDEATHSIG, 0); /* from here on the end of the connection tells, and cleans */
    return true;
}

static void start_control(void)
{
    const struct control_loop loop = {tgt_event_add, tgt_event_modify, tgt_event_del};
    const struct control_services services = {
        .hello = serve_hello,
        .attach = serve_attach,
        .drive = serve_drive,
        .clock_moved = serve_clock_moved,
    };
    char path[PATH_MAX], error[INI_ERROR_BYTES];
    const struct module_idle idle = {look_ahead, go_ahead};
    struct control_server *server;

    keep_environment("DVDEMU_CONTROL", path, sizeof(path));
    keep_environment("DVDEMU_RUN_FOLDER", module.run_folder, sizeof(module.run_folder));
    keep_environment("DVDEMU_READY_FILE", module.ready_file, sizeof(module.ready_file));
    module.ahead = read_ahead_new();
    module_calls_start(&loop, &idle);
    server = control_server_new(&loop, &services);
    if (!server || !serve_owner(server)) {
        say("no memory for the control connection");
    } else if (*path && !control_server_listen(server, path, error)) {
        say("control socket %s", error);
    }
}

/* ---- loading ---- */

__attribute__((visibility("default"))) void register_bs_module(void);
__attribute__((visibility("default"))) DIR *opendir(const char *name);

/* Called by tgtd for a file in its module folder, and by opendir() below. */
void register_bs_module(void)
{
    module.misfit = misfit_of_templates();
    if (module.misfit) {
        say("this tgtd does not fit: %s differs; not registered", module.misfit);
    } else if (get_backingstore_template(STORE_NAME)) {
        say("loaded already");
        return;
    } else {
        register_backingstore_template(&dvd_store);
    }
    start_control();
}

static bool ends_in(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);

    return n >= m && strcmp(text + n - m, end) == 0;
}

/*
 * Preloaded, this comes before libc's. tgtd opens its module folder at the moment when modules are
 * due; constructors would run before tgtd's own, when nothing can be checked. Loaded as a module,
 * tgtd is bound to libc's already and never comes here.
 */
DIR *opendir(const char *name)
{
    static DIR *(*next)(const char *);
    static bool done;

    if (!next) {
        *(void **)&next = dlsym(RTLD_NEXT, "opendir");
    }
    if (!done && register_backingstore_template && ends_in(name, "/backing-store")) {
        done = true;
        unsetenv("LD_PRELOAD"); /* for nothing that tgtd starts */
        register_bs_module();
    }
    return next(name);
}
