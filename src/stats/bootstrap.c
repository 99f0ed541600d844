/* Observations in clusters → intervals: whole clusters are drawn with
 * replacement, so that turns of one conversation never count as independent. */
#include "stats/stats.h"

#include <math.h>
#include <stdlib.h>

uint64_t stats_random(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15ull;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ z >> 27) * 0x94D049BB133111EBull;
    return z ^ z >> 31;
}

/* Equal observations of one cluster, counted once. */
struct cell { uint32_t cell, n; };
struct clusters {
    struct stats_obs *sorted;
    struct cell *cell;
    uint32_t *first; /* [n_cluster + 1] in cell */
    size_t n_cluster, n_cell;
};

static int by_cluster(const void *a, const void *b)
{
    const struct stats_obs *x = a, *y = b;
    if (x->cluster != y->cluster) return x->cluster < y->cluster ? -1 : 1;
    return x->cell < y->cell ? -1 : x->cell > y->cell;
}

static void clusters_free(struct clusters *c)
{
    free(c->sorted);
    free(c->cell);
    free(c->first);
}

static bool clusters_of(struct clusters *c, const struct stats_obs *obs, size_t n)
{
    *c = (struct clusters){malloc((n + 1) * sizeof *c->sorted), malloc((n + 1) * sizeof *c->cell),
                           malloc((n + 2) * sizeof *c->first), 0, 0};
    if (!c->sorted || !c->cell || !c->first) return false;
    if (n) memcpy(c->sorted, obs, n * sizeof *obs);
    qsort(c->sorted, n, sizeof *c->sorted, by_cluster);
    for (size_t i = 0; i < n; i++) {
        const struct stats_obs *o = &c->sorted[i];
        bool new_cluster = i == 0 || o[-1].cluster != o->cluster;
        if (new_cluster) c->first[c->n_cluster++] = (uint32_t)c->n_cell;
        if (new_cluster || o[-1].cell != o->cell) c->cell[c->n_cell++] = (struct cell){o->cell, 0};
        c->cell[c->n_cell - 1].n++;
    }
    c->first[c->n_cluster] = (uint32_t)c->n_cell;
    return true;
}

static void add_cluster(double *cells, const struct clusters *c, size_t i)
{
    for (uint32_t k = c->first[i]; k < c->first[i + 1]; k++) cells[c->cell[k].cell] += c->cell[k].n;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Linear between order statistics. */
static double quantile(const double *x, size_t n, double q)
{
    double at = q * (double)(n - 1);
    size_t i = (size_t)at;
    return i + 1 < n ? x[i] + (at - (double)i) * (x[i + 1] - x[i]) : x[n - 1];
}

void stats_percentiles(double *lo, double *hi, double *draw, size_t draws)
{
    size_t n = 0;
    *lo = *hi = NAN;
    for (size_t i = 0; i < draws; i++)
        if (!isnan(draw[i])) draw[n++] = draw[i];
    if (n == 0 || n < draws / 2) return;
    qsort(draw, n, sizeof *draw, by_value);
    *lo = quantile(draw, n, 0.025);
    *hi = quantile(draw, n, 0.975);
}

bool stats_intervals(struct stats_interval *out, size_t n_out, const struct stats_obs *obs, size_t n, size_t n_cell,
                     const struct stats_bootstrap *how, stats_fn *fn, void *ctx)
{
    struct clusters c;
    size_t draws = how->draws;
    double *cells = malloc((n_cell + 1) * sizeof *cells), *one = malloc((n_out + 1) * sizeof *one);
    double *drawn = malloc((n_out * draws + 1) * sizeof *drawn); /* [statistic][draw] */
    bool ok = clusters_of(&c, obs, n) && cells && one && drawn;
    if (ok) {
        memset(cells, 0, n_cell * sizeof *cells);
        for (size_t i = 0; i < c.n_cluster; i++) add_cluster(cells, &c, i);
        fn(one, cells, ctx);
        for (size_t s = 0; s < n_out; s++) out[s].value = one[s];
        uint64_t state = how->seed;
        for (size_t d = 0; d < draws; d++) {
            memset(cells, 0, n_cell * sizeof *cells);
            for (size_t i = 0; i < c.n_cluster; i++)
                add_cluster(cells, &c, stats_below(&state, c.n_cluster));
            fn(one, cells, ctx);
            for (size_t s = 0; s < n_out; s++) drawn[s * draws + d] = one[s];
        }
        for (size_t s = 0; s < n_out; s++) {
            out[s].lo = out[s].hi = NAN;
            if (c.n_cluster >= 2) stats_percentiles(&out[s].lo, &out[s].hi, drawn + s * draws, draws);
        }
    }
    clusters_free(&c);
    free(cells);
    free(one);
    free(drawn);
    return ok;
}
