/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A region state file. What is read is a state that a drive may be in, and reads the same after it
 * has been kept again; what is refused says why, and is never taken for a new drive.
 */
#include "fuzz.h"
#include "must.h"

#include "emulator/region_store.h"
#include "tests/support/temp_folder.h"

#include <unistd.h>

#define SERIAL         "0123456789AB"
#define FILE_OF_SERIAL SERIAL ".region"

static struct temp_folder folder;

static void close_folder(void)
{
    temp_close(&folder);
}

static void open_folder(void)
{
    if (!folder.path[0]) {
        if (access("/dev/shm", W_OK) == 0) {
            setenv("TMPDIR", "/dev/shm", 1); /* in memory: kept without a disk to wait for */
        }
        temp_open(&folder);
        atexit(close_folder);
    }
}

static bool is_same(const struct region_state *a, const struct region_state *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct region_state factory = region_factory();
    struct region_state state = factory, again = factory;
    char error[INI_ERROR_BYTES] = "";

    open_folder();
    temp_write(&folder, FILE_OF_SERIAL, data, size);
    if (!region_store_load(folder.path, SERIAL, &state, error)) {
        must_be_an_error(error);
        must(is_same(&state, &factory));
        return 0;
    }
    must(region_is_in_range(&state));
    must(region_store_save(folder.path, SERIAL, &state, error));
    must(region_store_load(folder.path, SERIAL, &again, error));
    must(is_same(&state, &again));
    return 0;
}
