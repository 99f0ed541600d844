/* Two runs → how much each statistic changed, and whether by more than chance.
 *
 * A statistic is a function of sums over clusters (conversations, or groups of
 * regenerations): each cluster adds its parts to cells, as in stats_intervals.
 * Intervals: percentile bootstrap of the difference, whole clusters drawn
 * (Davison and Hinkley 1997, §5.2; both sides of a pair go together). P-values:
 * two-sided permutation tests (Phipson and Smyth 2010: never 0): the sides of
 * each pair are swapped by a coin, or the clusters of both runs are dealt anew.
 * A draw's random numbers come from the seed and its own number, so that
 * threads change no figure. No I/O. */
#ifndef REFRAIN_STATS_COMPARE_H
#define REFRAIN_STATS_COMPARE_H

#include "stats/stats.h"

struct stats_part { uint32_t cell; double value; };
struct stats_clusters {
    const struct stats_part *part;
    const uint32_t *first;   /* [n + 1] in part */
    size_t n;
};
struct stats_pairing {
    struct stats_clusters a, b;
    bool paired;             /* a.n == b.n, and cluster i of both is the same conversation */
    size_t n_cell, n_out;
    stats_fn *fn;            /* n_out statistics of n_cell sums; from several threads */
    void *ctx;
};

struct stats_change {
    double a, b, diff;       /* diff = b - a; NAN when one side is undefined */
    double lo, hi;           /* 95 %; NAN when it cannot be told */
    double p;                /* NAN when it cannot be told */
    bool testable;           /* some permutation gave a difference: else p is 1 whatever is seen */
};
struct stats_resampling { uint64_t seed; uint32_t draws, permutations, threads; };

/* False: out of memory. */
bool stats_compare(struct stats_change *out, const struct stats_pairing *x, const struct stats_resampling *how);

/* What leaving out cluster i of b (paired: of both) takes away from `diff`, the
 * k strongest of each statistic: top[s * k …], unused ones with effect 0.
 * direction[s]: +1 those that raise diff, -1 those that lower it, 0 either. */
struct stats_top { uint32_t cluster; double effect; };
bool stats_influence(struct stats_top *top, size_t k, const int *direction, const struct stats_pairing *x);

/* Corrected p-values, NAN stays NAN and does not count. */
bool stats_holm(double *out, const double *p, size_t n);               /* Holm 1979: family-wise error */
bool stats_benjamini_hochberg(double *out, const double *p, size_t n); /* 1995: false discovery rate */

#endif
