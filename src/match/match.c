/* A conversation's tokens → hits, by the index of the cues' wordings.
 *
 * A phrase is cut at its gaps into pieces, each a small set of wordings. The
 * first piece's wordings are searched for; later pieces are looked for behind
 * a hit, within three words. The search walks the tokens that stand already,
 * from each as far as bit sets of word sequences say that a wording goes on; a
 * table is asked only where one ends, and the bytes decide. */
#include <immintrin.h>

#include "match/index.h"
#include "text/text.h"

enum { GAP_WORDS = 3 };

static inline unsigned step_of(const uint64_t *steps, uint32_t size, uint64_t hash)
{
    return steps[(hash & (size - 1)) >> 5] >> (hash & 31) * 2 & 3;
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

/* Words of the text that may be a literal's: tokens first..last. */
struct candidate { uint32_t tag, first, last; };
enum { CANDIDATES = 64 };

/* The words behind a candidate, as many as hold every place where there are enough: four of them stand behind a blank,
 * and so would a place behind them. Signs do not count, for they may be the candidate's own. */
enum { NEAR_WORDS = 7 };
struct near { uint32_t behind; /* token + 1 of the candidate's last, 0 none */ bool enough; uint64_t hash[NEAR_WORDS]; };

static inline uint32_t near_word(struct near *x, uint32_t i, const char *p, const struct tok *k)
{
    x->hash[i] = k->hash;
    return (k->kind != TOK_PUNCT) & (p[k->begin - 1] == ' '); /* which cannot be foreseen */
}

static void find_near(struct near *x, const char *p, const struct tok *k, const struct tok *last)
{
    uint32_t blanks = 0;
    if (last - k < NEAR_WORDS) {
        memset(x->hash, 0, sizeof x->hash);
        for (uint32_t i = 0; k < last; i++, k++) near_word(x, i, p, k);
        x->enough = true;
        return;
    }
    for (uint32_t i = 0; i < NEAR_WORDS; i++) blanks += near_word(x, i, p, k + i);
    x->enough = blanks > GAP_WORDS;
}

/* False: none of them begins a wording of the piece, and no wording begins with a sign. */
static bool may_follow(const struct piece *pc, const struct near *x)
{
    bool any = may_begin(pc, 0);
    for (uint32_t i = 0; i < NEAR_WORDS; i++) any |= may_begin(pc, x->hash[i]);
    return any;
}

/* The end of the piece's first wording at the first of the places that has one, 0 none. */
static uint32_t match_piece(const struct match_db *db, const struct piece *pc, str t, const struct places *x)
{
    for (uint32_t i = 0; i < x->n; i++) {
        if (!may_begin(pc, x->p[i].hash)) continue;
        uint32_t at = x->p[i].at, begin = (uint32_t)x->p[i].hash;
        for (const struct wording *w = db->wording + pc->wording, *end = w + pc->n; w < end; w++)
            if (w->begin == begin && t.n - at >= w->n && w->tail == wording_tail(t.p + at, w->n) &&
                memcmp(t.p + at, db->text + w->text, w->n) == 0 && bounded(t.p, t.n, at, at + w->n))
                return at + w->n;
    }
    return 0;
}

/* In order of place, then of cue: hits arrive nearly so. */
static void push_hit(struct walk *w, uint32_t cue, uint32_t turn, uint32_t begin, uint32_t end, bool quoted)
{
    vec_push(w->a, &w->hit);
    size_t i = w->hit.n - 1;
    for (; i > w->hit0[turn]; i--) {
        const struct hit *h = &w->hit.p[i - 1];
        if (h->begin < begin || (h->begin == begin && (h->cue < cue || (h->cue == cue && h->end <= end)))) break;
        w->hit.p[i] = *h;
    }
    w->hit.p[i] = (struct hit){cue, turn, begin, end, 0, quoted, -1};
}

static inline bool blank_around(const char *p, size_t n, size_t b, size_t e)
{
    return (b == 0 || p[b - 1] == ' ') && (e == n || p[e] == ' ');
}

/* Blanks among the first n of 32 bytes. */
static inline uint32_t blanks32(const char *p, uint32_t n)
{
    const __m128i blank = _mm_set1_epi8(' '), place = _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const __m128i end = _mm_set1_epi8((char)(n < 32 ? n : 32)), end1 = _mm_sub_epi8(end, _mm_set1_epi8(16));
    __m128i v = _mm_loadu_si128((const __m128i *)p), v1 = _mm_loadu_si128((const __m128i *)(p + 16));
    v = _mm_and_si128(_mm_cmpeq_epi8(v, blank), _mm_cmplt_epi8(place, end));
    v1 = _mm_and_si128(_mm_cmpeq_epi8(v1, blank), _mm_cmplt_epi8(place, end1));
    __m128i sum = _mm_sad_epu8(_mm_sub_epi8(_mm_setzero_si128(), _mm_add_epi8(v, v1)), _mm_setzero_si128());
    return (uint32_t)_mm_cvtsi128_si32(sum) + (uint32_t)_mm_extract_epi16(sum, 4);
}

/* One blank between each word of tok[0..n], and no sign, where they and n blanks are `bytes` long? Then there are n. */
static bool plain_words(const char *p, const struct tok *tok, uint32_t n, uint32_t bytes)
{
    if (tok[n].begin + tok[n].len - tok[0].begin != bytes) return false;
    uint32_t blanks = 0;
    for (uint32_t at = 0; at < bytes; at += 32) blanks += blanks32(p + tok[0].begin + at, bytes - at);
    return blanks == n;
}

/* The pieces behind a hit that ends at `end`: the end of the last, 0 when one is missing. */
static uint32_t match_rest(const struct scan *s, const struct piece *pc, const struct tok *k, uint32_t end)
{
    struct places places;
    for (;; pc++) {
        find_places(&places, s->fold, end, k, s->tok + s->n_tok);
        end = match_piece(s->db, pc, s->fold, &places);
        if (!end || !pc->more) return end;
    }
}

/* ---- candidates → hits ---- */

/* A literal that has these words. */
struct found { const struct entry *entry; const struct candidate *words; };
enum { FOUND = 128 };
struct founds { struct found whole[FOUND], gap[FOUND]; uint32_t n_whole, n_gap; };

/* Does the literal stand there, at *b..*e? */
static inline bool stands(const struct scan *s, const struct found *f, uint32_t *b, uint32_t *e)
{
    const struct entry *x = f->entry;
    const struct tok *k = &s->tok[f->words->first];
    str t = s->fold;
    if (k->begin < x->before) return false;
    *b = k->begin - x->before, *e = *b + x->n;
    bool same = x->plain ? plain_words(t.p, k, f->words->last - f->words->first, x->n)
                         : *e <= t.n && memcmp(t.p + *b, s->db->text + x->text, x->n) == 0;
    return same && (blank_around(t.p, t.n, *b, *e) || bounded(t.p, t.n, *b, *e));
}

static inline void try_whole(const struct scan *s, const struct found *f)
{
    uint32_t b, e;
    if (!stands(s, f, &b, &e)) return;
    push_hit(s->w, f->entry->what >> 1, s->turn, b, e, s->tok[f->words->first].quoted);
}

/* What is behind its gaps decides. near: [NEARS], of the words behind which it was looked lately. */
enum { NEARS = 16 };
static inline void try_gap(const struct scan *s, const struct found *f, struct near *near)
{
    const struct piece *pc = &s->db->piece[f->entry->what >> 1];
    const struct tok *k = &s->tok[f->words->first];
    uint32_t b, e;
    uint32_t behind = f->words->last + 1;
    near += behind % NEARS;
    if (near->behind != behind) find_near(near, s->fold.p, &s->tok[behind], s->tok + s->n_tok);
    near->behind = behind;
    if (near->enough && !may_follow(pc, near)) return;
    if (!stands(s, f, &b, &e)) return;
    e = match_rest(s, pc, k, e);
    if (e) push_hit(s->w, pc->cue, s->turn, b, e, k->quoted);
}

/* Which of four entries have the candidate's tag and are for the role. Behind the last entry stand the buckets. */
static inline unsigned are_of(const struct entry *x, const struct candidate *c, unsigned role)
{
    _Static_assert(sizeof *x == 16 && offsetof(struct entry, tag) == 8 && offsetof(struct entry, roles) == 14, "lanes");
    __m128i a = _mm_loadu_si128((const __m128i *)x), b = _mm_loadu_si128((const __m128i *)(x + 1));
    __m128i d = _mm_loadu_si128((const __m128i *)(x + 2)), e = _mm_loadu_si128((const __m128i *)(x + 3));
    __m128i ab = _mm_unpackhi_epi32(a, b), de = _mm_unpackhi_epi32(d, e);
    __m128i tag = _mm_slli_epi32(_mm_unpacklo_epi64(ab, de), 16), roles = _mm_unpackhi_epi64(ab, de);
    __m128i same = _mm_cmpeq_epi32(tag, _mm_set1_epi32((int)(c->tag << 16)));
    __m128i other = _mm_cmpeq_epi32(_mm_and_si128(roles, _mm_set1_epi32((int)(role << 16))), _mm_setzero_si128());
    return (unsigned)_mm_movemask_ps(_mm_castsi128_ps(_mm_andnot_si128(other, same)));
}

static void try_found(const struct scan *s, struct founds *all)
{
    struct near near[NEARS];
    for (uint32_t i = 0; i < NEARS; i++) near[i].behind = 0;
    for (uint32_t i = 0; i < all->n_gap; i++)
        mem_fetch(&s->db->piece[all->gap[i].entry->what >> 1], sizeof(struct piece));
    for (uint32_t i = 0; i < all->n_whole; i++) try_whole(s, &all->whole[i]);
    for (uint32_t i = 0; i < all->n_gap; i++) try_gap(s, &all->gap[i], near);
    all->n_whole = all->n_gap = 0;
}

/* Entries lie scattered over a megabyte: each step asks for the memory of the next. Which of a bucket's has the words
 * cannot be foreseen, so there is no branch on it; nearly always it is one of four. */
static void try_candidates(const struct scan *s, const struct candidate *c, uint32_t n)
{
    const struct match_db *db = s->db;
    struct founds all;
    all.n_whole = all.n_gap = 0;
    for (uint32_t i = 0; i < n; i++) __builtin_prefetch(&db->bucket[c[i].tag >> BUCKET_SHIFT]);
    for (uint32_t i = 0; i < n; i++) __builtin_prefetch(&db->entry[db->bucket[c[i].tag >> BUCKET_SHIFT]]);
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t *bucket = &db->bucket[c[i].tag >> BUCKET_SHIFT];
        const struct entry *x = db->entry + bucket[0];
        for (uint32_t left = bucket[1] - bucket[0]; left; x += 4, left -= left < 4 ? left : 4) {
            unsigned of = are_of(x, &c[i], s->role) & ~(~0u << (left < 4 ? left : 4));
            do {
                const struct entry *k = x + __builtin_ctz(of | 8);
                unsigned is = of != 0, gap = k->what & 1;
                all.whole[all.n_whole] = all.gap[all.n_gap] = (struct found){k, &c[i]};
                all.n_whole += is & ~gap, all.n_gap += is & gap;
                if (all.n_whole == FOUND || all.n_gap == FOUND) try_found(s, &all);
                of &= of - 1;
            } while (of);
        }
    }
    try_found(s, &all);
}

