/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli_probe.h"

#include <json-c/json.h>

#include <stdio.h>
#include <string.h>

/* Without memory json-c hands out NULL: a value that cannot be kept is left out. */
static void put(struct json_object *object, const char *key, struct json_object *value)
{
    if (!object || json_object_object_add(object, key, value) != 0) {
        json_object_put(value);
    }
}

static void append(struct json_object *list, struct json_object *value)
{
    if (!list || json_object_array_add(list, value) != 0) {
        json_object_put(value);
    }
}

static void put_text(struct json_object *object, const char *key, const char *text)
{
    put(object, key, text && *text ? json_object_new_string(text) : NULL);
}

static void put_number(struct json_object *object, const char *key, unsigned value)
{
    put(object, key, json_object_new_int64(value));
}

static void put_flag(struct json_object *object, const char *key, bool value)
{
    put(object, key, json_object_new_boolean(value));
}

static struct json_object *make_drive(const struct probe *p)
{
    struct json_object *o = p->identity_seen ? json_object_new_object() : NULL;

    if (o) {
        put_text(o, "vendor", p->identity.vendor);
        put_text(o, "product", p->identity.product);
        put_text(o, "revision", p->identity.revision);
        put_text(o, "serial", p->serial);
    }
    return o;
}

static struct json_object *make_features(const struct probe *p)
{
    struct json_object *list = p->configuration_seen ? json_object_new_array() : NULL;

    for (size_t i = 0; list && i < p->configuration.count; i++) {
        const struct host_feature *f = &p->configuration.features[i];
        struct json_object *o = json_object_new_object();

        put_number(o, "code", f->code);
        put_text(o, "name", host_feature_name(f->code));
        put_number(o, "version", f->version);
        put_flag(o, "current", f->current);
        put_flag(o, "persistent", f->persistent);
        append(list, o);
    }
    return list;
}

static struct json_object *make_region(const struct probe *p)
{
    struct json_object *o = p->region_seen ? json_object_new_object() : NULL;

    if (o) {
        put_text(o, "type", host_region_type_name(p->region_type));
        put_number(o, "vendor_resets", p->region.vendor_resets);
        put_number(o, "user_changes", p->region.user_changes);
        put_number(o, "mask", p->region.mask);
        put_number(o, "scheme", p->region.scheme);
    }
    return o;
}

static struct json_object *make_medium(const struct probe *p)
{
    struct json_object *o = p->have & HAVE_MEDIUM ? json_object_new_object() : NULL;

    if (o) {
        put(o, "blocks", p->blocks_seen ? json_object_new_int64(p->blocks) : NULL);
        put(o, "css",
            p->copyright_seen ? json_object_new_boolean(p->protection == DISC_CSS) : NULL);
        put(o, "rmi", p->copyright_seen ? json_object_new_int64(p->rmi) : NULL);
    }
    return o;
}

static struct json_object *make_steps(const struct probe_outcome *outcomes)
{
    struct json_object *list = json_object_new_array();

    for (size_t i = 0; i < probe_step_count; i++) {
        struct json_object *o = json_object_new_object();

        put_text(o, "name", probe_steps[i].name);
        put_text(o, "result", probe_result_name(outcomes[i].result));
        put_text(o, "detail", outcomes[i].detail);
        append(list, o);
    }
    return list;
}

bool probe_print_json(const struct probe *p, const struct probe_outcome *outcomes)
{
    struct json_object *o = json_object_new_object();
    const char *text;

    put_text(o, "url", link_url(p->link));
    put(o, "drive", make_drive(p));
    put(o, "features", make_features(p));
    put(o, "region", make_region(p));
    put(o, "medium", make_medium(p));
    put(o, "steps", make_steps(outcomes));
    text =
        json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
    if (text) {
        puts(text);
    }
    json_object_put(o);
    return text != NULL;
}
