/* Agreement of two codings, intervals by resampling clusters, calibration,
 * times to an event, association.
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

/* ---- draws.c: the same resampling for many sums at once ---- */

struct stats_entry { uint32_t cell; float amount; };
struct stats_rows { /* row i, one a cluster, adds p[at[i]] … p[at[i+1]-1] to the cells */
    const struct stats_entry *p;
    const size_t *at; /* [n_row + 1] */
    size_t n_row, n_cell;
};
/* Called once a draw with the n_cell sums, from several threads, each with draws of its own. */
typedef void stats_draw_fn(void *ctx, uint32_t draw, const double *cells);
/* Figures depend on the seed alone. False: out of memory. */
bool stats_draws(const struct stats_rows *rows, uint32_t draws, uint64_t seed, uint32_t threads, stats_draw_fn *fn,
                 void *ctx);

/* ---- survival.c: times 0..n-1; who is censored at t was still at risk at t ---- */

/* Kaplan & Meier 1958: s[t] is the share whose time is after t. NAN without anyone. */
void stats_km(double *s, const double *events, const double *censored, int n);
double stats_km_median(const double *s, int n); /* first t with s[t] <= 1/2; NAN when it is not reached */
double stats_km_mean(const double *s, int tau); /* restricted mean: of the lesser of the time and tau; tau <= n */
/* Aalen & Johansen 1978: f[t] is the share with the event up to t, where a competing end rules it out. */
void stats_incidence(double *f, const double *events, const double *competing, const double *censored, int n);

/* ---- association.c ---- */

/* Somers 1962: d of the column given the row, both ordered; counts row-major. NAN when no pair differs in row. */
double stats_somers_d(const double *table, int rows, int cols);
/* Slope of logit P(yes) on x = 0..n-1, from counts at each x. NAN with one x, one answer, or separated ones. */
double stats_logistic_slope(const double *no, const double *yes, int n);

/* ---- calibration.c ---- */

enum { STATS_BINS = 10 };
struct stats_bin { uint32_t n, right; double sum; }; /* of probabilities in [i/10, (i+1)/10) */
struct stats_calibration { struct stats_bin bin[STATS_BINS]; double squared; uint32_t n; };
void stats_calibrate(struct stats_calibration *c, double p, bool right);
double stats_ece(const struct stats_calibration *c);   /* expected calibration error: mean |said - was|, by rows */
double stats_brier(const struct stats_calibration *c);

#endif
