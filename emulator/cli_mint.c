/* SPDX-License-Identifier: GPL-2.0-only */
/* dvdemu mint: a plain image becomes the description of a protected disc. */
#include "cli.h"

#include "disc_write.h"
#include "error_line.h"
#include "mint.h"
#include "mint_options.h"
#include "new_file.h"
#include "random.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DESCRIPTION_SUFFIX ".disc"
/** Blocks written to a materialised image at a time. */
#define COPY_BLOCKS 64

/* clang-format off */
enum { OUTPUT, REGIONS, SEED, DISC_KEY, PLAYER_KEYS, EXTENT, CGMS, MATERIALISE, ROWS };

static const struct cli_option mint_rows[] = {
    [OUTPUT]      = {"output", "OUT.disc", "the description to write", 'o'},
    [REGIONS]     = {"regions", "LIST", "regions that may play it, such as 1,2 (default: all)", 0},
    [SEED]        = {"seed", "N", "what all keys and places are drawn from (default: a new one)", 0},
    [DISC_KEY]    = {"disc-key", "HEX", "the disc key, 10 digits (default: drawn)", 0},
    [PLAYER_KEYS] = {"player-keys", "FILE", "lines 'SLOT KEY', slots 1 to 408 (the others are drawn)", 0},
    [EXTENT]      = {"extent", "LBA:BLOCKS:CPR", "no DVD-Video: protect these blocks (F0 scrambles); repeatable", 0},
    [CGMS]        = {"cgms", "VALUE", "copy generation bits, 0 to 3 (default: 3)", 0},
    [MATERIALISE] = {"materialise", "OUT.img", "write the scrambled image too; OUT.disc then names this one", 0},
    {NULL, NULL, NULL, 0},
};
/* clang-format on */

struct job {
    const struct cli_command *command;
    const char *image;
    const char *values[ROWS]; /**< the last of each option; NULL: not given */
    struct mint_options options;
    struct mint_recipe recipe;
};

/* ---- the command line ---- */

static bool ends_with(const char *text, const char *suffix)
{
    size_t length = strlen(text), tail = strlen(suffix);

    return length >= tail && strcmp(text + length - tail, suffix) == 0;
}

static int refuse(const struct job *job, int row, const char *why)
{
    return cli_usage_error(job->command, "--%s: %s", mint_rows[row].name, why);
}

static int read_options(struct job *job, int argc, char **argv)
{
    struct cli_args args = cli_begin(job->command, argc, argv);
    char why[INI_ERROR_BYTES];
    int row;

    while ((row = cli_next(&args)) >= 0) {
        job->values[row] = args.value;
        if (row == EXTENT && !mint_options_extent(&job->options, args.value, why)) {
            return refuse(job, row, why);
        }
    }
    if (row == CLI_BAD) {
        return CLI_USAGE;
    }
    if (args.first_operand + 1 != argc) {
        return cli_usage_error(job->command, "one IMAGE is expected");
    }
    job->image = argv[args.first_operand];
    return CLI_OK;
}

static int check_names(struct job *job)
{
    const char *scrambled = job->values[MATERIALISE];

    if (!job->values[OUTPUT]) {
        return cli_usage_error(job->command, "-o OUT.disc is missing");
    }
    if (!ends_with(job->values[OUTPUT], DESCRIPTION_SUFFIX)) {
        return refuse(job, OUTPUT, "a description's name ends in " DESCRIPTION_SUFFIX);
    }
    if (ends_with(job->image, DESCRIPTION_SUFFIX)) {
        return cli_usage_error(job->command, "%s: a description already; an image is expected",
                               job->image);
    }
    if (scrambled && ends_with(scrambled, DESCRIPTION_SUFFIX)) {
        return refuse(job, MATERIALISE, "an image's name does not end in " DESCRIPTION_SUFFIX);
    }
    return CLI_OK;
}

