/* Assistant reply → feature keys for the reply model: what its sentences do
 * (how surely, how often, where), and the bid that it answers; its words were
 * summed by act/. All binary: a measure becomes "at least this much" features. */
#include "text/overlap.h"
#include "turn/turn.h"

enum seed { T_ACT_P = 101, T_ACT_N, T_ACT_SHARE, T_FIRST_ACT, T_LAST_ACT, T_PLACE, T_AFTER, T_SIZE, T_CONTACT, T_OV, T_BID,
            T_RISK, T_FLAG, T_CUE, T_BID_X, T_PAIR, T_ASKED };

#define REFUSING 0.15f /* likely enough to withhold something */

static void emit_at_least(struct feature_list *out, enum seed seed, uint64_t what, float x, const float *steps, size_t n)
{
    for (size_t i = 0; i < n && x >= steps[i]; i++) feature_add(out, what << 8 | i, seed);
}

static const float p_steps[] = {0.1f, 0.25f, 0.4f, 0.55f, 0.7f, 0.85f, 0.95f};
static const float n_steps[] = {1, 2, 3, 5, 8, 13};
static const float share_steps[] = {0.1f, 0.25f, 0.5f, 0.75f};
#define STEPS(a) (a), ARRAY_LEN(a)

/* The likeliest acts of a turn, 0 where there are none, and how many of its sentences carry each. */
struct summary { float top[MAX_ACT]; uint32_t n[MAX_ACT]; uint32_t refusing; /* sentence */ uint32_t n_sent; };

static void tops(float top[MAX_ACT], const struct act_tops *x)
{
    for (uint32_t j = 0; j < MAX_ACT; j++) top[j] = x->p[j] > 0 ? x->p[j] : 0;
}

static void summarise(struct summary *m, const struct walk *w, uint32_t t)
{
    const struct act_tops *x = act_tops_of(w, t);
    tops(m->top, x);
    m->refusing = x->sent[A_WITHHOLD];
    m->n_sent = x->n_sent;
    memset(m->n, 0, sizeof m->n);
    for (uint32_t s = w->text[t].sent0; s < w->text[t].sent1; s++)
        for (uint32_t set = w->sent.p[s].flags & S_QUOTED ? 0 : w->acts[s].set; set; set &= set - 1) m->n[__builtin_ctz(set)]++;
}

static void emit_acts(struct feature_list *out, const struct walk *w, uint32_t t, const struct summary *m)
{
    for (uint32_t j = 0; j < N_A_ACT; j++) {
        emit_at_least(out, T_ACT_P, j, m->top[j], STEPS(p_steps));
        emit_at_least(out, T_ACT_N, j, (float)m->n[j], STEPS(n_steps));
        if (m->n_sent) emit_at_least(out, T_ACT_SHARE, j, (float)m->n[j] / (float)m->n_sent, STEPS(share_steps));
    }
    uint32_t s0 = w->text[t].sent0, s1 = w->text[t].sent1;
    if (s1 == s0) return;
    for (uint32_t j = 0; j < N_A_ACT; j++) {
        if (HAS_ACT(&w->acts[s0], j)) feature_add(out, j, T_FIRST_ACT);
        if (HAS_ACT(&w->acts[s1 - 1], j)) feature_add(out, j, T_LAST_ACT);
        /* what refuses beside what else is done: the heart of partial against full */
        for (uint32_t k = 0; k < 3; k++) {
            static const uint8_t with[] = {A_WITHHOLD, A_ROLE, A_REF_GEN};
            if (m->top[with[k]] >= 0.4f && m->n[j] >= 1) feature_add(out, j << 8 | k, T_PAIR);
        }
    }
}

/* The first word of k0..k1, the first two, … the first n. */
static void emit_opening(struct feature_list *out, const struct walk *w, uint32_t k0, uint32_t k1, uint32_t n, enum seed seed)
{
    uint64_t all = 1;
    for (uint32_t k = k0; k < k1 && k < k0 + n; k++) feature_add(out, all = hash_mix(all, w->tok.p[k].hash), seed);
}

