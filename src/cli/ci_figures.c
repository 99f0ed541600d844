/* See ci_figures.h. */
#include "cli/ci_figures.h"

#include <math.h>
#include <stdlib.h>

int figures_open(struct ci_figures *f, const char *store, const struct corpus_filter *filter, unsigned threads, bool figures)
{
    f->store = store;
    f->filter = filter;
    f->threads = threads;
    int rc = run_open(&f->now, store, store, filter);
    if (rc || !figures) return rc;
    struct metrics_opts o = METRICS_OPTS_DEFAULT;
    o.threads = threads;
    if (!corpus_metrics(&f->m, f->now.corpus, &o)) return cli_error("out of memory");
    f->has = true;
    return 0;
}

void figures_close(struct ci_figures *f)
{
    for (size_t i = 0; i < f->n_base; i++) {
        if (!f->base[i].given) changes_free(&f->base[i].changes);
        buf_free(&f->base[i].why);
    }
    if (f->has) metrics_free(&f->m);
    run_close(&f->now);
}

const struct changes *baseline_changes(const struct baseline *b) { return b->given ? b->given : &b->changes; }

/* Pairing trims both corpora, so both are read anew. */
static int compare_with(struct baseline *b, const struct ci_figures *f)
{
    struct run then = {0}, now = {0};
    struct changes_opts o = CHANGES_OPTS_DEFAULT;
    o.threads = f->threads;
    int rc = run_open(&then, b->name, b->name, NULL);
    if (!rc) rc = run_open(&now, f->store, f->now.name, f->filter);
    if (!rc) store_differences(&b->why, &then.about, &now.about);
    if (!rc && !changes_of(&b->changes, then.corpus, now.corpus, &o)) rc = cli_error("out of memory");
    run_close(&then);
    run_close(&now);
    return rc;
}

const struct baseline *figures_against(struct ci_figures *f, const char *name)
{
    for (size_t i = 0; i < f->n_base; i++)
        if (!strcmp(f->base[i].name, name)) return &f->base[i];
    if (f->n_base == BASELINES) return cli_error("--fail-on: more than %d baselines", BASELINES), NULL;
    struct baseline *b = &f->base[f->n_base];
    *b = (struct baseline){.name = name};
    if (compare_with(b, f)) return NULL;
    f->n_base++;
    return b;
}

/* ---- who ---- */

struct strongest { double effect; size_t conv; };

static void put(struct strongest *top, size_t k, struct strongest x)
{
    size_t at = k;
    if (!(x.effect > 1e-12)) return;
    while (at > 0 && top[at - 1].effect < x.effect) at--;
    if (at == k) return;
    memmove(&top[at + 1], &top[at], (k - at - 1) * sizeof *top);
    top[at] = x;
}

static void leave_out(struct strongest *top, size_t k, const struct contributions *x, size_t metric, int direction,
                      double *cells, double *value)
{
    for (size_t e = 0; e < x->at[x->n_conv]; e++) cells[x->p[e].cell] += x->p[e].amount;
    metrics_of_cells(value, cells);
    double whole = value[metric];
    for (size_t i = 0; i < x->n_conv; i++) {
        if (x->at[i] == x->at[i + 1]) continue;
        for (size_t e = x->at[i]; e < x->at[i + 1]; e++) cells[x->p[e].cell] -= x->p[e].amount;
        metrics_of_cells(value, cells);
        put(top, k, (struct strongest){direction * (whole - value[metric]), i});
        for (size_t e = x->at[i]; e < x->at[i + 1]; e++) cells[x->p[e].cell] += x->p[e].amount;
    }
}

size_t figures_who(str *id, size_t k, const struct ci_figures *f, const char *metric, int direction)
{
    struct contributions x;
    struct strongest *top = calloc(k + 1, sizeof *top);
    size_t n = 0, s = 0;
    while (s < metric_count() && strcmp(metric_at(s)->id, metric)) s++;
    if (top && s < metric_count() && corpus_contribute(&x, f->now.corpus)) {
        double *cells = calloc(x.n_cell + metric_count() + 1, sizeof *cells);
        if (cells) leave_out(top, k, &x, s, direction, cells, cells + x.n_cell);
        for (; cells && n < k && top[n].effect > 0; n++) id[n] = str_of(f->now.corpus->conv.p[top[n].conv].id);
        free(cells);
        contributions_free(&x);
    }
    free(top);
    return n;
}

/* ---- a page's figures ---- */

static const char *const usual[] = {
    "refusal_rate", "over_refusal",  "under_response", "gate.critical", "gate.major",     "bare_at_risk", "blame_at_risk",
    "rcr",          "referral.recall", "reencounter",  "recovery",      "phase.P1.user", "phase.P2.user",
    "phase.P3.user", "phase.P4.user", "phase.P5.user"};

static bool shown_before(const struct ci_figure *all, size_t n, const char *id)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(all[i].id, id)) return true;
    return false;
}

static void page_add(struct ci_figure *all, size_t *n, const struct ci_figures *f, const char *id, bool undefined_too)
{
    const struct metric *m = metrics_get(&f->m, id, "");
    if (!m || (isnan(m->value) && !undefined_too) || shown_before(all, *n, id)) return;
    struct ci_figure *x = &all[(*n)++];
    *x = (struct ci_figure){.id = m->id, .name = m->def->label, .unit = m->unit, .value = m->value, .lo = m->lo, .hi = m->hi, .n = m->n, .p = NAN};
    const struct change *c = f->n_base ? changes_get(baseline_changes(&f->base[0]), id) : NULL;
    if (!c || isnan(c->d.diff)) return;
    x->has_base = true;
    x->base = c->d.a, x->diff = c->d.diff, x->diff_lo = c->d.lo, x->diff_hi = c->d.hi, x->p = c->p_corrected;
    x->change = c->verdict == CHANGE_WORSE ? -1 : c->verdict == CHANGE_BETTER ? 1 : 0;
}

struct ci_figure *figures_page(size_t *n, const struct ci_figures *f, const char *const *asked, size_t n_asked, struct arena *a)
{
    struct ci_figure *all = arena_array(a, struct ci_figure, metric_count() + 1);
    *n = 0;
    if (!all) return NULL;
    for (size_t i = 0; i < n_asked; i++) page_add(all, n, f, asked[i], true);
    const struct changes *c = f->n_base ? baseline_changes(&f->base[0]) : NULL;
    for (size_t i = 0; c && i < c->n; i++)
        if (c->p[i].verdict == CHANGE_WORSE || c->p[i].verdict == CHANGE_BETTER) page_add(all, n, f, c->p[i].def->id, false);
    for (size_t i = 0; i < ARRAY_LEN(usual); i++) page_add(all, n, f, usual[i], false);
    return all;
}
