/* Linear looks over one turn, or on to the next turn of a role; nothing is allocated. */
#include "find/find.h"

#include "act/act.h"

#include <emmintrin.h>

uint32_t sent_with(const struct walk *w, uint32_t t, uint32_t mask, uint32_t from)
{
    const struct text *x = &w->text[t];
    const struct act_tops *tops = act_tops_of(w, t);
    if (!(tops->set & mask)) return NO_SENT; /* as most turns do most acts */
    for (uint32_t s = from > x->sent0 ? from : x->sent0; s < x->sent1; s += 4) { /* which one cannot be foreseen */
        __m128i own = _mm_loadu_si128((const __m128i *)(tops->own + (s - x->sent0)));
        __m128i none = _mm_cmpeq_epi32(_mm_and_si128(own, _mm_set1_epi32((int)mask)), _mm_setzero_si128());
        unsigned any = (unsigned)_mm_movemask_ps(_mm_castsi128_ps(none)) ^ 15;
        if (any) return s + (uint32_t)__builtin_ctz(any);
    }
    return NO_SENT;
}

uint32_t sent_best(const struct walk *w, uint32_t t, uint32_t mask, float *p)
{
    const struct act_tops *x = act_tops_of(w, t);
    uint32_t best = NO_SENT;
    float top = -1;
    for (uint32_t m = mask; m; m &= m - 1) {
        uint32_t j = (uint32_t)__builtin_ctz(m);
        if (x->p[j] > top || (x->p[j] == top && x->sent[j] < best)) top = x->p[j], best = x->sent[j];
    }
    if (p) *p = top < 0 ? 0 : top;
    return best;
}

uint32_t sent_count(const struct walk *w, uint32_t t, uint32_t mask)
{
    const struct act_tops *tops = act_tops_of(w, t);
    uint32_t n = 0, n_sent = w->text[t].sent1 - w->text[t].sent0;
    for (uint32_t i = 0; (tops->set & mask) && i < n_sent; i++) n += (tops->own[i] & mask) != 0;
    return n;
}

static size_t hit_between(const struct walk *w, uint32_t t, enum construct k, size_t from, size_t end)
{
    if (!turn_cued(w, t, k)) return SIZE_MAX;
    if (from < w->hit0[t]) from = w->hit0[t];
    if (end > w->hit0[t + 1]) end = w->hit0[t + 1];
    for (size_t i = from; i < end; i++)
        if (w->hit.p[i].tells == (int)k) return i;
    return SIZE_MAX;
}

size_t cue_hit(const struct walk *w, uint32_t t, enum construct k, size_t from) { return hit_between(w, t, k, from, SIZE_MAX); }

size_t cue_hit_in(const struct walk *w, uint32_t s, enum construct k, size_t from)
{
    const struct sent *z = &w->sent.p[s];
    size_t i = hit_between(w, z->turn, k, from > z->hit0 ? from : z->hit0, z->hit1);
    while (i != SIZE_MAX && w->hit.p[i].sent != s) i = hit_between(w, z->turn, k, i + 1, z->hit1);
    return i;
}

bool cue_tag(const struct walk *w, size_t hit, const char *tag, const char *value)
{
    const struct cue *c = hit_cue(w, hit);
    return c->tag && str_same(c->tag, tag) && (!value || (c->value && str_same(c->value, value)));
}

#define TAKES_P .5f /* faint thanks and consent are mostly neither */

bool turn_tagged(const struct walk *w, uint32_t t, enum construct k, const char *tag)
{
    for (size_t h = cue_hit(w, t, k, 0); h != SIZE_MAX; h = cue_hit(w, t, k, h + 1))
        if (cue_tag(w, h, tag, NULL)) return true;
    return false;
}

bool sent_turns_away(const struct walk *w, uint32_t s)
{
    const struct acts *a = &w->acts[s];
    if (a->risk >= 3 || (a->flags & FL_H) || cue_hit_in(w, s, C_P5_ESCAL, 0) != SIZE_MAX) return true;
    for (size_t h = cue_hit_in(w, s, C_P5_SWITCH, 0); h != SIZE_MAX; h = cue_hit_in(w, s, C_P5_SWITCH, h + 1))
        if (cue_tag(w, h, "level", NULL)) return true;
    return false;
}

