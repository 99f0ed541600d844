/* A store's file → a connection to read it, and what its run was.
 * Owns nothing: the caller closes the connection. */
#include "out/store.h"

#include "base/embed.h"
#include "text/overlap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yyjson.h>

int store_error(refrain_error *err, sqlite3 *db, const char *path)
{
    if (db && sqlite3_errcode(db) == SQLITE_INTERRUPT)
        return err_set(err, REFRAIN_E_FORMAT, "%s: reading takes far more steps than a store of its size should; it is damaged", path);
    return err_set(err, REFRAIN_E_IO, "%s: %s", path, db ? sqlite3_errmsg(db) : "out of memory");
}

/* ---- opening ---- */

/* What the system has against it, where SQLite knows no more than "unable to open": 0, it has nothing. */
static int obstacle(const char *path, bool make)
{
    struct stat st;
    const char *slash = strrchr(path, '/');
    char folder[4096] = ".";
    if (stat(path, &st) == 0) return S_ISDIR(st.st_mode) ? EISDIR : access(path, make ? R_OK | W_OK : R_OK) ? errno : 0;
    if (errno != ENOENT || !make) return errno;
    if (slash) snprintf(folder, sizeof folder, "%.*s", (int)(slash - path) + 1, path);
    return access(folder, W_OK | X_OK) ? errno : 0;
}

int store_open_error(refrain_error *err, sqlite3 *db, const char *path, bool make)
{
    int system = db && (sqlite3_errcode(db) & 0xff) == SQLITE_CANTOPEN ? obstacle(path, make) : 0;
    return system ? err_set(err, REFRAIN_E_IO, "%s: %s", path, strerror(system)) : store_error(err, db, path);
}

static int number(sqlite3 *db, const char *sql, int64_t *out)
{
    sqlite3_stmt *q = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &q, NULL);
    if (!rc && (rc = sqlite3_step(q)) == SQLITE_ROW) *out = sqlite3_column_int64(q, 0), rc = SQLITE_OK;
    sqlite3_finalize(q);
    return rc;
}

/* ---- stores of strangers ---- */

enum { CELL_MAX = 1 << 27, STEPS_AT_ONCE = 1000, STEPS_A_BYTE = 20, STEPS_FREE = 1000000 };

/* Pages that point at one another are rows without end: a sound store takes half a step a byte. */
static int too_long(void *left) { return (*(int64_t *)left -= STEPS_AT_ONCE) < 0; }

static void steps_left(sqlite3_context *f, int n, sqlite3_value **v)
{
    (void)n, (void)v;
    sqlite3_result_int64(f, *(int64_t *)sqlite3_user_data(f));
}

/* Nothing of the schema runs, and steps are counted. */
int store_guard(sqlite3 *db, const char *path)
{
    static const int set[][2] = {{SQLITE_DBCONFIG_DEFENSIVE, 1}, {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
                                 {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0}, {SQLITE_DBCONFIG_ENABLE_VIEW, 0}};
    for (size_t i = 0; i < ARRAY_LEN(set); i++) sqlite3_db_config(db, set[i][0], set[i][1], NULL);
    struct stat st;
    int64_t *left = sqlite3_malloc(sizeof *left);
    if (!left) return SQLITE_NOMEM;
    *left = STEPS_FREE + (stat(path, &st) ? 0 : STEPS_A_BYTE * (int64_t)st.st_size);
    sqlite3_progress_handler(db, STEPS_AT_ONCE, too_long, left);
    /* the function owns the count, which so lives as long as the connection */
    return sqlite3_create_function_v2(db, "steps_left", 0, SQLITE_UTF8, left, steps_left, NULL, NULL, sqlite3_free);
}

/* One blank for white space and comments, so that only what SQLite reads is compared. */
static void plain_sql(char *z)
{
    char *to = z;
    for (const char *from = z; *from;) {
        if (from[0] == '-' && from[1] == '-') while (*from && *from != '\n') from++;
        if (strchr(" \t\r\n", *from)) {
            if (to > z && to[-1] != ' ') *to++ = ' ';
            from += *from != 0;
        } else *to++ = *from++;
    }
    *to = 0;
}

/* The SQL of the table of that name; sqlite3_free. NULL: it is none, or an error. */
static char *table_sql(sqlite3 *db, const char *name)
{
    sqlite3_stmt *q = NULL;
    char *z = NULL;
    if (!sqlite3_prepare_v2(db, "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1", -1, &q, NULL) &&
        !sqlite3_bind_text(q, 1, name, -1, SQLITE_STATIC) && sqlite3_step(q) == SQLITE_ROW)
        z = sqlite3_mprintf("%s", (const char *)sqlite3_column_text(q, 0));
    sqlite3_finalize(q);
    if (z) plain_sql(z);
    return z;
}

/* Views, virtual tables, keys that are none: queries over them could take for ever. Tables of the user's own may stand beside ours. */
static int check_tables(sqlite3 *db, const char *path, refrain_error *err)
{
    sqlite3 *ours = NULL;
    sqlite3_stmt *q = NULL;
    int rc = sqlite3_open(":memory:", &ours);
    if (!rc) rc = sqlite3_exec(ours, embedded_text(embedded_sql, "store.sql"), NULL, NULL, NULL);
    if (!rc) rc = sqlite3_prepare_v2(ours, "SELECT name FROM sqlite_schema WHERE type = 'table'", -1, &q, NULL);
    if (rc) rc = store_error(err, ours, path);
    while (!rc && sqlite3_step(q) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(q, 0);
        char *want = table_sql(ours, name), *got = table_sql(db, name);
        int why = sqlite3_errcode(db);
        if (!got && why != SQLITE_OK && why != SQLITE_DONE && why != SQLITE_ROW) rc = store_error(err, db, path);
        else if (!want || !got || strcmp(want, got))
            rc = err_set(err, REFRAIN_E_FORMAT, "%s: its table %s is not that of this refrain's stores", path, name);
        sqlite3_free(want);
        sqlite3_free(got);
    }
    sqlite3_finalize(q);
    sqlite3_close(ours);
    return rc;
}

/* A journal that ends in the name of another file: SQLite would look into that file, and delete it. A store's own
 * never does, as no transaction of ours is of two files. */
static bool is_strange_journal(const char *path)
{
    static const unsigned char magic[8] = {0xD9, 0xD5, 0x05, 0xF9, 0x20, 0xA1, 0x63, 0xD7};
    unsigned char end[sizeof magic] = {0};
    struct stat st;
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK) : -1;
    if (fd < 0) return false;
    bool strange = fstat(fd, &st) || !S_ISREG(st.st_mode);
    if (!strange && st.st_size >= (off_t)sizeof end)
        strange = pread(fd, end, sizeof end, st.st_size - (off_t)sizeof end) != sizeof end ||
                  !memcmp(end, magic, sizeof end);
    close(fd);
    return strange;
}

