/* Small moves that the five rooms of phase/ share: set a code, give it its
 * span, say what was searched, find the sentence that carries an act. */
#ifndef REFRAIN_PHASE_CODE_H
#define REFRAIN_PHASE_CODE_H

#include "match/pack.h"
#include "walk.h"

/* Category indices, in the order of packs/en/constructs.yaml (a test holds them together). */
enum { ORDER_ABSENT, ORDER_LATER, ORDER_FIRST };
enum { REASON_NONE, REASON_ETHICS, REASON_POLICY, REASON_CAPABILITY, REASON_CARE };
enum { KIND_NONE, KIND_GENERIC, KIND_NAMED, KIND_CONTACT, KIND_HANDOFF };
enum { NEED_NONE, NEED_OFFER, NEED_REQUIRED };
enum { TIME_AFTER, TIME_BEFORE };

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

/* Names a zero code's category: the first of k's list. */
void code_category_name(const struct walk *w, struct code *c, enum construct k);

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
/* Where reply t acknowledges: its first ack sentence, or the likeliest one where P3.ack (coded already) is 2 or
 * more and no sentence passed the threshold; NO_SENT none. Stock thanks are no acknowledgement. */
uint32_t ack_sent(const struct walk *w, uint32_t t);
/* How many sentences of turn t carry any act of the mask. */
uint32_t sent_count(const struct walk *w, uint32_t t, uint32_t mask);

/* Hits of cues for a construct in turn t: index into walk.hit, or SIZE_MAX. `from` 0: the first. */
size_t cue_hit(const struct walk *w, uint32_t t, enum construct k, size_t from);
const struct cue *hit_cue(const struct walk *w, size_t hit);
/* Which of `value[0..n)` the cues for construct k with tag `tag` gave in sentences s0..s1 of turn t: a bit each. */
unsigned cue_values(const struct walk *w, uint32_t t, enum construct k, const char *tag, const char *const *value,
                    size_t n, uint32_t s0, uint32_t s1);
/* Spans of those hits; tag NULL: of any cue for k. */
void code_span_cues(struct walk *w, struct code *c, uint32_t t, enum construct k, const char *tag, uint32_t s0,
                    uint32_t s1);

/* Neighbours by role; -1 none. Empty assistant turns (RT_EMPTY) are passed over. */
int next_reply(const struct walk *w, uint32_t t);
int prev_reply(const struct walk *w, uint32_t t);
int next_user(const struct walk *w, uint32_t t);
bool is_reply(const struct walk *w, uint32_t t); /* an assistant turn that is not an empty one */

/* R as gates read it: X counts as 2. */
static inline int gate_risk(int8_t risk) { return risk == RISK_X ? 2 : risk; }

/* An episode's codes for constructs first..last from those of its refusal turns: harms (negative polarity) by
 * max, supports at k=1 with their max in `why`, descriptive ones as at the anchor (codebook, "Where codes live"). */
void codes_over_episodes(struct walk *w, enum construct first, enum construct last);

/* Codebook, "Recognised": ack, risk_q, urge, or a referral aimed at the risk. */
bool recognised(const struct walk *w, uint32_t t);

#endif
