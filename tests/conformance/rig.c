/* SPDX-License-Identifier: GPL-2.0-only */
#include "rig.h"

#include "host_cdbs.h"
#include "scsi/be.h"
#include "tests/support/lcg.h"

#include <CUnit/CUnit.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DAEMONS_MAX    4
#define INITIATORS_MAX 16
#define PATHS_KEPT     8
#define ARGUMENTS_MAX  16
#define FTW_FILES      16
#define PES_FLAG_AT    0x14 /* byte of a pack with PES_scrambling_control */

const uint8_t rig_player_key[5] = {0x51, 0x67, 0x67, 0xc5, 0xe0};
const uint8_t rig_disc_key[5] = {0xa1, 0xb2, 0xc3, 0xd4, 0xe5};
const uint8_t rig_title_key_one[5] = {0x10, 0x32, 0x54, 0x76, 0x98};
const uint8_t rig_title_key_two[5] = {0xfe, 0xdc, 0xba, 0x98, 0x76};

struct rig_paths rig_paths;

static char folder[PATH_MAX];
static struct served *daemons[DAEMONS_MAX];
static struct initiator *initiators[INITIATORS_MAX];

/* ---- where things are ---- */

/* The build folder in which this program is BUILD/tests/conformance_tests. */
static bool find_own_build(char *path, size_t room)
{
    ssize_t n = readlink("/proc/self/exe", path, room - 1);

    if (n <= 0) {
        return false;
    }
    path[n] = '\0';
    for (int up = 0; up < 2 && strrchr(path, '/'); up++) {
        *strrchr(path, '/') = '\0';
    }
    return true;
}

bool rig_find(void)
{
    const char *given = getenv("DVDEMU");
    char build[256];

    if (given) {
        const char *slash = strrchr(given, '/');

        snprintf(build, sizeof(build), "%.*s", slash ? (int)(slash - given) : 1,
                 slash ? given : ".");
    } else if (!find_own_build(build, sizeof(build))) {
        return false;
    }
    snprintf(rig_paths.dvdemu, sizeof(rig_paths.dvdemu), "%s%s", given ? given : build,
             given ? "" : "/dvdemu");
    snprintf(rig_paths.demo_disc, sizeof(rig_paths.demo_disc), "%s/demo/demo.disc", build);
    snprintf(rig_paths.demo_image, sizeof(rig_paths.demo_image), "%s/demo/demo.iso", build);
    return access(rig_paths.dvdemu, X_OK) == 0;
}

const char *rig_path(const char *name)
{
    static char paths[PATHS_KEPT][PATH_MAX + NAME_MAX];
    static unsigned next;
    char *path = paths[next++ % PATHS_KEPT];

    snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
    return path;
}

/* ---- before and after a test ---- */