struct candidates { struct candidate p[CANDIDATES]; uint32_t n; };

/* One more, or none where `is` is 0. */
static inline void add_candidate(const struct scan *s, struct candidates *list, uint64_t h, uint32_t first,
                                 uint32_t last, unsigned is)
{
    list->p[list->n] = (struct candidate){tag_of(h), first, last};
    list->n += is;
    if (list->n == CANDIDATES) try_candidates(s, list->p, list->n), list->n = 0;
}

/* ---- sequences of words ---- */

/* Words of the text that begin a literal: tokens first..last; h: their hash. */
struct run { uint64_t h; uint32_t first, last; };
enum { RUNS = 128 };
struct runs { struct run p[RUNS]; uint32_t n; };

/* The word behind token k, n_tok none. One sign between two words is usual and not foreseen. */
static inline uint32_t word_behind(const struct scan *s, uint32_t k)
{
    k++;
    if (k < s->n_tok) k += s->tok[k].kind == TOK_PUNCT;
    while (k < s->n_tok && s->tok[k].kind == TOK_PUNCT) k++;
    return k;
}

/* The longer literals that begin with these. All go on by a word, then all by another: how far each goes cannot be
 * foreseen, and its next place in `longer` is seldom in a near cache. */
static void scan_on(const struct scan *s, const struct steps *steps, struct runs *runs, struct candidates *list)
{
    while (runs->n) {
        uint32_t n = 0, n_left = 0;
        for (uint32_t i = 0; i < runs->n; i++) {
            struct run r = runs->p[i];
            r.last = word_behind(s, r.last);
            if (r.last == s->n_tok) continue;
            r.h = hash_mix(r.h, s->tok[r.last].hash);
            __builtin_prefetch(&steps->longer[(r.h & (SEQUENCE_STEPS - 1)) >> 5]);
            runs->p[n++] = r;
        }
        for (uint32_t i = 0; i < n; i++) {
            struct run r = runs->p[i];
            unsigned step = step_of(steps->longer, SEQUENCE_STEPS, r.h);
            add_candidate(s, list, r.h, r.first, r.last, step & ENDS);
            runs->p[n_left] = r;
            n_left += (step & LEADS) != 0;
        }
        runs->n = n_left;
    }
}

