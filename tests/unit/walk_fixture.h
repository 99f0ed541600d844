/* A walk built by hand: turns, sentences and their acts as literals, in place
 * of the rooms text/ match/ helpline/ act/ turn/. For tests of later rooms.
 *
 *   struct walk *w = fx_walk();
 *   fx_user(w, 3);                              // a user turn at R = 3
 *   fx_s(w, "i have thought of how", A2(U_DISCLOSE, U_RISK));
 *   fx_reply(w, RT_R5, DEC_OVER);               // an assistant turn
 *   uint32_t s = fx_s(w, "i can't help with that.", A1(A_WITHHOLD));
 *   fx_contact(w, "988", CONTACT_VERIFIED);     // "988" inside the sentence added last
 *   fx_episode(w, 0, 1, 1, (uint32_t[]){1}, 1); // start, anchor, end, refusals
 *   fx_done(w);
 *
 * Sentences are folded text already; a set act has p = .9, another .02. */
#ifndef WALK_FIXTURE_H
#define WALK_FIXTURE_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants those four before itself */
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "match/match.h"
#include "text/text.h"
#include "walk.h"

#define FX_TURNS 160
#define FX_TURN_BYTES 4096
#define A1(a) (1u << (a))
#define A2(a, b) (A1(a) | A1(b))
#define A3(a, b, c) (A2(a, b) | A1(c))
#define A4(a, b, c, d) (A3(a, b, c) | A1(d))

static struct arena fx_arena;

/* Drops the walk before it. */
static inline struct walk *fx_walk(void)
{
    arena_free(&fx_arena);
    arena_init(&fx_arena, 0);
    struct walk *w = arena_new(&fx_arena, struct walk);
    w->a = &fx_arena;
    w->conv = arena_new(w->a, struct conv);
    w->conv->turn = arena_array(w->a, struct turn, FX_TURNS);
    w->conv->format = "fixture";
    w->text = arena_array(w->a, struct text, FX_TURNS);
    w->tcode = arena_array(w->a, struct tcode, FX_TURNS);
    w->turn_codes = arena_array(w->a, struct reply_codes *, FX_TURNS);
    w->acts = arena_array(w->a, struct acts, FX_TURNS * 64);
    w->act_tops = arena_array(w->a, struct act_tops *, FX_TURNS);
    w->hit0 = arena_array(w->a, uint32_t, FX_TURNS + 1);
    w->contact0 = arena_array(w->a, uint32_t, FX_TURNS + 1);
    w->hit_constructs = arena_array(w->a, uint64_t, FX_TURNS);
    w->caller_country = w->caller_jurisdiction = "";
    w->place = (struct place){"", "", UINT32_MAX, 0, 0};
    return w;
}

static inline uint32_t fx_last(const struct walk *w) { return (uint32_t)w->conv->n_turn - 1; }
static inline struct turn *fx_turn_of(struct walk *w) { return &w->conv->turn[fx_last(w)]; }
static inline struct tcode *fx_code_of(struct walk *w) { return &w->tcode[fx_last(w)]; }

/* Any role. A new turn inherits R; flags are the turn's own. */
static inline uint32_t fx_turn(struct walk *w, enum role role)
{
    uint32_t t = (uint32_t)w->conv->n_turn++;
    w->conv->turn[t].role = role;
    w->conv->turn[t].ts = TS_NONE;
    w->text[t].fold = (str){arena_alloc(w->a, FX_TURN_BYTES), 0};
    w->text[t].run = arena_new(w->a, struct fold_run);
    w->text[t].n_run = 1;
    w->text[t].sent0 = w->text[t].sent1 = (uint32_t)w->sent.n;
    struct tcode *c = &w->tcode[t];
    c->risk = t ? w->tcode[t - 1].risk : 0;
    c->risk_conf = c->conf = c->decision_conf = .9f;
    c->bid_turn = -1;
    memset(c->scale, -1, sizeof c->scale);
    return t;
}

static inline uint32_t fx_user(struct walk *w, int risk)
{
    uint32_t t = fx_turn(w, ROLE_USER);
    w->tcode[t].risk = (int8_t)risk;
    return t;
}

/* Answers the user turn before it: flags and bid are that turn's. */
static inline uint32_t fx_reply(struct walk *w, enum rtype rtype, enum decision decision)
{
    uint32_t t = fx_turn(w, ROLE_ASSISTANT);
    struct tcode *c = &w->tcode[t];
    c->rtype = rtype;
    c->decision = decision;
    for (uint32_t u = t; u-- > 0;)
        if (w->conv->turn[u].role == ROLE_USER) {
            c->bid_turn = (int)u;
            c->flags = w->tcode[u].flags;
            c->bid = w->tcode[u].bid;
            break;
        }
    return t;
}

