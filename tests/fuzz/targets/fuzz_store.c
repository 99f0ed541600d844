/* Damage done to a store: figures, page and resumed run of it, or one clear
 * line. The store is made here, of an example; the input says what befalls it,
 * operation by operation (`cells` and `bytes` below): values that no writer
 * puts there behind the tables' rules, then bytes of the file. Linked with the
 * command's sources that read a store. */
#include <fcntl.h>
#include <unistd.h>

#include "cli/analyze_store.h"
#include "cli/page.h"
#include "fuzz.h"
#include "stats/corpus.h"
#include "stats/metrics_write.h"

static const char INPUT[] = "examples/quadrants.jsonl"; /* from the source root */
static const struct { const char *name, *key, *second; } tables[] = {
    {"run", "id", NULL}, {"input", "id", NULL}, {"reject", "id", NULL}, {"construct", "id", NULL}, {"conversation", "id", NULL},
    {"population", "conversation", "i"}, {"turn", "conversation", "i"}, {"episode", "conversation", "i"},
    {"refusal", "conversation", "episode"}, {"code", "conversation", "i"}, {"span", "conversation", "code"},
    {"contact", "conversation", "i"}, {"gate", "conversation", "i"}, {"warning", "conversation", "i"},
};
static char path[] = "/dev/shm/refrain-fuzz-store-XXXXXX", journal[sizeof path + 8]; /* memory: a disk would be waited for */
struct options { struct engine_args engine; struct input_args input; };
static const struct opt some[] = {{.name = "as-of", .kind = OPT_STRING, .at = offsetof(struct options, engine.as_of)},
                                  {.name = "max-turns", .kind = OPT_NUMBER, .at = offsetof(struct options, input.max_turns)}, {0}};
static const struct opt_group of_results[] = {{"Some of each kind", some, 0}, {0}};
static const struct options defaults = {ENGINE_ARGS_DEFAULT, INPUT_ARGS_DEFAULT};

/* ---- in place of the command ---- */

int cli_error(const char *fmt, ...)
{
    char z[2048];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(z, sizeof z, fmt, ap);
    va_end(ap);
    CHECK(z[0] && !strstr(z, "(null)"));
    return FAILED;
}

int cli_error_of(const refrain_error *e)
{
    CHECK(e->status);
    fuzz_check_error(e->status, e);
    return FAILED;
}

int sink_write(struct sink *s, const void *p, size_t n) { return fwrite(p, 1, n, s->f) == n ? 0 : FAILED; }

int batch_reject(struct batch_state *r, const char *at, uint64_t record, uint64_t offset, const char *reason)
{
    (void)r, (void)record, (void)offset;
    CHECK(at && reason);
    return 0;
}

/* ---- the store as it should be ---- */

static struct door *open_door(void)
{
    static const char *const inputs[] = {INPUT};
    struct door_options o = DOOR_OPTIONS_DEFAULT;
    struct door *d;
    CHECK(door_open(&d, inputs, 1, &o, NULL) == 0);
    return d;
}

static void forget(void *ctx, str id) { (void)ctx, (void)id; }
static void forget_gate(void *ctx, const struct ci_finding *f) { (void)ctx, (void)f; }

static struct stored stored_of(struct options *o, bool *text, bool resume)
{
    *o = defaults;
    o->engine.as_of = "2026-10-01";
    return (struct stored){.path = path, .resume = resume, .text = text, .groups = of_results, .options = o, .defaults = &defaults,
                           .engine = &o->engine, .had_conversation = forget, .had_gate = forget_gate};
}

/* The records of the door: the first `n`, or all. */
static int put_records(struct stored *s, struct door *d, unsigned n)
{
    struct scanner_options o = {NULL, {1 << 20, 200, 1 << 16}, 0};
    static refrain_scanner *scanner;
    if (!scanner) CHECK(scanner_new(&scanner, fuzz_engine(), &o, NULL) == 0);
    struct pool_item item = {0};
    struct buf bytes = {0}, rows = {0};
    int rc = 0;
    for (unsigned k = 0; !rc && k < n && door_next(d, &item.rec, &bytes) > 0; k++) {
        const struct walk *w;
        const struct origin from = {INPUT, item.rec.number, true};
        item.hash = record_hash(&item.rec);
        CHECK(scanner_record(scanner, item.rec.bytes, &from, NULL) == 0 && scanner_walk(scanner, 0, &w, NULL) == 0);
        buf_clear(&rows);
        store_rows(&rows, w, item.rec.file, true);
        rc = stored_put(s, (str){rows.p, rows.n}, false);
        if (!rc) rc = stored_done(s, &item);
    }
    buf_free(&rows);
    buf_free(&bytes);
    return rc;
}

