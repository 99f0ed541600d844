/* Tokens → sets of word hashes and shingle hashes; their overlaps.
 * Everything lives in the walk's arena, the lines of a bank in their pack's.
 *
 * Sets hold 32-bit hashes: with a few hundred words a turn a chance meeting is
 * one in ten million. */
#include "text/overlap.h"
#include "text/text.h"

struct hash_set { uint32_t n, mask, *slot, *list; uint8_t *filter; /* [FILTER] by filter_of, made on first use */ };

struct turn_words {
    uint32_t *at;                /* of content's list: where the word stands once */
    bool has_content, has_token, has_shingle[2]; /* shingles of 3, of 5 */
    struct hash_set content, shingle[2];
    uint32_t *token, n_token;
};

struct text_line { /* of a bank: its words and shingles, made once */
    uint32_t *token, n_token;
    struct hash_set shingle[2];
};

/* ---- sets ---- */

/* Its list will be written to `list`, which has room for them. */
static struct hash_set set_over(struct arena *a, uint32_t at_most, uint32_t *list)
{
    uint32_t slots = 8;
    while (slots < at_most * 4) slots *= 2; /* most looks end at the first slot */
    return (struct hash_set){.mask = slots - 1, .slot = arena_array(a, uint32_t, slots), .list = list};
}

static struct hash_set set_new(struct arena *a, uint32_t at_most)
{
    return set_over(a, at_most, arena_raw(a, sizeof(uint32_t) * (at_most + 1)));
}

static bool set_has(const struct hash_set *s, uint32_t h)
{
    if (!s->slot) return false;
    for (uint32_t i = h & s->mask; s->slot[i]; i = (i + 1) & s->mask)
        if (s->slot[i] == h) return true;
    return false;
}

static inline void set_add(struct hash_set *s, uint32_t h)
{
    uint32_t i = h & s->mask;
    for (; s->slot[i]; i = (i + 1) & s->mask)
        if (s->slot[i] == h) return;
    s->slot[i] = h;
    s->list[s->n++] = h;
}

static uint32_t set_common(const struct hash_set *a, const struct hash_set *b)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < a->n; i++) n += set_has(b, a->list[i]);
    return n;
}

/* ---- words ---- */

static uint32_t short_hash(uint64_t h) { return (uint32_t)h ? (uint32_t)h : 1; }

/* Here a word is what stands without a gap: "24h" and "90's" are one word of two tokens. */
struct word { str text; uint64_t hash; bool stop; };

static bool joins(const char *p, const struct tok *next, uint32_t end)
{
    return next->kind != TOK_PUNCT && (next->begin == end || (next->begin == end + 1 && p[end] == '\''));
}

/* Bytes that a word may go on with, or that it may go on behind. */
static const uint8_t touching[256] = {['0' ... '9'] = 1, ['a' ... 'z'] = 1, ['A' ... 'Z'] = 1, ['\''] = 1,
                                      [0x80 ... 0xFF] = 1};
static inline uint8_t touches(const char *p, uint32_t i) { return touching[(unsigned char)p[i]]; }

/* The word that begins at or behind token *o, at most up to `end`; *o moves behind it. False at the end. */
static inline bool next_word(const char *p, const struct tok **o, const struct tok *end, struct word *out)
{
    const struct tok *k = *o;
    while (k < end && k->kind == TOK_PUNCT) k++;
    if (k >= end) return false;
    uint32_t b = k->begin, e = b + k->len;
    out->hash = k->hash;
    out->stop = k->stop;
    if (!touches(p, e) && k->kind == TOK_WORD) {
        out->text = (str){p + b, e - b};
        *o = k + 1;
        return true;
    }
    bool number = k->kind == TOK_NUMBER; /* all numbers share one token hash, but no word is another's */
    for (k++; k < end && joins(p, k, e); k++) e = k->begin + k->len, number = true;
    out->text = (str){p + b, e - b};
    if (number) out->hash = text_word_hash(out->text), out->stop = false;
    *o = k;
    return true;
}

/* The hash that a word has in a content set, 0 if it is no content word. */
static uint32_t content_hash(str word, uint64_t hash, bool stop)
{
    if (word.n < 2 || stop) return 0;
    size_t n = text_stem(word.p, word.n);
    return short_hash(n == word.n ? hash : text_hash(word.p, n));
}

/* ---- what was made of a word before ---- */

/* Content hash of the word that begins at token *o of those before `end` and is new, or touches what stands behind it;
 * *o moves behind it. */
