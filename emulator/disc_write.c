/* SPDX-License-Identifier: GPL-2.0-only */
#include "disc_write.h"

#include "disc_text.h"
#include "ini_file.h"

#include <inttypes.h>
#include <string.h>

/** A name this long fits a line, whatever else we write into that line. */
#define NAME_BYTES_MAX (INI_LINE_BYTES_MAX - 128)
/** RMI that forbids every region, for which [disc] has no word. */
#define RMI_NOTHING 0xff

static void write_hex(FILE *out, const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "%02x", bytes[i]);
    }
    fputc('\n', out);
}

static void write_regions(FILE *out, uint8_t rmi)
{
    const char *separator = "";

    fputs("regions = ", out);
    if (rmi == 0) {
        fputs("all", out);
    }
    for (unsigned region = 1; rmi && region <= 8; region++) {
        if (!(rmi & 1u << (region - 1))) {
            fprintf(out, "%s%u", separator, region);
            separator = ",";
        }
    }
    fputc('\n', out);
}

static void write_disc(FILE *out, const struct disc *disc, const char *image)
{
    fprintf(out, "[disc]\nimage = %s\n", image);
    if (disc->kind != DISC_DVD) {
        fprintf(out, "medium = %s\n", disc_kind_name(disc));
    }
    if (disc->layers == 2) {
        fprintf(out, "layers = 2\ntrack_path = %s\nlayer0_blocks = %" PRIu32 "\n",
                disc->track_path == DISC_OTP ? "otp" : "ptp", disc->layer0_blocks);
    }
    fprintf(out, "seed = %" PRIu64 "\n", disc->seed);
    if (disc->protection != DISC_NO_PROTECTION) {
        fprintf(out, "protection = %s\n", disc_protection_name(disc));
    }
    if (disc_has_css(disc)) {
        write_regions(out, disc->rmi);
        fputs("disc_key = ", out);
        write_hex(out, disc->disc_key.b, CSS_KEY_BYTES);
        fprintf(out, "scrambled = %s\n", disc->scrambled ? "yes" : "no");
    }
    if (disc->bca_bytes) {
        fputs("bca = ", out);
        write_hex(out, disc->bca, disc->bca_bytes);
    }
}

static void write_keys(FILE *out, const struct disc *disc)
{
    if (disc->player_slot_count) {
        fputs("\n[player_keys]\n", out);
    }
    for (size_t i = 0; i < disc->player_slot_count; i++) {
        fprintf(out, "%u = ", disc->player_slots[i].slot);
        write_hex(out, disc->player_slots[i].key.b, CSS_KEY_BYTES);
    }
    if (disc->title_key_count) {
        fputs("\n[title_keys]\n", out);
    }
    for (size_t i = 0; i < disc->title_key_count; i++) {
        fprintf(out, "%s = ", disc->title_keys[i].name);
        write_hex(out, disc->title_keys[i].clear.b, CSS_KEY_BYTES);
    }
}

static void write_runs(FILE *out, const struct disc *disc)
{
    if (disc->bad_run_count) {
        fputs("\n[bad_blocks]\n", out);
    }
    for (size_t i = 0; i < disc->bad_run_count; i++) {
        fprintf(out, "%" PRIu32 " = %" PRIu32 "\n", disc->bad_runs[i].lba,
                disc->bad_runs[i].blocks);
    }
    if (disc->extent_count) {
        fputs("\n[extents]\n", out);
    }
    for (size_t i = 0; i < disc->extent_count; i++) {
        const struct disc_extent *extent = &disc->extents[i];

        fprintf(out, "%" PRIu32 " = %" PRIu32 " %02X %s %s\n", extent->lba, extent->blocks,
                extent->cpr_mai, extent->key < 0 ? "-" : disc->title_keys[extent->key].name,
                extent->file < 0 ? "-" : disc->files[extent->file]);
    }
}

/* What stands at the end of a line comes back as it is only without blanks around it, without
 * control characters, and if the line is not too long. */
static bool survives(const char *text)
{
    size_t length = strlen(text);

    if (length == 0 || length > NAME_BYTES_MAX || strchr(" \t", text[0]) ||
        strchr(" \t", text[length - 1])) {
        return false;
    }
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        if ((c < ' ' && c != '\t') || c == 0x7f) {
            return false;
        }
    }
    return true;
}

static bool refuse(char *error, const char *problem, const char *what)
{
    snprintf(error, DISC_WRITE_ERROR_BYTES, "%s%.150s", problem, what);
    return false;
}

/* Whether the format has a form for all of it. */
static bool check(const struct disc *disc, const char *image, char *error)
{
    if (!survives(image)) {
        return refuse(error, "a description cannot hold this image name: ", image);
    }
    for (size_t i = 0; i < disc->title_key_count; i++) {
        if (!disc_text_is_title_name(disc->title_keys[i].name)) {
            return refuse(error, "not a name for a title key: ", disc->title_keys[i].name);
        }
    }
    for (size_t i = 0; i < disc->file_count; i++) {
        if (!survives(disc->files[i]) || strcmp(disc->files[i], "-") == 0) {
            return refuse(error, "a description cannot hold this file name: ", disc->files[i]);
        }
    }
    if (disc->rmi == RMI_NOTHING) {
        return refuse(error, "a description cannot forbid all regions", "");
    }
    return true;
}

bool disc_write(FILE *out, const struct disc *disc, const char *image,
                char error[static DISC_WRITE_ERROR_BYTES])
{
    if (!check(disc, image, error)) {
        return false;
    }
    write_disc(out, disc, image);
    write_keys(out, disc);
    write_runs(out, disc);
    return !ferror(out) || refuse(error, "writing the description failed", "");
}
