/* The public API's manners: arguments, options of any age, errors, views. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "api_fixture.h"

#define RECORD                                                                                                         \
    "{\"id\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"I can't sleep.\"},"                                   \
    "{\"role\":\"assistant\",\"content\":\"I can't help with that.\"}]}"

static void engine__refuses_options_without_a_size(void **state)
{
    (void)state;
    refrain_engine_options o = {0};
    refrain_engine *e = (refrain_engine *)1;
    refrain_error err = {0};
    assert_int_equal(refrain_engine_new(&e, &o, &err), REFRAIN_E_USAGE);
    assert_null(e);
    assert_non_null(strstr(err.message, "REFRAIN_ENGINE_OPTIONS_INIT"));
}

static void engine__takes_the_shorter_options_of_an_older_caller(void **state)
{
    (void)state;
    refrain_engine_options o = REFRAIN_ENGINE_OPTIONS_INIT;
    o.size = offsetof(refrain_engine_options, as_of); /* what lies behind must not be read */
    o.country = (const char *)1;
    o.flags = 77;
    refrain_engine *e = NULL;
    assert_int_equal(refrain_engine_new(&e, &o, NULL), REFRAIN_OK);
    refrain_engine_free(e);
}

static void engine__refuses_unknown_flags_and_countries(void **state)
{
    (void)state;
    refrain_engine_options o = REFRAIN_ENGINE_OPTIONS_INIT;
    refrain_engine *e;
    o.flags = 1;
    assert_int_equal(refrain_engine_new(&e, &o, NULL), REFRAIN_E_USAGE);
    o.flags = 0;
    o.country = "Ireland";
    refrain_error err = {0};
    assert_int_equal(refrain_engine_new(&e, &o, &err), REFRAIN_E_USAGE);
    assert_non_null(strstr(err.message, "Ireland"));
}

static void engine__says_which_pack_folder_is_missing(void **state)
{
    (void)state;
    refrain_engine_options o = REFRAIN_ENGINE_OPTIONS_INIT;
    refrain_engine *e;
    refrain_error err = {0};
    o.pack_dir = "no/such/pack";
    assert_int_not_equal(refrain_engine_new(&e, &o, &err), REFRAIN_OK);
    assert_non_null(strstr(err.message, "no/such/pack"));
    assert_null(e);
}

static void scan__gives_one_object_without_newline(void **state)
{
    (void)state;
    refrain_scanner *s;
    refrain_str r;
    assert_int_equal(refrain_scanner_new(&s, engine, NULL, NULL), REFRAIN_OK);
    assert_int_equal(refrain_scan(&r, s, S(RECORD), NULL, NULL), REFRAIN_OK);
    assert_true(r.len > 2 && r.ptr[0] == '{' && r.ptr[r.len - 1] == '}');
    assert_null(memchr(r.ptr, '\n', r.len));
    refrain_scanner_free(s);
}

static void scan__is_the_same_again_and_after_an_error(void **state)
{
    (void)state;
    refrain_scanner *s;
    refrain_str r;
    assert_int_equal(refrain_scanner_new(&s, engine, NULL, NULL), REFRAIN_OK);
    assert_int_equal(refrain_scan(&r, s, S(RECORD), "openai", NULL), REFRAIN_OK);
    size_t n = r.len;
    char *first = malloc(n);
    memcpy(first, r.ptr, n);
    refrain_error err = {0};
    assert_int_equal(refrain_scan(&r, s, S("{\"messages\":[{"), NULL, &err), REFRAIN_E_PARSE);
    assert_int_equal(err.status, REFRAIN_E_PARSE);
    assert_true(r.len == 0);
    assert_int_equal(refrain_scan(&r, s, S("{\"a\":1}"), NULL, &err), REFRAIN_E_FORMAT);
    assert_int_equal(refrain_scan(&r, s, (refrain_str){NULL, 0}, NULL, &err), REFRAIN_E_PARSE);
    assert_int_equal(refrain_scan(&r, s, S(RECORD), "openai", NULL), REFRAIN_OK);
    assert_int_equal(r.len, n);
    assert_memory_equal(r.ptr, first, n);
    free(first);
    refrain_scanner_free(s);
}

static void scan__leaves_the_callers_bytes_alone(void **state)
{
    (void)state;
    refrain_scanner *s;
    refrain_str r;
    char bytes[] = RECORD "x"; /* the x stands behind the record */
    assert_int_equal(refrain_scanner_new(&s, engine, NULL, NULL), REFRAIN_OK);
    assert_int_equal(refrain_scan(&r, s, (refrain_str){bytes, sizeof bytes - 2}, NULL, NULL), REFRAIN_OK);
    assert_string_equal(bytes, RECORD "x");
    refrain_scanner_free(s);
}

