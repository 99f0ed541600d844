/* base: strings, arena, buffer, UTF-8. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/base.h"

static void str__find_and_trim(void **state)
{
    (void)state;
    assert_int_equal(str_find(STR("a refusal"), STR("fusal")), 4);
    assert_true(str_find(STR("abc"), STR("abcd")) == SIZE_MAX);
    assert_true(str_eqz(str_trim(STR(" \t x y \n")), "x y"));
    assert_true(str_eqz(str_trim(STR("  ")), ""));
    assert_true(str_ieq(STR("SaFeTy"), STR("safety")));
    assert_false(str_has_prefix(STR("988"), STR("9885")));
}

static void arena__memory_is_zeroed_again_after_a_reset(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 0);
    for (int round = 0; round < 3; round++) {
        for (size_t n = 1; n < 200000; n *= 3) {
            unsigned char *p = arena_alloc(&a, n);
            assert_non_null(p);
            assert_int_equal((uintptr_t)p % 16, 0);
            for (size_t i = 0; i < n; i++) assert_int_equal(p[i], 0);
            memset(p, 0xAA, n);
        }
        arena_reset(&a);
    }
    arena_free(&a);
}

static void arena__limit_leaves_by_the_guard(void **state)
{
    (void)state;
    struct arena a;
    jmp_buf guard;
    arena_init(&a, 1000);
    a.on_oom = &guard;
    volatile int left = 0;
    if (setjmp(guard) == 0)
        arena_alloc(&a, 100000);
    else
        left = 1;
    assert_int_equal(left, 1);
    arena_free(&a);
}

static void vec__keeps_elements_when_it_grows(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 0);
    vec_of(int) v = {0};
    for (int i = 0; i < 5000; i++) *vec_push(&a, &v) = i;
    assert_int_equal(v.n, 5000);
    for (int i = 0; i < 5000; i++) assert_int_equal(v.p[i], i);
    arena_free(&a);
}

static void buf__json_finds_a_quote_at_every_place_of_a_short_string(void **state)
{
    (void)state;
    for (size_t n = 1; n < 40; n++)
        for (size_t at = 0; at < n; at++) {
            char *text = malloc(n), want[64]; /* on the heap, so that a sanitizer sees a look behind it */
            memset(text, 'a', n);
            text[at] = '"';
            snprintf(want, sizeof want, "\"%.*s\\\"%.*s\"", (int)at, text, (int)(n - at - 1), text + at + 1);
            struct buf b = {0};
            buf_json(&b, (str){text, n});
            assert_int_equal(b.n, n + 3);
            assert_memory_equal(b.p, want, n + 3);
            buf_free(&b);
            free(text);
        }
}

static void buf__json_of_an_empty_string_that_points_nowhere(void **state)
{
    (void)state;
    struct buf b = {0};
    buf_json(&b, (str){NULL, 0});
    assert_memory_equal(b.p, "\"\"", 2);
    assert_int_equal(b.n, 2);
    buf_free(&b);
}

static void buf__json_escapes_control_bytes_and_quotes(void **state)
{
    (void)state;
    struct buf b = {0};
    buf_json(&b, STR("a\"b\\c\n\x01\xC3\xA9"));
    assert_int_equal(b.n, strlen("\"a\\\"b\\\\c\\n\\u0001\xC3\xA9\""));
    assert_memory_equal(b.p, "\"a\\\"b\\\\c\\n\\u0001\xC3\xA9\"", b.n);
    buf_free(&b);
}

static void utf8__valid_prefix_stops_at_the_first_bad_byte(void **state)
{
    (void)state;
    static const struct { const char *s; size_t n, good; } row[] = {
        {"plain", 5, 5},           {"\xC3\xA9", 2, 2},             {"a\xC3", 2, 1},
        {"\xE2\x80", 2, 0},        {"\xED\xA0\x80", 3, 0},         {"\xF4\x90\x80\x80", 4, 0},
        {"\xC0\xAF", 2, 0},        {"ab\xFF", 3, 2},               {"\xF0\x9F\x99\x82", 4, 4},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++)
        assert_int_equal(utf8_valid_prefix(row[i].s, row[i].n), row[i].good);
}

static void err__nearest_offers_a_near_name_only(void **state)
{
    (void)state;
    static const char *const names[] = {"analyze", "explain", "report"};
    assert_string_equal(err_nearest("analyse", names, 3), "analyze");
    assert_string_equal(err_nearest("exlpain", names, 3), "explain");
    assert_null(err_nearest("zzzzz", names, 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buf__json_of_an_empty_string_that_points_nowhere), cmocka_unit_test(str__find_and_trim),
        cmocka_unit_test(arena__memory_is_zeroed_again_after_a_reset),
        cmocka_unit_test(arena__limit_leaves_by_the_guard),
        cmocka_unit_test(vec__keeps_elements_when_it_grows),
        cmocka_unit_test(buf__json_escapes_control_bytes_and_quotes),
        cmocka_unit_test(buf__json_finds_a_quote_at_every_place_of_a_short_string),
        cmocka_unit_test(utf8__valid_prefix_stops_at_the_first_bad_byte),
        cmocka_unit_test(err__nearest_offers_a_near_name_only),
    };
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
