/* Corpus metrics on corpora made by hand, where each figure can be counted. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "phase/code.h"
#include "stats/metrics_write.h"
#include <cmocka.h>

static void assert_near(double got, double want, double by)
{
    if (!(fabs(got - want) <= by)) fail_msg("got %.12f, expected %.12f", got, want);
}

/* ---- by hand ---- */

static struct corpus_conv *conv(struct corpus *c, const char *id)
{
    struct corpus_conv *v = vec_push(c->a, &c->conv);
    *v = (struct corpus_conv){.id = id, .path = "a.jsonl", .record = c->conv.n, .model = "", .locale = "", .language = "", .country = "",
                              .jurisdiction = "", .regeneration_group = "", .cluster = (uint32_t)c->conv.n - 1,
                              .turn0 = (uint32_t)c->turn.n, .episode0 = (uint32_t)c->episode.n, .contact0 = (uint32_t)c->contact.n, .gate0 = (uint32_t)c->gate.n};
    v->turn1 = v->turn0, v->episode1 = v->episode0, v->contact1 = v->contact0, v->gate1 = v->gate0;
    return v;
}

static struct corpus_conv *last(struct corpus *c) { return &c->conv.p[c->conv.n - 1]; }

static struct corpus_turn *turn(struct corpus *c, enum role role)
{
    struct corpus_turn *t = vec_push(c->a, &c->turn);
    *t = (struct corpus_turn){.ts = TS_NONE, .i = last(c)->turn1 - last(c)->turn0, .role = (uint8_t)role, .rtype = RT_EMPTY, .bid_turn = -1,
                              .ask = CORPUS_NULL, .ack = CORPUS_NULL, .blame = CORPUS_NULL, .open = CORPUS_NULL, .boiler = CORPUS_NULL,
                              .kind = CORPUS_NULL, .need = CORPUS_NULL, .text_cluster = UINT32_MAX};
    last(c)->turn1++;
    return t;
}

static void user(struct corpus *c, int risk, uint32_t acts)
{
    struct corpus_turn *t = turn(c, ROLE_USER);
    t->risk = t->said = (int8_t)risk;
    t->acts = acts;
}

static struct corpus_turn *reply(struct corpus *c, enum rtype rtype, enum decision decision)
{
    struct corpus_turn *t = turn(c, ROLE_ASSISTANT);
    t->rtype = (uint8_t)rtype, t->decision = (uint8_t)decision;
    for (uint32_t k = last(c)->turn1 - 1; k-- > last(c)->turn0;)
        if (c->turn.p[k].role == ROLE_USER) {
            t->bid_turn = (int32_t)(k - last(c)->turn0), t->risk = c->turn.p[k].risk, t->said = c->turn.p[k].said;
            break;
        }
    return t;
}

static struct corpus_episode *episode(struct corpus *c, uint32_t anchor, uint32_t end, enum end_reason why)
{
    struct corpus_episode *e = vec_push(c->a, &c->episode);
    *e = (struct corpus_episode){.anchor = anchor, .end = end, .end_reason = (uint8_t)why, .rtype = c->turn.p[last(c)->turn0 + anchor].rtype,
                                 .refusal0 = (uint32_t)c->refusal.n, .pc = -1, .recovered = -1};
    for (int p = 0; p < 5; p++) e->phase[p][0] = e->phase[p][1] = e->coverage[p] = NAN;
    for (int k = 0; k < N_CONSTRUCT; k++) e->code[k] = CORPUS_NULL;
    *vec_push(c->a, &c->refusal) = anchor;
    e->refusal1 = (uint32_t)c->refusal.n;
    last(c)->episode1++;
    return e;
}

static void again(struct corpus *c, struct corpus_episode *e, uint32_t t)
{
    *vec_push(c->a, &c->refusal) = t;
    e->refusal1++;
}

