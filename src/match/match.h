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

int match_compile(struct match_db **out, const struct pack *p, refrain_error *err);
void match_free(struct match_db *db);

#endif
