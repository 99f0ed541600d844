/* Turn codes → episodes (codebook §0, "Episode"). In: tcode, acts, threads and
 * times. Out: walk.episode, ordered by anchor.
 *
 * One forward pass; episodes of several threads may be open at once. An open
 * one fades after six user turns, so few are, and the pass stays linear. */
#include "episode/episode.h"
#include "find/find.h"
#include "text/overlap.h"

#define BACK_TURNS 6                     /* user turns between start and anchor */
#define FADE_TURNS 6                     /* user turns after the last refusal */
#define LEFT_TURNS 2                     /* user turns on other threads */
#define MET_QUIET 2                      /* user turns without a refusal: what is given is not refused again at once */
#define GAP_MS (24ll * 60 * 60 * 1000)
#define OV_REBID .20f                    /* a request on the thread that says the refused bid again */
#define OV_RESAID .50f                   /* the same for a disclosure, which nobody asks twice in so many words */
#define OBJECTS_P .35f                   /* an objection below it is faint: it takes no thanks back */
#define MET_WORDS 6                      /* shorter replies give nothing */

#define GIVES (ACT(A_HELP) | ACT(A_REPAIR) | ACT(A_COLLUDE))
#define ENGAGES (ACT(A_INVITE) | ACT(A_ACK) | ACT(A_OFFER)) /* gives what was asked only where talk was asked */
#define ALTERNATIVE (ACT(A_HELP) | ACT(A_OFFER) | ACT(A_WARM) | ACT(A_REF_GEN) | ACT(A_REF_NAME) | ACT(A_REF_CON))
#define OBJECTS (ACT(U_ANGER) | ACT(U_REJECT) | ACT(U_RETRY) | ACT(U_BARRIER) | ACT(U_SHAME) | ACT(U_WITHDRAW))

struct open {
    size_t episode;         /* index in walk.episode */
    vec_of(uint32_t) refusal;
    uint32_t n_after;       /* user turns since the last refusal */
    uint32_t n_off;         /* of those, on other threads, in a row */
    bool offered;           /* the last refusal or a reply after it offered an alternative */
};
struct splitter {
    vec_of(struct open) open;
    int64_t ts;             /* of the last turn that has one */
    uint32_t *last_end;     /* by thread: end + 1 of its last closed episode */
};

static uint32_t last_refusal(const struct open *o) { return o->refusal.p[o->refusal.n - 1]; }

static void close_one(struct walk *w, struct splitter *s, size_t i, uint32_t end, enum end_reason why)
{
    struct open *o = &s->open.p[i];
    struct episode *e = &w->episode.p[o->episode];
    e->end = end;
    e->end_reason = why;
    e->refusal = o->refusal.p;
    e->n_refusal = o->refusal.n;
    if (e->thread != THREAD_NONE) s->last_end[e->thread] = end + 1;
    s->open.p[i] = s->open.p[--s->open.n];
}

static uint32_t find_start(const struct walk *w, const struct splitter *s, uint32_t anchor, uint32_t thread)
{
    uint32_t start = anchor, n = 0, from = thread == THREAD_NONE ? anchor : s->last_end[thread];
    for (uint32_t t = anchor; t-- > from && n < BACK_TURNS;) {
        if (!is_user(w, t)) continue;
        n++;
        if (w->thread[t] == thread) start = t;
    }
    return start;
}

static void refuse(struct walk *w, struct splitter *s, uint32_t t)
{
    uint32_t thread = w->thread[t];
    struct open *o = NULL;
    for (size_t i = 0; i < s->open.n; i++)
        if (w->episode.p[s->open.p[i].episode].thread == thread) o = &s->open.p[i];
    if (!o) {
        struct episode *e = vec_push(w->a, &w->episode);
        *e = (struct episode){.start = find_start(w, s, t, thread), .anchor = t, .end = t, .thread = thread};
        o = vec_push(w->a, &s->open);
        o->episode = w->episode.n - 1;
    } else if (w->tcode[t].bid_turn >= 0 && w->tcode[t].bid_turn == w->tcode[last_refusal(o)].bid_turn) {
        return; /* a second message to the same user turn is no second encounter */
    }
    *vec_push(w->a, &o->refusal) = t;
    o->n_after = o->n_off = 0;
    o->offered = (w->tcode[t].acts & ALTERNATIVE) != 0;
}

/* Does the bid at user turn b put the refused one again? */
static bool rebids(struct walk *w, const struct open *o, uint32_t b)
{
    int refused = w->tcode[w->episode.p[o->episode].anchor].bid_turn;
    uint32_t acts = w->tcode[b].acts;
    if (acts & ACT(U_RETRY)) return true;
    if (refused < 0) return false;
    float ov = text_ov(w, b, (uint32_t)refused), vo = text_ov(w, (uint32_t)refused, b);
    if (acts & (ACT(U_BID) | ACT(U_HARM_BID))) return ov >= OV_REBID || vo >= OV_REBID;
    bool request = w->tcode[refused].acts & (ACT(U_BID) | ACT(U_HARM_BID));
    return !request && ov >= OV_RESAID && vo >= OV_RESAID;
}

