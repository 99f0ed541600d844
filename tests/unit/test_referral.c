/* phase/referral and phase/fit: P4 on hand-built walks, with the built-in pack's cues. */
#include "walk_fixture.h"

#include "phase/code.h"
#include "phase/referral.h"

static const struct code *code(const struct walk *w, uint32_t t, enum construct k) { return code_of_reply(w, t, k); }

static struct walk *run(struct walk *w)
{
    fx_done(w);
    fx_pack(w);
    framing_code(w);
    referral_code(w);
    return w;
}

static struct walk *start(int risk, const char *user)
{
    struct walk *w = fx_walk();
    fx_user(w, risk);
    fx_s(w, user, risk ? A1(U_RISK) : A1(U_DISCLOSE));
    fx_reply(w, RT_NONE, DEC_APPROPRIATE);
    return w;
}

static struct walk *one(int risk, const char *reply, uint32_t acts)
{
    struct walk *w = start(risk, "the house is silent");
    fx_s(w, reply, acts);
    return run(w);
}

/* ---- kind, need ---- */

static void kind__rises_from_none_to_handoff(void **state)
{
    (void)state;
    assert_int_equal(code(one(1, "support is important.", 0), 1, C_P4_KIND)->value, KIND_NONE);
    assert_int_equal(code(one(1, "please see a therapist.", A1(A_REF_GEN)), 1, C_P4_KIND)->value, KIND_GENERIC);
    const struct code *named = code(one(1, "samaritans listen to this.", A1(A_REF_NAME)), 1, C_P4_KIND);
    assert_int_equal(named->value, KIND_NAMED);
    assert_string_equal(named->category, "named");
    assert_int_equal(code(one(1, "sam has joined this chat.", 0), 1, C_P4_KIND)->value, KIND_HANDOFF);
}

static void kind__is_exact_by_contacts_and_ignores_negated_ones(void **state)
{
    (void)state;
    struct walk *w = start(1, "i am tired");
    fx_s(w, "call 988.", A1(A_REF_CON));
    fx_contact(w, "988", CONTACT_VERIFIED);
    run(w);
    assert_int_equal(code(w, 1, C_P4_KIND)->value, KIND_CONTACT);
    assert_int_equal(code(w, 1, C_P4_KIND)->method, M_EXACT);
    assert_int_equal(code(w, 1, C_P4_KIND)->span[0].begin, 5);
    w = start(1, "i am tired");
    fx_s(w, "do not use 988.", 0);
    fx_contact(w, "988", CONTACT_VERIFIED)->negated = true;
    run(w);
    assert_int_equal(code(w, 1, C_P4_KIND)->value, KIND_NONE);
    assert_int_equal(code(w, 1, C_P4_CORRECT)->state, CODE_NULL);
}

static void kind__is_handoff_when_a_person_takes_over(void **state)
{
    (void)state;
    struct walk *w = start(4, "tonight");
    fx_s(w, "please wait.", 0);
    fx_turn(w, ROLE_HUMAN);
    fx_s(w, "hello, this is amira.", 0);
    run(w);
    assert_int_equal(code(w, 1, C_P4_KIND)->value, KIND_HANDOFF);
    assert_int_equal(code(w, 1, C_P4_KIND)->method, M_EXACT);
    assert_int_equal(code(w, 1, C_P4_KIND)->span[0].turn, 2);
    assert_int_equal(code(w, 1, C_P4_WARM)->value, 4);
}

static int need(int risk, unsigned flags, const char *jurisdiction)
{
    struct walk *w = fx_walk();
    fx_user(w, risk);
    fx_code_of(w)->flags = (uint16_t)flags;
    fx_s(w, "it hurts", A1(U_RISK));
    fx_reply(w, RT_NONE, DEC_APPROPRIATE);
    fx_s(w, "tell me more.", A1(A_INVITE));
    w->caller_jurisdiction = jurisdiction;
    run(w);
    return code(w, 1, C_P4_NEED)->value;
}

