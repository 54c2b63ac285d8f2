/* SPDX-License-Identifier: GPL-2.0-only */
#include "bytes.h"
#include "emulator/medium.h"
#include "tests/support/faults.h"
#include "tests/support/lcg.h"
#include "tests/support/temp_folder.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define IMAGE_BYTES 10000

static uint8_t image[IMAGE_BYTES];
static char error[1024];

/* A folder with an image, opened. */
static struct medium *open_image(struct temp_folder *folder)
{
    uint32_t state = 1;

    temp_open(folder);
    lcg_bytes(&state, image, sizeof(image));
    return medium_open_file(temp_write(folder, "image", image, sizeof(image)), error,
                            sizeof(error));
}

static void close_image(struct temp_folder *folder, struct medium *medium)
{
    medium_close(medium);
    temp_close(folder);
}

static void any_range_of_the_file_is_read(void)
{
    struct temp_folder folder;
    struct medium *m = open_image(&folder);
    uint8_t out[IMAGE_BYTES];

    CU_ASSERT_PTR_NOT_NULL_FATAL(m);
    CU_ASSERT_EQUAL(m->size_bytes, IMAGE_BYTES);
    CU_ASSERT_EQUAL(m->ops->read(m, 0, out, IMAGE_BYTES, true), MEDIUM_OK);
    CHECK_SAME(out, image, IMAGE_BYTES);
    CU_ASSERT_EQUAL(m->ops->read(m, IMAGE_BYTES - 3, out, 3, true), MEDIUM_OK);
    CHECK_SAME(out, image + IMAGE_BYTES - 3, 3);
    close_image(&folder, m);
}

static void a_read_that_may_not_block_is_right_or_put_off(void)
{
    struct temp_folder folder;
    struct medium *m = open_image(&folder);
    uint8_t out[4096];
    enum medium_result result;

    CU_ASSERT_PTR_NOT_NULL_FATAL(m);
    memset(out, 0, sizeof(out));
    result = m->ops->read(m, 2048, out, sizeof(out), false);
    CU_ASSERT_TRUE(result == MEDIUM_WOULD_BLOCK ||
                   (result == MEDIUM_OK && memcmp(out, image + 2048, sizeof(out)) == 0));
    /* after that the other way always works */
    CU_ASSERT_EQUAL(m->ops->read(m, 2048, out, sizeof(out), true), MEDIUM_OK);
    CHECK_SAME(out, image + 2048, sizeof(out));
    close_image(&folder, m);
}

/* A memory file system never waits, whether its kernel knows RWF_NOWAIT there or not. */
static void a_file_in_memory_is_never_put_off(void)
{
    char path[32];
    int fd = memfd_create("image", MFD_CLOEXEC);
    struct medium *m;
    uint8_t out[8];

    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    CU_ASSERT_EQUAL(write(fd, "0123456789", 10), 10);
    m = medium_open_file(path, error, sizeof(error));
    close(fd);
    CU_ASSERT_PTR_NOT_NULL_FATAL(m);
    CU_ASSERT_EQUAL(m->ops->read(m, 2, out, sizeof(out), false), MEDIUM_OK);
    CHECK_SAME(out, "23456789", sizeof(out));
    CU_ASSERT_EQUAL(m->ops->read(m, 3, out, sizeof(out), false), MEDIUM_SHORT);
    medium_close(m);
}

static void an_image_that_shrank_is_short(void)
{
    struct temp_folder folder;
    struct medium *m = open_image(&folder);
    uint8_t out[4096];

    CU_ASSERT_PTR_NOT_NULL_FATAL(m);
    CU_ASSERT_EQUAL(truncate(folder.file, 4096), 0);
    CU_ASSERT_EQUAL(m->ops->read(m, 0, out, 4096, true), MEDIUM_OK);
    CU_ASSERT_EQUAL(m->ops->read(m, 2048, out, 4096, true), MEDIUM_SHORT);
    CU_ASSERT_EQUAL(m->ops->read(m, 4096, out, 1, true), MEDIUM_SHORT);
    CU_ASSERT_NOT_EQUAL(m->ops->read(m, 2048, out, 4096, false), MEDIUM_OK);
    CU_ASSERT_NOT_EQUAL(m->ops->read(m, 6000, out, 100, false), MEDIUM_OK);
    close_image(&folder, m);
}

static void an_image_that_was_removed_is_still_read(void)
{
    struct temp_folder folder;
    struct medium *m = open_image(&folder);
    uint8_t out[16];

    CU_ASSERT_PTR_NOT_NULL_FATAL(m);
    CU_ASSERT_EQUAL(unlink(folder.file), 0);
    CU_ASSERT_EQUAL(m->ops->read(m, 9000, out, sizeof(out), true), MEDIUM_OK);
    CHECK_SAME(out, image + 9000, sizeof(out));
    close_image(&folder, m);
}

static void a_back_end_that_fails_is_an_error(void)
{
    struct temp_folder folder;
    struct medium *m = open_image(&folder);
    uint8_t out[16];

    CU_ASSERT_PTR_NOT_NULL_FATAL(m);
    /* an offset that no file has: the kernel answers EINVAL */
    CU_ASSERT_EQUAL(m->ops->read(m, UINT64_MAX - 4096, out, sizeof(out), true), MEDIUM_ERROR);
    close_image(&folder, m);
}

