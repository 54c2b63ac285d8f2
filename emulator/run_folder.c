/* SPDX-License-Identifier: GPL-2.0-only */
#include "run_folder.h"

#include "error_line.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

bool run_folder_make(char *path, size_t bytes, char *error)
{
    size_t n;

    if (!run_folder_parent(path, bytes)) {
        return error_line(error, "XDG_RUNTIME_DIR: the path is too long");
    }
    if (!make_own(path, error)) {
        return false;
    }
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
