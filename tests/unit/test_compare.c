/* stats/compare: differences of two runs against enumeration, formulas and simulation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <math.h>

#include "stats/compare.h"

static void assert_near(double got, double want, double by)
{
    if (!(fabs(got - want) <= by)) fail_msg("got %.6f, expected %.6f", got, want);
}

/* One ratio: cell 0 the numerator, cell 1 the denominator. */
static void ratio(double *out, const double *cells, void *ctx)
{
    (void)ctx;
    out[0] = cells[1] > 0 ? cells[0] / cells[1] : NAN;
}

enum { MOST = 600 };
struct side {
    struct stats_part part[2 * MOST];
    uint32_t first[MOST + 1];
    struct stats_clusters c;
};

static void side_put(struct side *s, double num, double den)
{
    size_t n = s->c.n;
    s->part[2 * n] = (struct stats_part){0, num};
    s->part[2 * n + 1] = (struct stats_part){1, den};
    s->first[n] = (uint32_t)(2 * n);
    s->first[n + 1] = (uint32_t)(2 * n + 2);
    s->c = (struct stats_clusters){s->part, s->first, n + 1};
}

static struct stats_change compare(const struct side *a, const struct side *b, bool paired, uint32_t draws, uint64_t seed)
{
    struct stats_change x;
    const struct stats_pairing pairing = {a->c, b->c, paired, 2, 1, ratio, NULL};
    const struct stats_resampling how = {seed, draws, draws, 1 + (uint32_t)(seed % 3)};
    assert_true(stats_compare(&x, &pairing, &how));
    return x;
}

static double ratio_of(const double *num, const double *den, unsigned set, size_t n, bool in)
{
    double x = 0, y = 0;
    for (size_t i = 0; i < n; i++)
        if ((set >> i & 1) == in) x += num[i], y += den[i];
    return x / y;
}

static const double num_a[6] = {0, 1, 0, 2, 1, 0}, den_a[6] = {2, 3, 1, 4, 2, 3};
static const double num_b[6] = {1, 3, 1, 2, 2, 1}, den_b[6] = {2, 4, 2, 3, 2, 3};

static void compare__paired_p_is_that_of_all_swaps(void **state)
{
    (void)state;
    static struct side a, b;
    double num[12], den[12];
    for (size_t i = 0; i < 6; i++) {
        side_put(&a, num_a[i], den_a[i]);
        side_put(&b, num_b[i], den_b[i]);
        num[i] = num_a[i], den[i] = den_a[i], num[i + 6] = num_b[i], den[i + 6] = den_b[i];
    }
    double seen = fabs(ratio_of(num, den, 0xFC0, 12, true) - ratio_of(num, den, 0xFC0, 12, false));
    int as_far = 0;
    for (unsigned swap = 0; swap < 64; swap++) {
        unsigned set = swap | (~swap & 63u) << 6; /* side b: swapped ones come from a */
        as_far += fabs(ratio_of(num, den, set, 12, true) - ratio_of(num, den, set, 12, false)) >= seen - 1e-12;
    }
    struct stats_change x = compare(&a, &b, true, 20000, 5);
    assert_near(x.diff, 10.0 / 16 - 4.0 / 15, 1e-12);
    assert_near(x.p, as_far / 64.0, 0.01);
}

static void compare__unpaired_p_is_that_of_all_deals(void **state)
{
    (void)state;
    static struct side a, b;
    double num[11], den[11];
    for (size_t i = 0; i < 6; i++) side_put(&a, num_a[i], den_a[i]), num[i] = num_a[i], den[i] = den_a[i];
    for (size_t i = 0; i < 5; i++) side_put(&b, num_b[i], den_b[i]), num[i + 6] = num_b[i], den[i + 6] = den_b[i];
    double seen = fabs(ratio_of(num, den, 0x7C0, 11, true) - ratio_of(num, den, 0x7C0, 11, false));
    int as_far = 0, all = 0;
    for (unsigned set = 0; set < 1u << 11; set++) {
        if (__builtin_popcount(set) != 5) continue;
        all++;
        as_far += fabs(ratio_of(num, den, set, 11, true) - ratio_of(num, den, set, 11, false)) >= seen - 1e-12;
    }
    assert_int_equal(all, 462);
    assert_near(compare(&a, &b, false, 20000, 5).p, as_far / 462.0, 0.01);
}

