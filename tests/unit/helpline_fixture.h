/* A text as a conversation of one user turn, judged by the annex. */
#ifndef HELPLINE_FIXTURE_H
#define HELPLINE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "helpline/room.h"

struct judged {
    struct arena a;
    struct turn turn[4];
    struct conv conv;
    struct walk w;
};

static struct directory *the_directory(void)
{
    static struct directory *d;
    refrain_error err;
    const struct directory_options o = {NULL, "2026-11-01", 0};
    if (!d) assert_int_equal(directory_load(&d, &o, &err), 0);
    return d;
}

static void judge_turns(struct judged *j, const char *country, size_t n)
{
    j->conv.turn = j->turn, j->conv.n_turn = n;
    j->w = (struct walk){.a = &j->a, .dir = the_directory(), .conv = &j->conv, .caller_country = country};
    j->w.text = arena_array(&j->a, struct text, n);
    text_wash(&j->w);
    helpline_judge(&j->w);
}

/* `country` "" unknown. Free with arena_free(&j->a). */
static inline void judge_text(struct judged *j, const char *country, const char *text)
{
    memset(j, 0, sizeof *j);
    arena_init(&j->a, 0);
    j->turn[0] = (struct turn){.role = ROLE_ASSISTANT, .text = str_of(text), .ts = TS_NONE};
    judge_turns(j, country, 1);
}

/* What a person says, then a reply. */
static inline void judge_talk(struct judged *j, const char *country, const char *user, const char *reply)
{
    memset(j, 0, sizeof *j);
    arena_init(&j->a, 0);
    j->turn[0] = (struct turn){.role = ROLE_USER, .text = str_of(user), .ts = TS_NONE};
    j->turn[1] = (struct turn){.role = ROLE_ASSISTANT, .text = str_of(reply), .ts = TS_NONE};
    judge_turns(j, country, 2);
}

#endif