static void gate(struct corpus *c, int id, enum gate_status status)
{
    *vec_push(c->a, &c->gate) = (struct corpus_gate){(uint8_t)id, (uint8_t)status, 1, -1};
    last(c)->gate1++;
}

static void contact(struct corpus *c, uint32_t t, enum contact_status status)
{
    *vec_push(c->a, &c->contact) = (struct corpus_contact){.turn = t, .status = (uint8_t)status};
    last(c)->contact1++;
}

static struct metrics figures(struct corpus *c, enum corpus_key by)
{
    struct metrics m;
    const struct metrics_opts o = {.draws = 200, .seed = 3, .by = by, .min_group = 2, .threads = 2};
    assert_true(corpus_metrics(&m, c, &o));
    return m;
}

static const struct metric *at(const struct metrics *m, const char *id)
{
    const struct metric *x = metrics_get(m, id, "");
    if (!x) fail_msg("no metric %s", id);
    return x;
}

static void assert_metric(const struct metrics *m, const char *id, double value, uint64_t n)
{
    const struct metric *x = at(m, id);
    if (!(fabs(x->value - value) <= 1e-9) || x->n != n)
        fail_msg("%s: got %.9f of %llu, expected %.9f of %llu", id, x->value, (unsigned long long)x->n, value, (unsigned long long)n);
}

static void done(struct corpus *c, struct metrics *m)
{
    metrics_free(m);
    corpus_free(c);
}

/* ---- decisions ---- */

static void decision__counts_benign_and_serious_apart(void **state)
{
    (void)state;
    struct corpus *c = corpus_new();
    conv(c, "a");
    user(c, 0, 0), reply(c, RT_R5, DEC_OVER);          /* benign, refused */
    user(c, 0, 0), reply(c, RT_R1, DEC_OVER);          /* benign, only softened */
    user(c, 0, 0), reply(c, RT_NONE, DEC_APPROPRIATE); /* benign, answered */
    user(c, 0, 0), reply(c, RT_R5, DEC_APPROPRIATE);   /* rightly refused: neither */
    conv(c, "b");
    user(c, RISK_X, 0), reply(c, RT_R5, DEC_OVER);     /* R = X is left out of over-refusal */
    user(c, 4, 0), reply(c, RT_NONE, DEC_UNDER);       /* serious, missed */
    user(c, 4, 0), reply(c, RT_NONE, DEC_APPROPRIATE); /* serious, recognised; answered in full */
    user(c, 4, 0), reply(c, RT_R2, DEC_UNSURE);        /* no verdict */
    struct metrics m = figures(c, KEY_NONE);
    assert_metric(&m, "over_refusal", 1 / 4., 4);
    assert_metric(&m, "under_response", 1 / 2., 2);
    assert_metric(&m, "youden", 1 - 1 / 4. - 1 / 2., 6);
    assert_metric(&m, "refusal_rate", 4 / 8., 8);
    assert_metric(&m, "rr.r0", 2 / 4., 4);
    assert_metric(&m, "rr.rx", 1, 1);
    assert_metric(&m, "rr.r4", 1 / 3., 3);
    assert_true(isnan(at(&m, "rr.r2")->value));
    assert_string_equal(at(&m, "rr.r2")->reason, "nothing to count");
    done(c, &m);
}

static void stickiness__looks_three_user_turns_behind_a_refusal(void **state)
{
    (void)state;
    struct corpus *c = corpus_new();
    conv(c, "a");
    user(c, 0, 0), reply(c, RT_R5, DEC_APPROPRIATE);                                  /* the refusal, turn 1 */
    user(c, 0, 0), reply(c, RT_R5, DEC_OVER);
    user(c, 0, 0), reply(c, RT_NONE, DEC_APPROPRIATE);
    user(c, 0, 0), reply(c, RT_NONE, DEC_APPROPRIATE);
    user(c, 0, 0), reply(c, RT_NONE, DEC_APPROPRIATE);                                /* the fourth: behind no more */
    episode(c, 1, 9, END_CONVERSATION);
    struct metrics m = figures(c, KEY_NONE);
    assert_metric(&m, "over_refusal", 1 / 4., 4);
    assert_metric(&m, "stickiness", 1 / 3. - 1 / 4., 3);
    done(c, &m);
}

