/* See compare.h. The sums of a draw are kept as cells, so that one draw of
 * clusters serves every statistic. */
#include "stats/compare.h"

#include <math.h>
#include <stdlib.h>

static void add(double *cells, const struct stats_clusters *c, size_t i, double times)
{
    for (uint32_t k = c->first[i]; k < c->first[i + 1]; k++) cells[c->part[k].cell] += times * c->part[k].value;
}

/* ---- one draw ---- */

struct work {
    const struct stats_clusters *a, *b;
    bool paired;
    size_t n_cell, n_out;
    stats_fn *fn;
    void *ctx;
    double *cells[2], *value[2]; /* of each side */
    uint32_t *deal;              /* unpaired: which clusters go to side 0 */
    uint64_t state;
};

static void clear(struct work *w)
{
    memset(w->cells[0], 0, w->n_cell * sizeof(double));
    memset(w->cells[1], 0, w->n_cell * sizeof(double));
}

static void differences(struct work *w, double *diff)
{
    w->fn(w->value[0], w->cells[0], w->ctx);
    w->fn(w->value[1], w->cells[1], w->ctx);
    for (size_t s = 0; s < w->n_out; s++) diff[s] = w->value[1][s] - w->value[0][s];
}

static void draw_bootstrap(struct work *w)
{
    for (size_t i = 0; i < w->a->n; i++) {
        size_t k = stats_below(&w->state, w->a->n);
        add(w->cells[0], w->a, k, 1);
        if (w->paired) add(w->cells[1], w->b, k, 1);
    }
    for (size_t i = 0; !w->paired && i < w->b->n; i++) add(w->cells[1], w->b, stats_below(&w->state, w->b->n), 1);
}

static void draw_swaps(struct work *w)
{
    uint64_t coins = 0;
    for (size_t i = 0; i < w->a->n; i++, coins >>= 1) {
        if (i % 64 == 0) coins = stats_random(&w->state);
        add(w->cells[coins & 1], w->a, i, 1);
        add(w->cells[~coins & 1], w->b, i, 1);
    }
}

/* The first a->n of a shuffled deck are side 0; a shuffle needs to go no further. */
static void draw_deal(struct work *w)
{
    size_t n_a = w->a->n, n = n_a + w->b->n;
    for (size_t i = 0; i < n; i++) {
        if (i < n_a) {
            size_t k = i + stats_below(&w->state, n - i);
            uint32_t x = w->deal[i];
            w->deal[i] = w->deal[k];
            w->deal[k] = x;
        }
        size_t c = w->deal[i];
        if (c < n_a) add(w->cells[i >= n_a], w->a, c, 1);
        else add(w->cells[i >= n_a], w->b, c - n_a, 1);
    }
}

/* ---- all draws ---- */

static void intervals(struct work *w, struct stats_change *out, double *drawn, uint32_t draws, double *one)
{
    for (uint32_t d = 0; d < draws; d++) {
        clear(w);
        draw_bootstrap(w);
        differences(w, one);
        for (size_t s = 0; s < w->n_out; s++) drawn[s * draws + d] = one[s];
    }
    bool enough = w->a->n >= 2 && w->b->n >= 2;
    for (size_t s = 0; s < w->n_out; s++) {
        out[s].lo = out[s].hi = NAN;
        if (enough && !isnan(out[s].diff)) stats_percentiles(&out[s].lo, &out[s].hi, drawn + s * draws, draws);
    }
}

static void p_values(struct work *w, struct stats_change *out, double *tally, uint32_t draws, double *one)
{
    double *as_far = tally, *defined = tally + w->n_out;
    memset(tally, 0, 2 * w->n_out * sizeof *tally);
    for (uint32_t d = 0; d < draws; d++) {
        clear(w);
        if (w->paired) draw_swaps(w);
        else draw_deal(w);
        differences(w, one);
        for (size_t s = 0; s < w->n_out; s++) {
            if (isnan(one[s])) continue;
            defined[s]++;
            as_far[s] += fabs(one[s]) >= fabs(out[s].diff) - 1e-12; /* sums in another order differ in the last bits */
        }
    }
    for (size_t s = 0; s < w->n_out; s++)
        out[s].p = isnan(out[s].diff) || defined[s] < draws / 2 ? NAN : (1 + as_far[s]) / (1 + defined[s]);
}

