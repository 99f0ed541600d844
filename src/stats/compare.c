/* See compare.h. The sums of a draw are kept as cells, so that one draw of
 * clusters serves every statistic. */
#include "stats/compare.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

static void add(double *cells, const struct stats_clusters *c, size_t i, double times)
{
    for (uint32_t k = c->first[i]; k < c->first[i + 1]; k++) cells[c->part[k].cell] += times * c->part[k].value;
}

/* ---- one draw ---- */

/* Of one thread. */
struct work {
    const struct stats_pairing *x;
    double *cells[2], *value[2]; /* of each side */
    double *diff;                /* [n_out], of the last draw */
    uint32_t *deal;              /* [a.n + b.n]: the clusters of both runs in the order dealt */
};

static bool work_init(struct work *w, const struct stats_pairing *x)
{
    *w = (struct work){.x = x};
    w->cells[0] = calloc(2 * x->n_cell + 3 * x->n_out + 1, sizeof(double));
    w->deal = malloc((x->a.n + x->b.n + 1) * sizeof *w->deal);
    if (!w->cells[0] || !w->deal) return false;
    w->cells[1] = w->cells[0] + x->n_cell;
    w->value[0] = w->cells[1] + x->n_cell;
    w->value[1] = w->value[0] + x->n_out;
    w->diff = w->value[1] + x->n_out;
    return true;
}

static void work_free(struct work *w)
{
    free(w->cells[0]);
    free(w->deal);
}

static void clear(struct work *w) { memset(w->cells[0], 0, 2 * w->x->n_cell * sizeof(double)); }

static void differences(struct work *w)
{
    for (int side = 0; side < 2; side++) w->x->fn(w->value[side], w->cells[side], w->x->ctx);
    for (size_t s = 0; s < w->x->n_out; s++) w->diff[s] = w->value[1][s] - w->value[0][s];
}

static void draw_bootstrap(struct work *w, uint64_t state)
{
    const struct stats_pairing *x = w->x;
    for (size_t i = 0; i < x->a.n; i++) {
        size_t k = stats_below(&state, x->a.n);
        add(w->cells[0], &x->a, k, 1);
        if (x->paired) add(w->cells[1], &x->b, k, 1);
    }
    for (size_t i = 0; !x->paired && i < x->b.n; i++) add(w->cells[1], &x->b, stats_below(&state, x->b.n), 1);
}

static void draw_swaps(struct work *w, uint64_t state)
{
    uint64_t coins = 0;
    for (size_t i = 0; i < w->x->a.n; i++, coins >>= 1) {
        if (i % 64 == 0) coins = stats_random(&state);
        add(w->cells[coins & 1], &w->x->a, i, 1);
        add(w->cells[~coins & 1], &w->x->b, i, 1);
    }
}

/* The first a.n of a shuffled deck are side 0; a shuffle needs to go no further. */
static void draw_deal(struct work *w, uint64_t state)
{
    size_t n_a = w->x->a.n, n = n_a + w->x->b.n;
    for (size_t i = 0; i < n; i++) w->deal[i] = (uint32_t)i;
    for (size_t i = 0; i < n; i++) {
        size_t k = i < n_a ? i + stats_below(&state, n - i) : i, c = w->deal[k];
        w->deal[k] = w->deal[i];
        if (c < n_a) add(w->cells[i >= n_a], &w->x->a, c, 1);
        else add(w->cells[i >= n_a], &w->x->b, c - n_a, 1);
    }
}

static void draw_observed(struct work *w)
{
    clear(w);
    for (size_t i = 0; i < w->x->a.n; i++) add(w->cells[0], &w->x->a, i, 1);
    for (size_t i = 0; i < w->x->b.n; i++) add(w->cells[1], &w->x->b, i, 1);
    differences(w);
}

/* ---- all draws, on threads: thread t takes t, t + threads, … ---- */

struct job {
    struct work w;
    const struct stats_resampling *how;
    const struct stats_change *seen;
    double *drawn;             /* shared: [statistic][draw] */
    uint64_t *as_far, *defined, *apart; /* [n_out], its own */
    uint32_t t, threads;
    pthread_t id;
};

static void *job_run(void *arg)
{
    struct job *j = arg;
    const struct stats_pairing *x = j->w.x;
    for (uint32_t d = j->t; d < j->how->draws; d += j->threads) {
        clear(&j->w);
        draw_bootstrap(&j->w, hash_mix(j->how->seed, d));
        differences(&j->w);
        for (size_t s = 0; s < x->n_out; s++) j->drawn[s * j->how->draws + d] = j->w.diff[s];
    }
    for (uint32_t d = j->t; d < j->how->permutations; d += j->threads) {
        clear(&j->w);
        (x->paired ? draw_swaps : draw_deal)(&j->w, hash_mix(~j->how->seed, d));
        differences(&j->w);
        for (size_t s = 0; s < x->n_out; s++) {
            if (isnan(j->w.diff[s])) continue;
            j->defined[s]++;
            j->apart[s] += fabs(j->w.diff[s]) > 1e-12;
            j->as_far[s] += fabs(j->w.diff[s]) >= fabs(j->seen[s].diff) - 1e-12; /* sums in another order differ in the last bits */
        }
    }
    return NULL;
}

