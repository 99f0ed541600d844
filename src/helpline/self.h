/* What a person says of themselves: place, population, age. */
#ifndef REFRAIN_HELPLINE_SELF_H
#define REFRAIN_HELPLINE_SELF_H

#include "helpline/room.h"

bool self_ends(str pre, const char *words); /* `pre` ends with these whole words */
void place_turn(struct walk *w, uint32_t turn, str t);                       /* an answer, "uk here" */
void place_word(struct walk *w, uint32_t turn, str t, uint32_t b, uint32_t e); /* a word that may lead to a place */

#endif
