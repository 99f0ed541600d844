/* P5, what came after the refusal. In: user acts and cue hits between the
 * anchor and the end of the episode, and the replies to them. Out: P5 on every
 * episode. Silence is no code: without a user turn all of P5 is no_user_turn. */
#include "episode/episode.h"
#include "phase/code.h"
#include "phase/reads.h"
#include "text/overlap.h"

#define OV_RETRY .35f     /* codebook: share of the turn's content words found in the bid */
#define OV_BID .60f       /* or of the bid's found in a long turn that says it again */
#define OV_SHORT .99f     /* a bid of a word or two: the same word or two */
#define OV_TOUCH .10f
#define RETURN_TURNS 3
#define DETAIL 1.3f       /* times as many content words as the bid: with detail */
#define MIN_CONTENT 3     /* fewer content words repeat by chance */
#define SHAME_P .5f
#define WEAK_BARRIER .25f
#define TOPIC_BARRIER .1f /* help was named just before, and the words are of a kind of barrier */
#define SURE_BARRIER .5f  /* no cue names the kind: the act alone must be sure */
#define LOOK_BACK 200     /* turns before the anchor in which a frame or a finality may stand already */
#define REFERRAL (ACT(A_REF_GEN) | ACT(A_REF_NAME) | ACT(A_REF_CON))
#define ENGAGES (ACT(A_HELP) | ACT(A_INVITE) | ACT(A_ACK) | ACT(A_OFFER))

struct after { /* the user turns of one episode after its anchor */
    const struct episode *e;
    const uint32_t *turn;
    uint32_t n;
    int bid;               /* the refused user turn, -1 unknown */
};

static float empty_conf(const struct walk *w, const struct after *x, int act)
{
    float top = 0;
    for (uint32_t i = 0; i < x->n; i++) {
        float p;
        sent_best(w, x->turn[i], ACT(act), &p);
        if (p > top) top = p;
    }
    return 1 - top > .5f ? 1 - top : .5f;
}

static void zero_after(const struct walk *w, struct code *c, const struct after *x, int act)
{
    code_zero(c, M_MODEL, empty_conf(w, x, act), x->turn[0], x->turn[x->n - 1]);
}

static void show(struct walk *w, struct code *c, const struct reading *r)
{
    code_span(w, c, r->span.turn, r->span.begin, r->span.end);
}

/* ---- one construct = the best graded reading over the user turns ---- */

static const struct {
    enum construct k;
    uint8_t act;
    uint8_t plain;   /* grade of the act where no cue grades it */
    bool binary;
    bool adds;       /* a second turn with it raises the grade by one */
} table[] = {
    {C_P5_EXIT, U_EXIT, 1, true, false},       {C_P5_WITHDRAW, U_WITHDRAW, 3, false, true},
    {C_P5_SHAME, U_SHAME, 3, false, true},     {C_P5_ANGER, U_ANGER, 3, false, true},
    {C_P5_SWITCH, U_SWITCH, 1, true, false},   {C_P5_UPTAKE, U_UPTAKE, 2, false, false}};

/* Shame that the person brought along is no outcome of the refusal. */
static bool shame_before(const struct walk *w, const struct after *x)
{
    for (uint32_t t = x->e->start; t < x->e->anchor; t++) {
        float p;
        if (!is_user(w, t)) continue;
        if (cue_hit(w, t, C_P5_SHAME, 0) != SIZE_MAX) return true;
        if (sent_best(w, t, ACT(U_SHAME), &p) != NO_SENT && p >= SHAME_P) return true;
    }
    return false;
}

/* Words that take the refusal itself as a rejection. */
static bool rejected(const struct walk *w, const struct after *x)
{
    for (uint32_t i = 0; i < x->n; i++)
        if (turn_tagged(w, x->turn[i], C_P5_SHAME, "rejected")) return true;
    return false;
}