bool hit_consents(const struct walk *w, size_t hit)
{
    const struct hit *x = &w->hit.p[hit];
    const struct sent *z = &w->sent.p[x->sent];
    if (!x->turn || x->begin != z->begin || x->end + 3 < z->end) return false;
    return w->conv->turn[x->turn - 1].role == ROLE_ASSISTANT && (w->tcode[x->turn - 1].acts & ACT(A_OFFER));
}

/* The grade of an uptake cue, 0 where its place says nothing. */
static int uptake_grade(const struct walk *w, size_t hit)
{
    bool says = cue_tag(w, hit, "level", NULL) || (cue_tag(w, hit, "consent", NULL) && hit_consents(w, hit));
    return says ? hit_cue(w, hit)->value[0] - '0' : 0;
}

/* Cues' word on sentence s: 1 it agrees or tells of a step, -1 it only sounds so, 0 they say nothing. */
static int uptake_said(const struct walk *w, uint32_t s)
{
    const bool away = sent_turns_away(w, s);
    int said = away ? -1 : 0;
    for (size_t h = cue_hit_in(w, s, C_P5_UPTAKE, 0); h != SIZE_MAX; h = cue_hit_in(w, s, C_P5_UPTAKE, h + 1)) {
        if (cue_tag(w, h, "veto", NULL)) return -1;
        if (uptake_grade(w, h) >= (away ? 3 : 2)) said = 1;
    }
    return said;
}

/* Is the act what sentence s sooner does? */
static bool sooner(const struct acts *a, int act)
{
    return HAS_ACT(a, act) && a->p[act] >= TAKES_P && a->p[act] > a->p[U_ANGER] && a->p[act] > a->p[U_RETRY];
}

/* Anger, or last words: "Keys are on the table." beside them is no consent, unless a cue says so or the act is sure. */
static bool objects(const struct walk *w, uint32_t u)
{
    float angry;
    sent_best(w, u, ACT(U_ANGER), &angry);
    return angry >= TAKES_P || turn_tagged(w, u, C_P5_ANGER, "level") || cue_hit(w, u, C_P5_ESCAL, 0) != SIZE_MAX;
}

bool user_takes_offer(const struct walk *w, uint32_t u)
{
    const bool against = objects(w, u), no_thanks = against || turn_tagged(w, u, C_P5_UPTAKE, "declines");
    for (uint32_t s = w->text[u].sent0; s < w->text[u].sent1; s++) {
        const struct acts *a = &w->acts[s];
        if (!sent_counts(w, s)) continue;
        int said = uptake_said(w, s);
        bool agrees = said == 0 && sooner(a, U_UPTAKE) && (!against || a->p[U_UPTAKE] >= ACT_SURE);
        if (said > 0 || agrees || (!no_thanks && sooner(a, U_THANKS))) return true;
    }
    return false;
}

bool turn_writes_out(const struct walk *w, uint32_t t)
{
    str fold = w->text[t].fold;
    return str_find(fold, STR(": \"")) != SIZE_MAX || str_find(fold, STR(": '")) != SIZE_MAX;
}

bool is_reply(const struct walk *w, uint32_t t)
{
    return w->conv->turn[t].role == ROLE_ASSISTANT && w->tcode[t].rtype != RT_EMPTY;
}

int next_reply(const struct walk *w, uint32_t t)
{
    while (++t < w->conv->n_turn)
        if (is_reply(w, t)) return (int)t;
    return -1;
}

int prev_reply(const struct walk *w, uint32_t t)
{
    while (t-- > 0)
        if (is_reply(w, t)) return (int)t;
    return -1;
}

int next_user(const struct walk *w, uint32_t t)
{
    while (++t < w->conv->n_turn)
        if (w->conv->turn[t].role == ROLE_USER && !w->tcode[t].restart) return (int)t;
    return -1;
}

bool recognised(const struct walk *w, uint32_t t)
{
    return (w->tcode[t].acts & (ACT(A_ACK) | ACT(A_RISK_Q) | ACT(A_URGE) | ACT(A_REF_CON) | ACT(A_REF_NAME) |
                                ACT(A_REF_GEN))) != 0;
}