static void before_each(void)
{
    const char *tmp = getenv("TMPDIR");

    snprintf(folder, sizeof(folder), "%s/dvdemu-conformance.XXXXXX", tmp ? tmp : "/tmp");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    setenv("XDG_RUNTIME_DIR", folder, 1); /* so that what a daemon leaves is seen */
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

/* XDG_RUNTIME_DIR/dvdemu-UID goes away with the last daemon of the user. */
static bool run_folder_is_left(void)
{
    char name[32];

    snprintf(name, sizeof(name), "dvdemu-%u", (unsigned)getuid());
    return access(rig_path(name), F_OK) == 0;
}

static void after_each(void)
{
    for (size_t i = 0; i < INITIATORS_MAX; i++) {
        initiator_drop(initiators[i]);
        initiators[i] = NULL;
    }
    for (size_t i = 0; i < DAEMONS_MAX; i++) {
        if (daemons[i]) {
            CU_ASSERT(served_stop(daemons[i]));
            daemons[i] = NULL;
        }
    }
    CU_ASSERT_FALSE(run_folder_is_left());
    if (nftw(folder, remove_one, FTW_FILES, FTW_DEPTH | FTW_PHYS) != 0) {
        perror(folder);
    }
}

const struct unit_hooks rig_hooks = {before_each, after_each};

/* ---- discs ---- */

const char *rig_write_text(const char *name, const char *text)
{
    const char *path = rig_path(name);
    FILE *file = fopen(path, "w");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_TRUE_FATAL(fputs(text, file) >= 0);
    CU_ASSERT_EQUAL_FATAL(fclose(file), 0);
    return path;
}

void rig_block(uint32_t lba, uint8_t block[RIG_BLOCK_BYTES])
{
    uint32_t state = lba;

    lcg_bytes(&state, block, RIG_BLOCK_BYTES);
    be32_put(block, lba);
    block[PES_FLAG_AT] = 0;
}

const char *rig_write_image(const char *name)
{
    const char *path = rig_path(name);
    FILE *file = fopen(path, "w");
    uint8_t block[RIG_BLOCK_BYTES];

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    for (uint32_t lba = 0; lba < RIG_BLOCKS; lba++) {
        rig_block(lba, block);
        CU_ASSERT_EQUAL_FATAL(fwrite(block, sizeof(block), 1, file), 1);
    }
    CU_ASSERT_EQUAL_FATAL(fclose(file), 0);
    return path;
}

static const char *hex(const uint8_t key[5], char text[11])
{
    snprintf(text, 11, "%02x%02x%02x%02x%02x", key[0], key[1], key[2], key[3], key[4]);
    return text;
}

const char *rig_write_css_disc(const char *name, const char *regions)
{
    char text[1024], image[NAME_MAX], player[11], disc[11], one[11], two[11];

    snprintf(image, sizeof(image), "%s.iso", name);
    rig_write_image(image);
    snprintf(text, sizeof(text),
             "[disc]\nimage = %s\nprotection = css\nregions = %s\ndisc_key = %s\n"
             "[player_keys]\n%d = %s\n"
             "[title_keys]\none = %s\ntwo = %s\n"
             "[extents]\n%d = 16 B0 one\n%d = 48 F0 one\n%d = 48 F0 two\n%d = 16 B0 -\n",
             image, regions, hex(rig_disc_key, disc), RIG_PLAYER_SLOT, hex(rig_player_key, player),
             hex(rig_title_key_one, one), hex(rig_title_key_two, two), RIG_CLEAR_LBA,
             RIG_SCRAMBLED_LBA, RIG_SECOND_LBA, RIG_KEYLESS_LBA);
    return rig_write_text(name, text);
}

/* ---- daemons ---- */

struct served *rig_serve(const char *const *args)
{
    size_t at = 0;

    while (at < DAEMONS_MAX - 1 && daemons[at]) {
        at++;
    }
    CU_ASSERT_PTR_NULL_FATAL(daemons[at]);
    daemons[at] = served_start(rig_paths.dvdemu, args);
    CU_ASSERT_PTR_NOT_NULL_FATAL(daemons[at]);
    return daemons[at];
}

struct served *rig_serve_css(void)
{
    return RIG_SERVE("--state", "none", rig_write_css_disc("css.disc", "all"));
}

static void forget_daemon(const struct served *s)
{
    for (size_t i = 0; i < DAEMONS_MAX; i++) {
        if (daemons[i] == s) {
            daemons[i] = NULL;
        }
    }
}

void rig_stop(struct served *s)
{
    forget_daemon(s);
    CU_ASSERT(served_stop(s));
}

void rig_kill(struct served *s)
{
    forget_daemon(s);
    served_kill(s);
}

int rig_ask(struct served *s, const char *const *args, char *said, size_t room)
{
    const char *argv[ARGUMENTS_MAX] = {rig_paths.dvdemu, args[0], "--pid"};
    char pid[sizeof("4294967295")];
    size_t n = 4;

    snprintf(pid, sizeof(pid), "%d", (int)served_pid(s));
    argv[3] = pid;
    while (args[n - 3] && n < ARGUMENTS_MAX - 1) {
        argv[n] = args[n - 3];
        n++;
    }
    return served_run(argv, said, room);
}

int rig_operator(struct served *s, const char *const *args)
{
    return rig_ask(s, args, NULL, 0);
}

pid_t rig_tgtd(struct served *s)
{
    static const char key[] = "\"daemon_pid\":";
    char said[8192];
    const char *at;

    CU_ASSERT_EQUAL_FATAL(
        rig_ask(s, (const char *const[]){"status", "--json", NULL}, said, sizeof(said)), 0);
    at = strstr(said, key);
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    return (pid_t)strtol(at + strlen(key), NULL, 10);
}

/* ---- initiators ---- */

struct initiator *rig_login(struct served *s, size_t drive, const char *who)
{
    const char *url = served_url(s, drive);
    char name[128];
    size_t at = 0;

    snprintf(name, sizeof(name), "iqn.2026-01.org.example:%s", who);
    while (at < INITIATORS_MAX - 1 && initiators[at]) {
        at++;
    }
    CU_ASSERT_PTR_NULL_FATAL(initiators[at]);
    CU_ASSERT_PTR_NOT_NULL_FATAL(url);
    initiators[at] = initiator_login(url, name);
    if (!initiators[at]) {
        fprintf(stderr, "%s\n", initiator_error());
    }
    CU_ASSERT_PTR_NOT_NULL_FATAL(initiators[at]);
    return initiators[at];
}

struct initiator *rig_ready(struct served *s, size_t drive, const char *who)
{
    struct initiator *i = rig_login(s, drive, who);

    EXPECT_FATAL(test_unit_ready(i), POWER_ON);
    return i;
}

static void forget_initiator(const struct initiator *i)
{
    for (size_t at = 0; at < INITIATORS_MAX; at++) {
        if (initiators[at] == i) {
            initiators[at] = NULL;
        }
    }
}

void rig_logout(struct initiator *i)
{
    forget_initiator(i);
    CU_ASSERT(initiator_logout(i));
}

void rig_drop(struct initiator *i)
{
    forget_initiator(i);
    initiator_drop(i);
}
