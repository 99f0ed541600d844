/* The index of the cues' wordings: one block without pointers, so that the built-in cues' stands ready in the binary
 * (tools/pack_gen.c) and is read in place. Shared by index.c, which makes it, and match.c, which searches in it. */
#ifndef REFRAIN_MATCH_INDEX_H
#define REFRAIN_MATCH_INDEX_H

#include "match/match.h"

enum { PIECES_MAX = 4, WORD_STEPS = 1 << 12, PAIR_STEPS = 1 << 17, SEQUENCE_STEPS = 1 << 21 };
enum { BUCKET_BITS = 18, BUCKETS = 1 << BUCKET_BITS, BUCKET_SHIFT = 32 - BUCKET_BITS };

/* What may stand behind a gap; pieces of one phrase lie one behind the other. */
struct piece {
    uint64_t begins[16];     /* most places are told by their first word alone: a bit by its hash, 0 where none is */
    uint32_t cue, more;      /* of the phrase; how many pieces follow */
    uint32_t wording, n;     /* in match_db.wording */
};
struct wording {
    uint32_t text, n;        /* bytes in match_db.text */
    uint32_t begin;          /* hash of its first word, 0 if it begins with none */
    uint32_t tail;           /* its last bytes (wording_tail): many begin alike, and their text lies far away */
};
/* A literal as it is searched for, in the order of tags. Small, for each look costs a line of a cache that has none to
 * spare. Sequences of words that share a tag cost a look at the bytes, no wrong hit, where the index keeps them; of plain
 * wordings tag, length and steps decide. */
struct entry {
    uint32_t what;           /* the first piece behind its gap << 1 | 1, else cue << 1 */
    uint32_t text;           /* in match_db.text; a plain one has none there */
    uint16_t tag;            /* low bits; the bucket has the high ones */
    uint16_t n, before;      /* its bytes, and those before its first word */
    uint8_t roles;           /* bits of the roles that it is for */
    bool plain;              /* words with one blank between, no number: equal where its words stand so */
};
/* By hash, for a group of roles. A pair of words is looked up where a bit of each, chosen by the other's hash, is set.
 * All that is looked at for each word or pair is small, for rooms between take the cache. */
struct steps {
    uint64_t word[WORD_STEPS];                          /* bits as_second, as_first and as_single */
    uint64_t pair[PAIR_STEPS / 32], longer[SEQUENCE_STEPS / 32]; /* enum step, two bits each */
};

/* Where the parts of a block stand. */
struct match_db {
    const struct piece *piece;
    const struct wording *wording;
    const struct entry *entry;
    const uint32_t *bucket;    /* [BUCKETS + 1]: entries of bucket b are bucket[b]..bucket[b + 1] */
    const struct steps *steps; /* two: for a person's words, and for all others' */
    const char *text;
    const char *block; size_t n_block;
    void *owned;               /* the block, where it is not the binary's */
};

/* The words so far are a literal; they begin a longer one. */
enum step { ENDS = 1, LEADS = 2 };

/* Bits of steps.word, by bits of a hash's low half: of the words that follow it, of those before it, and of itself as a
 * literal. */
enum { SINGLE_BITS = 12, SECOND_BITS = 20, FIRST_BITS = 25 };
static inline unsigned as_second(uint64_t hash) { return hash >> SECOND_BITS & 31; }
static inline unsigned as_first(uint64_t hash) { return 32 + (hash >> FIRST_BITS & 15); }
static inline unsigned as_single(uint64_t hash) { return 48 + (hash >> SINGLE_BITS & 15); }

static inline bool may_begin(const struct piece *pc, uint64_t hash)
{
    return pc->begins[hash >> 60] >> (hash >> 54 & 63) & 1;
}

/* The last four of n bytes, 0 of fewer. */
static inline uint32_t wording_tail(const char *p, size_t n)
{
    uint32_t tail = 0;
    if (n >= sizeof tail) memcpy(&tail, p + n - sizeof tail, sizeof tail);
    return tail;
}

static inline uint32_t tag_of(uint64_t h) { return (uint32_t)(h >> 32); }

#endif