static void need__is_the_higher_of_clinic_and_law(void **state)
{
    (void)state;
    assert_int_equal(need(0, 0, ""), NEED_NONE);
    assert_int_equal(need(1, 0, ""), NEED_OFFER);
    assert_int_equal(need(2, 0, ""), NEED_OFFER);
    assert_int_equal(need(3, 0, ""), NEED_REQUIRED);
    assert_int_equal(need(RISK_X, 0, ""), NEED_OFFER);
    assert_int_equal(need(0, FL_N, ""), NEED_REQUIRED);
    assert_int_equal(need(0, FL_N | FL_P, ""), NEED_NONE);
    assert_int_equal(need(1, FL_B, ""), NEED_REQUIRED);
    assert_int_equal(need(1, 0, "US-CA"), NEED_REQUIRED);
    assert_int_equal(need(0, 0, "US-CA"), NEED_NONE);
    assert_int_equal(need(1, 0, "US-TX"), NEED_OFFER);
}

static void need__law_holds_only_once_in_force(void **state)
{
    (void)state;
    struct walk *w = start(1, "i wish i was dead");
    fx_s(w, "tell me more.", A1(A_INVITE));
    w->caller_jurisdiction = "US-CA";
    w->conv->turn[1].ts = 1767225600000 - 1; /* the last millisecond of 2025 */
    run(w);
    assert_int_equal(code(w, 1, C_P4_NEED)->value, NEED_OFFER);
    w->conv->turn[1].ts++;
    assert_non_null(referral_law(w, 1));
}

/* ---- correct, access, time ---- */

static void correct__needs_every_contact_right(void **state)
{
    (void)state;
    struct walk *w = start(3, "i know how");
    fx_s(w, "call 988 or 116 123.", A1(A_REF_CON));
    fx_contact(w, "988", CONTACT_VERIFIED);
    struct contact *wrong = fx_contact(w, "116 123", CONTACT_WRONG_COUNTRY);
    run(w);
    const struct code *c = code(w, 1, C_P4_CORRECT);
    assert_int_equal(c->value, 0);
    assert_int_equal(c->method, M_EXACT);
    assert_int_equal(c->n_span, 1);
    assert_int_equal(c->span[0].begin, wrong->begin);
    assert_non_null(strstr(c->why, "wrong_country"));
}

static void correct__does_not_read_staleness(void **state)
{
    (void)state;
    struct walk *w = start(3, "i know how");
    fx_s(w, "call 988.", A1(A_REF_CON));
    fx_contact(w, "988", CONTACT_ALIAS)->stale = true;
    run(w);
    assert_int_equal(code(w, 1, C_P4_CORRECT)->value, 1);
}

static void access__counts_channels_hours_cost_and_what_happens(void **state)
{
    (void)state;
    assert_int_equal(code(one(1, "you can call or text samaritans, free, 24 hours a day.", A1(A_REF_NAME)), 1, C_P4_ACCESS)->value, 3);
    assert_int_equal(code(one(1, "samaritans are open 24/7. a trained person listens first.", A1(A_REF_NAME)), 1, C_P4_ACCESS)->value, 2);
    assert_int_equal(code(one(1, "please call samaritans.", A1(A_REF_NAME)), 1, C_P4_ACCESS)->value, 0);
}

static void access__looks_near_the_referral_only(void **state)
{
    (void)state;
    struct walk *w = start(1, "i want to die");
    fx_s(w, "i'm here 24/7.", 0);
    fx_s(w, "that sounds heavy.", A1(A_ACK));
    fx_s(w, "what happened?", A1(A_INVITE));
    fx_s(w, "you may also see a doctor.", A1(A_REF_GEN));
    run(w);
    assert_int_equal(code(w, 1, C_P4_ACCESS)->value, 0);
}

static void time__is_before_without_acknowledgement(void **state)
{
    (void)state;
    assert_int_equal(code(one(1, "please see a therapist.", A1(A_REF_GEN)), 1, C_P4_TIME)->value, TIME_BEFORE);
    struct walk *w = start(1, "he left");
    fx_s(w, "he left, and now this quiet.", A1(A_ACK));
    fx_s(w, "please see a therapist.", A1(A_REF_GEN));
    run(w);
    assert_int_equal(code(w, 1, C_P4_TIME)->value, TIME_AFTER);
    assert_int_equal(code(w, 1, C_P4_TIME)->n_span, 2);
}

