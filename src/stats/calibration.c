/* Probabilities and what came true → reliability by tenths, expected
 * calibration error, Brier score. */
#include "stats/stats.h"

#include <math.h>

void stats_calibrate(struct stats_calibration *c, double p, bool right)
{
    int i = (int)(p * STATS_BINS);
    struct stats_bin *b = &c->bin[i < 0 ? 0 : i >= STATS_BINS ? STATS_BINS - 1 : i];
    b->n++;
    b->right += right;
    b->sum += p;
    c->squared += (p - right) * (p - right);
    c->n++;
}

double stats_ece(const struct stats_calibration *c)
{
    double sum = 0;
    for (int i = 0; i < STATS_BINS; i++) sum += fabs(c->bin[i].sum - c->bin[i].right);
    return c->n ? sum / c->n : NAN;
}

double stats_brier(const struct stats_calibration *c) { return c->n ? c->squared / c->n : NAN; }
