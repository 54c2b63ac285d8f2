/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What loopback TCP can do at all in the shapes that reads have: requests of 48 bytes, answers of
 * 48 and BYTES, DEPTH of them outstanding; one process on either side:
 *
 *   tcp_bench DEPTH BYTES SECONDS IMAGE
 *
 * The server answers from the mapped image, corked as tgtd does it, so nothing is cheaper but by
 * doing less. Prints what drive_bench prints.
 */
#include "support/bench_times.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define HEADER_BYTES 48
#define DEPTH_MAX    1024
#define PAGE_BYTES   4096u

struct image {
    const uint8_t *bytes;
    size_t size;
};

static bool receive_all(int fd, uint8_t *to, size_t bytes)
{
    while (bytes > 0) {
        const ssize_t got = read(fd, to, bytes);

        if (got <= 0) {
            return false;
        }
        to += got;
        bytes -= (size_t)got;
    }
    return true;
}

static bool send_all(int fd, const uint8_t *from, size_t bytes)
{
    while (bytes > 0) {
        const ssize_t sent = write(fd, from, bytes);

        if (sent <= 0) {
            return false;
        }
        from += sent;
        bytes -= (size_t)sent;
    }
    return true;
}

static void set_option(int fd, int option, int value)
{
    setsockopt(fd, IPPROTO_TCP, option, &value, sizeof(value));
}

/* Until the client hangs up. */
static void answer_requests(int fd, struct image image, size_t bytes)
{
    uint8_t header[HEADER_BYTES] = {0};
    size_t at = 0;

    set_option(fd, TCP_NODELAY, 1);
    while (receive_all(fd, header, sizeof(header))) {
        at = at + bytes > image.size ? 0 : at;
        set_option(fd, TCP_CORK, 1);
        if (!send_all(fd, header, sizeof(header)) || !send_all(fd, image.bytes + at, bytes)) {
            return;
        }
        set_option(fd, TCP_CORK, 0);
        at += bytes;
    }
}

static bool ask(int fd, uint64_t *sent_ns)
{
    static const uint8_t header[HEADER_BYTES];

    *sent_ns = bench_now_ns();
    return send_all(fd, header, sizeof(header));
}

static bool run_requests(int fd, unsigned depth, size_t bytes, uint64_t end_ns,
                         struct bench_times *times)
{
    static uint64_t sent_ns[DEPTH_MAX];
    uint8_t header[HEADER_BYTES], *data = malloc(bytes + 1);
    uint64_t asked = 0, answered = 0;
    bool good = data != NULL;

    while (good && asked < depth) {
        good = ask(fd, &sent_ns[asked++ % depth]);
    }
    while (good && answered < asked) {
        good = receive_all(fd, header, sizeof(header)) && receive_all(fd, data, bytes);
        bench_times_add(times, bench_now_ns() - sent_ns[answered++ % depth]);
        if (good && bench_now_ns() < end_ns) {
            good = ask(fd, &sent_ns[asked++ % depth]);
        }
    }
    free(data);
    return good;
}

static bool map_image(struct image *image, const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    void *at;
    volatile uint8_t seen;

    if (fd < 0 || fstat(fd, &st) != 0) {
        return false;
    }
    at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    *image = (struct image){at, (size_t)st.st_size};
    for (size_t i = 0; at != MAP_FAILED && i < image->size; i += PAGE_BYTES) {
        seen = image->bytes[i]; /* in the mapping before anything is measured */
        (void)seen;
    }
    return at != MAP_FAILED;
}

/* A server in a process of its own; returns the client's end, or -1. */
static int connect_to_server(struct image image, size_t bytes, pid_t *child)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(a);
    int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), fd;

    if (listening < 0 || bind(listening, (struct sockaddr *)&a, sizeof(a)) != 0 ||
        listen(listening, 1) != 0 || getsockname(listening, (struct sockaddr *)&a, &length) != 0 ||
        (*child = fork()) < 0) {
        return -1;
    }
    if (*child == 0) {
        answer_requests(accept(listening, NULL, NULL), image, bytes);
        _exit(0);
    }
    close(listening);
    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0) {
        return -1;
    }
    set_option(fd, TCP_NODELAY, 1);
    return fd;
}

int main(int argc, char **argv)
{
    struct bench_times times = bench_times_new();
    struct image image;
    unsigned long depth, bytes;
    uint64_t begin_ns;
    pid_t child;
    bool good;
    int fd;

    if (argc != 5 || (depth = strtoul(argv[1], NULL, 10)) < 1 || depth > DEPTH_MAX) {
        fprintf(stderr, "usage: tcp_bench DEPTH BYTES SECONDS IMAGE\n");
        return 2;
    }
    bytes = strtoul(argv[2], NULL, 10);
    signal(SIGPIPE, SIG_IGN);
    if (!map_image(&image, argv[4]) || image.size < bytes ||
        (fd = connect_to_server(image, bytes, &child)) < 0) {
        perror("tcp_bench");
        return 1;
    }
    begin_ns = bench_now_ns();
    good = run_requests(fd, (unsigned)depth, bytes,
                        begin_ns + (uint64_t)(strtod(argv[3], NULL) * 1e9), &times);
    bench_times_print(&times, bench_now_ns() - begin_ns);
    close(fd);
    waitpid(child, NULL, 0);
    return good ? 0 : 1;
}