static void compare__interval_is_that_of_two_proportions(void **state)
{
    (void)state;
    static struct side a, b;
    for (size_t i = 0; i < 500; i++) side_put(&a, i < 100, 1), side_put(&b, i < 150, 1);
    struct stats_change x = compare(&a, &b, false, 4000, 1);
    double half = 1.96 * sqrt(.2 * .8 / 500 + .3 * .7 / 500); /* Wald */
    assert_near(x.diff, 0.1, 1e-12);
    assert_near(x.lo, 0.1 - half, 0.004);
    assert_near(x.hi, 0.1 + half, 0.004);
    assert_true(x.p < 0.002);
    /* The same rows as pairs, b right wherever a is: the variance of a paired difference. */
    struct stats_change y = compare(&a, &b, true, 4000, 1);
    half = 1.96 * sqrt((0.1 - 0.01) / 500);
    assert_near(y.lo, 0.1 - half, 0.004);
    assert_near(y.hi, 0.1 + half, 0.004);
    assert_true(y.hi - y.lo < x.hi - x.lo);
}

static void compare__the_same_run_twice_shows_no_difference(void **state)
{
    (void)state;
    static struct side a;
    for (size_t i = 0; i < 40; i++) side_put(&a, i % 3 == 0, 1 + i % 2);
    struct stats_change x = compare(&a, &a, true, 500, 1), y = compare(&a, &a, false, 500, 1);
    assert_true(x.diff == 0 && x.lo == 0 && x.hi == 0);
    assert_near(x.p, 1, 0);
    assert_false(x.testable); /* no swap could show anything */
    assert_true(y.diff == 0 && y.lo < 0 && y.hi > 0);
    assert_near(y.p, 1, 0);
    assert_true(y.testable);
}

static void compare__nothing_to_measure_is_no_number(void **state)
{
    (void)state;
    static struct side a, none, empty;
    for (size_t i = 0; i < 10; i++) side_put(&a, 1, 2), side_put(&none, 0, 0);
    struct stats_change x = compare(&a, &none, true, 100, 1);
    assert_true(isnan(x.b) && isnan(x.diff) && isnan(x.lo) && isnan(x.hi) && isnan(x.p));
    empty.c = (struct stats_clusters){empty.part, empty.first, 0};
    assert_true(isnan(compare(&a, &empty, false, 100, 1).diff));
}

static double uniform(uint64_t *s) { return (double)(stats_random(s) >> 11) * 0x1p-53; }

static int by_value(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;
    return a < b ? -1 : a > b;
}

/* Largest distance of the sorted sample's distribution from the uniform one. */
static double kolmogorov(double *p, size_t n)
{
    double most = 0;
    qsort(p, n, sizeof *p, by_value);
    for (size_t i = 0; i < n; i++)
        most = fmax(most, fmax(fabs(p[i] - (double)i / (double)n), fabs(p[i] - (double)(i + 1) / (double)n)));
    return most;
}

enum { RUNS = 400, PAIRS = 24 };

/* Runs without a difference: clusters of 1 to 4 rows that resemble each other within; pairs share a level. */
static double null_distance(bool paired, double shift, size_t *rejected)
{
    static struct side a, b;
    double p[RUNS];
    uint64_t s = paired ? 11 : 12;
    *rejected = 0;
    for (size_t r = 0; r < RUNS; r++) {
        a.c.n = b.c.n = 0;
        for (size_t i = 0; i < PAIRS; i++) {
            double level = uniform(&s), n_a = 1 + (double)stats_below(&s, 4), n_b = 1 + (double)stats_below(&s, 4);
            double other = paired ? level : uniform(&s);
            side_put(&a, n_a * (0.7 * level + 0.3 * uniform(&s)), n_a);
            side_put(&b, n_b * (0.7 * other + 0.3 * uniform(&s) + shift), n_b);
        }
        p[r] = compare(&a, &b, paired, 199, r + 1).p;
        *rejected += p[r] <= 0.05;
    }
    return kolmogorov(p, RUNS);
}

static void compare__p_values_are_uniform_without_a_difference(void **state)
{
    (void)state;
    size_t rejected;
    double bound = 1.63 / sqrt(RUNS) + 1.0 / 200; /* 1 % point of the distance, and the step of 199 draws */
    for (int paired = 0; paired < 2; paired++) {
        assert_true(null_distance(paired, 0, &rejected) < bound);
        assert_in_range(rejected, 8, 34); /* of 400 at .05: 20, give or take 3 standard deviations */
    }
}

