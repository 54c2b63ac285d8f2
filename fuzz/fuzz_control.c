/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What comes over the control socket, in two pieces. The first byte: bits 1-0 how many drives there
 * are, bit 2 whether it is the owner who talks; the second: where the pieces part, in 256ths. Each
 * whole line gets one answer: a JSON object in UTF-8 that says ok, or an error.
 */
#include "fuzz.h"
#include "must.h"

#include "emulator/control_server.h"
#include "emulator/error_line.h"

#include <fcntl.h>
#include <json-c/json.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define DRIVES_MAX    3
#define PIECE_MOST    2048 /* so that a socket takes it, and lines stay below their limit */
#define ANSWERS_BYTES (1u << 20)
#define DISC_FD       900 /* an image that inputs can name: /proc/self/fd/900 */
#define DISC_BLOCKS   64

static struct drive_host *hosts[DRIVES_MAX + 1];

/* ---- the daemon ---- */

static bool hello(void *ctx, const char *host, unsigned port, char *error)
{
    (void)ctx;
    must(host && port && port <= UINT16_MAX);
    return port != 1 || error_line(error, "%s: not here", host);
}

static bool attach(void *ctx, const struct control_attach *what, char *error)
{
    (void)ctx;
    must(!what->chap_user == !what->chap_password);
    for (size_t i = 0; i < what->initiator_count; i++) {
        must(what->initiators[i] != NULL);
    }
    return what->initiator_count != 1 || error_line(error, "%s: refused", what->initiators[0]);
}

static struct drive_host *drive_at(void *ctx, size_t index)
{
    (void)ctx;
    return index < DRIVES_MAX ? hosts[index] : NULL;
}

static void clock_moved(void *ctx, struct drive_host *host)
{
    (void)ctx;
    must(host->virtual_clock);
}

static void make_image(void)
{
    int fd;

    if (fcntl(DISC_FD, F_GETFD) >= 0) {
        return;
    }
    fd = memfd_create("image", 0);
    must(fd >= 0 && ftruncate(fd, (off_t)DISC_BLOCKS * DISC_BLOCK_BYTES) == 0);
    must(dup2(fd, DISC_FD) == DISC_FD);
    close(fd);
}

static void start_drives(unsigned count)
{
    char error[INI_ERROR_BYTES];

    for (unsigned i = 0; i < count; i++) {
        static struct drive_config config;

        drive_config_init(&config);
        snprintf(config.name, sizeof(config.name), "drive%u", i + 1);
        config.virtual_clock = i == 0;
        config.seeded = true;
        config.seed = i;
        hosts[i] = drive_host_new(&config, (struct drive_log){.line = NULL}, error);
        must(hosts[i] != NULL);
    }
}

static void stop_drives(void)
{
    for (unsigned i = 0; i < DRIVES_MAX; i++) {
        must(!hosts[i] || region_is_in_range(&hosts[i]->drive.state.region));
        drive_host_free(hosts[i]);
        hosts[i] = NULL;
    }
}

/* ---- an event loop of one connection ---- */

static struct {
    control_event_fn *fn; /* NULL: the connection is over */
    void *data;
    int fd;
} watched;

static int loop_add(int fd, int events, control_event_fn *fn, void *data)
{
    (void)events;
    watched.fn = fn;
    watched.data = data;
    watched.fd = fd;
    return 0;
}

static int loop_modify(int fd, int events)
{
    (void)events;
    must(fd == watched.fd);
    return 0;
}

static void loop_del(int fd)
{
    must(fd == watched.fd);
    watched.fn = NULL;
}

static bool owner_left;

static void owner_gone(void)
{
    owner_left = true;
}

/* ---- answers ---- */

static void judge_answer(const char *line, size_t bytes)
{
    struct json_tokener *tokener = json_tokener_new();
    struct json_object *o, *ok, *error;

    must(tokener != NULL);
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    o = json_tokener_parse_ex(tokener, line, (int)bytes);
    must(json_tokener_get_error(tokener) == json_tokener_success);
    must(json_object_is_type(o, json_type_object));
    must(json_object_get_int(json_object_object_get(o, "dvdemu")) == CONTROL_VERSION);
    ok = json_object_object_get(o, "ok");
    error = json_object_object_get(o, "error");
    must(json_object_is_type(ok, json_type_boolean));
    must(json_object_get_boolean(ok) == !error);
    must(!error || json_object_get_string_len(error) > 0);
    json_object_put(o);
    json_tokener_free(tokener);
}

/* Lines that came back, each judged. */
static unsigned read_answers(int fd)
{
    static char room[ANSWERS_BYTES];
    const ssize_t got = recv(fd, room, sizeof(room), MSG_DONTWAIT);
    const char *at = room, *end = got > 0 ? room + got : room, *line_end;
    unsigned lines = 0;

    for (; at < end && (line_end = memchr(at, '\n', (size_t)(end - at))); at = line_end + 1) {
        judge_answer(at, (size_t)(line_end - at));
        lines++;
    }
    must(at == end);
    return lines;
}

/* ---- the socket ---- */

static unsigned count_lines(const uint8_t *bytes, size_t count)
{
    unsigned lines = 0;

    for (size_t i = 0; i < count; i++) {
        lines += bytes[i] == '\n';
    }
    return lines;
}

/* Everything that is said is answered before more is said, so no answer waits for room. */
static void say(int fd, const uint8_t *bytes, size_t count)
{
    while (count && watched.fn) {
        const uint8_t *end = memchr(bytes, '\n', count);
        const size_t line = end ? (size_t)(end - bytes) + 1 : count;
        const size_t piece = line < PIECE_MOST ? line : PIECE_MOST;

        must(send(fd, bytes, piece, 0) == (ssize_t)piece);
        watched.fn(watched.fd, EPOLLIN, watched.data);
        must(!watched.fn || read_answers(fd) == count_lines(bytes, piece));
        bytes += piece;
        count -= piece;
    }
}

static void talk(bool owner, const uint8_t *bytes, size_t count, size_t first)
{
    static const struct control_loop loop = {loop_add, loop_modify, loop_del};
    static const struct control_services services = {NULL, hello, attach, drive_at, clock_moved};
    struct control_server *server = control_server_new(&loop, &services);
    int pair[2];

    owner_left = false;
    must(server != NULL);
    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
    must(control_server_own(server, pair[0], owner ? owner_gone : NULL));
    say(pair[1], bytes, first);
    say(pair[1], bytes + first, count - first);
    close(pair[1]);
    if (watched.fn) {
        watched.fn(watched.fd, EPOLLIN, watched.data);
    }
    must(!watched.fn && owner_left == owner);
    control_server_free(server);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const unsigned flags = size > 0 ? data[0] : 0, part = size > 1 ? data[1] : 0;

    if (size < 2) {
        return 0;
    }
    make_image();
    start_drives((flags & 3) % (DRIVES_MAX + 1));
    talk(flags & 4, data + 2, size - 2, (size - 2) * part / 256);
    stop_drives();
    return 0;
}