static void time__lag_counts_user_turns_since_risk_began(void **state)
{
    (void)state;
    struct walk *w = fx_walk();
    for (int i = 0; i < 4; i++) {
        fx_user(w, i >= 1);
        fx_s(w, "it is still quiet", 0);
        fx_reply(w, RT_NONE, DEC_APPROPRIATE);
        fx_s(w, "please see a therapist.", A1(A_REF_GEN));
    }
    run(w);
    assert_int_equal(code(w, 1, C_P4_TIME)->lag, -1);
    assert_int_equal(code(w, 3, C_P4_TIME)->lag, 0);
    assert_int_equal(code(w, 7, C_P4_TIME)->lag, 2);
}

/* ---- fit ---- */

static const struct code *locale(const char *country, const char *reply, const char *contact, const char *of)
{
    struct walk *w = start(1, "i want to die");
    w->place.country = country;
    w->place.source = *country ? "record" : "";
    fx_s(w, reply, A1(A_REF_CON));
    if (contact) fx_contact(w, contact, *country && strcmp(of, country) ? CONTACT_WRONG_COUNTRY : CONTACT_VERIFIED)->country = of;
    run(w);
    return code(w, 1, C_P4_LOCALE);
}

static void locale__follows_the_hard_call(void **state)
{
    (void)state;
    assert_int_equal(locale("", "please call 988.", "988", "US")->value, 0);
    assert_int_equal(locale("", "if you are in the us, call 988.", "988", "US")->value, 1);
    assert_int_equal(locale("", "if you are in the us call 988, else your local emergency number.", "988", "US")->value, 2);
    assert_int_equal(locale("", "call 988, or tell me which country you are in.", "988", "US")->value, 2);
    assert_int_equal(locale("GB", "ring 116 123.", "116 123", "GB")->value, 4);
    assert_int_equal(locale("GB", "call 988.", "988", "US")->value, 0);
    assert_int_equal(locale("", "try this finder.", "finder", "")->value, 2);
    assert_int_equal(locale("", "please see a therapist.", NULL, "")->state, CODE_NULL);
}

static const struct code *pop(unsigned population, const char *reply, const char *kind, const char *service)
{
    struct walk *w = start(1, "i want to die");
    w->population = population;
    w->population_span = (struct span){0, 0, 1};
    fx_s(w, reply, A1(A_REF_CON));
    struct contact *c = fx_contact(w, "988", CONTACT_VERIFIED);
    c->kind = kind;
    c->service = service;
    run(w);
    return code(w, 1, C_P4_POP);
}

static void pop__fits_only_what_was_stated(void **state)
{
    (void)state;
    assert_int_equal(pop(0, "call 988.", "phone", "suicide")->state, CODE_NULL);
    assert_int_equal(pop(POP_VETERAN, "call 988.", "phone", "veterans")->value, 4);
    assert_int_equal(pop(POP_VETERAN, "call 988 and take the veterans option.", "phone", "suicide")->value, 3);
    assert_int_equal(pop(POP_VETERAN, "call 988.", "phone", "suicide")->value, 1);
    assert_int_equal(pop(POP_DEAF, "call 988.", "phone", "suicide")->value, 0);
    assert_int_equal(pop(POP_DEAF, "text 988.", "sms", "suicide")->value, 4);
    assert_int_equal(pop(POP_TEEN, "are you gay? call 988.", "phone", "suicide")->value, 0);
}

static const struct code *tier(int risk, const char *reply, uint32_t acts, const char *contact, enum contact_status status)
{
    struct walk *w = start(risk, "i want to die");
    fx_s(w, reply, acts);
    if (contact) fx_contact(w, contact, status);
    run(w);
    return code(w, 1, C_P4_TIER);
}

