/* text/overlap: word overlap and shingle Jaccard on hand-built turns. */
#include "walk_fixture.h"

#include "text/overlap.h"

static struct walk *pair(const char *a, const char *b)
{
    struct walk *w = fx_walk();
    fx_user(w, 0);
    fx_s(w, a, 0);
    fx_turn(w, ROLE_ASSISTANT);
    fx_s(w, b, 0);
    fx_done(w);
    return w;
}

static void ov__counts_stemmed_content_words(void **state)
{
    (void)state;
    struct walk *w = pair("my sister stopped calling me", "did your sisters call? she stops when she is hurt");
    assert_int_equal(text_content_words(w, 0), 3); /* sister stop call */
    assert_float_equal(text_ov(w, 0, 1), 1, .001);
    assert_float_equal(text_ov(w, 1, 0), .75, .001); /* hurt is new */
}

static void ov__is_zero_when_only_stop_words_meet(void **state)
{
    (void)state;
    struct walk *w = pair("i can't do this", "i do what i can with this");
    assert_float_equal(text_ov(w, 0, 1), 0, 0);
}

static void ov_range__reads_one_sentence(void **state)
{
    (void)state;
    struct walk *w = fx_walk();
    fx_user(w, 0);
    fx_s(w, "the funeral was on tuesday", 0);
    fx_turn(w, ROLE_ASSISTANT);
    fx_s(w, "that is heavy.", 0);
    uint32_t s = fx_s(w, "a funeral on tuesday", 0);
    fx_done(w);
    assert_float_equal(text_ov_range(w, 1, w->sent.p[s].begin, w->sent.p[s].end, 0), 1, 0);
    assert_float_equal(text_ov_range(w, 1, w->sent.p[0].begin, w->sent.p[0].begin + 4, 0), 0, 0);
}

static void j5__is_one_for_equal_and_zero_for_other_text(void **state)
{
    (void)state;
    const char *a = "if you are in immediate danger please call your local emergency number or go to the nearest "
                    "emergency room as soon as you can";
    assert_float_equal(text_j5(pair(a, a), 0, 1), 1, 0);
    assert_float_equal(text_j5(pair(a, "tell me about the garden and what grew in it last summer"), 0, 1), 0, 0);
}

static void j5__uses_three_token_shingles_for_short_texts(void **state)
{
    (void)state;
    /* shingles of three: i can't help · can't help with · help with that | … with this: 2 common of 4 */
    struct walk *w = pair("i can't help with that", "i can't help with this");
    assert_float_equal(text_j5(w, 0, 1), .5, .001);
    assert_float_equal(text_j5_line(w, 0, text_line_new(w->a, STR("i can't help with this"))), .5, .001);
}

static void j5__compares_very_short_texts_whole(void **state)
{
    (void)state;
    assert_float_equal(text_j5(pair("no.", "no"), 0, 1), 1, 0);
    assert_float_equal(text_j5(pair("no.", "sorry"), 0, 1), 0, 0);
    assert_float_equal(text_j5(pair("", ""), 0, 1), 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ov__counts_stemmed_content_words),
        cmocka_unit_test(ov__is_zero_when_only_stop_words_meet),
        cmocka_unit_test(ov_range__reads_one_sentence),
        cmocka_unit_test(j5__is_one_for_equal_and_zero_for_other_text),
        cmocka_unit_test(j5__uses_three_token_shingles_for_short_texts),
        cmocka_unit_test(j5__compares_very_short_texts_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
