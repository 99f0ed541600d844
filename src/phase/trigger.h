/* Between trigger.c and again.c: P2 in two files. */
#ifndef REFRAIN_PHASE_TRIGGER_H
#define REFRAIN_PHASE_TRIGGER_H

#include "walk.h"

/* The words that show the refusal at t; its first sentence where turn/ marked none. */
void trigger_span_refusal(struct walk *w, struct code *c, uint32_t t);
/* Without a span: the turns in which it was looked for. */
void trigger_searched(struct code *c, uint32_t s0, uint32_t s1);

/* Of each refused bid the user turns before it that say the same. */
struct same_bids;
struct same_bids *trigger_same_bids(struct walk *w);
void trigger_incons(struct walk *w, struct code *c, const struct episode *e, const struct same_bids *same);
void trigger_stick(struct walk *w, struct code *c, const struct episode *e);

#endif
