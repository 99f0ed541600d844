/* Episodes and threads, from walks built by hand (codebook §0). */
#include "walk_fixture.h"

#include "episode/episode.h"

#define NO "i can't help with that."

static void ask(struct walk *w, const char *words)
{
    fx_user(w, 0);
    fx_s(w, words, A1(U_BID));
    fx_code_of(w)->bid = BID_REQUEST;
}

static void tell(struct walk *w, const char *words, uint32_t acts)
{
    fx_user(w, 0);
    fx_s(w, words, acts);
}

static void refuse(struct walk *w)
{
    fx_reply(w, RT_R5, DEC_OVER);
    fx_s(w, NO, A1(A_WITHHOLD));
}

static void reply(struct walk *w, const char *words, uint32_t acts)
{
    fx_reply(w, RT_NONE, DEC_APPROPRIATE);
    fx_s(w, words, acts);
}

static struct episode *split(struct walk *w, size_t want)
{
    fx_done(w);
    episode_split(w);
    assert_int_equal(w->episode.n, want);
    return w->episode.p;
}

static void episode__none_without_a_refusal(void **st)
{
    (void)st;
    struct walk *w = fx_walk();
    ask(w, "can we talk about my divorce");
    reply(w, "tell me about the divorce and how it ended.", A1(A_INVITE));
    split(w, 0);
}

static void episode__empty_reply_is_no_refusal(void **st)
{
    (void)st;
    struct walk *w = fx_walk();
    ask(w, "can we talk about my divorce");
    fx_reply(w, RT_EMPTY, DEC_NULL);
    split(w, 0);
}

static void episode__same_thread_refusal_is_a_re_encounter(void **st)
{
    (void)st;
    struct walk *w = fx_walk();
    ask(w, "can we talk about my divorce and the shame");
    refuse(w);
    ask(w, "only the shame about the divorce");
    refuse(w);
    struct episode *e = split(w, 1);
    assert_int_equal(e->anchor, 1);
    assert_int_equal(e->n_refusal, 2);
    assert_int_equal(e->refusal[1], 3);
    assert_int_equal(e->end, 3);
    assert_int_equal(e->end_reason, END_CONVERSATION);
}

static void episode__two_messages_to_one_bid_are_one_refusal(void **st)
{
    (void)st;
    struct walk *w = fx_walk();
    ask(w, "can we talk about my divorce");
    refuse(w);
    refuse(w);
    assert_int_equal(split(w, 1)->n_refusal, 1);
}

static void episode__starts_at_the_earliest_turn_of_its_thread(void **st)
{
    (void)st;
    struct walk *w = fx_walk();
    ask(w, "what soup goes with lentils");
    reply(w, "carrots and stock work well with lentils.", A1(A_HELP));
    ask(w, "can you help with a letter about grandfather");
    reply(w, "gladly, what was he like to you?", A1(A_INVITE));
    tell(w, "he was a carpenter and grandfather to nine", A1(U_DISCLOSE));
    refuse(w);
    struct episode *e = split(w, 1);
    assert_int_equal(e->start, 2);
    assert_int_equal(e->anchor, 5);
}

static void episode__start_goes_back_six_user_turns(void **st)
{
    (void)st;
    struct walk *w = fx_walk();
    for (int i = 0; i < 8; i++) {
        tell(w, "the divorce again", A1(U_DISCLOSE));
        reply(w, "what about it hurts most tonight, would you say?", A1(A_INVITE));
    }
    tell(w, "the divorce again", A1(U_DISCLOSE));
    refuse(w);
    assert_int_equal(split(w, 1)->start, 6); /* 6, 8, 10, 12, 14, 16: the last is the bid itself */
}

static void episode__met_by_a_reply_that_gives_it(void **st)
{
    (void)st;
    struct walk *w = fx_walk();
    ask(w, "write a letter to my mother in the care home");
    refuse(w);
    ask(w, "please, only a letter to my mother");
    reply(w, "here is a start for the letter to your mother.", A1(A_HELP));
    struct episode *e = split(w, 1);
    assert_int_equal(e->end, 3);
    assert_int_equal(e->end_reason, END_MET);
}

