/* The live conversation: whatever the chunks, the report is the file's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <yyjson.h>

#include "api_fixture.h"

static uint32_t dice(uint32_t *seed) /* xorshift: the same chunks in every run */
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    return *seed ^= *seed << 5;
}

static refrain_str value(yyjson_val *v)
{
    return (refrain_str){yyjson_get_str(v), yyjson_get_len(v)};
}

static void must(int rc, const refrain_error *err)
{
    if (rc) print_error("%s\n", err->message);
    assert_int_equal(rc, REFRAIN_OK);
}

/* Chunks of 0 to `most` bytes, so that most edges fall inside words and some inside characters. */
static void append(refrain_conv *c, refrain_str text, uint32_t *seed, size_t most)
{
    refrain_error err;
    while (text.len) {
        size_t n = most ? dice(seed) % (most + 1) : text.len;
        if (n > text.len) n = text.len;
        char *copy = malloc(n + 1); /* of its exact size: a read behind it is seen by the sanitizer */
        memcpy(copy, text.ptr, n);
        must(refrain_conv_append(c, (refrain_str){copy, n}, &err), &err);
        free(copy);
        text.ptr += n;
        text.len -= n;
    }
}

static void feed_turn(refrain_conv *c, yyjson_val *m, uint32_t *seed, size_t most)
{
    static const char *const names[][2] = {
        {"timestamp", "ts"}, {"finish_reason", "finish_reason"}, {"refusal", "refusal"}};
    refrain_error err;
    must(refrain_conv_begin_turn(c, yyjson_get_str(yyjson_obj_get(m, "role")), &err), &err);
    append(c, value(yyjson_obj_get(m, "content")), seed, most);
    for (size_t i = 0; i < 3; i++) {
        yyjson_val *v = yyjson_obj_get(m, names[i][0]);
        if (v) must(refrain_conv_set_turn(c, names[i][1], value(v), &err), &err);
    }
    yyjson_val *list = yyjson_obj_get(m, "ui_events"), *one;
    size_t i, max;
    yyjson_arr_foreach(list, i, max, one) must(refrain_conv_set_turn(c, "ui_event", value(one), &err), &err);
    must(refrain_conv_end_turn(c, &err), &err);
}

static refrain_conv *feed(yyjson_val *root, uint32_t *seed, size_t most)
{
    static const char *const meta[] = {"id", "country", "jurisdiction", "locale", "model"};
    refrain_conv *c;
    refrain_error err;
    refrain_str report;
    must(refrain_conv_new(&c, engine, NULL, &err), &err);
    for (size_t i = 0; i < sizeof meta / sizeof *meta; i++) {
        yyjson_val *v = yyjson_obj_get(root, meta[i]);
        if (v) must(refrain_conv_set(c, meta[i], value(v), &err), &err);
    }
    yyjson_val *list = yyjson_obj_get(root, "messages"), *m;
    size_t i, max;
    yyjson_arr_foreach(list, i, max, m) {
        feed_turn(c, m, seed, most);
        if (dice(seed) % 11 == 0) must(refrain_conv_report(&report, c, &err), &err); /* asking early changes nothing */
    }
    return c;
}

/* Every conversation of a file, fed whole and in chunks of several sizes, against refrain_scan of its line. */
static size_t check_file(const char *path)
{
    static const size_t sizes[] = {0, 1, 3, 17, 200};
    FILE *f = fopen(path, "rb");
    if (!f) return 0;
    char *line = NULL;
    size_t cap = 0, n_conv = 0;
    refrain_scanner *s;
    refrain_error err;
    must(refrain_scanner_new(&s, engine, NULL, &err), &err);
    uint32_t seed = 2602;
    for (ssize_t n; (n = getline(&line, &cap, f)) > 0; n_conv++) {
        if (line[n - 1] == '\n') n--;
        refrain_str whole, live;
        must(refrain_scan(&whole, s, (refrain_str){line, (size_t)n}, NULL, &err), &err);
        yyjson_doc *doc = yyjson_read(line, (size_t)n, 0);
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            refrain_conv *c = feed(yyjson_doc_get_root(doc), &seed, sizes[i]);
            must(refrain_conv_report(&live, c, &err), &err);
            assert_int_equal(live.len, whole.len);
            assert_memory_equal(live.ptr, whole.ptr, whole.len);
            refrain_conv_free(c);
        }
        yyjson_doc_free(doc);
    }
    free(line);
    fclose(f);
    refrain_scanner_free(s);
    return n_conv;
}

