/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TARGET_replay [-r TIMES] [-v] FOLDER|FILE...: runs saved inputs, each TIMES times (1), and prints
 * what they met. -v prints each command. The last line: how many inputs, and how many a second of
 * CPU time.
 */
#include "fuzz.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define INPUT_BYTES_MAX (1 << 20)
#define PATH_BYTES      4096

struct input {
    uint8_t *bytes;
    size_t count;
};

struct inputs {
    struct input *row;
    size_t count;
};

static void *need(void *memory)
{
    if (!memory) {
        perror("replay");
        exit(1);
    }
    return memory;
}

/* In memory of its own size, so that sanitizers see its end. */
static void read_input(struct inputs *all, const char *path)
{
    static uint8_t room[INPUT_BYTES_MAX];
    FILE *f = need(fopen(path, "rb"));
    const size_t bytes = fread(room, 1, sizeof(room), f);
    struct input *row;

    fclose(f);
    all->row = need(realloc(all->row, (all->count + 1) * sizeof(*all->row)));
    row = &all->row[all->count++];
    row->bytes = need(malloc(bytes ? bytes : 1));
    row->count = bytes;
    memcpy(row->bytes, room, bytes);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void read_folder(struct inputs *all, const char *folder)
{
    struct dirent **names;
    const int count = scandir(folder, &names, NULL, by_name);
    char path[PATH_BYTES];

    for (int i = 0; i < count; i++) {
        if (names[i]->d_name[0] != '.') {
            snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
            read_input(all, path);
        }
        free(names[i]);
    }
    if (count >= 0) {
        free(names);
    }
}

static void read_path(struct inputs *all, const char *path)
{
    struct stat status;

    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
        read_folder(all, path);
    } else {
        read_input(all, path);
    }
}

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void print_end(const char *what, const struct inputs *all, uint64_t times, double seconds)
{
    const double runs = (double)all->count * (double)times;

    printf("%s: %zu inputs, %.0f runs/s", what, all->count, runs / seconds);
    if (fuzz_commands) {
        printf(", %.0f commands/s", (double)fuzz_commands() / seconds);
    }
    printf("\n");
}

static void run_all(const struct inputs *all, uint64_t times)
{
    for (uint64_t n = 0; n < times; n++) {
        for (size_t i = 0; i < all->count; i++) {
            LLVMFuzzerTestOneInput(all->row[i].bytes, all->row[i].count);
        }
    }
}

static void free_inputs(struct inputs *all)
{
    for (size_t i = 0; i < all->count; i++) {
        free(all->row[i].bytes);
    }
    free(all->row);
}

static int usage(const char *name)
{
    fprintf(stderr, "usage: %s [-r TIMES] [-v] FOLDER|FILE...\n", name);
    return 2;
}

int main(int argc, char **argv)
{
    struct inputs all = {NULL, 0};
    uint64_t times = 1;
    bool trace = false;
    double begin_s;
    int i = 1;

    for (; i < argc && argv[i][0] == '-'; i++) {
        if (strcmp(argv[i], "-r") == 0 && i + 1 < argc) {
            times = strtoull(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "-v") == 0) {
            trace = true;
        } else {
            return usage(argv[0]);
        }
    }
    if (i == argc || times == 0) {
        return usage(argv[0]);
    }
    if (fuzz_watch) {
        fuzz_watch(trace);
    }
    for (int at = i; at < argc; at++) {
        read_path(&all, argv[at]);
    }
    begin_s = now_s();
    run_all(&all, times);
    begin_s = now_s() - begin_s;
    if (fuzz_report) {
        fuzz_report(stdout);
    }
    print_end(argv[i], &all, times, begin_s);
    free_inputs(&all);
    return all.count ? 0 : 1;
}