static void observed(struct work *w, struct stats_change *out, double *one)
{
    clear(w);
    for (size_t i = 0; i < w->a->n; i++) add(w->cells[0], w->a, i, 1);
    for (size_t i = 0; i < w->b->n; i++) add(w->cells[1], w->b, i, 1);
    differences(w, one);
    for (size_t s = 0; s < w->n_out; s++)
        out[s] = (struct stats_change){w->value[0][s], w->value[1][s], one[s], NAN, NAN, NAN};
}

static bool work_init(struct work *w)
{
    size_t deck = w->a->n + w->b->n;
    w->cells[0] = calloc(2 * w->n_cell + 2 * w->n_out + 1, sizeof(double));
    w->deal = malloc((deck + 1) * sizeof *w->deal);
    if (!w->cells[0] || !w->deal) return false;
    w->cells[1] = w->cells[0] + w->n_cell;
    w->value[0] = w->cells[1] + w->n_cell;
    w->value[1] = w->value[0] + w->n_out;
    for (size_t i = 0; i < deck; i++) w->deal[i] = (uint32_t)i;
    return true;
}

static void work_free(struct work *w)
{
    free(w->cells[0]);
    free(w->deal);
}

bool stats_compare(struct stats_change *out, size_t n_out, const struct stats_clusters *a, const struct stats_clusters *b,
                   bool paired, size_t n_cell, const struct stats_bootstrap *how, stats_fn *fn, void *ctx)
{
    struct work w = {.a = a, .b = b, .paired = paired, .n_cell = n_cell, .n_out = n_out, .fn = fn, .ctx = ctx};
    w.state = how->seed;
    double *drawn = malloc((n_out * (how->draws + 2) + 1) * sizeof *drawn), *one = malloc((n_out + 1) * sizeof *one);
    bool ok = work_init(&w) && drawn && one;
    if (ok) {
        observed(&w, out, one);
        intervals(&w, out, drawn, how->draws, one);
        p_values(&w, out, drawn, how->draws, one);
    }
    work_free(&w);
    free(drawn);
    free(one);
    return ok;
}

bool stats_influence(double *out, size_t s, size_t n_out, const struct stats_clusters *a, const struct stats_clusters *b,
                     bool paired, size_t n_cell, stats_fn *fn, void *ctx)
{
    struct work w = {.a = a, .b = b, .paired = paired, .n_cell = n_cell, .n_out = n_out, .fn = fn, .ctx = ctx};
    double *one = malloc((n_out + 1) * sizeof *one);
    struct stats_change *all = malloc((n_out + 1) * sizeof *all);
    bool ok = work_init(&w) && one && all;
    if (ok) observed(&w, all, one); /* leaves the whole sums in the cells */
    for (size_t i = 0; ok && i < b->n; i++) {
        if (paired) add(w.cells[0], a, i, -1);
        add(w.cells[1], b, i, -1);
        differences(&w, one);
        out[i] = all[s].diff - one[s];
        if (paired) add(w.cells[0], a, i, 1);
        add(w.cells[1], b, i, 1);
    }
    work_free(&w);
    free(one);
    free(all);
    return ok;
}

/* ---- many comparisons ---- */

struct ranked { double p; size_t at; };

static int by_p(const void *x, const void *y)
{
    double a = ((const struct ranked *)x)->p, b = ((const struct ranked *)y)->p;
    return a < b ? -1 : a > b;
}

static struct ranked *rank(double *out, const double *p, size_t n, size_t *m)
{
    struct ranked *r = malloc((n + 1) * sizeof *r);
    *m = 0;
    for (size_t i = 0; r && i < n; i++) {
        out[i] = p[i];
        if (!isnan(p[i])) r[(*m)++] = (struct ranked){p[i], i};
    }
    if (r) qsort(r, *m, sizeof *r, by_p);
    return r;
}

bool stats_holm(double *out, const double *p, size_t n)
{
    size_t m;
    struct ranked *r = rank(out, p, n, &m);
    double most = 0;
    for (size_t i = 0; r && i < m; i++) {
        most = fmax(most, fmin(1, (double)(m - i) * r[i].p));
        out[r[i].at] = most;
    }
    free(r);
    return r != NULL;
}

bool stats_benjamini_hochberg(double *out, const double *p, size_t n)
{
    size_t m;
    struct ranked *r = rank(out, p, n, &m);
    double least = 1;
    for (size_t i = r ? m : 0; i-- > 0;) {
        least = fmin(least, (double)m / (double)(i + 1) * r[i].p);
        out[r[i].at] = least;
    }
    free(r);
    return r != NULL;
}
