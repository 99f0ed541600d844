/* src/stats against published worked examples and closed forms. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include "stats/stats.h"
#include <cmocka.h>

static void assert_near(double got, double want, double by)
{
    if (!(fabs(got - want) <= by)) fail_msg("got %.6f, expected %.6f", got, want);
}

/* ---- by class ---- */

static void class__is_precision_recall_and_f1(void **state)
{
    (void)state;
    const double t[9] = {5, 1, 0, 2, 6, 2, 0, 1, 3}; /* row: label */
    struct class_score s;
    stats_class(&s, t, 3, 1);
    assert_near(s.n, 10, 0);
    assert_near(s.precision, 6 / 8., 1e-12);
    assert_near(s.recall, 6 / 10., 1e-12);
    assert_near(s.f1, 12 / 18., 1e-12);
    assert_near(stats_accuracy(t, 3), 14 / 20., 1e-12);
    assert_near(stats_macro_f1(t, 3), (10 / 13. + 12 / 18. + 6 / 9.) / 3, 1e-12);
}

static void macro_f1__leaves_out_what_is_never_labelled(void **state)
{
    (void)state;
    const double t[9] = {4, 0, 1, 0, 4, 0, 0, 0, 0};
    assert_near(stats_macro_f1(t, 3), (8 / 9. + 1) / 2, 1e-12);
}

static void undefined__is_nan(void **state)
{
    (void)state;
    const double none[4] = {0}, one_class[4] = {7, 0, 0, 0};
    struct class_score s;
    stats_class(&s, one_class, 2, 1);
    assert_true(isnan(stats_accuracy(none, 2)) && isnan(stats_kappa(none, 2)) && isnan(stats_macro_f1(none, 2)));
    assert_true(isnan(s.precision) && isnan(s.recall) && isnan(s.f1));
    assert_true(isnan(stats_kappa(one_class, 2)) && isnan(stats_kappa_quadratic(one_class, 2)));
    assert_true(isnan(stats_alpha(none, 2, ALPHA_NOMINAL)) && isnan(stats_ac1(none, 2)));
    assert_near(stats_ac1(one_class, 2), 1, 1e-12); /* Gwet's point: chance is not certain here */
}

/* ---- kappa, AC1 ---- */

static void kappa__of_the_fifty_grant_proposals(void **state)
{
    (void)state; /* 20 yes/yes, 5, 10, 15 no/no: agreement .70, chance .50 */
    const double t[4] = {20, 5, 10, 15};
    assert_near(stats_kappa(t, 2), 0.4, 1e-12);
    assert_near(stats_kappa_quadratic(t, 2), 0.4, 1e-12); /* two classes have one distance */
}

/* With squared distances kappa is Lin's concordance: 2 cov / (var + var + (mean - mean)^2). */
static void kappa__quadratic_is_lins_concordance(void **state)
{
    (void)state;
    const double t[16] = {9, 3, 0, 1, 2, 7, 4, 0, 1, 2, 8, 3, 0, 0, 2, 6};
    double n = 0, mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++) {
            double c = t[i * 4 + j];
            n += c, mx += c * i, my += c * j, xx += c * i * i, yy += c * j * j, xy += c * i * j;
        }
    mx /= n, my /= n;
    double lin = 2 * (xy / n - mx * my) / (xx / n - mx * mx + yy / n - my * my + (mx - my) * (mx - my));
    assert_near(stats_kappa_quadratic(t, 4), lin, 1e-12);
}

/* Gwet 2008: 118 and 2 agree of 125, as 118 5 / 2 0. Kappa falls below zero, AC1 does not. */
static void ac1__stays_where_kappa_is_paradoxical(void **state)
{
    (void)state;
    const double t[4] = {118, 5, 2, 0};
    assert_near(stats_kappa(t, 2), -0.0234, 5e-5);
    assert_near(stats_ac1(t, 2), 0.9408, 5e-5);
}

