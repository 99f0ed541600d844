/* Two corpora made by hand → changes: units, pairs, verdicts, order. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "stats/changes.h"
#include <cmocka.h>

static void assert_near(double got, double want, double by)
{
    if (!(fabs(got - want) <= by)) fail_msg("got %.12f, expected %.12f", got, want);
}

/* A conversation of n benign bids, the first `over` of them refused without need. */
static void conv(struct corpus *c, const char *id, const char *group, unsigned n, unsigned over)
{
    struct corpus_conv *v = vec_push(c->a, &c->conv);
    *v = (struct corpus_conv){.id = id, .path = "a.jsonl", .record = c->conv.n, .model = "", .locale = "", .language = "",
                              .country = "", .jurisdiction = "", .regeneration_group = group,
                              .cluster = (uint32_t)c->conv.n - 1, .turn0 = (uint32_t)c->turn.n,
                              .turn1 = (uint32_t)c->turn.n + 2 * n};
    for (unsigned i = 0; i < 2 * n; i++) {
        bool reply = i % 2;
        enum rtype r = i / 2 < over ? RT_R5 : RT_NONE;
        *vec_push(c->a, &c->turn) = (struct corpus_turn){
            .ts = TS_NONE, .i = i, .role = reply ? ROLE_ASSISTANT : ROLE_USER, .rtype = reply ? r : RT_EMPTY,
            .decision = !reply ? DEC_NULL : r ? DEC_OVER : DEC_APPROPRIATE, .bid_turn = reply ? (int32_t)i - 1 : -1,
            .ask = CORPUS_NULL, .ack = CORPUS_NULL, .blame = CORPUS_NULL, .open = CORPUS_NULL, .boiler = CORPUS_NULL,
            .kind = CORPUS_NULL, .need = CORPUS_NULL, .text_cluster = UINT32_MAX};
    }
}

static const char *name(struct corpus *c, const char *prefix, unsigned i) { return arena_printf(c->a, "%s%u", prefix, i); }

static struct corpus *many(const char *prefix, unsigned from, unsigned to, unsigned every)
{
    struct corpus *c = corpus_new();
    for (unsigned i = from; i < to; i++) conv(c, name(c, prefix, i), "", 1 + i % 3, i % every == 0);
    return c;
}

static struct changes compare(struct corpus *a, struct corpus *b, bool unpaired)
{
    struct changes x;
    struct changes_opts o = CHANGES_OPTS_DEFAULT;
    o.draws = 300, o.permutations = 2000, o.unpaired = unpaired;
    assert_true(changes_of(&x, a, b, &o));
    assert_int_equal(x.n, metric_count());
    return x;
}

static void done(struct changes *x, struct corpus *a, struct corpus *b)
{
    changes_free(x);
    corpus_free(a);
    corpus_free(b);
}

static void changes__pair_by_id_and_leave_the_rest_out(void **state)
{
    (void)state;
    struct corpus *a = many("c", 0, 30, 5), *b = many("c", 10, 35, 5);
    struct changes x = compare(a, b, false);
    assert_true(x.paired);
    assert_int_equal(x.units, 20);
    assert_int_equal(x.units_a, 30);
    assert_int_equal(x.units_b, 25);
    assert_int_equal(a->conv.n, 20);
    assert_string_equal(a->conv.p[0].id, "c10");
    assert_string_equal(b->conv.p[19].id, "c29");
    const struct change *r = changes_get(&x, "refusal_rate");
    assert_near(r->d.diff, 0, 0); /* the same conversations on both sides */
    assert_near(r->d.p, 1, 0);
    assert_int_equal(r->n_a, r->n_b);
    done(&x, a, b);
}

