/* SPDX-License-Identifier: GPL-2.0-only */
#include "emulator/control.h"
#include "emulator/error_line.h"
#include "tests/support/faults.h"
#include "tests/support/temp_folder.h"
#include "unit.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#define HELLO "{\"dvdemu\":1,\"op\":\"hello\",\"host\":\"127.0.0.1\",\"port\":3260}"

/* A daemon that writes down what it is asked for. */
static struct daemon {
    struct drive_host *hosts[3];
    char hello[64], attached[DRIVE_NAME_BYTES], vendor[16], user[16], password[16], admitted[64];
    uint64_t seed;
    bool refuses;
} daemon_here;

static bool hello(void *ctx, const char *host, unsigned port, char *error)
{
    struct daemon *d = ctx;

    snprintf(d->hello, sizeof(d->hello), "%s %u", host, port);
    return !d->refuses || error_line(error, "refused on purpose");
}

static bool attach(void *ctx, const struct control_attach *what, char *error)
{
    struct daemon *d = ctx;

    snprintf(d->attached, sizeof(d->attached), "%s", what->config->name);
    snprintf(d->vendor, sizeof(d->vendor), "%s", what->config->personality.vendor);
    snprintf(d->user, sizeof(d->user), "%s", what->chap_user ? what->chap_user : "none");
    snprintf(d->password, sizeof(d->password), "%s",
             what->chap_password ? what->chap_password : "none");
    d->seed = what->config->seed;
    d->admitted[0] = 0;
    for (size_t i = 0; i < what->initiator_count; i++) {
        strcat(strcat(d->admitted, what->initiators[i]), ";");
    }
    return !d->refuses || error_line(error, "refused on purpose");
}

static struct drive_host *drive_at(void *ctx, size_t index)
{
    const struct daemon *d = ctx;

    return index < 3 ? d->hosts[index] : NULL;
}

static const struct control_services services = {&daemon_here, hello, attach, drive_at, NULL};

static void start_daemon(size_t drives)
{
    char error[INI_ERROR_BYTES];

    memset(&daemon_here, 0, sizeof(daemon_here));
    for (size_t i = 0; i < drives; i++) {
        struct drive_config config;

        drive_config_init(&config);
        snprintf(config.name, sizeof(config.name), "drive%zu", i + 1);
        daemon_here.hosts[i] = drive_host_new(&config, (struct drive_log){.line = NULL}, error);
        CU_ASSERT_PTR_NOT_NULL_FATAL(daemon_here.hosts[i]);
    }
}

static void stop_daemon(void)
{
    for (size_t i = 0; i < 3; i++) {
        drive_host_free(daemon_here.hosts[i]);
    }
}

/* The reply as an object; to be put. */
static struct json_object *ask(bool owner, const char *line)
{
    char *answer = control_answer(&services, owner, line, strlen(line));
    struct json_object *reply;

    CU_ASSERT_PTR_NOT_NULL_FATAL(answer);
    CU_ASSERT_PTR_EQUAL(strchr(answer, '\n'), answer + strlen(answer) - 1);
    reply = json_tokener_parse(answer);
    CU_ASSERT_PTR_NOT_NULL_FATAL(reply);
    CU_ASSERT_EQUAL(json_object_get_int(json_object_object_get(reply, "dvdemu")), CONTROL_VERSION);
    free(answer);
    return reply;
}

static bool succeeds(bool owner, const char *line)
{
    struct json_object *reply = ask(owner, line);
    bool ok = json_object_get_boolean(json_object_object_get(reply, "ok"));

    json_object_put(reply);
    return ok;
}

static void fails_with(bool owner, const char *line, const char *expected)
{
    struct json_object *reply = ask(owner, line);
    const char *said = json_object_get_string(json_object_object_get(reply, "error"));

    CU_ASSERT_FALSE(json_object_get_boolean(json_object_object_get(reply, "ok")));
    CU_ASSERT_PTR_NOT_NULL_FATAL(said);
    CU_ASSERT_STRING_EQUAL(said, expected);
    json_object_put(reply);
}

