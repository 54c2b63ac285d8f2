/* SPDX-License-Identifier: GPL-2.0-only */
#include "run_folder.h"

#include "error_line.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define FOLDER_MODE 0700

bool run_folder_parent(char *path, size_t bytes)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    int n = snprintf(path, bytes, "%s/dvdemu-%u", runtime && *runtime ? runtime : "/tmp",
                     (unsigned)getuid());

    return n > 0 && (size_t)n < bytes;
}

/* In /tmp anybody may have made a folder of that name. */
static bool make_own(const char *path, char *error)
{
    struct stat st;

    if (mkdir(path, FOLDER_MODE) != 0 && errno != EEXIST) {
        return error_line(error, "%s: %s", path, strerror(errno));
    }
    if (lstat(path, &st) != 0 || !S_ISDIR(st.st_mode) || st.st_uid != getuid() ||
        (st.st_mode & 0777) != FOLDER_MODE) {
        return error_line(error, "%s: is not a folder of this user's with mode 0700", path);
    }
    return true;
}

static bool answers(const char *socket_path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd, n = snprintf(at.sun_path, sizeof(at.sun_path), "%s", socket_path);
    bool connected;

    if (n < 0 || (size_t)n >= sizeof(at.sun_path)) {
        return true; /* not to be judged */
    }
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    connected = fd < 0 || connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0;
    if (fd >= 0) {
        close(fd);
    }
    return connected;
}

/* A process number may mean another process elsewhere, so the socket is asked too. */
static bool is_left_over(const char *parent, const char *name)
{
    char path[2 * PATH_MAX], *end;
    const long pid = strtol(name, &end, 10);

    if (pid <= 0 || *end || kill((pid_t)pid, 0) == 0 || errno != ESRCH) {
        return false;
    }
    snprintf(path, sizeof(path), "%s/%s/" RUN_FOLDER_CONTROL, parent, name);
    return !answers(path);
}

static void remove_left_overs(const char *parent)
{
    DIR *folder = opendir(parent);
    struct dirent *entry;

    while (folder && (entry = readdir(folder)) != NULL) {
        char path[PATH_MAX];

        if (is_left_over(parent, entry->d_name) &&
            snprintf(path, sizeof(path), "%s/%s", parent, entry->d_name) < (int)sizeof(path)) {
            run_folder_remove(path);
        }
    }
    if (folder) {
        closedir(folder);
    }
}

bool run_folder_make(char *path, size_t bytes, char *error)
{
    size_t n;

    if (!run_folder_parent(path, bytes)) {
        return error_line(error, "XDG_RUNTIME_DIR: the path is too long");
    }
    if (!make_own(path, error)) {
        return false;
    }
    remove_left_overs(path);
    n = strlen(path);
    if ((size_t)snprintf(path + n, bytes - n, "/%d", (int)getpid()) >= bytes - n) {
        return error_line(error, "XDG_RUNTIME_DIR: the path is too long");
    }
    run_folder_remove(path); /* of a process that had this number before */
    path[n] = 0;
    if (!make_own(path, error)) {
        return false;
    }
    path[n] = '/';
    return make_own(path, error);
}

void run_folder_remove(const char *path)
{
    DIR *folder = opendir(path);
    char parent[PATH_MAX], *slash;
    struct dirent *entry;

    while (folder && (entry = readdir(folder)) != NULL) {
        unlinkat(dirfd(folder), entry->d_name, 0); /* "." and ".." stay: they are folders */
    }
    if (folder) {
        closedir(folder);
    }
    rmdir(path);
    snprintf(parent, sizeof(parent), "%s", path);
    slash = strrchr(parent, '/');
    if (slash) {
        *slash = 0;
        rmdir(parent); /* stays while another run is in it */
    }
}
