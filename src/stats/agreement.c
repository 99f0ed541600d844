/* Counts of labels against readings → precision, recall, F1, accuracy, and the
 * coefficients that take chance out. */
#include "stats/stats.h"

#include <math.h>

struct margins { double row[STATS_MAX_CLASS], col[STATS_MAX_CLASS], n; };

static struct margins margins_of(const double *t, int k)
{
    struct margins m;
    memset(&m, 0, sizeof m);
    for (int i = 0; i < k; i++)
        for (int j = 0; j < k; j++) m.row[i] += t[i * k + j], m.col[j] += t[i * k + j], m.n += t[i * k + j];
    return m;
}

static double ratio(double a, double b) { return b > 0 ? a / b : NAN; }

/* ---- by class ---- */

void stats_class(struct class_score *out, const double *t, int k, int class)
{
    double row = 0, col = 0, hit = t[class * k + class];
    for (int i = 0; i < k; i++) row += t[class * k + i], col += t[i * k + class];
    *out = (struct class_score){row, ratio(hit, col), ratio(hit, row), ratio(2 * hit, row + col)};
}

double stats_accuracy(const double *t, int k)
{
    double hit = 0, n = 0;
    for (int i = 0; i < k * k; i++) n += t[i], hit += i % (k + 1) == 0 ? t[i] : 0;
    return ratio(hit, n);
}

double stats_macro_f1(const double *t, int k)
{
    double sum = 0;
    int n = 0;
    for (int c = 0; c < k; c++) {
        struct class_score s;
        stats_class(&s, t, k, c);
        if (s.n > 0) sum += s.f1, n++;
    }
    return n ? sum / n : NAN;
}

/* ---- kappa and its kin ---- */

/* Share of full agreement that a pair of classes gets. */
static double weight(int i, int j, int k, bool quadratic)
{
    if (!quadratic || k < 2) return i == j;
    double d = (double)(i - j) / (k - 1);
    return 1 - d * d;
}

static double over_chance(double seen, double chance) { return chance < 1 ? (seen - chance) / (1 - chance) : NAN; }

static double observed(const double *t, int k, double n, bool quadratic)
{
    double sum = 0;
    for (int i = 0; i < k; i++)
        for (int j = 0; j < k; j++) sum += weight(i, j, k, quadratic) * t[i * k + j];
    return sum / n;
}

static double kappa(const double *t, int k, bool quadratic)
{
    struct margins m = margins_of(t, k);
    if (m.n <= 0) return NAN;
    double chance = 0;
    for (int i = 0; i < k; i++)
        for (int j = 0; j < k; j++) chance += weight(i, j, k, quadratic) * m.row[i] * m.col[j] / (m.n * m.n);
    /* One class only: chance is certain but for rounding. */
    return chance > 1 - 1e-12 ? NAN : over_chance(observed(t, k, m.n, quadratic), chance);
}

double stats_kappa(const double *t, int k) { return kappa(t, k, false); }
double stats_kappa_quadratic(const double *t, int k) { return kappa(t, k, true); }

static double gwet(const double *t, int k, bool quadratic)
{
    struct margins m = margins_of(t, k);
    if (m.n <= 0 || k < 2) return NAN;
    double weights = 0, spread = 0;
    for (int i = 0; i < k; i++) {
        double share = (m.row[i] + m.col[i]) / (2 * m.n);
        spread += share * (1 - share);
        for (int j = 0; j < k; j++) weights += weight(i, j, k, quadratic);
    }
    return over_chance(observed(t, k, m.n, quadratic), weights / (k * (k - 1.0)) * spread);
}

double stats_ac1(const double *t, int k) { return gwet(t, k, false); }
double stats_ac2(const double *t, int k) { return gwet(t, k, true); }

/* ---- alpha ---- */

void stats_coincidence_of(double *o, const double *t, int k)
{
    for (int i = 0; i < k; i++)
        for (int j = 0; j < k; j++) o[i * k + j] = t[i * k + j] + t[j * k + i];
}

static double distance(const double *n_of, int a, int b, enum alpha_metric metric)
{
    if (metric == ALPHA_NOMINAL) return a != b;
    if (metric == ALPHA_INTERVAL) return (double)(a - b) * (a - b);
    double d = -(n_of[a] + n_of[b]) / 2;
    for (int g = a < b ? a : b; g <= (a < b ? b : a); g++) d += n_of[g];
    return a == b ? 0 : d * d;
}

double stats_alpha(const double *o, int k, enum alpha_metric metric)
{
    struct margins m = margins_of(o, k);
    double seen = 0, chance = 0;
    for (int a = 0; a < k; a++)
        for (int b = 0; b < k; b++) {
            double d = distance(m.row, a, b, metric);
            seen += o[a * k + b] * d;
            chance += m.row[a] * m.row[b] * d;
        }
    return chance > 0 ? 1 - (m.n - 1) * seen / chance : NAN;
}
