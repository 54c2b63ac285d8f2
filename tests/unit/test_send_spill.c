/* SPDX-License-Identifier: GPL-2.0-only */
#include "emulator/send_spill.h"
#include "tests/support/one_watch.h"
#include "unit.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PIECE_BYTES 5000
#define PIECES      40

/* ---- a connection that takes little ---- */

static struct send_spill *spill;
static int ends[2]; /* the daemon's, the peer's */

static void set_up(void)
{
    int bytes = 4096;

    one_watch_reset();
    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    CU_ASSERT_EQUAL(setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes)), 0);
    spill = send_spill_new(&one_watch_loop);
    CU_ASSERT_PTR_NOT_NULL_FATAL(spill);
}

static void take_down(void)
{
    send_spill_free(spill);
    CU_ASSERT_EQUAL(one_watch.fd, -1);
    close(ends[0]);
    close(ends[1]);
}

static void make_piece(uint8_t piece[PIECE_BYTES], int number)
{
    for (int i = 0; i < PIECE_BYTES; i++) {
        piece[i] = (uint8_t)(number * 31 + i);
    }
}

/* As a daemon does it: what the socket does not take, and all behind it, is kept. */
static void send_pieces(void)
{
    uint8_t piece[PIECE_BYTES];

    for (int number = 0; number < PIECES; number++) {
        size_t done = 0;

        make_piece(piece, number);
        if (!send_spill_holds(spill, ends[0])) {
            ssize_t n = write(ends[0], piece, sizeof(piece));

            done = n > 0 ? (size_t)n : 0;
        }
        if (done < sizeof(piece)) {
            CU_ASSERT_TRUE(send_spill_keep(spill, ends[0], piece + done, sizeof(piece) - done));
        }
    }
    CU_ASSERT_TRUE_FATAL(send_spill_holds(spill, ends[0]));
}

static void what_is_kept_arrives_whole_and_in_order(void)
{
    static uint8_t got[PIECES * PIECE_BYTES];
    uint8_t piece[PIECE_BYTES];
    size_t bytes = 0;

    set_up();
    send_pieces();
    while (bytes < sizeof(got)) {
        ssize_t n = read(ends[1], got + bytes, sizeof(got) - bytes);

        CU_ASSERT_TRUE_FATAL(n > 0);
        bytes += (size_t)n;
        if (one_watch.fd >= 0) {
            one_watch_event();
        }
    }
    for (int number = 0; number < PIECES; number++) {
        make_piece(piece, number);
        CU_ASSERT_EQUAL(memcmp(got + number * PIECE_BYTES, piece, sizeof(piece)), 0);
    }
    CU_ASSERT_FALSE(send_spill_holds(spill, ends[0]));
    CU_ASSERT_EQUAL(read(ends[1], got, 1), -1);
    take_down();
}

static void more_is_kept_while_some_is_sent(void)
{
    uint8_t piece[PIECE_BYTES] = {0};

    set_up();
    send_pieces();
    CU_ASSERT_TRUE_FATAL(read(ends[1], piece, sizeof(piece)) > 0);
    one_watch_event();
    CU_ASSERT_TRUE(send_spill_keep(spill, ends[0], piece, sizeof(piece)));
    CU_ASSERT_TRUE(send_spill_holds(spill, ends[0]));
    CU_ASSERT_FALSE(send_spill_holds(spill, ends[1]));
    take_down();
}

static void a_connection_that_is_closed_leaves_nothing(void)
{
    set_up();
    send_pieces();
    send_spill_forget(spill, ends[1]); /* of which nothing is kept */
    CU_ASSERT_TRUE(one_watch.fd >= 0);
    send_spill_forget(spill, ends[0]);
    CU_ASSERT_EQUAL(one_watch.fd, -1);
    CU_ASSERT_FALSE(send_spill_holds(spill, ends[0]));
    take_down();
}

/* Nothing may follow the bytes that are lost. */
static void a_broken_connection_is_shut(void)
{
    set_up();
    send_pieces();
    close(ends[1]);
    one_watch_event();
    CU_ASSERT_FALSE(send_spill_holds(spill, ends[0]));
    CU_ASSERT_EQUAL(send(ends[0], "x", 1, MSG_NOSIGNAL), -1);
    ends[1] = dup(ends[0]);
    take_down();
}

static void what_cannot_be_watched_is_not_kept(void)
{
    set_up();
    one_watch.refuses = true;
    CU_ASSERT_FALSE(send_spill_keep(spill, ends[0], "x", 1));
    CU_ASSERT_FALSE(send_spill_holds(spill, ends[0]));
    one_watch.refuses = false;
    CU_ASSERT_FALSE(send_spill_keep(spill, -1, "x", 1));
    take_down();
    send_spill_free(NULL);
}

UNIT_SUITE(send_spill, T(what_is_kept_arrives_whole_and_in_order),
           T(more_is_kept_while_some_is_sent), T(a_connection_that_is_closed_leaves_nothing),
           T(a_broken_connection_is_shut), T(what_cannot_be_watched_is_not_kept));