int store_file(sqlite3 **db, const char *path, int flags, refrain_error *err)
{
    struct buf name = {0};
    buf_printf(&name, "%s%s", *path == ':' ? "./" : "", path); /* ":memory:" is a name like any other */
    buf_putc(&name, 0);
    int rc = name.oom ? SQLITE_NOMEM : sqlite3_open_v2(name.p, db, flags | SQLITE_OPEN_NOMUTEX, NULL);
    buf_free(&name);
    const char *journal = rc ? NULL : sqlite3_filename_journal(sqlite3_db_filename(*db, "main"));
    if (is_strange_journal(journal)) {
        err_set(err, REFRAIN_E_FORMAT,
                "%s: names a file other than %s, as no journal of a store does; it stays unread, so remove it", journal, path);
        return SQLITE_AUTH;
    }
    return rc;
}

static int connect(sqlite3 **db, const char *path, int flags, int64_t *application, int64_t *version,
                   refrain_error *err)
{
    int rc = store_file(db, path, flags, err);
    if (!rc) sqlite3_limit(*db, SQLITE_LIMIT_LENGTH, CELL_MAX);
    if (!rc) rc = store_guard(*db, path);
    if (!rc) rc = number(*db, "PRAGMA application_id", application);
    if (!rc) rc = number(*db, "PRAGMA user_version", version);
    return rc;
}

int store_open(sqlite3 **out, const char *path, refrain_error *err)
{
    int64_t application = 0, version = 0;
    sqlite3 *db = NULL;
    struct stat st;
    *out = NULL;
    bool stream = stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode); /* a FIFO would be waited for */
    int rc = stream ? SQLITE_NOTADB : connect(&db, path, SQLITE_OPEN_READONLY, &application, &version, err);
    if (rc == SQLITE_READONLY) { /* left by a killed writer: roll back, then read */
        sqlite3_close(db);
        rc = connect(&db, path, SQLITE_OPEN_READWRITE, &application, &version, err);
    }
    if (rc == SQLITE_AUTH) rc = REFRAIN_E_FORMAT; /* told */
    else if (rc == SQLITE_NOTADB || (!rc && application != STORE_APPLICATION_ID))
        rc = err_set(err, REFRAIN_E_FORMAT, "%s: no refrain store; 'refrain analyze -o run.sqlite' makes one", path);
    else if (rc == SQLITE_BUSY) rc = err_set(err, REFRAIN_E_IO, "%s: another process is writing it", path);
    else if (rc) rc = store_open_error(err, db, path, false);
    else if (version > STORE_VERSION)
        rc = err_set(err, REFRAIN_E_FORMAT, "%s: a store of version %lld; this refrain reads up to version %d", path,
                     (long long)version, STORE_VERSION);
    else rc = check_tables(db, path, err);
    if (rc) sqlite3_close(db);
    else *out = db;
    return rc;
}