static void expect_refusal(const char *path, const char *what)
{
    char expected[1024];

    memset(error, 0, sizeof(error));
    CU_ASSERT_PTR_NULL(medium_open_file(path, error, sizeof(error)));
    snprintf(expected, sizeof(expected), "%s: %s", path, what);
    CU_ASSERT_STRING_EQUAL(error, expected);
}

static void what_is_no_image_is_refused_by_name(void)
{
    struct temp_folder folder;

    temp_open(&folder);
    expect_refusal(temp_file(&folder, "absent"), "No such file or directory");
    expect_refusal(folder.path, "not a regular file");
    expect_refusal(temp_write(&folder, "empty", "", 0), "the file is empty");
    CU_ASSERT_EQUAL(mkfifo(temp_file(&folder, "pipe"), 0600), 0);
    expect_refusal(folder.file, "not a regular file");
    temp_close(&folder);
}

static void an_error_is_cut_to_the_room(void)
{
    char small[8] = "1234567";

    CU_ASSERT_PTR_NULL(medium_open_file("/nowhere/at/all", small, 5));
    CU_ASSERT_STRING_EQUAL(small, "/now");
    CHECK_SAME(small + 5, "67", 3);
}

static void an_interrupted_read_goes_on(void)
{
    struct temp_folder folder;
    struct medium *m = open_image(&folder);
    uint8_t out[16];

    CU_ASSERT_PTR_NOT_NULL_FATAL(m);
    fault_after(FAULT_PREAD, 0, EINTR);
    CU_ASSERT_EQUAL(m->ops->read(m, 100, out, sizeof(out), true), MEDIUM_OK);
    CU_ASSERT_TRUE(fault_came());
    CHECK_SAME(out, image + 100, sizeof(out));
    fault_after(FAULT_PREAD, 0, EIO);
    CU_ASSERT_EQUAL(m->ops->read(m, 100, out, sizeof(out), true), MEDIUM_ERROR);
    close_image(&folder, m);
}

/* On a file system that may have to wait, whatever the one of the tests is. */
static struct medium *open_image_on_disk(struct temp_folder *folder)
{
    struct medium *m;

    fault_after(FAULT_FSTATFS, 0, ENOSYS);
    m = open_image(folder);
    CU_ASSERT_TRUE(fault_came());
    CU_ASSERT_PTR_NOT_NULL_FATAL(m);
    return m;
}

struct cached_row {
    int error;
    enum medium_result result;
};

static void what_the_kernel_says_of_its_cache_decides(void)
{
    static const struct cached_row rows[] = {
        {EAGAIN, MEDIUM_WOULD_BLOCK}, {EINTR, MEDIUM_WOULD_BLOCK}, {EIO, MEDIUM_ERROR}};
    struct temp_folder folder;
    struct medium *m = open_image_on_disk(&folder);
    uint8_t out[16];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        fault_after(FAULT_PREADV2, 0, rows[i].error);
        CU_ASSERT_EQUAL(m->ops->read(m, 100, out, sizeof(out), false), rows[i].result);
        CU_ASSERT_TRUE(fault_came());
    }
    close_image(&folder, m);
}

static void a_kernel_that_cannot_tell_is_asked_once(void)
{
    struct temp_folder folder;
    struct medium *m = open_image_on_disk(&folder);
    uint8_t out[16];

    fault_after(FAULT_PREADV2, 0, EOPNOTSUPP);
    CU_ASSERT_EQUAL(m->ops->read(m, 100, out, sizeof(out), false), MEDIUM_WOULD_BLOCK);
    CU_ASSERT_TRUE(fault_came());
    fault_after(FAULT_PREADV2, 0, EIO);
    CU_ASSERT_EQUAL(m->ops->read(m, 100, out, sizeof(out), false), MEDIUM_WOULD_BLOCK);
    CU_ASSERT_FALSE(fault_came());
    CU_ASSERT_EQUAL(m->ops->read(m, 100, out, sizeof(out), true), MEDIUM_OK);
    close_image(&folder, m);
}

static void an_image_that_cannot_be_asked_for_its_size_is_refused(void)
{
    struct temp_folder folder;

    temp_open(&folder);
    temp_write(&folder, "image", NULL, 2048);
    fault_after(FAULT_FSTAT, 0, EIO);
    expect_refusal(folder.file, "Input/output error");
    CU_ASSERT_TRUE(fault_came());
    temp_close(&folder);
}

UNIT_SUITE(medium_file, T(any_range_of_the_file_is_read),
           T(a_read_that_may_not_block_is_right_or_put_off), T(a_file_in_memory_is_never_put_off),
           T(an_image_that_shrank_is_short), T(an_image_that_was_removed_is_still_read),
           T(a_back_end_that_fails_is_an_error), T(what_is_no_image_is_refused_by_name),
           T(an_error_is_cut_to_the_room), T(an_interrupted_read_goes_on),
           T(what_the_kernel_says_of_its_cache_decides), T(a_kernel_that_cannot_tell_is_asked_once),
           T(an_image_that_cannot_be_asked_for_its_size_is_refused));
