/* Turn → graded readings: what a cue's own grade or an act's probability says.
 * Borrowing only; nothing is allocated. */
#include "phase/reads.h"

#include "phase/code.h"

#define NOT_SELF (FL_V | FL_F | FL_I | FL_C) /* not the person's own disclosure */
#define MANY_FEELINGS 4                      /* sentences that disclose: as much as one private event */
#define CUE_CONF .85f
#define PLAIN_P .5f                          /* an act at or above it has its plain grade */
#define TRACE_P .3f                          /* below it only a trace */

int cue_grade(const struct walk *w, size_t hit, int otherwise)
{
    const char *v = hit_cue(w, hit)->value;
    return v && v[0] >= '0' && v[0] <= '4' && !v[1] ? v[0] - '0' : otherwise;
}

uint32_t risk_sent(const struct walk *w, uint32_t t)
{
    uint32_t best = NO_SENT;
    float top = 0;
    for (uint32_t s = w->text[t].sent0; s < w->text[t].sent1; s++) {
        const struct acts *x = &w->acts[s];
        if (!sent_counts(w, s)) continue;
        float q = (x->risk > 0 ? (float)x->risk : 0) + (HAS_ACT(x, U_RISK) || HAS_ACT(x, U_HARM_BID) ? x->p[U_RISK] : 0);
        if (x->flags & (FL_H | FL_N | FL_B)) q += .5f;
        if (q > top) top = q, best = s;
    }
    return best;
}

static void take(struct reading *r, int value, enum method m, float conf, uint32_t turn, uint32_t begin, uint32_t end)
{
    if (value > r->value || (value == r->value && value && conf > r->conf))
        *r = (struct reading){value, m, conf, {turn, begin, end}};
}

static int depth_of_sent(const struct acts *x)
{
    if (x->flags & NOT_SELF) return (x->set & (ACT(U_DISCLOSE) | ACT(U_DEPTH3))) ? 1 : 0;
    if (x->risk > 0 && HAS_ACT(x, U_RISK)) return 4;
    if (HAS_ACT(x, U_DEPTH3)) return 3;
    if (HAS_ACT(x, U_SECRECY)) return 2;
    return HAS_ACT(x, U_DISCLOSE) ? 1 : 0;
}

struct reading depth_at(const struct walk *w, uint32_t t)
{
    struct reading r = {0};
    uint32_t feelings = 0;
    for (uint32_t s = w->text[t].sent0; s < w->text[t].sent1; s++) {
        static const uint8_t act_of[] = {0, U_DISCLOSE, U_SECRECY, U_DEPTH3, U_RISK};
        const struct acts *x = &w->acts[s];
        int v = sent_counts(w, s) ? depth_of_sent(x) : 0;
        if (!v) continue;
        const struct sent *z = &w->sent.p[s];
        if (v == 1 && ++feelings >= MANY_FEELINGS) v = 2;
        take(&r, v, M_MODEL, x->p[act_of[v == 2 && feelings >= MANY_FEELINGS ? 1 : v]], t, z->begin, z->end);
    }
    for (size_t h = cue_hit(w, t, C_P1_DEPTH, 0); h != SIZE_MAX; h = cue_hit(w, t, C_P1_DEPTH, h + 1)) {
        const struct hit *x = &w->hit.p[h];
        if (w->acts[x->sent].flags & NOT_SELF & ~FL_V) continue; /* its words are in the first person */
        take(&r, cue_grade(w, h, 3), M_RULE, CUE_CONF, t, x->begin, x->end);
    }
    return r;
}

bool cue_tagged(const struct walk *w, int k, uint32_t s, const char *tag)
{
    const struct sent *z = &w->sent.p[s];
    for (size_t h = z->hit0; h < z->hit1; h++) /* without a call a hit: asked of every hit of a code */
        if (w->hit.p[h].tells == k && w->hit.p[h].sent == s && str_same(hit_cue(w, h)->tag, tag)) return true;
    return false;
}

bool cue_vetoed(const struct walk *w, int k, uint32_t s) { return cue_tagged(w, k, s, "veto"); }

/* A cue with tag "alone" counts only as a whole sentence, but for its mark at the end, "consent" only as one that
 * answers an offer; some grade nothing and say how the rest of the turn is meant. */
bool cue_stands(const struct walk *w, size_t hit)
{
    static const char *const mark[] = {"veto", "dropped", "moves_on", "declines", "accepts"};
    const struct hit *x = &w->hit.p[hit];
    const struct sent *z = &w->sent.p[x->sent];
    for (size_t i = 0; i < ARRAY_LEN(mark); i++)
        if (cue_tag(w, hit, mark[i], NULL)) return false;
    if (cue_tag(w, hit, "consent", NULL)) return hit_consents(w, hit);
    return !cue_tag(w, hit, "alone", NULL) || (x->begin == z->begin && x->end + 3 >= z->end);
}