/* ---- the run ---- */

static const char *text(sqlite3_stmt *q, int column, struct arena *a)
{
    const unsigned char *z = sqlite3_column_text(q, column);
    return z ? arena_str(a, str_of((const char *)z)).p : NULL;
}

int store_run(struct store_run *out, struct arena *a, sqlite3 *db, refrain_error *err)
{
    static const char sql[] =
        "SELECT refrain_version, pack_version, pack_hash, model_hash, directory_version, as_of, options, arguments, "
        "started, finished, schema_version, store_text, "
        /* by rows: count(*) walks the pages in one step, which no limit on steps ends */
        "(SELECT coalesce(sum(1), 0) FROM conversation), (SELECT coalesce(sum(1), 0) FROM reject) FROM run";
    const char *path = sqlite3_db_filename(db, "main");
    const char **const texts[] = {&out->refrain_version, &out->pack_version, &out->pack_hash, &out->model_hash,
                                  &out->directory_version, &out->as_of, &out->options, &out->arguments,
                                  &out->started, &out->finished};
    int64_t *const numbers[] = {&out->schema_version, &out->store_text, &out->conversations, &out->rejected};
    sqlite3_stmt *q = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &q, NULL);
    if (!rc) rc = sqlite3_step(q);
    for (size_t i = 0; rc == SQLITE_ROW && i < ARRAY_LEN(texts); i++) *texts[i] = text(q, (int)i, a);
    for (size_t i = 0; rc == SQLITE_ROW && i + 1 < ARRAY_LEN(texts); i++) /* `finished` alone may be NULL; a store may be damaged */
        if (!*texts[i]) *texts[i] = "";
    for (size_t i = 0; rc == SQLITE_ROW && i < ARRAY_LEN(numbers); i++)
        *numbers[i] = sqlite3_column_int64(q, (int)(ARRAY_LEN(texts) + i));
    if (rc == SQLITE_DONE) rc = err_set(err, REFRAIN_E_FORMAT, "%s: the store has no run", path);
    else if (rc == SQLITE_ROW) rc = 0;
    else rc = store_error(err, db, path);
    sqlite3_finalize(q);
    return rc;
}

/* ---- gates ---- */

int store_gate(const char *name)
{
    char id[8];
    for (int g = 1; name && g <= 12; g++) {
        snprintf(id, sizeof id, "G%d", g);
        if (!strcmp(name, id)) return g;
    }
    return 0;
}

/* ---- two refusals ---- */

float store_j5(const struct store_sketch *a, const struct store_sketch *b)
{
    enum { SHORT = 20 };
    bool three = a->n_token < SHORT || b->n_token < SHORT;
    const unsigned char *x = three ? a->three : a->five, *y = three ? b->three : b->five;
    int same = 0;
    if (!x || !y) return 0; /* too unlike in length, or without words */
    for (int i = 0; i < SKETCH_PLACES; i++) same += x[2 * i] == y[2 * i] && x[2 * i + 1] == y[2 * i + 1];
    return (float)same / SKETCH_PLACES;
}

/* ---- two runs ---- */

static unsigned differ(struct buf *why, const char *what, const char *a, const char *b)
{
    if (!strcmp(a, b)) return 0;
    if (why) buf_printf(why, "%s: %s and %s\n", what, a, b);
    return 1;
}

/* As JSON; what was not given is null. Caller frees. */
static char *option(yyjson_doc *d, const char *name)
{
    char *z = yyjson_val_write(yyjson_obj_get(yyjson_doc_get_root(d), name), 0, NULL);
    return z ? z : strdup("null");
}

static unsigned options_differ(struct buf *why, const char *a, const char *b)
{
    /* limits and formats say what is read, not how it is judged; pack and directory have hashes */
    static const char *const judging[] = {"country", "jurisdiction", "stale-days"};
    yyjson_doc *x = yyjson_read(a, strlen(a), 0), *y = yyjson_read(b, strlen(b), 0);
    unsigned n = 0;
    for (size_t i = 0; i < ARRAY_LEN(judging); i++) {
        char *v = option(x, judging[i]), *w = option(y, judging[i]);
        if (v && w) n += differ(why, judging[i], v, w);
        free(v);
        free(w);
    }
    yyjson_doc_free(x);
    yyjson_doc_free(y);
    return n;
}

unsigned store_differences(struct buf *why, const struct store_run *a, const struct store_run *b)
{
    return differ(why, "refrain", a->refrain_version, b->refrain_version) +
           differ(why, "pack", a->pack_hash, b->pack_hash) +
           differ(why, "directory", a->directory_version, b->directory_version) +
           differ(why, "as-of", a->as_of, b->as_of) + options_differ(why, a->options, b->options);
}
