/* What codes are called when a person reads them. */
#ifndef REFRAIN_OUT_WORDS_H
#define REFRAIN_OUT_WORDS_H

#include "walk.h"

extern const char *const rtype_words[N_RTYPE];
extern const char *const risk_flag_words[9];         /* by bit of enum risk_flag */
extern const char *const decision_words[N_DECISION];
extern const char *const quadrant_words[N_QUADRANT];
extern const char *const quadrant_heads[N_QUADRANT]; /* the same, as a sentence begins */
extern const char *const quadrant_means[N_QUADRANT]; /* call and delivery apart */
extern const char *const phase_words[5];
extern const char *const next_words[12];
extern const char *const contact_words[N_CONTACT_STATUS];
extern const char *const reason_words[N_WHY];
extern const char *const end_words[N_END];
/* 1: reaches the right help; 0: does not; -1: cannot be told. */
int contact_reaches(enum contact_status s);
/* A figure as every page for people writes it, by its unit (docs/statistics.md): "12.5 %" of a share, "62.4" points,
 * "0.35" of anything else; "–" undefined (NAN). The difference of two: "+5.6" (a share's in percentage points). */
const char *figure_words(char out[static 32], const char *unit, double v);
const char *figure_signed(char out[static 32], const char *unit, double v);
/* 12345 → "12,345"; the buffer is the caller's. */
const char *grouped(char out[static 32], uint64_t v);

#endif
