/* What a person says of themselves: place, population, age. */
#ifndef REFRAIN_HELPLINE_SELF_H
#define REFRAIN_HELPLINE_SELF_H

#include "helpline/room.h"

bool self_ends(str pre, const char *words); /* `pre` ends with these whole words */
/* own.c: the clause before a preposition, the text behind the name */
bool own_place(str pre, str rest, const char *prep); /* says that the person is there now */
bool own_after(str rest, const char *prep);       /* false: the name is part of another, or of the past */
bool own_rejected(str pre, bool offered);         /* an offered number is not to be had there */

void place_turn(struct walk *w, uint32_t turn, str t);                       /* an answer, "uk here" */
void place_word(struct walk *w, uint32_t turn, str t, uint32_t b, uint32_t e); /* a word that may lead to a place */

#endif
