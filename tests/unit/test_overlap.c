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

static void ov_sent__reads_one_sentence(void **state)
{
    (void)state;
    struct walk *w = fx_walk();
    fx_user(w, 0);
    fx_s(w, "the funeral was on tuesday", 0);
    fx_turn(w, ROLE_ASSISTANT);
    fx_s(w, "that is heavy.", 0);
    uint32_t s = fx_s(w, "a funeral on tuesday", 0);
    fx_done(w);
    assert_float_equal(text_ov_sent(w, s, 0), 1, 0);
    assert_float_equal(text_ov_sent(w, s - 1, 0), 0, 0);
    text_content_words(w, 0); /* makes turn 0's set: with it, or without, the same */
    assert_float_equal(text_ov_sent(w, s, 0), 1, 0);
    assert_float_equal(text_ov_sent(w, s - 1, 0), 0, 0);
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
    const struct text_line *line = text_line_new(w->a, STR("i can't help with this"));
    assert_true(text_like_line(w, 0, &line, 1, .5f));
    assert_false(text_like_line(w, 0, &line, 1, .51f));
}

static void j5__compares_very_short_texts_whole(void **state)
{
    (void)state;
    assert_float_equal(text_j5(pair("no.", "no"), 0, 1), 1, 0);
    assert_float_equal(text_j5(pair("no.", "sorry"), 0, 1), 0, 0);
    assert_float_equal(text_j5(pair("", ""), 0, 1), 0, 0);
}

/* `n` words of four letters, by seed. */
static void words(char *out, unsigned seed, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        seed = seed * 1103515245u + 12345u;
        unsigned x = seed >> 16 & 0x7fff;
        out += sprintf(out, "w%c%c%c ", 'a' + x % 20, 'a' + x / 20 % 20, 'a' + x / 400 % 20);
    }
}

/* Most like turn t of the ROW_BACK before it, compared one by one. */
static float most_alike(struct walk *w, uint32_t t, float least, uint32_t *like)
{
    float top = 0;
    for (uint32_t u = t > ROW_BACK ? t - ROW_BACK : 0; u < t; u++) {
        float j = text_j5(w, t, u);
        if (j >= least && j > top) top = j, *like = u;
    }
    return top;
}

/* FX_TURNS turns, of which some begin like an earlier one, or are one. */
static struct walk *many(void)
{
    static const unsigned n_word[] = {9, 40, 2, 12, 25, 1, 19, 20, 3, 60, 0};
    struct walk *w = fx_walk();
    char text[FX_TURNS][512] = {{0}};
    for (unsigned t = 0; t < FX_TURNS; t++) {
        unsigned n = n_word[t % ARRAY_LEN(n_word)], back = t % 3 ? t * 5 % 7 * 11 : t * 7 % 75;
        words(text[t], t + 1, n);
        if (back && back <= t) {
            size_t share = strlen(text[t - back]) * (t % 5) / 4, whole = share - share % 5;
            memcpy(text[t], text[t - back], whole < strlen(text[t]) ? whole : strlen(text[t]));
        }
        fx_turn(w, ROLE_ASSISTANT);
        if (*text[t]) fx_s(w, text[t], 0);
    }
    fx_done(w);
    return w;
}

static void words_row__tells_what_ov_tells(void **state)
{
    (void)state;
    struct walk *w = many();
    struct row_index *r = text_words_row_new(w->a);
    unsigned n = 0;
    for (uint32_t t = 0; t < FX_TURNS; t++) {
        float ov[ROW_BACK];
        uint64_t some = text_words_row_ov(w, r, t, .3f, ov), same = text_words_row_same(w, r, t, .5f);
        for (uint32_t i = 0; i < ROW_BACK && i < t; i++) {
            float one = text_ov(w, t, t - 1 - i), other = text_ov(w, t - 1 - i, t);
            assert_int_equal(some >> i & 1, one >= .3f);
            if (some >> i & 1) assert_float_equal(ov[i], one, 0);
            assert_int_equal(same >> i & 1, one >= .5f && other >= .5f);
            n += same >> i & 1;
        }
        text_words_row_add(w, r, t);
    }
    assert_true(n > 10);
}

static void row__finds_what_comparing_all_finds(void **state)
{
    (void)state;
    struct walk *w = many();
    struct text_row *r = text_row_new(w->a);
    unsigned n = 0;
    for (uint32_t t = 0; t < FX_TURNS; t++) {
        uint32_t like = UINT32_MAX, want = UINT32_MAX;
        float top = text_row_add(w, r, t, .3f, &like);
        assert_float_equal(top, most_alike(w, t, .3f, &want), 0);
        assert_int_equal(like, want);
        n += top > 0;
    }
    print_message("# %u of %u turns are like one before\n", n, FX_TURNS);
    assert_true(n > FX_TURNS / 8 && n < FX_TURNS);
}

static double sketch_alike(const struct walk *w, uint32_t k)
{
    uint16_t x[SKETCH_PLACES], y[SKETCH_PLACES];
    unsigned same = 0;
    text_sketch(w, 0, k, x);
    text_sketch(w, 1, k, y);
    for (unsigned i = 0; i < SKETCH_PLACES; i++) same += x[i] == y[i];
    return (double)same / SKETCH_PLACES;
}

static void sketch__is_near_j5(void **state)
{
    (void)state;
    enum { PAIRS = 400 };
    unsigned near = 0;
    double sum = 0;
    for (unsigned i = 0; i < PAIRS; i++) {
        char a[1024], b[1024];
        words(a, i + 1, 80);
        words(b, i + 7001, 80);
        memcpy(b, a, 5 * (i % 81)); /* from nothing to all in common */
        struct walk *w = pair(a, b);
        double error = sketch_alike(w, 5) - text_j5(w, 0, 1);
        near += error < .09 && error > -.09;
        sum += error;
    }
    print_message("# of %d pairs, %u within .09; mean error %.4f\n", PAIRS, near, sum / PAIRS);
    assert_true(near >= PAIRS * 95 / 100);
    assert_true(sum / PAIRS < .01 && sum / PAIRS > -.01);
}

static void sketch__tells_short_texts_apart(void **state)
{
    (void)state;
    assert_float_equal(sketch_alike(pair("no", "no"), 3), 1, 0);
    assert_true(sketch_alike(pair("no", "yes"), 3) < .05);
    assert_true(sketch_alike(pair("i am not able to", "i am not able to"), 3) > .999);
    uint16_t x[SKETCH_PLACES];
    assert_int_equal(text_sketch(pair("i can't help with that", "?"), 0, 3, x), 5);
    assert_int_equal(text_sketch(pair("i can't help with that", "?"), 1, 3, x), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ov__counts_stemmed_content_words),
        cmocka_unit_test(ov__is_zero_when_only_stop_words_meet),
        cmocka_unit_test(ov_sent__reads_one_sentence),
        cmocka_unit_test(j5__is_one_for_equal_and_zero_for_other_text),
        cmocka_unit_test(j5__uses_three_token_shingles_for_short_texts),
        cmocka_unit_test(words_row__tells_what_ov_tells),
        cmocka_unit_test(row__finds_what_comparing_all_finds),
        cmocka_unit_test(sketch__is_near_j5),
        cmocka_unit_test(sketch__tells_short_texts_apart),
        cmocka_unit_test(j5__compares_very_short_texts_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