static void live__any_chunks_give_the_files_report(void **state)
{
    (void)state;
    static const char *const files[] = {"gates",     "quadrants", "boundaries",
                                        "referrals", "aftermath", "structure"};
    char path[64];
    size_t n = 0;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "examples/%s.jsonl", files[i]);
        n += check_file(path);
    }
    assert_true(n >= 24);
}

static void live__any_chunks_give_the_files_report_on_long_conversations(void **state)
{
    (void)state;
    if (check_file("../shared/data/conversations/vera-mh-dev.jsonl") == 0) skip();
}

static void live__a_character_may_be_cut_anywhere(void **state)
{
    (void)state;
    const char text[] = "caf\xC3\xA9 \xE2\x80\x99 \xF0\x9F\x99\x82";
    refrain_conv *c;
    refrain_str r;
    char *first = NULL;
    for (size_t cut = 0; cut <= sizeof text - 1; cut++) {
        assert_int_equal(refrain_conv_new(&c, engine, NULL, NULL), REFRAIN_OK);
        assert_int_equal(refrain_conv_begin_turn(c, "user", NULL), REFRAIN_OK);
        assert_int_equal(refrain_conv_append(c, (refrain_str){text, cut}, NULL), REFRAIN_OK);
        assert_int_equal(refrain_conv_append(c, (refrain_str){text + cut, sizeof text - 1 - cut}, NULL), REFRAIN_OK);
        assert_int_equal(refrain_conv_end_turn(c, NULL), REFRAIN_OK);
        assert_int_equal(refrain_conv_report(&r, c, NULL), REFRAIN_OK);
        if (!first) {
            first = malloc(r.len + 1);
            memcpy(first, r.ptr, r.len);
            first[r.len] = 0;
        }
        assert_int_equal(r.len, strlen(first));
        assert_memory_equal(r.ptr, first, r.len);
        refrain_conv_free(c);
    }
    free(first);
}

static void live__a_turn_that_is_no_utf8_is_dropped_and_said(void **state)
{
    (void)state;
    refrain_conv *c;
    refrain_str r;
    refrain_error err = {0};
    assert_int_equal(refrain_conv_new(&c, engine, NULL, NULL), REFRAIN_OK);
    assert_int_equal(refrain_conv_begin_turn(c, "user", NULL), REFRAIN_OK);
    assert_int_equal(refrain_conv_append(c, S("hello \xE2\x80"), NULL), REFRAIN_OK);
    assert_int_equal(refrain_conv_end_turn(c, &err), REFRAIN_E_PARSE);
    assert_non_null(strstr(err.message, "byte 6"));
    assert_int_equal(refrain_conv_report(&r, c, NULL), REFRAIN_E_STATE);
    assert_int_equal(refrain_conv_begin_turn(c, "user", NULL), REFRAIN_OK);
    assert_int_equal(refrain_conv_append(c, S("a\0b"), NULL), REFRAIN_OK);
    assert_int_equal(refrain_conv_end_turn(c, &err), REFRAIN_E_PARSE);
    assert_int_equal(refrain_conv_begin_turn(c, "user", NULL), REFRAIN_OK);
    assert_int_equal(refrain_conv_append(c, S("hello"), NULL), REFRAIN_OK);
    assert_int_equal(refrain_conv_end_turn(c, NULL), REFRAIN_OK);
    assert_int_equal(refrain_conv_report(&r, c, NULL), REFRAIN_OK);
    refrain_conv_free(c);
}

