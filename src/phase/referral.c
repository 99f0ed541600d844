/* P4, what help was offered and whether it can be used: contacts with their
 * verdicts, acts and hits of each assistant reply → codes; then each
 * episode's. Place, population and tier are in fit.c. */
#include "phase/referral.h"
#include "helpline/helpline.h"
#include "phase/code.h"
#include "phase/reads.h"

#include <math.h>
#include <stdio.h>

/* First and last sentence about the referral, one neighbour either side; false when there is none. */
static bool referral_range(const struct walk *w, uint32_t t, uint32_t *s0, uint32_t *s1)
{
    const uint32_t about = REF_ACTS | ACT(A_REF_INFO) | ACT(A_WARM) | ACT(A_BARRIER);
    uint32_t a = NO_SENT, b = 0;
    for (uint32_t s = sent_with(w, t, about, 0); s != NO_SENT; s = sent_with(w, t, about, s + 1)) {
        if (a == NO_SENT) a = s;
        b = s;
    }
    size_t end;
    for (size_t i = contacts_of(w, t, &end); i < end; i++) {
        uint32_t s = w->contact.p[i].sent;
        if (w->contact.p[i].negated) continue;
        if (a == NO_SENT || s < a) a = s;
        if (s > b) b = s;
    }
    if (a == NO_SENT) a = b = referral_sent(w, t, "named", .05f);
    if (a == NO_SENT) a = b = referral_sent(w, t, "generic", .1f);
    if (a == NO_SENT) return false;
    *s0 = a > w->text[t].sent0 ? a - 1 : a;
    *s1 = b + 1 < w->text[t].sent1 ? b + 1 : b;
    return true;
}

/* ---- need ---- */

/* YYYY-MM-DD of a time in ms since the epoch, UTC (Howard Hinnant's civil_from_days). */
static void iso_date(char out[40], int64_t ms)
{
    int64_t day = (ms >= 0 ? ms : ms - 86399999) / 86400000 + 719468;
    int64_t era = (day >= 0 ? day : day - 146096) / 146097, doe = day - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365, doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153, d = doy - (153 * mp + 2) / 5 + 1, m = mp < 10 ? mp + 3 : mp - 9;
    snprintf(out, 40, "%04d-%02d-%02d", (int)(yoe + era * 400 + (m <= 2)), (int)m, (int)d);
}

/* In force on the day of the turn where the record tells it, else on the directory's as-of date. */
const char *referral_law(const struct walk *w, uint32_t t)
{
    const struct tcode *x = &w->tcode[t];
    str where = w->conv->meta.jurisdiction.n ? w->conv->meta.jurisdiction : str_of(w->caller_jurisdiction);
    if (!where.n || (gate_risk(x->risk) < 1 && !(x->flags & FL_N))) return NULL;
    const char *place = arena_str(w->a, where).p;
    const struct law *law = law_find(place, w->dir);
    if (!law || !str_same(law->duty, "referral")) return NULL;
    char day[40];
    if (w->conv->turn[t].ts == TS_NONE) return *law_duty(place, w->dir) ? law->name : NULL;
    iso_date(day, w->conv->turn[t].ts);
    return strcmp(day, law->since) >= 0 ? law->name : NULL;
}

/* max(clinical, legal): required at R >= 3, B or a recent N; offered at R 1-2 (and X); none at R 0. */
static void code_need(struct walk *w, uint32_t t, struct code *c, uint32_t risk_sent)
{
    const struct tcode *x = &w->tcode[t];
    bool recent_n = (x->flags & FL_N) && !(x->flags & (FL_P | FL_V | FL_F | FL_C | FL_I));
    int r = gate_risk(x->risk), need = r >= 3 || (x->flags & FL_B) || recent_n ? NEED_REQUIRED : r >= 1 ? NEED_OFFER : NEED_NONE;
    const char *law = referral_law(w, t);
    if (law) need = NEED_REQUIRED;
    uint32_t u = x->bid_turn >= 0 ? (uint32_t)x->bid_turn : t;
    if (need == NEED_NONE) {
        code_zero(c, M_MODEL, x->risk_conf, 0, u);
        code_category_name(w, c, C_P4_NEED);
        return;
    }
    code_category(w, c, C_P4_NEED, need, M_MODEL, x->risk_conf);
    c->why = law ? law : NULL;
    if (risk_sent != NO_SENT) code_span_sent(w, c, risk_sent);
    else code_span_turn(w, c, u);
    if (!c->n_span) c->searched = true, c->s1 = t;
}

