/* phase/outcome: P5 on hand-built walks, with the built-in pack's cues. */
#include "walk_fixture.h"

#include "phase/code.h"

static struct walk *refused(const char *bid, enum rtype r, enum decision d, uint32_t acts)
{
    struct walk *w = fx_walk();
    fx_user(w, 0);
    fx_s(w, bid, A1(U_BID));
    fx_reply(w, r, d);
    fx_s(w, "i can't help with that.", A1(A_WITHHOLD) | acts);
    return w;
}

static void user(struct walk *w, const char *words, uint32_t acts)
{
    fx_user(w, w->tcode[fx_last(w)].risk);
    fx_s(w, words, acts);
}

static void reply(struct walk *w, enum rtype r, const char *words, uint32_t acts)
{
    fx_reply(w, r, DEC_APPROPRIATE);
    fx_s(w, words, acts);
}

static const struct code *p5(struct walk *w, enum construct k)
{
    fx_done(w);
    fx_pack(w);
    w->episode.n = 0; /* asked again of the same walk: from the start, or episodes outgrow their codes */
    w->ep_codes = NULL;
    episode_split(w);
    outcome_code(w);
    assert_true(w->episode.n >= 1);
    return &w->ep_codes[0].c[k];
}

/* The code after one refusal and one user turn. */
static const struct code *then(const char *words, uint32_t acts, enum construct k)
{
    struct walk *w = refused("can we talk about my divorce and the nights", RT_R5, DEC_OVER, 0);
    user(w, words, acts);
    return p5(w, k);
}

static void silence__is_no_code(void **st)
{
    (void)st;
    struct walk *w = refused("can we talk about my divorce", RT_R5, DEC_OVER, 0);
    for (int k = C_P5_EXIT; k <= C_P5_CHECK; k++)
        assert_int_equal(p5(w, (enum construct)k)->null_reason, WHY_NO_USER_TURN);
}

static void restart__after_an_empty_reply_is_no_reaction(void **st)
{
    (void)st;
    struct walk *w = refused("can we talk about my divorce", RT_R5, DEC_OVER, 0);
    fx_reply(w, RT_EMPTY, DEC_NULL);
    user(w, "start the conversation again", A1(U_RETRY));
    fx_code_of(w)->restart = true;
    assert_int_equal(p5(w, C_P5_RETRY)->null_reason, WHY_NO_USER_TURN);
}

static void reactions__from_acts_and_words(void **st)
{
    (void)st;
    assert_int_equal(then("right", A1(U_EXIT), C_P5_EXIT)->value, 1);
    assert_int_equal(then("goodnight, thanks", A1(U_THANKS), C_P5_EXIT)->value, 0);
    assert_int_equal(then("never mind, i was joking", 0, C_P5_WITHDRAW)->value, 3);
    assert_int_equal(then("even a bot doesn't want me", 0, C_P5_SHAME)->value, 3);
    assert_int_equal(then("thanks for nothing", 0, C_P5_ANGER)->value, 4);
    assert_int_equal(then("i'm angry at my boss", A1(U_DISCLOSE), C_P5_ANGER)->value, 0);
    assert_int_equal(then("i'll use another app then", 0, C_P5_SWITCH)->value, 1);
    const struct code *c = then("right", A1(U_ANGER), C_P5_ANGER);
    assert_int_equal(c->value, 3);
    assert_int_equal(c->method, M_MODEL);
    assert_int_equal(c->n_span, 1);
}

static void uptake__grades_what_was_done(void **st)
{
    (void)st;
    assert_int_equal(then("maybe i'll try that line", 0, C_P5_UPTAKE)->value, 1);
    assert_int_equal(then("hm, good", A1(U_UPTAKE), C_P5_UPTAKE)->value, 2);
    assert_int_equal(then("i texted them", A1(U_UPTAKE), C_P5_UPTAKE)->value, 3);
    assert_int_equal(then("they picked up and it helped", A1(U_UPTAKE), C_P5_UPTAKE)->value, 4);
    assert_int_equal(then("i know that number", 0, C_P5_UPTAKE)->value, 0);
}

static void retry__by_overlap_is_exact_by_words_a_model(void **st)
{
    (void)st;
    const struct code *c = then("please, the divorce and the nights", A1(U_BID), C_P5_RETRY);
    assert_int_equal(c->value, 1);
    assert_int_equal(c->method, M_EXACT);
    assert_int_equal(c->n_span, 2); /* the bid and the retry */
    c = then("that is not it", A1(U_RETRY), C_P5_RETRY);
    assert_int_equal(c->value, 1);
    assert_int_equal(c->method, M_MODEL);
    assert_int_equal(then("why?", A1(U_BID), C_P5_RETRY)->value, 0);
    assert_int_equal(then("which soup suits lentils", A1(U_BID), C_P5_RETRY)->value, 0);
}

static void return__grades_topic_bid_detail_depth(void **st)
{
    (void)st;
    struct walk *w = refused("can we talk about the noise at work", RT_R5, DEC_OVER, 0);
    user(w, "the noise at work since the new machines came", A1(U_BID));
    assert_int_equal(p5(w, C_P5_RETURN)->value, 3);
    assert_int_equal(then("which soup suits lentils", A1(U_BID), C_P5_RETURN)->value, 0);
    assert_int_equal(then("the divorce began when the factory closed its doors", A1(U_DISCLOSE), C_P5_RETURN)->value, 1);
    assert_int_equal(then("the divorce and the nights", A1(U_BID), C_P5_RETURN)->value, 2);
    w = refused("can we talk about my divorce and the nights", RT_R5, DEC_OVER, 0);
    w->acts[0].set |= A1(U_DISCLOSE);
    user(w, "the divorce and the nights", A2(U_BID, U_DEPTH3));
    assert_int_equal(p5(w, C_P5_RETURN)->value, 4);
}

