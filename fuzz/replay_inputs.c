/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs the inputs of a corpus once each: TARGET_replay FOLDER. Ends with `N inputs`. */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#define INPUT_BYTES_MAX (1 << 20)

static int run_file(const char *folder, const char *name)
{
    static uint8_t room[INPUT_BYTES_MAX];
    char path[4096];
    uint8_t *input;
    size_t bytes;
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    f = fopen(path, "rb");
    if (!f) {
        perror(path);
        return -1;
    }
    bytes = fread(room, 1, sizeof(room), f);
    fclose(f);
    input = malloc(bytes + 1); /* of its own size, so that sanitizers see its end */
    if (!input) {
        return -1;
    }
    for (size_t i = 0; i < bytes; i++) {
        input[i] = room[i];
    }
    LLVMFuzzerTestOneInput(input, bytes);
    free(input);
    return 0;
}

int main(int argc, char **argv)
{
    DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
    unsigned inputs = 0;

    if (!folder) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        if (run_file(argv[1], entry->d_name) != 0) {
            return 1;
        }
        inputs++;
    }
    closedir(folder);
    printf("%s: %u inputs\n", argv[1], inputs);
    return inputs ? 0 : 1;
}
