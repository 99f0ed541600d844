/* See changes.h: units and pairs, sums by unit, tests, order. */
#include "stats/changes.h"

#include <math.h>
#include <stdlib.h>

const char *const change_verdict_names[N_CHANGE] = {"worse", "moved", "better", "untold", "undefined"};
const char *const changes_correction_names[N_CORRECT] = {"holm", "bh", "none"};

/* ---- units ---- */

struct unit { const char *key; uint32_t conv, number; };
struct units {
    struct unit *u;      /* one a conversation, by key */
    size_t n, n_unit;
};

static const char *key_of(const struct corpus_conv *c)
{
    return c->regeneration_group && *c->regeneration_group ? c->regeneration_group : c->id;
}

static int by_key(const void *x, const void *y)
{
    const struct unit *a = x, *b = y;
    int c = strcmp(a->key, b->key);
    return c ? c : a->conv < b->conv ? -1 : a->conv > b->conv;
}

static bool units_of(struct units *out, const struct corpus *c)
{
    *out = (struct units){malloc((c->conv.n + 1) * sizeof *out->u), c->conv.n, 0};
    if (!out->u) return false;
    for (size_t i = 0; i < c->conv.n; i++) out->u[i] = (struct unit){key_of(&c->conv.p[i]), (uint32_t)i, 0};
    qsort(out->u, out->n, sizeof *out->u, by_key);
    for (size_t i = 0; i < out->n; i++) {
        out->n_unit += i == 0 || strcmp(out->u[i - 1].key, out->u[i].key) != 0;
        out->u[i].number = (uint32_t)out->n_unit - 1;
    }
    return true;
}

static size_t unit_end(const struct units *x, size_t i)
{
    size_t end = i + 1;
    while (end < x->n && x->u[end].number == x->u[i].number) end++;
    return end;
}

/* Keeps in both the units that both have, with the same numbers; returns how many. With dry, only counts. */
static uint32_t intersect(struct units *a, struct units *b, bool dry)
{
    size_t i = 0, k = 0, n_a = 0, n_b = 0;
    uint32_t pairs = 0;
    while (i < a->n && k < b->n) {
        size_t end_i = unit_end(a, i), end_k = unit_end(b, k);
        int c = strcmp(a->u[i].key, b->u[k].key);
        if (c == 0) {
            for (; !dry && i < end_i; i++) a->u[n_a] = a->u[i], a->u[n_a++].number = pairs;
            for (; !dry && k < end_k; k++) b->u[n_b] = b->u[k], b->u[n_b++].number = pairs;
            pairs++;
        }
        if (c <= 0) i = end_i;
        if (c >= 0) k = end_k;
    }
    if (!dry) a->n = n_a, b->n = n_b, a->n_unit = b->n_unit = pairs;
    return pairs;
}

/* The corpus keeps the conversations of the units; a unit's conv becomes its new place. */
static int by_conv(const void *x, const void *y)
{
    const struct unit *a = x, *b = y;
    return a->conv < b->conv ? -1 : a->conv > b->conv;
}

static void keep(struct corpus *c, struct units *x)
{
    qsort(x->u, x->n, sizeof *x->u, by_conv);
    for (size_t i = 0; i < x->n; i++) {
        c->conv.p[i] = c->conv.p[x->u[i].conv];
        x->u[i].conv = (uint32_t)i;
    }
    c->conv.n = x->n;
}

/* ---- sums by unit ---- */

struct sums {
    struct stats_part *part;
    uint32_t *first;
    struct stats_clusters c;
    size_t n_cell;
};

static void sums_free(struct sums *s)
{
    free(s->part);
    free(s->first);
}

static int by_number(const void *x, const void *y)
{
    const struct unit *a = x, *b = y;
    if (a->number != b->number) return a->number < b->number ? -1 : 1;
    return a->conv < b->conv ? -1 : a->conv > b->conv;
}

