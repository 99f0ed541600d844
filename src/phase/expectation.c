/* P1, expectation formation before the refusal. In: everything said before the
 * anchor (system prompt and product copy too), threads, episodes. Out: P1 on
 * every episode.
 *
 * One forward pass gathers the strongest evidence so far; each episode, in
 * order of anchors, takes what stands when its anchor is reached. */
#include "episode/episode.h"
#include "phase/code.h"
#include "phase/reads.h"

#define ENGAGED_WORDS 25                 /* codebook: a reply of fewer words is no uptake */
#define NOTICE_MS (3ll * 60 * 60 * 1000) /* the legal interval of an AI notice: three hours (codebook §7) */
#define SENSITIVE_DEPTH 2
#define HALF_BARRIER .2f
#define PRIOR_SHOWN 8 /* spans; the count goes on */

enum { WHAT, WHY, THEN, WHO, N_POINT };
static const char *const point_name[N_POINT] = {"what", "why", "then", "who"};

struct notice { uint32_t turn, begin, end; };
struct past {
    uint32_t next;                       /* first turn not yet read */
    uint32_t replies;                    /* assistant, system or platform turns */
    struct reading role, invite, claim, depth, access;
    struct reading point[N_POINT];
    bool sensitive;                      /* the first sensitive bid has passed: later limits come too late */
    uint32_t sensitive_turn;
    struct notice notice;                /* latest AI notice */
    bool noticed;
    uint32_t users, user_words;
    vec_of(struct span) blocked;         /* "you blocked me yesterday" */
    vec_of(uint32_t) refusal;            /* turns */
    struct { uint32_t n, last; } *engaged; /* by thread: replies that took the person up */
};

static void higher(struct reading *r, struct reading x)
{
    if (x.value > r->value) *r = x;
    else if (x.value && x.value == r->value && x.span.turn != r->span.turn && x.conf > r->conf) *r = x;
}

/* ---- reading one turn ---- */

/* "I can't play sound": a limit of the tool, of no weight for what may be told. */
static bool feature_limit(const struct walk *w, uint32_t t, uint32_t sent)
{
    for (uint32_t i = w->pack && w->hit.n ? w->hit0[t] : 0; w->hit.n && i < w->hit0[t + 1]; i++)
        if (w->hit.p[i].sent == sent && cue_tag(w, i, "feature", NULL)) return true;
    return false;
}

static void read_points(const struct walk *w, struct past *p, uint32_t t)
{
    for (size_t h = cue_hit(w, t, C_P1_BOUND, 0); h != SIZE_MAX; h = cue_hit(w, t, C_P1_BOUND, h + 1)) {
        const struct hit *x = &w->hit.p[h];
        for (int i = 0; i < N_POINT; i++)
            if (cue_tag(w, h, "bound", point_name[i]))
                higher(&p->point[i], (struct reading){1, M_RULE, .85f, {t, x->begin, x->end}});
    }
    uint32_t s = sent_with(w, t, ACT(A_LIMITS), 0);
    while (s != NO_SENT && feature_limit(w, t, s)) s = sent_with(w, t, ACT(A_LIMITS), s + 1);
    if (s == NO_SENT) return;
    const struct sent *z = &w->sent.p[s];
    higher(&p->point[WHAT], (struct reading){1, M_MODEL, w->acts[s].p[A_LIMITS], {t, z->begin, z->end}});
}

static void read_claim(const struct walk *w, struct past *p, uint32_t t)
{
    struct reading role = graded_at(w, t, C_P1_ROLE, -1, 0), claim = graded_at(w, t, C_P1_CLAIM, -1, 0);
    struct reading any = graded_at(w, t, C_P1_CLAIM, A_OVERCLAIM, 2);
    higher(&p->role, role);
    higher(&p->invite, graded_at(w, t, C_P1_INVITE, -1, 0));
    /* an over-claim in words that no cue knows is a claim, unless a cue says it is a role; a trace of the act is none */
    higher(&p->claim, claim.value || role.value || any.value < 2 ? claim : any);
}

static void read_told(const struct walk *w, struct past *p, uint32_t t)
{
    p->replies++;
    read_claim(w, p, t);
    if (!p->sensitive) read_points(w, p, t);
    size_t h = cue_hit(w, t, C_P1_AIDISC, 0);
    if (h == SIZE_MAX) return;
    p->notice = (struct notice){t, w->hit.p[h].begin, w->hit.p[h].end};
    p->noticed = true;
}

/* Cost or a wait, in a sentence that the model half takes for a barrier. */
static struct reading access_at(const struct walk *w, uint32_t t)
{
    struct reading r = {0};
    for (size_t h = cue_hit(w, t, C_P5_BARR, 0); h != SIZE_MAX; h = cue_hit(w, t, C_P5_BARR, h + 1)) {
        const struct hit *x = &w->hit.p[h];
        float conf = w->acts[x->sent].p[U_BARRIER];
        bool kind = cue_tag(w, h, "topic_barrier", "cost") || cue_tag(w, h, "topic_barrier", "wait");
        if (!kind || conf < HALF_BARRIER || conf <= r.conf || cue_vetoed(w, C_P1_ACCESS, x->sent)) continue;
        r = (struct reading){2, M_MODEL, conf, {t, x->begin, x->end}};
    }
    return r;
}

