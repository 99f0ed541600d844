/* Small moves that the five rooms of phase/ share: set a code, give it its
 * span, say what was searched, find the sentence that carries an act. */
#ifndef REFRAIN_PHASE_CODE_H
#define REFRAIN_PHASE_CODE_H

#include "match/pack.h"
#include "walk.h"

#define NO_SENT UINT32_MAX
#define ACT(a) (1u << (a))

/* Each overwrites the code. */
void code_null(struct code *c, enum null_reason why);
/* Looked for in turns s0..s1 and not there; value 0. */
void code_zero(struct code *c, enum method m, float conf, uint32_t s0, uint32_t s1);
/* A value with no span yet; add them with the two below. */
void code_value(struct code *c, int value, enum method m, float conf, const char *why);
/* Codes are descriptive by name: category index i of construct k's list (names from the pack, NULL without one). */
void code_category(const struct walk *w, struct code *c, enum construct k, int i, enum method m, float conf);

void code_span(struct walk *w, struct code *c, uint32_t turn, uint32_t begin, uint32_t end); /* equal ones once */
void code_span_sent(struct walk *w, struct code *c, uint32_t sent);
/* The first sentence of a turn, or its whole text: a span of last resort. Nothing for an empty turn. */
void code_span_turn(struct walk *w, struct code *c, uint32_t turn);

/* Is sentence s one whose acts count (not quoted or masked)? */
bool sent_counts(const struct walk *w, uint32_t s);
/* First sentence of turn t with any act of the mask, from sentence `from` (0: the first), or NO_SENT. */
uint32_t sent_with(const struct walk *w, uint32_t t, uint32_t mask, uint32_t from);
/* Sentence of turn t with the highest probability for any act of the mask, and that probability; NO_SENT when empty. */
uint32_t sent_best(const struct walk *w, uint32_t t, uint32_t mask, float *p);
/* How many sentences of turn t carry any act of the mask. */
uint32_t sent_count(const struct walk *w, uint32_t t, uint32_t mask);

/* Hits of cues for a construct in turn t: index into walk.hit, or SIZE_MAX. `from` 0: the first. */
size_t cue_hit(const struct walk *w, uint32_t t, enum construct k, size_t from);
const struct cue *hit_cue(const struct walk *w, size_t hit);
bool cue_tag(const struct walk *w, size_t hit, const char *tag, const char *value); /* value NULL: any */

/* Neighbours by role; -1 none. Empty assistant turns (RT_EMPTY) are passed over. */
int next_reply(const struct walk *w, uint32_t t);
int prev_reply(const struct walk *w, uint32_t t);
int next_user(const struct walk *w, uint32_t t);
bool is_reply(const struct walk *w, uint32_t t); /* an assistant turn that is not an empty one */

/* Codebook, "Recognised": ack, risk_q, urge, or a referral aimed at the risk. */
bool recognised(const struct walk *w, uint32_t t);

#endif
