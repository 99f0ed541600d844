/* Every cue of the built-in pack fires on its own examples and on none of its near misses. */
#include "walk_fixture.h"

#include <ctype.h>

/* Folded as text/ folds plain ASCII, which is all that examples need. */
static bool fires(size_t cue, enum role role, const char *example)
{
    struct walk *w = fx_walk();
    char folded[512];
    size_t n = 0;
    for (; example[n] && n < sizeof folded - 1; n++) folded[n] = (char)tolower((unsigned char)example[n]);
    folded[n] = 0;
    fx_turn(w, role);
    fx_s(w, folded, 0);
    fx_done(w);
    fx_pack(w);
    for (size_t i = 0; i < w->hit.n; i++)
        if (w->hit.p[i].cue == cue) return true;
    return false;
}

static const struct pack *pack(void)
{
    struct walk *w = fx_walk();
    fx_turn(w, ROLE_USER);
    fx_done(w);
    fx_pack(w);
    return w->pack;
}

static size_t count(bool want)
{
    const struct pack *p = pack();
    size_t wrong = 0;
    for (size_t c = 0; c < p->n_cue; c++) {
        const struct cue *q = &p->cue[c];
        enum role role = q->roles ? (enum role)__builtin_ctz(q->roles) : ROLE_USER;
        const char *const *list = want ? q->fire : q->near;
        for (size_t i = 0; i < (want ? q->n_fire : q->n_near); i++)
            if (fires(c, role, list[i]) != want) {
                wrong++;
                printf("# %s:%u: cue '%s' %s: %s\n", q->file, q->line, q->id, want ? "should fire" : "should not fire", list[i]);
            }
    }
    return wrong;
}

static void cues__fire_on_their_examples(void **state)
{
    (void)state;
    assert_int_equal(count(true), 0);
}

static void cues__do_not_fire_on_their_near_misses(void **state)
{
    (void)state;
    assert_int_equal(count(false), 0);
}

static void cues__have_no_sign_between_their_words(void **state)
{
    (void)state;
    struct walk *w = fx_walk();
    const char *text = "can you help ? me";
    fx_turn(w, ROLE_USER);
    fx_s(w, text, 0);
    fx_done(w);
    fx_pack(w);
    for (size_t i = 0; i < w->hit.n; i++)
        assert_null(memchr(text + w->hit.p[i].begin, '?', w->hit.p[i].end - w->hit.p[i].begin));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cues__fire_on_their_examples),
        cmocka_unit_test(cues__do_not_fire_on_their_near_misses),
        cmocka_unit_test(cues__have_no_sign_between_their_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