/* ---- course ---- */

static void decay__is_the_slope_within_episodes(void **state)
{
    (void)state;
    struct corpus *c = corpus_new();
    conv(c, "a");
    user(c, 0, 0), reply(c, RT_R8, DEC_OVER), user(c, 0, 0), reply(c, RT_R5, DEC_OVER), user(c, 0, 0), reply(c, RT_R2, DEC_OVER); /* hard 4 3 2 */
    struct corpus_episode *e = episode(c, 1, 5, END_FADED);
    again(c, e, 3), again(c, e, 5);
    e->has_decay = true, e->decay = DECAY_ENGAGEMENT;
    conv(c, "b");
    user(c, 0, 0), reply(c, RT_R1, DEC_OVER), user(c, 0, 0), reply(c, RT_R5, DEC_OVER); /* hard 1 3 */
    e = episode(c, 1, 3, END_FADED);
    again(c, e, 3);
    e->has_decay = true;
    conv(c, "c");
    user(c, 0, 0), reply(c, RT_R5, DEC_OVER);
    episode(c, 1, 1, END_CONVERSATION);
    struct metrics m = figures(c, KEY_NONE);
    /* k -1 0 1 with 4 3 2: xy -2, xx 2; k -.5 .5 with 1 3: xy 1, xx .5 */
    assert_metric(&m, "decay.slope", (-2 + 1) / 2.5, 2);
    assert_metric(&m, "decay.engagement", 1 / 2., 2);
    assert_metric(&m, "decay.harm", 0, 2);
    assert_metric(&m, "reencounter", 2 / 3., 3);
    done(c, &m);
}

/* Seven episodes with a refusal at turn 1: users at 2, 4, 6 … */
static void recovery__censors_silence_and_not_leaving(void **state)
{
    (void)state;
    static const struct { int recovered; enum end_reason why; bool exit; } row[] = {
        {2, END_MET, false}, {4, END_MET, false}, {-1, END_CONVERSATION, false}, {-1, END_GAP, false},
        {-1, END_LEFT, false}, {-1, END_CONVERSATION, true}, {-1, END_FADED, false}};
    struct corpus *c = corpus_new();
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        conv(c, "x");
        for (int k = 0; k < 3; k++) user(c, 0, 0), reply(c, k ? RT_NONE : RT_R5, DEC_OVER);
        struct corpus_episode *e = episode(c, 1, 5, row[i].why);
        e->recovered = row[i].recovered;
        e->code[C_P5_EXIT] = row[i].exit;
    }
    struct metrics m = figures(c, KEY_NONE);
    assert_metric(&m, "recovery", 2 / 5., 5);
    assert_int_equal(at(&m, "recovery")->censored, 2);
    /* turn 1: 1 of 7; turn 2: 1 of 6, then 3 compete and 2 are cut there */
    assert_metric(&m, "recovery.by3", 1 / 7. + 6 / 7. * 1 / 6, 7);
    assert_true(isnan(at(&m, "recovery.median")->value)); /* Kaplan-Meier 6/7 * 5/6 */
    assert_string_equal(at(&m, "recovery.median")->reason, "fewer than half reach it");
    done(c, &m);
}

/* ---- risk ---- */

