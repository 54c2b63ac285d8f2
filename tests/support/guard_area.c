/* SPDX-License-Identifier: GPL-2.0-only */
#include "guard_area.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct guard_area guard_area_open(size_t bytes)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    struct guard_area area;

    area.bytes = (bytes + page - 1) / page * page;
    area.whole_bytes = area.bytes + page;
    area.base =
        mmap(NULL, area.whole_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (area.base == MAP_FAILED || mprotect(area.base + area.bytes, page, PROT_NONE) != 0) {
        perror("guard area");
        abort();
    }
    return area;
}

void guard_area_close(struct guard_area *area)
{
    munmap(area->base, area->whole_bytes);
    *area = (struct guard_area){NULL, 0, 0};
}