static void live__calls_out_of_turn_are_state_errors(void **state)
{
    (void)state;
    refrain_conv *c;
    refrain_str r;
    assert_int_equal(refrain_conv_new(&c, engine, NULL, NULL), REFRAIN_OK);
    assert_int_equal(refrain_conv_append(c, S("a"), NULL), REFRAIN_E_STATE);
    assert_int_equal(refrain_conv_end_turn(c, NULL), REFRAIN_E_STATE);
    assert_int_equal(refrain_conv_set_turn(c, "ts", S("1"), NULL), REFRAIN_E_STATE);
    assert_int_equal(refrain_conv_report(&r, c, NULL), REFRAIN_E_STATE);
    assert_int_equal(refrain_conv_begin_turn(c, "user", NULL), REFRAIN_OK);
    assert_int_equal(refrain_conv_begin_turn(c, "user", NULL), REFRAIN_E_STATE);
    assert_int_equal(refrain_conv_set(c, "id", S("x"), NULL), REFRAIN_E_STATE);
    refrain_conv_free(c);
}

static void live__wrong_names_are_told_what_would_be_right(void **state)
{
    (void)state;
    refrain_conv *c;
    refrain_error err = {0};
    assert_int_equal(refrain_conv_new(&c, engine, NULL, NULL), REFRAIN_OK);
    assert_int_equal(refrain_conv_set(c, "contry", S("IE"), &err), REFRAIN_E_USAGE);
    assert_non_null(strstr(err.message, "'country'"));
    assert_int_equal(refrain_conv_begin_turn(c, "asistant", &err), REFRAIN_E_USAGE);
    assert_non_null(strstr(err.message, "'assistant'"));
    assert_int_equal(refrain_conv_begin_turn(c, "user", NULL), REFRAIN_OK);
    assert_int_equal(refrain_conv_set_turn(c, "finish_reson", S("stop"), &err), REFRAIN_E_USAGE);
    assert_non_null(strstr(err.message, "'finish_reason'"));
    assert_int_equal(refrain_conv_set_turn(c, "http_status", S("4x0"), &err), REFRAIN_E_USAGE);
    refrain_conv_free(c);
}

static void live__keeps_to_its_limits(void **state)
{
    (void)state;
    refrain_limits l = REFRAIN_LIMITS_INIT;
    refrain_conv *c;
    l.turns = 1;
    l.turn_bytes = 8;
    assert_int_equal(refrain_conv_new(&c, engine, &l, NULL), REFRAIN_OK);
    assert_int_equal(refrain_conv_begin_turn(c, "user", NULL), REFRAIN_OK);
    assert_int_equal(refrain_conv_append(c, S("12345"), NULL), REFRAIN_OK);
    assert_int_equal(refrain_conv_append(c, S("6789"), NULL), REFRAIN_E_LIMIT);
    assert_int_equal(refrain_conv_append(c, S("678"), NULL), REFRAIN_OK);
    assert_int_equal(refrain_conv_end_turn(c, NULL), REFRAIN_OK);
    assert_int_equal(refrain_conv_begin_turn(c, "assistant", NULL), REFRAIN_E_LIMIT);
    refrain_conv_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(live__any_chunks_give_the_files_report),
        cmocka_unit_test(live__any_chunks_give_the_files_report_on_long_conversations),
        cmocka_unit_test(live__a_character_may_be_cut_anywhere),
        cmocka_unit_test(live__a_turn_that_is_no_utf8_is_dropped_and_said),
        cmocka_unit_test(live__calls_out_of_turn_are_state_errors),
        cmocka_unit_test(live__wrong_names_are_told_what_would_be_right),
        cmocka_unit_test(live__keeps_to_its_limits),
    };
    return cmocka_run_group_tests_name("live", tests, load, unload);
}