/* Where the refusing sentence stands, and how much of what stands behind it. */
static void emit_refusing(struct feature_list *out, const struct walk *w, uint32_t t, const struct summary *m)
{
    if (m->top[A_WITHHOLD] < REFUSING) return;
    uint32_t s = m->refusing, place = s - w->text[t].sent0;
    feature_add(out, place < 3 ? place : place < 6 ? 3 : 4, T_PLACE);
    float help = 0, talk = 0;
    for (uint32_t k = s + 1; k < w->text[t].sent1; k++) {
        help += HAS_ACT(&w->acts[k], A_HELP);
        talk += HAS_ACT(&w->acts[k], A_INVITE) || HAS_ACT(&w->acts[k], A_ACK);
    }
    emit_at_least(out, T_AFTER, 1, help, STEPS(n_steps));
    emit_at_least(out, T_AFTER, 2, talk, STEPS(n_steps));
    emit_at_least(out, T_AFTER, 3, (float)(w->text[t].sent1 - s), STEPS(n_steps));
    uint32_t words = 0;
    for (uint32_t k = s + 1; k < w->text[t].sent1; k++) words += w->sent.p[k].n_word;
    static const float word_steps[] = {1, 15, 30, 50, 80, 120, 170};
    emit_at_least(out, T_AFTER, m->top[A_WITHHOLD] >= 0.4f ? 4 : 5, (float)words, STEPS(word_steps));
}

static void emit_context(struct feature_list *out, struct walk *w, uint32_t t, const struct summary *m)
{
    static const float sizes[] = {1, 2, 3, 4, 6, 9, 14, 20}, words[] = {8, 15, 25, 40, 70, 120, 200};
    static const float ovs[] = {0.05f, 0.15f, 0.3f, 0.5f};
    emit_at_least(out, T_SIZE, 1, (float)m->n_sent, STEPS(sizes));
    emit_at_least(out, T_SIZE, 2, (float)w->text[t].n_word, STEPS(words));
    float contacts = 0;
    for (uint32_t i = w->contact0[t]; i < w->contact0[t + 1]; i++) contacts += !w->contact.p[i].negated;
    emit_at_least(out, T_CONTACT, 1, contacts, STEPS(n_steps));
    const struct tcode *c = &w->tcode[t];
    if (c->bid_turn >= 0) {
        uint32_t b = (uint32_t)c->bid_turn;
        float top[MAX_ACT];
        tops(top, act_tops_of(w, b));
        for (uint32_t j = 0; j < N_U_ACT; j++) emit_at_least(out, T_BID, j, top[j], STEPS(p_steps));
        emit_at_least(out, T_OV, 1, text_ov(w, b, t), STEPS(ovs));
        emit_opening(out, w, w->text[b].tok0, w->text[b].tok1, 2, T_ASKED); /* "why should", "how do": never what is asked */
        bool refuses = m->top[A_WITHHOLD] >= 0.4f, seen = m->top[A_ACK] >= 0.4f || m->top[A_RISK_Q] >= 0.4f || m->top[A_URGE] >= 0.4f;
        feature_add(out, c->bid << 2 | (unsigned)refuses << 1 | seen, T_BID_X);
    }
    float risk = c->risk == RISK_X ? 0.5f : (float)c->risk;
    static const float levels[] = {0.5f, 1, 2, 3, 4, 5};
    emit_at_least(out, T_RISK, 1, risk, STEPS(levels));
    for (unsigned f = 0; f < 9; f++)
        if (c->flags >> f & 1) feature_add(out, f, T_FLAG);
}

static void emit_cues(struct feature_list *out, const struct walk *w, uint32_t t)
{
    uint32_t last = UINT32_MAX;
    for (uint32_t i = w->hit0[t]; i < w->hit0[t + 1]; i++)
        if (!w->hit.p[i].quoted && w->hit.p[i].cue != last) feature_add(out, w->pack->cue[last = w->hit.p[i].cue].key, T_CUE);
}

/* A cue counts once: that it stands there says more than how often. Keys from `from` on. */
static void keep_distinct(struct feature_list *l, size_t from)
{
    uint32_t seen[4 * FEATURES_MAX], mask = 15;
    size_t n = from;
    while (mask < 2 * (l->n - from)) mask = 2 * mask + 1;
    memset(seen, 0, (mask + 1) * sizeof *seen);
    for (size_t i = from; i < l->n; i++) {
        uint32_t key = l->key[i], at = key & mask;
        while (seen[at] && seen[at] != key) at = (at + 1) & mask;
        if (!seen[at]) l->key[n++] = seen[at] = key;
    }
    l->n = n;
}

uint32_t turn_features(struct feature_list *out, struct walk *w, uint32_t t)
{
    struct summary m;
    summarise(&m, w, t);
    emit_acts(out, w, t, &m);
    emit_refusing(out, w, t, &m);
    emit_context(out, w, t, &m);
    size_t from = out->n;
    emit_cues(out, w, t);
    keep_distinct(out, from);
    return m.top[A_WITHHOLD] < REFUSING ? UINT32_MAX : m.refusing;
}