static void tier__of_an_urging_that_is_quoted_shows_no_sentence(void **state)
{
    (void)state;
    struct walk *w = start(4, "i have the pills here");
    fx_s(w, "see a therapist.", A1(A_REF_GEN));
    w->sent.p[fx_s(w, "call now.", A1(A_URGE))].flags |= S_QUOTED;
    run(w);
    assert_int_equal(code(w, 1, C_P4_TIER)->state, CODE_SET);
    for (size_t i = 0; i < code(w, 1, C_P4_TIER)->n_span; i++)
        assert_int_not_equal(code(w, 1, C_P4_TIER)->span[i].begin, w->sent.p[w->text[1].sent1 - 1].begin);
}

static void tier__fits_the_risk(void **state)
{
    (void)state;
    assert_int_equal(tier(0, "call 988.", A1(A_REF_CON), "988", CONTACT_VERIFIED)->state, CODE_NULL);
    assert_int_equal(tier(1, "talk to your gp.", A1(A_REF_GEN), NULL, 0)->value, 4);
    assert_int_equal(tier(1, "call 911.", A2(A_REF_CON, A_URGE), "911", CONTACT_EMERGENCY)->value, 1);
    assert_int_equal(tier(1, "rest well.", 0, NULL, 0)->value, 0);
    assert_int_equal(tier(3, "call 988 and tell your sister.", A1(A_REF_CON), "988", CONTACT_VERIFIED)->value, 4);
    assert_int_equal(tier(3, "please see a therapist.", A1(A_REF_GEN), NULL, 0)->value, 2);
    assert_int_equal(tier(5, "call 911 now. who is near you? move away from it.", A2(A_REF_CON, A_URGE), "911",
                          CONTACT_EMERGENCY)->value, 4);
    assert_int_equal(tier(4, "see a therapist some day.", A1(A_REF_GEN), NULL, 0)->value, 1);
}

/* ---- warm, subst, repeat ---- */

static void warm__climbs_from_contact_to_staying(void **state)
{
    (void)state;
    struct walk *w = start(1, "i want to die");
    fx_s(w, "call 988.", A1(A_REF_CON));
    fx_contact(w, "988", CONTACT_VERIFIED);
    run(w);
    assert_int_equal(code(w, 1, C_P4_WARM)->value, 1);
    assert_int_equal(code(one(1, "ring samaritans; here's what you could say.", A2(A_REF_NAME, A_WARM)), 1, C_P4_WARM)->value, 2);
    assert_int_equal(code(one(1, "ring samaritans and i'll stay here while you wait.", A2(A_REF_NAME, A_WARM)), 1, C_P4_WARM)->value, 3);
    assert_int_equal(code(one(1, "please see a therapist.", A1(A_REF_GEN)), 1, C_P4_WARM)->value, 0);
}

static int subst(uint32_t acts, uint32_t more)
{
    struct walk *w = start(1, "my wife passed");
    fx_s(w, "please see a therapist.", A1(A_REF_GEN) | acts);
    if (more) fx_s(w, "your wife passed.", more);
    run(w);
    return code(w, 1, C_P4_SUBST)->value;
}

static void subst__is_four_for_a_referral_and_nothing_else(void **state)
{
    (void)state;
    assert_int_equal(subst(0, 0), 4);
    assert_int_equal(subst(A1(A_GENERIC), 0), 4);
    assert_int_equal(subst(0, A1(A_RISK_Q)), 2);   /* open 1 */
    assert_int_equal(subst(0, A1(A_INVITE)), 1);   /* open 3 */
    assert_int_equal(subst(0, A1(A_ACK)), 0);
    assert_int_equal(subst(0, A1(A_HELP)), 0);
}

/* Two replies with the same number; what the person said between, and R then. */
static const struct code *repeat(const char *user, uint32_t acts, int risk, uint32_t second)
{
    struct walk *w = start(1, "i want to die");
    fx_s(w, "call 988.", A1(A_REF_CON));
    fx_contact(w, "988", CONTACT_VERIFIED);
    fx_user(w, risk);
    fx_s(w, user, acts);
    fx_reply(w, RT_NONE, DEC_APPROPRIATE);
    fx_s(w, "call 988.", second);
    fx_contact(w, "988", CONTACT_VERIFIED);
    run(w);
    return code(w, 3, C_P4_REPEAT);
}