/* Text of the reply at a path such as "/drives/0/name". */
static void status_says(const char *request, const char *path, const char *expected)
{
    struct json_object *at = ask(false, request), *reply = at;
    char copy[128], *save = NULL;

    snprintf(copy, sizeof(copy), "%s", path);
    for (char *key = strtok_r(copy, "/", &save); key; key = strtok_r(NULL, "/", &save)) {
        at = json_object_is_type(at, json_type_array)
                 ? json_object_array_get_idx(at, (size_t)atoi(key))
                 : json_object_object_get(at, key);
    }
    CU_ASSERT_STRING_EQUAL(at ? json_object_get_string(at) : "null", expected);
    json_object_put(reply);
}

static void what_is_no_request_is_refused(void)
{
    start_daemon(0);
    fails_with(true, "", "the line is not one JSON object");
    fails_with(true, "\n", "the line is not one JSON object");
    fails_with(true, "[1]", "the line is not one JSON object");
    fails_with(true, "{\"dvdemu\":1", "the line is not one JSON object");
    fails_with(true, "{\"dvdemu\":1}{}", "the line is not one JSON object");
    fails_with(true, "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}",
               "the line is not one JSON object");
    fails_with(true, "{}", "dvdemu: version 1 of the protocol is spoken here");
    fails_with(true, "{\"dvdemu\":2,\"op\":\"status\"}",
               "dvdemu: version 1 of the protocol is spoken here");
    fails_with(true, "{\"dvdemu\":1}", "op: (none) is not known");
    fails_with(true, "{\"dvdemu\":1,\"op\":7}", "op: (none) is not known");
    fails_with(true, "{\"dvdemu\":1,\"op\":\"reboot\"}", "op: reboot is not known");
}

static void line_without_end_is_not_read_past(void)
{
    char line[] = "{\"dvdemu\":1,\"op\":\"status\"}XXXX", *answer;

    start_daemon(0);
    answer = control_answer(&services, false, line, sizeof(line) - 5);
    CU_ASSERT_PTR_NOT_NULL_FATAL(answer);
    CU_ASSERT_PTR_NOT_NULL(strstr(answer, "\"ok\":true"));
    free(answer);
}

static void line_that_is_too_long_is_refused(void)
{
    char *line = calloc(1, CONTROL_LINE_BYTES_MAX + 2);

    CU_ASSERT_PTR_NOT_NULL_FATAL(line);
    memset(line, ' ', CONTROL_LINE_BYTES_MAX + 1);
    fails_with(false, line, "the line is too long");
    free(line);
}

static void hello_asks_where_it_should_listen(void)
{
    start_daemon(0);
    CU_ASSERT_TRUE(succeeds(true, HELLO));
    CU_ASSERT_STRING_EQUAL(daemon_here.hello, "127.0.0.1 3260");
    fails_with(true, "{\"dvdemu\":1,\"op\":\"hello\"}",
               "host, port: where the daemon should listen is missing");
    fails_with(true, "{\"dvdemu\":1,\"op\":\"hello\",\"host\":\"::1\",\"port\":65536}",
               "host, port: where the daemon should listen is missing");
    daemon_here.refuses = true;
    fails_with(true, HELLO, "refused on purpose");
}

static void owner_operations_are_for_the_owner(void)
{
    start_daemon(0);
    fails_with(false, HELLO, "op: hello is the owner's");
    fails_with(false, "{\"dvdemu\":1,\"op\":\"attach\"}", "op: attach is the owner's");
    CU_ASSERT_STRING_EQUAL(daemon_here.hello, "");
}

