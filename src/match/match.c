/* A conversation's tokens → hits, by the index of the cues' wordings.
 *
 * A phrase is cut at its gaps into pieces, each a small set of wordings. The
 * first piece's wordings are searched for; later pieces are looked for behind
 * a hit, within three words. The search walks the tokens that stand already,
 * from each as far as bit sets of word sequences say that a wording goes on; a
 * table is asked only where one ends, and the bytes decide. */
#include <emmintrin.h>

#include "match/index.h"
#include "text/text.h"

enum { GAP_WORDS = 3 };

static inline unsigned step_of(const uint64_t *steps, uint32_t size, uint64_t hash)
{
    return steps[(hash & (size - 1)) >> 5] >> (hash & 31) * 2 & 3;
}
static inline bool may_begin(const struct match_db *db, uint32_t piece, uint64_t hash)
{
    uint32_t at = begins_at(piece, hash);
    return db->begins[at >> 6] >> (at & 63) & 1;
}

struct scan {
    struct walk *w;
    const struct match_db *db;
    str fold;                              /* of the turn */
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

/* Where a piece may stand behind a gap that begins at `from`: behind blanks, up to three words on. */
struct places {
    uint32_t n;
    struct { uint32_t at; uint64_t hash; /* of the word there, 0 none */ } p[GAP_WORDS + 1];
};

/* The first blank or line break at or behind `at`, at most n. */
static uint32_t blank_from(const char *p, uint32_t n, uint32_t at)
{
    for (; at < n; at += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(p + at));
        __m128i blank = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8(' ')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\n')));
        uint32_t bits = (uint32_t)_mm_movemask_epi8(blank), found = at + (uint32_t)__builtin_ctz(bits | 1u << 16);
        if (bits) return found < n ? found : n;
    }
    return n;
}

/* k..last: the turn's tokens from there. */
static void find_places(struct places *x, str t, uint32_t from, const struct tok *k, const struct tok *last)
{
    const char *p = t.p;
    uint32_t at = from, n = (uint32_t)t.n;
    for (x->n = 0; x->n <= GAP_WORDS;) {
        while (at < n && (p[at] == ' ' || p[at] == ',')) at++;
        if (at >= n) return;
        while (k < last && k->begin < at) k++;
        x->p[x->n].at = at;
        x->p[x->n++].hash = k < last && k->begin == at && k->kind != TOK_PUNCT ? k->hash : 0;
        if (p[at] == '.' || p[at] == '!' || p[at] == '?' || p[at] == '\n') return;
        at = blank_from(p, n, at);
    }
}

/* The words behind a candidate, as many as hold every place where there are enough: four of them stand behind a blank,
 * and so would a place behind them. */
enum { NEAR_WORDS = 7 };
struct near { bool known, enough; uint64_t hash[NEAR_WORDS]; };

static void find_near(struct near *x, const char *p, const struct tok *k, const struct tok *last)
{
    uint32_t blanks = 0;
    x->known = true;
    x->enough = false;
    if (last - k < NEAR_WORDS) return;
    for (uint32_t i = 0; i < NEAR_WORDS; i++) x->hash[i] = k[i].hash, blanks += p[k[i].begin - 1] == ' ';
    x->enough = blanks > GAP_WORDS;
}

/* False: none of them begins a wording of the piece, and no wording begins with a sign. */
static bool may_follow(const struct match_db *db, uint32_t piece, const struct near *x)
{
    bool any = may_begin(db, piece, 0);
    for (uint32_t i = 0; i < NEAR_WORDS; i++) any |= may_begin(db, piece, x->hash[i]);
    return any;
}