/* ---- sifting ---- */

/* Words of up to 64 tokens, behind the last one before them. */
struct sieve {
    uint32_t n, at[65];        /* in the turn's tokens */
    uint32_t hash[68];         /* its low half */
    uint64_t own[68];          /* bits of steps.word */
};
/* By word: it and the one before it may be a literal, or begin one; it alone may. */
struct sifted { uint64_t pair, single; };

static void fill(struct sieve *x, const struct scan *s, const struct steps *steps, uint32_t from)
{
    uint32_t n = x->n, to = s->n_tok - from > 64 ? from + 64 : s->n_tok;
    x->at[0] = x->at[n], x->hash[0] = x->hash[n], x->own[0] = x->own[n];
    n = 0;
    for (uint32_t k = from; k < to; k++) { /* a sign's place is written over: where one stands cannot be foreseen */
        uint32_t h = (uint32_t)s->tok[k].hash;
        x->at[n + 1] = k, x->hash[n + 1] = h, x->own[n + 1] = steps->word[h & (WORD_STEPS - 1)];
        n += s->tok[k].kind != TOK_PUNCT;
    }
    x->n = n;
}

static struct sifted sift(const struct sieve *x)
{
    struct sifted out = {0};
    for (uint32_t i = 0; i < x->n; i++) {
        uint64_t own = x->own[i + 1], before = x->own[i];
        out.pair |= (before >> as_second(x->hash[i + 1]) & own >> as_first(x->hash[i]) & 1) << i;
        out.single |= (own >> as_single(x->hash[i + 1]) & 1) << i;
    }
    return out;
}