static bool sums_of(struct sums *s, const struct corpus *c, struct units *x)
{
    struct contributions con;
    *s = (struct sums){0};
    if (!corpus_contribute(&con, c)) return false;
    s->part = malloc((con.at[con.n_conv] + 1) * sizeof *s->part);
    s->first = malloc((x->n_unit + 2) * sizeof *s->first);
    bool ok = s->part && s->first;
    qsort(x->u, x->n, sizeof *x->u, by_number);
    uint32_t n = 0;
    for (size_t i = 0; ok && i < x->n; i++) {
        if (i == 0 || x->u[i].number != x->u[i - 1].number) s->first[x->u[i].number] = n;
        for (size_t k = con.at[x->u[i].conv]; k < con.at[x->u[i].conv + 1]; k++)
            s->part[n++] = (struct stats_part){con.p[k].cell, con.p[k].amount};
    }
    if (ok) {
        s->first[x->n_unit] = n;
        s->c = (struct stats_clusters){s->part, s->first, x->n_unit};
        s->n_cell = con.n_cell;
    }
    contributions_free(&con);
    return ok;
}

static void metrics_fn(double *out, const double *cells, void *ctx)
{
    (void)ctx;
    metrics_of_cells(out, cells);
}

/* ---- n of each metric ---- */

static bool count_units(struct change *out, struct corpus *c, bool second)
{
    struct metrics m;
    struct metrics_opts o = METRICS_OPTS_DEFAULT;
    o.draws = 0;
    if (!corpus_metrics(&m, c, &o)) return false;
    for (size_t s = 0; s < metric_count(); s++) {
        const struct metric *x = metrics_get(&m, metric_at(s)->id, "");
        *(second ? &out[s].n_b : &out[s].n_a) = x ? x->n : 0;
    }
    metrics_free(&m);
    return true;
}

/* ---- verdicts ---- */

/* Texts are alike or not over a whole corpus, so a draw of its conversations says nothing about how sure this is. */
static void untestable(struct change *c)
{
    if (strcmp(c->def->id, "boilerplate")) return;
    c->d.lo = c->d.hi = c->d.p = NAN;
    c->d.testable = false;
}

/* A figure that no permutation moves cannot have a small p, so it does not count among the many (Tarone 1990). */
static bool correct(struct change *c, size_t n, enum changes_correction how, uint64_t *tests)
{
    double *p = malloc((2 * n + 1) * sizeof *p);
    if (!p) return false;
    *tests = 0;
    for (size_t i = 0; i < n; i++) {
        p[i] = p[n + i] = c[i].d.testable ? c[i].d.p : NAN;
        *tests += c[i].d.testable;
    }
    bool ok = how == CORRECT_HOLM ? stats_holm(p + n, p, n) : how == CORRECT_BH ? stats_benjamini_hochberg(p + n, p, n) : true;
    for (size_t i = 0; i < n; i++) c[i].p_corrected = c[i].d.testable ? p[n + i] : c[i].d.p;
    free(p);
    return ok;
}

static void judge(struct change *c)
{
    int down = -c->def->better;
    c->worse = c->worse_lo = c->worse_hi = NAN;
    if (down) {
        c->worse = down * c->d.diff;
        c->worse_lo = down > 0 ? c->d.lo : -c->d.hi;
        c->worse_hi = down > 0 ? c->d.hi : -c->d.lo;
    }
    if (isnan(c->d.diff)) c->verdict = CHANGE_UNDEFINED;
    else if (!(c->p_corrected < 0.05)) c->verdict = CHANGE_UNTOLD;
    else c->verdict = !down ? CHANGE_MOVED : c->worse > 0 ? CHANGE_WORSE : CHANGE_BETTER;
}

/* How many half-widths of its interval the difference is, towards worse; without a direction either way. */
static double strength(const struct change *c)
{
    double half = (c->d.hi - c->d.lo) / 2, x = isnan(c->worse) ? fabs(c->d.diff) * 1e-3 : c->worse;
    return isnan(half) || half <= 0 ? (isnan(x) ? 0 : x * 1e-6) : x / half;
}

static int by_concern(const void *x, const void *y)
{
    const struct change *a = x, *b = y;
    if (a->verdict != b->verdict) return a->verdict < b->verdict ? -1 : 1;
    double s = strength(a), t = strength(b);
    if (s != t) return s > t ? -1 : 1;
    return a->def < b->def ? -1 : a->def > b->def; /* order of the table */
}

