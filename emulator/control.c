/* SPDX-License-Identifier: GPL-2.0-only */
#include "control_exchange.h"

#include "error_line.h"
#include "utf8.h"
#include "version.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEPTH_MAX      4
#define INITIATORS_MAX 64

const char *control_text(struct json_object *object, const char *key)
{
    struct json_object *value = json_object_object_get(object, key);

    return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

/* A JSON text is UTF-8; paths, lines of files and errors cut to fit need not be. */
void control_put_text(struct json_object *object, const char *key, const char *text)
{
    struct json_object *value = NULL;
    char *mended = text ? strdup(text) : NULL;

    if (mended) {
        utf8_mend(mended);
        value = json_object_new_string(mended);
    }
    free(mended);
    json_object_object_add(object, key, value);
}

void control_put_number(struct json_object *object, const char *key, uint64_t number)
{
    json_object_object_add(object, key, json_object_new_uint64(number));
}

static void put_bool(struct json_object *object, const char *key, bool value)
{
    json_object_object_add(object, key, json_object_new_boolean(value));
}

void control_put_byte(struct json_object *object, const char *key, uint8_t byte)
{
    char text[sizeof("0xff")];

    snprintf(text, sizeof(text), "0x%02x", byte);
    control_put_text(object, key, text);
}

/* ---- status ---- */

static struct json_object *describe_disc(const struct drive *d)
{
    struct json_object *o;

    if (!d->disc) {
        return NULL;
    }
    o = json_object_new_object();
    control_put_text(o, "description", d->disc->description_path);
    control_put_text(o, "image", d->disc->image_path);
    control_put_number(o, "blocks", d->disc->blocks);
    control_put_text(o, "medium", disc_kind_name(d->disc));
    control_put_number(o, "layers", d->disc->layers);
    control_put_text(o, "protection", disc_protection_name(d->disc));
    control_put_byte(o, "rmi", d->disc->rmi);
    control_put_text(o, "scrambling_kernel", d->disc->kernel->name);
    return o;
}

struct json_object *control_region(const struct drive_host *host)
{
    static const char *const types[] = {
        [REGION_NONE] = "none",
        [REGION_SET] = "set",
        [REGION_LAST_CHANCE] = "last chance",
        [REGION_PERM] = "permanent",
    };
    const struct region_state *region = &host->drive.state.region;
    struct json_object *o = json_object_new_object();
    char reply[sizeof("25FF")];

    snprintf(reply, sizeof(reply), "%02X%02X", region_status_byte(region), region->mask);
    control_put_text(o, "reply", reply);
    control_put_text(o, "type", types[region_type(region)]);
    control_put_byte(o, "mask", region->mask);
    control_put_number(o, "user_changes", region->user_changes);
    control_put_number(o, "vendor_resets", region->vendor_resets);
    control_put_text(o, "kept_in", host->state_folder);
    return o;
}

static struct json_object *describe_counters(const struct drive_counters *counters)
{
    struct json_object *o = json_object_new_object();

    control_put_number(o, "commands", counters->commands);
    control_put_number(o, "refusals", counters->refusals);
    control_put_number(o, "attentions", counters->attentions);
    control_put_number(o, "resets", counters->resets);
    control_put_number(o, "inserts", counters->inserts);
    control_put_number(o, "ejects", counters->ejects);
    control_put_number(o, "keys", counters->keys);
    control_put_number(o, "ahead", counters->ahead);
    return o;
}

static struct json_object *describe_drive(const struct drive_host *host, size_t number)
{
    const struct drive *d = &host->drive;
    struct json_object *o = json_object_new_object();
    uint64_t initiators = 0;

    for (const struct drive_nexus *n = d->nexuses; n; n = n->next) {
        initiators++;
    }
    control_put_number(o, "number", number);
    control_put_text(o, "name", host->name);
    control_put_text(o, "vendor", d->personality.vendor);
    control_put_text(o, "product", d->personality.product);
    control_put_text(o, "revision", d->personality.revision);
    control_put_text(o, "serial", d->personality.serial);
    control_put_text(o, "random", d->state.random.seeded ? "seed" : "kernel");
    if (d->state.random.seeded) {
        control_put_number(o, "seed", d->state.random.seed);
    }
    control_put_text(o, "tray", d->state.tray_open ? "open" : "closed");
    json_object_object_add(o, "disc", describe_disc(d));
    json_object_object_add(o, "region", control_region(host));
    put_bool(o, "prevented", drive_is_prevented(d));
    put_bool(o, "authenticated", d->state.asf);
    control_put_number(o, "initiators", initiators);
    json_object_object_add(o, "counters", describe_counters(&d->counters));
    return o;
}

/* ---- operations on drives ---- */

/* "drive" is a number from 1 or a name; without it any drive is meant. */
static bool is_meant(struct exchange *x, const struct drive_host *host, size_t index)
{
    struct json_object *which = json_object_object_get(x->in, "drive");
    const char *name = control_text(x->in, "drive");

    return name ? strcmp(name, host->name) == 0
                : !which || json_object_get_int64(which) == (int64_t)index + 1;
}

static bool op_status(struct exchange *x)
{
    struct json_object *drives = json_object_new_array();
    struct drive_host *host;

    control_put_text(x->out, "version", DVDEMU_VERSION);
    control_put_number(x->out, "daemon_pid", (uint64_t)getpid());
    json_object_object_add(x->out, "drives", drives);
    for (size_t i = 0; (host = x->services->drive(x->services->ctx, i)) != NULL; i++) {
        if (is_meant(x, host, i)) {
            json_object_array_add(drives, describe_drive(host, i + 1));
        }
    }
    return true;
}

/* The drive to change: without "drive" there has to be one only. */
struct drive_host *control_chosen(struct exchange *x)
{
    const struct control_services *s = x->services;
    struct json_object *which = json_object_object_get(x->in, "drive");
    struct drive_host *host;

    if (!which && s->drive(s->ctx, 0) && s->drive(s->ctx, 1)) {
        error_line(x->error, "drive: there are several: say which one");
        return NULL;
    }
    for (size_t i = 0; (host = s->drive(s->ctx, i)) != NULL; i++) {
        if (is_meant(x, host, i)) {
            return host;
        }
    }
    error_line(x->error, "drive: no drive %s", which ? json_object_get_string(which) : "at all");
    return NULL;
}

static bool op_insert(struct exchange *x)
{
    struct drive_host *host = control_chosen(x);
    const char *path = control_text(x->in, "disc");

    if (!host) {
        return false;
    }
    if (!path || *path != '/') {
        return error_line(x->error, "disc: an absolute path is missing");
    }
    return drive_host_insert(host, path, x->error);
}

static bool op_eject(struct exchange *x)
{
    struct drive_host *host = control_chosen(x);
    struct json_object *force = json_object_object_get(x->in, "force");

    return host && drive_host_eject(host, json_object_get_boolean(force), x->error);
}

/* ---- the owner's ---- */

static bool op_hello(struct exchange *x)
{
    struct json_object *port = json_object_object_get(x->in, "port");
    const char *host = control_text(x->in, "host");
    int64_t number = json_object_get_int64(port);

    if (!host || number < 1 || number > UINT16_MAX) {
        return error_line(x->error, "host, port: where the daemon should listen is missing");
    }
    control_put_text(x->out, "version", DVDEMU_VERSION);
    control_put_number(x->out, "daemon_pid", (uint64_t)getpid());
    return x->services->hello(x->services->ctx, host, (unsigned)number, x->error);
}

static bool read_config(struct exchange *x, struct drive_config *config)
{
    struct json_object *values = json_object_object_get(x->in, "config");
    const char *name = control_text(x->in, "name");
    char why[INI_ERROR_BYTES];

    drive_config_init(config);
    if (!name || strlen(name) >= sizeof(config->name)) {
        return error_line(x->error, "name: a target's name is missing or too long");
    }
    snprintf(config->name, sizeof(config->name), "%s", name);
    if (!json_object_is_type(values, json_type_object)) {
        return error_line(x->error, "config: missing");
    }
    json_object_object_foreach(values, key, value)
    {
        if (!drive_config_set(config, key, value ? json_object_get_string(value) : "", why)) {
            return error_line(x->error, "%s: %s", key, why);
        }
    }
    return true;
}

/* Fills `texts`; they live as long as the request. */
static bool read_initiators(struct exchange *x, const char *texts[INITIATORS_MAX], size_t *count)
{
    struct json_object *list = json_object_object_get(x->in, "initiators");
    size_t n = json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;

    if (n > INITIATORS_MAX) {
        return error_line(x->error, "initiators: more than %d", INITIATORS_MAX);
    }
    for (size_t i = 0; i < n; i++) {
        texts[i] = json_object_get_string(json_object_array_get_idx(list, i));
        if (!texts[i]) {
            return error_line(x->error, "initiators: one of them is null");
        }
    }
    *count = n;
    return true;
}

static bool op_attach(struct exchange *x)
{
    const char *initiators[INITIATORS_MAX];
    struct drive_config config;
    struct control_attach what = {
        .config = &config,
        .chap_user = control_text(x->in, "chap_user"),
        .chap_password = control_text(x->in, "chap_password"),
        .initiators = initiators,
    };

    if (!what.chap_user != !what.chap_password) {
        return error_line(x->error, "chap_user, chap_password: one without the other");
    }
    return read_config(x, &config) && read_initiators(x, initiators, &what.initiator_count) &&
           x->services->attach(x->services->ctx, &what, x->error);
}

/* ---- the protocol ---- */

static const struct operation {
    const char *name;
    bool owner_only;
    control_operation *run;
} operations[] = {
    {"hello", true, op_hello},
    {"attach", true, op_attach},
    {"status", false, op_status},
    {"insert", false, op_insert},
    {"eject", false, op_eject},
    {"region", false, control_op_region},
    {"clock", false, control_op_clock},
    {"hash", false, control_op_hash},
    {"snapshot", false, control_op_snapshot},
    {"restore", false, control_op_restore},
    {"forget", false, control_op_forget},
};

static bool run_operation(struct exchange *x, bool owner)
{
    const char *name = control_text(x->in, "op");

    for (size_t i = 0; name && i < sizeof(operations) / sizeof(operations[0]); i++) {
        if (strcmp(name, operations[i].name) == 0) {
            return owner || !operations[i].owner_only
                       ? operations[i].run(x)
                       : error_line(x->error, "op: %s is the owner's", name);
        }
    }
    return error_line(x->error, "op: %s is not known", name ? name : "(none)");
}

static bool parse(struct exchange *x, const char *line, size_t bytes)
{
    struct json_tokener *tokener = json_tokener_new_ex(DEPTH_MAX);
    struct json_object *version;

    if (!tokener) {
        return error_line(x->error, "no memory");
    }
    while (bytes > 0 && (line[bytes - 1] == '\n' || line[bytes - 1] == '\r')) {
        bytes--;
    }
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
    x->in = json_tokener_parse_ex(tokener, line, (int)bytes);
    if (json_tokener_get_error(tokener) != json_tokener_success ||
        !json_object_is_type(x->in, json_type_object)) {
        json_tokener_free(tokener);
        return error_line(x->error, "the line is not one JSON object");
    }
    json_tokener_free(tokener);
    version = json_object_object_get(x->in, "dvdemu");
    if (json_object_get_int(version) != CONTROL_VERSION) {
        return error_line(x->error, "dvdemu: version %d of the protocol is spoken here",
                          CONTROL_VERSION);
    }
    return true;
}

char *control_answer(const struct control_services *services, bool owner, const char *line,
                     size_t bytes)
{
    struct exchange x = {.services = services, .out = json_object_new_object()};
    size_t length;
    const char *text;
    char *answer;
    bool ok;

    control_put_number(x.out, "dvdemu", CONTROL_VERSION);
    put_bool(x.out, "ok", true);
    ok = bytes <= CONTROL_LINE_BYTES_MAX ? parse(&x, line, bytes) && run_operation(&x, owner)
                                         : error_line(x.error, "the line is too long");
    if (!ok) {
        put_bool(x.out, "ok", false);
        control_put_text(x.out, "error", x.error);
    }
    text = json_object_to_json_string_length(
        x.out, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &length);
    answer = malloc(length + 2);
    if (answer) {
        memcpy(answer, text, length);
        memcpy(answer + length, "\n", 2);
    }
    json_object_put(x.in);
    json_object_put(x.out);
    return answer;
}