/* Four words at once. */
static __attribute__((target("avx2"))) struct sifted sift_wide(const struct sieve *x)
{
    struct sifted out = {0};
    const __m256i four = _mm256_set1_epi64x(15);
    for (uint32_t i = 0; i < x->n; i += 4) {
        __m256i own = _mm256_loadu_si256((const __m256i *)(x->own + i + 1));
        __m256i before = _mm256_loadu_si256((const __m256i *)(x->own + i));
        __m256i h = _mm256_cvtepu32_epi64(_mm_loadu_si128((const __m128i *)(x->hash + i + 1)));
        __m256i h0 = _mm256_cvtepu32_epi64(_mm_loadu_si128((const __m128i *)(x->hash + i)));
        __m256i second = _mm256_and_si256(_mm256_srli_epi64(h, SECOND_BITS), _mm256_set1_epi64x(31));
        __m256i first = _mm256_and_si256(_mm256_srli_epi64(h0, FIRST_BITS), four);
        __m256i single = _mm256_and_si256(_mm256_srli_epi64(h, SINGLE_BITS), four);
        __m256i follows = _mm256_srlv_epi64(before, second), leads = _mm256_srlv_epi64(_mm256_srli_epi64(own, 32), first);
        __m256i pair = _mm256_and_si256(follows, leads);
        __m256i alone = _mm256_srlv_epi64(_mm256_srli_epi64(own, 48), single);
        out.pair |= (uint64_t)(uint32_t)_mm256_movemask_pd(_mm256_castsi256_pd(_mm256_slli_epi64(pair, 63))) << i;
        out.single |= (uint64_t)(uint32_t)_mm256_movemask_pd(_mm256_castsi256_pd(_mm256_slli_epi64(alone, 63))) << i;
    }
    uint64_t valid = x->n ? ~0ull >> (64 - x->n) : 0;
    return (struct sifted){out.pair & valid, out.single & valid};
}

/* ---- a turn ---- */

static void scan_block(const struct scan *s, const struct steps *steps, const struct sieve *x, struct sifted found,
                       struct runs *runs, struct candidates *list)
{
    for (uint64_t left = found.single; left; left &= left - 1) {
        uint32_t k = x->at[__builtin_ctzll(left) + 1];
        add_candidate(s, list, s->tok[k].hash, k, k, 1);
    }
    for (uint64_t left = found.pair; left; left &= left - 1) {
        const uint32_t *at = x->at + __builtin_ctzll(left);
        uint64_t h = hash_mix(s->tok[at[0]].hash, s->tok[at[1]].hash);
        unsigned step = step_of(steps->pair, PAIR_STEPS, h);
        add_candidate(s, list, h, at[0], at[1], step & ENDS);
        runs->p[runs->n] = (struct run){h, at[0], at[1]};
        runs->n += (step & LEADS) != 0;
    }
}

