/* The index of the cues' wordings: one block without pointers, so that the built-in cues' stands ready in the binary
 * (tools/pack_gen.c) and is read in place. Shared by index.c, which makes it, and match.c, which searches in it. */
#ifndef REFRAIN_MATCH_INDEX_H
#define REFRAIN_MATCH_INDEX_H

#include "match/match.h"

enum { PIECES_MAX = 4, WORD_STEPS = 1 << 15, SEQUENCE_STEPS = 1 << 19 };

/* A phrase, cut at its gaps; its first piece is in the entries, the others in match_db.piece. */
struct pattern { uint32_t cue, piece, n_more; };
/* What may stand behind a gap. Most places are told by the first word alone: a bit of its hash for each wording. */
struct piece {
    uint64_t first[4];       /* by 8 bits of the first word's hash */
    uint32_t wording, n;     /* in match_db.wording */
    uint64_t odd;            /* bool: some wording begins with no word ("'s", "(") */
};
struct wording { uint32_t text, n; }; /* bytes in match_db.text */
/* A literal as it is searched for; those with one sequence of words stand together. Small, for each look costs a
 * line of a cache that has none to spare. */
struct entry {
    uint32_t what;           /* pattern << 1 | has gaps, else cue << 1 */
    uint32_t text;           /* in match_db.text */
    uint16_t n, before;      /* its bytes, and those before its first word */
    uint8_t roles;           /* bits of the roles that it is for */
    bool plain;              /* words with one blank between, no number: equal where its words stand so */
    bool last;               /* of its sequence */
    uint8_t unused;          /* 0, as every byte of a block is told by the cues */
};
/* The literals with one sequence of words. Sequences that share a tag cost a look at the bytes, no wrong hit. */
struct slot { uint32_t tag, first; }; /* tag 0: free; first: entry + 1 */
struct steps { /* by hash, enum step: what a word is to the literals, and what a longer sequence is */
    uint64_t word[WORD_STEPS / 16], sequence[SEQUENCE_STEPS / 32]; /* four bits each, two bits each */
};

/* Where the parts of a block stand. */
struct match_db {
    const struct pattern *pattern;
    const struct piece *piece;
    const struct wording *wording;
    const struct entry *entry;
    const struct slot *slot; uint32_t mask, shift;
    const struct steps *steps; /* two: for a person's words, and for all others' */
    const char *text;
    const char *block; size_t n_block;
    void *owned;             /* the block, where it is not the binary's */
};

/* The words so far are a literal; they begin a longer one; the word is the second of one. */
enum step { ENDS = 1, LEADS = 2, FOLLOWS = 4 };

/* The table is ordered by the tag's high bits, so that it can grow from the tags alone. */
static inline uint32_t tag_of(uint64_t h) { return (uint32_t)(h >> 32) ? (uint32_t)(h >> 32) : 1; }

/* Place of a tag in slots, or of the free one where it would stand. */
static inline uint32_t slot_find(const struct slot *slot, uint32_t mask, uint32_t shift, uint32_t tag)
{
    uint32_t i = tag >> shift;
    while (slot[i].tag && slot[i].tag != tag) i = (i + 1) & mask;
    return i;
}

#endif
