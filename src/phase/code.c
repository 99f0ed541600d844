/* What the five rooms of phase/ share. Codes and spans are the arena's. */
#include "phase/code.h"

void code_null(struct code *c, enum null_reason why)
{
    *c = (struct code){.state = CODE_NULL, .null_reason = (uint8_t)why, .lag = -1};
}

void code_value(struct code *c, int value, enum method m, float conf, const char *why)
{
    *c = (struct code){.state = CODE_SET, .method = (uint8_t)m, .value = (int16_t)value, .conf = conf, .why = why,
                       .lag = -1};
}

void code_zero(struct code *c, enum method m, float conf, uint32_t s0, uint32_t s1)
{
    code_value(c, 0, m, conf, NULL);
    c->searched = true;
    c->s0 = s0;
    c->s1 = s1;
}

void code_category(const struct walk *w, struct code *c, enum construct k, int i, enum method m, float conf)
{
    code_value(c, i, m, conf, NULL);
    if (w->pack && (size_t)i < w->pack->construct[k].n_category) c->category = w->pack->construct[k].category[i].name;
}

void code_span(struct walk *w, struct code *c, uint32_t turn, uint32_t begin, uint32_t end)
{
    for (uint16_t i = 0; i < c->n_span; i++)
        if (c->span[i].turn == turn && c->span[i].begin == begin && c->span[i].end == end) return;
    if (c->n_span >= 32) return; /* enough to be shown; a scale is not read off their number */
    if ((c->n_span & (c->n_span - 1)) == 0) { /* 0, 1, 2, 4 …: room doubles */
        struct span *more = arena_array(w->a, struct span, c->n_span ? c->n_span * 2 : 1);
        if (c->n_span) memcpy(more, c->span, c->n_span * sizeof *more);
        c->span = more;
    }
    c->span[c->n_span++] = (struct span){turn, begin, end};
    c->searched = false;
}

void code_span_sent(struct walk *w, struct code *c, uint32_t s)
{
    const struct sent *z = &w->sent.p[s];
    code_span(w, c, z->turn, z->begin, z->end);
}

void code_span_turn(struct walk *w, struct code *c, uint32_t t)
{
    const struct text *x = &w->text[t];
    if (x->sent1 > x->sent0) code_span_sent(w, c, x->sent0);
    else if (x->fold.n) code_span(w, c, t, 0, (uint32_t)x->fold.n);
}

bool sent_counts(const struct walk *w, uint32_t s) { return !(w->sent.p[s].flags & S_QUOTED); }

uint32_t sent_with(const struct walk *w, uint32_t t, uint32_t mask, uint32_t from)
{
    const struct text *x = &w->text[t];
    for (uint32_t s = from > x->sent0 ? from : x->sent0; s < x->sent1; s++)
        if ((w->acts[s].set & mask) && sent_counts(w, s)) return s;
    return NO_SENT;
}

uint32_t sent_best(const struct walk *w, uint32_t t, uint32_t mask, float *p)
{
    uint32_t best = NO_SENT;
    float top = -1;
    for (uint32_t s = w->text[t].sent0; s < w->text[t].sent1; s++) {
        if (!sent_counts(w, s)) continue;
        for (uint32_t m = mask; m; m &= m - 1) {
            float q = w->acts[s].p[__builtin_ctz(m)];
            if (q > top) top = q, best = s;
        }
    }
    if (p) *p = top < 0 ? 0 : top;
    return best;
}

uint32_t sent_count(const struct walk *w, uint32_t t, uint32_t mask)
{
    uint32_t n = 0;
    for (uint32_t s = w->text[t].sent0; s < w->text[t].sent1; s++) n += (w->acts[s].set & mask) && sent_counts(w, s);
    return n;
}

const struct cue *hit_cue(const struct walk *w, size_t hit) { return &w->pack->cue[w->hit.p[hit].cue]; }

size_t cue_hit(const struct walk *w, uint32_t t, enum construct k, size_t from)
{
    if (!w->pack || !w->hit.n) return SIZE_MAX;
    for (size_t i = from > w->hit0[t] ? from : w->hit0[t]; i < w->hit0[t + 1]; i++)
        if (hit_cue(w, i)->construct == (int)k && sent_counts(w, w->hit.p[i].sent)) return i;
    return SIZE_MAX;
}

bool cue_tag(const struct walk *w, size_t hit, const char *tag, const char *value)
{
    const struct cue *c = hit_cue(w, hit);
    return c->tag && strcmp(c->tag, tag) == 0 && (!value || (c->value && strcmp(c->value, value) == 0));
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
