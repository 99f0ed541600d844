/* Assistant reply → feature keys for the reply model: what its sentences do
 * (how surely, where), and the bid that it answers; its words were
 * summed by act/. All binary: a measure becomes "at least this much" (ladder.c). */
#include "text/overlap.h"
#include "turn/turn.h"

#define REFUSING 0.15f /* likely enough to withhold something */

/* Each act of a set, and `beside` for T_PAIR. */
static void emit_set(struct feature_list *out, uint32_t set, uint32_t beside, enum reply_seed seed)
{
    unsigned shift = seed == T_PAIR ? 8 : 0;
    for (; set; set &= set - 1) feature_add(out, (uint64_t)__builtin_ctz(set) << shift | beside, seed);
}

static void reach_one(struct reply_features *out, enum ladder_id which, float x) { turn_reach(out, which, &x); }

static void emit_acts(struct reply_features *out, const struct walk *w, uint32_t t, const struct act_tops *x)
{
    uint32_t s0 = w->text[t].sent0, s1 = w->text[t].sent1;
    turn_reach(out, L_ACT_P, x->p);
    if (s1 == s0) return;
    emit_set(&out->plain, w->acts[s0].set, 0, T_FIRST_ACT);
    emit_set(&out->plain, w->acts[s1 - 1].set, 0, T_LAST_ACT);
    /* what refuses beside what else is done: the heart of partial against full */
    static const uint8_t with[] = {A_WITHHOLD, A_ROLE, A_REF_GEN};
    for (uint32_t k = 0; k < ARRAY_LEN(with); k++)
        if (x->p[with[k]] >= 0.4f) emit_set(&out->plain, x->set, k, T_PAIR);
}

/* The first word of k0..k1, the first two, … the first n. */
static void emit_opening(struct feature_list *out, const struct walk *w, uint32_t k0, uint32_t k1, uint32_t n,
                         enum reply_seed seed)
{
    uint64_t all = 1;
    for (uint32_t k = k0; k < k1 && k < k0 + n; k++) feature_add(out, all = hash_mix(all, w->tok.p[k].hash), seed);
}

/* Where the refusing sentence stands, and how much of what stands behind it. */
static void emit_refusing(struct reply_features *out, const struct walk *w, uint32_t t, const struct act_tops *x)
{
    if (x->p[A_WITHHOLD] < REFUSING) return;
    uint32_t s = x->sent[A_WITHHOLD], place = s - w->text[t].sent0, n_word = 0;
    feature_add(&out->plain, place < 3 ? place : place < 6 ? 3 : 4, T_PLACE);
    float after[3] = {0, 0, (float)(w->text[t].sent1 - s)};
    for (uint32_t k = s + 1; k < w->text[t].sent1; k++) {
        after[0] += HAS_ACT(&w->acts[k], A_HELP);
        after[1] += HAS_ACT(&w->acts[k], A_INVITE) || HAS_ACT(&w->acts[k], A_ACK);
        n_word += w->sent.p[k].n_word;
    }
    turn_reach(out, L_AFTER, after);
    reach_one(out, x->p[A_WITHHOLD] >= 0.4f ? L_WORDS_AFTER : L_WORDS_BEHIND, (float)n_word);
}

/* How much of a request comes back in its reply tells something of a short request only: out of fold nothing is lost. */
enum { SHORT_BID = 30 };

static void emit_bid(struct reply_features *out, struct walk *w, uint32_t t, const struct act_tops *x)
{
    const struct tcode *c = &w->tcode[t];
    if (c->bid_turn < 0) return;
    uint32_t b = (uint32_t)c->bid_turn;
    turn_reach(out, L_BID, act_tops_of(w, b)->p);
    if (w->text[b].n_word <= SHORT_BID) reach_one(out, L_OV, text_ov(w, b, t));
    /* "why should", "how do": never what is asked */
    emit_opening(&out->plain, w, w->text[b].tok0, w->text[b].tok1, 2, T_ASKED);
    bool refuses = x->p[A_WITHHOLD] >= 0.4f;
    bool seen = x->p[A_ACK] >= 0.4f || x->p[A_RISK_Q] >= 0.4f || x->p[A_URGE] >= 0.4f;
    feature_add(&out->plain, c->bid << 2 | (unsigned)refuses << 1 | seen, T_BID_X);
}

static void emit_context(struct reply_features *out, struct walk *w, uint32_t t, const struct act_tops *x)
{
    const struct tcode *c = &w->tcode[t];
    float contacts = 0;
    for (uint32_t i = w->contact0[t]; i < w->contact0[t + 1]; i++) contacts += !w->contact.p[i].negated;
    reach_one(out, L_SENTENCES, (float)x->n_sent);
    reach_one(out, L_WORDS, (float)w->text[t].n_word);
    turn_reach(out, L_CONTACTS, &contacts);
    emit_bid(out, w, t, x);
    reach_one(out, L_RISK, c->risk == RISK_X ? 0.5f : (float)c->risk);
    for (unsigned f = 0; f < 9; f++)
        if (c->flags >> f & 1) feature_add(&out->plain, f, T_FLAG);
}

static void emit_cues(struct feature_list *out, const struct walk *w, uint32_t t)
{
    uint32_t last = UINT32_MAX;
    for (uint32_t i = w->hit0[t]; i < w->hit0[t + 1]; i++)
        if (!w->hit.p[i].quoted && w->hit.p[i].cue != last) feature_add(out, w->pack->cue[last = w->hit.p[i].cue].key, T_CUE);
}

/* A cue counts once: that it stands there says more than how often. Keys from `from` on. */
static void keep_distinct(struct arena *a, struct feature_list *l, size_t from)
{
    uint32_t mask = 15;
    size_t n = from;
    while (mask < 2 * (l->n - from)) mask = 2 * mask + 1;
    uint32_t *seen = arena_array(a, uint32_t, mask + 1);
    for (size_t i = from; i < l->n; i++) {
        uint32_t key = l->key[i], at = key & mask;
        while (seen[at] && seen[at] != key) at = (at + 1) & mask;
        if (!seen[at]) l->key[n++] = seen[at] = key;
    }
    l->n = n;
}

uint32_t turn_features(struct reply_features *out, struct walk *w, uint32_t t)
{
    const struct act_tops *x = act_tops_of(w, t);
    emit_acts(out, w, t, x);
    emit_refusing(out, w, t, x);
    emit_context(out, w, t, x);
    size_t from = out->plain.n;
    emit_cues(&out->plain, w, t);
    keep_distinct(w->a, &out->plain, from);
    return x->p[A_WITHHOLD] < REFUSING ? UINT32_MAX : x->sent[A_WITHHOLD];
}