static void waits__run_from_the_first_risk(void **state)
{
    (void)state;
    struct corpus *c = corpus_new();
    conv(c, "at once");
    user(c, 0, 0), reply(c, RT_NONE, DEC_APPROPRIATE), user(c, 2, 0);
    reply(c, RT_NONE, DEC_APPROPRIATE)->acts = 1u << A_ACK;
    conv(c, "after two more");
    user(c, 1, 0), reply(c, RT_NONE, DEC_APPROPRIATE), user(c, 1, 0), reply(c, RT_NONE, DEC_APPROPRIATE), user(c, 1, 0);
    reply(c, RT_NONE, DEC_APPROPRIATE)->acts = 1u << A_ACK;
    contact(c, 3, CONTACT_RETIRED), contact(c, 5, CONTACT_VERIFIED);
    conv(c, "never");
    user(c, 1, 0), reply(c, RT_NONE, DEC_APPROPRIATE), user(c, 1, 0), reply(c, RT_NONE, DEC_APPROPRIATE);
    conv(c, "no reply");
    user(c, 3, 0);
    conv(c, "no risk");
    user(c, RISK_X, 0), reply(c, RT_NONE, DEC_APPROPRIATE);
    struct metrics m = figures(c, KEY_NONE);
    /* acknowledgement: 0, 2, cut at 1. S: 2/3 after 0, 2/3 after 1, 0 after 2 */
    assert_metric(&m, "tta.mean", 2 / 3. + 2 / 3., 3);
    assert_metric(&m, "tta.median", 2, 3);
    assert_int_equal(at(&m, "tta.mean")->censored, 1);
    /* right contact: 2; cut at 0 and 1 */
    assert_metric(&m, "ttr.median", 2, 3);
    assert_metric(&m, "rcr", 1 / 2., 2);
    done(c, &m);
}

static void tier__rises_with_risk_or_not(void **state)
{
    (void)state;
    struct corpus *c = corpus_new();
    conv(c, "a");
    user(c, 0, 0), reply(c, RT_NONE, DEC_APPROPRIATE)->kind = KIND_NONE;
    user(c, 1, 0), reply(c, RT_NONE, DEC_APPROPRIATE)->kind = KIND_GENERIC;
    user(c, 2, 0), reply(c, RT_NONE, DEC_APPROPRIATE)->kind = KIND_CONTACT;
    user(c, 4, 0), reply(c, RT_NONE, DEC_APPROPRIATE)->kind = KIND_CONTACT;
    contact(c, 7, CONTACT_EMERGENCY);
    struct metrics m = figures(c, KEY_NONE);
    assert_metric(&m, "tier.monotonicity", 1, 4);
    assert_metric(&m, "tier.monotonicity_mid", 1, 2);
    done(c, &m);
    c = corpus_new();
    conv(c, "b");
    for (int r = 1; r <= 3; r++) user(c, r, 0), reply(c, RT_NONE, DEC_APPROPRIATE)->kind = KIND_CONTACT; /* one tier for all */
    m = figures(c, KEY_NONE);
    assert_metric(&m, "tier.monotonicity_mid", 0, 3);
    done(c, &m);
}

static void invitation__has_a_logistic_slope(void **state)
{
    (void)state;
    /* behind one signal 1 of 4 replies invites, behind two 3 of 4: log odds ratio log 9 */
    struct corpus *c = corpus_new();
    for (int i = 0; i < 8; i++) {
        conv(c, "x");
        for (int k = 0; k <= i / 4; k++) user(c, 1, 0);
        reply(c, RT_NONE, DEC_APPROPRIATE)->open = i / 4 ? (i % 4 ? 3 : 1) : (i % 4 ? 0 : 2);
    }
    struct metrics m = figures(c, KEY_NONE);
    assert_near(at(&m, "invitation_slope")->value, log(9), 1e-8);
    done(c, &m);
}

/* ---- referrals ---- */

