/* Options and inputs ↔ the run in a store: written when it begins, compared
 * when it goes on. Whatever differs then would make one file out of two runs,
 * so it is refused, with the one thing that differs. */
#include "cli/analyze_store.h"

#include <stdlib.h>
#include <time.h>
#include <yyjson.h>

/* ---- options as JSON, in the order of their tables ---- */

static char *options_json(const struct stored *s)
{
    yyjson_mut_doc *d = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *o = yyjson_mut_obj(d);
    yyjson_mut_doc_set_root(d, o);
    for (const struct opt_group *g = s->groups; g->title; g++)
        for (const struct opt *x = g->opt; x->name; x++) {
            const char *at = (const char *)s->options + g->at + x->at;
            bool number = x->kind == OPT_NUMBER || x->kind == OPT_SIZE;
            const char *z = number ? NULL : *(const char *const *)at;
            yyjson_mut_obj_add_val(d, o, x->name, number ? yyjson_mut_uint(d, *(const uint64_t *)at)
                                                  : z ? yyjson_mut_str(d, z) : yyjson_mut_null(d));
        }
    char *z = yyjson_mut_write(d, 0, NULL);
    yyjson_mut_doc_free(d);
    return z;
}

static char *arguments_json(const char *const *arg, size_t n)
{
    yyjson_mut_doc *d = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *list = yyjson_mut_arr(d);
    yyjson_mut_doc_set_root(d, list);
    for (size_t i = 0; i < n; i++) yyjson_mut_arr_add_strn(d, list, arg[i], strlen(arg[i]));
    char *z = yyjson_mut_write(d, YYJSON_WRITE_ALLOW_INVALID_UNICODE, NULL); /* a path is bytes */
    yyjson_mut_doc_free(d);
    return z;
}

/* ---- a resumed run: what it was given ---- */

static int damaged_option(const struct stored *s, const struct opt *x)
{
    return cli_error("%s: the run's option --%s is damaged; begin a new run", s->path, x->name);
}

static int option_back(struct stored *s, const struct opt_group *g, const struct opt *x, yyjson_val *was)
{
    char *at = (char *)s->options + g->at + x->at;
    const char *by_default = (const char *)s->defaults + g->at + x->at;
    if (!was) return 0; /* a refrain that did not have it yet: same_run says so */
    if (x->kind == OPT_NUMBER || x->kind == OPT_SIZE) {
        uint64_t v = yyjson_get_uint(was), *now = (uint64_t *)at;
        if (!yyjson_is_uint(was) || v < x->min || (x->max && v > x->max)) return damaged_option(s, x);
        if (*now != *(const uint64_t *)by_default && *now != v)
            return cli_error("%s: the run has --%s %llu, not %llu; leave it out, or begin a new run", s->path, x->name,
                             (unsigned long long)v, (unsigned long long)*now);
        *now = v;
        return 0;
    }
    const char *v = yyjson_get_str(was), **now = (const char **)at;
    if (!v && !yyjson_is_null(was)) return damaged_option(s, x);
    if (*now && (!v || strcmp(*now, v)))
        return cli_error("%s: the run has %s%s%s, not '%s'; leave it out, or begin a new run", s->path, v ? "--" : "no --",
                         x->name, v ? arena_printf(&s->a, " '%s'", v) : "", *now);
    *now = v ? arena_str(&s->a, str_of(v)).p : NULL;
    return 0;
}

static int options_back(struct stored *s)
{
    yyjson_doc *d = yyjson_read(s->run.options, strlen(s->run.options), 0);
    int rc = d ? 0 : cli_error("%s: the run's options are damaged", s->path);
    for (const struct opt_group *g = s->groups; g->title && !rc; g++)
        for (const struct opt *x = g->opt; x->name && !rc; x++)
            rc = option_back(s, g, x, yyjson_obj_get(yyjson_doc_get_root(d), x->name));
    yyjson_doc_free(d);
    if (!rc && !s->engine->as_of) rc = cli_error("%s: the run's options name no day (as-of); begin a new run", s->path);
    if (!rc && *s->text && !s->run.store_text)
        rc = cli_error("%s: the run keeps no text; leave --store-text out, or begin a new run", s->path);
    *s->text = s->run.store_text != 0;
    return rc;
}