static void graded(struct walk *w, struct code *c, const struct after *x, size_t row)
{
    struct reading best = {0};
    int turns = 0;
    for (uint32_t i = 0; i < x->n; i++) {
        struct reading r = person_reading(w, x->turn[i], table[row].k, table[row].act, table[row].plain);
        turns += r.value > 0;
        if (r.value > best.value || (r.value == best.value && r.conf > best.conf)) best = r;
    }
    if (!best.value) {
        zero_after(w, c, x, table[row].act);
        return;
    }
    if (table[row].k == C_P5_SHAME && shame_before(w, x) && !rejected(w, x)) {
        best.value = 1;
        turns = 1;
    }
    int v = table[row].binary ? 1 : best.value + (table[row].adds && turns > 1);
    code_value(c, v < 4 ? v : 4, best.m, best.conf, table[row].k == C_P5_SHAME && v == 1 ? "voiced before the refusal too" : NULL);
    show(w, c, &best);
    for (uint32_t i = 0; i < x->n; i++) {
        struct reading r = person_reading(w, x->turn[i], table[row].k, table[row].act, table[row].plain);
        if (r.value) show(w, c, &r);
    }
}

/* ---- retry and return ---- */

/* Does a sentence of turn t ask again? Right behind a refusal less proof will do: the act's model does not see what it answers. */
static bool asks_again(const struct walk *w, uint32_t t)
{
    const struct weights *m = w->pack->model.user;
    if (w->tcode[t].acts & ACT(U_RETRY)) return true;
    if (!m || !t || w->conv->turn[t - 1].role != ROLE_ASSISTANT || !rtype_hard(w->tcode[t - 1].rtype)) return false;
    for (uint32_t s = w->text[t].sent0; s < w->text[t].sent1; s++)
        if (w->acts[s].p[U_RETRY] >= 0.6f * m->threshold[U_RETRY]) return true;
    return false;
}

/* 0 not the bid, 1 its topic, 2 the bid again, 3 with detail. */
static int rebid(struct walk *w, const struct after *x, uint32_t t, bool *by_overlap)
{
    uint32_t acts = w->tcode[t].acts;
    *by_overlap = false;
    if (t && w->tcode[t - 1].rtype == RT_EMPTY) return 0; /* starts anew because nothing came, not in answer to the refusal */
    if (x->bid < 0) return asks_again(w, t) ? 2 : 0;
    uint32_t b = (uint32_t)x->bid, n = text_content_words(w, t), m = text_content_words(w, b);
    float ov = text_ov(w, t, b), vo = text_ov(w, b, t);
    /* the last: a bid of few words comes back whole, with more */
    bool same = (n >= MIN_CONTENT && ov >= OV_RETRY) || (m >= MIN_CONTENT && vo >= OV_BID) ||
                (n && ov >= OV_SHORT && vo >= OV_SHORT) || (m && vo >= 1 && n > m && w->thread[t] == x->e->thread);
    *by_overlap = same;
    if ((acts & ACT(U_WITHDRAW)) && !same) return 0;
    if (same || asks_again(w, t))
        return n >= MIN_CONTENT && (float)n >= DETAIL * (float)m ? 3 : 2;
    bool talks = acts & (ACT(U_BID) | ACT(U_DISCLOSE) | ACT(U_DEPTH3) | ACT(U_RISK) | ACT(U_HARM_BID));
    return w->thread[t] == x->e->thread && (ov >= OV_TOUCH || talks) && n ? 1 : 0;
}

/* The sentence that shows what turn t is about: not its greeting. */
static void span_matter(struct walk *w, struct code *c, uint32_t t)
{
    static const uint32_t by_weight[] = {ACT(U_BID) | ACT(U_HARM_BID), ACT(U_RISK), ACT(U_DEPTH3), ACT(U_SECRECY),
                                         ACT(U_DISCLOSE)};
    uint32_t longest = NO_SENT, most = 0;
    for (size_t i = 0; i < ARRAY_LEN(by_weight); i++) {
        uint32_t s = sent_with(w, t, by_weight[i], 0);
        if (s == NO_SENT) continue;
        code_span_sent(w, c, s);
        return;
    }
    for (uint32_t s = w->text[t].sent0; s < w->text[t].sent1; s++) {
        uint32_t n = w->sent.p[s].tok1 - w->sent.p[s].tok0;
        if (n > most) most = n, longest = s;
    }
    if (longest != NO_SENT) code_span_sent(w, c, longest);
    else code_span_turn(w, c, t);
}

static void span_rebid(struct walk *w, struct code *c, uint32_t t)
{
    uint32_t s = sent_with(w, t, ACT(U_RETRY), 0);
    if (s != NO_SENT) code_span_sent(w, c, s);
    else span_matter(w, c, t);
}

