/* What each cluster adds to many sums → those sums in every draw of clusters
 * with replacement, fast enough for 100,000 clusters and 2,000 draws.
 *
 * Draws are taken in blocks of 32. A block draws its weights (how often each
 * cluster came up) as bytes, one plane a draw; then the rows are read once and
 * every entry is added to 32 sums at a time. Sums are floats over a few
 * thousand rows, where counts are exact, and doubles beyond. A draw's random
 * numbers come from the seed and its own number, so that neither blocks nor
 * threads change a figure. */
#include "stats/stats.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { BLOCK = 32, CHUNK = 4096 };

struct work {
    const struct stats_rows *rows;
    stats_draw_fn *fn;
    void *ctx;
    uint64_t seed;
    uint32_t draws;
    atomic_uint next_block;
    atomic_bool failed;
};
struct room { uint8_t *weight; float *some; double *sum, *cells; };

static bool room_make(struct room *r, const struct stats_rows *x)
{
    size_t sums = (x->n_cell + 1) * BLOCK;
    *r = (struct room){malloc((x->n_row + 1) * BLOCK), malloc(sums * sizeof(float)), malloc(sums * sizeof(double)),
                       malloc((x->n_cell + 1) * sizeof(double))};
    return r->weight && r->some && r->sum && r->cells;
}

static void room_free(struct room *r)
{
    free(r->weight);
    free(r->some);
    free(r->sum);
    free(r->cells);
}

/* One byte counts how often a cluster came up: its mean is 1, and 255 is beyond any chance with 256 clusters or
 * more; with fewer, no more than 255 can come up. */
static void draw_weights(uint8_t *weight, size_t n, uint64_t seed, uint32_t draw)
{
    uint64_t state = hash_mix(seed, draw);
    memset(weight, 0, n);
    for (size_t i = 0; i + 1 < n; i += 2) { /* two draws of 32 bits a step */
        uint64_t z = stats_random(&state);
        weight[(z >> 32) * n >> 32]++;
        weight[(z & 0xFFFFFFFFu) * n >> 32]++;
    }
    if (n & 1) weight[(stats_random(&state) >> 32) * n >> 32]++;
}

#define ADD_ROW(some, e, n, w)                                                                                         \
    for (size_t k = 0; k < (n); k++) {                                                                                 \
        float amount = (e)[k].amount, *restrict to = (some) + (size_t)(e)[k].cell * BLOCK;                             \
        for (int d = 0; d < BLOCK; d++) to[d] += amount * (w)[d];                                                      \
    }

typedef void add_fn(float *restrict some, const struct stats_entry *e, size_t n, const float *restrict w);
static void add_row(float *restrict some, const struct stats_entry *e, size_t n, const float *restrict w)
{
    ADD_ROW(some, e, n, w)
}

/* The same sums in the same order, eight at a time: equal to the last bit. */
#ifdef __x86_64__
__attribute__((target("avx2"))) static void add_row_wide(float *restrict some, const struct stats_entry *e, size_t n, const float *restrict w)
{
    ADD_ROW(some, e, n, w)
}
static add_fn *add_best(void) { return __builtin_cpu_supports("avx2") ? add_row_wide : add_row; }
#else
static add_fn *add_best(void) { return add_row; }
#endif

static void add_chunk(const struct stats_rows *x, const struct room *r, size_t from, size_t to)
{
    float w[BLOCK];
    add_fn *add = add_best();
    for (size_t i = from; i < to; i++) {
        size_t n = x->at[i + 1] - x->at[i];
        if (!n) continue;
        for (int d = 0; d < BLOCK; d++) w[d] = r->weight[(size_t)d * x->n_row + i];
        add(r->some, x->p + x->at[i], n, w);
    }
    for (size_t k = 0; k < x->n_cell * BLOCK; k++) r->sum[k] += (double)r->some[k];
    memset(r->some, 0, x->n_cell * BLOCK * sizeof(float));
}

static void run_block(const struct work *job, const struct room *r, uint32_t first)
{
    const struct stats_rows *x = job->rows;
    uint32_t n = job->draws - first < BLOCK ? job->draws - first : BLOCK;
    for (uint32_t d = 0; d < n; d++) draw_weights(r->weight + (size_t)d * x->n_row, x->n_row, job->seed, first + d);
    if (n < BLOCK) memset(r->weight + (size_t)n * x->n_row, 0, (BLOCK - n) * x->n_row);
    memset(r->some, 0, x->n_cell * BLOCK * sizeof(float));
    memset(r->sum, 0, x->n_cell * BLOCK * sizeof(double));
    for (size_t i = 0; i < x->n_row; i += CHUNK) add_chunk(x, r, i, i + CHUNK < x->n_row ? i + CHUNK : x->n_row);
    for (uint32_t d = 0; d < n; d++) {
        for (size_t k = 0; k < x->n_cell; k++) r->cells[k] = r->sum[k * BLOCK + d];
        job->fn(job->ctx, first + d, r->cells);
    }
}

static void *worker(void *arg)
{
    struct work *job = arg;
    struct room r;
    bool ok = room_make(&r, job->rows);
    if (!ok) atomic_store(&job->failed, true);
    uint32_t blocks = (job->draws + BLOCK - 1) / BLOCK;
    for (uint32_t b; ok && (b = atomic_fetch_add(&job->next_block, 1)) < blocks;) run_block(job, &r, b * BLOCK);
    room_free(&r);
    return NULL;
}

bool stats_draws(const struct stats_rows *x, uint32_t draws, uint64_t seed, uint32_t threads, stats_draw_fn *fn, void *ctx)
{
    struct work job = {.rows = x, .fn = fn, .ctx = ctx, .seed = seed, .draws = draws};
    enum { MOST = 16 };
    pthread_t helper[MOST];
    uint32_t n = 0;
    if (x->n_row == 0) return true;
    while (n + 1 < threads && n < MOST && pthread_create(&helper[n], NULL, worker, &job) == 0) n++;
    worker(&job); /* without helpers the caller does it all */
    while (n > 0) pthread_join(helper[--n], NULL);
    return !atomic_load(&job.failed);
}