static bool reads_stdin(const char *const *arg, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(arg[i], "-")) return true;
    return false;
}

static int arguments_back(struct stored *s, const char *const *arg, size_t n_arg)
{
    yyjson_doc *d = yyjson_read(s->run.arguments, strlen(s->run.arguments), YYJSON_READ_ALLOW_INVALID_UNICODE);
    yyjson_val *list = yyjson_doc_get_root(d);
    size_t n = yyjson_arr_size(list);
    const char **was = arena_array(&s->a, const char *, n + 1);
    for (size_t i = 0; i < n; i++) was[i] = arena_str(&s->a, str_of(yyjson_get_str(yyjson_arr_get(list, i)))).p;
    yyjson_doc_free(d);
    s->arg = was;
    s->n_arg = n;
    if (n_arg == 0 && reads_stdin(was, n))
        return cli_error("%s: the run read standard input; give the same bytes again: … | refrain analyze --resume %s -",
                         s->path, s->path);
    bool same = n_arg == n;
    for (size_t i = 0; i < n && same; i++) same = !strcmp(arg[i], was[i]);
    return n_arg == 0 || same ? 0
                              : cli_error("%s: the run reads other files than those given; leave them out, or begin a new run",
                                          s->path);
}

static str column(sqlite3_stmt *q, int i)
{
    return (str){(const char *)sqlite3_column_text(q, i), (size_t)sqlite3_column_bytes(q, i)};
}

/* A damaged store must not look as if it held less. */
static int read_all(const struct stored *s, sqlite3 *db, sqlite3_stmt *q, int rc)
{
    sqlite3_finalize(q);
    return rc == SQLITE_DONE ? 0 : cli_error("%s: %s", s->path, rc == SQLITE_ROW ? "a row is damaged" : sqlite3_errmsg(db));
}

static int had_gates(struct stored *s, sqlite3 *db)
{
    sqlite3_stmt *q = NULL;
    int rc = sqlite3_prepare_v2(db,
                       "SELECT c.cid, i.path, c.record, c.id - 1, g.turn, coalesce(g.episode, -1), g.id, "
                       "g.status = 'suspected' FROM gate g JOIN conversation c ON c.id = g.conversation "
                       "JOIN input i ON i.id = c.input ORDER BY g.conversation, g.i",
                       -1, &q, NULL);
    while (!rc && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(q, 6);
        int gate = store_gate(name);
        if (!gate) {
            rc = cli_error("%s: gate '%.80s' is none of G1 to G12; the store is damaged", s->path, name ? name : "");
            return sqlite3_finalize(q), rc;
        }
        rc = 0;
        const struct ci_finding f = {.id = column(q, 0),
                                     .path = column(q, 1),
                                     .record = (uint64_t)sqlite3_column_int64(q, 2),
                                     .order = (uint64_t)sqlite3_column_int64(q, 3),
                                     .turn = sqlite3_column_int(q, 4),
                                     .episode = sqlite3_column_int(q, 5),
                                     .gate = (uint8_t)gate,
                                     .status = sqlite3_column_int(q, 7) ? GATE_SUSPECTED : GATE_CONFIRMED};
        s->had_gate(s->ctx, &f);
    }
    return read_all(s, db, q, rc);
}

static int had_conversations(struct stored *s, sqlite3 *db)
{
    sqlite3_stmt *q = NULL;
    int rc = sqlite3_prepare_v2(db, "SELECT cid FROM conversation ORDER BY id", -1, &q, NULL);
    while (!rc && (rc = sqlite3_step(q)) == SQLITE_ROW) {
        rc = 0;
        s->had_conversation(s->ctx, column(q, 0));
    }
    return read_all(s, db, q, rc);
}

