/* text/text: what a turn folds to, and where its bytes stand in the original. */
#include "walk_fixture.h"

static str folded(struct walk *w, struct arena *a, const char *text)
{
    struct turn *turn = arena_new(a, struct turn);
    struct conv *conv = arena_new(a, struct conv);
    *turn = (struct turn){.role = ROLE_ASSISTANT, .text = str_of(text), .ts = TS_NONE};
    conv->turn = turn, conv->n_turn = 1;
    *w = (struct walk){.a = a, .conv = conv, .caller_country = "", .caller_jurisdiction = ""};
    w->text = arena_array(a, struct text, 1);
    w->tcode = arena_array(a, struct tcode, 1);
    text_wash(w);
    return w->text[0].fold;
}

static void expect_fold(const char *text, const char *want)
{
    struct arena a;
    struct walk w;
    arena_init(&a, 0);
    str got = folded(&w, &a, text);
    assert_int_equal(got.n, strlen(want));
    assert_memory_equal(got.p, want, got.n);
    arena_free(&a);
}

static void fold__takes_signs_and_blanks_together(void **state)
{
    (void)state;
    expect_fold("I CAN\xE2\x80\x99T  do\tthat\r\nnow", "i can't do that\nnow");
}

static void fold__leaves_out_the_stars_of_emphasis(void **state)
{
    (void)state;
    expect_fold("I **can't** help.", "i can't help.");
    expect_fold("**Our guidelines** do not *permit* it.", "our guidelines do not permit it.");
    expect_fold("***All*** of it, in a line that is longer than **two times sixteen** bytes", "all of it, in a line that is longer than two times sixteen bytes");
    expect_fold("**", "**");
    expect_fold("\xE2\x80\x9C**I can\xE2\x80\x99t**\xE2\x80\x9D", "\"i can't\"");
}

static void fold__keeps_stars_that_are_no_emphasis(void **state)
{
    (void)state;
    expect_fold("* first\n* second", "* first\n* second"); /* items of a list */
    expect_fold("2*3 and f**k", "2*3 and f**k");
    expect_fold("a * b", "a * b");
    expect_fold("Dial *4141 now", "dial *4141 now");
}

static void fold__maps_what_stands_behind_stars(void **state)
{
    (void)state;
    struct arena a;
    struct walk w;
    arena_init(&a, 0);
    const char *text = "I **can't** help **you** tonight";
    str got = folded(&w, &a, text);
    size_t at = str_find(got, STR("tonight"));
    assert_int_equal(text_original(&w.text[0], (uint32_t)at), strstr(text, "tonight") - text);
    at = str_find(got, STR("can't"));
    assert_int_equal(text_original(&w.text[0], (uint32_t)at), strstr(text, "can't") - text);
    assert_int_equal(text_original(&w.text[0], (uint32_t)at + 5), strstr(text, "can't") + 5 - text); /* not behind the stars */
    arena_free(&a);
    arena_init(&a, 0);
    text = "Call:**988** now\n**No**\nmore";
    got = folded(&w, &a, text);
    at = str_find(got, STR("988"));
    assert_int_equal(text_original(&w.text[0], (uint32_t)at), strstr(text, "988") - text);
    assert_int_equal(text_original(&w.text[0], (uint32_t)at + 3), strstr(text, "988") + 3 - text);
    at = str_find(got, STR("no\n"));
    assert_int_equal(text_original(&w.text[0], (uint32_t)at + 2), strstr(text, "No") + 2 - text);
    arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fold__takes_signs_and_blanks_together),
        cmocka_unit_test(fold__leaves_out_the_stars_of_emphasis),
        cmocka_unit_test(fold__keeps_stars_that_are_no_emphasis),
        cmocka_unit_test(fold__maps_what_stands_behind_stars),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