static void attach_hands_over_the_whole_drive(void)
{
    start_daemon(0);
    CU_ASSERT_TRUE(succeeds(true,
                            "{\"dvdemu\":1,\"op\":\"attach\",\"name\":\"iqn.x:y\",\"config\":"
                            "{\"vendor\":\"ACME\",\"seed\":\"9\"},\"initiators\":[\"::1\","
                            "\"iqn.a:b\"],\"chap_user\":\"me\",\"chap_password\":\"secret\"}"));
    CU_ASSERT_STRING_EQUAL(daemon_here.attached, "iqn.x:y");
    CU_ASSERT_STRING_EQUAL(daemon_here.vendor, "ACME");
    CU_ASSERT_EQUAL(daemon_here.seed, 9);
    CU_ASSERT_STRING_EQUAL(daemon_here.admitted, "::1;iqn.a:b;");
    CU_ASSERT_STRING_EQUAL(daemon_here.user, "me");
    CU_ASSERT_STRING_EQUAL(daemon_here.password, "secret");
    CU_ASSERT_TRUE(succeeds(true, "{\"dvdemu\":1,\"op\":\"attach\",\"name\":\"iqn.x:z\","
                                  "\"config\":{}}"));
    CU_ASSERT_STRING_EQUAL(daemon_here.user, "none");
    CU_ASSERT_STRING_EQUAL(daemon_here.admitted, "");
}

static void attach_names_the_field_that_is_wrong(void)
{
    start_daemon(0);
    fails_with(true, "{\"dvdemu\":1,\"op\":\"attach\",\"config\":{}}",
               "name: a target's name is missing or too long");
    fails_with(true, "{\"dvdemu\":1,\"op\":\"attach\",\"name\":\"iqn.x\"}", "config: missing");
    fails_with(true,
               "{\"dvdemu\":1,\"op\":\"attach\",\"name\":\"iqn.x\",\"config\":{\"log\":\"x\"}}",
               "log: 'x' is not errors, info or commands");
    fails_with(true,
               "{\"dvdemu\":1,\"op\":\"attach\",\"name\":\"iqn.x\",\"config\":{},"
               "\"chap_user\":\"me\"}",
               "chap_user, chap_password: one without the other");
    fails_with(true,
               "{\"dvdemu\":1,\"op\":\"attach\",\"name\":\"iqn.x\",\"config\":{},"
               "\"initiators\":[null]}",
               "initiators: one of them is null");
    CU_ASSERT_STRING_EQUAL(daemon_here.attached, "");
}

static void status_tells_all_drives(void)
{
    static const char request[] = "{\"dvdemu\":1,\"op\":\"status\"}";

    start_daemon(2);
    status_says(request, "drives/0/name", "drive1");
    status_says(request, "drives/1/name", "drive2");
    status_says(request, "drives/1/number", "2");
    status_says(request, "drives/2", "null");
    status_says(request, "drives/0/disc", "null");
    status_says(request, "drives/0/tray", "closed");
    status_says(request, "drives/0/random", "kernel");
    status_says(request, "drives/0/seed", "null");
    status_says(request, "drives/0/prevented", "false");
    status_says(request, "drives/0/region/type", "none");
    status_says(request, "drives/0/region/mask", "0xff");
    status_says(request, "drives/0/region/user_changes", "5");
    status_says(request, "drives/0/region/vendor_resets", "4");
    status_says(request, "drives/0/region/kept_in", "null");
    status_says("{\"dvdemu\":1,\"op\":\"status\",\"drive\":\"drive2\"}", "drives/0/number", "2");
    stop_daemon();
}

