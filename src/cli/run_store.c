/* See run_store.h. */
#include "cli/run_store.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "score/rank.h"

/* Is the file a SQLite database? What is wrong with one is for run_open to say. A pipe's bytes can be read once only,
 * and that is by the door. */
static bool is_store(const char *path)
{
    static const char magic[] = "SQLite format 3";
    char head[sizeof magic] = "";
    struct stat st;
    FILE *f = stat(path, &st) == 0 && S_ISREG(st.st_mode) ? fopen(path, "rb") : NULL;
    if (!f) return false;
    size_t n = fread(head, 1, sizeof head, f);
    fclose(f);
    return n == sizeof head && memcmp(head, magic, sizeof magic) == 0;
}

/* ---- a store of its own ---- */

/* A name in TMPDIR that nobody has; malloc'd. NULL after a line. */
static char *temp_name(void)
{
    const char *dir = getenv("TMPDIR");
    struct buf b = {0};
    buf_printf(&b, "%s/refrain-XXXXXX", dir && *dir ? dir : "/tmp");
    buf_putc(&b, 0);
    if (b.oom || !mkdtemp(b.p)) {
        cli_error("%s: %s", b.oom ? "temporary folder" : b.p, b.oom ? "out of memory" : strerror(errno));
        buf_free(&b);
        return NULL;
    }
    b.n--;
    buf_puts(&b, "/run.sqlite"); /* in a folder that only we can read: ids and contacts stand in it */
    buf_putc(&b, 0);
    return b.p;
}

void run_forget(char *store, bool made)
{
    if (store && made) {
        static const char *const beside[] = {"", "-journal", "-wal", "-shm"};
        struct buf b = {0};
        for (size_t i = 0; i < ARRAY_LEN(beside); i++) {
            buf_clear(&b);
            buf_printf(&b, "%s%s", store, beside[i]);
            buf_putc(&b, 0);
            if (!b.oom) unlink(b.p);
        }
        *strrchr(store, '/') = 0;
        rmdir(store);
        buf_free(&b);
    }
    free(store);
}

static const struct opt_group side_groups[] = {
    {"Analysis", engine_opts, offsetof(struct side_store, o.engine)},
    {"Input", input_opts, offsetof(struct side_store, o.input)},
    {0},
};
static const struct side_store side_defaults = {.o = {ENGINE_ARGS_DEFAULT, INPUT_ARGS_DEFAULT}};

int side_open(struct side_store *s, struct engine_args *engine, const struct input_args *input, const char *const *arg, size_t n_arg)
{
    *s = (struct side_store){.path = temp_name(), .o = {*engine, *input}};
    if (!s->path) return FAILED;
    s->stored = (struct stored){.path = s->path, .text = &s->text, .groups = side_groups, .options = s,
                                .defaults = &side_defaults, .engine = &s->o.engine};
    int rc = stored_open(&s->stored, arg, n_arg);
    engine->as_of = s->o.engine.as_of;
    return rc;
}

int side_close(struct side_store *s, bool finished) { return s->stored.store ? stored_close(&s->stored, finished) : 0; }

void side_forget(struct side_store *s)
{
    run_forget(s->path, true);
    s->path = NULL;
}

/* ---- files → a store, and nothing else ---- */

static void format_rows(void *ctx, unsigned worker, const struct walk *w, struct pool_item *item)
{
    (void)ctx, (void)worker;
    store_rows(&item->out, w, item->rec.file, false);
}

static int put_rows(void *ctx, const struct pool_item *item)
{
    struct side_store *s = ctx;
    size_t begin = 0;
    for (size_t i = 0; i < item->n_mark; i++) {
        int rc = stored_put(&s->stored, str_sub((str){item->out.p, item->out.n}, begin, item->mark[i].end), false);
        if (rc) return rc;
        begin = item->mark[i].end;
    }
    return stored_done(&s->stored, item);
}

static int start_rows(void *ctx, struct batch_state *batch, const refrain_engine *engine, struct door *door)
{
    struct side_store *s = ctx;
    return stored_start(&s->stored, batch, engine, door);
}

static int analyse(char **store, const char *path, const struct run_source *from)
{
    struct side_store s;
    struct batch b = {.engine = from->engine, .input = from->input, .threads = from->threads, .quiet = from->quiet, .ctx = &s,
                      .walk = format_rows, .write = put_rows, .start = start_rows, .hash = true};
    const char *as_of = from->engine->as_of;
    int rc = side_open(&s, from->engine, from->input, &path, 1);
    if (!rc) rc = batch_run(&b, &path, 1);
    from->engine->as_of = as_of; /* what side_open set dies with it */
    bool whole = rc == DONE || rc == SOME_REJECTED;
    int closed = side_close(&s, whole);
    *store = s.path;
    return whole && closed ? closed : rc;
}

int run_store_of(char **store, bool *made, const char *path, const struct run_source *from)
{
    *made = !is_store(path);
    if (*made) return analyse(store, path, from);
    *store = strdup(path);
    return *store ? 0 : cli_error("out of memory");
}

/* ---- reading ---- */

int run_open(struct run *r, const char *store, const char *name, const struct corpus_filter *filter)
{
    refrain_error err = {0};
    *r = (struct run){.name = name};
    arena_init(&r->a, 0);
    if (store_open(&r->db, store, &err)) return cli_error_of(&err);
    if (store_run(&r->about, &r->a, r->db, &err) || corpus_load(&r->corpus, r->db, filter, &err)) return cli_error_of(&err);
    return 0;
}

void run_close(struct run *r)
{
    corpus_free(r->corpus);
    sqlite3_close(r->db);
    arena_free(&r->a);
}

static int by_turn(const void *x, const void *y)
{
    const struct ci_finding *a = x, *b = y;
    if (a->turn != b->turn) return a->turn < b->turn ? -1 : 1;
    return a->gate < b->gate ? -1 : a->gate > b->gate;
}

struct ci_finding *run_findings(size_t *n, const struct corpus *c)
{
    struct ci_finding *all = malloc((c->gate.n + 1) * sizeof *all);
    *n = 0;
    for (size_t i = 0; all && i < c->conv.n; i++) {
        const struct corpus_conv *v = &c->conv.p[i];
        struct ci_finding *first = all + *n;
        for (size_t k = v->gate0; k < v->gate1; k++) {
            const struct corpus_gate *g = &c->gate.p[k];
            all[(*n)++] = (struct ci_finding){.id = str_of(v->id), .path = str_of(v->path), .record = v->record, .order = i,
                                              .turn = g->turn, .episode = g->episode, .gate = g->id, .status = g->status};
        }
        qsort(first, v->gate1 - v->gate0, sizeof *first, by_turn);
    }
    return all;
}

uint64_t run_rank(const struct corpus *c, size_t conv)
{
    const struct corpus_conv *v = &c->conv.p[conv];
    struct rank r = RANK_NONE;
    for (size_t k = v->gate0; k < v->gate1; k++) rank_gate(&r, c->gate.p[k].id, c->gate.p[k].status);
    for (size_t k = v->episode0; k < v->episode1; k++) {
        const struct corpus_episode *e = &c->episode.p[k];
        rank_decision(&r, e->decision);
        for (int p = 0; p < 5; p++)
            for (int h = 0; h < N_SH; h++) rank_score(&r, p + 1, (float)e->phase[p][h]);
    }
    return rank_value(&r);
}
