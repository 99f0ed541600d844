/* Contributions, split by group → for each metric the worst group over the best.
 *
 * The interval is of the ratio of those two groups, from draws of the whole
 * corpus; that they were picked as the extremes is not in it. Groups with too
 * few units are named and left out; conversations without a value of the key
 * are in no group. */
#include "stats/equity.h"

#include <math.h>
#include <stdlib.h>

#include "stats/cells.h"
#include "stats/rows.h"

static const enum corpus_key keys[] = {KEY_LOCALE, KEY_LANGUAGE, KEY_POPULATION};

/* The metrics that take part, and which slots a cell feeds: group g, slot 2e is e's numerator, 2e + 1 its denominator. */
struct slots { uint32_t metric[256], n; uint32_t *of_cell, *next, *cell; };
enum { NO_SLOT = UINT32_MAX };

static void slot_add(struct slots *s, uint32_t slot, uint32_t cell)
{
    s->cell[slot] = cell;
    s->next[slot] = s->of_cell[cell];
    s->of_cell[cell] = slot;
}

static bool slots_make(struct slots *s)
{
    *s = (struct slots){.of_cell = malloc(N_CELL * sizeof(uint32_t)), .next = malloc(512 * sizeof(uint32_t)), .cell = malloc(512 * sizeof(uint32_t))};
    if (!s->of_cell || !s->next || !s->cell) return false;
    memset(s->of_cell, 0xFF, N_CELL * sizeof(uint32_t));
    for (size_t i = 0; i < metric_count(); i++) {
        uint32_t a, b;
        bool rest;
        if (!metric_at(i)->equity || !metric_ratio_cells(i, &a, &b, &rest) || rest) continue;
        slot_add(s, 2 * s->n, a);
        slot_add(s, 2 * s->n + 1, b);
        s->metric[s->n++] = (uint32_t)i;
    }
    return true;
}

static void slots_free(struct slots *s)
{
    free(s->of_cell);
    free(s->next);
    free(s->cell);
}

/* ---- contributions by group ---- */

static int group_of(const char *const *group, size_t n, const char *name)
{
    for (size_t g = 0; g < n; g++)
        if (!strcmp(group[g], name)) return (int)g;
    return -1;
}

/* The groups of conversation i: at most one but for populations. */
static size_t groups_of(uint32_t *out, const struct corpus *c, size_t i, enum corpus_key key, const char *const *group, size_t n)
{
    size_t m = 0;
    if (key == KEY_POPULATION) {
        for (uint32_t k = 0; k < c->conv.p[i].n_population && m < 64; k++) {
            int g = group_of(group, n, c->conv.p[i].population[k]);
            if (g >= 0) out[m++] = (uint32_t)g;
        }
        return m;
    }
    const char *name = key == KEY_LOCALE ? c->conv.p[i].locale : c->conv.p[i].language;
    int g = group_of(group, n, name);
    if (g >= 0) out[m++] = (uint32_t)g;
    return m;
}

/* Slots are numerous only where cells are: at most 2 a metric. */
static size_t slots_of_row(const struct contributions *x, size_t i, const struct slots *s, struct contribution *out, uint32_t base)
{
    size_t n = 0;
    for (size_t k = x->at[i]; k < x->at[i + 1]; k++)
        for (uint32_t slot = s->of_cell[x->p[k].cell]; slot != NO_SLOT; slot = s->next[slot])
            out[n++] = (struct contribution){base + slot, x->p[k].amount};
    return n;
}

static bool split(struct contributions *out, const struct corpus *c, const struct contributions *x, const struct slots *s,
                  enum corpus_key key, const char *const *group, size_t n_group)
{
    *out = (struct contributions){.at = calloc(x->n_conv + 1, sizeof *out->at), .cluster = malloc((x->n_conv + 1) * sizeof *out->cluster),
                                  .n_conv = x->n_conv, .n_cluster = x->n_cluster, .n_cell = n_group * 2 * s->n};
    size_t cap = 0, n = 0;
    if (!out->at || !out->cluster) return false;
    memcpy(out->cluster, x->cluster, x->n_conv * sizeof *out->cluster);
    for (size_t i = 0; i < x->n_conv; i++) {
        uint32_t in[64];
        size_t m = groups_of(in, c, i, key, group, n_group);
        if (n + m * 2 * s->n > cap) {
            cap = (n + m * 2 * s->n) * 2;
            struct contribution *p = realloc(out->p, cap * sizeof *p);
            if (!p) return false;
            out->p = p;
        }
        for (size_t g = 0; g < m; g++) n += slots_of_row(x, i, s, out->p + n, in[g] * 2 * s->n);
        out->at[i + 1] = n;
    }
    return true;
}

/* ---- worst and best ---- */

