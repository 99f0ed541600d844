/* Tokens → sets of shingle hashes; how alike texts are by them. Everything lives
 * in the walk's arena, the lines of a bank in their pack's. */
#include "text/overlap.h"
#include "text/sets.h"

static uint32_t *tokens(struct walk *w, uint32_t t, uint32_t *n)
{
    const struct tok *o = w->tok.p + w->text[t].tok0, *end = w->tok.p + w->text[t].tok1;
    uint32_t *out = arena_raw(w->a, sizeof *out * (size_t)(end - o + 1));
    struct word x;
    for (*n = 0; next_word(w->text[t].fold.p, &o, end, &x);) out[(*n)++] = short_hash(x.hash);
    return out;
}

/* Of a text of one or two tokens one of three, which is all of it. */
static struct hash_set shingles(struct arena *a, const uint32_t *token, uint32_t n, uint32_t k)
{
    struct hash_set set = set_new(a, n);
    if (k == 3 && n && n < k) { /* J5 of so short a text: equal or not */
        uint64_t h = n;
        for (uint32_t j = 0; j < n; j++) h = hash_mix(h, token[j]);
        set_add(&set, short_hash(h));
    }
    for (uint32_t i = 0; i + k <= n; i++) {
        uint64_t h = k;
        for (uint32_t j = 0; j < k; j++) h = hash_mix(h, token[i + j]);
        set_add(&set, short_hash(h));
    }
    return set;
}

/* ---- kept on the walk ---- */

struct turn_words *text_tokens_of(struct walk *w, uint32_t t)
{
    struct turn_words *x = words_of(w, t);
    if (!x->has_token) {
        x->token = tokens(w, t, &x->n_token);
        x->has_token = true;
    }
    return x;
}

const struct hash_set *text_shingles_of(struct walk *w, uint32_t t, uint32_t k)
{
    struct turn_words *x = text_tokens_of(w, t);
    int i = k == 5;
    if (!x->has_shingle[i]) {
        x->shingle[i] = shingles(w->a, x->token, x->n_token, k);
        x->has_shingle[i] = true;
    }
    return &x->shingle[i];
}

/* ---- two texts ---- */

static uint32_t shingle_length(uint32_t n, uint32_t m) { return n < LONG_TEXT || m < LONG_TEXT ? 3 : 5; }

static float jaccard(const struct hash_set *x, const struct hash_set *y) { return jaccard_of(set_common(x, y), x->n, y->n); }

static float short_equal(const uint32_t *x, uint32_t n, const uint32_t *y, uint32_t m)
{
    return n && n == m && memcmp(x, y, n * sizeof *x) == 0;
}

float text_j5(struct walk *w, uint32_t a, uint32_t b)
{
    struct turn_words *x = text_tokens_of(w, a), *y = text_tokens_of(w, b);
    if (x->n_token < 3 || y->n_token < 3) return short_equal(x->token, x->n_token, y->token, y->n_token);
    uint32_t k = shingle_length(x->n_token, y->n_token);
    return jaccard(text_shingles_of(w, a, k), text_shingles_of(w, b, k));
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

struct text_line { /* its words and shingles, made once */
    uint32_t *token, n_token;
    struct hash_set shingle[2];
};

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

/* Is J5 at or above `least`? Most are told by their numbers, or by the first few. */
static bool reaches(const struct hash_set *x, const struct hash_set *y, float least)
{
    uint32_t n = 0, left = x->n;
    if (jaccard_of(x->n < y->n ? x->n : y->n, x->n, y->n) < least) return false;
    while (left) {
        bool has = set_has(y, x->list[x->n - left--]);
        n += has;
        if (!has && jaccard_of(n + left, x->n, y->n) < least) return false;
    }
    return jaccard_of(n, x->n, y->n) >= least;
}

bool text_like_line(struct walk *w, uint32_t t, const struct text_line *const *line, size_t n_line, float least)
{
    const struct turn_words *x = text_tokens_of(w, t);
    for (size_t i = 0; i < n_line; i++) {
        const struct text_line *y = line[i];
        int five = shingle_length(x->n_token, y->n_token) == 5;
        bool tiny = x->n_token < 3 || y->n_token < 3;
        if (!tiny && !x->has_shingle[five]) text_shingles_of(w, t, five ? 5 : 3);
        if (tiny ? short_equal(x->token, x->n_token, y->token, y->n_token) >= least
                 : reaches(&y->shingle[five], &x->shingle[five], least)) return true;
    }
    return false;
}