static const char *today(char out[static 16])
{
    time_t now = time(NULL);
    struct tm t;
    strftime(out, 16, "%Y-%m-%d", gmtime_r(&now, &t));
    return out;
}

int stored_open(struct stored *s, const char *const *arg, size_t n_arg)
{
    arena_init(&s->a, 0);
    if (!s->resume) {
        s->arg = arg;
        s->n_arg = n_arg;
        if (!s->engine->as_of) s->engine->as_of = today(s->as_of); /* to be the same after midnight */
        return 0;
    }
    sqlite3 *db;
    refrain_error err = {0};
    if (store_open(&db, s->path, &err)) return cli_error_of(&err);
    int rc = store_run(&s->run, &s->a, db, &err) ? cli_error_of(&err) : 0;
    if (!rc) {
        s->finished = s->run.finished != NULL;
        rc = options_back(s);
    }
    if (!rc) rc = arguments_back(s, arg, n_arg);
    if (!rc) rc = had_gates(s, db);
    if (!rc && !s->finished) rc = had_conversations(s, db);
    sqlite3_close(db);
    return rc;
}

/* ---- start ---- */

static int run_now(struct store_run *r, struct stored *s, const refrain_engine *e)
{
    char *options = options_json(s), *arguments = arguments_json(s->arg, s->n_arg);
    if (options && arguments)
        *r = (struct store_run){.refrain_version = REFRAIN_VERSION,
                                .schema_version = REFRAIN_SCHEMA_VERSION,
                                .pack_version = e->pack->version,
                                .pack_hash = arena_printf(&s->a, "%016llx", (unsigned long long)e->pack->content_hash),
                                .model_hash = arena_printf(&s->a, "%016llx", (unsigned long long)e->pack->model_hash),
                                .directory_version = directory_version(e->dir),
                                .as_of = s->engine->as_of,
                                .options = arena_str(&s->a, str_of(options)).p,
                                .arguments = arena_str(&s->a, str_of(arguments)).p,
                                .store_text = *s->text};
    int rc = options && arguments ? 0 : cli_error("an option or path is not UTF-8; a store cannot note it");
    free(options);
    free(arguments);
    return rc;
}

static int begin_new(struct stored *s, const refrain_engine *e, struct door *door)
{
    struct store_run run;
    refrain_error err = {0};
    size_t n = 0;
    int64_t bytes;
    int rc = run_now(&run, s, e);
    if (rc) return rc;
    while (door_file(door, n, &bytes)) n++;
    struct store_input *in = arena_array(&s->a, struct store_input, n + 1);
    for (size_t i = 0; i < n; i++) in[i].path = door_file(door, i, &in[i].bytes);
    return store_create(&s->store, s->path, &run, e->pack, in, n, &err) ? cli_error_of(&err) : 0;
}

static int same_run(struct stored *s, const refrain_engine *e)
{
    struct store_run run;
    struct buf why = {0};
    int rc = run_now(&run, s, e);
    if (!rc && store_differences(&why, &s->run, &run))
        rc = cli_error("%s: the run cannot go on, for this is another %.*s; begin a new run", s->path,
                       (int)strcspn(why.p, "\n"), why.p);
    buf_free(&why);
    return rc;
}

static int other_input(const struct stored *s, const char *path, const char *what)
{
    return cli_error("%s: the run cannot go on: %s %s; begin a new run", s->path, path, what);
}

static int same_file(const struct stored *s, const struct door *door, size_t i, const char *path, int64_t bytes)
{
    int64_t now;
    const char *given = door_file(door, i, &now);
    if (!given || strcmp(given, path))
        return other_input(s, given ? given : path, given ? "was not there before" : "is no longer there");
    return now == bytes ? 0 : other_input(s, path, "has another size than before");
}