static bool job_init(struct job *j, const struct stats_pairing *x)
{
    j->as_far = calloc(3 * x->n_out + 1, sizeof *j->as_far);
    j->defined = j->as_far ? j->as_far + x->n_out : NULL;
    j->apart = j->as_far ? j->defined + x->n_out : NULL;
    return work_init(&j->w, x) && j->as_far;
}

static void jobs_run(struct job *job, uint32_t n)
{
    uint32_t started = 1;
    while (started < n && pthread_create(&job[started].id, NULL, job_run, &job[started]) == 0) started++;
    job_run(&job[0]);
    for (uint32_t t = started; t < n; t++) job_run(&job[t]); /* no thread to be had: here */
    for (uint32_t t = 1; t < started; t++) pthread_join(job[t].id, NULL);
}

static void settle(struct stats_change *out, const struct job *job, uint32_t n)
{
    const struct stats_pairing *x = job[0].w.x;
    const struct stats_resampling *how = job[0].how;
    bool enough = x->a.n >= 2 && x->b.n >= 2;
    for (size_t s = 0; s < x->n_out; s++) {
        uint64_t as_far = 0, defined = 0, apart = 0;
        for (uint32_t t = 0; t < n; t++)
            as_far += job[t].as_far[s], defined += job[t].defined[s], apart += job[t].apart[s];
        if (isnan(out[s].diff)) continue;
        if (enough) stats_percentiles(&out[s].lo, &out[s].hi, job[0].drawn + s * how->draws, how->draws);
        if (!defined || defined < how->permutations / 2) continue;
        out[s].p = (1 + (double)as_far) / (1 + (double)defined);
        out[s].testable = apart > 0;
    }
}

bool stats_compare(struct stats_change *out, const struct stats_pairing *x, const struct stats_resampling *how)
{
    uint32_t n = how->threads ? how->threads : 1;
    struct job *job = calloc(n, sizeof *job);
    double *drawn = malloc((x->n_out * how->draws + 1) * sizeof *drawn);
    bool ok = job && drawn;
    for (uint32_t t = 0; ok && t < n; t++) {
        ok = job_init(&job[t], x);
        job[t].how = how, job[t].seen = out, job[t].drawn = drawn, job[t].t = t, job[t].threads = n;
    }
    if (ok) {
        struct work *w = &job[0].w;
        draw_observed(w);
        for (size_t s = 0; s < x->n_out; s++)
            out[s] = (struct stats_change){w->value[0][s], w->value[1][s], w->diff[s], NAN, NAN, NAN, false};
        jobs_run(job, n);
        settle(out, job, n);
    }
    for (uint32_t t = 0; job && t < n; t++) work_free(&job[t].w), free(job[t].as_far);
    free(job);
    free(drawn);
    return ok;
}

/* ---- who makes the difference ---- */

static void top_insert(struct stats_top *top, size_t k, int direction, struct stats_top x)
{
    double strength = direction ? direction * x.effect : fabs(x.effect);
    if (!(strength > 1e-12)) return; /* also when undefined */
    size_t at = k;
    while (at > 0 && (direction ? direction * top[at - 1].effect : fabs(top[at - 1].effect)) < strength) at--;
    if (at == k) return;
    memmove(&top[at + 1], &top[at], (k - at - 1) * sizeof *top);
    top[at] = x;
}

bool stats_influence(struct stats_top *top, size_t k, const int *direction, const struct stats_pairing *x)
{
    struct work w;
    double *all = malloc((x->n_out + 1) * sizeof *all);
    bool ok = work_init(&w, x) && all;
    memset(top, 0, x->n_out * k * sizeof *top);
    if (ok) {
        draw_observed(&w); /* leaves the whole sums in the cells */
        memcpy(all, w.diff, x->n_out * sizeof *all);
    }
    for (size_t i = 0; ok && i < x->b.n; i++) {
        if (x->paired) add(w.cells[0], &x->a, i, -1);
        add(w.cells[1], &x->b, i, -1);
        differences(&w);
        for (size_t s = 0; s < x->n_out; s++)
            top_insert(top + s * k, k, direction[s], (struct stats_top){(uint32_t)i, all[s] - w.diff[s]});
        if (x->paired) add(w.cells[0], &x->a, i, 1);
        add(w.cells[1], &x->b, i, 1);
    }
    work_free(&w);
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