static __attribute__((noinline)) uint32_t content_new(struct walk *w, const char *p, const struct tok **o,
                                                      const struct tok *end)
{
    const struct tok *k = *o;
    struct word x = {{p + k->begin, k->len}, k->hash, k->stop};
    bool alone = k->kind == TOK_PUNCT || (k->kind == TOK_WORD && !touches(p, k->begin + k->len));
    if (alone) ++*o;
    else next_word(p, o, end, &x);
    uint32_t content = k->kind == TOK_PUNCT ? 0 : content_hash(x.text, x.hash, x.stop);
    if (alone && k->len < TEXT_HASH_MAX) /* of longer ones the hash is not all */
        w->stems->word[k->hash % STEMS] = (struct stem_known){k->hash, content};
    return content;
}

/* Content hash of the word that begins at token *o of those before `end`; *o moves behind it. */
static inline uint32_t content_next(struct walk *w, const char *p, const struct tok **o, const struct tok *end)
{
    const struct tok *k = *o;
    const struct stem_known *x = &w->stems->word[k->hash % STEMS];
    if (__builtin_expect(x->hash != k->hash || touches(p, k->begin + k->len), 0)) return content_new(w, p, o, end);
    *o = k + 1;
    return x->content;
}

/* Asks for what content_next will look at: all words met before are too much for a near cache. */
static inline void stem_fetch(const struct walk *w, const struct tok *k)
{
    __builtin_prefetch(&w->stems->word[k->hash % STEMS]);
}

/* Content hashes of the words of tokens o..end, as often as they stand there, and where each begins. Their number. */
static uint32_t content_list(struct walk *w, const char *p, const struct tok *o, const struct tok *end, uint32_t *out,
                             uint32_t *at)
{
    uint32_t n = 0;
    if (!w->stems) w->stems = arena_new(w->a, struct text_stems);
    for (const struct tok *k = o; k < end; k++) stem_fetch(w, k);
    while (o < end) {
        at[n] = o->begin;
        out[n] = content_next(w, p, &o, end);
        n += out[n] != 0;
    }
    return n;
}

/* *at: where each begins, in the order of the set's list. */
static struct hash_set content_set(struct walk *w, uint32_t t, uint32_t k, uint32_t k1, uint32_t **at)
{
    uint32_t *all = arena_raw(w->a, 2 * sizeof *all * (k1 - k + 1)), *from = all + (k1 - k + 1);
    uint32_t n = content_list(w, w->text[t].fold.p, w->tok.p + k, w->tok.p + k1, all, from);
    struct hash_set set = set_over(w->a, n, all);
    for (uint32_t i = 0; i < n; i++) { /* set.n <= i: each is read before its place is written */
        from[set.n] = from[i];
        set_add(&set, all[i]);
    }
    *at = from;
    return set;
}

/* ---- two turns ---- */

/* How a word begins: its first three bytes as a number below OPENINGS. A fold may be read behind. */
enum { OPENINGS = 4096 };
static inline uint32_t opening_of(uint32_t three) { return (three & 0x1F1F1F) * 0x9E3779B1u >> 20; }

/* May the stem have two bytes? "tr", "tr's", "tries". */
static bool has_short_stem(const char *p)
{
    return !touches(p, 2) || p[2] == '\'' || (p[2] == 'i' && p[3] == 'e' && (p[4] == 's' || p[4] == 'd'));
}

/* Marks how the words of a turn's content set begin: forms of a word share the bytes of their stem. */
static void mark_openings(uint8_t opening[OPENINGS], const char *p, const struct turn_words *x)
{
    for (uint32_t i = 0, v; i < x->content.n; i++) {
        memcpy(&v, p + x->at[i], sizeof v);
        opening[opening_of(v)] = 1;
        if (!has_short_stem(p + x->at[i])) continue;
        for (uint32_t third = 0; third < 32; third++) opening[opening_of((v & 0xFFFF) | third << 16)] = 1;
    }
}

/* Those of the tokens k0..k that begin like one of these words and are no stop words, without a branch on it; from the
 * last to the first, for a stop word before a number is none ("a1"). */
static uint32_t like_openings(const uint8_t opening[OPENINGS], const char *p, const struct tok *k, const struct tok *k0,
                              const struct tok **out)
{
    uint32_t n = 0, v;
    bool number = true;
    while (k-- > k0) {
        out[n] = k;
        memcpy(&v, p + k->begin, sizeof v);
        n += opening[opening_of(v)] & (number | (bool)!k->stop);
        number = k->kind == TOK_NUMBER;
    }
    return n;
}

/* Does token k go on with the word of the token before it? */
static bool goes_on(const char *p, const struct tok *k)
{
    return k[-1].kind != TOK_PUNCT && joins(p, k, k[-1].begin + k[-1].len);
}

