/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Asks for something to be done to the drive and watches it happen:
 *
 *   drive_watch DEVICE EVENT STATUS REQUEST...
 *
 * Prints the line "host: REQUEST" (whoever reads this guest's output acts on it), or runs nothing
 * when REQUEST is missing. Then waits until the kernel's event polling has told EVENT
 * (DISK_MEDIA_CHANGE, DISK_EJECT_REQUEST; "-" for none) without anybody opening the device, then
 * until CDROM_DRIVE_STATUS is STATUS (1 no disc, 2 tray open, 4 disc). Exit 1 after 20 seconds.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h> /* for linux/cdrom.h */
#include <linux/cdrom.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define DEADLINE_MS     20000
#define STATUS_EVERY_MS 100
#define KERNEL_GROUP    1 /* uevents as the kernel sends them */
#define MESSAGE_BYTES   4096

static long long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static int listen_to_kernel(void)
{
    const struct sockaddr_nl group = {.nl_family = AF_NETLINK, .nl_groups = KERNEL_GROUP};
    int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);

    if (fd >= 0 && bind(fd, (const struct sockaddr *)&group, sizeof(group)) == 0) {
        return fd;
    }
    perror("drive_watch: netlink");
    exit(2);
}

/* A message is strings, one after the other. */
static bool says(const char *message, size_t bytes, const char *wanted)
{
    for (size_t at = 0; at < bytes; at += strlen(message + at) + 1) {
        if (strcmp(message + at, wanted) == 0) {
            return true;
        }
    }
    return false;
}

static bool wait_for_event(int kernel, const char *device, const char *event, long long end_ms)
{
    char message[MESSAGE_BYTES], name[64], happened[64];
    const char *slash = strrchr(device, '/');

    snprintf(name, sizeof(name), "DEVNAME=%s", slash ? slash + 1 : device);
    snprintf(happened, sizeof(happened), "%s=1", event);
    for (long long left; (left = end_ms - now_ms()) > 0;) {
        struct pollfd ready = {.fd = kernel, .events = POLLIN};
        ssize_t got;

        if (poll(&ready, 1, (int)left) != 1) {
            continue;
        }
        got = recv(kernel, message, sizeof(message) - 1, 0);
        message[got < 0 ? 0 : got] = '\0';
        if (got > 0 && says(message, (size_t)got, name) && says(message, (size_t)got, happened)) {
            return true;
        }
    }
    return false;
}

static int drive_status(const char *device)
{
    int fd = open(device, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    int status = fd < 0 ? -errno : ioctl(fd, CDROM_DRIVE_STATUS, CDSL_CURRENT);

    if (fd >= 0) {
        close(fd);
    }
    return status;
}

static bool wait_for_status(const char *device, int wanted, long long end_ms)
{
    const struct timespec pause = {.tv_nsec = STATUS_EVERY_MS * 1000000L};
    int status = drive_status(device);

    while (status != wanted && now_ms() < end_ms) {
        nanosleep(&pause, NULL);
        status = drive_status(device);
    }
    if (status != wanted) {
        fprintf(stderr, "# drive status %d instead of %d\n", status, wanted);
    }
    return status == wanted;
}

int main(int argc, char **argv)
{
    const long long end_ms = now_ms() + DEADLINE_MS;
    int kernel;

    if (argc < 4) {
        fprintf(stderr, "usage: drive_watch DEVICE EVENT STATUS [REQUEST...]\n");
        return 2;
    }
    kernel = listen_to_kernel();
    if (argc > 4) {
        printf("host:");
        for (int i = 4; i < argc; i++) {
            printf(" %s", argv[i]);
        }
        puts("");
        fflush(stdout);
    }
    if (strcmp(argv[2], "-") != 0 && !wait_for_event(kernel, argv[1], argv[2], end_ms)) {
        fprintf(stderr, "# no %s\n", argv[2]);
        return 1;
    }
    return !wait_for_status(argv[1], atoi(argv[3]), end_ms);
}
