/* Survival, association and the fast bootstrap, against published worked
 * examples, closed forms, and what R and SciPy say (tests/fixtures/statistics-*.txt). */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "stats/stats.h"
#include <cmocka.h>

static void assert_near(double got, double want, double by)
{
    if (!(fabs(got - want) <= by)) fail_msg("got %.12f, expected %.12f", got, want);
}

/* ---- survival ---- */

/* Freireich et al. 1963, remission in weeks under 6-MP; the curve as in Cox & Oakes 1984, table 4.1. */
static void km__of_freireichs_remissions(void **state)
{
    (void)state;
    double event[36] = {0}, cut[36] = {0}, s[36];
    static const int relapse[] = {6, 6, 6, 7, 10, 13, 16, 22, 23}, left[] = {6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35};
    static const struct { int t; double s; } want[] = {{5, 1},      {6, .857},  {7, .807},  {9, .807},  {10, .753},
                                                       {13, .690}, {16, .627}, {22, .538}, {23, .448}, {35, .448}};
    for (size_t i = 0; i < ARRAY_LEN(relapse); i++) event[relapse[i]]++;
    for (size_t i = 0; i < ARRAY_LEN(left); i++) cut[left[i]]++;
    stats_km(s, event, cut, 36);
    for (size_t i = 0; i < ARRAY_LEN(want); i++) assert_near(s[want[i].t], want[i].s, 5e-4);
    assert_near(stats_km_median(s, 36), 23, 0);
}

static void km__without_censoring_is_the_empirical_curve(void **state)
{
    (void)state;
    const double event[4] = {1, 4, 3, 2}, cut[4] = {0};
    double s[4];
    stats_km(s, event, cut, 4);
    assert_near(s[0], .9, 1e-12);
    assert_near(s[1], .5, 1e-12);
    assert_near(s[2], .2, 1e-12);
    assert_near(s[3], 0, 1e-12);
    assert_near(stats_km_median(s, 4), 1, 0); /* at one half it is reached */
    assert_near(stats_km_mean(s, 4), (4 + 3 * 2 + 2 * 3) / 10., 1e-12);
}

static void km__median_is_undefined_where_fewer_than_half_get_there(void **state)
{
    (void)state;
    const double event[2] = {1, 1}, cut[2] = {0, 8}, none[2] = {0};
    double s[2];
    stats_km(s, event, cut, 2);
    assert_true(isnan(stats_km_median(s, 2)));
    stats_km(s, none, none, 2);
    assert_true(isnan(s[0]) && isnan(stats_km_mean(s, 2)));
}

/* With one event and everyone seen to the end the incidences share out the whole. */
static void incidence__adds_up_with_its_rival(void **state)
{
    (void)state;
    const double a[5] = {0, 3, 2, 1, 0}, b[5] = {1, 2, 0, 4, 1}, cut[5] = {2, 0, 1, 1, 3};
    double f[5], g[5], s[5], both[5];
    for (int t = 0; t < 5; t++) both[t] = a[t] + b[t];
    stats_incidence(f, a, b, cut, 5);
    stats_incidence(g, b, a, cut, 5);
    stats_km(s, both, cut, 5);
    for (int t = 0; t < 5; t++) assert_near(f[t] + g[t] + s[t], 1, 1e-12);
    const double no[5] = {0};
    stats_incidence(f, a, no, cut, 5);
    stats_km(s, a, cut, 5);
    for (int t = 0; t < 5; t++) assert_near(f[t], 1 - s[t], 1e-12);
}

/* ---- association ---- */

/* SAS/STAT, PROC FREQ, "Cochran-Armitage trend test" data (pain by dose): Somers' D C|R .4427 and R|C .2569. */
static void somers__of_pain_by_dose(void **state)
{
    (void)state;
    const double t[10] = {26, 26, 23, 18, 9, 6, 7, 9, 14, 23}, turned[10] = {26, 6, 26, 7, 23, 9, 18, 14, 9, 23};
    assert_near(stats_somers_d(t, 2, 5), .4427, 5e-5);
    assert_near(stats_somers_d(turned, 5, 2), .2569, 5e-5);
}

