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
struct slots { uint32_t metric[256], n; uint32_t *of_cell, *next; };
enum { NO_SLOT = UINT32_MAX, MOST_IN = 64 /* groups of one conversation */ };

/* All groups of all keys, one behind the other, so that one pass of draws serves them. */
struct groups { const char *const *name[ARRAY_LEN(keys)]; uint32_t first[ARRAY_LEN(keys) + 1]; };

static bool slots_make(struct slots *s)
{
    *s = (struct slots){.of_cell = malloc(N_CELL * sizeof(uint32_t)), .next = malloc(512 * sizeof(uint32_t))};
    if (!s->of_cell || !s->next) return false;
    memset(s->of_cell, 0xFF, N_CELL * sizeof(uint32_t));
    for (size_t i = 0; i < metric_count(); i++) {
        uint32_t cell[2];
        bool rest;
        if (!metric_at(i)->equity || !metric_ratio_cells(i, &cell[0], &cell[1], &rest) || rest) continue;
        for (uint32_t k = 0; k < 2; k++) s->next[2 * s->n + k] = s->of_cell[cell[k]], s->of_cell[cell[k]] = 2 * s->n + k;
        s->metric[s->n++] = (uint32_t)i;
    }
    return true;
}

static void slots_free(struct slots *s)
{
    free(s->of_cell);
    free(s->next);
}

static void groups_make(struct groups *g, struct corpus *c)
{
    g->first[0] = 0;
    for (size_t k = 0; k < ARRAY_LEN(keys); k++) {
        size_t n = corpus_groups(&g->name[k], c, keys[k]);
        if (n && !*g->name[k][n - 1]) n--; /* those without a value stand last */
        g->first[k + 1] = g->first[k] + (uint32_t)n;
    }
}

/* ---- contributions by group ---- */