/* Content words of turn a that turn b has, without a set of its own. */
static uint32_t content_common(struct walk *w, uint32_t a, const struct turn_words *x, uint32_t b)
{
    const struct hash_set *set = &x->content;
    const char *p = w->text[b].fold.p;
    const struct tok *first = w->tok.p + w->text[b].tok0, *end = w->tok.p + w->text[b].tok1;
    const struct arena_mark mark = arena_mark(w->a);
    const struct tok **like = arena_raw(w->a, sizeof *like * (size_t)(end - first + 1));
    bool *seen = arena_array(w->a, bool, set->mask + 1);
    uint8_t opening[OPENINGS] = {0};
    uint32_t common = 0;
    mark_openings(opening, w->text[a].fold.p, x);
    uint32_t n = like_openings(opening, p, end, first, like);
    for (uint32_t c = 0; c < n; c++) stem_fetch(w, like[c]);
    for (uint32_t c = 0; c < n; c++) {
        const struct tok *k = like[c];
        if (k > first && goes_on(p, k)) continue;
        uint32_t content = content_next(w, p, &k, end), i = content & set->mask;
        while (set->slot[i] && set->slot[i] != content) i = (i + 1) & set->mask;
        common += (set->slot[i] != 0) & !seen[i];
        seen[i] = true;
    }
    arena_back(w->a, mark);
    return common;
}

static uint32_t *tokens(struct walk *w, uint32_t t, uint32_t *n)
{
    const struct tok *o = w->tok.p + w->text[t].tok0, *end = w->tok.p + w->text[t].tok1;
    uint32_t *out = arena_raw(w->a, sizeof *out * (size_t)(end - o + 1));
    struct word x;
    for (*n = 0; next_word(w->text[t].fold.p, &o, end, &x);) out[(*n)++] = short_hash(x.hash);
    return out;
}

static struct hash_set shingles(struct arena *a, const uint32_t *token, uint32_t n, uint32_t k)
{
    struct hash_set set = set_new(a, n);
    for (uint32_t i = 0; i + k <= n; i++) {
        uint64_t h = k;
        for (uint32_t j = 0; j < k; j++) h = hash_mix(h, token[i + j]);
        set_add(&set, (uint32_t)h ? (uint32_t)h : 1);
    }
    return set;
}

/* ---- kept on the walk ---- */

static struct turn_words *words_of(struct walk *w, uint32_t t)
{
    if (!w->words) w->words = arena_array(w->a, struct turn_words, w->conv->n_turn);
    return &w->words[t];
}

static struct hash_set *content_of(struct walk *w, uint32_t t)
{
    struct turn_words *x = words_of(w, t);
    if (!x->has_content) {
        x->content = content_set(w, t, w->text[t].tok0, w->text[t].tok1, &x->at);
        x->has_content = true;
    }
    return &x->content;
}

static struct turn_words *tokens_of(struct walk *w, uint32_t t)
{
    struct turn_words *x = words_of(w, t);
    if (!x->has_token) {
        x->token = tokens(w, t, &x->n_token);
        x->has_token = true;
    }
    return x;
}

static struct hash_set *shingles_of(struct walk *w, uint32_t t, uint32_t k)
{
    struct turn_words *x = tokens_of(w, t);
    int i = k == 5;
    if (!x->has_shingle[i]) {
        x->shingle[i] = shingles(w->a, x->token, x->n_token, k);
        x->has_shingle[i] = true;
    }
    return &x->shingle[i];
}

/* ---- measures ---- */

float text_ov(struct walk *w, uint32_t a, uint32_t b)
{
    struct hash_set *x = content_of(w, a);
    if (!x->n) return 0;
    const struct turn_words *y = words_of(w, b);
    return (float)(y->has_content ? set_common(x, &y->content) : content_common(w, a, words_of(w, a), b)) / (float)x->n;
}

float text_ov_sent(struct walk *w, uint32_t s, uint32_t b)
{
    const struct sent *z = &w->sent.p[s];
    const struct turn_words *y = words_of(w, b);
    const struct arena_mark mark = arena_mark(w->a);
    struct turn_words x = {0};
    x.content = content_set(w, z->turn, z->tok0, z->tok1, &x.at);
    uint32_t n = x.content.n, common = 0;
    if (n) common = y->has_content ? set_common(&x.content, &y->content) : content_common(w, z->turn, &x, b);
    arena_back(w->a, mark);
    return n ? (float)common / (float)n : 0;
}

uint32_t text_content_words(struct walk *w, uint32_t t) { return content_of(w, t)->n; }

static uint32_t shingle_length(uint32_t n, uint32_t m) { return n < 20 || m < 20 ? 3 : 5; }

static float share(uint32_t common, const struct hash_set *x, const struct hash_set *y)
{
    uint32_t all = x->n + y->n - common;
    return all ? (float)common / (float)all : 0;
}

static float jaccard(const struct hash_set *x, const struct hash_set *y) { return share(set_common(x, y), x, y); }

static float short_equal(const uint32_t *x, uint32_t n, const uint32_t *y, uint32_t m)
{
    return n && n == m && memcmp(x, y, n * sizeof *x) == 0;
}

