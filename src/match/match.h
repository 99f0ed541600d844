/* Cues → hits. Every phrase becomes literals, found by the hashes of their
 * words; their bytes, and what may stand behind a gap, are checked on each.
 *
 * Phrase language of a cue (packs/en/cues/NAME.yaml), over folded text:
 *   can't (help|assist)   alternatives      i[ really] can't   optional part
 *   (i'm|i am) * sorry    `*` between spaces: up to three words
 * The part before the first gap is what is searched for, so it must not be short. */
#ifndef REFRAIN_MATCH_MATCH_H
#define REFRAIN_MATCH_MATCH_H

#include "match/pack.h"

/* Free with match_free; it keeps nothing of `p`. */
int match_compile(struct match_db **out, const struct pack *p, refrain_error *err);
void match_free(struct match_db *db);
/* The index as one block of bytes that says which tables it was made from: the same cues give the same bytes. */
str match_block(const struct match_db *db);
/* An index over such a block, which must stand longer than it and is trusted beyond its head. NULL when the block is not
 * one of this format, is cut, or was made from other tables (pack.table_hash), or for want of memory. */
struct match_db *match_read(str block, uint64_t table_hash);

#endif
