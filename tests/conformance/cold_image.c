/* SPDX-License-Identifier: GPL-2.0-only */
/* An image that is not in the page cache: reads wait for the disk, and come all the same. */
#include "host_cdbs.h"
#include "rig.h"
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define READ_BLOCKS 32

/* Best effort: a file system in memory keeps what it has. */
static void cool(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    CU_ASSERT_TRUE_FATAL(fd >= 0);
    CU_ASSERT_EQUAL(fsync(fd), 0);
    CU_ASSERT_EQUAL(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED), 0);
    close(fd);
}

static void read_cold(struct initiator *i, const char *path, uint32_t lba)
{
    static uint8_t in[READ_BLOCKS * RIG_BLOCK_BYTES];
    uint8_t block[RIG_BLOCK_BYTES];

    cool(path);
    memset(in, 0, sizeof(in));
    EXPECT(read_blocks(i, lba, READ_BLOCKS, in), GOOD);
    for (uint32_t n = 0; n < READ_BLOCKS; n++) {
        rig_block(lba + n, block);
        CU_ASSERT_EQUAL(memcmp(in + (size_t)n * RIG_BLOCK_BYTES, block, sizeof(block)), 0);
    }
}

static void what_has_to_come_from_the_disk_comes(void)
{
    const char *path = rig_write_image("cold.iso");
    struct initiator *i;

    cool(path);
    i = rig_ready(RIG_SERVE("--state", "none", path), 0, "a");
    for (uint32_t lba = 0; lba + READ_BLOCKS <= RIG_BLOCKS; lba += 8 * READ_BLOCKS) {
        read_cold(i, path, lba);
    }
}

UNIT_SUITE(cold_image, T(what_has_to_come_from_the_disk_comes));