static void ac2__gives_near_misses_their_share(void **state)
{
    (void)state;
    const double near[9] = {10, 3, 0, 3, 10, 3, 0, 3, 10}, far[9] = {10, 0, 6, 0, 16, 0, 6, 0, 10};
    assert_true(stats_ac2(near, 3) > stats_ac1(near, 3));
    assert_true(stats_ac2(near, 3) > stats_ac2(far, 3));
    /* pa = (30 + 12 x .75) / 42, weights sum to 3 + 4 x .75 = 6 */
    double p[3] = {13 / 42., 16 / 42., 13 / 42.}, spread = 0;
    for (int i = 0; i < 3; i++) spread += p[i] * (1 - p[i]);
    assert_near(stats_ac2(near, 3), (39 / 42. - spread) / (1 - spread), 1e-12);
}

/* ---- alpha ---- */

/* Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", section C:
 * four observers, twelve units, gaps. */
static const int four_observers[12][4] = {
    {1, 1, -1, 1}, {2, 2, 3, 2}, {3, 3, 3, 3},   {3, 3, 3, 3},   {2, 2, 2, 2},    {1, 2, 3, 4},
    {4, 4, 4, 4},  {1, 1, 2, 1}, {2, 2, 2, 2},   {-1, 5, 5, 5},  {-1, -1, 1, 1},  {-1, 3, -1, -1}};

/* Adds one unit to a coincidence matrix: the values of its n coders, < 0 missing. */
static void coincide(double *o, int k, const int *value, size_t n)
{
    size_t m = 0;
    for (size_t i = 0; i < n; i++) m += value[i] >= 0;
    if (m < 2) return; /* nothing to pair */
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            if (i != j && value[i] >= 0 && value[j] >= 0) o[value[i] * k + value[j]] += 1.0 / (double)(m - 1);
}

static void alpha__of_krippendorffs_four_observers(void **state)
{
    (void)state;
    double o[36] = {0};
    for (int u = 0; u < 12; u++) coincide(o, 6, four_observers[u], 4);
    assert_near(stats_alpha(o, 6, ALPHA_NOMINAL), 0.743, 5e-4);
    assert_near(stats_alpha(o, 6, ALPHA_ORDINAL), 0.815, 5e-4);
    assert_near(stats_alpha(o, 6, ALPHA_INTERVAL), 0.849, 5e-4);
}

/* The same paper, sections A and B: two observers. */
static void alpha__of_krippendorffs_two_observers(void **state)
{
    (void)state;
    static const int bin[2][10] = {{0, 1, 0, 0, 0, 0, 0, 0, 1, 0}, {1, 1, 1, 0, 0, 1, 0, 0, 0, 0}};
    static const char meg[] = "aabbdcccedda", owen[] = "babbbccceddd";
    double o[4] = {0}, t[25] = {0}, p[25];
    for (int i = 0; i < 10; i++) coincide(o, 2, (int[]){bin[0][i], bin[1][i]}, 2);
    assert_near(stats_alpha(o, 2, ALPHA_NOMINAL), 0.095, 5e-4);
    for (int i = 0; i < 12; i++) t[(meg[i] - 'a') * 5 + owen[i] - 'a']++;
    stats_coincidence_of(p, t, 5);
    assert_near(stats_alpha(p, 5, ALPHA_NOMINAL), 0.692, 5e-4);
}

/* ---- bootstrap ---- */

static void share(double *out, const double *cells, void *ctx)
{
    (void)ctx;
    out[0] = cells[0] + cells[1] > 0 ? cells[1] / (cells[0] + cells[1]) : NAN;
}

/* A mean of n independent rows: its interval is nearly 1.96 standard errors wide on each side. */
static void intervals__of_a_share_fit_the_normal_form(void **state)
{
    (void)state;
    struct stats_obs obs[400];
    struct stats_interval x;
    const struct stats_bootstrap how = {7, 4000};
    for (uint32_t i = 0; i < 400; i++) obs[i] = (struct stats_obs){i, i % 10 < 3};
    assert_true(stats_intervals(&x, 1, obs, 400, 2, &how, share, NULL));
    double half = 1.96 * sqrt(0.3 * 0.7 / 400);
    assert_near(x.value, 0.3, 1e-12);
    assert_near(x.lo, 0.3 - half, 0.006);
    assert_near(x.hi, 0.3 + half, 0.006);
}