static struct buf sound; /* bytes of the file */

/* NOT NULL is written so that no value is refused, and back by `rules`. */
static void rules(const char *from, const char *to)
{
    sqlite3 *db;
    char sql[160];
    snprintf(sql, sizeof sql, "PRAGMA writable_schema = 1; UPDATE sqlite_master SET sql = replace(sql, '%s', '%s')", from, to);
    if (!sqlite3_open(path, &db)) sqlite3_exec(db, sql, NULL, NULL, NULL);
    sqlite3_close(db);
}

static void make_sound(void)
{
    struct options o;
    bool text = true;
    struct stored s = stored_of(&o, &text, false);
    struct door *d = open_door();
    int fd = mkstemp(path);
    if (fd < 0) fd = mkstemp(strcpy(path, "/tmp/refrain-fuzz-store-XXXXXX"));
    CHECK(fd >= 0);
    close(fd);
    snprintf(journal, sizeof journal, "%s-journal", path);
    static const char *const inputs[] = {INPUT};
    CHECK(stored_open(&s, inputs, 1) == 0 && stored_start(&s, NULL, fuzz_engine(), d) == 0);
    refrain_error err = {0};
    CHECK(store_put_reject(s.store, 0, 9, 9, "made for this test", &err) == 0);
    CHECK(put_records(&s, d, 3) == 0 && stored_close(&s, false) == 0);
    door_close(d);
    rules(" NOT NULL", "/*NN*/  ");
    CHECK(file_read(&sound.p, &sound.n, path, 8 << 20, NULL) == 0);
    unlink(path);
}

/* ---- what befalls it ---- */

struct input { const uint8_t *p, *end; };
static unsigned byte(struct input *in) { return in->p < in->end ? *in->p++ : 0; }

static int64_t number(struct input *in, int n)
{
    uint64_t v = 0;
    for (int i = 0; i < n; i++) v = v << 8 | byte(in);
    return (int64_t)v;
}

static void bind_value(sqlite3_stmt *q, struct input *in)
{
    unsigned kind = byte(in);
    double d;
    int64_t v;
    size_t n;
    switch (kind % 6) {
    case 0: sqlite3_bind_null(q, 1); break;
    case 1: sqlite3_bind_int(q, 1, (int8_t)byte(in)); break;
    case 2: sqlite3_bind_int64(q, 1, number(in, 8)); break;
    case 3:
        v = number(in, 8);
        memcpy(&d, &v, sizeof d);
        sqlite3_bind_double(q, 1, d);
        break;
    default:
        n = byte(in);
        if (n > (size_t)(in->end - in->p)) n = (size_t)(in->end - in->p);
        if (kind % 6 == 4) sqlite3_bind_text(q, 1, (const char *)in->p, (int)n, SQLITE_TRANSIENT);
        else sqlite3_bind_blob(q, 1, in->p, (int)n, SQLITE_TRANSIENT);
        in->p += n;
    }
}

static const char *column_name(sqlite3 *db, const char *table, unsigned i, char *name, size_t size)
{
    char sql[80];
    sqlite3_stmt *q = NULL;
    snprintf(sql, sizeof sql, "SELECT * FROM %s", table);
    if (sqlite3_prepare_v2(db, sql, -1, &q, NULL)) return NULL;
    snprintf(name, size, "%s", sqlite3_column_name(q, (int)i % sqlite3_column_count(q)));
    sqlite3_finalize(q);
    return name;
}

/* 'c' table column key second value: that cell; 'd' table key second: no such row; 'x' table: no such table. */
static void cells(sqlite3 *db, unsigned op, struct input *in)
{
    unsigned t = byte(in) % ARRAY_LEN(tables), column = op == 'c' ? byte(in) : 0;
    const char *name = tables[t].name;
    char sql[256], where[96], col[64];
    sqlite3_stmt *q = NULL;
    if (op == 'x') snprintf(sql, sizeof sql, "DROP TABLE %s", name);
    else {
        int n = snprintf(where, sizeof where, "%s = %u", tables[t].key, byte(in) % 64);
        if (tables[t].second) snprintf(where + n, sizeof where - (size_t)n, " AND %s = %u", tables[t].second, byte(in));
        if (op == 'd') snprintf(sql, sizeof sql, "DELETE FROM %s WHERE %s", name, where);
        else if (!column_name(db, name, column, col, sizeof col)) return;
        else snprintf(sql, sizeof sql, "UPDATE OR REPLACE %s SET \"%s\" = ?1 WHERE %s", name, col, where);
    }
    if (sqlite3_prepare_v2(db, sql, -1, &q, NULL)) return;
    if (op == 'c') bind_value(q, in);
    sqlite3_step(q);
    sqlite3_finalize(q);
}

