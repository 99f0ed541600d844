/* Texts in a row → which of those shortly before are like the next. What holds a
 * shingle or word stands with it, so that one look tells all of them.
 * Everything lives in the walk's arena. */
#include "text/overlap.h"
#include "text/sets.h"

/* ---- what the last texts have ---- */

struct seen { uint32_t hash, last; uint64_t in; }; /* bit i: text last - i has it; hash 0: a free place */
struct row_index {
    struct seen *p, *spare;
    uint32_t n, size, spare_size;
    uint32_t next;                /* texts before it stand here */
    uint32_t n_of[ROW_BACK];      /* how many the last texts have, by number; UINT32_MAX: it does not stand here */
};

static struct seen *seen_at(const struct row_index *x, uint32_t hash)
{
    uint32_t i = hash & (x->size - 1);
    while (x->p[i].hash && x->p[i].hash != hash) i = (i + 1) & (x->size - 1);
    return &x->p[i];
}

/* To a table with room for `more`, without what no text of the last ones has; two take turns. */
static void row_move(struct walk *w, struct row_index *x, uint32_t now, uint32_t more)
{
    const struct row_index old = *x;
    uint32_t live = 0, size = 64;
    for (uint32_t i = 0; i < old.size; i++) live += old.p[i].hash && now - old.p[i].last < ROW_BACK;
    while (size < 4 * (live + more)) size *= 2;
    if (size <= old.spare_size) size = old.spare_size, memset(old.spare, 0, sizeof *x->p * size);
    x->p = size == old.spare_size ? old.spare : arena_array(w->a, struct seen, size);
    x->spare = old.p, x->spare_size = old.size;
    x->n = live, x->size = size;
    for (uint32_t i = 0; i < old.size; i++)
        if (old.p[i].hash && now - old.p[i].last < ROW_BACK) *seen_at(x, old.p[i].hash) = old.p[i];
}

/* The next text has these; NULL: it is passed over. */
static void row_note(struct walk *w, struct row_index *x, const struct hash_set *s)
{
    const uint32_t now = x->next++;
    x->n_of[now % ROW_BACK] = s ? s->n : UINT32_MAX;
    if (s && 2 * (x->n + s->n) > x->size) row_move(w, x, now, s->n);
    for (uint32_t i = 0; s && i < s->n; i++) {
        struct seen *e = seen_at(x, s->list[i]);
        if (!e->hash) *e = (struct seen){s->list[i], now, 0}, x->n++;
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

/* How many of these text next - 1 - i has, for those that are wanted. */
static struct tally row_count(const struct row_index *x, const struct hash_set *s, uint64_t want)
{
    struct tally out = {0};
    for (uint32_t i = 0; x->size && i < s->n; i++) {
        const struct seen *e = seen_at(x, s->list[i]);
        uint32_t on = x->next - 1 - e->last;
        if (e->hash && on < ROW_BACK) tally_add(&out, e->in << on & want);
    }
    return out;
}

static uint32_t n_before(const struct row_index *x, int i) { return x->n_of[(x->next - 1 - (uint32_t)i) % ROW_BACK]; }

/* ---- J5 ---- */

struct text_row {
    uint32_t n, turn[ROW_BACK];   /* of the last texts, by number */
    uint64_t longs;               /* bit i: text n - 1 - i has as many tokens as shingles of 5 take; of the last not yet */
    struct row_index of[2];       /* of shingles of 3, of 5: only where it was asked for, most refusals are alike in length */
};

struct text_row *text_row_new(struct arena *a) { return arena_new(a, struct text_row); }

static void row_fill(struct walk *w, struct text_row *r, int five)
{
    struct row_index *x = &r->of[five];
    if (x->next + ROW_BACK < r->n) x->next = r->n - ROW_BACK;
    while (x->next < r->n) {
        bool in = !five || (r->longs >> (r->n - 1 - x->next) & 1);
        row_note(w, x, in ? text_shingles_of(w, r->turn[x->next % ROW_BACK], five ? 5 : 3) : NULL);
    }
}

/* So many of n shingles must be common for J5 of `least`: more than a little less than that asks for, since J5 is
 * rounded. */
static uint32_t common_least(const struct row_index *x, uint32_t n, float least)
{
    uint32_t fewest = UINT32_MAX;
    for (uint32_t i = 0; i < x->next && i < ROW_BACK; i++) fewest = x->n_of[i] < fewest ? x->n_of[i] : fewest;
    return (uint32_t)((least - .01f) / (1 + least) * (float)(n + fewest)) + 1;
}

static bool is_long(struct walk *w, uint32_t t) { return text_tokens_of(w, t)->n_token >= LONG_TEXT; }

float text_row_add(struct walk *w, struct text_row *r, uint32_t t, float least, uint32_t *like)
{
    if (r->n) r->longs = r->longs << 1 | is_long(w, r->turn[(r->n - 1) % ROW_BACK]); /* most have no text behind them */
    const uint64_t all = r->n < ROW_BACK ? (1ull << r->n) - 1 : UINT64_MAX;
    const uint64_t longs = r->n && is_long(w, t) ? r->longs & all : 0;
    const uint64_t want[2] = {all ^ longs, longs};
    const struct hash_set *x[2] = {NULL, NULL};
    struct tally common[2];
    uint64_t reach[2] = {0};
    float top = 0;
    for (int five = 0; five < 2; five++) {
        if (!want[five]) continue;
        row_fill(w, r, five);
        x[five] = text_shingles_of(w, t, five ? 5 : 3);
        common[five] = row_count(&r->of[five], x[five], want[five]);
        reach[five] = tally_reach(&common[five], common_least(&r->of[five], x[five]->n, least));
    }
    for (uint64_t left = reach[0] | reach[1]; left && top < 1;) { /* from the oldest on */
        int i = 63 - __builtin_clzll(left), five = reach[1] >> i & 1;
        float j = jaccard_of(tally_of(&common[five], i), x[five]->n, n_before(&r->of[five], i));
        if (j >= least && j > top) top = j, *like = r->turn[(r->n - 1 - (uint32_t)i) % ROW_BACK];
        left ^= 1ull << i;
    }
    r->turn[r->n++ % ROW_BACK] = t;
    return top;
}

/* ---- content words ---- */

struct row_index *text_words_row_new(struct arena *a) { return arena_new(a, struct row_index); }

void text_words_row_add(struct walk *w, struct row_index *r, uint32_t t) { row_note(w, r, text_content_of(w, t)); }

uint64_t text_words_row_ov(struct walk *w, const struct row_index *r, uint32_t t, float least, float ov[ROW_BACK])
{
    const struct hash_set *x = text_content_of(w, t);
    struct tally common = row_count(r, x, UINT64_MAX);
    uint64_t some = tally_reach(&common, (uint32_t)((least - .01f) * (float)x->n) + 1), out = 0;
    for (; some; some &= some - 1) {
        int i = __builtin_ctzll(some);
        ov[i] = (float)tally_of(&common, i) / (float)x->n;
        out |= (uint64_t)(ov[i] >= least) << i;
    }
    return out;
}

uint64_t text_words_row_same(struct walk *w, const struct row_index *r, uint32_t t, float least)
{
    const uint32_t n = text_content_of(w, t)->n;
    float ov[ROW_BACK];
    uint64_t same = 0;
    for (uint64_t some = text_words_row_ov(w, r, t, least, ov); some; some &= some - 1) {
        int i = __builtin_ctzll(some);
        uint32_t m = n_before(r, i), common = (uint32_t)(ov[i] * (float)n + .5f);
        same |= (uint64_t)((float)common / (float)m >= least) << i;
    }
    return same;
}