static void somers__is_one_where_order_is_kept_and_nan_in_one_row(void **state)
{
    (void)state;
    const double kept[6] = {3, 0, 0, 0, 2, 0}, against[4] = {0, 5, 5, 0}, one[4] = {4, 2, 0, 0}, level[4] = {2, 2, 3, 3};
    assert_near(stats_somers_d(kept, 2, 3), 1, 1e-12);
    assert_near(stats_somers_d(against, 2, 2), -1, 1e-12);
    assert_near(stats_somers_d(level, 2, 2), 0, 1e-12);
    assert_true(isnan(stats_somers_d(one, 2, 2)));
}

/* With x 0 and 1 the slope is the log odds ratio. */
static void logistic__of_two_levels_is_the_log_odds_ratio(void **state)
{
    (void)state;
    const double no[2] = {12, 3}, yes[2] = {5, 9}, parted[2] = {0, 4}, other[2] = {5, 0}, one_x[2] = {3, 0}, one_y[2] = {2, 0};
    assert_near(stats_logistic_slope(no, yes, 2), log(9. * 12 / (3 * 5)), 1e-9);
    assert_true(isnan(stats_logistic_slope(parted, other, 2)));
    assert_true(isnan(stats_logistic_slope(one_x, one_y, 2)));
}

/* ---- what R and SciPy say ---- */

enum { MOST = 64 };

static bool numbers(FILE *f, double *x, int n)
{
    for (int i = 0; i < n; i++)
        if (fscanf(f, "%lf", &x[i]) != 1) return false;
    return true;
}

static void check_curve(FILE *f, int n, bool competing)
{
    double a[MOST], b[MOST], c[MOST], want[MOST], got[MOST];
    assert_true(numbers(f, a, n) && numbers(f, b, n) && (!competing || numbers(f, c, n)) && numbers(f, want, n));
    if (competing) stats_incidence(got, a, b, c, n);
    else stats_km(got, a, b, n);
    double left = 0;
    for (int t = 0; t < n; t++) left += a[t] + b[t] + (competing ? c[t] : 0);
    for (int t = 0; t < n && left > 0; t++) {
        assert_near(got[t], want[t], 1e-9);
        left -= a[t] + b[t] + (competing ? c[t] : 0);
    }
}

static void check_somers(FILE *f)
{
    double d, t[MOST], want;
    assert_true(fscanf(f, "%lf", &d) == 1);
    int rows = (int)d;
    assert_true(fscanf(f, "%lf", &d) == 1);
    int cols = (int)d;
    assert_true(numbers(f, t, rows * cols) && numbers(f, &want, 1));
    assert_near(stats_somers_d(t, rows, cols), want, 1e-9);
}

static void check_logistic(FILE *f, int n)
{
    double no[MOST], yes[MOST], want;
    assert_true(numbers(f, no, n) && numbers(f, yes, n) && numbers(f, &want, 1));
    assert_near(stats_logistic_slope(no, yes, n), want, 1e-9);
}

static int check_file(const char *path)
{
    FILE *f = fopen(path, "r");
    char kind[16], line[256];
    int n, seen = 0;
    if (!f) fail_msg("%s: not there", path);
    while (fscanf(f, "%15s", kind) == 1) {
        if (kind[0] == '#') {
            assert_non_null(fgets(line, sizeof line, f));
            continue;
        }
        seen++;
        if (!strcmp(kind, "somers")) {
            check_somers(f);
            continue;
        }
        assert_true(fscanf(f, "%d", &n) == 1 && n <= MOST);
        if (!strcmp(kind, "logistic")) check_logistic(f, n);
        else check_curve(f, n, !strcmp(kind, "incidence"));
    }
    fclose(f);
    return seen;
}

static void curves_and_slopes__are_those_of_r(void **state)
{
    (void)state;
    assert_true(check_file("tests/fixtures/statistics-r.txt") >= 50);
}

static void somers__is_that_of_scipy(void **state)
{
    (void)state;
    assert_true(check_file("tests/fixtures/statistics-scipy.txt") >= 25);
}

/* ---- draws ---- */

struct sample { struct stats_entry entry[4000]; size_t at[2001]; struct stats_rows rows; };

