/* Rows → the file, in transactions that also say how far the input has been
 * read: after a kill the file is what the last commit left, and a resumed run
 * goes on behind that record. Owns the connection and its statements.
 *
 * A rollback journal, not a write-ahead log: rows are only appended, so a
 * commit writes each page once, and at rest a store is one file. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/embed.h"
#include "out/store.h"
#include "out/store_rows.h"
#include "report/report.h"

enum { COMMIT_BYTES = 16 << 20, COMMIT_MS = 250 }; /* what a kill can cost */

enum { S_BEGIN, S_COMMIT, S_ROLLBACK, S_RECORD, S_REJECT, S_FINISH, N_SQL };
static const char *const sql[N_SQL] = {
    "BEGIN IMMEDIATE",
    "COMMIT",
    "ROLLBACK",
    "UPDATE input SET records = ?1, hash = ?2 WHERE id = ?3",
    "INSERT INTO reject (input, record, offset, reason) VALUES (?1, ?2, ?3, ?4)",
    "UPDATE run SET finished = strftime('%Y-%m-%dT%H:%M:%SZ', 'now')",
};

struct store {
    sqlite3 *db;
    char *path;
    sqlite3_stmt *sql[N_SQL], *insert[N_STORE_TABLE];
    int columns[N_STORE_TABLE];
    int64_t conversation;        /* the last one's number */
    int64_t committed;           /* conversations of the transactions before */
    struct store_position at;
    bool open, moved;            /* in a transaction; with records since the last note of the position */
    bool broken;                 /* an error was told: nothing more is committed */
    size_t bytes;                /* of rows in it */
    struct timespec since;
};

uint64_t store_chain(uint64_t hash, uint64_t record_hash) { return hash_mix(hash, record_hash); }
sqlite3 *store_db(struct store *s) { return s->db; }

/* ---- errors ---- */

static int failed(struct store *s, refrain_error *err)
{
    int rc = sqlite3_errcode(s->db);
    char why[120];
    s->broken = true;
    if (rc == SQLITE_FULL) snprintf(why, sizeof why, "no room left on the disk");
    else if (sqlite3_extended_errcode(s->db) == SQLITE_IOERR_WRITE)
        snprintf(why, sizeof why, "could not be written further (a limit of file size, a quota or the disk)");
    else snprintf(why, sizeof why, "%s", sqlite3_errmsg(s->db));
    return err_set(err, REFRAIN_E_IO, "%s: %s; %lld conversations are stored, and 'refrain analyze --resume %s' goes on",
                   s->path, why, (long long)s->committed, s->path);
}

static int run(struct store *s, int which)
{
    int rc = sqlite3_step(s->sql[which]);
    sqlite3_reset(s->sql[which]);
    return rc == SQLITE_DONE ? 0 : rc;
}

/* ---- transactions ---- */

static int begin(struct store *s)
{
    if (s->open) return 0;
    sqlite3_progress_handler(s->db, 0, NULL, NULL); /* of store_resume: what stood there has been read */
    int rc = run(s, S_BEGIN);
    if (rc) return rc;
    s->open = true;
    s->bytes = 0;
    clock_gettime(CLOCK_MONOTONIC, &s->since);
    return 0;
}

/* How far the input has been read, in the transaction that holds what came of it. */
static int note_position(struct store *s)
{
    char hex[17];
    if (!s->moved) return 0;
    snprintf(hex, sizeof hex, "%016llx", (unsigned long long)s->at.hash);
    sqlite3_bind_int64(s->sql[S_RECORD], 1, s->at.records);
    sqlite3_bind_text(s->sql[S_RECORD], 2, hex, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s->sql[S_RECORD], 3, (int64_t)s->at.file + 1);
    s->moved = false;
    return run(s, S_RECORD);
}

static int commit(struct store *s)
{
    if (!s->open) return 0;
    int rc = note_position(s);
    if (!rc) rc = run(s, S_COMMIT);
    if (rc) return rc;
    s->open = false;
    s->committed = s->conversation;
    return 0;
}

static bool time_to_commit(const struct store *s)
{
    struct timespec now;
    if (s->bytes >= COMMIT_BYTES) return true;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (now.tv_sec - s->since.tv_sec) * 1000 + (now.tv_nsec - s->since.tv_nsec) / 1000000 >= COMMIT_MS;
}