/* Ten equal rows a cluster tell no more than one: wider by the root of ten. */
static void intervals__count_clusters_and_not_rows(void **state)
{
    (void)state;
    struct stats_obs obs[400];
    struct stats_interval x;
    const struct stats_bootstrap how = {7, 4000};
    for (uint32_t i = 0; i < 400; i++) obs[i] = (struct stats_obs){i / 10, i / 10 % 10 < 3};
    assert_true(stats_intervals(&x, 1, obs, 400, 2, &how, share, NULL));
    double half = 1.96 * sqrt(0.3 * 0.7 / 40);
    assert_near(x.hi - x.lo, 2 * half, 0.03);
}

static void intervals__repeat_with_the_seed_in_any_row_order(void **state)
{
    (void)state;
    struct stats_obs obs[600], back[600];
    struct stats_interval x, y, z;
    for (uint32_t i = 0; i < 600; i++) obs[i] = (struct stats_obs){i * i % 151, i * i % 7 < 3}; /* clusters of many sizes */
    for (uint32_t i = 0; i < 600; i++) back[i] = obs[599 - i];
    const struct stats_bootstrap seven = {7, 500}, eight = {8, 500};
    assert_true(stats_intervals(&x, 1, obs, 600, 2, &seven, share, NULL));
    assert_true(stats_intervals(&y, 1, back, 600, 2, &seven, share, NULL));
    assert_true(stats_intervals(&z, 1, obs, 600, 2, &eight, share, NULL));
    assert_true(x.lo == y.lo && x.hi == y.hi);
    assert_true(x.lo != z.lo || x.hi != z.hi);
}

static void intervals__need_two_clusters(void **state)
{
    (void)state;
    const struct stats_obs obs[3] = {{0, 0}, {0, 1}, {0, 1}};
    struct stats_interval x;
    const struct stats_bootstrap how = {1, 100};
    assert_true(stats_intervals(&x, 1, obs, 3, 2, &how, share, NULL));
    assert_near(x.value, 2 / 3., 1e-12);
    assert_true(isnan(x.lo) && isnan(x.hi));
    assert_true(stats_intervals(&x, 1, NULL, 0, 2, &how, share, NULL));
    assert_true(isnan(x.value) && isnan(x.lo));
}

/* ---- calibration ---- */

static void calibration__is_the_gap_between_said_and_was(void **state)
{
    (void)state;
    struct stats_calibration c = {0};
    for (int i = 0; i < 10; i++) stats_calibrate(&c, 0.85, i < 7);  /* said .85, was .7 */
    for (int i = 0; i < 30; i++) stats_calibrate(&c, 0.2, i < 6);   /* said .2, was .2 */
    stats_calibrate(&c, 1, true);
    assert_int_equal(c.bin[8].n, 10);
    assert_int_equal(c.bin[9].n, 1);
    assert_near(stats_ece(&c), 10 * 0.15 / 41, 1e-9);
    assert_near(stats_brier(&c), (7 * 0.15 * 0.15 + 3 * 0.85 * 0.85 + 6 * 0.64 + 24 * 0.04) / 41, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(class__is_precision_recall_and_f1),
        cmocka_unit_test(macro_f1__leaves_out_what_is_never_labelled),
        cmocka_unit_test(undefined__is_nan),
        cmocka_unit_test(kappa__of_the_fifty_grant_proposals),
        cmocka_unit_test(kappa__quadratic_is_lins_concordance),
        cmocka_unit_test(ac1__stays_where_kappa_is_paradoxical),
        cmocka_unit_test(ac2__gives_near_misses_their_share),
        cmocka_unit_test(alpha__of_krippendorffs_four_observers),
        cmocka_unit_test(alpha__of_krippendorffs_two_observers),
        cmocka_unit_test(intervals__of_a_share_fit_the_normal_form),
        cmocka_unit_test(intervals__count_clusters_and_not_rows),
        cmocka_unit_test(intervals__repeat_with_the_seed_in_any_row_order),
        cmocka_unit_test(intervals__need_two_clusters),
        cmocka_unit_test(calibration__is_the_gap_between_said_and_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
