/* Counts of x against y → how y goes with x: Somers' d, slope of a logistic
 * regression. */
#include "stats/stats.h"

#include <math.h>

double stats_somers_d(const double *t, int rows, int cols)
{
    double agree = 0, differ = 0, total = 0, tied = 0;
    for (int i = 0; i < rows; i++) {
        double row = 0;
        for (int j = 0; j < cols; j++) {
            double n = t[i * cols + j];
            row += n;
            for (int k = i + 1; k < rows && n > 0; k++)
                for (int l = 0; l < cols; l++) {
                    double pairs = n * t[k * cols + l];
                    if (l > j) agree += pairs;
                    if (l < j) differ += pairs;
                }
        }
        total += row;
        tied += row * row;
    }
    double apart = (total * total - tied) / 2; /* pairs that differ in x */
    return apart > 0 ? (agree - differ) / apart : NAN;
}

/* Newton's method; the data are counts, so each x is one weighted row. */
double stats_logistic_slope(const double *no, const double *yes, int n)
{
    enum { STEPS = 50 };
    const double far = 30; /* on the logit scale nobody's data reach: the classes are separated */
    double a = 0, b = 0;
    for (int step = 0; step < STEPS; step++) {
        double ga = 0, gb = 0, haa = 0, hab = 0, hbb = 0;
        for (int x = 0; x < n; x++) {
            double m = no[x] + yes[x];
            if (m <= 0) continue;
            double p = 1 / (1 + exp(-(a + b * x))), r = yes[x] - m * p, v = m * p * (1 - p);
            ga += r, gb += r * x;
            haa += v, hab += v * x, hbb += v * x * x;
        }
        double det = haa * hbb - hab * hab;
        if (!(det > 1e-10 * (haa * hbb + 1e-300))) return NAN; /* one x, one y, or separated */
        double da = (hbb * ga - hab * gb) / det, db = (haa * gb - hab * ga) / det;
        a += da, b += db;
        if (!(fabs(a) < far && fabs(b) < far)) return NAN;
        if (fabs(da) < 1e-10 && fabs(db) < 1e-10) return b;
    }
    return NAN;
}