/* Reads on over `records` of the file, whose bytes must be those that were read. */
static int pass_over(const struct stored *s, struct door *door, size_t file, const char *path, int64_t records, const char *hex)
{
    struct buf bytes = {0};
    struct record r;
    uint64_t hash = 0;
    bool same = true;
    for (int64_t k = 0; k < records && same; k++) {
        same = door_next(door, &r, &bytes) && r.file == file;
        if (same) hash = store_chain(hash, record_hash(&r));
    }
    buf_free(&bytes);
    same = same && (records == 0 || hash == strtoull(hex ? hex : "", NULL, 16));
    return same ? 0 : other_input(s, path, "holds other records than before");
}

/* Each file to where its records were read. */
static int pass_files(const struct stored *s, sqlite3 *db, struct door *door)
{
    sqlite3_stmt *q = NULL;
    size_t n = 0;
    int64_t bytes;
    int rc = 0, row = sqlite3_prepare_v2(db, "SELECT path, coalesce(bytes, -1), records, hash FROM input ORDER BY id", -1, &q, NULL);
    for (; !rc && !row && (row = sqlite3_step(q)) == SQLITE_ROW; n++) {
        const char *path = (const char *)sqlite3_column_text(q, 0);
        if (!path) break;
        row = 0;
        rc = same_file(s, door, n, path, sqlite3_column_int64(q, 1));
        if (!rc) rc = pass_over(s, door, n, path, sqlite3_column_int64(q, 2), (const char *)sqlite3_column_text(q, 3));
    }
    if (rc) return sqlite3_finalize(q), rc;
    if ((rc = read_all(s, db, q, row))) return rc;
    const char *more = door_file(door, n, &bytes);
    return more ? other_input(s, more, "was not there before") : 0;
}

static int tell_rejects(const struct stored *s, sqlite3 *db, struct batch_state *batch)
{
    sqlite3_stmt *q = NULL;
    int rc = 0, row = sqlite3_prepare_v2(db, "SELECT path, record, offset, reason FROM reject r JOIN input i ON i.id = r.input ORDER BY r.id",
                                         -1, &q, NULL);
    while (!rc && !row && (row = sqlite3_step(q)) == SQLITE_ROW) {
        const char *path = (const char *)sqlite3_column_text(q, 0), *reason = (const char *)sqlite3_column_text(q, 3);
        if (!path || !reason) break;
        row = 0;
        rc = batch_reject(batch, path, (uint64_t)sqlite3_column_int64(q, 1), (uint64_t)sqlite3_column_int64(q, 2), reason);
    }
    if (rc) return sqlite3_finalize(q), rc;
    return read_all(s, db, q, row);
}

int stored_start(struct stored *s, struct batch_state *batch, const refrain_engine *engine, struct door *door)
{
    refrain_error err = {0};
    if (!s->resume) return begin_new(s, engine, door);
    int rc = same_run(s, engine);
    if (!rc && store_resume(&s->store, s->path, &err)) rc = cli_error_of(&err);
    if (!rc) rc = pass_files(s, store_db(s->store), door);
    return rc ? rc : tell_rejects(s, store_db(s->store), batch);
}

/* ---- the run ---- */

int stored_put(struct stored *s, str rows, bool repeated)
{
    refrain_error err = {0};
    return store_put(s->store, rows, repeated, &err) ? cli_error_of(&err) : 0;
}

int stored_done(struct stored *s, const struct pool_item *item)
{
    const struct record *r = &item->rec;
    refrain_error err = {0};
    int rc = item->status ? store_put_reject(s->store, r->file, r->number, r->offset, item->reason, &err) : 0;
    if (!rc) rc = store_record(s->store, r->file, item->hash, &err);
    return rc ? cli_error_of(&err) : 0;
}

int stored_close(struct stored *s, bool finished)
{
    refrain_error err = {0};
    int rc = store_close(s->store, finished, &err) ? cli_error_of(&err) : 0;
    s->store = NULL;
    arena_free(&s->a);
    return rc;
}