/* ---- rows ---- */

struct reader { const char *p, *end; };

static const void *take(struct reader *r, size_t n) { return r->p += n, r->p - n; }

static int bind(sqlite3_stmt *q, int column, struct reader *r)
{
    unsigned char tag = *(const unsigned char *)take(r, 1);
    uint32_t n;
    int64_t v;
    double d;
    const char *z;
    if (tag >= RV_SMALL) return sqlite3_bind_int(q, column, tag - RV_SMALL);
    switch (tag) {
    case RV_INT: memcpy(&v, take(r, sizeof v), sizeof v); return sqlite3_bind_int64(q, column, v);
    case RV_REAL: memcpy(&d, take(r, sizeof d), sizeof d); return sqlite3_bind_double(q, column, d);
    case RV_NAME: memcpy(&z, take(r, sizeof z), sizeof z); return sqlite3_bind_text(q, column, z, -1, SQLITE_STATIC);
    case RV_TEXT:
    case RV_BLOB:
        memcpy(&n, take(r, sizeof n), sizeof n);
        z = take(r, n);
        return tag == RV_BLOB ? sqlite3_bind_blob(q, column, z, (int)n, SQLITE_STATIC)
                              : sqlite3_bind_text(q, column, z, (int)n, SQLITE_STATIC);
    default: return sqlite3_bind_null(q, column);
    }
}

static int put_row(struct store *s, struct reader *r, int *table)
{
    *table = *(const unsigned char *)take(r, 1);
    sqlite3_stmt *q = s->insert[*table];
    int rc = sqlite3_bind_int64(q, 1, s->conversation);
    for (int i = 2; i <= s->columns[*table] && !rc; i++) rc = bind(q, i, r);
    if (!rc) rc = sqlite3_step(q);
    sqlite3_reset(q);
    return rc == SQLITE_DONE ? 0 : rc;
}

static int put_repeated(struct store *s, int64_t i)
{
    sqlite3_stmt *q = s->insert[ST_WARNING];
    sqlite3_bind_int64(q, 1, s->conversation);
    sqlite3_bind_int64(q, 2, i);
    sqlite3_bind_text(q, 3, "repeated_id", -1, SQLITE_STATIC);
    sqlite3_bind_null(q, 4);
    int rc = sqlite3_step(q);
    sqlite3_reset(q);
    return rc == SQLITE_DONE ? 0 : rc;
}

int store_put(struct store *s, str rows, bool repeated, refrain_error *err)
{
    struct reader r = {rows.p, rows.p + rows.n};
    int64_t warnings = 0;
    int rc = begin(s), table;
    s->conversation++;
    s->bytes += rows.n;
    while (!rc && r.p < r.end) {
        rc = put_row(s, &r, &table);
        warnings += table == ST_WARNING;
    }
    if (!rc && repeated) rc = put_repeated(s, warnings);
    return rc ? failed(s, err) : 0;
}

int store_put_reject(struct store *s, size_t file, uint64_t record, uint64_t offset, const char *reason,
                     refrain_error *err)
{
    sqlite3_stmt *q = s->sql[S_REJECT];
    int rc = begin(s);
    if (rc) return failed(s, err);
    sqlite3_bind_int64(q, 1, (int64_t)file + 1);
    sqlite3_bind_int64(q, 2, (int64_t)record);
    sqlite3_bind_int64(q, 3, (int64_t)offset);
    sqlite3_bind_text(q, 4, reason, -1, SQLITE_STATIC);
    return run(s, S_REJECT) ? failed(s, err) : 0;
}

int store_record(struct store *s, size_t file, uint64_t record_hash, refrain_error *err)
{
    int rc = begin(s);
    if (!rc && file != s->at.file) {
        rc = note_position(s); /* the file before is done */
        s->at = (struct store_position){file, 0, 0};
    }
    s->at.records++;
    s->at.hash = store_chain(s->at.hash, record_hash);
    s->moved = true;
    if (!rc && time_to_commit(s)) rc = commit(s);
    return rc ? failed(s, err) : 0;
}

/* ---- opening ---- */

