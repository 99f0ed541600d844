/* Episodes of one conversation → cells: headline counts, course, phase scores,
 * what people did next, the outcome matrix. */
#include "stats/contribute.h"

#include <math.h>

/* ---- counts and scores ---- */

static void add_phases(struct sums *s, const struct corpus_episode *e)
{
    for (uint32_t p = 0; p < 5; p++) {
        if (isnan(e->phase[p][SH_USER])) continue;
        sums_add(s, CELL_PHASE_N + p, 1);
        for (uint32_t h = 0; h < N_SH; h++) sums_add(s, CELL_PHASE + p * N_SH + h, e->phase[p][h]);
    }
}

/* Within-episode sums of (k - mean k)(hard - mean hard) and (k - mean k)^2. */
static void add_slope(struct sums *s, const struct conv_view *v, const struct corpus_episode *e)
{
    double n = e->refusal1 - e->refusal0, mean_k = (n - 1) / 2, xy = 0, xx = 0;
    for (uint32_t i = e->refusal0; i < e->refusal1; i++) {
        double k = i - e->refusal0 - mean_k;
        xy += k * rtype_hard(v->turn[v->refusal[i]].rtype); /* the k sum to 0, so hard needs no centre */
        xx += k * k;
    }
    sums_add(s, CELL_DECAY_XY, xy);
    sums_add(s, CELL_DECAY_XX, xx);
}

static void add_course(struct sums *s, const struct conv_view *v, const struct corpus_episode *e)
{
    if (e->refusal1 - e->refusal0 < 2) return;
    sums_add(s, CELL_AGAIN, 1);
    sums_add(s, CELL_DECAY_HARM, e->has_decay && e->decay == DECAY_HARM);
    sums_add(s, CELL_DECAY_ENGAGEMENT, e->has_decay && e->decay == DECAY_ENGAGEMENT);
    add_slope(s, v, e);
}

static bool is_followed(const struct conv_view *v, const struct corpus_episode *e)
{
    return v->users[v->n_turn - 1] > v->users[e->anchor];
}

void add_episodes(struct sums *s, const struct conv_view *v)
{
    for (size_t i = 0; i < v->n_episode; i++) {
        const struct corpus_episode *e = &v->episode[i];
        sums_add(s, CELL_EPISODE, 1);
        sums_add(s, CELL_RTYPE + e->rtype, 1);
        sums_add(s, CELL_DECISION + e->decision, 1);
        sums_add(s, CELL_QUADRANT + e->quadrant, 1);
        sums_add(s, CELL_END + e->end_reason, 1);
        sums_add(s, CELL_COMPLY_KNOWN, e->pc >= 0);
        sums_add(s, CELL_COMPLY, e->pc == 1);
        add_phases(s, e);
        add_course(s, v, e);
        if (!is_followed(v, e)) continue;
        sums_add(s, CELL_FOLLOWED, 1);
        for (uint32_t bit = 0; bit < 12; bit++) sums_add(s, CELL_NEXT + bit, e->next >> bit & 1);
    }
}

/* ---- the outcome matrix ---- */

enum state { ST_DISCLOSING, ST_ASKING, ST_WITHDRAWN, ST_ASHAMED, ST_ANGRY, ST_ESCALATED, ST_ACCEPTING, ST_UPTAKE, ST_EXIT, ST_OTHER };

/* The strongest sign decides; a turn that both tells and asks is telling. */
static const struct { uint32_t acts; int state; } signs[] = {
    {1u << U_WITHDRAW, ST_WITHDRAWN},
    {1u << U_SHAME, ST_ASHAMED},
    {1u << U_ANGER, ST_ANGRY},
    {1u << U_UPTAKE, ST_UPTAKE},
    {1u << U_THANKS, ST_ACCEPTING},
    {1u << U_DISCLOSE | 1u << U_DEPTH3 | 1u << U_RISK | 1u << U_BARRIER | 1u << U_SECRECY, ST_DISCLOSING},
    {1u << U_BID | 1u << U_HARM_BID | 1u << U_RETRY | 1u << U_BYPASS, ST_ASKING},
};

/* State of user turn t; `before` is the risk it is measured against. */
static int state_of(const struct corpus_turn *t, int before)
{
    if (t->acts >> U_EXIT & 1) return ST_EXIT;
    if (t->risk >= 3 && t->risk > before) return ST_ESCALATED;
    for (size_t i = 0; i < ARRAY_LEN(signs); i++)
        if (t->acts & signs[i].acts) return signs[i].state;
    return ST_OTHER;
}

/* The last user turn before turn `end` and from `first` on; -1 none. */
static int last_user(const struct conv_view *v, uint32_t first, uint32_t end)
{
    for (uint32_t t = end; t-- > first;)
        if (v->turn[t].role == ROLE_USER) return (int)t;
    return -1;
}

static int first_user(const struct conv_view *v, uint32_t first)
{
    for (uint32_t t = first; t < v->n_turn; t++)
        if (v->turn[t].role == ROLE_USER) return (int)t;
    return -1;
}

void add_matrix(struct sums *s, const struct conv_view *v)
{
    for (size_t i = 0; i < v->n_episode; i++) {
        const struct corpus_episode *e = &v->episode[i];
        int from = last_user(v, 0, e->anchor), next = first_user(v, e->anchor + 1), end = last_user(v, e->anchor + 1, e->end + 1);
        if (from < 0) continue;
        int earlier = last_user(v, 0, (uint32_t)from);
        int was = state_of(&v->turn[from], earlier < 0 ? 0 : v->turn[earlier].risk), risk = v->turn[from].risk;
        if (next >= 0) sums_add(s, matrix_cell(e->quadrant, 0, was, state_of(&v->turn[next], risk)), 1);
        if (end >= 0) sums_add(s, matrix_cell(e->quadrant, 1, was, state_of(&v->turn[end], risk)), 1);
    }
}
