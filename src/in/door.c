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
    char *own;                    /* path of the first file of results that was left out */
    size_t n_own;
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

static const char OWN_RESULT[] = "results of refrain itself, no conversations; the file was left out";
static const char CANNOT_OPEN[] = "cannot open: ";

bool door_about_file(const char *reason)
{
    return str_has_prefix(str_of(reason), str_of(CANNOT_OPEN)) || !strcmp(reason, OWN_RESULT);
}

/* A line of `refrain analyze`, which no adapter reads: its keys in the order in which report/ writes them. */
static bool is_own_result(str s)
{
    if (!str_has_prefix(s, STR("{\"schema_version\":1,\"id\":"))) return false;
    size_t turns = str_find(s, STR(",\"turns\":["));
    if (turns != SIZE_MAX) s = str_sub(s, 0, turns); /* a text may say anything */
    return str_find(s, STR(",\"source\":{\"path\":\"")) != SIZE_MAX && str_find(s, STR("\"messages\":")) == SIZE_MAX;
}

/* The first bytes of a file, at most `max`; -1 when it cannot be read. */
static ssize_t read_head(const char *path, char *head, size_t max)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) return -1;
    size_t n = 0;
    ssize_t got;
    do {
        got = read(fd, head + n, max - n);
        if (got > 0) n += (size_t)got;
    } while ((got > 0 && n < max) || (got < 0 && errno == EINTR));
    close(fd);
    return got < 0 ? -1 : (ssize_t)n;
}

/* In a directory, a file whose name says nothing is read when its content
 * looks like JSON, gzip, zstd or a transcript; READMEs and pictures are not. */
static bool looks_readable(str s)
{
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

/* A regular file of a directory; what cannot be read is reported when its turn comes. */
static bool add_file(struct door *d, const char *path, uint64_t bytes)
{
    char head[2048];
    ssize_t n = read_head(path, head, sizeof head);
    int kind = name_kind(path);
    str s = {head, n < 0 ? 0 : (size_t)n};
    if (kind == 't' ? !d->opt.text_ok : !kind && n >= 0 && !looks_readable(s)) return true;
    if (is_own_result(s)) {
        if (!d->own) d->own = strdup(path);
        d->n_own++;
        return d->own != NULL;
    }
    d->total += bytes;
    return add(d, path, 0, true);
}

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
        ok = add_file(d, path, (uint64_t)st.st_size);
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

void door_stop(struct door *d) { source_halt(d->src); }

void door_close(struct door *d)
{
    if (!d) return;
    for (size_t i = 0; i < d->n; i++) free(d->entry[i].path);
    free(d->entry);
    free(d->own);
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

size_t door_own_results(const struct door *d, const char **first)
{
    *first = d->own;
    return d->n_own;
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
                snprintf(rec->reason, sizeof rec->reason, "%s%s", CANNOT_OPEN, strerror(e));
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
            else if (d->number == 1 && is_own_result(rec->bytes)) { /* named by the caller: said once */
                rec->status = REFRAIN_E_FORMAT;
                snprintf(rec->reason, sizeof rec->reason, "%s", OWN_RESULT);
                rec->bytes = (str){0};
                source_stop(d->src);
                d->split.mode = SPLIT_DONE;
            }
            return 1;
        }
        source_stop(d->src);
    }
    return 0;
}