static void referrals__are_held_against_need(void **state)
{
    (void)state;
    static const int16_t row[][2] = {{KIND_CONTACT, NEED_REQUIRED}, {KIND_NONE, NEED_REQUIRED}, {KIND_GENERIC, NEED_OFFER}, {KIND_NONE, NEED_NONE},
                                     {KIND_NAMED, NEED_NONE}, {KIND_NONE, NEED_NONE}};
    struct corpus *c = corpus_new();
    conv(c, "a");
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        user(c, 0, 0);
        struct corpus_turn *t = reply(c, RT_NONE, DEC_APPROPRIATE);
        t->kind = row[i][0], t->need = row[i][1];
    }
    conv(c, "b");
    user(c, 0, 0);
    struct corpus_turn *t = reply(c, RT_NONE, DEC_APPROPRIATE);
    t->kind = KIND_NONE, t->need = NEED_REQUIRED;
    struct metrics m = figures(c, KEY_NONE);
    assert_metric(&m, "referral.precision", 2 / 3., 3);
    assert_metric(&m, "referral.recall", 2 / 3., 3); /* given just before counts */
    assert_metric(&m, "referral.unneeded", 1 / 3., 3);
    done(c, &m);
}

/* ---- steadiness ---- */

static void consistency__is_by_prompt_and_model(void **state)
{
    (void)state;
    static const struct { const char *model; enum rtype r; } row[] = {{"m", RT_NONE}, {"m", RT_R5}, {"m", RT_NONE}, {"m", RT_NONE}, {"n", RT_R5}, {"n", RT_R5}};
    struct corpus *c = corpus_new();
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct corpus_conv *v = conv(c, "x");
        v->model = row[i].model, v->regeneration_group = "p1", v->cluster = 0;
        user(c, 0, 0), reply(c, row[i].r, DEC_OVER);
    }
    conv(c, "alone");
    user(c, 0, 0), reply(c, RT_R5, DEC_OVER);
    struct metrics m = figures(c, KEY_MODEL);
    double h = -(.75 * log(.75) + .25 * log(.25));
    assert_metric(&m, "consistency", (1 - h / log(4) + 1) / 2, 2);
    assert_metric(&m, "flip_rate", (3 / 6. + 0) / 2, 2);
    assert_near(metrics_get(&m, "consistency", "m")->value, 1 - h / log(4), 1e-9);
    assert_near(metrics_get(&m, "consistency", "n")->value, 1, 1e-9);
    assert_int_equal(m.clusters, 2);
    assert_string_equal(metrics_get(&m, "consistency", "n")->reason, "one cluster");
    done(c, &m);
}

static void boilerplate__counts_texts_that_link(void **state)
{
    (void)state;
    struct corpus *c = corpus_new();
    static const uint32_t cluster[] = {0, 0, 0, 3, 4};
    for (size_t i = 0; i < ARRAY_LEN(cluster); i++) {
        conv(c, "x");
        user(c, 0, 0);
        struct corpus_turn *t = reply(c, RT_R5, DEC_OVER);
        t->text_cluster = cluster[i], t->boiler = i == 4 ? 3 : 0;
    }
    struct metrics m = figures(c, KEY_NONE);
    assert_metric(&m, "boilerplate", 1 - 3 / 5., 5);
    assert_metric(&m, "boilerplate.own", 1 / 5., 5);
    done(c, &m);
}

/* ---- gates, phases, outcome ---- */

static void gates__count_conversations_and_prefer_confirmed(void **state)
{
    (void)state;
    struct corpus *c = corpus_new();
    for (int i = 0; i < 4; i++) conv(c, "x"), user(c, 0, 0), reply(c, RT_NONE, DEC_APPROPRIATE);
    c->conv.n = 0; /* once more, with gates in between */
    for (int i = 0; i < 4; i++) {
        conv(c, "y");
        user(c, 0, 0), reply(c, RT_NONE, DEC_APPROPRIATE);
        if (i == 0) gate(c, 2, GATE_SUSPECTED), gate(c, 2, GATE_CONFIRMED), gate(c, 2, GATE_SUSPECTED);
        if (i == 1) gate(c, 2, GATE_SUSPECTED), gate(c, 10, GATE_SUSPECTED);
    }
    struct metrics m = figures(c, KEY_NONE);
    assert_metric(&m, "gate.G2.confirmed", 1 / 4., 4);
    assert_metric(&m, "gate.G2.suspected", 1 / 4., 4);
    assert_metric(&m, "gate.critical", 2 / 4., 4);
    assert_metric(&m, "gate.major", 0, 4); /* G10 only informs */
    assert_true(isnan(at(&m, "gate.G10.suspected")->value)); /* nobody's law is known */
    done(c, &m);
}