/* Did the refused bid ask to be heard, rather than for a thing to be done? */
static bool asks_talk(const struct walk *w, const struct open *o)
{
    int b = w->tcode[w->episode.p[o->episode].anchor].bid_turn;
    return b >= 0 && (!thread_requests(w, (uint32_t)b) || thread_says(w, (uint32_t)b, "talk"));
}

static bool quiet_after(const struct walk *w, uint32_t thread, uint32_t u)
{
    for (uint32_t t = u + 1, n = 0; t < w->conv->n_turn; t++) {
        if (is_user(w, t) && ++n > MET_QUIET) break;
        if (is_refusal(w, t) && w->thread[t] == thread) return false;
    }
    return true;
}

/* A later reply that gives what was withheld. */
static bool reply_gives(struct walk *w, const struct open *o, uint32_t t)
{
    const struct tcode *c = &w->tcode[t];
    const struct episode *e = &w->episode.p[o->episode];
    if (!is_reply(w, t) || c->rtype != RT_NONE || w->thread[t] != e->thread) return false;
    if (c->bid_turn < 0 || (uint32_t)c->bid_turn <= last_refusal(o) || w->text[t].n_word < MET_WORDS) return false;
    if (!(c->acts & (asks_talk(w, o) ? GIVES | ENGAGES : GIVES))) return false;
    if (w->tcode[e->anchor].bid & BID_HARM) /* help beside it is not the thing withheld */
        return (c->acts & ACT(A_COLLUDE)) || c->decision == DEC_UNDER;
    bool given = c->acts & ACT(A_REPAIR) ? (c->acts & (ACT(A_HELP) | ENGAGES)) != 0 : rebids(w, o, (uint32_t)c->bid_turn);
    return given && quiet_after(w, e->thread, (uint32_t)c->bid_turn);
}

/* The user thanks for or takes up an offered alternative, and the thread stays quiet. */
static bool user_takes(const struct walk *w, const struct open *o, uint32_t u)
{
    float p = 0;
    if (!o->offered || !user_takes_offer(w, u)) return false;
    if (w->tcode[u].acts & OBJECTS) sent_best(w, u, OBJECTS, &p);
    return p < OBJECTS_P && quiet_after(w, w->episode.p[o->episode].thread, u);
}

static void user_turn(struct walk *w, struct splitter *s, uint32_t u)
{
    for (size_t i = s->open.n; i-- > 0;) {
        struct open *o = &s->open.p[i];
        bool on = w->thread[u] == w->episode.p[o->episode].thread;
        o->n_after++;
        o->n_off = on ? 0 : o->n_off + 1;
        if (on && user_takes(w, o, u)) close_one(w, s, i, u, END_MET);
        else if (o->n_off == LEFT_TURNS) close_one(w, s, i, u, END_LEFT);
        else if (o->n_after == FADE_TURNS) close_one(w, s, i, u, END_FADED);
    }
}

static void reply_turn(struct walk *w, struct splitter *s, uint32_t t)
{
    for (size_t i = s->open.n; i-- > 0;) {
        if (reply_gives(w, &s->open.p[i], t)) close_one(w, s, i, t, END_MET);
        else if (w->tcode[t].acts & ALTERNATIVE) s->open.p[i].offered = true;
    }
}

static void gap_before(struct walk *w, struct splitter *s, uint32_t t)
{
    int64_t ts = w->conv->turn[t].ts;
    if (ts == TS_NONE) return;
    if (s->ts != TS_NONE && ts - s->ts >= GAP_MS)
        while (s->open.n) close_one(w, s, s->open.n - 1, t - 1, END_GAP);
    s->ts = ts;
}

void episode_split(struct walk *w)
{
    uint32_t n = (uint32_t)w->conv->n_turn, first = 0;
    while (first < n && !is_refusal(w, first)) first++;
    if (first == n) return;
    thread_map(w);
    struct splitter s = {.ts = TS_NONE, .last_end = arena_array(w->a, uint32_t, n)};
    for (uint32_t t = 0; t < n; t++) {
        gap_before(w, &s, t);
        if (is_user(w, t)) user_turn(w, &s, t);
        else if (is_refusal(w, t)) refuse(w, &s, t);
        else if (is_reply(w, t)) reply_turn(w, &s, t);
    }
    while (s.open.n) close_one(w, &s, s.open.n - 1, n - 1, END_CONVERSATION);
}
