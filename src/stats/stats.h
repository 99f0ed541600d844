/* Agreement of two codings, intervals by resampling clusters, calibration.
 *
 * A table is k x k counts, row = label, column = what was read, row-major; k is
 * at most STATS_MAX_CLASS. Everything that is undefined (no rows, or nothing
 * but one class where chance is certain) is NAN. No I/O. */
#ifndef REFRAIN_STATS_STATS_H
#define REFRAIN_STATS_STATS_H

#include "base/base.h"

enum { STATS_MAX_CLASS = 64 };

/* ---- agreement.c ---- */

struct class_score { double n, precision, recall, f1; }; /* n: rows with that label */
void stats_class(struct class_score *out, const double *table, int k, int class);
double stats_accuracy(const double *table, int k);
double stats_macro_f1(const double *table, int k); /* mean F1 of the classes that are labelled at least once */
/* Cohen 1960. */
double stats_kappa(const double *table, int k);
/* Cohen 1968 with squared distance of class indices. */
double stats_kappa_quadratic(const double *table, int k);
/* Gwet 2008: AC1; AC2 with quadratic weights. */
double stats_ac1(const double *table, int k);
double stats_ac2(const double *table, int k);

enum alpha_metric { ALPHA_NOMINAL, ALPHA_ORDINAL, ALPHA_INTERVAL /* class index is the value */ };
/* Krippendorff 2011, from a coincidence matrix: symmetric, k x k. */
double stats_alpha(const double *coincidence, int k, enum alpha_metric metric);
/* Adds one unit to a coincidence matrix: the values of its n coders, < 0 missing. */
void stats_coincide(double *coincidence, int k, const int *value, size_t n);
/* The matrix of a table: two coders, none missing. */
void stats_coincidence_of(double *coincidence, const double *table, int k);

/* ---- bootstrap.c ---- */

/* One observation: adds 1 to a cell of the counts that the statistic reads. */
struct stats_obs { uint32_t cluster, cell; };
struct stats_interval { double value, lo, hi; }; /* of all rows; 2.5 % and 97.5 % of the draws */
/* Statistics of `cells` (n_cell counts) into out[0..n_out). */
typedef void stats_fn(double *out, const double *cells, void *ctx);
struct stats_bootstrap { uint64_t seed; uint32_t draws; };
/* Draws whole clusters with replacement (percentile interval). Draws in which
 * a statistic is undefined do not count; lo and hi are NAN when more than half
 * are, or when there are fewer than two clusters. False: out of memory. */
bool stats_intervals(struct stats_interval *out, size_t n_out, const struct stats_obs *obs, size_t n, size_t n_cell,
                     const struct stats_bootstrap *how, stats_fn *fn, void *ctx);

/* Pieces for other resampling. SplitMix64: the same numbers from the same seed everywhere. */
uint64_t stats_random(uint64_t *state);
static inline size_t stats_below(uint64_t *state, size_t n) { return (size_t)((__uint128_t)stats_random(state) * n >> 64); }
/* 2.5 % and 97.5 % of the draws that are defined, which it sorts; NANs when fewer than half are. */
void stats_percentiles(double *lo, double *hi, double *draw, size_t n);

/* ---- calibration.c ---- */

enum { STATS_BINS = 10 };
struct stats_bin { uint32_t n, right; double sum; }; /* of probabilities in [i/10, (i+1)/10) */
struct stats_calibration { struct stats_bin bin[STATS_BINS]; double squared; uint32_t n; };
void stats_calibrate(struct stats_calibration *c, double p, bool right);
double stats_ece(const struct stats_calibration *c);   /* expected calibration error: mean |said - was|, by rows */
double stats_brier(const struct stats_calibration *c);

#endif
