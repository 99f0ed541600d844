/* The corpus figures (stats/corpus.h) of the whole run and of its groups, as
 * JSON for the page. A thread of its own with a connection of its own: it reads
 * the same tables as the page and takes as long. */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "cli/page.h"
#include "stats/corpus.h"

/* More groups than that are no picture, and every one is drawn 2,000 times. */
enum { MOST_GROUPS = 40 };
/* Over so many conversations 500 draws tell a group's interval as well as 2,000
 * to the digit that is shown, and the page is there in time. */
enum { LARGE = 20000, FEWER_DRAWS = 500 };
/* `sql` counts the groups: most keys of most runs have one, and asking the
 * corpus would sort every conversation for each. */
static const struct key { enum corpus_key key; const char *sql; } keys[] = {
    {KEY_MODEL, "SELECT count(DISTINCT coalesce(model, '')) FROM conversation"},
    {KEY_LOCALE, "SELECT count(DISTINCT coalesce(locale, '')) FROM conversation"},
    {KEY_LANGUAGE, "SELECT count(DISTINCT coalesce(language, '')) FROM conversation"},
    {KEY_COUNTRY, "SELECT count(DISTINCT coalesce(country, '')) FROM conversation"},
    {KEY_POPULATION, "SELECT 1 + count(DISTINCT name) FROM population"},
};

struct page_figures {
    pthread_t thread;
    bool running;
    const char *path;
    unsigned threads;
    uint32_t draws; /* 0: as ever */
    struct buf json;
    refrain_error err;
};

/* ---- JSON ---- */

static void real(struct buf *b, const char *name, double v)
{
    if (isfinite(v)) buf_printf(b, ",\"%s\":%.6g", name, v);
    else buf_printf(b, ",\"%s\":null", name);
}

static void words(struct buf *b, const char *name, const char *value)
{
    buf_printf(b, ",\"%s\":", name);
    buf_json(b, str_of(value ? value : ""));
}

static void figure(struct buf *b, const struct metric *m, bool whole)
{
    buf_puts(b, "{\"id\":");
    buf_json(b, str_of(m->id));
    real(b, "value", m->value);
    real(b, "lo", m->lo);
    real(b, "hi", m->hi);
    buf_printf(b, ",\"n\":%llu", (unsigned long long)m->n);
    if (whole) {
        buf_printf(b, ",\"better\":%d,\"censored\":%llu", m->better, (unsigned long long)m->censored);
        words(b, "name", m->def->label);
        words(b, "family", m->def->family);
        words(b, "unit", m->unit);
        words(b, "about", m->def->text);
        words(b, "of", m->def->of);
        words(b, "reason", m->reason);
    }
    buf_putc(b, '}');
}

static void figures_of(struct buf *b, const struct metrics *m, const char *group, bool whole)
{
    bool first = true;
    buf_putc(b, '[');
    for (size_t i = 0; i < m->n; i++) {
        if (strcmp(m->m[i].group, group)) continue;
        if (!first) buf_putc(b, ',');
        figure(b, &m->m[i], whole);
        first = false;
    }
    buf_putc(b, ']');
}

static void group(struct buf *b, struct corpus *c, const struct metrics *m, enum corpus_key by, const char *name)
{
    uint64_t conversations = 0, episodes = 0;
    for (size_t i = 0; i < c->conv.n; i++) {
        if (!corpus_in(c, i, by, name)) continue;
        conversations++;
        episodes += c->conv.p[i].episode1 - c->conv.p[i].episode0;
    }
    buf_puts(b, "{\"name\":");
    buf_json(b, str_of(name));
    buf_printf(b, ",\"conversations\":%llu,\"episodes\":%llu,\"metrics\":", (unsigned long long)conversations, (unsigned long long)episodes);
    figures_of(b, m, name, false);
    buf_putc(b, '}');
}

/* ---- the run, then each key that divides it ---- */

static bool divides(sqlite3 *db, const struct key *k)
{
    sqlite3_stmt *q = NULL;
    bool yes = !sqlite3_prepare_v2(db, k->sql, -1, &q, NULL) && sqlite3_step(q) == SQLITE_ROW && sqlite3_column_int64(q, 0) > 1;
    sqlite3_finalize(q);
    return yes;
}

static bool one_key(struct page_figures *f, struct corpus *c, enum corpus_key by, bool first)
{
    const char *const *name = NULL;
    size_t n = corpus_groups(&name, c, by);
    struct metrics_opts o = METRICS_OPTS_DEFAULT;
    struct metrics m = {0};
    if (n < 2) return true;
    o.by = by;
    o.threads = f->threads;
    if (c->conv.n > LARGE) o.draws = FEWER_DRAWS;
    if (f->draws) o.draws = f->draws;
    buf_printf(&f->json, "%s{\"by\":\"%s\",\"n\":%zu,\"draws\":%u,\"groups\":[", first ? "" : ",", corpus_key_names[by], n, o.draws);
    bool ok = n > MOST_GROUPS || corpus_metrics(&m, c, &o);
    for (size_t i = 0; ok && n <= MOST_GROUPS && i < n; i++) {
        if (i) buf_putc(&f->json, ',');
        group(&f->json, c, &m, by, name[i]);
    }
    buf_puts(&f->json, "]}");
    metrics_free(&m);
    return ok;
}

static bool all(struct page_figures *f, struct corpus *c, sqlite3 *db)
{
    struct metrics_opts o = METRICS_OPTS_DEFAULT;
    struct metrics m = {0};
    o.threads = f->threads;
    if (f->draws) o.draws = f->draws;
    bool ok = corpus_metrics(&m, c, &o);
    buf_puts(&f->json, ",\"metrics\":");
    figures_of(&f->json, &m, "", true);
    buf_printf(&f->json, ",\"draws\":%u,\"groups\":[", o.draws);
    metrics_free(&m);
    size_t at = f->json.n;
    for (size_t k = 0; ok && k < ARRAY_LEN(keys); k++)
        if (divides(db, &keys[k])) ok = one_key(f, c, keys[k].key, f->json.n == at);
    buf_putc(&f->json, ']');
    return ok;
}

static void *work(void *figures)
{
    struct page_figures *f = figures;
    struct corpus *c = NULL;
    sqlite3 *db = NULL;
    if (!store_open(&db, f->path, &f->err) && !corpus_load(&c, db, NULL, &f->err) && !all(f, c, db))
        err_set(&f->err, REFRAIN_E_NOMEM, "out of memory");
    corpus_free(c);
    sqlite3_close(db);
    return NULL;
}

struct page_figures *page_figures_begin(const struct page *p)
{
    struct page_figures *f = calloc(1, sizeof *f);
    if (!f) return NULL;
    f->path = sqlite3_db_filename(p->db, "main");
    f->threads = p->o->threads;
    f->draws = p->o->draws;
    f->running = pthread_create(&f->thread, NULL, work, f) == 0;
    if (!f->running) work(f);
    return f;
}

void page_figures_end(struct page_figures *f, struct buf *b, refrain_error *err)
{
    if (!f) {
        err_set(err, REFRAIN_E_NOMEM, "out of memory");
        return;
    }
    if (f->running) pthread_join(f->thread, NULL);
    if (f->err.status) *err = f->err;
    if (b) {
        buf_put(b, f->json.p, f->json.n);
        b->oom |= f->json.oom;
    }
    buf_free(&f->json);
    free(f);
}