/* The end of the piece's first wording at the first of the places that has one, 0 none. */
static uint32_t match_piece(const struct match_db *db, uint32_t piece, str t, const struct places *x)
{
    const struct piece *pc = &db->piece[piece];
    for (uint32_t i = 0; i < x->n; i++) {
        if (!may_begin(db, piece, x->p[i].hash)) continue;
        uint32_t at = x->p[i].at, begin = (uint32_t)x->p[i].hash;
        for (const struct wording *w = db->wording + pc->wording, *end = w + pc->n; w < end; w++)
            if (w->begin == begin && t.n - at >= w->n && memcmp(t.p + at, db->text + w->text, w->n) == 0 &&
                bounded(t.p, t.n, at, at + w->n))
                return at + w->n;
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

/* The pieces behind a hit that ends at `end`: the end of the last, 0 when one is missing. */
static uint32_t match_rest(const struct scan *s, uint32_t piece, const struct tok *k, uint32_t end)
{
    struct places places;
    for (;; piece++) {
        find_places(&places, s->fold, end, k, s->tok + s->n_tok);
        end = match_piece(s->db, piece, s->fold, &places);
        if (!end || !s->db->piece[piece].more) return end;
    }
}

/* Does the literal stand there? Then what is behind its gaps decides. */
static inline void try_entry(const struct scan *s, const struct entry *x, const struct candidate *c, struct near *near)
{
    const struct match_db *db = s->db;
    const struct tok *k = &s->tok[c->first];
    str t = s->fold;
    if (!(x->roles & s->role) || k->begin < x->before) return;
    uint32_t b = k->begin - x->before, end = b + x->n, cue = x->what >> 1;
    if (x->what & 1) {
        if (!near->known) find_near(near, t.p, &s->tok[c->last + 1], s->tok + s->n_tok);
        if (near->enough && !may_follow(db, cue, near)) return;
    }
    if (x->plain ? !plain_words(t.p, k, c->last - c->first) : end > t.n || memcmp(t.p + b, db->text + x->text, x->n) != 0) return;
    if (!blank_around(t.p, t.n, b, end) && !bounded(t.p, t.n, b, end)) return;
    if (x->what & 1) {
        end = match_rest(s, cue, k, end);
        cue = db->piece[cue].cue;
    }
    if (end) push_hit(s->w, (struct hit){cue, s->turn, b, end, 0, k->quoted});
}

/* Entries lie scattered over a megabyte: each step asks for the memory of the next. */
static void try_candidates(const struct scan *s, const struct candidate *c, uint32_t n)
{
    const struct match_db *db = s->db;
    for (uint32_t i = 0; i < n; i++) __builtin_prefetch(&db->entry[db->bucket[c[i].tag >> 16]]);
    for (uint32_t i = 0; i < n; i++) {
        const struct entry *x = db->entry + db->bucket[c[i].tag >> 16], *end = db->entry + db->bucket[(c[i].tag >> 16) + 1];
        struct near near = {.known = false};
        for (; x < end; x++)
            if (x->tag == (uint16_t)c[i].tag) try_entry(s, x, &c[i], &near);
    }
}

struct candidates { struct candidate p[CANDIDATES]; uint32_t n; };

static inline void add_candidate(const struct scan *s, struct candidates *list, uint64_t h, uint32_t first, uint32_t last)
{
    uint32_t tag = tag_of(h);
    __builtin_prefetch(&s->db->bucket[tag >> 16]);
    list->p[list->n++] = (struct candidate){tag, first, last};
    if (list->n == CANDIDATES) try_candidates(s, list->p, list->n), list->n = 0;
}

/* The word at or behind token k, n_tok none. */
static inline uint32_t word_from(const struct scan *s, uint32_t k)
{
    while (k < s->n_tok && s->tok[k].kind == TOK_PUNCT) k++;
    return k;
}

/* The sequences that begin with words `first` and `second`, which lead to some. */
static void scan_on(const struct scan *s, const struct steps *steps, uint32_t first, uint32_t second, uint64_t h,
                    struct candidates *list)
{
    unsigned step = LEADS;
    for (uint32_t k = word_from(s, second + 1); step & LEADS && k < s->n_tok; k = word_from(s, k + 1)) {
        h = hash_mix(h, s->tok[k].hash);
        step = step_of(steps->longer, SEQUENCE_STEPS, h);
        if (step & ENDS) add_candidate(s, list, h, first, k);
    }
}

/* What of a block of tokens may be a literal: words alone, and the first of pairs. */
struct sifted { uint32_t single[64], n_single, pair[64], n_pair; };

/* A branch a word would be guessed wrong one time in four, so none depends on one. *before, *hash: of the word before. */
static inline __attribute__((always_inline)) void sift_with(const struct scan *s, const struct steps *steps, uint32_t from, struct sifted *x, uint32_t *last)
{
    uint32_t to = s->n_tok - from > 64 ? from + 64 : s->n_tok, before = *last, n_single = 0, n_pair = 0;
    uint64_t hash = before < from ? s->tok[before].hash : 0, bits = before < from ? steps->word[hash & (WORD_STEPS - 1)] : 0;
    for (uint32_t k = from; k < to; k++) {
        if (s->tok[k].kind == TOK_PUNCT) continue;
        uint64_t h = s->tok[k].hash, own = steps->word[h & (WORD_STEPS - 1)];
        x->pair[n_pair] = before, n_pair += bits >> as_second(h) & own >> as_first(hash) & 1;
        x->single[n_single] = k, n_single += own >> as_single(h) & 1;
        before = k, hash = h, bits = own;
    }
    x->n_single = n_single, x->n_pair = n_pair, *last = before;
}

static void sift_narrow(const struct scan *s, const struct steps *steps, uint32_t from, struct sifted *x, uint32_t *last)
{
    sift_with(s, steps, from, x, last);
}
static __attribute__((target("bmi2"))) void sift_wide(const struct scan *s, const struct steps *steps, uint32_t from,
                                                      struct sifted *x, uint32_t *last)
{
    sift_with(s, steps, from, x, last);
}

/* Every sequence of words that is a literal. Single words and pairs are sifted first, some at a time, and only what is
 * left is looked at. */
static void scan_turn(const struct scan *s)
{
    const struct steps *steps = &s->db->steps[s->role != 1u << ROLE_USER];
    void (*sift)(const struct scan *, const struct steps *, uint32_t, struct sifted *, uint32_t *) =
        __builtin_cpu_supports("bmi2") ? sift_wide : sift_narrow;
    const struct tok *tok = s->tok;
    struct candidates list = {.n = 0};
    uint32_t last = UINT32_MAX;
    for (uint32_t from = 0; from < s->n_tok; from += 64) {
        struct sifted x;
        struct { uint64_t h; uint32_t first, second; unsigned step; } live[64];
        uint32_t n_live = 0;
        sift(s, steps, from, &x, &last);
        for (uint32_t i = 0; i < x.n_pair; i++) {
            uint32_t first = x.pair[i], second = word_from(s, first + 1);
            uint64_t h = hash_mix(tok[first].hash, tok[second].hash);
            unsigned step = step_of(steps->pair, PAIR_STEPS, h);
            live[n_live].h = h, live[n_live].first = first, live[n_live].second = second, live[n_live].step = step;
            n_live += step != 0;
        }
        for (uint32_t i = 0; i < x.n_single; i++) add_candidate(s, &list, tok[x.single[i]].hash, x.single[i], x.single[i]);
        for (uint32_t i = 0; i < n_live; i++) {
            if (live[i].step & ENDS) add_candidate(s, &list, live[i].h, live[i].first, live[i].second);
            if (live[i].step & LEADS) scan_on(s, steps, live[i].first, live[i].second, live[i].h, &list);
        }
    }
    try_candidates(s, list.p, list.n);
}

/* The sentence of each hit, the hits of each sentence; both lists are in order. */
static void place_hits(struct walk *w)
{
    uint32_t s = 0, n = (uint32_t)w->sent.n;
    for (size_t i = 0; i < w->hit.n; i++) {
        struct hit *h = &w->hit.p[i];
        int construct = w->pack->cue[h->cue].construct;
        if (construct >= 0) w->hit_constructs[h->turn] |= 1ull << construct;
        const struct text *t = &w->text[h->turn];
        if (s < t->sent0) s = t->sent0 < n ? t->sent0 : n - 1;
        while (s + 1 < n && s < t->sent1 && w->sent.p[s].end <= h->begin) s++;
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
        scan_turn(&(struct scan){w, w->pack->db, x->fold, w->tok.p + x->tok0, x->tok1 - x->tok0, t, 1u << w->conv->turn[t].role});
    }
    w->hit0[n_turn] = (uint32_t)w->hit.n;
    place_hits(w);
}