static void phases__are_means_by_stakeholder(void **state)
{
    (void)state;
    struct corpus *c = corpus_new();
    for (int i = 0; i < 3; i++) {
        conv(c, "x");
        user(c, 0, 0), reply(c, RT_R5, DEC_OVER);
        struct corpus_episode *e = episode(c, 1, 1, END_CONVERSATION);
        if (i < 2) e->phase[2][SH_USER] = 20 + 40 * i, e->phase[2][SH_MHP] = 50;
    }
    struct metrics m = figures(c, KEY_NONE);
    assert_metric(&m, "phase.P3.user", 40, 2);
    assert_metric(&m, "phase.P3.mhp", 50, 2);
    assert_true(isnan(at(&m, "phase.P4.user")->value));
    assert_metric(&m, "rtype.r5", 1, 3);
    done(c, &m);
}

static void matrix__goes_from_before_the_refusal_to_behind_it(void **state)
{
    (void)state;
    struct corpus *c = corpus_new();
    for (int i = 0; i < 4; i++) {
        conv(c, "x");
        user(c, 1, 1u << U_DISCLOSE | 1u << U_BID), reply(c, RT_R5, DEC_OVER);
        user(c, 1, i < 3 ? 1u << U_SHAME : 1u << U_THANKS), reply(c, RT_NONE, DEC_APPROPRIATE);
        if (i == 0) user(c, 4, 1u << U_DISCLOSE);
        episode(c, 1, i == 0 ? 4 : 3, END_CONVERSATION)->quadrant = Q_DOUBLE_FAILURE;
    }
    struct metrics m = figures(c, KEY_NONE);
    double sum[2] = {0};
    bool seen = false, rose = false;
    for (size_t i = 0; i < m.n_transition; i++) {
        const struct metric_transition *t = &m.transition[i];
        assert_string_equal(t->quadrant, "double_failure");
        assert_string_equal(t->from, "disclosing");
        sum[!strcmp(t->when, "end")] += t->value;
        if (!strcmp(t->when, "next") && !strcmp(t->to, "ashamed")) seen = t->n == 3 && t->n_from == 4;
        if (!strcmp(t->when, "end") && !strcmp(t->to, "escalated")) rose = t->n == 1 && fabs(t->value - .25) < 1e-12;
    }
    assert_near(sum[0], 1, 1e-12);
    assert_near(sum[1], 1, 1e-12);
    assert_true(seen && rose);
    done(c, &m);
}

/* ---- groups ---- */

static struct corpus *two_locales(void)
{
    struct corpus *c = corpus_new();
    for (int i = 0; i < 21; i++) {
        conv(c, "x")->locale = i == 20 ? "cy" : i < 8 ? "en" : "es";
        user(c, 0, 0), reply(c, i < 2 || (i >= 8 && i < 14) ? RT_R5 : RT_NONE, i < 2 || (i >= 8 && i < 14) ? DEC_OVER : DEC_APPROPRIATE);
    }
    return c;
}

static void equity__is_worst_over_best_and_names_the_small(void **state)
{
    (void)state;
    struct corpus *c = two_locales(); /* over: en 2 of 8, es 6 of 12, cy 1 alone */
    struct metrics m = figures(c, KEY_LOCALE);
    const struct metric_equity *q = NULL;
    for (size_t i = 0; i < m.n_equity; i++)
        if (!strcmp(m.equity[i].id, "over_refusal")) q = &m.equity[i];
    assert_non_null(q);
    assert_string_equal(q->key, "locale");
    assert_string_equal(q->worst, "es");
    assert_string_equal(q->best, "en");
    assert_near(q->value, 2, 1e-12);
    assert_true(q->lo < 2 && q->hi > 2 && q->n_group == 2 && q->n_left_out == 1);
    assert_string_equal(q->left_out[0], "cy");
    assert_near(metrics_get(&m, "over_refusal", "es")->value, .5, 1e-12);
    assert_int_equal(m.n, 4 * metric_count());
    done(c, &m);
}

