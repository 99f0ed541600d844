/* Worst over best group of each metric that is a ratio of sums (codebook §3, Equity). */
#ifndef REFRAIN_STATS_EQUITY_H
#define REFRAIN_STATS_EQUITY_H

#include "stats/corpus.h"

/* Adds to out->equity, by locale, language and population. False: out of memory. */
bool equity_of(struct metrics *out, struct corpus *c, const struct contributions *x, const struct metrics_opts *o);

#endif