/* 'b' offset(3) n bytes: those in the file; 't' size(3): its end. */
static void bytes(int fd, unsigned op, struct input *in)
{
    off_t at = number(in, 3) % ((off_t)sound.n + 1);
    if (op == 't') {
        CHECK(ftruncate(fd, at) == 0);
        return;
    }
    size_t n = byte(in);
    if (n > (size_t)(in->end - in->p)) n = (size_t)(in->end - in->p);
    CHECK(pwrite(fd, in->p, n, at) == (ssize_t)n);
    in->p += n;
}

static void damage(struct input in)
{
    sqlite3 *db = NULL;
    unlink(journal);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    CHECK(fd >= 0 && write(fd, sound.p, sound.n) == (ssize_t)sound.n);
    CHECK(sqlite3_open(path, &db) == 0);
    sqlite3_exec(db, "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; PRAGMA ignore_check_constraints = ON; BEGIN", NULL, NULL, NULL);
    while (in.p < in.end && (*in.p == 'c' || *in.p == 'd' || *in.p == 'x')) cells(db, byte(&in), &in);
    sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
    sqlite3_close(db);
    rules("/*NN*/  ", " NOT NULL");
    while (in.p < in.end && (*in.p == 'b' || *in.p == 't')) bytes(fd, byte(&in), &in);
    close(fd);
}

/* ---- what is done with it ---- */

static int read_figures(sqlite3 *db)
{
    struct corpus *c;
    refrain_error err = {0};
    int rc = corpus_load(&c, db, NULL, &err);
    if (rc) {
        fuzz_check_error(rc, &err);
        return rc;
    }
    struct metrics m = {0};
    struct metrics_opts o = {.draws = 5, .seed = 1, .by = KEY_MODEL, .min_group = 1, .threads = 1};
    CHECK(corpus_metrics(&m, c, &o));
    struct buf b = {0};
    metrics_json(&b, &m);
    yyjson_doc *doc = yyjson_read(b.p, b.n, 0);
    CHECK(doc);
    yyjson_doc_free(doc);
    buf_free(&b);
    metrics_free(&m);
    corpus_free(c);
    return 0;
}

static int write_page(sqlite3 *db, const struct store_run *run)
{
    static const char begin[] = "<script type=\"application/json\" id=\"meta\">";
    const struct page_options o = {.details = 100, .detail_bytes = 1 << 20, .threads = 1, .draws = 5};
    char *z = NULL;
    size_t n = 0;
    struct sink out = {.f = open_memstream(&z, &n)};
    CHECK(out.f);
    int rc = page_write(&out, db, run, &o);
    fclose(out.f);
    str page = {z, n};
    size_t at = rc ? SIZE_MAX : str_find(page, STR(begin));
    if (!rc) {
        CHECK(at != SIZE_MAX);
        page = str_sub(page, at + sizeof begin - 1, page.n);
        yyjson_doc *doc = yyjson_read(page.p, str_find(page, STR("</script>")), 0);
        CHECK(doc);
        yyjson_doc_free(doc);
    }
    free(z);
    return rc;
}

static int read_store(bool page)
{
    sqlite3 *db;
    struct arena a;
    struct store_run run;
    refrain_error err = {0};
    int rc = store_open(&db, path, &err);
    if (rc) {
        fuzz_check_error(rc, &err);
        return rc;
    }
    arena_init(&a, 0);
    rc = store_run(&run, &a, db, &err);
    if (rc) fuzz_check_error(rc, &err);
    else rc = page ? write_page(db, &run) : read_figures(db);
    arena_free(&a);
    sqlite3_close(db);
    return rc;
}

static int go_on(void)
{
    struct options o;
    bool text = false;
    struct stored s = stored_of(&o, &text, true);
    struct door *d = open_door();
    int rc = stored_open(&s, NULL, 0);
    if (!rc && !s.finished) rc = stored_start(&s, NULL, fuzz_engine(), d);
    bool ran = !rc && !s.finished;
    if (ran) rc = put_records(&s, d, 100);
    int closed = stored_close(&s, ran && !rc);
    door_close(d);
    return rc ? rc : closed;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) return 0;
    if (!sound.p) make_sound();
    damage((struct input){data + 1, data + size});
    int rc = data[0] & 1 ? read_store(false) : 0;
    if (data[0] & 2) rc |= read_store(true);
    if (data[0] & 4) rc |= go_on();
    CHECK(size > 1 || !rc); /* without damage all of it works */
    unlink(path);
    unlink(journal);
    return 0;
}
