/* Inside the wash-room: shared by its two files. */
#ifndef REFRAIN_TEXT_TEXT_H
#define REFRAIN_TEXT_TEXT_H

#include "walk.h"

/* Sentences are cut here at the latest, so that no turn makes one quadratic. */
enum { SENT_MAX_BYTES = 2000 };

/* Tokens and sentences of turn t, appended to the walk. */
void text_tokens(struct walk *w, uint32_t t);

/* Hash of a folded word, as tokens carry it; for word lists. */
uint64_t text_word_hash(str word);

#endif