static void regions_are_made_as_wanted(void)
{
    start_daemon(1);
    status_says("{\"dvdemu\":1,\"op\":\"region\"}", "region/reply", "25FF");
    status_says("{\"dvdemu\":1,\"op\":\"region\",\"set\":\"64FE\"}", "region/reply", "64FE");
    CU_ASSERT_EQUAL(daemon_here.hosts[0]->drive.state.region.mask, 0xfe);
    status_says("{\"dvdemu\":1,\"op\":\"region\",\"vendor_reset\":true}", "region/reply", "1DFF");
    fails_with(
        false, "{\"dvdemu\":1,\"op\":\"region\",\"set\":\"64F\"}",
        "set: '64F' is no status and mask byte of an RPC reply: counters of at most 4 and 5, "
        "and the type that belongs to them");
    fails_with(false, "{\"dvdemu\":1,\"op\":\"region\",\"set\":5}",
               "set: a text of 4 hexadecimal digits");
    CU_ASSERT_TRUE(succeeds(false, "{\"dvdemu\":1,\"op\":\"region\",\"set\":\"05FF\"}"));
    fails_with(false, "{\"dvdemu\":1,\"op\":\"region\",\"vendor_reset\":true}",
               "vendor_reset: none is left");
    stop_daemon();
}

static void only_a_virtual_clock_is_moved(void)
{
    start_daemon(1);
    status_says("{\"dvdemu\":1,\"op\":\"clock\"}", "clock", "real");
    fails_with(false, "{\"dvdemu\":1,\"op\":\"clock\",\"advance_ms\":1}",
               "the drive's clock is a real one: clock = virtual in its file makes it one that can "
               "be moved");
    daemon_here.hosts[0]->virtual_clock = true;
    status_says("{\"dvdemu\":1,\"op\":\"clock\"}", "now_us", "0");
    status_says("{\"dvdemu\":1,\"op\":\"clock\",\"advance_ms\":1500}", "now_us", "1500000");
    status_says("{\"dvdemu\":1,\"op\":\"clock\"}", "clock", "virtual");
    fails_with(false, "{\"dvdemu\":1,\"op\":\"clock\",\"advance_ms\":-1}",
               "advance_ms: a number from 0 to 2147483647");
    stop_daemon();
}

static void states_are_kept_by_name(void)
{
    static const char hash[] = "{\"dvdemu\":1,\"op\":\"hash\"}";
    struct region_state *region;

    start_daemon(1);
    region = &daemon_here.hosts[0]->drive.state.region;
    status_says(hash, "kept/0", "null");
    CU_ASSERT_TRUE(succeeds(false, "{\"dvdemu\":1,\"op\":\"snapshot\",\"name\":\"a\"}"));
    CU_ASSERT_TRUE(succeeds(false, "{\"dvdemu\":1,\"op\":\"region\",\"set\":\"64FE\"}"));
    CU_ASSERT_TRUE(succeeds(false, "{\"dvdemu\":1,\"op\":\"snapshot\",\"name\":\"b\"}"));
    status_says(hash, "kept/1/name", "b");
    CU_ASSERT_TRUE(succeeds(false, "{\"dvdemu\":1,\"op\":\"restore\",\"name\":\"a\"}"));
    CU_ASSERT_EQUAL(region->mask, 0xff);
    CU_ASSERT_TRUE(succeeds(false, "{\"dvdemu\":1,\"op\":\"restore\",\"name\":\"b\"}"));
    CU_ASSERT_EQUAL(region->mask, 0xfe);
    CU_ASSERT_TRUE(succeeds(false, "{\"dvdemu\":1,\"op\":\"snapshot\",\"name\":\"a\"}"));
    CU_ASSERT_TRUE(succeeds(false, "{\"dvdemu\":1,\"op\":\"region\",\"set\":\"25FF\"}"));
    CU_ASSERT_TRUE(succeeds(false, "{\"dvdemu\":1,\"op\":\"restore\",\"name\":\"a\"}"));
    CU_ASSERT_EQUAL(region->mask, 0xfe); /* the name had got another one */
    CU_ASSERT_TRUE(succeeds(false, "{\"dvdemu\":1,\"op\":\"forget\",\"name\":\"a\"}"));
    fails_with(false, "{\"dvdemu\":1,\"op\":\"restore\",\"name\":\"a\"}",
               "name: no state 'a' is kept");
    fails_with(false, "{\"dvdemu\":1,\"op\":\"forget\",\"name\":\"a\"}",
               "name: no state 'a' is kept");
    fails_with(false, "{\"dvdemu\":1,\"op\":\"snapshot\"}", "name: of the state, is missing");
    status_says(hash, "kept/0/name", "b");
    stop_daemon();
}