static int by_name(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

static size_t find(uint32_t *out, size_t m, const struct groups *g, size_t k, const char *name)
{
    const char *const *at = bsearch(&name, g->name[k], g->first[k + 1] - g->first[k], sizeof name, by_name);
    if (at && m < MOST_IN) out[m++] = g->first[k] + (uint32_t)(at - g->name[k]);
    return m;
}

/* The groups of conversation i: one a key, but several populations. */
static size_t groups_of(uint32_t *out, const struct corpus *c, size_t i, const struct groups *g)
{
    const struct corpus_conv *v = &c->conv.p[i];
    size_t m = 0;
    for (size_t k = 0; k < ARRAY_LEN(keys); k++) {
        if (keys[k] == KEY_LOCALE) m = find(out, m, g, k, v->locale);
        if (keys[k] == KEY_LANGUAGE) m = find(out, m, g, k, v->language);
        for (uint32_t j = 0; keys[k] == KEY_POPULATION && j < v->n_population; j++) m = find(out, m, g, k, v->population[j]);
    }
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
                  const struct groups *g)
{
    *out = (struct contributions){.at = calloc(x->n_conv + 1, sizeof *out->at), .cluster = malloc((x->n_conv + 1) * sizeof *out->cluster),
                                  .n_conv = x->n_conv, .n_cluster = x->n_cluster, .n_cell = (size_t)g->first[ARRAY_LEN(keys)] * 2 * s->n};
    size_t cap = 0, n = 0;
    if (!out->at || !out->cluster) return false;
    memcpy(out->cluster, x->cluster, x->n_conv * sizeof *out->cluster);
    for (size_t i = 0; i < x->n_conv; i++) {
        uint32_t in[MOST_IN];
        size_t m = groups_of(in, c, i, g);
        if (n + m * 2 * s->n > cap) {
            cap = (n + m * 2 * s->n) * 2;
            struct contribution *p = realloc(out->p, cap * sizeof *p);
            if (!p) return false;
            out->p = p;
        }
        for (size_t k = 0; k < m; k++) n += slots_of_row(x, i, s, out->p + n, in[k] * 2 * s->n);
        out->at[i + 1] = n;
    }
    return true;
}

/* ---- worst and best ---- */

struct pair { uint32_t worst, best, slot; bool ok; };
struct draw { double *out; uint32_t draws, n_slot; const struct pair *pair; size_t n_pair; };

static double share(const double *cells, uint32_t group, uint32_t n_slot, uint32_t slot)
{
    const double *p = cells + (size_t)group * n_slot + slot;
    return p[1] > 0 ? p[0] / p[1] : NAN;
}

static double over(double worst, double best) { return best > 0 ? worst / best : NAN; }

static void take(void *ctx, uint32_t draw, const double *cells)
{
    const struct draw *d = ctx;
    for (size_t i = 0; i < d->n_pair; i++) {
        const struct pair *p = &d->pair[i];
        d->out[i * d->draws + draw] = p->ok ? over(share(cells, p->worst, d->n_slot, p->slot), share(cells, p->best, d->n_slot, p->slot)) : NAN;
    }
}

/* Names the groups that are too small; picks the extremes of the others. */
static struct pair pick(struct metrics *out, struct metric_equity *q, const double *cells, uint32_t n_slot, uint32_t slot, int better,
                        const struct groups *g, size_t k)
{
    struct pair p = {.slot = slot};
    const char **left = arena_array(out->a, const char *, g->first[k + 1] - g->first[k] + 1);
    for (uint32_t i = g->first[k]; i < g->first[k + 1]; i++) {
        double n = cells[(size_t)i * n_slot + slot + 1], v = share(cells, i, n_slot, slot);
        if (n < (double)out->min_group) {
            if (n > 0) left[q->n_left_out++] = arena_str(out->a, str_of(g->name[k][i - g->first[k]])).p;
            continue;
        }
        bool higher_is_worse = better <= 0;
        if (!q->n_group || (higher_is_worse ? v > q->worst_value : v < q->worst_value)) p.worst = i, q->worst_value = v;
        if (!q->n_group || (higher_is_worse ? v < q->best_value : v > q->best_value)) p.best = i, q->best_value = v;
        q->n_group++;
    }
    q->left_out = left;
    p.ok = q->n_group >= 2;
    if (!p.ok) q->worst_value = q->best_value = NAN;
    return p;
}

static void settle(struct metrics *out, struct metric_equity *q, const struct pair *p, const struct groups *g, size_t k)
{
    q->value = q->lo = q->hi = NAN;
    if (!p->ok) {
        q->reason = q->n_left_out ? "fewer than two groups are large enough" : "fewer than two groups";
        return;
    }
    q->worst = arena_str(out->a, str_of(g->name[k][p->worst - g->first[k]])).p;
    q->best = arena_str(out->a, str_of(g->name[k][p->best - g->first[k]])).p;
    q->value = over(q->worst_value, q->best_value);
    if (isnan(q->value)) q->reason = "the best group has 0";
}

/* Draws are of the groups of the pairs only, numbered anew: there are few, and as many groups as strangers name. */
static bool only_pairs(struct cluster_rows *r, struct pair *pair, size_t n_pair, uint32_t n_slot, uint32_t n_group)
{
    uint32_t *number = malloc((n_group + 1) * sizeof *number), n = 0;
    size_t from = 0, end = 0;
    if (!number) return false;
    memset(number, 0xFF, (n_group + 1) * sizeof *number);
    for (size_t i = 0; i < n_pair; i++) {
        uint32_t *group[] = {&pair[i].worst, &pair[i].best};
        for (size_t k = 0; pair[i].ok && k < ARRAY_LEN(group); k++) {
            uint32_t *to = &number[*group[k]];
            if (*to == UINT32_MAX) *to = n++;
            *group[k] = *to;
        }
    }
    for (size_t row = 0; row < r->rows.n_row; row++) {
        for (; from < r->at[row + 1]; from++) {
            uint32_t to = number[r->entry[from].cell / n_slot];
            if (to == UINT32_MAX) continue;
            r->entry[end++] = (struct stats_entry){to * n_slot + r->entry[from].cell % n_slot, r->entry[from].amount};
        }
        r->at[row + 1] = end;
    }
    r->rows.n_cell = (size_t)(n ? n : 1) * n_slot;
    free(number);
    return true;
}

static bool all_pairs(struct metrics *out, struct pair *pair, struct cluster_rows *r, const struct slots *s,
                      const struct groups *g, const struct metrics_opts *o)
{
    for (size_t k = 0; k < ARRAY_LEN(keys); k++)
        for (uint32_t e = 0; e < s->n && g->first[k + 1] > g->first[k]; e++) {
            const struct metric_def *d = metric_at(s->metric[e]);
            struct metric_equity *q = &out->equity[out->n_equity];
            *q = (struct metric_equity){.id = d->id, .key = corpus_key_names[keys[k]]};
            pair[out->n_equity] = pick(out, q, r->total, 2 * s->n, 2 * e, d->better, g, k);
            settle(out, q, &pair[out->n_equity++], g, k);
        }
    double *drawn = malloc((out->n_equity * o->draws + 1) * sizeof *drawn);
    struct draw ctx = {drawn, o->draws, 2 * s->n, pair, out->n_equity};
    bool ok = drawn && only_pairs(r, pair, out->n_equity, 2 * s->n, g->first[ARRAY_LEN(keys)]) &&
              stats_draws(&r->rows, o->draws, o->seed, o->threads, take, &ctx);
    for (size_t i = 0; ok && i < out->n_equity; i++) {
        struct metric_equity *q = &out->equity[i];
        if (!isnan(q->value)) stats_percentiles(&q->lo, &q->hi, drawn + i * o->draws, r->rows.n_row >= 2 ? o->draws : 0);
    }
    free(drawn);
    return ok;
}

bool equity_of(struct metrics *out, struct corpus *c, const struct contributions *x, const struct metrics_opts *o)
{
    struct slots s;
    struct groups g;
    struct contributions y = {0};
    struct cluster_rows r = {0};
    struct pair *pair = calloc(ARRAY_LEN(keys) * 256, sizeof *pair);
    bool ok = slots_make(&s) && pair;
    groups_make(&g, c);
    if (ok) out->equity = arena_array(out->a, struct metric_equity, ARRAY_LEN(keys) * s.n + 1);
    if (ok && g.first[ARRAY_LEN(keys)])
        ok = split(&y, c, x, &s, &g) && rows_make(&r, &y, NULL, y.n_conv) && all_pairs(out, pair, &r, &s, &g, o);
    free(pair);
    rows_free(&r);
    contributions_free(&y);
    slots_free(&s);
    return ok;
}
