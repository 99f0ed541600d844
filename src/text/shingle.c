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

/* ---- two texts ---- */

enum { LONG_TEXT = 20 };
static uint32_t shingle_length(uint32_t n, uint32_t m) { return n < LONG_TEXT || m < LONG_TEXT ? 3 : 5; }

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

float text_j5(struct walk *w, uint32_t a, uint32_t b)
{
    struct turn_words *x = tokens_of(w, a), *y = tokens_of(w, b);
    if (x->n_token < 3 || y->n_token < 3) return short_equal(x->token, x->n_token, y->token, y->n_token);
    uint32_t k = shingle_length(x->n_token, y->n_token);
    return jaccard(shingles_of(w, a, k), shingles_of(w, b, k));
}

/* ---- texts in a row ---- */

struct seen { uint32_t shingle, last; uint64_t in; }; /* bit i: text last - i has it; shingle 0: a free place */
struct row_index {
    struct seen *p, *spare;
    uint32_t n, size, spare_size;
    uint32_t next;                /* texts before it stand here */
    uint32_t n_of[ROW_BACK];      /* how many the last texts have, by number; UINT32_MAX: it does not stand here */
};
struct text_row {
    uint32_t n, turn[ROW_BACK];   /* of the last texts, by number */
    uint64_t longs;               /* bit i: text n - 1 - i has as many tokens as shingles of 5 take */
    struct row_index of[2];       /* of shingles of 3, of 5 */
};

struct text_row *text_row_new(struct arena *a) { return arena_new(a, struct text_row); }

static struct seen *seen_at(const struct row_index *x, uint32_t shingle)
{
    uint32_t i = shingle & (x->size - 1);
    while (x->p[i].shingle && x->p[i].shingle != shingle) i = (i + 1) & (x->size - 1);
    return &x->p[i];
}

/* To a table with room for `more`, without what no text of the last ones has; two take turns. */
static void row_move(struct walk *w, struct row_index *x, uint32_t now, uint32_t more)
{
    const struct row_index old = *x;
    uint32_t live = 0, size = 64;
    for (uint32_t i = 0; i < old.size; i++) live += old.p[i].shingle && now - old.p[i].last < ROW_BACK;
    while (size < 4 * (live + more)) size *= 2;
    if (size <= old.spare_size) size = old.spare_size, memset(old.spare, 0, sizeof *x->p * size);
    x->p = size == old.spare_size ? old.spare : arena_array(w->a, struct seen, size);
    x->spare = old.p, x->spare_size = old.size;
    x->n = live, x->size = size;
    for (uint32_t i = 0; i < old.size; i++)
        if (old.p[i].shingle && now - old.p[i].last < ROW_BACK) *seen_at(x, old.p[i].shingle) = old.p[i];
}

static void row_note(struct walk *w, struct row_index *x, uint32_t now, const struct hash_set *s)
{
    if (2 * (x->n + s->n) > x->size) row_move(w, x, now, s->n);
    for (uint32_t i = 0; i < s->n; i++) {
        struct seen *e = seen_at(x, s->list[i]);
        if (!e->shingle) *e = (struct seen){s->list[i], now, 0}, x->n++;
        uint32_t on = now - e->last;
        e->in = (on < ROW_BACK ? e->in << on : 0) | 1;
        e->last = now;
    }
}

/* A number for each of the last texts, bit by bit: one of a tally is added to 64 of them at once. */
struct tally { uint64_t bit[32]; int n_bit; };

static void tally_add(struct tally *x, uint64_t texts)
{
    for (int b = 0; texts; b++) {
        uint64_t carry = x->bit[b] & texts;
        x->bit[b] ^= texts;
        texts = carry;
        if (b >= x->n_bit) x->n_bit = b + 1;
    }
}

static uint64_t tally_reach(const struct tally *x, uint32_t least) /* which are at or above it */
{
    uint64_t reach = UINT64_MAX;
    if (least >> x->n_bit) return 0;
    for (int b = 0; b < x->n_bit; b++) reach = least >> b & 1 ? reach & x->bit[b] : reach | x->bit[b];
    return reach;
}

