/* The door: paths → records. Owns the list of files, one source and one
 * splitter that go through them in order. */
#include "in/door.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "in/sniff.h"

struct entry {
    char *path;
    int error;      /* errno: the file or directory cannot be read */
    int64_t bytes;  /* on disk, -1: no regular file */
    bool listed;    /* found in a directory, not named by the caller */
};

struct door {
    struct door_options opt;
    struct entry *entry;
    size_t n, cap, at;
    uint64_t total;               /* bytes on disk of all regular files */
    _Atomic uint64_t done;
    struct source *src;
    struct splitter split;
    bool open;                    /* entry[at] is being split */
    uint64_t number, input;
};

/* ---- names ---- */

static bool ends(const char *s, size_t n, const char *tail)
{
    size_t m = strlen(tail);
    return n > m && str_ieq((str){s + n - m, m}, (str){tail, m});
}

/* 't' text, 'l' JSON lines, 'j' JSON, 'z' only packed, 0 unknown: by name. */
static int name_kind(const char *path)
{
    static const struct { const char *ext; int kind; } exts[] = {{".txt", 't'},   {".jsonl", 'l'}, {".ndjson", 'l'},
                                                                 {".json", 'j'}};
    size_t n = strlen(path);
    bool packed = false;
    for (int again = 1; again; packed |= again) {
        again = 0;
        if (ends(path, n, ".gz")) n -= 3, again = 1;
        else if (ends(path, n, ".zst")) n -= 4, again = 1;
    }
    for (size_t i = 0; i < ARRAY_LEN(exts); i++)
        if (ends(path, n, exts[i].ext)) return exts[i].kind;
    return packed ? 'z' : 0;
}

/* What the splitter needs to know beyond content: the option decides, then the name. */
static int hint_of(const struct door *d, const char *path)
{
    if (d->opt.format) return strcmp(d->opt.format, "text") == 0 ? 't' : 'j';
    int kind = name_kind(path);
    return kind == 'l' ? 'l' : kind == 't' ? 'x' : 0;
}

/* In a directory, a file whose name says nothing is read when its content
 * looks like JSON, gzip, zstd or a transcript; READMEs and pictures are not. */
static bool looks_readable(const char *path)
{
    char head[256];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) return true; /* to be reported when its turn comes */
    size_t n = 0;
    ssize_t got;
    do {
        got = read(fd, head + n, sizeof head - n);
        if (got > 0) n += (size_t)got;
    } while ((got > 0 && n < sizeof head) || (got < 0 && errno == EINTR));
    close(fd);
    if (got < 0) return true;
    str s = {head, n};
    if (str_has_prefix(s, STR("\x1F\x8B")) || str_has_prefix(s, STR("\x28\xB5\x2F\xFD"))) return true;
    if (str_has_prefix(s, STR("\xEF\xBB\xBF"))) s = str_sub(s, 3, s.n);
    s = str_trim(s);
    int role;
    size_t label;
    return s.n && (s.p[0] == '{' || s.p[0] == '[' || text_speaker(s, &role, &label));
}

/* ---- the list ---- */

static bool add(struct door *d, const char *path, int error, bool listed)
{
    if (d->n == d->cap) {
        size_t cap = d->cap ? d->cap * 2 : 16;
        struct entry *e = realloc(d->entry, cap * sizeof *e);
        if (!e) return false;
        d->entry = e;
        d->cap = cap;
    }
    char *copy = strdup(path);
    if (!copy) return false;
    struct stat st;
    bool regular = !error && strcmp(path, "-") && stat(path, &st) == 0 && S_ISREG(st.st_mode);
    d->entry[d->n++] = (struct entry){copy, error, regular ? (int64_t)st.st_size : -1, listed};
    return true;
}

static int by_byte(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }
static int not_hidden(const struct dirent *e) { return e->d_name[0] != '.'; }

static bool add_dir(struct door *d, const char *path);

static bool add_listed(struct door *d, const char *dir, const char *name)
{
    size_t n = strlen(dir), m = strlen(name);
    char *path = malloc(n + m + 2);
    if (!path) return false;
    memcpy(path, dir, n);
    while (n > 1 && path[n - 1] == '/') n--;
    if (path[n - 1] != '/') path[n++] = '/';
    memcpy(path + n, name, m + 1);
    struct stat st, link;
    bool ok = true;
    if (lstat(path, &link) != 0 || stat(path, &st) != 0) {
        ok = add(d, path, errno, true);
    } else if (S_ISDIR(st.st_mode)) { /* a link to a directory could lead in a circle */
        if (S_ISDIR(link.st_mode)) ok = add_dir(d, path);
    } else if (S_ISREG(st.st_mode)) {
        int kind = name_kind(path);
        if (kind == 't' ? d->opt.text_ok : kind || looks_readable(path)) {
            ok = add(d, path, 0, true);
            d->total += (uint64_t)st.st_size;
        }
    }
    free(path);
    return ok;
}

static bool add_dir(struct door *d, const char *path)
{
    struct dirent **list = NULL;
    int n = scandir(path, &list, not_hidden, by_byte);
    if (n < 0) return add(d, path, errno, true);
    bool ok = true;
    for (int i = 0; i < n; i++) {
        if (ok) ok = add_listed(d, path, list[i]->d_name);
        free(list[i]);
    }
    free(list);
    return ok;
}