/* Every sequence of words that is a literal. A branch a word would be guessed wrong one time in four, so single words
 * and pairs are sifted first, some at a time, and only what is left is looked at. */
static void scan_turn(const struct scan *s)
{
    const struct steps *steps = &s->db->steps[s->role != 1u << ROLE_USER];
    bool wide = __builtin_cpu_supports("avx2");
    struct candidates list;
    struct runs runs;
    struct sieve x;
    list.n = runs.n = 0;
    x.n = x.at[0] = x.hash[0] = 0, x.own[0] = 0; /* no word before the first: no bit of its own */
    for (uint32_t from = 0; from < s->n_tok; from += 64) {
        fill(&x, s, steps, from);
        scan_block(s, steps, &x, wide ? sift_wide(&x) : sift(&x), &runs, &list);
        if (runs.n > RUNS - 64) scan_on(s, steps, &runs, &list); /* a block has up to 64 pairs */
    }
    scan_on(s, steps, &runs, &list);
    try_candidates(s, list.p, list.n);
}

/* The sentence of each hit and what it tells of, the hits of each sentence; both lists are in order. */
static void place_hits(struct walk *w)
{
    enum { AHEAD = 8 };
    uint32_t s = 0, n = (uint32_t)w->sent.n;
    for (size_t i = 0; i < w->hit.n; i++) {
        struct hit *h = &w->hit.p[i];
        if (i + AHEAD < w->hit.n) __builtin_prefetch(&w->pack->cue[h[AHEAD].cue].construct);
        const struct text *t = &w->text[h->turn];
        if (s < t->sent0) s = t->sent0 < n ? t->sent0 : n - 1;
        const uint32_t last = t->sent1 < n - 1 ? t->sent1 : n - 1;
        for (int k = 0; k < 3; k++) s += (s < last) & (w->sent.p[s].end <= h->begin); /* how many cannot be foreseen */
        while (s < last && w->sent.p[s].end <= h->begin) s++;
        h->sent = s;
        struct sent *x = &w->sent.p[s];
        const struct cue *c = &w->pack->cue[h->cue];
        const uint32_t own = !h->quoted & (h->begin >= x->begin) & (h->begin < x->end);
        const uint32_t whole = (h->begin == x->begin) & (h->end + 3 >= x->end);
        x->rules |= (c->rule & own) << (c->act & 31);
        x->denies |= (((c->denies == DENIES) | ((c->denies == DENIES_ALONE) & whole)) & own) << (c->act & 31);
        if (c->construct >= 0 && !h->quoted && !(x->flags & S_QUOTED)) {
            h->tells = (int8_t)c->construct;
            w->hit_constructs[h->turn] |= 1ull << c->construct;
        }
        if (x->hit1 == 0) x->hit0 = (uint32_t)i;
        x->hit1 = (uint32_t)i + 1;
    }
}

/* Other rooms have taken the near cache since the last conversation: where there are many words, what is looked at for
 * each is fetched in one go. */
static void warm(const struct walk *w)
{
    enum { WORTH = 1000 }; /* tokens */
    uint32_t n[2] = {0};
    for (uint32_t t = 0; t < w->conv->n_turn; t++)
        n[w->conv->turn[t].role != ROLE_USER] += w->text[t].tok1 - w->text[t].tok0;
    for (int i = 0; i < 2; i++)
        if (n[i] >= WORTH) mem_fetch(&w->pack->db->steps[i], offsetof(struct steps, longer));
}

void match_scan(struct walk *w)
{
    size_t n_turn = w->conv->n_turn;
    warm(w);
    w->hit0 = arena_array(w->a, uint32_t, n_turn + 1);
    w->hit_constructs = arena_array(w->a, uint64_t, n_turn);
    for (uint32_t t = 0; t < n_turn; t++) {
        const struct text *x = &w->text[t];
        w->hit0[t] = (uint32_t)w->hit.n;
        scan_turn(&(struct scan){w, w->pack->db, x->fold, w->tok.p + x->tok0, x->tok1 - x->tok0, t,
                                 1u << w->conv->turn[t].role});
    }
    w->hit0[n_turn] = (uint32_t)w->hit.n;
    place_hits(w);
}