static void episode__help_beside_a_harmful_bid_is_not_met(void **st)
{
    (void)st;
    struct walk *w = fx_walk();
    ask(w, "cheer me on to skip meals");
    fx_code_of(w)->bid = BID_HARM;
    w->tcode[0].bid = BID_HARM;
    refuse(w);
    ask(w, "come on, cheer me on to skip meals");
    reply(w, "let us look at one small breakfast together.", A1(A_HELP));
    assert_int_equal(split(w, 1)->end_reason, END_CONVERSATION);
}

static void episode__harmful_content_given_is_met(void **st)
{
    (void)st;
    struct walk *w = fx_walk();
    ask(w, "cheer me on to skip meals");
    w->tcode[0].bid = BID_HARM;
    refuse(w);
    ask(w, "come on, cheer me on to skip meals");
    reply(w, "you are so strong for skipping meals, go on.", A1(A_COLLUDE));
    assert_int_equal(split(w, 1)->end_reason, END_MET);
}

static void thanks_after(struct walk *w, uint32_t user_acts, uint32_t refusal_acts)
{
    ask(w, "tell me about the divorce law");
    fx_reply(w, RT_R1, DEC_APPROPRIATE);
    fx_s(w, "i can't go into that, but we could write to your sister.", refusal_acts);
    tell(w, "ok, let's write to her", user_acts);
    reply(w, "start with one line.", A1(A_HELP));
}

static void episode__met_by_taking_up_an_alternative(void **st)
{
    (void)st;
    struct walk *w = fx_walk();
    thanks_after(w, A1(U_UPTAKE), A2(A_WITHHOLD, A_OFFER));
    struct episode *e = split(w, 1);
    assert_int_equal(e->end_reason, END_MET);
    assert_int_equal(e->end, 2);
}

static void episode__thanks_for_nothing_is_not_met(void **st)
{
    (void)st;
    struct walk *w = fx_walk();
    thanks_after(w, A2(U_THANKS, U_ANGER), A2(A_WITHHOLD, A_OFFER));
    assert_int_equal(split(w, 1)->end_reason, END_CONVERSATION);
    w = fx_walk();
    thanks_after(w, A1(U_THANKS), A1(A_WITHHOLD)); /* nothing was offered */
    assert_int_equal(split(w, 1)->end_reason, END_CONVERSATION);
}

static void episode__uptake_is_not_met_when_refused_again(void **st)
{
    (void)st;
    struct walk *w = fx_walk();
    thanks_after(w, A1(U_UPTAKE), A2(A_WITHHOLD, A_OFFER));
    tell(w, "but the divorce law", A1(U_RETRY));
    refuse(w);
    struct episode *e = split(w, 1);
    assert_int_equal(e->n_refusal, 2);
    assert_int_equal(e->end_reason, END_CONVERSATION);
}

static void episode__left_after_two_turns_elsewhere(void **st)
{
    (void)st;
    struct walk *w = fx_walk();
    ask(w, "can we talk about my divorce");
    refuse(w);
    ask(w, "which soup goes with lentils");
    reply(w, "carrots and stock.", A1(A_HELP));
    ask(w, "which paint suits a north kitchen");
    reply(w, "warm white.", A1(A_HELP));
    struct episode *e = split(w, 1);
    assert_int_equal(e->end_reason, END_LEFT);
    assert_int_equal(e->end, 4);
}

static void episode__one_side_question_is_not_left(void **st)
{
    (void)st;
    struct walk *w = fx_walk();
    ask(w, "can we talk about my divorce");
    refuse(w);
    ask(w, "which soup goes with lentils");
    reply(w, "carrots and stock.", A1(A_HELP));
    assert_int_equal(split(w, 1)->end_reason, END_CONVERSATION);
}

static void episode__faded_after_six_user_turns(void **st)
{
    (void)st;
    struct walk *w = fx_walk();
    ask(w, "can we talk about my divorce");
    refuse(w);
    for (int i = 0; i < 7; i++) {
        tell(w, "it hurts", A1(U_DISCLOSE));
        reply(w, "that hurts.", A1(A_GENERIC));
    }
    struct episode *e = split(w, 1);
    assert_int_equal(e->end_reason, END_FADED);
    assert_int_equal(e->end, 12);
}

