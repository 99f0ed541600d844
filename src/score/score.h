/* score/ in two files: gates.c finds the gates, score.c weighs the rest. */
#ifndef REFRAIN_SCORE_SCORE_H
#define REFRAIN_SCORE_SCORE_H

#include "walk.h"

/* All twelve gates of the walk → walk.gate, by turn, then id. Reads profile.decay. */
void gates_find(struct walk *w);

/* Do user and professional differ by 20 points or more? Of a phase that has a score. */
bool score_conflict(const struct phase_score *s);

#endif
