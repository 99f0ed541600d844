/* Times to an event, some cut off before it → survival curve, median, mean.
 * Times are whole user turns 0, 1, …; counts may be weights of a bootstrap. */
#include "stats/stats.h"

#include <math.h>

static double total(const double *x, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++) sum += x[i];
    return sum;
}

void stats_km(double *s, const double *events, const double *censored, int n)
{
    double risk = total(events, n) + total(censored, n), now = risk > 0 ? 1 : NAN;
    for (int t = 0; t < n; t++) {
        if (events[t] > 0) now *= risk > events[t] + 1e-9 ? 1 - events[t] / risk : 0;
        risk -= events[t] + censored[t];
        s[t] = now;
    }
}

double stats_km_median(const double *s, int n)
{
    /* A weight's rounding must not move a curve that is at one half. */
    for (int t = 0; t < n; t++)
        if (s[t] <= .5 + 1e-12) return t;
    return NAN;
}

double stats_km_mean(const double *s, int tau) { return total(s, tau); }

void stats_incidence(double *f, const double *events, const double *competing, const double *censored, int n)
{
    double risk = total(events, n) + total(competing, n) + total(censored, n), alive = 1, sum = risk > 0 ? 0 : NAN;
    for (int t = 0; t < n; t++) {
        double ends = events[t] + competing[t];
        if (ends > 0) {
            sum += alive * events[t] / risk;
            alive *= risk > ends + 1e-9 ? 1 - ends / risk : 0;
        }
        risk -= ends + censored[t];
        f[t] = sum;
    }
}