/* Clusters of 1 to 8 answers that share a chance around .3; cell 0 counts answers, cell 1 those that are yes. */
static void sample_make(struct sample *s, size_t n, uint64_t *state)
{
    s->at[0] = 0;
    for (size_t i = 0; i < n; i++) {
        size_t m = 1 + stats_below(state, 8), yes = 0;
        double p = .1 + .4 * (double)stats_below(state, 1000) / 999;
        for (size_t k = 0; k < m; k++) yes += (double)stats_below(state, 1000000) / 1e6 < p;
        s->entry[2 * i] = (struct stats_entry){0, (float)m};
        s->entry[2 * i + 1] = (struct stats_entry){1, (float)yes};
        s->at[i + 1] = 2 * (i + 1);
    }
    s->rows = (struct stats_rows){s->entry, s->at, n, 2};
}

static void take_share(void *ctx, uint32_t draw, const double *cells) { ((double *)ctx)[draw] = cells[1] / cells[0]; }

static void draws__cover_the_truth_as_often_as_they_say(void **state)
{
    (void)state;
    enum { TRIALS = 400, DRAWS = 400 };
    static struct sample s;
    uint64_t random = 11;
    int covered = 0;
    for (int i = 0; i < TRIALS; i++) {
        double drawn[DRAWS], lo, hi;
        sample_make(&s, 150, &random);
        assert_true(stats_draws(&s.rows, DRAWS, (uint64_t)i, 1, take_share, drawn));
        stats_percentiles(&lo, &hi, drawn, DRAWS);
        covered += lo <= .3 && .3 <= hi;
    }
    /* 95 % of 400 is 380; four standard errors are 17 */
    assert_in_range(covered, 363, 397);
}

static void draws__repeat_with_the_seed_on_any_number_of_threads(void **state)
{
    (void)state;
    static struct sample s;
    uint64_t random = 5;
    double a[333], b[333], c[333];
    sample_make(&s, 700, &random);
    assert_true(stats_draws(&s.rows, 333, 9, 1, take_share, a) && stats_draws(&s.rows, 333, 9, 3, take_share, b) &&
                stats_draws(&s.rows, 333, 10, 2, take_share, c));
    assert_memory_equal(a, b, sizeof a);
    assert_true(memcmp(a, c, sizeof a) != 0);
}

static void take_count(void *ctx, uint32_t draw, const double *cells) { ((double *)ctx)[draw] = cells[0]; }

/* As many clusters are drawn as there are; above a chunk's size as well. */
static void draws__take_as_many_clusters_as_there_are(void **state)
{
    (void)state;
    for (size_t n = 1; n < 20000; n = n * 3 + 1) {
        struct stats_entry *e = calloc(n, sizeof *e);
        size_t *at = calloc(n + 1, sizeof *at);
        double drawn[50];
        for (size_t i = 0; i < n; i++) e[i].amount = 1, at[i + 1] = i + 1;
        const struct stats_rows rows = {e, at, n, 1};
        assert_true(stats_draws(&rows, 50, n, 2, take_count, drawn));
        for (int d = 0; d < 50; d++) assert_near(drawn[d], (double)n, 0);
        free(e);
        free(at);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(km__of_freireichs_remissions),
        cmocka_unit_test(km__without_censoring_is_the_empirical_curve),
        cmocka_unit_test(km__median_is_undefined_where_fewer_than_half_get_there),
        cmocka_unit_test(incidence__adds_up_with_its_rival),
        cmocka_unit_test(somers__of_pain_by_dose),
        cmocka_unit_test(somers__is_one_where_order_is_kept_and_nan_in_one_row),
        cmocka_unit_test(logistic__of_two_levels_is_the_log_odds_ratio),
        cmocka_unit_test(curves_and_slopes__are_those_of_r),
        cmocka_unit_test(somers__is_that_of_scipy),
        cmocka_unit_test(draws__cover_the_truth_as_often_as_they_say),
        cmocka_unit_test(draws__repeat_with_the_seed_on_any_number_of_threads),
        cmocka_unit_test(draws__take_as_many_clusters_as_there_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