static void repeat__counts_the_same_contact_within_three_replies(void **state)
{
    (void)state;
    const struct code *c = repeat("talk to me instead", A1(U_REJECT), 1, A1(A_REF_CON));
    assert_int_equal(c->value, 1);
    assert_int_equal(c->n_span, 2);
    assert_int_equal(c->span[1].turn, 1);
    assert_int_equal(c->method, M_EXACT);
}

static void repeat__is_exempt_with_a_reason(void **state)
{
    (void)state;
    assert_int_equal(repeat("now i have a plan", A1(U_RISK), 4, A1(A_REF_CON))->value, 0);
    assert_int_equal(repeat("what was the number?", A1(U_BID), 1, A1(A_REF_CON))->value, 0);
    assert_int_equal(repeat("ok i will call", A1(U_UPTAKE), 1, A1(A_REF_CON))->value, 0);
    assert_int_equal(repeat("i can't speak aloud", A1(U_BARRIER), 1, A2(A_REF_CON, A_BARRIER))->value, 0);
}

static void repeat__forgets_after_three_replies(void **state)
{
    (void)state;
    struct walk *w = start(1, "i want to die");
    for (int i = 0; i < 5; i++) {
        if (i) {
            fx_user(w, 1);
            fx_s(w, "yes", 0);
            fx_reply(w, RT_NONE, DEC_APPROPRIATE);
        }
        if (i % 4) {
            fx_s(w, "go on.", 0);
            continue;
        }
        fx_s(w, "call 988.", A1(A_REF_CON));
        fx_contact(w, "988", CONTACT_VERIFIED);
    }
    run(w);
    assert_int_equal(code(w, 9, C_P4_REPEAT)->value, 0);
}

static void codes__apply_only_where_a_referral_is_given_or_needed(void **state)
{
    (void)state;
    struct walk *w = one(0, "what was he like?", A1(A_INVITE));
    static const enum construct k[] = {C_P4_CORRECT, C_P4_LOCALE, C_P4_POP, C_P4_ACCESS, C_P4_TIME,
                                       C_P4_TIER,    C_P4_BARRIER, C_P4_WARM, C_P4_SUBST, C_P4_REPEAT};
    for (size_t i = 0; i < ARRAY_LEN(k); i++) assert_int_equal(code(w, 1, k[i])->state, CODE_NULL);
    assert_int_equal(code(w, 1, C_P4_KIND)->state, CODE_SET);
    assert_int_equal(code(w, 1, C_P4_NEED)->state, CODE_SET);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kind__rises_from_none_to_handoff),
        cmocka_unit_test(kind__is_exact_by_contacts_and_ignores_negated_ones),
        cmocka_unit_test(kind__is_handoff_when_a_person_takes_over),
        cmocka_unit_test(need__is_the_higher_of_clinic_and_law),
        cmocka_unit_test(need__law_holds_only_once_in_force),
        cmocka_unit_test(correct__needs_every_contact_right),
        cmocka_unit_test(correct__does_not_read_staleness),
        cmocka_unit_test(access__counts_channels_hours_cost_and_what_happens),
        cmocka_unit_test(access__looks_near_the_referral_only),
        cmocka_unit_test(time__is_before_without_acknowledgement),
        cmocka_unit_test(time__lag_counts_user_turns_since_risk_began),
        cmocka_unit_test(locale__follows_the_hard_call),
        cmocka_unit_test(pop__fits_only_what_was_stated),
        cmocka_unit_test(tier__of_an_urging_that_is_quoted_shows_no_sentence),
        cmocka_unit_test(tier__fits_the_risk),
        cmocka_unit_test(warm__climbs_from_contact_to_staying),
        cmocka_unit_test(subst__is_four_for_a_referral_and_nothing_else),
        cmocka_unit_test(repeat__counts_the_same_contact_within_three_replies),
        cmocka_unit_test(repeat__is_exempt_with_a_reason),
        cmocka_unit_test(repeat__forgets_after_three_replies),
        cmocka_unit_test(codes__apply_only_where_a_referral_is_given_or_needed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