struct pair { uint32_t worst, best; bool ok; };
struct draw { double *out; uint32_t draws, n_slot; const struct pair *pair; size_t n_metric; };

static double share(const double *cells, uint32_t group, uint32_t n_slot, size_t e)
{
    const double *p = cells + group * n_slot + 2 * e;
    return p[1] > 0 ? p[0] / p[1] : NAN;
}

static double over(double worst, double best) { return best > 0 ? worst / best : NAN; }

static void take(void *ctx, uint32_t draw, const double *cells)
{
    const struct draw *d = ctx;
    for (size_t e = 0; e < d->n_metric; e++)
        d->out[e * d->draws + draw] = d->pair[e].ok ? over(share(cells, d->pair[e].worst, d->n_slot, e), share(cells, d->pair[e].best, d->n_slot, e)) : NAN;
}

/* Names the groups that are too small; picks the extremes of the others. */
static struct pair pick(struct metrics *out, struct metric_equity *q, const double *cells, uint32_t n_slot, size_t e, int better,
                        const char *const *group, size_t n_group)
{
    struct pair p = {0};
    const char **left = arena_array(out->a, const char *, n_group + 1);
    for (uint32_t g = 0; g < n_group; g++) {
        if (cells[g * n_slot + 2 * e + 1] < (double)out->min_group) {
            if (cells[g * n_slot + 2 * e + 1] > 0) left[q->n_left_out++] = arena_str(out->a, str_of(group[g])).p;
            continue;
        }
        double v = share(cells, g, n_slot, e);
        bool higher_is_worse = better <= 0;
        if (!q->n_group || (higher_is_worse ? v > q->worst_value : v < q->worst_value)) p.worst = g, q->worst_value = v;
        if (!q->n_group || (higher_is_worse ? v < q->best_value : v > q->best_value)) p.best = g, q->best_value = v;
        q->n_group++;
    }
    q->left_out = left;
    p.ok = q->n_group >= 2;
    if (!p.ok) q->worst_value = q->best_value = NAN;
    return p;
}

static void settle(struct metrics *out, struct metric_equity *q, const struct pair *p, const char *const *group)
{
    q->value = q->lo = q->hi = NAN;
    if (!p->ok) {
        q->reason = q->n_left_out ? "fewer than two groups are large enough" : "fewer than two groups";
        return;
    }
    q->worst = arena_str(out->a, str_of(group[p->worst])).p;
    q->best = arena_str(out->a, str_of(group[p->best])).p;
    q->value = over(q->worst_value, q->best_value);
    if (isnan(q->value)) q->reason = "the best group has 0";
}

static bool by_key(struct metrics *out, const struct contributions *y, const struct slots *s, enum corpus_key key,
                   const char *const *group, size_t n_group, const struct metrics_opts *o)
{
    struct cluster_rows r = {0};
    struct pair pair[256];
    struct metric_equity *first = out->equity + out->n_equity;
    double *drawn = malloc(((size_t)s->n * o->draws + 1) * sizeof *drawn);
    bool ok = drawn && rows_make(&r, y, NULL, y->n_conv);
    for (size_t e = 0; ok && e < s->n; e++) {
        const struct metric_def *d = metric_at(s->metric[e]);
        first[e] = (struct metric_equity){.id = d->id, .key = corpus_key_names[key]};
        pair[e] = pick(out, &first[e], r.total, 2 * s->n, e, d->better, group, n_group);
        settle(out, &first[e], &pair[e], group);
    }
    struct draw ctx = {drawn, o->draws, 2 * s->n, pair, s->n};
    ok = ok && stats_draws(&r.rows, o->draws, o->seed, o->threads, take, &ctx);
    for (size_t e = 0; ok && e < s->n; e++)
        if (!isnan(first[e].value)) stats_percentiles(&first[e].lo, &first[e].hi, drawn + e * o->draws, r.rows.n_row >= 2 ? o->draws : 0);
    out->n_equity += ok ? s->n : 0;
    rows_free(&r);
    free(drawn);
    return ok;
}

bool equity_of(struct metrics *out, struct corpus *c, const struct contributions *x, const struct metrics_opts *o)
{
    struct slots s;
    bool ok = slots_make(&s);
    if (ok) out->equity = arena_array(out->a, struct metric_equity, ARRAY_LEN(keys) * s.n + 1);
    for (size_t k = 0; ok && k < ARRAY_LEN(keys); k++) {
        const char *const *group;
        size_t n = corpus_groups(&group, c, keys[k]);
        struct contributions y = {0};
        if (n && !*group[n - 1]) n--; /* those without a value stand last */
        if (n == 0) continue;
        ok = split(&y, c, x, &s, keys[k], group, n) && by_key(out, &y, &s, keys[k], group, n, o);
        contributions_free(&y);
    }
    slots_free(&s);
    return ok;
}