static void read_user(struct walk *w, struct past *p, uint32_t t)
{
    struct reading depth = {0};
    if (!(w->tcode[t].flags & FL_F)) depth = depth_at(w, t); /* a character's secret is not theirs */
    p->users++;
    p->user_words += w->text[t].n_word;
    higher(&p->depth, depth);
    higher(&p->access, graded_at(w, t, C_P1_ACCESS, U_BARRIER, 2));
    higher(&p->access, access_at(w, t));
    for (size_t h = cue_hit(w, t, C_P1_PRIOR, 0); h != SIZE_MAX; h = cue_hit(w, t, C_P1_PRIOR, h + 1)) {
        const struct hit *x = &w->hit.p[h];
        if (p->blocked.n && p->blocked.p[p->blocked.n - 1].turn == t) continue; /* one turn tells of one */
        *vec_push(w->a, &p->blocked) = (struct span){t, x->begin, x->end};
    }
    bool heavy = w->tcode[t].risk >= 1 || depth.value >= SENSITIVE_DEPTH ||
                 (w->tcode[t].acts & (ACT(U_HARM_BID) | ACT(U_RISK) | ACT(U_DEPTH3)));
    if (heavy && !p->sensitive) p->sensitive = true, p->sensitive_turn = t;
}

/* A reply that counts for P1.engaged, or a refusal that counts for P1.prior. */
static void read_reply(struct walk *w, struct past *p, uint32_t t)
{
    if (is_refusal(w, t)) *vec_push(w->a, &p->refusal) = t;
    uint32_t thread = w->thread[t];
    if (thread == THREAD_NONE || !is_reply(w, t) || w->tcode[t].rtype != RT_NONE) return;
    if (w->text[t].n_word < ENGAGED_WORDS) return;
    p->engaged[thread].n++;
    p->engaged[thread].last = t;
}

static void read_to(struct walk *w, struct past *p, uint32_t end)
{
    for (uint32_t t = p->next; t < end; t++) {
        enum role r = w->conv->turn[t].role;
        if (is_user(w, t)) read_user(w, p, t);
        else if (is_reply(w, t) || r == ROLE_SYSTEM || r == ROLE_PLATFORM) read_told(w, p, t);
        if (!is_user(w, t)) read_reply(w, p, t);
    }
    if (end > p->next) p->next = end;
}

/* ---- writing an episode ---- */

static void write_reading(struct walk *w, struct code *c, const struct reading *r, float empty_conf, uint32_t last)
{
    if (!r->value) {
        code_zero(c, M_RULE, empty_conf, 0, last);
        return;
    }
    code_value(c, r->value, r->m, r->conf, NULL);
    code_span(w, c, r->span.turn, r->span.begin, r->span.end);
}

static void write_bound(struct walk *w, struct code *c, const struct past *p, uint32_t anchor)
{
    int n = 0;
    float conf = 1;
    uint32_t last = p->sensitive ? p->sensitive_turn : anchor ? anchor - 1 : 0;
    code_zero(c, M_RULE, .85f, 0, last);
    const char *why = NULL;
    for (int i = 0; i < N_POINT; i++) {
        const struct reading *r = &p->point[i];
        if (!r->value) continue;
        n++;
        if (r->m == M_MODEL) c->method = M_MODEL;
        if (r->conf < conf) conf = r->conf;
        code_span(w, c, r->span.turn, r->span.begin, r->span.end);
        why = why ? arena_printf(w->a, "%s, %s", why, point_name[i]) : point_name[i];
    }
    c->value = (int16_t)n;
    if (n) c->conf = conf, c->why = arena_printf(w->a, "said beforehand: %s", why);
}

static void write_aidisc(struct walk *w, struct code *c, const struct past *p, uint32_t anchor)
{
    int64_t now = w->conv->turn[anchor].ts, then = p->noticed ? w->conv->turn[p->notice.turn].ts : TS_NONE;
    bool stale = p->noticed && now != TS_NONE && then != TS_NONE && now - then > NOTICE_MS;
    if (!p->noticed || stale) {
        code_zero(c, M_RULE, .9f, stale ? p->notice.turn + 1 : 0, anchor ? anchor - 1 : 0);
        if (stale) c->why = "the notice is more than three hours old";
        return;
    }
    code_value(c, 1, M_RULE, .9f, NULL);
    code_span(w, c, p->notice.turn, p->notice.begin, p->notice.end);
}

static void write_depth(struct walk *w, struct code *c, const struct past *p, uint32_t anchor)
{
    write_reading(w, c, &p->depth, .75f, anchor ? anchor - 1 : 0);
    c->why = arena_printf(w->a, "%u words in %u turns", p->user_words, p->users);
}

