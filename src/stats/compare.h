/* Two runs → how much each statistic changed, and whether by more than chance.
 *
 * A statistic is a function of sums over clusters (conversations, or groups of
 * regenerations): each cluster adds its parts to cells, as in stats_intervals.
 * Intervals: percentile bootstrap of the difference, whole clusters drawn
 * (Davison and Hinkley 1997, §5.2; both sides of a pair go together). P-values:
 * two-sided permutation tests (Phipson and Smyth 2010: never 0): the sides of
 * each pair are swapped by a coin, or the clusters of both runs are dealt anew.
 * No I/O. */
#ifndef REFRAIN_STATS_COMPARE_H
#define REFRAIN_STATS_COMPARE_H

#include "stats/stats.h"

struct stats_part { uint32_t cell; double value; };
struct stats_clusters {
    const struct stats_part *part;
    const uint32_t *first;   /* [n + 1] in part */
    size_t n;
};

struct stats_change {
    double a, b, diff;       /* diff = b - a; NAN when one side is undefined */
    double lo, hi;           /* 95 %; NAN when it cannot be told */
    double p;                /* NAN when it cannot be told */
};

/* `paired`: a->n == b->n, and cluster i of both is the same conversation.
 * False: out of memory. */
bool stats_compare(struct stats_change *out, size_t n_out, const struct stats_clusters *a, const struct stats_clusters *b,
                   bool paired, size_t n_cell, const struct stats_bootstrap *how, stats_fn *fn, void *ctx);

/* What leaving out cluster i of b (paired: of both) takes away from `diff` of
 * statistic s: out[i] = diff - diff without i. NAN where either is undefined. */
bool stats_influence(double *out, size_t s, size_t n_out, const struct stats_clusters *a, const struct stats_clusters *b,
                     bool paired, size_t n_cell, stats_fn *fn, void *ctx);

/* Corrected p-values, NAN stays NAN and does not count. */
bool stats_holm(double *out, const double *p, size_t n);              /* Holm 1979: family-wise error */
bool stats_benjamini_hochberg(double *out, const double *p, size_t n); /* 1995: false discovery rate */

#endif