struct reading graded_at(const struct walk *w, uint32_t t, int k, int act, int plain)
{
    struct reading r = {0};
    for (size_t h = cue_hit(w, t, (enum construct)k, 0); h != SIZE_MAX; h = cue_hit(w, t, (enum construct)k, h + 1)) {
        const struct hit *x = &w->hit.p[h];
        if (cue_stands(w, h) && !cue_vetoed(w, k, x->sent)) take(&r, cue_grade(w, h, 3), M_RULE, CUE_CONF, t, x->begin, x->end);
    }
    if (act < 0 || r.value >= plain) return r;
    for (uint32_t s = sent_with(w, t, ACT(act), 0); s != NO_SENT; s = sent_with(w, t, ACT(act), s + 1)) {
        const struct sent *z = &w->sent.p[s];
        float p = w->acts[s].p[act];
        int v = p >= PLAIN_P || plain < 2 ? plain : p >= TRACE_P ? plain - 1 : 1;
        if (!cue_vetoed(w, k, s)) take(&r, v, M_MODEL, p, t, z->begin, z->end);
    }
    return r;
}

/* ---- what the person does, held against the rest of the turn ---- */

#define FAINT_SHAME .35f  /* below it, without a cue: sadness, regret, relief */
#define FAINT_UPTAKE .5f  /* below it, without a cue: "right", "copy", any short sentence */
#define SURE_UPTAKE .8f   /* counts beside an objection or a new try too */
#define COLOURLESS 2      /* words of a sentence ("lol ok") that has its colour from the turn */

static uint32_t sent_at(const struct walk *w, uint32_t t, uint32_t begin)
{
    for (uint32_t s = w->text[t].sent0; s < w->text[t].sent1; s++)
        if (begin >= w->sent.p[s].begin && begin < w->sent.p[s].end) return s;
    return NO_SENT;
}

/* A resigned "right" takes nothing up: without a cue's words the act must be plain, and sure beside an objection. "I'm
 * going to do it" in a threat is none either, and "maybe I'll call them" agrees in its words and only considers. */
static struct reading uptake_read(const struct walk *w, uint32_t t, struct reading r)
{
    const struct reading none = {0};
    bool objects = w->tcode[t].acts & (ACT(U_ANGER) | ACT(U_RETRY)) || cue_hit(w, t, C_P5_ESCAL, 0) != SIZE_MAX;
    if (r.m == M_MODEL && r.conf < (objects ? SURE_UPTAKE : FAINT_UPTAKE)) return none;
    uint32_t s = r.value == 2 ? sent_at(w, t, r.span.begin) : NO_SENT;
    if (s != NO_SENT && sent_turns_away(w, s)) return none;
    for (size_t h = cue_hit(w, t, C_P5_UPTAKE, 0); r.value == 2 && h != SIZE_MAX; h = cue_hit(w, t, C_P5_UPTAKE, h + 1))
        if (cue_grade(w, h, 2) == 1) r.value = 1;
    return r;
}

/* "Never mind. I'll ask my sister": what is dropped is a request, no disclosure is taken back. */
static struct reading withdraw_read(const struct walk *w, uint32_t t, struct reading r)
{
    if (!turn_tagged(w, t, C_P5_WITHDRAW, "moves_on")) return r;
    for (size_t h = cue_hit(w, t, C_P5_WITHDRAW, 0); h != SIZE_MAX; h = cue_hit(w, t, C_P5_WITHDRAW, h + 1)) {
        const struct hit *x = &w->hit.p[h];
        bool around = r.span.begin <= x->begin && x->end <= r.span.end;
        bool same = r.m == M_MODEL ? around : around && r.span.end - r.span.begin == x->end - x->begin;
        if (same && cue_tag(w, h, "dropped", NULL)) return (struct reading){0};
    }
    return r;
}

/* A "wow." beside shame and nothing else that is angry. */
static bool colourless(const struct walk *w, uint32_t t, const struct reading *r)
{
    bool ashamed = w->tcode[t].acts & ACT(U_SHAME) || cue_hit(w, t, C_P5_SHAME, 0) != SIZE_MAX;
    if (r->m != M_MODEL || !ashamed) return false;
    for (uint32_t s = w->text[t].sent0; s < w->text[t].sent1; s++) {
        uint32_t n = 0;
        for (uint32_t k = w->sent.p[s].tok0; k < w->sent.p[s].tok1; k++) n += w->tok.p[k].kind == TOK_WORD;
        if (HAS_ACT(&w->acts[s], U_ANGER) && n > COLOURLESS) return false;
    }
    return true;
}

struct reading person_reading(const struct walk *w, uint32_t t, enum construct k, int act, int plain)
{
    struct reading r = graded_at(w, t, (int)k, act, plain);
    if (!r.value) return r;
    if (k == C_P5_UPTAKE) return uptake_read(w, t, r);
    if (k == C_P5_WITHDRAW) return withdraw_read(w, t, r);
    const bool faint = k == C_P5_SHAME && r.m == M_MODEL && r.conf < FAINT_SHAME;
    if (faint || (k == C_P5_ANGER && colourless(w, t, &r))) r = (struct reading){0};
    return r;
}
