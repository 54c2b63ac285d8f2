/* SPDX-License-Identifier: GPL-2.0-only */
/* dvdemu describe: what a disc is, in words or as JSON. */
#include "cli.h"

#include "disc_file.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#define DRIVE_SUFFIX  ".conf"
#define REGIONS       8
#define HEX_KEY_BYTES (2 * CSS_KEY_BYTES + 1)

enum { JSON };

static const struct cli_option describe_rows[] = {
    [JSON] = {"json", NULL, "for programs", 0},
    {NULL, NULL, NULL, 0},
};

static const char *hex_key(const uint8_t key[static CSS_KEY_BYTES], char out[static HEX_KEY_BYTES])
{
    for (size_t i = 0; i < CSS_KEY_BYTES; i++) {
        snprintf(out + 2 * i, 3, "%02x", key[i]);
    }
    return out;
}

/* A 1 bit of the disc's byte forbids a region (mmc-spec 3.3). */
static bool allows_region(const struct disc *disc, unsigned region)
{
    return !(disc->rmi & 1u << (region - 1));
}

static const char *track_path_name(const struct disc *disc)
{
    return disc->track_path == DISC_OTP ? "otp" : "ptp";
}

static const struct disc_title_key *key_of(const struct disc *disc, const struct disc_extent *e)
{
    return e->key < 0 ? NULL : &disc->title_keys[e->key];
}

static const char *file_of(const struct disc *disc, const struct disc_extent *e)
{
    return e->file < 0 ? NULL : disc->files[e->file];
}

/* ---- JSON ---- */

static void add(struct json_object *to, const char *name, struct json_object *value)
{
    json_object_object_add(to, name, value);
}

static struct json_object *text_or_null(const char *text)
{
    return text ? json_object_new_string(text) : NULL;
}

static struct json_object *json_key(const uint8_t key[static CSS_KEY_BYTES])
{
    char hex[HEX_KEY_BYTES];

    return json_object_new_string(hex_key(key, hex));
}

static struct json_object *json_regions(const struct disc *disc)
{
    struct json_object *list = json_object_new_array();

    for (unsigned region = 1; region <= REGIONS; region++) {
        if (allows_region(disc, region)) {
            json_object_array_add(list, json_object_new_int((int)region));
        }
    }
    return list;
}

static struct json_object *json_player_keys(const struct disc *disc)
{
    struct json_object *list = json_object_new_array();

    for (size_t i = 0; i < disc->player_slot_count; i++) {
        struct json_object *slot = json_object_new_object();

        add(slot, "slot", json_object_new_int(disc->player_slots[i].slot));
        add(slot, "key", json_key(disc->player_slots[i].key.b));
        json_object_array_add(list, slot);
    }
    return list;
}

static struct json_object *json_extents(const struct disc *disc)
{
    struct json_object *list = json_object_new_array();

    for (size_t i = 0; i < disc->extent_count; i++) {
        const struct disc_extent *e = &disc->extents[i];
        const struct disc_title_key *key = key_of(disc, e);
        struct json_object *extent = json_object_new_object();

        add(extent, "lba", json_object_new_int64(e->lba));
        add(extent, "blocks", json_object_new_int64(e->blocks));
        add(extent, "cpr_mai", json_object_new_int(e->cpr_mai));
        add(extent, "title_key", key ? json_key(key->clear.b) : NULL);
        add(extent, "file", text_or_null(file_of(disc, e)));
        json_object_array_add(list, extent);
    }
    return list;
}

static struct json_object *json_bad_blocks(const struct disc *disc)
{
    struct json_object *list = json_object_new_array();

    for (size_t i = 0; i < disc->bad_run_count; i++) {
        struct json_object *run = json_object_new_object();

        add(run, "lba", json_object_new_int64(disc->bad_runs[i].lba));
        add(run, "blocks", json_object_new_int64(disc->bad_runs[i].blocks));
        json_object_array_add(list, run);
    }
    return list;
}