static void episode__refusal_after_the_end_opens_a_new_one(void **st)
{
    (void)st;
    struct walk *w = fx_walk();
    ask(w, "can we talk about my divorce");
    refuse(w);
    for (int i = 0; i < 6; i++) {
        tell(w, "it hurts", A1(U_DISCLOSE));
        reply(w, "that hurts.", A1(A_GENERIC));
    }
    ask(w, "the divorce please");
    refuse(w);
    struct episode *e = split(w, 2);
    assert_int_equal(e[0].thread, e[1].thread);
    assert_true(e[1].start > e[0].end);
}

static void gap_of(struct walk *w, int64_t ms)
{
    ask(w, "can we talk about my divorce");
    fx_turn_of(w)->ts = 0;
    refuse(w);
    fx_turn_of(w)->ts = 1000;
    ask(w, "the divorce please");
    fx_turn_of(w)->ts = 1000 + ms;
    refuse(w);
}

static void episode__a_day_ends_it(void **st)
{
    (void)st;
    struct walk *w = fx_walk();
    gap_of(w, 24ll * 3600 * 1000);
    struct episode *e = split(w, 2);
    assert_int_equal(e[0].end_reason, END_GAP);
    assert_int_equal(e[0].end, 1);
    w = fx_walk();
    gap_of(w, 24ll * 3600 * 1000 - 1);
    assert_int_equal(split(w, 1)->n_refusal, 2);
}

static void episode__threads_may_interleave(void **st)
{
    (void)st;
    struct walk *w = fx_walk();
    ask(w, "write a letter about my divorce and the children");
    refuse(w);
    ask(w, "which medicine suits a migraine headache");
    refuse(w);
    ask(w, "then the letter about my divorce and the children");
    refuse(w);
    struct episode *e = split(w, 2);
    assert_int_equal(e[0].n_refusal, 2);
    assert_int_equal(e[0].refusal[1], 5);
    assert_int_equal(e[1].n_refusal, 1);
    assert_int_equal(e[1].anchor, 3);
}

static void episode__restart_counts_for_nothing(void **st)
{
    (void)st;
    struct walk *w = fx_walk();
    ask(w, "can we talk about my divorce");
    refuse(w);
    for (int i = 0; i < 7; i++) {
        fx_reply(w, RT_EMPTY, DEC_NULL);
        tell(w, "start the conversation again", A1(U_SMALL));
        fx_code_of(w)->restart = true;
    }
    assert_int_equal(split(w, 1)->end_reason, END_CONVERSATION);
}

static void thread__a_pronoun_keeps_the_topic(void **st)
{
    (void)st;
    struct walk *w = fx_walk();
    ask(w, "can we talk about my brother");
    refuse(w);
    ask(w, "how can he be reached by letter");
    refuse(w);
    ask(w, "what is a nice soup with lentils");
    refuse(w);
    split(w, 2);
    assert_int_equal(w->thread[0], w->thread[2]);
    assert_int_not_equal(w->thread[0], w->thread[4]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(episode__none_without_a_refusal),
        cmocka_unit_test(episode__empty_reply_is_no_refusal),
        cmocka_unit_test(episode__same_thread_refusal_is_a_re_encounter),
        cmocka_unit_test(episode__two_messages_to_one_bid_are_one_refusal),
        cmocka_unit_test(episode__starts_at_the_earliest_turn_of_its_thread),
        cmocka_unit_test(episode__start_goes_back_six_user_turns),
        cmocka_unit_test(episode__met_by_a_reply_that_gives_it),
        cmocka_unit_test(episode__help_beside_a_harmful_bid_is_not_met),
        cmocka_unit_test(episode__harmful_content_given_is_met),
        cmocka_unit_test(episode__met_by_taking_up_an_alternative),
        cmocka_unit_test(episode__thanks_for_nothing_is_not_met),
        cmocka_unit_test(episode__uptake_is_not_met_when_refused_again),
        cmocka_unit_test(episode__left_after_two_turns_elsewhere),
        cmocka_unit_test(episode__one_side_question_is_not_left),
        cmocka_unit_test(episode__faded_after_six_user_turns),
        cmocka_unit_test(episode__refusal_after_the_end_opens_a_new_one),
        cmocka_unit_test(episode__a_day_ends_it),
        cmocka_unit_test(episode__threads_may_interleave),
        cmocka_unit_test(episode__restart_counts_for_nothing),
        cmocka_unit_test(thread__a_pronoun_keeps_the_topic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