/* ---- who shows it ---- */

static bool show(struct change *c, size_t n, const struct stats_pairing *x, const struct units *b)
{
    struct stats_top *top = calloc(n * CHANGE_SHOWN + 1, sizeof *top);
    int *direction = calloc(n + 1, sizeof *direction);
    uint32_t *conv = malloc((b->n_unit + 1) * sizeof *conv);
    bool ok = top && direction && conv;
    for (size_t i = b->n; ok && i-- > 0;) conv[b->u[i].number] = b->u[i].conv; /* the first of a unit */
    for (size_t s = 0; ok && s < n; s++) direction[s] = c[s].def->better ? -c[s].def->better : c[s].d.diff < 0 ? -1 : 1;
    ok = ok && stats_influence(top, CHANGE_SHOWN, direction, x);
    for (size_t s = 0; ok && s < n; s++)
        for (size_t k = 0; k < CHANGE_SHOWN && top[s * CHANGE_SHOWN + k].effect != 0; k++) {
            c[s].shown[c[s].n_shown] = conv[top[s * CHANGE_SHOWN + k].cluster];
            c[s].effect[c[s].n_shown++] = top[s * CHANGE_SHOWN + k].effect;
        }
    free(top);
    free(direction);
    free(conv);
    return ok;
}

/* ---- all of it ---- */

static bool compare(struct changes *out, struct corpus *a, struct corpus *b, struct units *ua, struct units *ub,
                    const struct changes_opts *o)
{
    size_t n = metric_count();
    struct sums sa = {0}, sb = {0};
    struct stats_change *d = malloc((n + 1) * sizeof *d);
    bool ok = d && sums_of(&sa, a, ua) && sums_of(&sb, b, ub) && count_units(out->p, a, false) && count_units(out->p, b, true);
    const struct stats_pairing x = {sa.c, sb.c, out->paired, sa.n_cell, n, metrics_fn, NULL};
    const struct stats_resampling how = {o->seed, o->draws, o->permutations, o->threads};
    ok = ok && stats_compare(d, &x, &how);
    for (size_t s = 0; ok && s < n; s++) {
        out->p[s].def = metric_at(s), out->p[s].d = d[s];
        untestable(&out->p[s]);
    }
    ok = ok && correct(out->p, n, o->correction, &out->tests) && show(out->p, n, &x, ub);
    for (size_t s = 0; ok && s < n; s++) judge(&out->p[s]);
    if (ok) qsort(out->p, n, sizeof *out->p, by_concern);
    free(d);
    sums_free(&sa);
    sums_free(&sb);
    return ok;
}

bool changes_of(struct changes *out, struct corpus *a, struct corpus *b, const struct changes_opts *o)
{
    struct units ua = {0}, ub = {0};
    *out = (struct changes){.n = metric_count()};
    arena_init(&out->mem, 0);
    out->p = arena_array(&out->mem, struct change, out->n + 1);
    bool ok = out->p && units_of(&ua, a) && units_of(&ub, b);
    if (ok) {
        out->units_a = ua.n_unit, out->units_b = ub.n_unit;
        uint32_t pairs = o->unpaired ? 0 : intersect(&ua, &ub, true);
        out->paired = pairs >= 2 && 2 * (uint64_t)pairs >= out->units_a && 2 * (uint64_t)pairs >= out->units_b;
        if (out->paired) {
            out->units = intersect(&ua, &ub, false);
            keep(a, &ua), keep(b, &ub);
        }
        out->conversations_a = a->conv.n, out->conversations_b = b->conv.n;
        ok = compare(out, a, b, &ua, &ub, o);
    }
    free(ua.u);
    free(ub.u);
    return ok;
}

void changes_free(struct changes *c) { arena_free(&c->mem); }

const struct change *changes_get(const struct changes *c, const char *id)
{
    for (size_t i = 0; i < c->n; i++)
        if (!strcmp(c->p[i].def->id, id)) return &c->p[i];
    return NULL;
}