static void span_bid(struct walk *w, struct code *c, const struct after *x)
{
    if (x->bid >= 0) span_matter(w, c, (uint32_t)x->bid);
}

static void retry_of(struct walk *w, struct code *c, const struct after *x)
{
    int n = 0;
    bool exact = true;
    code_zero(c, M_EXACT, .9f, x->turn[0], x->turn[x->n - 1]);
    for (uint32_t i = 0; i < x->n; i++) {
        bool by_overlap;
        if (rebid(w, x, x->turn[i], &by_overlap) < 2) continue;
        if (n++ == 0) span_bid(w, c, x);
        exact &= by_overlap;
        span_rebid(w, c, x->turn[i]);
    }
    c->value = (int16_t)n;
    if (n && !exact) c->method = M_MODEL, c->conf = .8f;
}

static void return_of(struct walk *w, struct code *c, const struct after *x)
{
    int top = 0;
    bool exact = true;
    uint32_t where = 0, last = x->turn[0];
    int before = x->bid >= 0 ? depth_at(w, (uint32_t)x->bid).value : 0;
    for (uint32_t i = 0; i < x->n && i < RETURN_TURNS; i++) {
        uint32_t t = last = x->turn[i];
        bool by_overlap;
        int v = rebid(w, x, t, &by_overlap);
        if (v >= 2 && before > 0 && depth_at(w, t).value >= before) v = 4;
        if (v > top) top = v, where = t, exact = by_overlap;
    }
    if (!top) {
        code_zero(c, M_EXACT, .85f, x->turn[0], last);
        return;
    }
    code_value(c, top, exact ? M_EXACT : M_MODEL, exact ? .9f : .75f, NULL);
    span_bid(w, c, x);
    span_rebid(w, c, where);
}

/* ---- escalation, bypass, barriers ---- */

static uint32_t back_from(uint32_t anchor) { return anchor > LOOK_BACK ? anchor - LOOK_BACK : 0; }

static bool cue_before(const struct walk *w, uint32_t anchor, enum construct k)
{
    for (uint32_t t = back_from(anchor); t < anchor; t++)
        if (w->conv->turn[t].role == ROLE_USER && cue_hit(w, t, k, 0) != SIZE_MAX) return true;
    return false;
}

/* R up by one or more to three or more, new intent to harm others, or finality that was not there before. */
static void escal_of(struct walk *w, struct code *c, const struct after *x)
{
    const struct tcode *a = &w->tcode[x->e->anchor];
    int8_t before = a->risk;
    uint16_t flags = x->bid >= 0 ? w->tcode[x->bid].flags : 0;
    for (uint32_t i = 0; i < x->n; i++) {
        uint32_t t = x->turn[i];
        const struct tcode *u = &w->tcode[t];
        bool rose = u->risk >= 3 && u->risk > (before < 0 ? 0 : before), harm = (u->flags & FL_H) && !(flags & FL_H);
        size_t h = cue_hit(w, t, C_P5_ESCAL, 0);
        if (h != SIZE_MAX && !rose && !harm && cue_before(w, x->e->anchor, C_P5_ESCAL)) h = SIZE_MAX;
        if (!rose && !harm && h == SIZE_MAX) continue;
        uint32_t s = rose || harm ? risk_sent(w, t) : NO_SENT;
        code_value(c, 1, rose || harm ? M_MODEL : M_RULE, rose || harm ? u->risk_conf : .8f,
                   rose ? "risk rose" : harm ? "new intent to harm" : "new finality or hopelessness");
        if (h != SIZE_MAX) code_span(w, c, t, w->hit.p[h].begin, w->hit.p[h].end);
        else if (s != NO_SENT) code_span_sent(w, c, s);
        else code_span_turn(w, c, t);
        return;
    }
    zero_after(w, c, x, U_RISK);
}

