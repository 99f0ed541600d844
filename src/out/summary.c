/* Counting: walks → struct summary. The page is in summary_print.c. */
#include "out/summary.h"

#include <math.h>
#include <stdio.h>

#include "score/rank.h"

static void count_turns(struct summary *s, const struct walk *w)
{
    for (size_t t = 0; t < w->conv->n_turn; t++) {
        const struct turn *x = &w->conv->turn[t];
        const struct tcode *c = &w->tcode[t];
        s->turns++;
        if (x->role != ROLE_ASSISTANT) continue;
        s->replies++;
        s->empty += c->rtype == RT_EMPTY;
        bool hard = rtype_hard(c->rtype) > 0;
        if (c->risk != 0) {
            s->replies_at_risk++;
            s->replies_at_risk_refused += hard;
        }
    }
}

static void count_episode(struct summary *s, const struct episode *e, const struct profile *x)
{
    s->episodes++;
    s->again += e->n_refusal > 1;
    s->rtype_quadrant[x->rtype][x->quadrant]++;
    for (int bit = 0; bit < 12; bit++) s->next[bit] += x->next >> bit & 1;
    for (int p = 0; p < 5; p++) {
        s->scored[p] += !x->phase[p].na;
        for (int h = 0; h < N_SH && !x->phase[p].na; h++) s->score[p][h] += (uint64_t)(fmaxf(0, x->phase[p].s[h]) * 10 + .5f);
    }
}

/* As the metrics have it: a user turn behind the first refusal. */
static bool person_wrote_again(const struct walk *w, const struct episode *e)
{
    for (size_t t = e->anchor + 1; t < w->conv->n_turn; t++)
        if (w->conv->turn[t].role == ROLE_USER) return true;
    return false;
}

static uint64_t rank_of(const struct walk *w, struct summary_look *l)
{
    struct rank r = RANK_NONE;
    bool best_critical = false;
    l->turn = -1;
    for (size_t i = 0; i < w->gate.n; i++) {
        const struct gate *g = &w->gate.p[i];
        rank_gate(&r, g->id, g->status);
        if (l->turn < 0 || (gate_kinds[g->id].critical && !best_critical))
            l->turn = g->turn, best_critical = gate_kinds[g->id].critical;
    }
    for (size_t i = 0; i < w->episode.n; i++) {
        const struct profile *x = &w->profile[i];
        rank_decision(&r, x->decision);
        if (x->quadrant > l->quadrant) l->quadrant = x->quadrant;
        for (int p = 0; p < 5; p++)
            for (int h = 0; h < N_SH && !x->phase[p].na; h++) rank_score(&r, p + 1, x->phase[p].s[h]);
    }
    l->gates = (uint16_t)(r.gates[GATE_CONFIRMED] | r.gates[GATE_SUSPECTED]);
    l->suspected = (uint16_t)(r.gates[GATE_SUSPECTED] & ~r.gates[GATE_CONFIRMED]);
    return rank_value(&r);
}

static bool worse(const struct summary_look *a, const struct summary_look *b)
{
    return a->rank != b->rank ? a->rank > b->rank : a->order < b->order;
}

static void keep_look(struct summary *s, const struct summary_look *l)
{
    size_t i = s->n_look;
    if (i == SUMMARY_LOOK) {
        if (!worse(l, &s->look[i - 1])) return;
        i--;
    } else {
        s->n_look++;
    }
    for (; i > 0 && worse(l, &s->look[i - 1]); i--) s->look[i] = s->look[i - 1];
    s->look[i] = *l;
}

static void look(struct summary *s, const struct walk *w, uint64_t order)
{
    struct summary_look l = {.order = order, .record = w->conv->record};
    l.rank = rank_of(w, &l);
    if (!l.gates && l.quadrant < Q_RIGHT_CALL_HARMFUL_DELIVERY) return;
    if (s->n_look == SUMMARY_LOOK && !worse(&l, &s->look[SUMMARY_LOOK - 1])) return;
    snprintf(l.id, sizeof l.id, "%.*s", STR_ARG(w->conv->id));
    snprintf(l.path, sizeof l.path, "%.*s", STR_ARG(w->conv->path));
    l.cut = w->conv->id.n >= sizeof l.id || w->conv->path.n >= sizeof l.path;
    keep_look(s, &l);
}

void summary_add(struct summary *s, const struct walk *w, uint64_t order)
{
    s->conversations++;
    count_turns(s, w);
    summary_referrals_add(s, w);
    s->with_episode += w->episode.n > 0;
    for (size_t i = 0; i < w->conv->warnings.n; i++) s->not_english += !strcmp(w->conv->warnings.p[i].code, "not_english");
    for (size_t i = 0; i < w->episode.n; i++) {
        count_episode(s, &w->episode.p[i], &w->profile[i]);
        s->followed += person_wrote_again(w, &w->episode.p[i]);
    }
    unsigned seen = 0;
    for (size_t i = 0; i < w->gate.n; i++) {
        const struct gate *g = &w->gate.p[i];
        s->gate[g->id][g->status]++;
        if (!(seen >> g->id & 1)) s->gate_conv[g->id]++;
        seen |= 1u << g->id;
    }
    s->with_gate += seen != 0;
    s->with_critical += (seen & GATES_CRITICAL) != 0;
    look(s, w, order);
}

/* Every field before `look` is a count, or merged in summary_referral.c. */
void summary_merge(struct summary *into, const struct summary *from)
{
    into->conversations += from->conversations;
    into->turns += from->turns;
    into->replies += from->replies;
    into->empty += from->empty;
    into->with_episode += from->with_episode;
    into->with_gate += from->with_gate;
    into->with_critical += from->with_critical;
    into->episodes += from->episodes;
    into->again += from->again;
    into->followed += from->followed;
    into->contact_stale += from->contact_stale;
    into->contact_dont += from->contact_dont;
    into->replies_at_risk += from->replies_at_risk;
    into->not_english += from->not_english;
    into->replies_at_risk_refused += from->replies_at_risk_refused;
#define ADD_ALL(type, field)                                                                                           \
    for (size_t k = 0; k < sizeof into->field / sizeof(type); k++)                                                     \
    ((type *)into->field)[k] += ((const type *)from->field)[k]
    ADD_ALL(uint64_t, rtype_quadrant);
    ADD_ALL(uint64_t, score);
    ADD_ALL(uint64_t, scored);
    ADD_ALL(uint64_t, gate);
    ADD_ALL(uint64_t, gate_conv);
    ADD_ALL(uint64_t, contact);
    ADD_ALL(uint64_t, next);
#undef ADD_ALL
    summary_referrals_merge(&into->referrals, &from->referrals);
    for (size_t i = 0; i < from->n_look; i++) keep_look(into, &from->look[i]);
}