static int add_path(struct door *d, const char *path, refrain_error *err)
{
    struct stat st;
    bool ok;
    if (strcmp(path, "-") == 0) {
        ok = add(d, path, 0, false);
    } else if (stat(path, &st) != 0) {
        return err_set(err, REFRAIN_E_IO, "%s: %s", path, strerror(errno));
    } else if (S_ISDIR(st.st_mode)) {
        ok = add_dir(d, path);
    } else {
        if (S_ISREG(st.st_mode)) d->total += (uint64_t)st.st_size;
        ok = add(d, path, 0, false);
    }
    return ok ? 0 : err_set(err, REFRAIN_E_NOMEM, "out of memory");
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static int add_glob(struct door *d, const char *pattern, refrain_error *err)
{
    glob_t g;
    int rc = glob(pattern, GLOB_NOSORT, NULL, &g), out = 0;
    if (rc == GLOB_NOSPACE) return err_set(err, REFRAIN_E_NOMEM, "out of memory");
    if (rc) return err_set(err, REFRAIN_E_IO, "%s: no such file, and no file matches it as a pattern", pattern);
    qsort(g.gl_pathv, g.gl_pathc, sizeof *g.gl_pathv, by_name);
    for (size_t i = 0; i < g.gl_pathc && !out; i++) {
        struct stat st; /* what a pattern found is reported in its turn, as in a directory */
        if (stat(g.gl_pathv[i], &st) == 0) out = add_path(d, g.gl_pathv[i], err);
        else if (!add(d, g.gl_pathv[i], errno, true)) out = err_set(err, REFRAIN_E_NOMEM, "out of memory");
    }
    globfree(&g);
    return out;
}

int door_open(struct door **out, const char *const *paths, size_t n_paths, const struct door_options *opt,
              refrain_error *err)
{
    *out = NULL;
    struct door *d = calloc(1, sizeof *d);
    if (!d || !(d->src = source_new())) {
        door_close(d);
        return err_set(err, REFRAIN_E_NOMEM, "out of memory");
    }
    d->opt = opt ? *opt : DOOR_OPTIONS_DEFAULT;
    for (size_t i = 0; i < n_paths; i++) {
        struct stat st;
        bool pattern = strpbrk(paths[i], "*?[") && lstat(paths[i], &st) != 0;
        int rc = pattern ? add_glob(d, paths[i], err) : add_path(d, paths[i], err);
        if (rc) {
            door_close(d);
            return rc;
        }
    }
    *out = d;
    return 0;
}

void door_close(struct door *d)
{
    if (!d) return;
    for (size_t i = 0; i < d->n; i++) free(d->entry[i].path);
    free(d->entry);
    buf_free(&d->split.held);
    source_free(d->src);
    free(d);
}

const char *door_file(const struct door *d, size_t i, int64_t *bytes)
{
    if (i >= d->n) return NULL;
    *bytes = d->entry[i].bytes;
    return d->entry[i].path;
}

uint64_t record_hash(const struct record *rec)
{
    return rec->status ? hash_bytes(rec->reason, strlen(rec->reason), (uint64_t)rec->status)
                       : hash_bytes(rec->bytes.p, rec->bytes.n, 0);
}

void door_progress(const struct door *d, uint64_t *done, uint64_t *total)
{
    *done = d->done;
    *total = d->total;
}

/* ---- records ---- */

/* 0 when open, else errno. */
static int open_entry(struct door *d)
{
    struct entry *e = &d->entry[d->at];
    if (e->error) return e->error;
    int fd = STDIN_FILENO;
    if (strcmp(e->path, "-") != 0 || e->listed) {
        do fd = open(e->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        while (fd < 0 && errno == EINTR);
        if (fd < 0) return errno;
        posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    }
    source_start(d->src, fd, &(struct source_options){d->opt.ratio_max, d->opt.total_max}, &d->done);
    split_start(&d->split, d->src, d->opt.record_bytes, hint_of(d, e->path));
    return 0;
}

int door_next(struct door *d, struct record *rec, struct buf *into)
{
    for (; d->at < d->n; d->at++, d->open = false) {
        memset(rec, 0, sizeof *rec);
        buf_clear(into);
        rec->path = d->entry[d->at].path;
        rec->file = d->at;
        if (!d->open) {
            d->number = 0;
            d->open = true;
            int e = open_entry(d);
            if (e) {
                rec->status = REFRAIN_E_IO;
                rec->number = 1;
                rec->input = d->input++;
                snprintf(rec->reason, sizeof rec->reason, "cannot open: %s", strerror(e));
                d->split.mode = SPLIT_DONE;
                return 1;
            }
        }
        struct piece piece = {0};
        if (split_next(&d->split, &piece, into)) {
            rec->number = ++d->number;
            rec->input = d->input++;
            rec->offset = piece.offset;
            rec->status = piece.status;
            rec->bytes = (str){into->p, into->n};
            if (piece.status) snprintf(rec->reason, sizeof rec->reason, "%s", piece.reason);
            return 1;
        }
        source_stop(d->src);
    }
    return 0;
}
