/* Folded text → sets of word hashes and shingle hashes; their overlaps.
 * Everything lives in the walk's arena.
 *
 * Stems: the codebook asks for Snowball; what ov() needs is only that forms of
 * one word meet, so a suffix stripper of a few lines stands in for it (no
 * second library, about 1 ns a byte). Sets hold 32-bit hashes: with a few
 * hundred words a turn a chance meeting is one in ten million. */
#include "text/overlap.h"

#include "stop.gen.h"

struct hash_set { uint32_t n, mask, *slot, *list; };

struct turn_words {
    bool has_content, has_token, has_shingle[2]; /* shingles of 3, of 5 */
    struct hash_set content, shingle[2];
    uint32_t *token, n_token;
};

/* ---- sets ---- */

static struct hash_set set_new(struct arena *a, uint32_t at_most)
{
    uint32_t slots = 8;
    while (slots < at_most * 2) slots *= 2;
    return (struct hash_set){0, slots - 1, arena_array(a, uint32_t, slots), arena_array(a, uint32_t, at_most + 1)};
}

static bool set_has(const struct hash_set *s, uint32_t h)
{
    if (!s->slot) return false;
    for (uint32_t i = h & s->mask; s->slot[i]; i = (i + 1) & s->mask)
        if (s->slot[i] == h) return true;
    return false;
}

static void set_add(struct hash_set *s, uint32_t h)
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

static uint32_t word_hash(const char *p, size_t n) /* FNV-1a, as in tools/gen_stop.py; never 0 */
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < n; i++) h = (h ^ (unsigned char)p[i]) * 16777619u;
    return h ? h : 1;
}

static bool is_stop(uint32_t h)
{
    for (uint32_t i = h % STOP_SLOTS; stop_slot[i]; i = (i + 1) % STOP_SLOTS)
        if (stop_slot[i] == h) return true;
    return false;
}

static bool word_byte(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '\'' || c >= 0x80;
}

/* Next word of s at or after *at, without apostrophes at its ends; false at the end. */
static bool next_word(str s, size_t *at, str *word)
{
    size_t i = *at;
    for (;;) {
        while (i < s.n && !word_byte((unsigned char)s.p[i])) i++;
        if (i >= s.n) return false;
        size_t b = i;
        while (i < s.n && word_byte((unsigned char)s.p[i])) i++;
        size_t e = i;
        while (b < e && s.p[b] == '\'') b++;
        while (e > b && s.p[e - 1] == '\'') e--;
        if (b == e) continue;
        *word = str_sub(s, b, e);
        *at = i;
        return true;
    }
}

static bool ends(str w, const char *suffix, size_t n, size_t keep)
{
    return w.n >= n + keep && memcmp(w.p + w.n - n, suffix, n) == 0;
}

/* Suffixes in order, longest first; `keep` bytes must stay before. */
static str stem(str w)
{
    static const struct { const char *s; uint8_t n, keep; bool undouble; } tail[] = {
        {"'s", 2, 2, false},   {"iness", 5, 3, false}, {"ness", 4, 3, false}, {"ingly", 5, 3, true},
        {"edly", 4, 3, true},  {"fully", 5, 3, false}, {"ings", 4, 3, true},  {"ing", 3, 3, true},
        {"ied", 3, 2, false},  {"ies", 3, 2, false},   {"ed", 2, 3, true},    {"sses", 2, 4, false},
        {"es", 2, 3, false},   {"ly", 2, 4, false},    {"ss", 0, 0, false},   {"s", 1, 3, false}};
    for (size_t i = 0; i < ARRAY_LEN(tail); i++) {
        size_t match = strlen(tail[i].s);
        if (!ends(w, tail[i].s, match, tail[i].keep)) continue;
        w.n -= tail[i].n;
        if (tail[i].undouble && w.n > 3 && w.p[w.n - 1] == w.p[w.n - 2] && w.p[w.n - 1] != 's' && w.p[w.n - 1] != 'l')
            w.n--;
        break;
    }
    if (w.n > 3 && (w.p[w.n - 1] == 'e' || w.p[w.n - 1] == 'y' || w.p[w.n - 1] == 'i')) w.n--;
    return w;
}

static struct hash_set content_set(struct arena *a, str s)
{
    uint32_t room = (uint32_t)(s.n / 3) + 1; /* two bytes at least, and a gap behind */
    struct hash_set set = set_new(a, room);
    str word;
    for (size_t at = 0; set.n < room && next_word(s, &at, &word);) {
        if (word.n < 2 || is_stop(word_hash(word.p, word.n))) continue;
        word = stem(word);
        set_add(&set, word_hash(word.p, word.n));
    }
    return set;
}

static uint32_t *tokens(struct arena *a, str s, uint32_t *n)
{
    uint32_t *t = arena_raw(a, sizeof *t * (s.n / 2 + 1));
    str word;
    *n = 0;
    for (size_t at = 0; next_word(s, &at, &word);) t[(*n)++] = word_hash(word.p, word.n);
    return t;
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

static const struct hash_set *content_of(struct walk *w, uint32_t t)
{
    struct turn_words *x = words_of(w, t);
    if (!x->has_content) {
        x->content = content_set(w->a, w->text[t].fold);
        x->has_content = true;
    }
    return &x->content;
}

static struct turn_words *tokens_of(struct walk *w, uint32_t t)
{
    struct turn_words *x = words_of(w, t);
    if (!x->has_token) {
        x->token = tokens(w->a, w->text[t].fold, &x->n_token);
        x->has_token = true;
    }
    return x;
}

static const struct hash_set *shingles_of(struct walk *w, uint32_t t, uint32_t k)
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
    const struct hash_set *x = content_of(w, a), *y = content_of(w, b);
    return x->n ? (float)set_common(x, y) / (float)x->n : 0;
}

float text_ov_range(struct walk *w, uint32_t a, uint32_t begin, uint32_t end, uint32_t b)
{
    struct hash_set x = content_set(w->a, str_sub(w->text[a].fold, begin, end));
    return x.n ? (float)set_common(&x, content_of(w, b)) / (float)x.n : 0;
}

uint32_t text_content_words(struct walk *w, uint32_t t) { return content_of(w, t)->n; }

static uint32_t shingle_length(uint32_t n, uint32_t m) { return n < 20 || m < 20 ? 3 : 5; }

static float jaccard(const struct hash_set *x, const struct hash_set *y)
{
    uint32_t common = set_common(x, y), all = x->n + y->n - common;
    return all ? (float)common / (float)all : 0;
}

static float short_equal(const uint32_t *x, uint32_t n, const uint32_t *y, uint32_t m)
{
    return n && n == m && memcmp(x, y, n * sizeof *x) == 0;
}

float text_j5(struct walk *w, uint32_t a, uint32_t b)
{
    struct turn_words *x = tokens_of(w, a), *y = tokens_of(w, b);
    if (x->n_token < 3 || y->n_token < 3) return short_equal(x->token, x->n_token, y->token, y->n_token);
    uint32_t k = shingle_length(x->n_token, y->n_token);
    return jaccard(shingles_of(w, a, k), shingles_of(w, b, k));
}

float text_j5_str(struct walk *w, uint32_t a, str folded)
{
    struct turn_words *x = tokens_of(w, a);
    uint32_t m, *token = tokens(w->a, folded, &m);
    if (x->n_token < 3 || m < 3) return short_equal(x->token, x->n_token, token, m);
    uint32_t k = shingle_length(x->n_token, m);
    struct hash_set y = shingles(w->a, token, m, k);
    return jaccard(shingles_of(w, a, k), &y);
}
