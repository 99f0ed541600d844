/* A conversation's tokens → hits, by the index of the cues' wordings.
 *
 * A phrase is cut at its gaps into pieces, each a small set of wordings. The
 * first piece's wordings are searched for; later pieces are looked for behind
 * a hit, within three words. The search walks the tokens that stand already,
 * from each as far as bit sets of word sequences say that a wording goes on; a
 * table is asked only where one ends, and the bytes decide. With 37,000
 * wordings that costs about 4 instructions a byte; Vectorscan's literal
 * matcher cost 70, and a second to compile. */
#include "match/index.h"
#include "text/text.h"

enum { GAP_WORDS = 3 };

static inline unsigned word_step(const struct steps *s, uint64_t hash)
{
    return s->word[(hash & (WORD_STEPS - 1)) >> 4] >> (hash & 15) * 4 & 7;
}
static inline unsigned sequence_step(const struct steps *s, uint64_t hash)
{
    return s->sequence[(hash & (SEQUENCE_STEPS - 1)) >> 5] >> (hash & 31) * 2 & 3;
}
static inline bool may_begin(const struct piece *pc, uint64_t hash)
{
    return pc->first[hash >> 62] >> (hash >> 56 & 63) & 1;
}

struct scan {
    struct walk *w;
    const struct match_db *db;
    const struct tok *tok; uint32_t n_tok; /* of the turn */
    uint32_t turn;
    unsigned role;                         /* bit of the turn's role */
};

static bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80); }

/* Does [b, e) of p stand between word boundaries? p has bytes on both sides or is the text's edge. */
static bool bounded(const char *p, size_t n, size_t b, size_t e)
{
    if (is_word(p[b]) && b && (is_word(p[b - 1]) || (p[b - 1] == '\'' && b > 1 && is_word(p[b - 2])))) return false;
    if (is_word(p[e - 1]) && e < n && (is_word(p[e]) || (p[e] == '\'' && e + 1 < n && is_word(p[e + 1])))) return false;
    return true;
}

/* The end of the piece's wording that stands at `at`, 0 none. */
static size_t match_wording(const struct match_db *db, const struct piece *pc, const char *p, size_t n, size_t at)
{
    for (const struct wording *x = db->wording + pc->wording, *end = x + pc->n; x < end; x++)
        if (n - at >= x->n && memcmp(p + at, db->text + x->text, x->n) == 0 && bounded(p, n, at, at + x->n)) return at + x->n;
    return 0;
}

/* Piece behind a gap that begins at `from`: the end of its first match, 0 none. k..last: the turn's tokens from there. */
static size_t match_piece(const struct match_db *db, const struct piece *pc, str t, size_t from, const struct tok *k,
                          const struct tok *last)
{
    const char *p = t.p;
    size_t at = from, n = t.n;
    for (int words = 0; words <= GAP_WORDS && at < n; words++) {
        while (at < n && (p[at] == ' ' || p[at] == ',')) at++;
        while (k < last && k->begin < at) k++;
        bool word = k < last && k->begin == at && k->kind != TOK_PUNCT;
        if (word ? may_begin(pc, k->hash) : pc->odd) {
            size_t end = match_wording(db, pc, p, n, at);
            if (end) return end;
        }
        if (at < n && (p[at] == '.' || p[at] == '!' || p[at] == '?' || p[at] == '\n')) return 0;
        while (at < n && p[at] != ' ' && p[at] != '\n') at++;
    }
    return 0;
}

/* In order of place, then of cue: hits arrive nearly so. */
static void push_hit(struct walk *w, struct hit new)
{
    vec_push(w->a, &w->hit);
    size_t i = w->hit.n - 1;
    for (; i > w->hit0[new.turn]; i--) {
        const struct hit *h = &w->hit.p[i - 1];
        if (h->begin < new.begin || (h->begin == new.begin && (h->cue < new.cue || (h->cue == new.cue && h->end <= new.end)))) break;
        w->hit.p[i] = *h;
    }
    w->hit.p[i] = new;
}

/* Words of the text that may be a literal's: tokens first..last. */
struct candidate { uint32_t tag, first, last; };
enum { CANDIDATES = 64 };

static inline bool blank_around(const char *p, size_t n, size_t b, size_t e)
{
    return (b == 0 || p[b - 1] == ' ') && (e == n || p[e] == ' ');
}

/* One blank between each word of tok[0..n]? */
static bool plain_words(const char *p, const struct tok *tok, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (tok[i + 1].begin != tok[i].begin + tok[i].len + 1 || p[tok[i + 1].begin - 1] != ' ') return false;
    return true;
}

/* Does the literal stand there? Then its pattern's gaps decide. */
static inline void try_entry(const struct scan *s, const struct entry *x, const struct candidate *c)
{
    struct walk *w = s->w;
    const struct tok *k = &s->tok[c->first];
    str t = w->text[s->turn].fold;
    if (!(x->roles & s->role) || k->begin < x->before) return;
    size_t b = k->begin - x->before, end = b + x->n;
    if (x->plain ? !plain_words(t.p, k, c->last - c->first) : end > t.n || memcmp(t.p + b, s->db->text + x->text, x->n) != 0) return;
    if (!blank_around(t.p, t.n, b, end) && !bounded(t.p, t.n, b, end)) return;
    uint32_t cue = x->what >> 1;
    if (x->what & 1) {
        const struct pattern *pt = &s->db->pattern[cue];
        const struct piece *pc = s->db->piece + pt->piece;
        cue = pt->cue;
        for (uint32_t i = 0; i < pt->n_more && end; i++) end = match_piece(s->db, &pc[i], t, end, k, s->tok + s->n_tok);
    }
    if (end) push_hit(w, (struct hit){cue, s->turn, (uint32_t)b, (uint32_t)end, 0, k->quoted});
}