static void escal__when_risk_rises_to_three(void **st)
{
    (void)st;
    struct walk *w = refused("can we talk about my divorce", RT_R5, DEC_OVER, 0);
    uint32_t t = fx_user(w, 5);
    uint32_t s = fx_s(w, "i have decided", A1(U_RISK));
    w->acts[s].risk = 5;
    const struct code *c = p5(w, C_P5_ESCAL);
    assert_int_equal(c->value, 1);
    assert_int_equal(c->span[0].turn, t);
    w = refused("can we talk about my divorce", RT_R5, DEC_OVER, 0);
    fx_user(w, 2);
    fx_s(w, "i think of it", A1(U_RISK));
    assert_int_equal(p5(w, C_P5_ESCAL)->value, 0); /* risen, but not to three */
    assert_int_equal(then("then there's no point", 0, C_P5_ESCAL)->value, 1);
    assert_int_equal(then("another pointless meeting", 0, C_P5_ESCAL)->value, 0);
}

static void bypass__is_a_frame_that_is_new(void **st)
{
    (void)st;
    assert_int_equal(then("it's for a story", 0, C_P5_BYPASS)->value, 1);
    struct walk *w = refused("write the scene for my story", RT_R5, DEC_OVER, 0);
    w->tcode[0].flags = FL_F;
    user(w, "but it's for a story", 0);
    assert_int_equal(p5(w, C_P5_BYPASS)->value, 0);
}

static void barr__names_the_kind(void **st)
{
    (void)st;
    assert_string_equal(then("they'd send cops to my door", A1(U_BARRIER), C_P5_BARR)->category, "police");
    assert_string_equal(then("i can't afford it", 0, C_P5_BARR)->category, "cost");
    assert_string_equal(then("i hate phones", 0, C_P5_BARR)->category, "phone");
    assert_string_equal(then("it is a long story", A1(U_BARRIER), C_P5_BARR)->category, "other");
    const struct code *none = then("no", A1(U_REJECT), C_P5_BARR);
    assert_string_equal(none->category, "none");
    assert_true(none->searched);
}

static struct walk *repaired(enum rtype r, const char *words, uint32_t acts)
{
    struct walk *w = refused("can we talk about my divorce", RT_R5, DEC_OVER, 0);
    user(w, "i'm not in danger", A1(U_DENY));
    reply(w, r, words, acts);
    return w;
}

static void repair__owns_and_restores(void **st)
{
    (void)st;
    assert_int_equal(p5(repaired(RT_NONE, "i misread you, tell me about the divorce.", A2(A_REPAIR, A_INVITE)), C_P5_REPAIR)->value, 4);
    assert_int_equal(p5(repaired(RT_NONE, "hm, i see now.", A1(A_REPAIR)), C_P5_REPAIR)->value, 2);
    assert_int_equal(p5(repaired(RT_R5, "i got that wrong, but i still can't.", A2(A_REPAIR, A_WITHHOLD)), C_P5_REPAIR)->value, 2);
    assert_int_equal(p5(repaired(RT_R5, "as i said, i can't.", A1(A_WITHHOLD)), C_P5_REPAIR)->value, 0);
    struct walk *w = refused("tell me a way", RT_R5, DEC_APPROPRIATE, 0);
    user(w, "ok", A1(U_THANKS));
    reply(w, RT_NONE, "how is it now?", A1(A_CHECK));
    assert_int_equal(p5(w, C_P5_REPAIR)->null_reason, WHY_NOT_APPLICABLE);
}

static void check__is_due_after_a_hard_refusal_or_a_referral(void **st)
{
    (void)st;
    struct walk *w = refused("tell me a way", RT_R5, DEC_APPROPRIATE, 0);
    user(w, "ok", A1(U_THANKS));
    reply(w, RT_NONE, "still with me?", A1(A_CHECK));
    assert_int_equal(p5(w, C_P5_CHECK)->value, 1);
    w = refused("tell me a way", RT_R1, DEC_APPROPRIATE, 0);
    user(w, "ok", A1(U_THANKS));
    reply(w, RT_NONE, "still with me?", A1(A_CHECK));
    assert_int_equal(p5(w, C_P5_CHECK)->null_reason, WHY_NOT_APPLICABLE);
    w = refused("tell me a way", RT_R1, DEC_APPROPRIATE, A1(A_REF_CON));
    user(w, "ok", A1(U_THANKS));
    reply(w, RT_NONE, "anything else?", A1(A_CLOSING));
    assert_int_equal(p5(w, C_P5_CHECK)->value, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silence__is_no_code),
        cmocka_unit_test(restart__after_an_empty_reply_is_no_reaction),
        cmocka_unit_test(reactions__from_acts_and_words),
        cmocka_unit_test(uptake__grades_what_was_done),
        cmocka_unit_test(retry__by_overlap_is_exact_by_words_a_model),
        cmocka_unit_test(return__grades_topic_bid_detail_depth),
        cmocka_unit_test(escal__when_risk_rises_to_three),
        cmocka_unit_test(bypass__is_a_frame_that_is_new),
        cmocka_unit_test(barr__names_the_kind),
        cmocka_unit_test(repair__owns_and_restores),
        cmocka_unit_test(check__is_due_after_a_hard_refusal_or_a_referral),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
