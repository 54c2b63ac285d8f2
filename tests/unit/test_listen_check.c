/* SPDX-License-Identifier: GPL-2.0-only */
#include "emulator/ini_file.h"
#include "emulator/listen_check.h"
#include "tests/support/faults.h"
#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char error[INI_ERROR_BYTES];

/* A listening socket at a free port of 127.0.0.1; -1 and no test where that is not possible. */
static int listener(unsigned *port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t bytes = sizeof(at);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    CU_ASSERT_TRUE_FATAL(fd >= 0);
    CU_ASSERT_EQUAL_FATAL(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
    CU_ASSERT_EQUAL_FATAL(listen(fd, 1), 0);
    CU_ASSERT_EQUAL_FATAL(getsockname(fd, (struct sockaddr *)&at, &bytes), 0);
    *port = ntohs(at.sin_port);
    return fd;
}

static void finds_the_port_it_listens_at(void)
{
    unsigned port;
    int fd = listener(&port);

    CU_ASSERT_TRUE(listens_only_at("127.0.0.1", port, error));
    close(fd);
    CU_ASSERT_FALSE(listens_only_at("127.0.0.1", port, error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "does not listen at 127.0.0.1 port"));
}

static void another_port_is_found_out(void)
{
    unsigned port, other;
    int fd = listener(&port), second = listener(&other);

    CU_ASSERT_FALSE(listens_only_at("127.0.0.1", port, error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error, "listens at 127.0.0.1 port"));
    close(second);
    CU_ASSERT_TRUE(listens_only_at("127.0.0.1", port, error));
    CU_ASSERT_FALSE(listens_only_at("127.0.0.2", port, error));
    close(fd);
}

static void sockets_that_do_not_accept_do_not_count(void)
{
    unsigned port;
    int fd = listener(&port), idle = socket(AF_INET, SOCK_STREAM, 0);

    CU_ASSERT_TRUE(listens_only_at("127.0.0.1", port, error));
    close(idle);
    close(fd);
}

static void name_instead_of_an_address_is_refused(void)
{
    CU_ASSERT_FALSE(listens_only_at("localhost", 1, error));
    CU_ASSERT_STRING_EQUAL(error, "localhost is no numeric address");
}

static void descriptors_that_cannot_be_listed_are_an_error(void)
{
    unsigned port;
    int fd = listener(&port);

    fault_after(FAULT_OPENDIR, 0, EMFILE);
    CU_ASSERT_FALSE(listens_only_at("127.0.0.1", port, error));
    CU_ASSERT_TRUE(fault_came());
    CU_ASSERT_STRING_EQUAL(error, "/proc/self/fd: Too many open files");
    close(fd);
}

UNIT_SUITE(listen_check, T(finds_the_port_it_listens_at), T(another_port_is_found_out),
           T(sockets_that_do_not_accept_do_not_count), T(name_instead_of_an_address_is_refused),
           T(descriptors_that_cannot_be_listed_are_an_error));