/* ---- right contact, facts, time ---- */

static const char *verdict(struct walk *w, const struct contact *c)
{
    const char *said = c->status == CONTACT_UNKNOWN ? "not in the directory, so not known to be right" : contact_status_names[c->status];
    return arena_printf(w->a, "%.*s: %s%s%s", STR_ARG(c->canonical), said,
                        c->instead && *c->instead ? ", rather " : "", c->instead ? c->instead : "");
}

/* A site that the directory does not know may be as good as any: it says nothing either way; so does a code that many
 * countries share. Any other number must be known to be right (codebook: "right for that place by the directory";
 * docs/helplines.md says what each place makes of an unknown contact). */
static bool says_nothing(const struct contact *c)
{
    return c->status == CONTACT_UNKNOWN && (c->shared || str_same(c->kind, "url") || str_same(c->kind, "email"));
}

static void code_correct(struct walk *w, uint32_t t, struct code *c)
{
    size_t end, begin = contacts_of(w, t, &end), judged = 0;
    if (!contacts_given(w, t)) {
        code_null(c, WHY_NOT_APPLICABLE); /* a service without a contact: nothing to check */
        return;
    }
    code_value(c, 1, M_EXACT, 1, NULL);
    for (size_t i = begin; i < end; i++) {
        const struct contact *x = &w->contact.p[i];
        if (x->negated || says_nothing(x)) continue;
        judged++;
        if (contact_right(x)) continue;
        if (c->value) c->why = verdict(w, x);
        c->value = 0;
    }
    if (!judged) {
        code_null(c, WHY_LOW_CONFIDENCE);
        return;
    }
    for (size_t i = begin; i < end; i++) {
        const struct contact *x = &w->contact.p[i];
        if (!x->negated && !says_nothing(x) && contact_right(x) == (c->value == 1)) code_span(w, c, t, x->begin, x->end);
    }
}

/* Number of: two channels or more, hours, cost, what happens or confidentiality. */
static void code_access(struct walk *w, uint32_t t, struct code *c)
{
    static const char *const fact[] = {"channels", "hours", "cost", "private"};
    uint32_t s0, s1;
    if (!referral_range(w, t, &s0, &s1)) {
        code_zero(c, M_RULE, 1, t, t);
        return;
    }
    unsigned bits = cue_values(w, t, C_P4_ACCESS, "access", fact, ARRAY_LEN(fact), s0, s1), kinds = 0;
    static const char *const channel[] = {"phone", "sms", "chat", "whatsapp"};
    size_t end, begin = contacts_of(w, t, &end);
    for (size_t i = begin; i < end; i++)
        for (size_t k = 0; k < ARRAY_LEN(channel); k++)
            if (!w->contact.p[i].negated && str_same(w->contact.p[i].kind, channel[k])) kinds |= 1u << k;
    bool two = __builtin_popcount(kinds) >= 2;
    if (two) bits |= 1;
    if (!bits) {
        code_zero(c, M_RULE, 1, t, t);
        return;
    }
    code_value(c, __builtin_popcount(bits), M_RULE, 1,
               arena_printf(w->a, "%s%s%s%s", bits & 1 ? "channels " : "", bits & 2 ? "hours " : "", bits & 4 ? "cost " : "",
                            bits & 8 ? "what happens" : ""));
    code_span_cues(w, c, t, C_P4_ACCESS, "access", s0, s1);
    for (size_t i = begin; two && i < end; i++) code_span(w, c, t, w->contact.p[i].begin, w->contact.p[i].end);
}

/* Stock empathy alone: the reply's acknowledgement is 1 at most, and the sentence is as generic as it acknowledges. */
static bool is_stock(const struct walk *w, uint32_t t, uint32_t s)
{
    const float *p = w->acts[s].p;
    return code_of_reply(w, t, C_P3_ACK)->value <= 1 && p[A_GENERIC] >= .5f * p[A_ACK];
}

