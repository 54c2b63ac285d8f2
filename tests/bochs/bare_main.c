/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernels on a CPU without a system: the same random requests as tests/kernels.c. Lines go to
 * Bochs' port E9h; the last one is "end".
 */
#include "tests/support/kernel_round.h"

#define BOCHS_PORT 0xe9
#ifndef BARE_ROUNDS
#define BARE_ROUNDS 1
#endif

/* What the compiler may call. */
void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *memset(void *at, int byte, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);
_Noreturn void bare_main(void);

/* By string instructions: those Bochs does in one go. */
void *memcpy(void *restrict to, const void *restrict from, size_t bytes)
{
    void *t = to;

    __asm__ volatile("rep movsb" : "+D"(t), "+S"(from), "+c"(bytes) : : "memory");
    return to;
}

void *memset(void *at, int byte, size_t bytes)
{
    void *t = at;

    __asm__ volatile("rep stosb" : "+D"(t), "+c"(bytes) : "a"(byte) : "memory");
    return at;
}

int memcmp(const void *a, const void *b, size_t bytes)
{
    const uint8_t *x = a, *y = b;

    for (; bytes >= 8; bytes -= 8, x += 8, y += 8) {
        uint64_t one, other;

        memcpy(&one, x, 8);
        memcpy(&other, y, 8);
        if (one != other) {
            break;
        }
    }
    for (; bytes; bytes--, x++, y++) {
        if (*x != *y) {
            return *x - *y;
        }
    }
    return 0;
}

static void say(const char *text)
{
    for (; *text; text++) {
        __asm__ volatile("outb %b0, %w1" : : "a"(*text), "Nd"((uint16_t)BOCHS_PORT));
    }
}

static void say_number(uint64_t number)
{
    char digits[24];
    char *at = digits + sizeof(digits) - 1;

    *at = 0;
    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    say(at);
}

static bool run(const struct kernel_round *round, const struct css_kernel *kernel)
{
    struct kernel_difference difference;

    if (kernel_round_run(round, kernel, &difference)) {
        return true;
    }
    say("FAILED ");
    say(kernel->name);
    say(": ");
    say(difference.what);
    say(" ");
    say_number(round->count);
    say(" sectors, byte ");
    say_number(difference.before_end);
    say(" before the end\n");
    return false;
}

static bool run_rounds(struct kernel_round *round)
{
    uint64_t sectors = 0;

    for (unsigned i = 0; i < BARE_ROUNDS; i++) {
        for (size_t count = 1; count <= KERNEL_REQUEST_MAX; count++) {
            kernel_round_draw(round, count);
            if (!run(round, &css_kernel_avx512) || !run(round, &css_kernel_avx2) ||
                !run(round, &css_kernel_portable)) {
                return false;
            }
            sectors += count;
        }
        say("ok avx512, avx2, portable: ");
        say_number(sectors);
        say(" random sectors\n");
    }
    return true;
}

void bare_main(void)
{
    static uint8_t clear[KERNEL_AREA_BYTES], expected[KERNEL_AREA_BYTES], work[KERNEL_AREA_BYTES];
    static struct kernel_round round;

    kernel_round_init(&round, clear, expected, work, 2);
    run_rounds(&round);
    say("end\n");
    for (;;) {
        __asm__ volatile("hlt");
    }
}
