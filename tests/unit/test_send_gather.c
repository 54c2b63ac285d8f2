/* SPDX-License-Identifier: GPL-2.0-only */
#include "emulator/send_gather.h"
#include "tests/support/one_watch.h"
#include "unit.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEADER_BYTES 48
#define DATA_BYTES   2048
#define MESSAGES     100

static struct send_gather gather;
static int ends[2], others[2]; /* the daemon's, the peer's; of another connection */
static uint8_t header[HEADER_BYTES], data[DATA_BYTES], got[MESSAGES * (HEADER_BYTES + DATA_BYTES)];

static void set_up(int type)
{
    one_watch_reset();
    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, ends), 0);
    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, others), 0);
    gather = (struct send_gather){.spill = send_spill_new(&one_watch_loop), .fd = -1};
    CU_ASSERT_PTR_NOT_NULL_FATAL(gather.spill);
    memset(header, 'h', sizeof(header));
    memset(data, 'd', sizeof(data));
}

static void take_down(void)
{
    send_spill_free(gather.spill);
    for (int i = 0; i < 2; i++) {
        close(ends[i]);
        close(others[i]);
    }
}

static void write_whole(int fd, const uint8_t *bytes, size_t count)
{
    size_t done = 0;

    while (done < count) {
        ssize_t n = send_gather_write(&gather, fd, bytes + done, count - done);

        CU_ASSERT_TRUE_FATAL(n > 0);
        done += (size_t)n;
    }
}

/* Packets keep their borders: one call of the kernel is one of them. */
static void a_message_is_one_call(void)
{
    set_up(SOCK_SEQPACKET);
    send_gather_begin(&gather, ends[0]);
    write_whole(ends[0], header, sizeof(header));
    send_gather_begin(&gather, ends[0]); /* before each piece, as tgtd does */
    write_whole(ends[0], data, sizeof(data));
    CU_ASSERT_EQUAL(read(ends[1], got, sizeof(got)), HEADER_BYTES + DATA_BYTES);
    CU_ASSERT_EQUAL(memcmp(got, header, sizeof(header)), 0);
    CU_ASSERT_EQUAL(memcmp(got + HEADER_BYTES, data, sizeof(data)), 0);
    CU_ASSERT_EQUAL(send_gather_end(&gather, ends[0]), HEADER_BYTES + DATA_BYTES);
    CU_ASSERT_EQUAL(read(ends[1], got, sizeof(got)), -1);
    take_down();
}

static void small_pieces_wait_for_the_end(void)
{
    set_up(SOCK_SEQPACKET);
    send_gather_begin(&gather, ends[0]);
    write_whole(ends[0], header, sizeof(header));
    write_whole(ends[0], data, SEND_GATHER_BYTES - HEADER_BYTES);
    CU_ASSERT_EQUAL(read(ends[1], got, sizeof(got)), -1);
    CU_ASSERT_EQUAL(send_gather_end(&gather, others[0]), 0); /* which has begun nothing */
    CU_ASSERT_EQUAL(read(ends[1], got, sizeof(got)), -1);
    CU_ASSERT_EQUAL(send_gather_end(&gather, ends[0]), SEND_GATHER_BYTES);
    CU_ASSERT_EQUAL(read(ends[1], got, sizeof(got)), SEND_GATHER_BYTES);
    CU_ASSERT_EQUAL(gather.fd, -1);
    take_down();
}

static void another_connection_sends_what_waits(void)
{
    set_up(SOCK_SEQPACKET);
    send_gather_begin(&gather, ends[0]);
    write_whole(ends[0], header, sizeof(header));
    send_gather_begin(&gather, others[0]);
    CU_ASSERT_EQUAL(read(ends[1], got, sizeof(got)), HEADER_BYTES);
    write_whole(others[0], data, sizeof(data));
    CU_ASSERT_EQUAL(read(others[1], got, sizeof(got)), DATA_BYTES);
    send_gather_end(&gather, ends[0]);
    send_gather_end(&gather, others[0]);
    CU_ASSERT_EQUAL(gather.fd, -1);
    take_down();
}

/* Of `from` on: what the peer reads while the socket gets ready again and again. */
static size_t read_all(void)
{
    size_t bytes = 0;
    ssize_t n;

    while ((n = read(ends[1], got + bytes, sizeof(got) - bytes)) > 0) {
        bytes += (size_t)n;
        if (one_watch.fd >= 0) {
            one_watch_event();
        }
    }
    return bytes;
}

static bool are_messages(void)
{
    for (size_t at = 0; at < sizeof(got); at++) {
        if (got[at] != (at % (HEADER_BYTES + DATA_BYTES) < HEADER_BYTES ? 'h' : 'd')) {
            return false;
        }
    }
    return true;
}

static void what_is_not_taken_is_kept_in_order(void)
{
    int bytes = 4096;

    set_up(SOCK_STREAM);
    CU_ASSERT_EQUAL(setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes)), 0);
    for (int i = 0; i < MESSAGES; i++) {
        send_gather_begin(&gather, ends[0]);
        write_whole(ends[0], header, sizeof(header));
        write_whole(ends[0], data, sizeof(data));
        send_gather_end(&gather, ends[0]);
    }
    CU_ASSERT_TRUE(send_spill_holds(gather.spill, ends[0]));
    CU_ASSERT_EQUAL(read_all(), sizeof(got));
    CU_ASSERT_TRUE(are_messages());
    take_down();
}

static void small_messages_are_kept_too(void)
{
    int bytes = 4096;
    size_t sent = 0;

    set_up(SOCK_STREAM);
    CU_ASSERT_EQUAL(setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes)), 0);
    while (sent < 1000 * HEADER_BYTES) {
        send_gather_begin(&gather, ends[0]);
        write_whole(ends[0], header, sizeof(header));
        send_gather_end(&gather, ends[0]);
        sent += HEADER_BYTES;
    }
    CU_ASSERT_TRUE(send_spill_holds(gather.spill, ends[0]));
    CU_ASSERT_EQUAL(read_all(), sent);
    take_down();
}

static void a_peer_that_left_is_an_error(void)
{
    set_up(SOCK_STREAM);
    close(ends[1]);
    send_gather_begin(&gather, ends[0]);
    write_whole(ends[0], header, sizeof(header));
    CU_ASSERT_EQUAL(send_gather_write(&gather, ends[0], data, sizeof(data)), -1);
    write_whole(ends[0], header, sizeof(header));
    send_gather_end(&gather, ends[0]); /* no signal, nothing kept */
    CU_ASSERT_FALSE(send_spill_holds(gather.spill, ends[0]));
    ends[1] = dup(ends[0]);
    take_down();
}

static void what_cannot_be_kept_ends_the_connection(void)
{
    int bytes = 4096;
    ssize_t n = 1;

    set_up(SOCK_STREAM);
    CU_ASSERT_EQUAL(setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes)), 0);
    while (n > 0) {
        n = write(ends[0], data, sizeof(data));
    }
    one_watch.refuses = true;
    send_gather_begin(&gather, ends[0]);
    write_whole(ends[0], header, sizeof(header));
    send_gather_end(&gather, ends[0]);
    CU_ASSERT_EQUAL(send(ends[0], "x", 1, MSG_NOSIGNAL), -1);
    take_down();
}

UNIT_SUITE(send_gather, T(a_message_is_one_call), T(small_pieces_wait_for_the_end),
           T(another_connection_sends_what_waits), T(what_is_not_taken_is_kept_in_order),
           T(small_messages_are_kept_too), T(a_peer_that_left_is_an_error),
           T(what_cannot_be_kept_ends_the_connection));