static void discs_are_changed_in_the_drive_that_is_meant(void)
{
    char line[TEMP_PATH_BYTES + 100];
    struct temp_folder folder;

    start_daemon(2);
    temp_open(&folder);
    snprintf(line, sizeof(line), "{\"dvdemu\":1,\"op\":\"insert\",\"drive\":2,\"disc\":\"%s\"}",
             temp_write(&folder, "a.iso", NULL, 2 * DISC_BLOCK_BYTES));
    CU_ASSERT_TRUE(succeeds(false, line));
    CU_ASSERT_FALSE(drive_has_medium(&daemon_here.hosts[0]->drive));
    CU_ASSERT_TRUE(drive_has_medium(&daemon_here.hosts[1]->drive));
    fails_with(false, line, "there is a disc in the drive: eject it first");
    status_says("{\"dvdemu\":1,\"op\":\"status\",\"drive\":2}", "drives/0/disc/image", folder.file);
    status_says("{\"dvdemu\":1,\"op\":\"status\",\"drive\":2}", "drives/0/disc/protection", "none");
    fails_with(false, "{\"dvdemu\":1,\"op\":\"eject\"}", "drive: there are several: say which one");
    fails_with(false, "{\"dvdemu\":1,\"op\":\"eject\",\"drive\":3}", "drive: no drive 3");
    fails_with(false, "{\"dvdemu\":1,\"op\":\"eject\",\"drive\":0}", "drive: no drive 0");
    fails_with(false, "{\"dvdemu\":1,\"op\":\"eject\",\"drive\":\"x\"}", "drive: no drive x");
    CU_ASSERT_TRUE(succeeds(false, "{\"dvdemu\":1,\"op\":\"eject\",\"drive\":\"drive2\"}"));
    CU_ASSERT_FALSE(drive_has_medium(&daemon_here.hosts[1]->drive));
    temp_close(&folder);
    stop_daemon();
}

static void only_drive_needs_no_number(void)
{
    start_daemon(1);
    fails_with(false, "{\"dvdemu\":1,\"op\":\"eject\"}", "there is no disc in the drive");
    fails_with(false, "{\"dvdemu\":1,\"op\":\"insert\"}", "disc: an absolute path is missing");
    fails_with(false, "{\"dvdemu\":1,\"op\":\"insert\",\"disc\":\"a.iso\"}",
               "disc: an absolute path is missing");
    stop_daemon();
    start_daemon(0);
    fails_with(false, "{\"dvdemu\":1,\"op\":\"eject\"}", "drive: no drive at all");
}

/* The reply is UTF-8: parsed by somebody who looks. */
static void answer_is_utf8(const char *line)
{
    char *answer = control_answer(&services, false, line, strlen(line));
    struct json_tokener *tokener = json_tokener_new();
    struct json_object *reply;

    CU_ASSERT_PTR_NOT_NULL_FATAL(answer);
    CU_ASSERT_PTR_NOT_NULL_FATAL(tokener);
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    reply = json_tokener_parse_ex(tokener, answer, -1);
    CU_ASSERT_EQUAL(json_tokener_get_error(tokener), json_tokener_success);
    CU_ASSERT_FALSE(json_object_get_boolean(json_object_object_get(reply, "ok")));
    CU_ASSERT_PTR_NOT_NULL(json_object_get_string(json_object_object_get(reply, "error")));
    json_object_put(reply);
    json_tokener_free(tokener);
    free(answer);
}