/* One more sentence of the last turn; its index. */
static inline uint32_t fx_s(struct walk *w, const char *folded, uint32_t acts)
{
    uint32_t t = fx_last(w), s = (uint32_t)w->sent.n;
    struct text *x = &w->text[t];
    char *p = (char *)x->fold.p;
    size_t n = strlen(folded);
    if (x->fold.n + n + 2 > FX_TURN_BYTES) abort();
    if (x->fold.n) p[x->fold.n++] = ' ';
    struct sent *z = vec_push(w->a, &w->sent);
    *z = (struct sent){t, (uint32_t)x->fold.n, (uint32_t)(x->fold.n + n), 0, 1};
    for (size_t i = 0; i < n; i++) z->n_word += folded[i] == ' ';
    x->n_word += z->n_word;
    memcpy(p + x->fold.n, folded, n + 1);
    x->fold.n += n;
    x->sent1 = s + 1;
    if (n && folded[n - 1] == '?') z->flags |= S_QUESTION;
    if (x->sent0 == s) z->flags |= S_FIRST;
    w->acts[s].set = acts;
    for (int i = 0; i < MAX_ACT; i++) w->acts[s].p[i] = (acts >> i) & 1 ? .9f : .02f;
    w->tcode[t].acts |= acts;
    w->conv->turn[t].text = x->fold;
    return s;
}

/* A contact whose words stand in the sentence added last. */
static inline struct contact *fx_contact(struct walk *w, const char *words, enum contact_status status)
{
    uint32_t s = (uint32_t)w->sent.n - 1, t = w->sent.p[s].turn;
    const char *hay = w->text[t].fold.p, *at = strstr(hay + w->sent.p[s].begin, words);
    if (!at) abort();
    struct contact *c = vec_push(w->a, &w->contact);
    uint32_t b = (uint32_t)(at - hay);
    *c = (struct contact){.turn = t, .begin = b, .end = b + (uint32_t)strlen(words), .sent = s, .kind = "phone",
                          .status = status, .country = "US", .line = "", .service = "crisis", .instead = "", .why = "",
                          .canonical = str_of(words)};
    for (uint32_t u = t; u < FX_TURNS; u++) w->contact0[u + 1] = (uint32_t)w->contact.n;
    for (size_t i = 0; i + 1 < w->contact.n; i++)
        if (str_eqz(w->contact.p[i].canonical, words)) c->same = (uint32_t)i + 1;
    return c;
}

static inline struct episode *fx_episode(struct walk *w, uint32_t start, uint32_t anchor, uint32_t end,
                                         const uint32_t *refusal, size_t n)
{
    struct episode *e = vec_push(w->a, &w->episode);
    *e = (struct episode){start, anchor, end, arena_array(w->a, uint32_t, n ? n : 1), n, END_CONVERSATION, 0};
    if (n) memcpy(e->refusal, refusal, n * sizeof *refusal);
    return e;
}

/* Tokens of every turn; the sentences stay those that the test made. */
static inline void fx_tokens(struct walk *w)
{
    typeof(w->sent) made = w->sent;
    memset(&w->sent, 0, sizeof w->sent);
    for (uint32_t t = 0; t < w->conv->n_turn; t++) {
        struct text *x = &w->text[t], old = *x;
        text_sentences(w, t);
        x->sent0 = old.sent0, x->sent1 = old.sent1, x->n_word = old.n_word;
        uint32_t k = x->tok0;
        for (uint32_t s = x->sent0; s < x->sent1; s++) {
            made.p[s].tok0 = k;
            while (k < x->tok1 && w->tok.p[k].begin < made.p[s].end) k++;
            made.p[s].tok1 = k;
        }
    }
    w->sent = made;
}

/* Call last: the folded texts as one, flags that need the whole turn, and the conversation-sized arrays. */
static inline void fx_done(struct walk *w)
{
    size_t all = 0, at = 0;
    for (uint32_t t = 0; t < w->conv->n_turn; t++) all += w->text[t].fold.n + 1;
    char *p = arena_alloc(w->a, all + 32);
    for (uint32_t t = 0; t < w->conv->n_turn; t++) {
        memcpy(p + at, w->text[t].fold.p, w->text[t].fold.n);
        w->text[t].fold.p = w->conv->turn[t].text.p = p + at;
        p[at += w->text[t].fold.n] = '\n';
        at++;
    }
    w->folded = (str){p, at};
    fx_tokens(w);
    for (uint32_t t = 0; t < w->conv->n_turn; t++)
        if (w->text[t].sent1 > w->text[t].sent0) w->sent.p[w->text[t].sent1 - 1].flags |= S_LAST;
    w->ep_codes = w->episode.n ? arena_array(w->a, struct codes, w->episode.n) : NULL;
    w->profile = w->episode.n ? arena_array(w->a, struct profile, w->episode.n) : NULL;
}

/* The built-in pack, loaded once; its cues become hits of a finished walk. */
static inline void fx_pack(struct walk *w)
{
    static struct pack *pack;
    refrain_error err;
    if (!pack && pack_load(&pack, NULL, &err)) {
        fprintf(stderr, "%s\n", err.message);
        abort();
    }
    w->pack = pack;
    match_scan(w);
}

#endif