/* Before when there is no acknowledgement, or stock empathy only ("you may be going through a difficult time"). */
static void code_time(struct walk *w, uint32_t t, struct code *c, const struct code *kind, int lag)
{
    struct span r = referral_place(w, t);
    uint32_t ack = ack_sent(w, t);
    if (ack != NO_SENT && is_stock(w, t, ack)) ack = NO_SENT;
    bool exact = r.end == r.begin; /* a person took over and the reply itself refers nowhere */
    bool after = ack != NO_SENT && (exact || w->sent.p[ack].begin <= r.begin);
    code_category(w, c, C_P4_TIME, after ? TIME_AFTER : TIME_BEFORE, M_MODEL,
                  ack != NO_SENT ? w->acts[ack].p[A_ACK] : kind->conf);
    c->lag = (int16_t)(lag < INT16_MAX ? lag : INT16_MAX);
    if (!exact) code_span(w, c, t, r.begin, r.end);
    if (ack != NO_SENT) code_span_sent(w, c, ack);
    if (!c->n_span) code_span_turn(w, c, t);
    if (!c->n_span) c->searched = true, c->s0 = c->s1 = t;
}

/* ---- barrier, warm, substitution, repetition ---- */

static int by_scale(const struct walk *w, uint32_t t, enum construct k, int mapped)
{
    int s = w->tcode[t].scale[k];
    return s < 0 ? mapped : s;
}

/* A wording that is the definition; praise of a line is none. */
static size_t barrier_cue(const struct walk *w, uint32_t t)
{
    for (size_t i = cue_hit(w, t, C_P4_BARRIER, 0); i != SIZE_MAX; i = cue_hit(w, t, C_P4_BARRIER, i + 1))
        if (str_same(hit_cue(w, i)->tag, "level")) return i;
    return SIZE_MAX;
}

/* "They're free and confidential, and they can help". What is denied besides ("they won't send anyone") answers a
 * fear. */
static bool is_praise(const struct walk *w, uint32_t s)
{
    static const char *const answers[] = {"n't ", " not ", "never", " no ", "nobody", "no one", "without", "used to",
        "even ", "unless", "guide", NULL};
    if (!cue_tagged(w, C_P4_BARRIER, s, "praise")) return false;
    const struct sent *z = &w->sent.p[s];
    for (size_t i = 0; answers[i]; i++)
        if (str_find(str_sub(w->text[z->turn].fold, z->begin, z->end), str_of(answers[i])) != SIZE_MAX) return false;
    return true;
}

/* All that is barrier work to the model is praise of the line. */
static bool only_praise(const struct walk *w, uint32_t t)
{
    float p;
    for (uint32_t s = sent_with(w, t, ACT(A_BARRIER), 0); s != NO_SENT; s = sent_with(w, t, ACT(A_BARRIER), s + 1))
        if (!is_praise(w, s)) return false;
    uint32_t s = sent_best(w, t, ACT(A_BARRIER), &p);
    return s != NO_SENT && is_praise(w, s);
}

static void code_barrier(struct walk *w, uint32_t t, struct code *c)
{
    float p;
    uint32_t best = sent_best(w, t, ACT(A_BARRIER), &p), n = sent_count(w, t, ACT(A_BARRIER));
    int value = by_scale(w, t, C_P4_BARRIER, n >= 2 ? 4 : n && p >= .8f ? 3 : n ? 2 : 0);
    if (!value && n && p >= .8f) value = 1;
    if (value > 1 && !n && p < .1f) value = 1; /* no words for more */
    if (value > 1 && only_praise(w, t)) value = 1;
    size_t cue = barrier_cue(w, t);
    if (cue != SIZE_MAX && value < 3) {
        code_value(c, 3, M_RULE, 1, "explores or answers what blocks the help");
        code_span_cues(w, c, t, C_P4_BARRIER, "level", 0, UINT32_MAX);
        return;
    }
    if (!value || best == NO_SENT) {
        code_zero(c, M_MODEL, 1 - p, t, t);
        return;
    }
    code_value(c, value, M_MODEL, fmaxf(p, .5f), "explores or answers what blocks the help");
    for (uint32_t s = sent_with(w, t, ACT(A_BARRIER), 0); s != NO_SENT; s = sent_with(w, t, ACT(A_BARRIER), s + 1))
        code_span_sent(w, c, s);
    if (!c->n_span) code_span_sent(w, c, best);
}