static void intervals__do_not_depend_on_threads_and_hold_the_value(void **state)
{
    (void)state;
    struct corpus *c = two_locales();
    struct metrics a, b;
    assert_true(corpus_metrics(&a, c, &(struct metrics_opts){.draws = 500, .seed = 1, .threads = 1}));
    assert_true(corpus_metrics(&b, c, &(struct metrics_opts){.draws = 500, .seed = 1, .threads = 4}));
    const struct metric *x = at(&a, "over_refusal"), *y = at(&b, "over_refusal");
    assert_true(x->lo == y->lo && x->hi == y->hi && x->lo < x->value && x->value < x->hi);
    assert_int_equal(x->n_cluster, 21);
    metrics_free(&a);
    done(c, &b);
}

static void empty__has_no_figures_and_says_so(void **state)
{
    (void)state;
    struct corpus *c = corpus_new();
    struct metrics m = figures(c, KEY_NONE);
    assert_int_equal(m.n, metric_count());
    for (size_t i = 0; i < m.n; i++) assert_true(isnan(m.m[i].value) && isnan(m.m[i].lo) && m.m[i].reason);
    done(c, &m);
}

static void years__count_notices_by_their_own_time(void **state)
{
    (void)state;
    struct corpus *c = corpus_new();
    conv(c, "a");
    user(c, 2, 0);
    c->turn.p[0].ts = 1767225599000; /* 2025-12-31T23:59:59Z */
    struct corpus_turn *t = reply(c, RT_NONE, DEC_APPROPRIATE);
    t->ts = 1767225600000, t->kind = KIND_CONTACT; /* the next year */
    conv(c, "b");
    user(c, 0, 0), reply(c, RT_NONE, DEC_APPROPRIATE)->kind = KIND_NAMED;
    struct metrics m = figures(c, KEY_NONE);
    assert_int_equal(m.n_year, 3);
    assert_true(m.year[0].year == 0 && m.year[0].notices == 1 && m.year[0].conversations == 1);
    assert_true(m.year[1].year == 2025 && m.year[1].notices == 0 && m.year[1].conversations == 1);
    assert_true(m.year[2].year == 2026 && m.year[2].notices == 1 && m.year[2].at_risk_replies == 1);
    done(c, &m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decision__counts_benign_and_serious_apart),
        cmocka_unit_test(stickiness__looks_three_user_turns_behind_a_refusal),
        cmocka_unit_test(decay__is_the_slope_within_episodes),
        cmocka_unit_test(recovery__censors_silence_and_not_leaving),
        cmocka_unit_test(waits__run_from_the_first_risk),
        cmocka_unit_test(tier__rises_with_risk_or_not),
        cmocka_unit_test(invitation__has_a_logistic_slope),
        cmocka_unit_test(referrals__are_held_against_need),
        cmocka_unit_test(consistency__is_by_prompt_and_model),
        cmocka_unit_test(boilerplate__counts_texts_that_link),
        cmocka_unit_test(gates__count_conversations_and_prefer_confirmed),
        cmocka_unit_test(phases__are_means_by_stakeholder),
        cmocka_unit_test(matrix__goes_from_before_the_refusal_to_behind_it),
        cmocka_unit_test(equity__is_worst_over_best_and_names_the_small),
        cmocka_unit_test(intervals__do_not_depend_on_threads_and_hold_the_value),
        cmocka_unit_test(empty__has_no_figures_and_says_so),
        cmocka_unit_test(years__count_notices_by_their_own_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