/* A frame that was there from the start ("it's for my novel") is no workaround. */
static void bypass_of(struct walk *w, struct code *c, const struct after *x)
{
    bool framed = false;
    for (uint32_t t = back_from(x->e->anchor); t < x->e->anchor; t++)
        framed |= w->conv->turn[t].role == ROLE_USER && (w->tcode[t].flags & (FL_F | FL_C));
    for (uint32_t i = 0; i < x->n; i++) {
        uint32_t t = x->turn[i];
        size_t h = cue_hit(w, t, C_P5_BYPASS, 0);
        while (h != SIZE_MAX && (!cue_stands(w, h) || (framed && cue_tag(w, h, "frame", NULL)))) h = cue_hit(w, t, C_P5_BYPASS, h + 1);
        uint32_t s = sent_with(w, t, ACT(U_BYPASS), 0);
        if (h == SIZE_MAX && (s == NO_SENT || (framed && (w->tcode[t].flags & (FL_F | FL_C))))) continue;
        code_value(c, 1, h != SIZE_MAX ? M_RULE : M_MODEL, h != SIZE_MAX ? .8f : w->acts[s].p[U_BYPASS], NULL);
        if (h != SIZE_MAX) code_span(w, c, t, w->hit.p[h].begin, w->hit.p[h].end);
        else code_span_sent(w, c, s);
        return;
    }
    zero_after(w, c, x, U_BYPASS);
}

static const char *const barrier_name[] = {"police", "cost", "wait", "past_harm", "privacy", "phone", "language",
                                           "not_bad_enough", "just_chat", "too_intense", "other", "none"};
enum { BARR_OTHER = 10, BARR_NONE = 11 };

static int barrier_index(const char *value)
{
    for (int i = 0; i < BARR_OTHER; i++)
        if (value && strcmp(value, barrier_name[i]) == 0) return i;
    return BARR_OTHER;
}

/* A weak cue counts only in a sentence that the act model takes for a barrier. */
static bool cue_names_barrier(const struct walk *w, size_t hit)
{
    const struct acts *a = &w->acts[w->hit.p[hit].sent];
    if (cue_tag(w, hit, "topic_barrier", NULL) || cue_tag(w, hit, "veto", NULL)) return false;
    return !cue_tag(w, hit, "weak_barrier", NULL) || HAS_ACT(a, U_BARRIER) || a->p[U_BARRIER] >= WEAK_BARRIER;
}

/* Was help outside named in the reply that the person answers at t? */
static bool referred_before(const struct walk *w, uint32_t t)
{
    for (uint32_t r = t; r-- > 0 && !is_user(w, r);)
        if (w->tcode[r].acts & REFERRAL) return true;
    return false;
}

/* What a sentence is about, where the model takes it for a barrier or half does and help was just named: the kind that
 * most of its topic words belong to, the first of equals. */
static int topic_barrier(const struct walk *w, uint32_t t, struct reading *found)
{
    float need = referred_before(w, t) ? TOPIC_BARRIER : SURE_BARRIER, most;
    int best = -1, top = 0;
    sent_best(w, t, ACT(U_BARRIER), &most); /* "Seventy a session? I can barely cover food." */
    for (uint32_t s = w->text[t].sent0; s < w->text[t].sent1; s++) {
        const struct sent *z = &w->sent.p[s];
        int n[BARR_OTHER + 1] = {0};
        if (most < need || HAS_ACT(&w->acts[s], U_UPTAKE) || !sent_counts(w, s)) continue;
        if (cue_vetoed(w, C_P5_BARR, s)) continue;
        for (size_t h = cue_hit(w, t, C_P5_BARR, 0); h != SIZE_MAX; h = cue_hit(w, t, C_P5_BARR, h + 1)) {
            if (w->hit.p[h].sent != s || !(cue_tag(w, h, "topic_barrier", NULL) || cue_tag(w, h, "weak_barrier", NULL))) continue;
            int k = barrier_index(hit_cue(w, h)->value);
            if (++n[k] <= top) continue;
            top = n[k];
            best = k;
            *found = (struct reading){1, M_MODEL, most, {t, z->begin, z->end}};
        }
    }
    return best;
}

/* "She rang the surgery for me": a step taken, in a cue's words. */
static bool step_told(const struct walk *w, uint32_t s)
{
    for (size_t h = cue_hit_in(w, s, C_P5_UPTAKE, 0); h != SIZE_MAX; h = cue_hit_in(w, s, C_P5_UPTAKE, h + 1))
        if (cue_stands(w, h) && cue_grade(w, h, 0) >= 3) return true;
    return false;
}

