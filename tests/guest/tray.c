/* SPDX-License-Identifier: GPL-2.0-only */
/* The drive's front, from the guest's side: tray DEVICE open|close|lock|unlock. Exit 1: refused. */
#include <fcntl.h>
#include <linux/cdrom.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const struct {
    const char *name;
    unsigned long request;
    int argument;
} actions[] = {
    {"open", CDROMEJECT, 0},
    {"close", CDROMCLOSETRAY, 0},
    {"lock", CDROM_LOCKDOOR, 1},
    {"unlock", CDROM_LOCKDOOR, 0},
};

static int act(const char *device, size_t which)
{
    int fd = open(device, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    int result = fd < 0 ? -1 : ioctl(fd, actions[which].request, actions[which].argument);

    if (result != 0) {
        perror(device);
    }
    if (fd >= 0) {
        close(fd);
    }
    return result != 0;
}

int main(int argc, char **argv)
{
    for (size_t i = 0; argc == 3 && i < sizeof(actions) / sizeof(actions[0]); i++) {
        if (strcmp(argv[2], actions[i].name) == 0) {
            return act(argv[1], i);
        }
    }
    fprintf(stderr, "usage: tray DEVICE open|close|lock|unlock\n");
    return 2;
}
