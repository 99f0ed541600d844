/* Names of files that a command is given: no output may be an input or another output.
 *
 * In: paths as given, directories and globs too. Out: 0, or FAILED after a line; no output is opened. */
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"

/* "-" as an input is the file behind standard input. */
static bool status(const char *path, bool in, struct stat *st)
{
    return in && !strcmp(path, "-") ? fstat(STDIN_FILENO, st) == 0 : stat(path, st) == 0;
}

/* Neither is there yet: the same name in the same folder. */
static bool same_place(const char *a, const char *b)
{
    const char *name[2] = {a, b};
    char folder[2][4096];
    struct stat st[2];
    for (int i = 0; i < 2; i++) {
        const char *slash = strrchr(name[i], '/');
        size_t n = slash ? (size_t)(slash - name[i]) + 1 : 0;
        if (n >= sizeof folder[i]) return !strcmp(a, b);
        snprintf(folder[i], sizeof folder[i], "%.*s", n ? (int)n : 1, n ? name[i] : ".");
        if (stat(folder[i], &st[i])) return !strcmp(a, b);
        name[i] += n;
    }
    return !strcmp(name[0], name[1]) && st[0].st_dev == st[1].st_dev && st[0].st_ino == st[1].st_ino;
}

/* A device or pipe is nothing that could be lost. */
static bool same_file(const char *out, const char *other, bool in)
{
    struct stat a, b;
    bool has_a = status(out, false, &a), has_b = status(other, in, &b);
    if (has_a && has_b) return S_ISREG(a.st_mode) && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
    return !has_a && !has_b && same_place(out, other);
}

static bool in_glob(const char *out, const char *pattern)
{
    glob_t g;
    bool found = false;
    if (!strpbrk(pattern, "*?[") || glob(pattern, GLOB_NOSORT, NULL, &g)) return false;
    for (size_t i = 0; i < g.gl_pathc; i++) found = found || same_file(out, g.gl_pathv[i], false);
    globfree(&g);
    return found;
}

/* Directories, and patterns, which may match some. */
static bool is_many(const char *in)
{
    struct stat st;
    return strpbrk(in, "*?[") || (stat(in, &st) == 0 && S_ISDIR(st.st_mode));
}

/* Of files that the door takes from there: results of an earlier run may stand there, and be replaced. */
static bool in_directories(const char *out, const char *const *in, size_t n_in)
{
    struct stat st;
    const char *file;
    int64_t bytes;
    bool found = false;
    if (stat(out, &st) || !S_ISREG(st.st_mode) || !st.st_size) return false;
    for (size_t k = 0; k < n_in && !found; k++) {
        struct door *d = NULL;
        refrain_error unread = {0};
        if (!is_many(in[k]) || door_open(&d, &in[k], 1, &DOOR_OPTIONS_DEFAULT, &unread)) continue;
        for (size_t i = 0; !found && (file = door_file(d, i, &bytes)); i++) found = same_file(out, file, false);
        door_close(d);
    }
    return found;
}

/* What SQLite writes beside a store. */
static bool is_beside(const char *out, const char *store)
{
    static const char *const ending[] = {"-journal", "-wal", "-shm"};
    size_t n = strlen(store);
    for (size_t i = 0; i < ARRAY_LEN(ending); i++)
        if (!strncmp(out, store, n) && !strcmp(out + n, ending[i])) return true;
    return false;
}

static bool is_file(const char *out) { return out && strcmp(out, "-") != 0; }

int cli_files_apart(const char *const *in, size_t n_in, const char *const *out, size_t n_out)
{
    for (size_t i = 0; i < n_out; i++) {
        if (!is_file(out[i])) continue;
        for (size_t k = 0; k < n_in; k++)
            if (same_file(out[i], in[k], true) || in_glob(out[i], in[k]))
                return cli_error("%s is an input; name another file", out[i]);
        if (in_directories(out[i], in, n_in)) return cli_error("%s is an input; name another file", out[i]);
        if (cli_config && same_file(out[i], cli_config, false))
            return cli_error("%s holds the settings; name another file", out[i]);
        for (size_t k = 0; k < n_out; k++)
            if (is_file(out[k]) && is_beside(out[i], out[k]))
                return cli_error("%s is a name that SQLite uses beside %s; name another file", out[i], out[k]);
        for (size_t k = 0; k < i; k++)
            if (is_file(out[k]) && same_file(out[i], out[k], false))
                return cli_error("%s is named for two outputs; name another file for one of them", out[i]);
    }
    return 0;
}
