/* Tokens → sets of word hashes and shingle hashes; their overlaps.
 * Everything lives in the walk's arena, the lines of a bank in their pack's.
 *
 * Stems: the codebook asks for Snowball; what ov() needs is only that forms of
 * one word meet, so a suffix stripper of a few lines stands in for it (no
 * second library, about 1 ns a byte). Sets hold 32-bit hashes: with a few
 * hundred words a turn a chance meeting is one in ten million. */
#include "text/overlap.h"
#include "text/text.h"

struct hash_set { uint32_t n, mask, *slot, *list; uint8_t *filter; /* [FILTER] by filter_of, made on first use */ };

struct turn_words {
    bool has_content, has_token, has_shingle[2]; /* shingles of 3, of 5 */
    struct hash_set content, shingle[2];
    uint32_t *token, n_token;
};

struct text_line { /* of a bank: its words and shingles, made once */
    uint32_t *token, n_token;
    struct hash_set shingle[2];
};

/* ---- sets ---- */

static struct hash_set set_new(struct arena *a, uint32_t at_most)
{
    uint32_t slots = 8;
    while (slots < at_most * 4) slots *= 2; /* most looks end at the first slot */
    return (struct hash_set){.mask = slots - 1, .slot = arena_array(a, uint32_t, slots),
                             .list = arena_raw(a, sizeof(uint32_t) * (at_most + 1))};
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

struct suffix { char s[8]; uint8_t n, drop, keep; bool undouble; };

/* Length of a word of n bytes without the first of the list that it ends with, but for `keep` bytes before it. `last`:
 * the word's last bytes, the very last uppermost. */
static inline size_t cut_suffix(size_t n, uint64_t last, bool *undouble, const struct suffix *list, size_t n_list)
{
    for (const struct suffix *x = list; x < list + n_list; x++) {
        uint64_t end;
        memcpy(&end, x->s, 8);
        if (last >> (64 - 8 * x->n) != end || n < (size_t)x->n + x->keep) continue;
        *undouble = x->undouble;
        return n - x->drop;
    }
    return n;
}

/* Suffixes by their last letters, longest first. */
static inline size_t cut(size_t n, uint64_t last, bool *undouble)
{
    static const struct suffix of[] = {{"'s", 2, 2, 2, false}, {"s", 1, 1, 3, false}};
    static const struct suffix ss[] = {{"iness", 5, 5, 3, false}, {"ness", 4, 4, 3, false}, {"ss", 2, 0, 0, false}};
    static const struct suffix gs[] = {{"ings", 4, 4, 3, true}, {"s", 1, 1, 3, false}};
    static const struct suffix es[] = {{"ies", 3, 3, 2, false}, {"sses", 4, 2, 4, false}, {"es", 2, 2, 3, false},
                                       {"s", 1, 1, 3, false}};
    static const struct suffix g[] = {{"ing", 3, 3, 3, true}};
    static const struct suffix y[] = {{"ingly", 5, 5, 3, true}, {"edly", 4, 4, 3, true}, {"fully", 5, 5, 3, false},
                                      {"ly", 2, 2, 4, false}};
    static const struct suffix d[] = {{"ied", 3, 3, 2, false}, {"ed", 2, 2, 3, true}};
#define CUT(list) cut_suffix(n, last, undouble, list, ARRAY_LEN(list))
    switch (last >> 56) {
    case 's':
        switch (last >> 48 & 255) {
        case '\'': return CUT(of);
        case 's': return CUT(ss);
        case 'g': return CUT(gs);
        case 'e': return CUT(es);
        default: return n - (n > 3);
        }
    case 'g': return CUT(g);
    case 'y': return CUT(y);
    case 'd': return CUT(d);
    default: return n;
    }
}
#undef CUT

/* Length of the stem of a word of n bytes, at least two, in a fold. */
static size_t stem(const char *p, size_t n)
{
    uint64_t last;
    bool undouble = false;
    memcpy(&last, n > 8 ? p + n - 8 : p, 8);
    n = cut(n, n < 8 ? last << (64 - 8 * n) : last, &undouble);
    char end = p[n - 1];
    if (undouble && n > 3 && end == p[n - 2] && end != 's' && end != 'l') end = p[--n - 1];
    return n - (n > 3 && (end == 'e' || end == 'y' || end == 'i'));
}

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

/* The word that begins at token *k, at most up to token k1; *k moves behind it. False at the end. */
static inline bool next_word(const struct walk *w, const char *p, uint32_t *k, uint32_t k1, struct word *out)
{
    const struct tok *tok = w->tok.p;
    uint32_t i = *k;
    while (i < k1 && tok[i].kind == TOK_PUNCT) i++;
    if (i >= k1) return false;
    uint32_t b = tok[i].begin, e = b + tok[i].len;
    out->hash = tok[i].hash;
    out->stop = tok[i].stop;
    if (!touches(p, e) && tok[i].kind == TOK_WORD) {
        out->text = (str){p + b, e - b};
        *k = i + 1;
        return true;
    }
    bool number = tok[i].kind == TOK_NUMBER; /* all numbers share one token hash, but no word is another's */
    for (i++; i < k1 && joins(p, &tok[i], e); i++) e = tok[i].begin + tok[i].len, number = true;
    out->text = (str){p + b, e - b};
    if (number) out->hash = text_word_hash(out->text), out->stop = false;
    *k = i;
    return true;
}

/* The hash that a word has in a content set, 0 if it is no content word. */
static uint32_t content_hash(str word, uint64_t hash, bool stop)
{
    if (word.n < 2 || stop) return 0;
    size_t n = stem(word.p, word.n);
    return short_hash(n == word.n ? hash : text_hash(word.p, n));
}

/* ---- what was made of a word before ---- */

static struct text_stems *stems_of(struct walk *w)
{
    if (!w->stems) w->stems = arena_new(w->a, struct text_stems);
    return w->stems;
}

/* Content hash of the word that begins at token k of ..k1 and is new, or touches what stands behind it; *next is
 * behind it. */
static __attribute__((noinline)) uint32_t content_new(struct walk *w, const char *p, uint32_t k, uint32_t k1,
                                                      uint32_t *next)
{
    const struct tok *o = &w->tok.p[k];
    struct word x = {{p + o->begin, o->len}, o->hash, o->stop};
    bool alone = o->kind == TOK_PUNCT || (o->kind == TOK_WORD && !touches(p, o->begin + o->len));
    if (alone) k++;
    else next_word(w, p, &k, k1, &x);
    *next = k;
    uint32_t content = o->kind == TOK_PUNCT ? 0 : content_hash(x.text, x.hash, x.stop);
    if (alone && o->len < TEXT_HASH_MAX) /* of longer ones the hash is not all */
        w->stems->word[o->hash % STEMS] = (struct stem_known){o->hash, content};
    return content;
}

/* A number below FILTER, for a hash of a set. */
enum { FILTER = 1024 };
static inline uint32_t filter_of(uint32_t hash) { return hash / (UINT32_MAX / FILTER + 1); }

/* Content hashes of the words of tokens k..k1, as often as they stand there; with a filter only what it lets through.
 * No branch depends on which these are. Gives their number. */
static inline __attribute__((always_inline)) uint32_t content_list(struct walk *w, const char *p, uint32_t k,
                                                                   uint32_t k1, const uint8_t *filter, uint32_t *out)
{
    const struct stem_known *known = stems_of(w)->word;
    const struct tok *o = w->tok.p + k, *end = w->tok.p + k1;
    uint32_t n = 0;
    while (o < end) {
        const struct stem_known *x = &known[o->hash % STEMS];
        uint32_t content = x->content;
        if (__builtin_expect(x->hash == o->hash && !touches(p, o->begin + o->len), 1)) o++;
        else {
            uint32_t next;
            content = content_new(w, p, (uint32_t)(o - w->tok.p), k1, &next);
            o = w->tok.p + next;
        }
        out[n] = content;
        n += (content != 0) & (filter ? filter[filter_of(content)] : 1);
    }
    return n;
}

static struct hash_set content_set(struct walk *w, uint32_t t, uint32_t k, uint32_t k1)
{
    uint32_t *all = arena_raw(w->a, sizeof *all * (k1 - k + 1));
    uint32_t n = content_list(w, w->text[t].fold.p, k, k1, NULL, all);
    struct hash_set set = set_new(w->a, n);
    for (uint32_t i = 0; i < n; i++) set_add(&set, all[i]);
    return set;
}

static void set_filter(struct walk *w, struct hash_set *set)
{
    set->filter = arena_array(w->a, uint8_t, FILTER);
    for (uint32_t i = 0; i < set->n; i++) set->filter[filter_of(set->list[i])] = 1;
}

/* Words of `set` that turn t has, without a set of its own. */
static uint32_t content_common(struct walk *w, struct hash_set *set, uint32_t t)
{
    uint32_t k0 = w->text[t].tok0, k1 = w->text[t].tok1, common = 0;
    if (!set->filter) set_filter(w, set);
    uint32_t *all = arena_raw(w->a, sizeof *all * (k1 - k0 + 1));
    uint32_t n = content_list(w, w->text[t].fold.p, k0, k1, set->filter, all);
    bool *seen = arena_array(w->a, bool, set->mask + 1);
    for (uint32_t c = 0; c < n; c++) {
        uint32_t i = all[c] & set->mask;
        while (set->slot[i] && set->slot[i] != all[c]) i = (i + 1) & set->mask;
        common += (set->slot[i] != 0) & !seen[i];
        seen[i] = true;
    }
    return common;
}

static uint32_t *tokens(struct walk *w, uint32_t t, uint32_t *n)
{
    uint32_t k = w->text[t].tok0, k1 = w->text[t].tok1, *out = arena_raw(w->a, sizeof *out * (k1 - k + 1));
    struct word x;
    for (*n = 0; next_word(w, w->text[t].fold.p, &k, k1, &x);) out[(*n)++] = short_hash(x.hash);
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
        x->content = content_set(w, t, w->text[t].tok0, w->text[t].tok1);
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
    return (float)(y->has_content ? set_common(x, &y->content) : content_common(w, x, b)) / (float)x->n;
}

/* The first token of turn t that begins at or behind `begin`. */
static uint32_t token_at(const struct walk *w, uint32_t t, uint32_t begin)
{
    uint32_t lo = w->text[t].tok0, hi = w->text[t].tok1;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (w->tok.p[mid].begin < begin) lo = mid + 1;
        else hi = mid;
    }
    return lo;
}

float text_ov_range(struct walk *w, uint32_t a, uint32_t begin, uint32_t end, uint32_t b)
{
    uint32_t k = token_at(w, a, begin), k1 = token_at(w, a, end);
    struct hash_set x = content_set(w, a, k, k1);
    return x.n ? (float)set_common(&x, content_of(w, b)) / (float)x.n : 0;
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

/* As many as x and y have in common, or some more. */
static uint32_t common_most(struct walk *w, const struct hash_set *x, struct hash_set *y)
{
    uint32_t n = 0;
    if (!y->filter) set_filter(w, y);
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
    uint32_t last[LONGEST] = {0}, n = 0, at = w->text[t].tok0;
    struct word x;
    memset(least, 0xFF, sizeof least);
    while (next_word(w, w->text[t].fold.p, &at, w->text[t].tok1, &x)) {
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