/* Slots and entries lie scattered over megabytes: each step asks for the memory of the next. */
static void try_candidates(const struct scan *s, const struct candidate *c, uint32_t n)
{
    const struct match_db *db = s->db;
    uint32_t first[CANDIDATES];
    for (uint32_t i = 0; i < n; i++) {
        first[i] = db->slot[slot_find(db->slot, db->mask, db->shift, c[i].tag)].first;
        if (first[i]) __builtin_prefetch(&db->entry[first[i] - 1]);
    }
    for (uint32_t i = 0; i < n; i++) {
        if (!first[i]) continue;
        const struct entry *x = &db->entry[first[i] - 1];
        try_entry(s, x, &c[i]);
        while (!x->last) try_entry(s, ++x, &c[i]);
    }
}

struct candidates { struct candidate p[CANDIDATES]; uint32_t n; };

static inline void add_candidate(const struct scan *s, struct candidates *list, uint64_t h, uint32_t first, uint32_t last)
{
    uint32_t tag = tag_of(h);
    __builtin_prefetch(&s->db->slot[tag >> s->db->shift]);
    list->p[list->n++] = (struct candidate){tag, first, last};
    if (list->n == CANDIDATES) try_candidates(s, list->p, list->n), list->n = 0;
}

/* The sequences that begin with the words k and k + 1, which lead to some. */
static void scan_on(const struct scan *s, const struct steps *steps, const uint32_t *word, uint32_t n, uint32_t k, uint64_t h,
                    struct candidates *list)
{
    unsigned step = LEADS;
    for (uint32_t j = k + 2; step & LEADS && j < n; j++) {
        h = hash_mix(h, s->tok[word[j]].hash);
        step = sequence_step(steps, h);
        if (step & ENDS) add_candidate(s, list, h, word[k], word[j]);
    }
}

/* Every sequence of words that is a literal. A branch a word would be guessed wrong one time in four, so single words
 * and pairs are sifted without one, some at a time, and only what is left is looked at. */
static void scan_turn(const struct scan *s)
{
    enum { BLOCK = 64 };
    const struct steps *steps = &s->db->steps[s->role != 1u << ROLE_USER];
    const struct tok *tok = s->tok;
    uint32_t *word = arena_raw(s->w->a, sizeof *word * (s->n_tok + 1)), n = 0;
    for (uint32_t i = 0; i < s->n_tok; i++) word[n] = i, n += tok[i].kind != TOK_PUNCT;
    struct candidates list = {.n = 0};
    unsigned next = n ? word_step(steps, tok[word[0]].hash) : 0;
    for (uint32_t from = 0; from < n; from += BLOCK) {
        uint32_t to = from + BLOCK < n ? from + BLOCK : n, single[BLOCK], n_single = 0, pair[BLOCK], n_pair = 0;
        for (uint32_t k = from; k < to; k++) {
            unsigned step = next;
            next = k + 1 < n ? word_step(steps, tok[word[k + 1]].hash) : 0;
            single[n_single] = k, n_single += step & ENDS;
            pair[n_pair] = k, n_pair += step >> 1 & next >> 2 & 1;
        }
        struct { uint64_t h; uint32_t k; unsigned step; } live[BLOCK];
        uint32_t n_live = 0;
        for (uint32_t i = 0; i < n_pair; i++) {
            uint64_t h = hash_mix(tok[word[pair[i]]].hash, tok[word[pair[i] + 1]].hash);
            live[n_live].h = h, live[n_live].k = pair[i], live[n_live].step = sequence_step(steps, h);
            n_live += live[n_live].step != 0;
        }
        for (uint32_t i = 0; i < n_single; i++) add_candidate(s, &list, tok[word[single[i]]].hash, word[single[i]], word[single[i]]);
        for (uint32_t i = 0; i < n_live; i++) {
            uint32_t k = live[i].k;
            if (live[i].step & ENDS) add_candidate(s, &list, live[i].h, word[k], word[k + 1]);
            if (live[i].step & LEADS) scan_on(s, steps, word, n, k, live[i].h, &list);
        }
    }
    try_candidates(s, list.p, list.n);
}

/* The sentence of each hit, the hits of each sentence; both lists are in order. */
static void place_hits(struct walk *w)
{
    uint32_t s = 0;
    for (size_t i = 0; i < w->hit.n; i++) {
        struct hit *h = &w->hit.p[i];
        int construct = w->pack->cue[h->cue].construct;
        if (construct >= 0) w->hit_constructs[h->turn] |= 1ull << construct;
        while (s + 1 < w->sent.n && (w->sent.p[s].turn < h->turn || (w->sent.p[s].turn == h->turn && w->sent.p[s].end <= h->begin)))
            s++;
        h->sent = s;
        struct sent *x = &w->sent.p[s];
        if (x->hit1 == 0) x->hit0 = (uint32_t)i;
        x->hit1 = (uint32_t)i + 1;
    }
}

void match_scan(struct walk *w)
{
    size_t n_turn = w->conv->n_turn;
    w->hit0 = arena_array(w->a, uint32_t, n_turn + 1);
    w->hit_constructs = arena_array(w->a, uint64_t, n_turn);
    for (uint32_t t = 0; t < n_turn; t++) {
        const struct text *x = &w->text[t];
        w->hit0[t] = (uint32_t)w->hit.n;
        scan_turn(&(struct scan){w, w->pack->db, w->tok.p + x->tok0, x->tok1 - x->tok0, t, 1u << w->conv->turn[t].role});
    }
    w->hit0[n_turn] = (uint32_t)w->hit.n;
    place_hits(w);
}