/* A number that no --seed gave is kept short: people type it again. */
static uint64_t new_seed(void)
{
    struct random_source source = random_kernel();
    uint32_t seed;

    random_bytes(&source, &seed, sizeof(seed));
    return seed;
}

static int take_numbers(struct job *job)
{
    const char *seed = job->values[SEED], *cgms = job->values[CGMS];
    unsigned long long number = MINT_CGMS_MAX;

    if (cgms && !cli_number(cgms, 0, MINT_CGMS_MAX, &number)) {
        return refuse(job, CGMS, "a number from 0 to 3 is expected");
    }
    job->recipe.cgms = (uint8_t)number;
    if (!seed) {
        job->recipe.seed = new_seed();
        return CLI_OK;
    }
    if (!cli_number(seed, 0, UINT64_MAX, &number)) {
        return refuse(job, SEED, "a number below 2^64 is expected");
    }
    job->recipe.seed = number;
    return CLI_OK;
}

static int take_keys(struct job *job)
{
    const char *file = job->values[PLAYER_KEYS];
    char why[INI_ERROR_BYTES];

    job->recipe.regions = job->values[REGIONS];
    job->recipe.disc_key = job->values[DISC_KEY];
    if (job->recipe.regions &&
        !mint_options_value(&job->options, "regions", job->recipe.regions, why)) {
        return refuse(job, REGIONS, why);
    }
    if (job->recipe.disc_key &&
        !mint_options_value(&job->options, "disc_key", job->recipe.disc_key, why)) {
        return refuse(job, DISC_KEY, why);
    }
    if (file && !mint_options_player_keys(&job->options, file, why)) {
        return cli_failure(job->command, "%s", why);
    }
    job->recipe.player_keys = job->options.player_keys;
    job->recipe.extents = job->options.text.extents.runs;
    job->recipe.extent_count = job->options.text.extents.count;
    return CLI_OK;
}

/* ---- files ---- */

/* The path from the root, links in its folder followed. NULL: no such folder, or no memory. */
static char *from_root(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    char *real = folder ? realpath(folder, NULL) : NULL;
    char *whole = NULL;

    if (real && asprintf(&whole, "%s/%s", real, slash ? slash + 1 : path) < 0) {
        whole = NULL;
    }
    free(folder);
    free(real);
    return whole;
}

/* What a description at `description` has to call `image`: relative if it lies below it. */
static char *name_beside(const char *description, const char *image)
{
    char *base = from_root(description), *name = from_root(image);
    size_t folder = base ? (size_t)(strrchr(base, '/') - base) + 1 : 0;

    if (base && name && strncmp(base, name, folder) == 0) {
        memmove(name, name + folder, strlen(name + folder) + 1);
    }
    if (!base) {
        free(name);
        name = NULL;
    }
    free(base);
    return name;
}