static uint32_t tally_of(const struct tally *x, int i)
{
    uint32_t n = 0;
    for (int b = 0; b < x->n_bit; b++) n |= (uint32_t)(x->bit[b] >> i & 1) << b;
    return n;
}

/* How many of these shingles text n - 1 - i has, for those that are wanted. */
static struct tally row_count(struct walk *w, struct text_row *r, int five, const struct hash_set *s, uint64_t want)
{
    struct row_index *x = &r->of[five];
    struct tally out = {0};
    if (x->next + ROW_BACK < r->n) x->next = r->n - ROW_BACK;
    for (; x->next < r->n; x->next++) { /* on first use: most refusals are alike in length */
        const bool in = !five || (r->longs >> (r->n - 1 - x->next) & 1);
        const struct hash_set *y = in ? shingles_of(w, r->turn[x->next % ROW_BACK], five ? 5 : 3) : NULL;
        x->n_of[x->next % ROW_BACK] = in ? y->n : UINT32_MAX;
        if (in) row_note(w, x, x->next, y);
    }
    for (uint32_t i = 0; x->size && i < s->n; i++) {
        const struct seen *e = seen_at(x, s->list[i]);
        uint32_t on = r->n - 1 - e->last;
        if (e->shingle && on < ROW_BACK) tally_add(&out, e->in << on & want);
    }
    return out;
}

/* So many of n shingles must be common for J5 of `least`: more than a little less than that asks for, since J5 is
 * rounded. */
static uint32_t common_least(const struct row_index *x, uint32_t n, uint32_t n_text, float least)
{
    uint32_t fewest = UINT32_MAX;
    for (uint32_t i = 0; i < n_text && i < ROW_BACK; i++) fewest = x->n_of[i] < fewest ? x->n_of[i] : fewest;
    return (uint32_t)((least - .01f) / (1 + least) * (float)(n + fewest)) + 1;
}

float text_row_add(struct walk *w, struct text_row *r, uint32_t t, float least, uint32_t *like)
{
    const bool is_long = tokens_of(w, t)->n_token >= LONG_TEXT;
    const uint64_t all = r->n < ROW_BACK ? (1ull << r->n) - 1 : UINT64_MAX, longs = is_long ? r->longs & all : 0;
    const uint64_t want[2] = {all ^ longs, longs};
    struct tally common[2];
    uint64_t reach[2] = {0};
    float top = 0;
    for (int five = 0; five < 2; five++) {
        if (!want[five]) continue;
        const struct hash_set *x = shingles_of(w, t, five ? 5 : 3);
        common[five] = row_count(w, r, five, x, want[five]);
        reach[five] = tally_reach(&common[five], common_least(&r->of[five], x->n, r->n, least));
    }
    for (uint64_t left = reach[0] | reach[1]; left && top < 1;) { /* from the oldest on */
        int i = 63 - __builtin_clzll(left), five = reach[1] >> i & 1;
        uint32_t u = r->turn[(r->n - 1 - (uint32_t)i) % ROW_BACK];
        float j = share(tally_of(&common[five], i), &words_of(w, t)->shingle[five], &words_of(w, u)->shingle[five]);
        if (j >= least && j > top) top = j, *like = u;
        left ^= 1ull << i;
    }
    r->turn[r->n++ % ROW_BACK] = t;
    r->longs = r->longs << 1 | is_long;
    return top;
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

/* J5, or 0 as soon as `least` is out of reach. */
static float jaccard_least(const struct hash_set *x, const struct hash_set *y, float least)
{
    uint32_t n = 0, left = x->n;
    if (share(x->n < y->n ? x->n : y->n, x, y) < least) return 0;
    while (left) {
        bool has = set_has(y, x->list[x->n - left--]);
        n += has;
        if (!has && share(n + left, x, y) < least) return 0;
    }
    return share(n, x, y);
}

float text_j5_line(struct walk *w, uint32_t a, const struct text_line *line, float least)
{
    struct turn_words *x = tokens_of(w, a);
    if (x->n_token < 3 || line->n_token < 3) return short_equal(x->token, x->n_token, line->token, line->n_token);
    uint32_t k = shingle_length(x->n_token, line->n_token);
    return jaccard_least(&line->shingle[k == 5], shingles_of(w, a, k), least);
}
