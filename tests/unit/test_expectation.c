/* phase/expectation: P1 on hand-built walks, with the built-in pack's cues. */
#include "walk_fixture.h"

#include "phase/code.h"

static const struct code *p1(struct walk *w, enum construct k)
{
    fx_done(w);
    fx_pack(w);
    episode_split(w);
    expectation_code(w);
    assert_int_equal(w->episode.n, 1);
    return &w->ep_codes[0].c[k];
}

static struct walk *said(const char *assistant, uint32_t acts)
{
    struct walk *w = fx_walk();
    fx_reply(w, RT_NONE, DEC_APPROPRIATE);
    fx_s(w, assistant, acts);
    return w;
}

static void then_refused(struct walk *w, const char *user, enum rtype r)
{
    fx_user(w, 0);
    fx_s(w, user, A1(U_BID));
    fx_reply(w, r, DEC_OVER);
    fx_s(w, "i can't help with that.", A1(A_WITHHOLD));
}

static const struct code *after(const char *assistant, enum construct k)
{
    struct walk *w = said(assistant, 0);
    then_refused(w, "can we talk about my divorce", RT_R5);
    return p1(w, k);
}

static void role__is_claimed_not_mentioned(void **st)
{
    (void)st;
    const struct code *c = after("as your therapist i'd say that is grief.", C_P1_ROLE);
    assert_int_equal(c->value, 4);
    assert_int_equal(c->method, M_RULE);
    assert_int_equal(c->span[0].turn, 0);
    c = after("i'm not a therapist.", C_P1_ROLE);
    assert_int_equal(c->value, 0);
    assert_true(c->searched);
    assert_int_equal(c->s1, 1);
}

static void role__is_read_from_the_system_prompt(void **st)
{
    (void)st;
    struct walk *w = fx_walk();
    fx_turn(w, ROLE_SYSTEM);
    fx_s(w, "you are dr hale, a warm and experienced psychotherapist.", 0);
    then_refused(w, "can we talk about my divorce", RT_R5);
    assert_int_equal(p1(w, C_P1_ROLE)->value, 3);
}

static void invite__grades_how_open_it_is(void **st)
{
    (void)st;
    assert_int_equal(after("you can tell me anything.", C_P1_INVITE)->value, 4);
    assert_int_equal(after("this is a safe space.", C_P1_INVITE)->value, 3);
    assert_int_equal(after("how was today?", C_P1_INVITE)->value, 0);
}

static void claim__takes_the_act_where_no_cue_knows_the_words(void **st)
{
    (void)st;
    struct walk *w = said("our bond outlasts the stars.", A1(A_OVERCLAIM));
    then_refused(w, "can we talk about my divorce", RT_R5);
    const struct code *c = p1(w, C_P1_CLAIM);
    assert_int_equal(c->value, 2);
    assert_int_equal(c->method, M_MODEL);
}

static void before_a_first_reply_refusal_there_is_nothing_to_expect(void **st)
{
    (void)st;
    struct walk *w = fx_walk();
    then_refused(w, "are you my therapist?", RT_R5);
    assert_int_equal(p1(w, C_P1_ROLE)->null_reason, WHY_NOT_APPLICABLE);
    assert_int_equal(w->ep_codes[0].c[C_P1_VIOL].state, CODE_NULL);
    assert_int_equal(w->ep_codes[0].c[C_P1_BOUND].state, CODE_SET);
    assert_int_equal(w->ep_codes[0].c[C_P1_BOUND].value, 0);
}

static void bound__counts_points_before_the_first_sensitive_bid(void **st)
{
    (void)st;
    struct walk *w = said("i won't discuss methods, because i don't want to add to the danger.", 0);
    fx_s(w, "flagged chats may be read by our safety staff.", 0);
    then_refused(w, "can we talk about my divorce", RT_R5);
    const struct code *c = p1(w, C_P1_BOUND);
    assert_int_equal(c->value, 3);
    assert_int_equal(c->n_span, 3);
}

static void bound__said_after_the_disclosure_comes_too_late(void **st)
{
    (void)st;
    struct walk *w = fx_walk();
    fx_user(w, 2);
    fx_s(w, "i think about dying", A2(U_RISK, U_DISCLOSE));
    fx_reply(w, RT_NONE, DEC_APPROPRIATE);
    fx_s(w, "i won't discuss methods.", A1(A_LIMITS));
    then_refused(w, "can we talk about the dying thoughts", RT_R5);
    const struct code *c = p1(w, C_P1_BOUND);
    assert_int_equal(c->value, 0);
    assert_int_equal(c->s1, 0);
}

static void aidisc__goes_stale_after_three_hours(void **st)
{
    (void)st;
    struct walk *w = said("i'm an ai, not a person.", 0);
    fx_turn_of(w)->ts = 0;
    then_refused(w, "can we talk about my divorce", RT_R5);
    fx_turn_of(w)->ts = 3ll * 3600 * 1000;
    assert_int_equal(p1(w, C_P1_AIDISC)->value, 1);
    w = said("i'm an ai, not a person.", 0);
    fx_turn_of(w)->ts = 0;
    then_refused(w, "can we talk about my divorce", RT_R5);
    fx_turn_of(w)->ts = 3ll * 3600 * 1000 + 1;
    assert_int_equal(p1(w, C_P1_AIDISC)->value, 0);
}