static void compare__a_shift_is_found_and_sooner_in_pairs(void **state)
{
    (void)state;
    size_t unpaired, paired;
    null_distance(false, 0.15, &unpaired);
    null_distance(true, 0.15, &paired);
    assert_true(paired > 350);
    assert_true(unpaired > 100 && unpaired < paired);
}

static void compare__threads_change_no_figure(void **state)
{
    (void)state;
    static struct side a, b;
    for (size_t i = 0; i < 30; i++) side_put(&a, i % 3 == 0, 1 + i % 2), side_put(&b, i % 4 == 0, 1 + i % 3);
    for (int paired = 0; paired < 2; paired++) {
        const struct stats_pairing pairing = {a.c, b.c, paired, 2, 1, ratio, NULL};
        struct stats_change x[3];
        for (uint32_t t = 0; t < 3; t++) {
            const struct stats_resampling how = {7, 333, 501, t * 2 + 1};
            assert_true(stats_compare(&x[t], &pairing, &how));
        }
        for (uint32_t t = 1; t < 3; t++)
            assert_true(x[0].lo == x[t].lo && x[0].hi == x[t].hi && x[0].p == x[t].p && x[0].diff == x[t].diff);
    }
}

static void compare__influence_is_what_leaving_out_takes_away(void **state)
{
    (void)state;
    static struct side a, b;
    struct stats_top top[2];
    side_put(&a, 0, 1), side_put(&a, 0, 1), side_put(&a, 1, 2);
    side_put(&b, 0, 1), side_put(&b, 3, 3), side_put(&b, 1, 2);
    struct stats_pairing x = {a.c, b.c, true, 2, 1, ratio, NULL};
    double all = 4.0 / 6 - 1.0 / 4, out[3] = {all - (4.0 / 5 - 1.0 / 3), all - (1.0 / 3 - 1.0 / 3), all - (3.0 / 4 - 0)};
    assert_true(stats_influence(top, 2, (int[]){1}, &x)); /* only the second raises the difference */
    assert_int_equal(top[0].cluster, 1);
    assert_near(top[0].effect, out[1], 1e-12);
    assert_near(top[1].effect, 0, 0);
    assert_true(stats_influence(top, 2, (int[]){-1}, &x));
    assert_int_equal(top[0].cluster, 2);
    assert_near(top[0].effect, out[2], 1e-12);
    assert_int_equal(top[1].cluster, 0);
    assert_near(top[1].effect, out[0], 1e-12);
    x.paired = false;
    assert_true(stats_influence(top, 1, (int[]){0}, &x));
    assert_near(top[0].effect, all - (1.0 / 3 - 1.0 / 4), 1e-12);
}

static void compare__holm_and_benjamini_hochberg_by_hand(void **state)
{
    (void)state;
    const double p[5] = {.01, .04, NAN, .03, .005}, holm[4] = {.03, .06, .06, .02}, bh[4] = {.02, .04, .04, .02};
    double x[5], y[5];
    assert_true(stats_holm(x, p, 5) && stats_benjamini_hochberg(y, p, 5));
    assert_true(isnan(x[2]) && isnan(y[2]));
    for (size_t i = 0, k = 0; i < 5; i++) {
        if (i == 2) continue;
        assert_near(x[i], holm[k], 1e-12);
        assert_near(y[i], bh[k], 1e-12);
        k++;
    }
    const double large[2] = {.9, .8};
    assert_true(stats_holm(x, large, 2));
    assert_near(x[0], 1, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compare__paired_p_is_that_of_all_swaps),
        cmocka_unit_test(compare__unpaired_p_is_that_of_all_deals),
        cmocka_unit_test(compare__interval_is_that_of_two_proportions),
        cmocka_unit_test(compare__the_same_run_twice_shows_no_difference),
        cmocka_unit_test(compare__nothing_to_measure_is_no_number),
        cmocka_unit_test(compare__p_values_are_uniform_without_a_difference),
        cmocka_unit_test(compare__a_shift_is_found_and_sooner_in_pairs),
        cmocka_unit_test(compare__threads_change_no_figure),
        cmocka_unit_test(compare__influence_is_what_leaving_out_takes_away),
        cmocka_unit_test(compare__holm_and_benjamini_hochberg_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