static void scan__names_a_near_input_format(void **state)
{
    (void)state;
    refrain_scanner *s;
    refrain_str r;
    refrain_error err = {0};
    assert_int_equal(refrain_scanner_new(&s, engine, NULL, NULL), REFRAIN_OK);
    assert_int_equal(refrain_scan(&r, s, S(RECORD), "opanai", &err), REFRAIN_E_USAGE);
    assert_non_null(strstr(err.message, "did you mean 'openai'"));
    refrain_scanner_free(s);
}

static void scan__keeps_to_its_limits(void **state)
{
    (void)state;
    refrain_limits l = REFRAIN_LIMITS_INIT;
    refrain_scanner *s;
    refrain_str r;
    refrain_error err = {0};
    l.turns = 1;
    assert_int_equal(refrain_scanner_new(&s, engine, &l, NULL), REFRAIN_OK);
    assert_int_equal(refrain_scan(&r, s, S(RECORD), NULL, &err), REFRAIN_E_LIMIT);
    refrain_scanner_free(s);
    l.turns = 10;
    l.turn_bytes = 5;
    assert_int_equal(refrain_scanner_new(&s, engine, &l, NULL), REFRAIN_OK);
    assert_int_equal(refrain_scan(&r, s, S(RECORD), NULL, &err), REFRAIN_E_LIMIT);
    refrain_scanner_free(s);
    l.turn_bytes = 100;
    l.record_bytes = 20;
    assert_int_equal(refrain_scanner_new(&s, engine, &l, NULL), REFRAIN_OK);
    assert_int_equal(refrain_scan(&r, s, S(RECORD), NULL, &err), REFRAIN_E_LIMIT);
    refrain_scanner_free(s);
}

static void null_arguments__are_usage_errors(void **state)
{
    (void)state;
    refrain_engine *e;
    refrain_scanner *s;
    refrain_conv *c;
    refrain_str r;
    assert_int_equal(refrain_engine_new(NULL, NULL, NULL), REFRAIN_E_USAGE);
    assert_int_equal(refrain_scanner_new(NULL, engine, NULL, NULL), REFRAIN_E_USAGE);
    assert_int_equal(refrain_scanner_new(&s, NULL, NULL, NULL), REFRAIN_E_USAGE);
    assert_int_equal(refrain_conv_new(NULL, engine, NULL, NULL), REFRAIN_E_USAGE);
    assert_int_equal(refrain_conv_new(&c, NULL, NULL, NULL), REFRAIN_E_USAGE);
    assert_int_equal(refrain_scan(&r, NULL, S("{}"), NULL, NULL), REFRAIN_E_USAGE);
    assert_int_equal(refrain_conv_begin_turn(NULL, "user", NULL), REFRAIN_E_USAGE);
    assert_int_equal(refrain_conv_append(NULL, S("a"), NULL), REFRAIN_E_USAGE);
    assert_int_equal(refrain_conv_end_turn(NULL, NULL), REFRAIN_E_USAGE);
    assert_int_equal(refrain_conv_report(&r, NULL, NULL), REFRAIN_E_USAGE);
    assert_int_equal(refrain_conv_report(NULL, NULL, NULL), REFRAIN_E_USAGE);
    refrain_engine_free(NULL);
    refrain_scanner_free(NULL);
    refrain_conv_free(NULL);
    (void)e;
}

static void version__is_the_headers(void **state)
{
    (void)state;
    assert_string_equal(refrain_version(), REFRAIN_VERSION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(engine__refuses_options_without_a_size),
        cmocka_unit_test(engine__takes_the_shorter_options_of_an_older_caller),
        cmocka_unit_test(engine__refuses_unknown_flags_and_countries),
        cmocka_unit_test(engine__says_which_pack_folder_is_missing),
        cmocka_unit_test(scan__gives_one_object_without_newline),
        cmocka_unit_test(scan__is_the_same_again_and_after_an_error),
        cmocka_unit_test(scan__leaves_the_callers_bytes_alone),
        cmocka_unit_test(scan__names_a_near_input_format),
        cmocka_unit_test(scan__keeps_to_its_limits),
        cmocka_unit_test(null_arguments__are_usage_errors),
        cmocka_unit_test(version__is_the_headers),
    };
    return cmocka_run_group_tests_name("api", tests, load, unload);
}
