/* The study: sentences → dialogue acts, risk evidence and flags.
 *
 * A sparse linear model scores every sentence; a cue marked `rule` sets its
 * act by itself, because there the wording is the definition. */
#include "act/act.h"

enum { FEATURES_MAX = 3 * 1100 + 256 }; /* a sentence has at most 2,000 bytes, so 1,000 tokens */

static const uint16_t flag_bits[9] = {FL_B, FL_N, FL_H, FL_V, FL_P, FL_F, FL_I, FL_C, FL_D};

static void decide_risk(struct acts *out, const struct act_model *m, const float *p)
{
    for (int i = 0; i < 9; i++)
        if (p[UX_FLAG0 + i] >= m->threshold[UX_FLAG0 + i]) out->flags |= flag_bits[i];
    int level = 0;
    for (int r = UX_RISK1; r <= UX_RISK5; r++)
        if (p[r] >= m->threshold[r]) level = r - UX_RISK1 + 1;
    /* Someone else's, past, fictional, idiomatic or clinical words are no evidence (architecture: flags). */
    if (out->flags & (FL_V | FL_P | FL_F | FL_I | FL_C)) level = 0;
    out->risk = (int8_t)level;
    out->risk_pct = (uint8_t)(100 * p[level ? UX_RISK1 + level - 1 : UX_RISK1]);
    if (level == 0 && p[UX_RISK_X] >= m->threshold[UX_RISK_X] && !(out->flags & (FL_V | FL_P | FL_F | FL_I | FL_C))) {
        out->risk = RISK_X;
        out->risk_pct = (uint8_t)(100 * p[UX_RISK_X]);
    }
    if (level > 0) out->set |= 1u << U_RISK;
}

static void apply_rules(struct acts *out, const struct walk *w, const struct sentence_view *v)
{
    for (uint32_t i = w->hit0[v->turn]; i < w->hit0[v->turn + 1]; i++) {
        const struct hit *h = &w->hit.p[i];
        if (h->begin >= v->end) break;
        if (h->begin < v->begin || h->quoted) continue;
        const struct cue *c = &w->pack->cue[h->cue];
        if (!c->rule || c->act < 0) continue;
        out->set |= 1u << c->act;
        if (out->p[c->act] < 0.9f) out->p[c->act] = 0.9f;
    }
}

void act_decide(struct acts *out, const struct act_model *m, const float *p, const struct walk *w,
                const struct sentence_view *v, bool user)
{
    uint32_t n = user ? N_U_ACT : N_A_ACT;
    memset(out, 0, sizeof *out);
    for (uint32_t j = 0; j < n; j++) {
        out->p[j] = p[j];
        if (p[j] >= m->threshold[j]) out->set |= 1u << j;
    }
    if (user) decide_risk(out, m, p);
    apply_rules(out, w, v);
    if (out->set) return;
    uint32_t best = 0; /* every sentence does something: its likeliest act, if that is not nothing */
    for (uint32_t j = 1; j < n; j++)
        if (p[j] / m->threshold[j] > p[best] / m->threshold[best]) best = j;
    if (p[best] >= 0.6f * m->threshold[best]) out->set = 1u << best;
}

void act_code(struct walk *w)
{
    w->acts = arena_array(w->a, struct acts, w->sent.n + 1);
    struct feature_list f = {.key = arena_raw(w->a, FEATURES_MAX * sizeof *f.key), .cap = FEATURES_MAX};
    float p[MAX_OUT];
    for (uint32_t s = 0; s < w->sent.n; s++) {
        enum role role = w->conv->turn[w->sent.p[s].turn].role;
        bool user = role == ROLE_USER;
        const struct act_model *m = user ? w->pack->user : w->pack->assistant;
        struct sentence_view v = act_view(w, s);
        if ((role != ROLE_USER && role != ROLE_ASSISTANT && role != ROLE_SYSTEM) || !m) continue;
        act_score(p, m, &f, w, &v);
        act_decide(&w->acts[s], m, p, w, &v, user);
    }
}
