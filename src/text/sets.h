/* Inside the wash-room, for overlaps: sets of 32-bit hashes, the words that go
 * into them, and what the walk keeps of a turn. Sets are an arena's.
 *
 * With a few hundred words a turn a chance meeting is one in ten million. */
#ifndef REFRAIN_TEXT_SETS_H
#define REFRAIN_TEXT_SETS_H

#include "text/text.h"

struct hash_set { uint32_t n, mask, *slot, *list; };

struct turn_words {
    uint32_t *at;                /* of content's list: where the word stands once */
    bool has_content, has_token, has_shingle[2]; /* shingles of 3, of 5 */
    struct hash_set content, shingle[2];
    uint32_t *token, n_token;
};

/* ---- sets ---- */

/* Its list will be written to `list`, which has room for them. */
static inline struct hash_set set_over(struct arena *a, uint32_t at_most, uint32_t *list)
{
    uint32_t slots = 8;
    while (slots < at_most * 4) slots *= 2; /* most looks end at the first slot */
    return (struct hash_set){.mask = slots - 1, .slot = arena_array(a, uint32_t, slots), .list = list};
}

static inline struct hash_set set_new(struct arena *a, uint32_t at_most)
{
    return set_over(a, at_most, arena_raw(a, sizeof(uint32_t) * (at_most + 1)));
}

static inline bool set_has(const struct hash_set *s, uint32_t h)
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

static inline uint32_t set_common(const struct hash_set *a, const struct hash_set *b)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < a->n; i++) n += set_has(b, a->list[i]);
    return n;
}

/* ---- words ---- */

static inline uint32_t short_hash(uint64_t h) { return (uint32_t)h ? (uint32_t)h : 1; }

/* Here a word is what stands without a gap: "24h" and "90's" are one word of two tokens. */
struct word { str text; uint64_t hash; bool stop; };

static inline bool joins(const char *p, const struct tok *next, uint32_t end)
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

/* ---- kept on the walk ---- */

static inline struct turn_words *words_of(struct walk *w, uint32_t t)
{
    if (!w->words) w->words = arena_array(w->a, struct turn_words, w->conv->n_turn);
    return &w->words[t];
}

struct hash_set *text_content_of(struct walk *w, uint32_t t);
struct turn_words *text_tokens_of(struct walk *w, uint32_t t);
const struct hash_set *text_shingles_of(struct walk *w, uint32_t t, uint32_t k); /* of 3 or 5 tokens */

/* ---- J5 ---- */

enum { LONG_TEXT = 20 }; /* tokens; shorter ones are compared by shingles of 3 */

static inline float jaccard_of(uint32_t common, uint32_t n, uint32_t m) /* of sets of n and m */
{
    uint32_t all = n + m - common;
    return all ? (float)common / (float)all : 0;
}

#endif