/* Errors are cut to fit, wherever a character begins. */
static void error_ends_with_a_whole_character(void)
{
    char line[2 * INI_ERROR_BYTES];

    start_daemon(1);
    for (size_t lead = 0; lead < 4; lead++) {
        size_t at =
            (size_t)snprintf(line, sizeof(line), "{\"dvdemu\":1,\"op\":\"%.*s", (int)lead, "aaaa");

        while (at < INI_ERROR_BYTES + 100) {
            at += (size_t)snprintf(line + at, sizeof(line) - at, "\xf0\x9f\x92\xbf");
        }
        snprintf(line + at, sizeof(line) - at, "\"}");
        answer_is_utf8(line);
    }
    answer_is_utf8("{\"dvdemu\":1,\"op\":\"\xe9t\xe9\"}"); /* Latin-1, echoed */
    stop_daemon();
}

static void every_operation_wants_a_drive_that_there_is(void)
{
    static const char *const operations[] = {"insert", "eject",    "region",  "clock",
                                             "hash",   "snapshot", "restore", "forget"};
    char line[128];

    start_daemon(1);
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
        snprintf(line, sizeof(line),
                 "{\"dvdemu\":1,\"op\":\"%s\",\"drive\":7,\"disc\":\"/a\",\"name\":\"a\"}",
                 operations[i]);
        fails_with(false, line, "drive: no drive 7");
    }
    stop_daemon();
}

static void no_more_initiators_are_taken_than_fit(void)
{
    char line[2048];
    int at = snprintf(line, sizeof(line),
                      "{\"dvdemu\":1,\"op\":\"attach\",\"name\":\"a\",\"config\":{},"
                      "\"initiators\":[\"a\"");

    start_daemon(0);
    for (int i = 1; i < 65; i++) {
        at += snprintf(line + at, sizeof(line) - (size_t)at, ",\"a\"");
    }
    snprintf(line + at, sizeof(line) - (size_t)at, "]}");
    fails_with(true, line, "initiators: more than 64");
    CU_ASSERT_STRING_EQUAL(daemon_here.attached, "");
    stop_daemon();
}

static void region_that_cannot_be_kept_is_refused(void)
{
    struct temp_folder folder;
    struct drive_config config;
    char error[INI_ERROR_BYTES];

    start_daemon(0);
    temp_open(&folder);
    drive_config_init(&config);
    snprintf(config.name, sizeof(config.name), "drive1");
    snprintf(config.state, sizeof(config.state), "%s", folder.path);
    daemon_here.hosts[0] = drive_host_new(&config, (struct drive_log){.line = NULL}, error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(daemon_here.hosts[0]);
    fault_after(FAULT_FOPEN, 0, ENOSPC);
    fails_with(false, "{\"dvdemu\":1,\"op\":\"region\",\"set\":\"64FE\"}",
               "the new state cannot be kept: see the daemon's log");
    CU_ASSERT_TRUE(fault_came());
    CU_ASSERT_EQUAL(daemon_here.hosts[0]->drive.state.region.mask, 0xff);
    CU_ASSERT_TRUE(succeeds(false, "{\"dvdemu\":1,\"op\":\"region\",\"set\":\"64FE\"}"));
    stop_daemon();
    temp_close(&folder);
}

UNIT_SUITE(control, T(what_is_no_request_is_refused), T(line_without_end_is_not_read_past),
           T(line_that_is_too_long_is_refused), T(hello_asks_where_it_should_listen),
           T(owner_operations_are_for_the_owner), T(attach_hands_over_the_whole_drive),
           T(attach_names_the_field_that_is_wrong), T(status_tells_all_drives),
           T(regions_are_made_as_wanted), T(only_a_virtual_clock_is_moved),
           T(states_are_kept_by_name), T(discs_are_changed_in_the_drive_that_is_meant),
           T(only_drive_needs_no_number), T(error_ends_with_a_whole_character),
           T(every_operation_wants_a_drive_that_there_is), T(no_more_initiators_are_taken_than_fit),
           T(region_that_cannot_be_kept_is_refused));