static void changes__less_than_half_in_common_is_no_pairing(void **state)
{
    (void)state;
    struct corpus *a = many("c", 0, 30, 5), *b = many("c", 16, 60, 5);
    struct changes x = compare(a, b, false);
    assert_false(x.paired);
    assert_int_equal(x.conversations_a, 30);
    assert_int_equal(x.conversations_b, 44);
    done(&x, a, b);
    a = many("c", 0, 30, 5), b = many("c", 0, 30, 4);
    x = compare(a, b, true);
    assert_false(x.paired);
    assert_int_equal(x.units, 0);
    done(&x, a, b);
}

static void changes__a_regeneration_group_is_one_unit(void **state)
{
    (void)state;
    struct corpus *c[2] = {corpus_new(), corpus_new()};
    for (unsigned side = 0; side < 2; side++)
        for (unsigned i = 0; i < 24; i++)
            conv(c[side], name(c[side], side ? "b" : "a", i), name(c[side], "p", i / 3), 2, side && i % 3 == 0);
    struct changes x = compare(c[0], c[1], false);
    assert_true(x.paired);
    assert_int_equal(x.units, 8);
    assert_int_equal(x.conversations_b, 24);
    const struct change *r = changes_get(&x, "refusal_rate");
    assert_near(r->d.b, 8 / 48., 1e-12);
    assert_near(r->d.lo, r->d.hi, 1e-12); /* every prompt changed by the same */
    assert_near(r->d.p, 2 / 256., 0.004); /* all signs alike, of 2^8 */
    done(&x, c[0], c[1]);
}

static void changes__worse_comes_first_with_who_shows_it(void **state)
{
    (void)state;
    struct corpus *a = many("c", 0, 120, 40), *b = corpus_new();
    for (unsigned i = 0; i < 120; i++) conv(b, name(b, "c", i), "", 1 + i % 3, i % 3 == 2 ? 3 : 0);
    struct changes x = compare(a, b, false);
    const struct change *first = &x.p[0], *r = changes_get(&x, "over_refusal");
    assert_int_equal(first->verdict, CHANGE_WORSE);
    assert_true(first->worse > 0 && first->worse_lo > 0);
    assert_int_equal(r->verdict, CHANGE_WORSE);
    assert_near(r->d.a, 3 / 240., 1e-12);
    assert_near(r->d.b, 120 / 240., 1e-12);
    assert_near(r->worse, r->d.diff, 0);
    assert_true(r->p_corrected >= r->d.p);
    assert_int_equal(r->n_shown, CHANGE_SHOWN);
    for (size_t i = 0; i < r->n_shown; i++) assert_int_equal(atoi(b->conv.p[r->shown[i]].id + 1) % 3, 2);
    for (size_t i = 1; i < x.n; i++) assert_true(x.p[i - 1].verdict <= x.p[i].verdict);
    changes_free(&x);
    x = compare(b, a, false);
    r = changes_get(&x, "over_refusal");
    assert_int_equal(r->verdict, CHANGE_BETTER);
    assert_true(r->worse < 0 && r->worse_hi < 0);
    assert_int_equal(changes_get(&x, "refusal_rate")->verdict, CHANGE_MOVED);
    done(&x, a, b);
}

static void changes__what_is_not_there_is_undefined(void **state)
{
    (void)state;
    struct corpus *a = many("c", 0, 20, 5), *b = corpus_new();
    struct changes x = compare(a, b, false);
    for (size_t i = 0; i < x.n; i++) {
        assert_int_equal(x.p[i].verdict, CHANGE_UNDEFINED);
        assert_true(isnan(x.p[i].d.p) && isnan(x.p[i].d.lo));
    }
    assert_int_equal(x.tests, 0);
    done(&x, a, b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes__pair_by_id_and_leave_the_rest_out),
        cmocka_unit_test(changes__less_than_half_in_common_is_no_pairing),
        cmocka_unit_test(changes__a_regeneration_group_is_one_unit),
        cmocka_unit_test(changes__worse_comes_first_with_who_shows_it),
        cmocka_unit_test(changes__what_is_not_there_is_undefined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