static void print_json(const struct disc *disc)
{
    const bool css = disc_has_css(disc);
    struct json_object *all = json_object_new_object();

    add(all, "description", text_or_null(disc->description_path));
    add(all, "image", text_or_null(disc->image_path));
    add(all, "blocks", json_object_new_int64(disc->blocks));
    add(all, "medium", json_object_new_string(disc_kind_name(disc)));
    add(all, "layers", json_object_new_int(disc->layers));
    add(all, "track_path", json_object_new_string(track_path_name(disc)));
    add(all, "layer0_blocks", json_object_new_int64(disc->layer0_blocks));
    add(all, "protection", json_object_new_string(disc_protection_name(disc)));
    add(all, "regions", json_regions(disc));
    add(all, "rmi", json_object_new_int(disc->rmi));
    add(all, "scrambled", json_object_new_boolean(disc->scrambled));
    add(all, "seed", json_object_new_uint64(disc->seed));
    add(all, "disc_key", css ? json_key(disc->disc_key.b) : NULL);
    add(all, "player_keys", json_player_keys(disc));
    add(all, "bca_bytes", json_object_new_int(disc->bca_bytes));
    add(all, "bad_blocks", json_bad_blocks(disc));
    add(all, "extents", json_extents(disc));
    puts(json_object_to_json_string_ext(all, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
                                                 JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(all);
}

/* ---- words ---- */

static void print_layout(const struct disc *disc)
{
    if (disc->description_path) {
        printf("description  %s\n", disc->description_path);
    }
    printf("image        %s%s\n", disc->image_path ? disc->image_path : "none",
           disc->scrambled ? " (scrambled already)" : "");
    printf("medium       %s\n", disc_kind_name(disc));
    printf("blocks       %" PRIu32 "\nlayers       %u", disc->blocks, disc->layers);
    if (disc->layers == 2) {
        printf(" (%s, %" PRIu32 " blocks on the first)", track_path_name(disc),
               disc->layer0_blocks);
    }
    printf("\nprotection   %s\n", disc_protection_name(disc));
}

static void print_keys(const struct disc *disc)
{
    char hex[HEX_KEY_BYTES];

    printf("regions     ");
    for (unsigned region = 1; region <= REGIONS; region++) {
        if (allows_region(disc, region)) {
            printf(" %u", region);
        }
    }
    printf("\nseed         %" PRIu64 "\ndisc key     %s\n", disc->seed,
           hex_key(disc->disc_key.b, hex));
    for (size_t i = 0; i < disc->player_slot_count; i++) {
        printf("player key   %s in slot %u\n", hex_key(disc->player_slots[i].key.b, hex),
               disc->player_slots[i].slot);
    }
}

static void print_map(const struct disc *disc)
{
    char hex[HEX_KEY_BYTES];

    for (size_t i = 0; i < disc->bad_run_count; i++) {
        printf("bad          %" PRIu32 " blocks at LBA %" PRIu32 "\n", disc->bad_runs[i].blocks,
               disc->bad_runs[i].lba);
    }
    if (disc->extent_count) {
        printf("\n%10s %10s  CPR_MAI  title key   file\n", "LBA", "blocks");
    }
    for (size_t i = 0; i < disc->extent_count; i++) {
        const struct disc_extent *e = &disc->extents[i];
        const struct disc_title_key *key = key_of(disc, e);
        const char *file = file_of(disc, e);

        printf("%10" PRIu32 " %10" PRIu32 "  %02X       %-10s  %s\n", e->lba, e->blocks, e->cpr_mai,
               key ? hex_key(key->clear.b, hex) : "-", file ? file : "-");
    }
}

static void print_words(const struct disc *disc)
{
    print_layout(disc);
    if (disc_has_css(disc)) {
        print_keys(disc);
    }
    if (disc->bca_bytes) {
        printf("BCA          %u bytes\n", disc->bca_bytes);
    }
    print_map(disc);
}

/* ---- */

static bool is_drive_file(const char *path)
{
    const char *dot = strrchr(path, '.');

    return dot && strcmp(dot, DRIVE_SUFFIX) == 0;
}

static int run_describe(const struct cli_command *self, int argc, char **argv)
{
    struct cli_args args = cli_begin(self, argc, argv);
    char error[INI_ERROR_BYTES];
    struct disc *disc;
    bool json = false;
    int row;

    while ((row = cli_next(&args)) == JSON) {
        json = true;
    }
    if (row == CLI_BAD) {
        return CLI_USAGE;
    }
    if (args.first_operand + 1 != argc) {
        return cli_usage_error(self, "one FILE is expected");
    }
    if (is_drive_file(argv[args.first_operand])) {
        return cli_failure(self, "%s: a drive's file; a disc or an image is expected",
                           argv[args.first_operand]);
    }
    disc = disc_load(argv[args.first_operand], error);
    if (!disc) {
        return cli_failure(self, "%s", error);
    }
    (json ? print_json : print_words)(disc);
    disc_release(disc);
    return CLI_OK;
}

const struct cli_command cli_describe = {"describe", "FILE [--json]",
                                         "prints what a disc is: layout, regions, keys, map",
                                         describe_rows, run_describe};