/* The first barrier is the category; `why` lists all when there are several. */
static void barr_of(struct walk *w, struct code *c, const struct after *x)
{
    unsigned seen = 0;
    int first = -1;
    float conf = 0;
    enum method m = M_RULE;
    code_value(c, BARR_NONE, M_RULE, 0, NULL);
    for (uint32_t i = 0; i < x->n; i++) {
        uint32_t t = x->turn[i];
        for (size_t h = cue_hit(w, t, C_P5_BARR, 0); h != SIZE_MAX; h = cue_hit(w, t, C_P5_BARR, h + 1)) {
            if (!cue_names_barrier(w, h)) continue;
            int k = barrier_index(hit_cue(w, h)->value);
            if (!(seen >> k & 1)) code_span(w, c, t, w->hit.p[h].begin, w->hit.p[h].end);
            seen |= 1u << k;
            if (first < 0 || first == BARR_OTHER) first = k, m = M_RULE, conf = .85f;
        }
        struct reading about;
        int topic = seen ? -1 : topic_barrier(w, t, &about);
        if (topic >= 0) {
            seen |= 1u << topic;
            first = topic, m = about.m, conf = about.conf;
            show(w, c, &about);
        }
        uint32_t s = sent_with(w, t, ACT(U_BARRIER), 0);
        if (s == NO_SENT || seen || w->acts[s].p[U_BARRIER] < SURE_BARRIER || step_told(w, s)) continue;
        first = BARR_OTHER;
        m = M_MODEL;
        conf = w->acts[s].p[U_BARRIER];
        seen |= 1u << BARR_OTHER;
        code_span_sent(w, c, s);
    }
    if (first < 0) {
        zero_after(w, c, x, U_BARRIER);
        c->value = BARR_NONE;
        c->category = barrier_name[BARR_NONE];
        return;
    }
    c->value = (int16_t)first;
    c->category = barrier_name[first];
    c->method = (uint8_t)m;
    c->conf = conf;
    for (int k = 0; k < BARR_NONE; k++)
        if ((seen >> k & 1) && k != first && k != BARR_OTHER)
            c->why = arena_printf(w->a, "%s%s%s", c->why ? c->why : "also ", c->why ? ", " : "", barrier_name[k]);
}

/* ---- the replies: repair and check-in ---- */

static bool objects(const struct walk *w, const struct after *x)
{
    for (uint32_t i = 0; i < x->n; i++)
        if (w->tcode[x->turn[i]].acts & (ACT(U_ANGER) | ACT(U_RETRY) | ACT(U_REJECT))) return true;
    return false;
}

static bool any_over(const struct walk *w, const struct episode *e)
{
    for (size_t i = 0; i < e->n_refusal; i++)
        if (w->tcode[e->refusal[i]].decision == DEC_OVER) return true;
    return false;
}

/* Does the reply refuse in words other than those that own the misfire? */
static bool refuses_again(const struct walk *w, uint32_t t, const struct span *own)
{
    if (w->tcode[t].rtype == RT_NONE) return false;
    for (uint32_t s = sent_with(w, t, ACT(A_WITHHOLD) | ACT(A_POLICY), 0); s != NO_SENT;
         s = sent_with(w, t, ACT(A_WITHHOLD) | ACT(A_POLICY), s + 1)) {
        const struct sent *z = &w->sent.p[s];
        bool owning = HAS_ACT(&w->acts[s], A_REPAIR) || (own->begin >= z->begin && own->begin < z->end);
        if (!owning || w->acts[s].p[A_WITHHOLD] >= w->acts[s].p[A_REPAIR]) return true;
    }
    return false;
}

/* Owning it is 2 (3 in a cue's words); restoring the bid adds one; refusing again takes one. */
static struct reading repair_at(const struct walk *w, uint32_t t)
{
    struct reading r = graded_at(w, t, C_P5_REPAIR, A_REPAIR, 2);
    if (!r.value) return r;
    if (refuses_again(w, t, &r.span)) r.value = r.value > 2 ? 2 : r.value - 1; /* owned, and the door still shut */
    else if (w->tcode[t].acts & ENGAGES) r.value++;
    if (r.value > 4) r.value = 4;
    if (r.value < 1) r.value = 1;
    return r;
}

