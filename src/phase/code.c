/* What the five rooms of phase/ share. Codes and spans are the arena's. */
#include "phase/code.h"

#include "phase/reads.h"

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

void code_category_name(const struct walk *w, struct code *c, enum construct k)
{
    if (w->pack && (size_t)c->value < w->pack->construct[k].n_category)
        c->category = w->pack->construct[k].category[c->value].name;
}

void code_category(const struct walk *w, struct code *c, enum construct k, int i, enum method m, float conf)
{
    code_value(c, i, m, conf, NULL);
    code_category_name(w, c, k);
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

uint32_t ack_sent(const struct walk *w, uint32_t t)
{
    uint32_t s = sent_with(w, t, ACT(A_ACK), 0);
    if (s != NO_SENT || code_of_reply(w, t, C_P3_ACK)->value < 2) return s;
    float p;
    s = sent_best(w, t, ACT(A_ACK), &p);
    return p >= .1f ? s : NO_SENT;
}

/* Next hit for construct k with that tag (NULL: any, where its sentence has no veto) in sentences s0..s1 of turn t, at
 * or after `from`. */
static size_t tagged_hit(const struct walk *w, uint32_t t, enum construct k, const char *tag, uint32_t s0, uint32_t s1,
                         size_t from)
{
    bool one = s0 == s1;
    for (size_t i = one ? cue_hit_in(w, s0, k, from) : cue_hit(w, t, k, from); i != SIZE_MAX;
         i = one ? cue_hit_in(w, s0, k, i + 1) : cue_hit(w, t, k, i + 1)) {
        uint32_t s = w->hit.p[i].sent;
        if (s < s0 || s > s1 || (tag ? !str_same(hit_cue(w, i)->tag, tag) : cue_vetoed(w, k, s))) continue;
        if (!cue_tagged(w, k, s, "unsaid")) return i;
    }
    return SIZE_MAX;
}

unsigned cue_values(const struct walk *w, uint32_t t, enum construct k, const char *tag, const char *const *value,
                    size_t n, uint32_t s0, uint32_t s1)
{
    unsigned bits = 0;
    if (!turn_cued(w, t, k)) return 0;
    for (size_t i = tagged_hit(w, t, k, tag, s0, s1, 0); i != SIZE_MAX; i = tagged_hit(w, t, k, tag, s0, s1, i + 1))
        for (size_t v = 0; v < n; v++)
            if (str_same(hit_cue(w, i)->value, value[v])) bits |= 1u << v;
    return bits;
}

void code_span_cues(struct walk *w, struct code *c, uint32_t t, enum construct k, const char *tag, uint32_t s0,
                    uint32_t s1)
{
    if (!turn_cued(w, t, k)) return;
    for (size_t i = tagged_hit(w, t, k, tag, s0, s1, 0); i != SIZE_MAX; i = tagged_hit(w, t, k, tag, s0, s1, i + 1))
        code_span(w, c, t, w->hit.p[i].begin, w->hit.p[i].end);
}

/* ---- episodes ---- */

static struct code highest(const struct walk *w, const struct episode *e, enum construct k)
{
    struct code out = *code_of_reply(w, e->anchor, k);
    for (size_t i = 1; i < e->n_refusal; i++) {
        const struct code *c = w->turn_codes[e->refusal[i]] ? code_of_reply(w, e->refusal[i], k) : NULL;
        if (!c || c->state != CODE_SET) continue;
        if (out.state != CODE_SET || c->value > out.value || (c->value == out.value && c->severity > out.severity))
            out = *c;
    }
    if (out.state == CODE_SET && out.searched) { /* nothing in any of them */
        out.s0 = e->anchor;
        out.s1 = e->refusal[e->n_refusal - 1];
    }
    return out;
}

static struct code support_first(struct walk *w, const struct episode *e, enum construct k)
{
    struct code out = *code_of_reply(w, e->anchor, k);
    int top = -1;
    for (size_t i = 1; i < e->n_refusal; i++) {
        const struct code *c = w->turn_codes[e->refusal[i]] ? code_of_reply(w, e->refusal[i], k) : NULL;
        if (c && c->state == CODE_SET && c->value > top) top = c->value;
    }
    if (out.state == CODE_SET && top > out.value)
        out.why = arena_printf(w->a, "%s%sat the first refusal; at most %d later", out.why ? out.why : "",
                               out.why ? "; " : "", top);
    return out;
}

void codes_over_episodes(struct walk *w, enum construct first, enum construct last)
{
    if (!w->ep_codes && w->episode.n) w->ep_codes = arena_array(w->a, struct codes, w->episode.n);
    for (size_t e = 0; e < w->episode.n; e++) {
        const struct episode *x = &w->episode.p[e];
        if (!x->n_refusal || !w->turn_codes[x->anchor]) continue;
        for (int k = first; k <= (int)last; k++) {
            enum polarity pol = w->pack ? w->pack->construct[k].polarity : POL_DESCRIPTIVE;
            struct code *c = &w->ep_codes[e].c[k];
            /* a need that arises at a later refusal is the episode's: the referral was due by then */
            if (pol == POL_NEGATIVE || k == C_P4_NEED) *c = highest(w, x, (enum construct)k);
            else if (pol == POL_POSITIVE) *c = support_first(w, x, (enum construct)k);
            else *c = *code_of_reply(w, x->anchor, (enum construct)k);
        }
    }
}
