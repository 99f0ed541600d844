/* For the tests of in/: one record parsed, and a scratch directory. */
#ifndef TESTS_IN_FIXTURE_H
#define TESTS_IN_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "in/conv.h"

struct parsed {
    struct arena a;
    struct conv *c; /* the first */
    size_t n;
    int rc;
    refrain_error err;
};

static inline struct parsed parse_n(const char *bytes, size_t n, const struct conv_options *opt)
{
    struct parsed p = {0};
    arena_init(&p.a, 0);
    p.rc = conv_parse(&p.c, &p.n, &p.a, (str){bytes, n}, opt, &p.err);
    return p;
}
static inline struct parsed parse(const char *json) { return parse_n(json, strlen(json), NULL); }
static inline struct parsed parse_ok(const char *json)
{
    struct parsed p = parse(json);
    if (p.rc) print_error("rejected: %s\n", p.err.message);
    assert_int_equal(p.rc, 0);
    assert_true(p.n > 0);
    return p;
}
static inline void parsed_free(struct parsed *p) { arena_free(&p->a); }

static inline void assert_str(str s, const char *want)
{
    if (!str_eqz(s, want)) print_error("is \"%.*s\", not \"%s\"\n", STR_ARG(s), want);
    assert_true(str_eqz(s, want));
}
static inline void assert_turn(const struct conv *c, size_t i, enum role role, const char *text)
{
    assert_true(i < c->n_turn);
    assert_string_equal(role_names[c->turn[i].role], role_names[role]);
    assert_str(c->turn[i].text, text);
}
/* The record is refused with this status, and the reason holds `part`. */
static inline void assert_reject_n(const char *bytes, size_t n, const struct conv_options *opt, int status, const char *part)
{
    struct parsed p = parse_n(bytes, n, opt);
    if (!strstr(p.err.message, part)) print_error("reason \"%s\" lacks \"%s\"\n", p.err.message, part);
    assert_int_equal(p.rc, status);
    assert_int_equal(p.err.status, status);
    assert_non_null(strstr(p.err.message, part));
    parsed_free(&p);
}
static inline void assert_reject(const char *json, int status, const char *part)
{
    assert_reject_n(json, strlen(json), NULL, status, part);
}
static inline bool has_warning(const struct conv *c, const char *code, int turn)
{
    for (size_t i = 0; i < c->warnings.n; i++)
        if (strcmp(c->warnings.p[i].code, code) == 0 && c->warnings.p[i].turn == turn) return true;
    return false;
}

#endif