static void repair_of(struct walk *w, struct code *c, const struct after *x)
{
    if (!any_over(w, x->e) && !objects(w, x)) {
        code_null(c, WHY_NOT_APPLICABLE);
        return;
    }
    struct reading best = {0};
    uint32_t first = UINT32_MAX, last = 0;
    int after_end = next_reply(w, x->e->end);
    uint32_t stop = after_end >= 0 ? (uint32_t)after_end : (uint32_t)w->conv->n_turn - 1;
    for (uint32_t t = x->turn[0] + 1; t <= stop; t++) {
        if (!is_reply(w, t)) continue;
        if (first == UINT32_MAX) first = t;
        last = t;
        struct reading r = repair_at(w, t);
        if (r.value > best.value) best = r;
    }
    if (first == UINT32_MAX) {
        code_null(c, WHY_NOT_RECORDED); /* the person spoke last */
        return;
    }
    if (best.value) {
        code_value(c, best.value, best.m, best.conf, NULL);
        show(w, c, &best);
    } else {
        float p = 0, top = 0;
        for (uint32_t t = first; t <= last; t++)
            if (is_reply(w, t) && sent_best(w, t, ACT(A_REPAIR), &p) != NO_SENT && p > top) top = p;
        code_zero(c, M_MODEL, 1 - top > .5f ? 1 - top : .5f, first, last);
    }
}

/* Check-in on the reply to the next user turn after a hard refusal or a
 * referral; after a gap, on the first reply of the next session. */
static void check_of(struct walk *w, struct code *c, const struct after *x)
{
    const struct episode *e = x->e;
    bool due = false, any = false;
    uint32_t s0 = UINT32_MAX, s1 = 0;
    for (size_t i = 0; i < e->n_refusal; i++) {
        uint32_t r = e->refusal[i];
        if (rtype_hard(w->tcode[r].rtype) < 2 && !(w->tcode[r].acts & REFERRAL)) continue;
        due = true;
        int u = next_user(w, r), t = u < 0 ? -1 : next_reply(w, (uint32_t)u);
        if (t < 0) continue;
        any = true;
        if ((uint32_t)t < s0) s0 = (uint32_t)t;
        if ((uint32_t)t > s1) s1 = (uint32_t)t;
        struct reading g = graded_at(w, (uint32_t)t, C_P5_CHECK, A_CHECK, 1);
        if (!g.value) continue;
        code_value(c, 1, g.m, g.conf, NULL);
        show(w, c, &g);
        return;
    }
    if (!due) code_null(c, WHY_NOT_APPLICABLE);
    else if (!any) code_null(c, WHY_NOT_RECORDED);
    else code_zero(c, M_MODEL, .8f, s0, s1);
}

/* ---- all of them ---- */

static void code_episode(struct walk *w, struct code *c, const struct after *x)
{
    for (size_t i = 0; i < ARRAY_LEN(table); i++) graded(w, &c[table[i].k], x, i);
    retry_of(w, &c[C_P5_RETRY], x);
    return_of(w, &c[C_P5_RETURN], x);
    escal_of(w, &c[C_P5_ESCAL], x);
    bypass_of(w, &c[C_P5_BYPASS], x);
    barr_of(w, &c[C_P5_BARR], x);
    repair_of(w, &c[C_P5_REPAIR], x);
    check_of(w, &c[C_P5_CHECK], x);
}

void outcome_code(struct walk *w)
{
    if (!w->episode.n) return;
    if (!w->ep_codes) w->ep_codes = arena_array(w->a, struct codes, w->episode.n);
    for (size_t i = 0; i < w->episode.n; i++) {
        const struct episode *e = &w->episode.p[i];
        struct code *c = w->ep_codes[i].c;
        vec_of(uint32_t) turns = {0};
        for (uint32_t t = e->anchor + 1; t <= e->end; t++)
            if (is_user(w, t)) *vec_push(w->a, &turns) = t;
        int later = turns.n || e->end_reason != END_GAP ? -1 : next_user(w, e->end);
        if (later >= 0) *vec_push(w->a, &turns) = (uint32_t)later; /* the person comes back in the next session */
        if (!turns.n) {
            for (int k = C_P5_EXIT; k <= C_P5_CHECK; k++) code_null(&c[k], WHY_NO_USER_TURN);
            continue;
        }
        struct after x = {e, turns.p, (uint32_t)turns.n, w->tcode[e->anchor].bid_turn};
        code_episode(w, c, &x);
    }
}