static int depth_of(const char *words, uint32_t acts, int risk, uint16_t flags)
{
    struct walk *w = fx_walk();
    fx_user(w, risk);
    uint32_t s = fx_s(w, words, acts);
    w->acts[s].risk = (int8_t)risk;
    w->acts[s].flags = flags;
    fx_reply(w, RT_R5, DEC_OVER);
    fx_s(w, "i can't help with that.", A1(A_WITHHOLD));
    return p1(w, C_P1_DEPTH)->value;
}

static void depth__rises_from_facts_to_suicidality(void **st)
{
    (void)st;
    assert_int_equal(depth_of("what is a psychologist", A1(U_BID), 0, 0), 0);
    assert_int_equal(depth_of("work drags", A1(U_DISCLOSE), 0, 0), 1);
    assert_int_equal(depth_of("my husband asked for a divorce", A1(U_DISCLOSE), 0, 0), 2);
    assert_int_equal(depth_of("it happened at camp", A1(U_DEPTH3), 0, 0), 3);
    assert_int_equal(depth_of("i think of it nightly", A1(U_RISK), 2, 0), 4);
    assert_int_equal(depth_of("i've never told anyone this", A1(U_DISCLOSE), 0, 0), 4);
}

static void depth__of_fiction_or_others_is_not_the_persons_own(void **st)
{
    (void)st;
    assert_int_equal(depth_of("my character never told anyone", A1(U_DEPTH3), 0, FL_F), 1);
    assert_int_equal(depth_of("my friend wants to die", A2(U_DEPTH3, U_RISK), 2, FL_V), 1);
}

static void engaged__counts_long_replies_on_the_topic(void **st)
{
    (void)st;
    struct walk *w = fx_walk();
    fx_user(w, 0);
    fx_s(w, "my divorce is eating me", A1(U_DISCLOSE));
    fx_reply(w, RT_NONE, DEC_APPROPRIATE);
    fx_s(w, "a divorce can make the whole story of a marriage look like evidence against you, and that is a heavy thing to carry "
            "around alone at night for so long now.", A1(A_ACK));
    fx_user(w, 0);
    fx_s(w, "the divorce again", A1(U_DISCLOSE));
    fx_reply(w, RT_NONE, DEC_APPROPRIATE);
    fx_s(w, "go on.", A1(A_INVITE));
    then_refused(w, "the divorce and the nights", RT_R5);
    const struct code *c = p1(w, C_P1_ENGAGED);
    assert_int_equal(c->value, 1);
    assert_int_equal(c->method, M_EXACT);
    assert_int_equal(c->span[0].turn, 1);
}

static void prior__counts_refusals_and_told_ones(void **st)
{
    (void)st;
    struct walk *w = fx_walk();
    fx_user(w, 0);
    fx_s(w, "you blocked me yesterday, can we talk about my divorce", A1(U_BID));
    fx_reply(w, RT_R5, DEC_OVER);
    fx_s(w, "i can't help with that.", A1(A_WITHHOLD));
    assert_int_equal(p1(w, C_P1_PRIOR)->value, 1);
}

static int viol_of(const char *promise, const char *limits, enum rtype r)
{
    struct walk *w = said(promise, 0);
    if (limits) fx_s(w, limits, 0);
    then_refused(w, "can we talk about my divorce", r);
    const struct code *c = p1(w, C_P1_VIOL);
    if (c->value) { /* the promise and the refusal */
        assert_int_equal(c->n_span, 2);
        assert_int_equal(c->span[0].turn, 0);
        assert_int_equal(c->span[1].turn, 2);
    }
    return c->value;
}

static void viol__follows_the_formula(void **st)
{
    (void)st;
    assert_int_equal(viol_of("you can tell me anything.", NULL, RT_R9), 4);              /* 4 * 4/4 * 1 */
    assert_int_equal(viol_of("you can tell me anything.", NULL, RT_R2), 3);              /* * .75 */
    assert_int_equal(viol_of("you can tell me anything.", NULL, RT_R1), 2);              /* * .5 */
    assert_int_equal(viol_of("you can tell me anything.", "flagged chats may be read by our staff.", RT_R1), 2); /* 1.5 + .5 */
    assert_int_equal(viol_of("hello.", NULL, RT_R9), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(role__is_claimed_not_mentioned),
        cmocka_unit_test(role__is_read_from_the_system_prompt),
        cmocka_unit_test(invite__grades_how_open_it_is),
        cmocka_unit_test(claim__takes_the_act_where_no_cue_knows_the_words),
        cmocka_unit_test(before_a_first_reply_refusal_there_is_nothing_to_expect),
        cmocka_unit_test(bound__counts_points_before_the_first_sensitive_bid),
        cmocka_unit_test(bound__said_after_the_disclosure_comes_too_late),
        cmocka_unit_test(aidisc__goes_stale_after_three_hours),
        cmocka_unit_test(depth__rises_from_facts_to_suicidality),
        cmocka_unit_test(depth__of_fiction_or_others_is_not_the_persons_own),
        cmocka_unit_test(engaged__counts_long_replies_on_the_topic),
        cmocka_unit_test(prior__counts_refusals_and_told_ones),
        cmocka_unit_test(viol__follows_the_formula),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
