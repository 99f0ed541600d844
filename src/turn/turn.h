/* The landing's insides: reply features, the reply model's outputs. */
#ifndef REFRAIN_TURN_TURN_H
#define REFRAIN_TURN_TURN_H

#include "act/act.h"

/* Outputs of the reply model (acts.model, role REPLY_MODEL): refusal types,
 * decision, then "at least 1, 2, 3, 4" of each 0-4 scale. R1 is "partial, if it is refused". */
enum { RO_REFUSED, RO_R1, RO_R2, RO_R3, RO_R4, RO_R5, RO_R6, RO_R7, RO_R9, RO_OVER, RO_UNDER,
       RO_REASON_CARE, RO_REASON_CAPABILITY, RO_REASON_POLICY, RO_REASON_ETHICS, RO_SCALE0 };
enum { FEATURES_MAX = 4096 };
enum { N_SCALE = 14, N_REPLY_OUT = RO_SCALE0 + 4 * N_SCALE };

/* The fourteen scales of the reply coding guide, in the order of the outputs. */
struct scale_name { const char *label; enum construct construct; };
extern const struct scale_name reply_scales[N_SCALE];

/* Feature keys of assistant turn t in its context, but for its words, at most FEATURES_MAX; acts and user codes of earlier turns must stand. */
/* Returns its most refusing sentence, or UINT32_MAX. */
uint32_t turn_features(struct feature_list *out, struct walk *w, uint32_t t);
/* Reading of the reply model's outputs p at thresholds t; tools/train reports with the same. */
enum rtype turn_refusal(const float *p, const float *t, uint32_t n_word);
int turn_scale(const float *p, const float *t, int scale); /* 0..4 */
/* Sets c->decision by the policy table; c has rtype, risk, flags and bid, `acts` is the reply's union. */
void turn_decide(struct tcode *c, const float *p, const float *t, uint32_t acts);
/* Risk, flags and bids of every turn (before replies are coded). */
void turn_users(struct walk *w);

#endif