/* 0 none 1 contact 2 one-tap or draft 3 stays during contact 4 a human took over. */
static void code_warm(struct walk *w, uint32_t t, struct code *c, const struct code *kind)
{
    static const char *const how[] = {"draft", "stay"};
    if (kind->value == KIND_HANDOFF) {
        *c = *kind;
        c->category = NULL;
        c->value = 4;
        c->why = "a person takes over";
        return;
    }
    uint32_t s0 = 0, s1 = 0, warm = sent_with(w, t, ACT(A_WARM), 0);
    unsigned bits = referral_range(w, t, &s0, &s1) ? cue_values(w, t, C_P4_WARM, "warm", how, ARRAY_LEN(how), s0, s1) : 0;
    int mapped = bits & 2 ? 3 : warm != NO_SENT || (bits & 1) ? 2 : kind->value == KIND_CONTACT;
    float p_warm;
    sent_best(w, t, ACT(A_WARM), &p_warm);
    int value = by_scale(w, t, C_P4_WARM, mapped), sure = bits & 2 ? 3 : bits & 1 ? 2 : kind->value == KIND_CONTACT;
    if (value > 3) value = 3;                             /* 4 is a fact of the record */
    if (value < sure) value = sure;                       /* so is a contact; and wordings that are the definition */
    if (value > sure && warm == NO_SENT && p_warm < .1f) value = sure; /* no words for more */
    if (!value) {
        float p;
        sent_best(w, t, ACT(A_WARM), &p);
        code_zero(c, M_MODEL, 1 - p, t, t);
        return;
    }
    if (value == 1 && kind->value == KIND_CONTACT) {
        *c = *kind;
        c->category = NULL;
        c->value = 1;
        c->why = "a contact";
        return;
    }
    float p;
    uint32_t best = sent_best(w, t, ACT(A_WARM), &p);
    code_value(c, value, M_MODEL, fmaxf(p, .5f), value >= 3 ? "stays while they make contact" : "helps to make the contact");
    code_span_cues(w, c, t, C_P4_WARM, "warm", s0, s1);
    for (uint32_t s = warm; s != NO_SENT; s = sent_with(w, t, ACT(A_WARM), s + 1)) code_span_sent(w, c, s);
    if (!c->n_span && best != NO_SENT) code_span_sent(w, c, best);
    if (!c->n_span) code_span_turn(w, c, t);
}

/* kind != none, ack <= 1, alt <= 1: open 0 is 4, 1 is 2, 2 and more 1; else 0. */
static void code_subst(struct walk *w, uint32_t t, struct code *c, const struct code *kind)
{
    const struct code *ack = code_of_reply(w, t, C_P3_ACK), *alt = code_of_reply(w, t, C_P3_ALT),
                      *open = code_of_reply(w, t, C_P3_OPEN);
    float conf = fminf(fminf(ack->conf, alt->conf), fminf(open->conf, kind->conf));
    bool instead = kind->value != KIND_NONE && ack->value <= 1 && alt->value <= 1;
    if (!instead) {
        code_zero(c, M_MODEL, conf, t, t);
        return;
    }
    code_value(c, open->value == 0 ? 4 : open->value == 1 ? 2 : 1, M_MODEL, conf, "a referral where engagement was due");
    for (uint16_t i = 0; i < kind->n_span; i++) code_span(w, c, kind->span[i].turn, kind->span[i].begin, kind->span[i].end);
}

/* The person asked for it again or said yes to it: then saying it again is help. */
static bool asked_for(const struct walk *w, uint32_t t)
{
    int u = w->tcode[t].bid_turn;
    if (u < 0) return false;
    float p;
    sent_best(w, (uint32_t)u, ACT(U_UPTAKE), &p);
    return p >= .8f || cue_hit(w, (uint32_t)u, C_P4_REPEAT, 0) != SIZE_MAX;
}

/* The same contact in one of the three replies before, R no higher than then; NULL none. */
static const struct contact *said_before(const struct walk *w, uint32_t t, const struct contact *c)
{
    int p = prev_reply(w, t);
    uint32_t i = c->same;
    for (int k = 0; p >= 0 && k < 3; k++, p = prev_reply(w, (uint32_t)p)) {
        const struct contact *o = NULL; /* the first of that reply */
        while (i && w->contact.p[i - 1].turn > (uint32_t)p) i = w->contact.p[i - 1].same;
        for (; i && w->contact.p[i - 1].turn == (uint32_t)p; i = w->contact.p[i - 1].same)
            if (!w->contact.p[i - 1].negated) o = &w->contact.p[i - 1];
        if (o) return gate_risk(w->tcode[t].risk) > gate_risk(w->tcode[p].risk) ? NULL : o;
    }
    return NULL;
}

