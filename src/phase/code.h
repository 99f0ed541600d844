/* Small moves that the five rooms of phase/ share: set a code, give it its
 * span, say what was searched. */
#ifndef REFRAIN_PHASE_CODE_H
#define REFRAIN_PHASE_CODE_H

#include "find/find.h"

/* Category indices, in the order of packs/en/constructs.yaml (a test holds them together). */
enum { ORDER_ABSENT, ORDER_LATER, ORDER_FIRST };
enum { REASON_NONE, REASON_ETHICS, REASON_POLICY, REASON_CAPABILITY, REASON_CARE };
enum { KIND_NONE, KIND_GENERIC, KIND_NAMED, KIND_CONTACT, KIND_HANDOFF };
enum { NEED_NONE, NEED_OFFER, NEED_REQUIRED };
enum { TIME_AFTER, TIME_BEFORE };

/* Each overwrites the code. */
void code_null(struct code *c, enum null_reason why);
/* Looked for in turns s0..s1 and not there; value 0. */
void code_zero(struct code *c, enum method m, float conf, uint32_t s0, uint32_t s1);
/* A value with no span yet; add them with the two below. */
void code_value(struct code *c, int value, enum method m, float conf, const char *why);
/* Codes are descriptive by name: category index i of construct k's list (names from the pack, NULL without one). */
void code_category(const struct walk *w, struct code *c, enum construct k, int i, enum method m, float conf);

/* Names a zero code's category: the first of k's list. */
void code_category_name(const struct walk *w, struct code *c, enum construct k);

void code_span(struct walk *w, struct code *c, uint32_t turn, uint32_t begin, uint32_t end); /* equal ones once */
void code_span_sent(struct walk *w, struct code *c, uint32_t sent);
/* The first sentence of a turn, or its whole text: a span of last resort. Nothing for an empty turn. */
void code_span_turn(struct walk *w, struct code *c, uint32_t turn);

/* Where reply t acknowledges: its first ack sentence, or the likeliest one where P3.ack (coded already) is 2 or
 * more and no sentence passed the threshold; NO_SENT none. Stock thanks are no acknowledgement. */
uint32_t ack_sent(const struct walk *w, uint32_t t);
/* Which of `value[0..n)` the cues for construct k with tag `tag` gave in sentences s0..s1 of turn t: a bit each. A hit
 * tagged "unsaid" takes back what the others of its sentence say: they are left out here and in code_span_cues. */
unsigned cue_values(const struct walk *w, uint32_t t, enum construct k, const char *tag, const char *const *value,
                    size_t n, uint32_t s0, uint32_t s1);
/* Spans of those hits; tag NULL: of any cue for k. */
void code_span_cues(struct walk *w, struct code *c, uint32_t t, enum construct k, const char *tag, uint32_t s0,
                    uint32_t s1);

/* An episode's codes for constructs first..last from those of its refusal turns: harms (negative polarity) by
 * max, supports at k=1 with their max in `why`, descriptive ones as at the anchor (codebook, "Where codes live"). */
void codes_over_episodes(struct walk *w, enum construct first, enum construct last);

#endif
