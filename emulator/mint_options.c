/* SPDX-License-Identifier: GPL-2.0-only */
#include "mint_options.h"

#include "error_line.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS       " \t\r\n"
#define EXTENT_BYTES 64

bool mint_options_begin(struct mint_options *options)
{
    *options = (struct mint_options){0};
    options->text.disc = disc_new();
    return options->text.disc != NULL;
}

void mint_options_free(struct mint_options *options)
{
    disc_text_free(&options->text);
    disc_release(options->text.disc);
    free(options->player_keys);
    *options = (struct mint_options){0};
}

bool mint_options_value(struct mint_options *options, const char *key, const char *value, char *why)
{
    const struct ini_line line = {.section = "disc", .key = key, .value = value, .number = 1};

    return disc_text_line(&options->text, &line, why);
}

bool mint_options_extent(struct mint_options *options, const char *value, char *why)
{
    char text[EXTENT_BYTES], line_value[EXTENT_BYTES + sizeof(" -")];
    struct ini_line line = {.section = "extents", .key = text, .value = line_value, .number = 1};
    char *blocks, *cpr_mai;

    if (strlen(value) >= sizeof(text) || strpbrk(value, BLANKS)) {
        return error_line(why, "'%s': expected LBA:BLOCKS:CPR_MAI", value);
    }
    snprintf(text, sizeof(text), "%s", value);
    blocks = strchr(text, ':');
    cpr_mai = blocks ? strchr(blocks + 1, ':') : NULL;
    if (!cpr_mai) {
        return error_line(why, "'%s': expected LBA:BLOCKS:CPR_MAI", value);
    }
    *blocks++ = 0;
    *cpr_mai++ = 0;
    snprintf(line_value, sizeof(line_value), "%s %s -", blocks, cpr_mai);
    return disc_text_line(&options->text, &line, why);
}

/* One line of the file, changed on the way; what it gives goes to `out` as a line of ours. */
static bool take_player_line(struct mint_options *options, FILE *out, char *text, unsigned number,
                             const char *path, char *error)
{
    struct ini_line line = {.section = "player_keys", .number = number};
    char why[INI_ERROR_BYTES], *rest = NULL;

    text[strcspn(text, "#")] = 0;
    line.key = strtok_r(text, BLANKS, &rest);
    if (!line.key) {
        return true;
    }
    line.value = strtok_r(NULL, BLANKS, &rest);
    if (!line.value || strtok_r(NULL, BLANKS, &rest)) {
        ini_error(error, path, number, NULL, "expected SLOT KEY");
        return false;
    }
    if (!disc_text_line(&options->text, &line, why)) {
        ini_error(error, path, number, line.key, why);
        return false;
    }
    fprintf(out, "%s = %s\n", line.key, line.value);
    return true;
}

static bool take_player_file(struct mint_options *options, FILE *in, FILE *out, const char *path,
                             char *error)
{
    char *text = NULL;
    size_t room = 0;
    bool good = true;

    for (unsigned number = 1; good && getline(&text, &room, in) >= 0; number++) {
        good = take_player_line(options, out, text, number, path, error);
    }
    free(text);
    if (good && ferror(in)) {
        return error_line(error, "%s: %s", path, strerror(errno));
    }
    return good;
}

bool mint_options_player_keys(struct mint_options *options, const char *path, char *error)
{
    FILE *in = fopen(path, "re"), *out;
    size_t bytes;
    bool good;

    if (!in) {
        return error_line(error, "%s: %s", path, strerror(errno));
    }
    free(options->player_keys);
    options->player_keys = NULL;
    out = open_memstream(&options->player_keys, &bytes);
    if (!out) {
        fclose(in);
        return error_line(error, "out of memory");
    }
    good = take_player_file(options, in, out, path, error);
    fclose(in);
    return fclose(out) == 0 ? good : error_line(error, "out of memory");
}