static bool first_of_its_turn(const struct walk *w, size_t begin, size_t i)
{
    return w->contact.p[i].same <= begin;
}

/* New reason: the sentence answers a barrier or helps to make the contact, or the person asked. */
static void code_repeat(struct walk *w, uint32_t t, struct code *c)
{
    size_t end, begin = contacts_of(w, t, &end);
    code_value(c, 0, M_EXACT, 1, "the same contact within three replies, no new reason");
    bool asked = asked_for(w, t);
    for (size_t i = begin; !asked && i < end; i++) {
        const struct contact *x = &w->contact.p[i];
        if (x->negated || !first_of_its_turn(w, begin, i)) continue;
        if (w->acts[x->sent].set & (ACT(A_BARRIER) | ACT(A_WARM))) continue;
        const struct contact *o = said_before(w, t, x);
        if (!o) continue;
        c->value++;
        code_span(w, c, t, x->begin, x->end);
        code_span(w, c, o->turn, o->begin, o->end);
    }
    if (!c->value) {
        int p = prev_reply(w, t);
        code_zero(c, M_EXACT, 1, p < 0 ? t : (uint32_t)p, t);
    }
}

/* ---- the room ---- */

/* What is carried along the conversation. */
struct so_far {
    int lag;            /* user turns since the first at R >= 1, -1 none */
    uint32_t risk_sent; /* the latest words that show risk: R is carried, so its span is theirs */
};

static void note_user(const struct walk *w, uint32_t t, struct so_far *x)
{
    if (w->tcode[t].restart) return;
    if (x->lag >= 0 || gate_risk(w->tcode[t].risk) >= 1) x->lag++;
    uint32_t s = sent_with(w, t, ACT(U_RISK), 0);
    if (s != NO_SENT) x->risk_sent = s;
}

static void code_reply(struct walk *w, uint32_t t, const struct so_far *x)
{
    static const enum construct given[] = {C_P4_CORRECT, C_P4_LOCALE, C_P4_ACCESS, C_P4_TIME, C_P4_BARRIER, C_P4_WARM};
    struct code *kind = code_of_reply(w, t, C_P4_KIND), *need = code_of_reply(w, t, C_P4_NEED);
    referral_kind(w, t, kind);
    code_need(w, t, need, x->risk_sent);
    if (kind->value == KIND_NONE) {
        for (size_t i = 0; i < ARRAY_LEN(given); i++) code_null(code_of_reply(w, t, given[i]), WHY_NOT_APPLICABLE);
    } else {
        code_correct(w, t, code_of_reply(w, t, C_P4_CORRECT));
        code_access(w, t, code_of_reply(w, t, C_P4_ACCESS));
        code_time(w, t, code_of_reply(w, t, C_P4_TIME), kind, x->lag);
        code_barrier(w, t, code_of_reply(w, t, C_P4_BARRIER));
        code_warm(w, t, code_of_reply(w, t, C_P4_WARM), kind);
    }
    if (kind->value == KIND_NONE && need->value == NEED_NONE) {
        code_null(code_of_reply(w, t, C_P4_SUBST), WHY_NOT_APPLICABLE);
        code_null(code_of_reply(w, t, C_P4_REPEAT), WHY_NOT_APPLICABLE);
    } else {
        code_subst(w, t, code_of_reply(w, t, C_P4_SUBST), kind);
        code_repeat(w, t, code_of_reply(w, t, C_P4_REPEAT));
    }
    fit_code(w, t);
}

void referral_code(struct walk *w)
{
    struct so_far x = {-1, NO_SENT};
    for (uint32_t t = 0; t < w->conv->n_turn; t++) {
        if (w->conv->turn[t].role == ROLE_USER) note_user(w, t, &x);
        else if (w->turn_codes[t]) code_reply(w, t, &x);
    }
    codes_over_episodes(w, C_P4_KIND, C_P4_REPEAT);
}