/* Replies on the episode's topic that took the person up; the last one is shown. */
static void write_engaged(struct walk *w, struct code *c, const struct past *p, const struct episode *e)
{
    uint32_t n = e->thread == THREAD_NONE ? 0 : p->engaged[e->thread].n;
    if (!n) {
        code_zero(c, M_EXACT, 1, 0, e->anchor - 1);
        return;
    }
    code_value(c, (int)n, M_EXACT, 1, NULL);
    code_span_turn(w, c, p->engaged[e->thread].last);
}

static void write_prior(struct walk *w, struct code *c, const struct past *p, uint32_t anchor)
{
    size_t n = p->blocked.n + p->refusal.n;
    code_zero(c, p->blocked.n ? M_RULE : M_EXACT, p->blocked.n ? .85f : 1, 0, anchor ? anchor - 1 : 0);
    for (size_t i = 0; i < p->blocked.n && i < PRIOR_SHOWN; i++)
        code_span(w, c, p->blocked.p[i].turn, p->blocked.p[i].begin, p->blocked.p[i].end);
    for (size_t i = p->refusal.n; i-- > 0 && p->refusal.n - i <= PRIOR_SHOWN;) {
        const struct tcode *r = &w->tcode[p->refusal.p[i]];
        if (r->anchor_end > r->anchor_begin) code_span(w, c, p->refusal.p[i], r->anchor_begin, r->anchor_end);
        else code_span_turn(w, c, p->refusal.p[i]);
    }
    c->value = (int16_t)(n < INT16_MAX ? n : INT16_MAX);
}

/* floor(max(role, invite, claim, min(2, engaged)) * (4 - bound)/4 * h + .5); spans: the promise and the refusal. */
static void write_viol(struct walk *w, struct code *codes, const struct episode *e)
{
    static const float h[] = {0, .5f, .75f, 1, 1};
    static const enum construct from[] = {C_P1_ROLE, C_P1_INVITE, C_P1_CLAIM, C_P1_ENGAGED};
    struct code *c = &codes[C_P1_VIOL], *promise = NULL;
    int top = 0;
    float conf = 1;
    for (size_t i = 0; i < ARRAY_LEN(from); i++) {
        struct code *x = &codes[from[i]];
        int v = from[i] == C_P1_ENGAGED && x->value > 2 ? 2 : x->value;
        if (x->conf < conf) conf = x->conf;
        if (v > top) top = v, promise = x;
    }
    const struct tcode *r = &w->tcode[e->anchor];
    float v = (float)top * (float)(4 - codes[C_P1_BOUND].value) / 4 * h[rtype_hard(r->rtype)];
    int value = (int)(v + .5f);
    if (!value) {
        code_zero(c, promise ? promise->method : M_RULE, conf, 0, e->anchor);
        return;
    }
    code_value(c, value, promise->method, promise->conf < r->conf ? promise->conf : r->conf, NULL);
    for (uint16_t i = 0; i < promise->n_span && i < 1; i++)
        code_span(w, c, promise->span[i].turn, promise->span[i].begin, promise->span[i].end);
    if (r->anchor_end > r->anchor_begin) code_span(w, c, e->anchor, r->anchor_begin, r->anchor_end);
    else code_span_turn(w, c, e->anchor);
}

static void write_episode(struct walk *w, const struct past *p, size_t i)
{
    static const enum construct need[] = {C_P1_ROLE, C_P1_INVITE, C_P1_CLAIM, C_P1_ENGAGED, C_P1_PRIOR, C_P1_VIOL};
    const struct episode *e = &w->episode.p[i];
    struct code *c = w->ep_codes[i].c;
    uint32_t last = e->anchor ? e->anchor - 1 : 0;
    write_bound(w, &c[C_P1_BOUND], p, e->anchor);
    write_aidisc(w, &c[C_P1_AIDISC], p, e->anchor);
    write_depth(w, &c[C_P1_DEPTH], p, e->anchor);
    write_reading(w, &c[C_P1_ACCESS], &p->access, .8f, last);
    for (size_t k = 0; k < ARRAY_LEN(need); k++) code_null(&c[need[k]], WHY_NOT_APPLICABLE);
    if (p->replies) {
        write_reading(w, &c[C_P1_ROLE], &p->role, .9f, last);
        write_reading(w, &c[C_P1_INVITE], &p->invite, .85f, last);
        write_reading(w, &c[C_P1_CLAIM], &p->claim, .85f, last);
        write_engaged(w, &c[C_P1_ENGAGED], p, e);
        write_viol(w, c, e);
    }
    /* a linked conversation that the person tells of counts although this one has no earlier reply */
    if (p->replies || p->blocked.n) write_prior(w, &c[C_P1_PRIOR], p, e->anchor);
}

void expectation_code(struct walk *w)
{
    if (!w->episode.n) return;
    if (!w->ep_codes) w->ep_codes = arena_array(w->a, struct codes, w->episode.n);
    struct past p = {0};
    p.engaged = arena_alloc(w->a, w->conv->n_turn * sizeof *p.engaged);
    for (size_t i = 0; i < w->episode.n; i++) {
        read_to(w, &p, w->episode.p[i].anchor);
        write_episode(w, &p, i);
    }
}