/* A number below FILTER, for a hash of a set. */
enum { FILTER = 1024 };
static inline uint32_t filter_of(uint32_t hash) { return hash / (UINT32_MAX / FILTER + 1); }

/* As many as x and y have in common, or some more. */
static uint32_t common_most(struct walk *w, const struct hash_set *x, struct hash_set *y)
{
    uint32_t n = 0;
    if (!y->filter) {
        y->filter = arena_array(w->a, uint8_t, FILTER);
        for (uint32_t i = 0; i < y->n; i++) y->filter[filter_of(y->list[i])] = 1;
    }
    for (uint32_t i = 0; i < x->n; i++) n += y->filter[filter_of(x->list[i])];
    return n;
}

float text_j5(struct walk *w, uint32_t a, uint32_t b) { return text_j5_least(w, a, b, 0); }

float text_j5_least(struct walk *w, uint32_t a, uint32_t b, float least)
{
    struct turn_words *x = tokens_of(w, a), *y = tokens_of(w, b);
    if (x->n_token < 3 || y->n_token < 3) return short_equal(x->token, x->n_token, y->token, y->n_token);
    uint32_t k = shingle_length(x->n_token, y->n_token);
    struct hash_set *p = shingles_of(w, a, k), *q = shingles_of(w, b, k);
    return least > 0 && share(common_most(w, p, q), p, q) < least ? 0 : jaccard(p, q);
}

/* ---- sketches ---- */

static void sketch_add(uint64_t least[static SKETCH_PLACES], uint64_t shingle)
{
    for (uint32_t i = 0; i < SKETCH_PLACES; i++) { /* one permutation a place; a repeated shingle changes nothing */
        uint64_t h = hash_mix(shingle, i * 0xC2B2AE3D27D4EB4Full);
        if (h < least[i]) least[i] = h;
    }
}

uint32_t text_sketch(const struct walk *w, uint32_t t, uint32_t k, uint16_t out[static SKETCH_PLACES])
{
    enum { LONGEST = 8 };
    uint64_t least[SKETCH_PLACES];
    uint32_t last[LONGEST] = {0}, n = 0;
    const struct tok *o = w->tok.p + w->text[t].tok0, *end = w->tok.p + w->text[t].tok1;
    struct word x;
    memset(least, 0xFF, sizeof least);
    while (next_word(w->text[t].fold.p, &o, end, &x)) {
        last[n++ % LONGEST] = short_hash(x.hash);
        if (n < k) continue;
        uint64_t h = k;
        for (uint32_t j = n - k; j < n; j++) h = hash_mix(h, last[j % LONGEST]);
        sketch_add(least, h);
    }
    if (n && n < k && k == 3) { /* equal or not: J5 of so short a text */
        uint64_t h = n;
        for (uint32_t j = 0; j < n; j++) h = hash_mix(h, last[j]);
        sketch_add(least, h);
    }
    for (uint32_t i = 0; i < SKETCH_PLACES; i++) out[i] = (uint16_t)least[i];
    return n;
}

/* ---- lines of a bank ---- */

static bool word_byte(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '\'' || c >= 0x80;
}

/* Next word of s at or after *at, without apostrophes at its ends; false at the end. */
static bool next_in(str s, size_t *at, str *word)
{
    size_t i = *at;
    for (;;) {
        while (i < s.n && !word_byte((unsigned char)s.p[i])) i++;
        if (i >= s.n) return false;
        size_t b = i;
        while (i < s.n && word_byte((unsigned char)s.p[i])) i++;
        *at = i;
        *word = str_sub(s, b, i);
        while (word->n && word->p[0] == '\'') *word = str_sub(*word, 1, word->n);
        while (word->n && word->p[word->n - 1] == '\'') word->n--;
        if (word->n) return true;
    }
}

const struct text_line *text_line_new(struct arena *a, str folded)
{
    struct text_line *x = arena_new(a, struct text_line);
    x->token = arena_raw(a, sizeof *x->token * (folded.n / 2 + 1));
    str word;
    for (size_t at = 0; next_in(folded, &at, &word);) x->token[x->n_token++] = short_hash(text_word_hash(word));
    for (int i = 0; i < 2; i++) x->shingle[i] = shingles(a, x->token, x->n_token, i ? 5 : 3);
    return x;
}

float text_j5_line(struct walk *w, uint32_t a, const struct text_line *line)
{
    struct turn_words *x = tokens_of(w, a);
    if (x->n_token < 3 || line->n_token < 3) return short_equal(x->token, x->n_token, line->token, line->n_token);
    uint32_t k = shingle_length(x->n_token, line->n_token);
    return jaccard(&line->shingle[k == 5], shingles_of(w, a, k));
}