static int prepare(struct store *s)
{
    int rc = 0;
    for (int i = 0; i < N_SQL && !rc; i++)
        rc = sqlite3_prepare_v3(s->db, sql[i], -1, SQLITE_PREPARE_PERSISTENT, &s->sql[i], NULL);
    for (int t = 0; t < N_STORE_TABLE && !rc; t++) {
        char z[256];
        sqlite3_stmt *q = NULL;
        snprintf(z, sizeof z, "SELECT * FROM %s", store_table_names[t]);
        rc = sqlite3_prepare_v2(s->db, z, -1, &q, NULL);
        s->columns[t] = rc ? 0 : sqlite3_column_count(q);
        sqlite3_finalize(q);
        int n = snprintf(z, sizeof z, "INSERT INTO %s VALUES (?", store_table_names[t]);
        for (int i = 1; i < s->columns[t]; i++) n += snprintf(z + n, sizeof z - (size_t)n, ",?");
        snprintf(z + n, sizeof z - (size_t)n, ")");
        if (!rc) rc = sqlite3_prepare_v3(s->db, z, -1, SQLITE_PREPARE_PERSISTENT, &s->insert[t], NULL);
    }
    return rc;
}

static int store_new(struct store **out, const char *path, refrain_error *err)
{
    struct store *s = calloc(1, sizeof *s);
    if (s) s->path = strdup(path);
    if (!s || !s->path) {
        free(s);
        return err_set(err, REFRAIN_E_NOMEM, "out of memory");
    }
    *out = s;
    int rc = store_file(&s->db, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, err); /* the pool sees to turns */
    if (rc == SQLITE_AUTH) return REFRAIN_E_FORMAT;
    /* exclusive: a second writer is told so, whoever it is */
    if (!rc) rc = sqlite3_exec(s->db, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -32768; BEGIN EXCLUSIVE", NULL, NULL, NULL);
    s->open = !rc;
    if (rc == SQLITE_BUSY) return err_set(err, REFRAIN_E_IO, "%s: another process is using it", path);
    return rc ? store_open_error(err, s->db, path, true) : 0;
}

static void store_free(struct store *s)
{
    if (!s) return;
    if (s->db && !sqlite3_get_autocommit(s->db)) sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    for (int i = 0; i < N_SQL; i++) sqlite3_finalize(s->sql[i]);
    for (int i = 0; i < N_STORE_TABLE; i++) sqlite3_finalize(s->insert[i]);
    sqlite3_close(s->db);
    free(s->path);
    free(s);
}

/* A new empty file in its place, for the same people; where a symbolic link leads to it, there. */
static int empty(const char *path, mode_t mode, refrain_error *err)
{
    char *real = realpath(path, NULL);
    int fd = real && unlink(real) == 0 ? open(real, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode) : -1;
    int rc = fd < 0 || fchmod(fd, mode) ? err_set(err, REFRAIN_E_IO, "%s: %s", path, strerror(errno)) : 0;
    if (fd >= 0) close(fd);
    free(real);
    return rc;
}

/* Only a finished store, or one that holds nothing yet, may be replaced. */
static int make_way(const char *path, refrain_error *err)
{
    struct stat st;
    if (stat(path, &st) != 0) return 0;
    if (!S_ISREG(st.st_mode)) return err_set(err, REFRAIN_E_USAGE, "%s: not a file; a store needs one", path);
    if (st.st_size == 0) return 0; /* mktemp made it, or a run that was killed at its first step */
    sqlite3 *db;
    struct arena a;
    struct store_run old;
    int rc = store_open(&db, path, err);
    if (rc == REFRAIN_E_FORMAT && stat(path, &st) == 0 && st.st_size == 0) return 0; /* opening took back its first step */
    if (rc == REFRAIN_E_FORMAT)
        return err_set(err, rc, "%s: exists and is no store of this refrain; it stays as it is, so name another file", path);
    if (rc) return rc;
    arena_init(&a, 0);
    rc = store_run(&old, &a, db, err);
    if (!rc && !old.finished && old.conversations + old.rejected > 0)
        rc = err_set(err, REFRAIN_E_USAGE,
                     "%s: holds an unfinished run of %lld conversations; go on with --resume %s, or remove it", path,
                     (long long)old.conversations, path);
    arena_free(&a);
    sqlite3_close(db);
    return rc ? rc : empty(path, st.st_mode & 0777, err);
}

/* ---- a new one: tables, the run, its inputs, what the codes mean ---- */

/* One row; a value a letter: i int64_t, d double, s string or NULL. */
static int insert(sqlite3 *db, const char *into, const char *kinds, ...)
{
    sqlite3_stmt *q = NULL;
    va_list ap;
    int rc = sqlite3_prepare_v2(db, into, -1, &q, NULL);
    va_start(ap, kinds);
    for (int i = 1; kinds[i - 1] && !rc; i++)
        rc = kinds[i - 1] == 'i'   ? sqlite3_bind_int64(q, i, va_arg(ap, int64_t))
             : kinds[i - 1] == 'd' ? sqlite3_bind_double(q, i, va_arg(ap, double))
                                   : sqlite3_bind_text(q, i, va_arg(ap, const char *), -1, SQLITE_STATIC);
    va_end(ap);
    if (!rc) rc = sqlite3_step(q);
    sqlite3_finalize(q);
    return rc == SQLITE_DONE ? 0 : rc;
}

static int put_constructs(sqlite3 *db, const struct pack *p)
{
    static const char *const polarity[] = {"negative", "positive", "descriptive"},
                      *const scale[] = {"binary", "ordinal", "count", "category"},
                      *const severity[] = {NULL, "minor", "major", "critical"};
    int rc = 0;
    for (size_t i = 0; i < N_CONSTRUCT && !rc; i++) {
        const struct construct_def *d = &p->construct[i];
        rc = insert(db, "INSERT INTO construct VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)", "isisssssddiis", (int64_t)i, d->id,
                    (int64_t)d->phase, d->name, d->definition, polarity[d->polarity], scale[d->scale],
                    severity[d->severity], (double)d->weight[SH_USER], (double)d->weight[SH_MHP], (int64_t)d->scored,
                    (int64_t)d->every_reply, d->source);
    }
    return rc;
}

static int put_bits(sqlite3 *db)
{
    static const char *const flag[] = {"B", "N", "H", "V", "P", "F", "I", "C", "D"},
                      *const bid[] = {"disclosure", "request", "harm", "medical", "teaching", "means"};
    static const struct { const char *kind; const char *const *name; size_t n; } sets[] = {
        {"user_act", u_act_names, N_U_ACT}, {"assistant_act", a_act_names, N_A_ACT}, {"flag", flag, ARRAY_LEN(flag)},
        {"bid", bid, ARRAY_LEN(bid)},       {"next", next_names, ARRAY_LEN(next_names)}};
    int rc = 0;
    for (size_t i = 0; i < ARRAY_LEN(sets); i++)
        for (size_t k = 0; k < sets[i].n && !rc; k++)
            rc = insert(db, "INSERT INTO bit VALUES (?,?,?)", "sis", sets[i].kind, (int64_t)1 << k, sets[i].name[k]);
    return rc;
}

static int put_gates(sqlite3 *db)
{
    int rc = 0;
    for (int g = 1; g <= 12 && !rc; g++) {
        char id[8];
        snprintf(id, sizeof id, "G%d", g);
        rc = insert(db, "INSERT INTO gate_kind VALUES (?,?,?)", "sss", id, gate_kinds[g].critical ? "critical" : "major", gate_kinds[g].title);
    }
    return rc;
}

static int put_run(sqlite3 *db, const struct store_run *r)
{
    return insert(db,
                  "INSERT INTO run VALUES (1,?,?,?,?,?,?,?,?,?,?,strftime('%Y-%m-%dT%H:%M:%SZ', 'now'),NULL)",
                  "sisssssssi", r->refrain_version, r->schema_version, r->pack_version, r->pack_hash, r->model_hash,
                  r->directory_version, r->as_of, r->options, r->arguments, r->store_text);
}

static int put_inputs(sqlite3 *db, const struct store_input *in, size_t n)
{
    int rc = 0;
    for (size_t i = 0; i < n && !rc; i++)
        rc = in[i].bytes < 0
                 ? insert(db, "INSERT INTO input (path) VALUES (?)", "s", in[i].path)
                 : insert(db, "INSERT INTO input (path, bytes) VALUES (?,?)", "si", in[i].path, in[i].bytes);
    return rc;
}

int store_create(struct store **out, const char *path, const struct store_run *run_of, const struct pack *pack,
                 const struct store_input *input, size_t n_input, refrain_error *err)
{
    struct store *s = NULL;
    char header[80];
    *out = NULL;
    int rc = make_way(path, err);
    if (rc) return rc;
    if ((rc = store_new(&s, path, err))) goto out;
    snprintf(header, sizeof header, "PRAGMA application_id = %d; PRAGMA user_version = %d", STORE_APPLICATION_ID, STORE_VERSION);
    if ((rc = sqlite3_exec(s->db, header, NULL, NULL, NULL)) || (rc = sqlite3_exec(s->db, embedded_text(embedded_sql, "store.sql"), NULL, NULL, NULL)) ||
        (rc = put_run(s->db, run_of)) || (rc = put_inputs(s->db, input, n_input)) || (rc = put_constructs(s->db, pack)) ||
        (rc = put_bits(s->db)) || (rc = put_gates(s->db)) || (rc = prepare(s)) || (rc = commit(s)))
        rc = store_error(err, s->db, path);
out:
    if (rc) store_free(s);
    else *out = s;
    return rc;
}

/* ---- going on ---- */

static int read_position(struct store *s)
{
    sqlite3_stmt *q = NULL;
    int rc = sqlite3_prepare_v2(s->db,
                                "SELECT id - 1, records, hash, (SELECT coalesce(max(id), 0) FROM conversation) FROM input "
                                "WHERE records > 0 OR id = 1 ORDER BY id DESC LIMIT 1",
                                -1, &q, NULL);
    if (!rc && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        const char *hex = (const char *)sqlite3_column_text(q, 2);
        s->at.file = (size_t)sqlite3_column_int64(q, 0);
        s->at.records = sqlite3_column_int64(q, 1);
        s->at.hash = hex ? strtoull(hex, NULL, 16) : 0;
        s->conversation = s->committed = sqlite3_column_int64(q, 3);
    }
    sqlite3_finalize(q);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : rc;
}

/* Every table, trigger and index as it was made; sqlite3_free. NULL after an error. */
static char *tables_of(sqlite3 *db)
{
    static const char all[] = "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema WHERE type IN ('table', 'trigger', 'index') "
                              "AND name NOT LIKE 'sqlite%' ORDER BY name)";
    sqlite3_stmt *q = NULL;
    char *z = NULL;
    if (!sqlite3_prepare_v2(db, all, -1, &q, NULL) && sqlite3_step(q) == SQLITE_ROW)
        z = sqlite3_mprintf("%s", (const char *)sqlite3_column_text(q, 0));
    sqlite3_finalize(q);
    return z;
}

/* Rows are as wide as our tables: in others they would be read past their end. */
static int same_tables(struct store *s, const char *path, refrain_error *err)
{
    sqlite3 *ours = NULL;
    char *x = NULL, *y = tables_of(s->db);
    if (!sqlite3_open(":memory:", &ours) && !sqlite3_exec(ours, embedded_text(embedded_sql, "store.sql"), NULL, NULL, NULL)) x = tables_of(ours);
    int rc = 0;
    if (!y) rc = store_error(err, s->db, path);
    else if (!x) rc = err_set(err, REFRAIN_E_NOMEM, "out of memory");
    else if (strcmp(x, y)) rc = err_set(err, REFRAIN_E_FORMAT, "%s: its tables are not those of this refrain's stores; begin a new run", path);
    sqlite3_free(x);
    sqlite3_free(y);
    sqlite3_close(ours);
    return rc;
}

int store_resume(struct store **out, const char *path, refrain_error *err)
{
    struct store *s = NULL;
    *out = NULL;
    int rc = store_new(&s, path, err);
    if (!rc && store_guard(s->db, path)) rc = store_error(err, s->db, path);
    if (!rc) rc = same_tables(s, path, err);
    if (!rc && ((rc = read_position(s)) || (rc = prepare(s)) || (rc = commit(s)))) rc = store_error(err, s->db, path);
    if (rc) store_free(s);
    else *out = s;
    return rc;
}

int store_close(struct store *s, bool finished, refrain_error *err)
{
    if (!s) return 0;
    int rc = 0;
    if (finished && !s->broken) {
        rc = begin(s);
        if (!rc) rc = sqlite3_exec(s->db, embedded_text(embedded_sql, "store_end.sql"), NULL, NULL, NULL);
        if (!rc) rc = run(s, S_FINISH);
    }
    if (!rc && !s->broken) rc = commit(s);
    if (rc) rc = failed(s, err);
    store_free(s);
    return rc;
}