static bool is_same_file(const char *a, const char *b)
{
    struct stat one, other;

    return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

/* The whole disc as a drive reads it. */
static bool copy_scrambled(const struct disc *disc, FILE *out, const char *path, char *error)
{
    uint8_t data[COPY_BLOCKS * DISC_BLOCK_BYTES];
    struct scsi_sense sense;

    for (uint32_t lba = 0; lba < disc->blocks; lba += COPY_BLOCKS) {
        uint32_t left = disc->blocks - lba;
        uint32_t blocks = left < COPY_BLOCKS ? left : COPY_BLOCKS;

        if (disc_read(disc, lba, blocks, data, sizeof(data), true, &sense) != MEDIUM_OK) {
            return error_line(error, "the image cannot be read at LBA %" PRIu32, lba);
        }
        if (fwrite(data, DISC_BLOCK_BYTES, blocks, out) != blocks) {
            return error_line(error, "%s: %s", path, strerror(errno));
        }
    }
    return true;
}

static bool materialise(const struct disc *disc, const char *path, char *error)
{
    struct new_file file;

    if (!new_file_open(&file, path, error)) {
        return false;
    }
    if (!copy_scrambled(disc, file.out, path, error)) {
        new_file_drop(&file);
        return false;
    }
    return new_file_keep(&file, error);
}

static bool describe(const struct disc *disc, const char *path, const char *image, char *error)
{
    char why[DISC_WRITE_ERROR_BYTES];
    char *name = name_beside(path, image);
    struct new_file file;
    bool good;

    if (!name) {
        return error_line(error, "%s: %s", path, strerror(errno));
    }
    if (!new_file_open(&file, path, error)) {
        free(name);
        return false;
    }
    good = disc_write(file.out, disc, name, why);
    free(name);
    if (!good) {
        new_file_drop(&file);
        return error_line(error, "%s: %s", path, why);
    }
    return new_file_keep(&file, error);
}

/* ---- the work ---- */

/* The disc, or NULL. The list of VOBs is needed only on the way. */
static struct disc *make_disc(const struct job *job, char *error)
{
    struct mint_recipe recipe = job->recipe;
    struct dvd_video video = {0};
    struct medium *medium = medium_open_file(job->image, error, INI_ERROR_BYTES);
    struct disc *disc = NULL;
    char why[INI_ERROR_BYTES];

    if (!medium) {
        return NULL;
    }
    if (recipe.extent_count || dvd_video_find(medium, &video, why)) {
        recipe.video = recipe.extent_count ? NULL : &video;
        disc = mint_disc(&recipe, medium, why);
    } else {
        medium_close(medium);
    }
    dvd_video_free(&video);
    if (!disc) {
        ini_error(error, job->image, 0, NULL, why);
    }
    return disc;
}

static bool write_files(const struct job *job, struct disc *disc, char *error)
{
    const char *scrambled = job->values[MATERIALISE];

    if (scrambled) {
        if (is_same_file(scrambled, job->image)) {
            return error_line(error, "%s: is the image itself", scrambled);
        }
        if (!materialise(disc, scrambled, error)) {
            return false;
        }
        disc->scrambled = true;
    }
    return describe(disc, job->values[OUTPUT], scrambled ? scrambled : job->image, error);
}

static void report(const struct job *job, const struct disc *disc)
{
    const char *output = job->values[OUTPUT];
    uint32_t scrambled = 0;

    for (size_t i = 0; i < disc->extent_count; i++) {
        if (cpr_mai_is_gated(disc->extents[i].cpr_mai)) {
            scrambled += disc->extents[i].blocks;
        }
    }
    printf("%s: seed %" PRIu64 ", %zu title keys, %" PRIu32 " of %" PRIu32
           " blocks scrambled%s%s\nserve it with: dvdemu serve %s\n",
           output, disc->seed, disc->title_key_count, scrambled, disc->blocks,
           job->values[MATERIALISE] ? " in " : " as they are read",
           job->values[MATERIALISE] ? job->values[MATERIALISE] : "", output);
}

static int mint(struct job *job)
{
    char error[INI_ERROR_BYTES];
    struct disc *disc = make_disc(job, error);
    int code = CLI_OK;

    if (!disc || !write_files(job, disc, error)) {
        code = cli_failure(job->command, "%s", error);
    } else {
        report(job, disc);
    }
    disc_release(disc);
    return code;
}

static int run_mint(const struct cli_command *self, int argc, char **argv)
{
    static int (*const steps[])(struct job *) = {check_names, take_numbers, take_keys, mint};
    struct job job = {.command = self};
    int code;

    if (!mint_options_begin(&job.options)) {
        return cli_failure(self, "out of memory");
    }
    code = read_options(&job, argc, argv);
    for (size_t i = 0; code == CLI_OK && i < sizeof(steps) / sizeof(steps[0]); i++) {
        code = steps[i](&job);
    }
    mint_options_free(&job.options);
    return code;
}

const struct cli_command cli_mint = {
    "mint", "IMAGE -o OUT.disc [OPTION...]",
    "describes what a pressed, protected disc with the contents of a plain image would be",
    mint_rows, run_mint};
