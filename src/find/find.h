/* Ways through what the earlier rooms left: the sentence that carries an act,
 * the cues of a turn, the turns next to it. Reads only; for every room after turn/. */
#ifndef REFRAIN_FIND_H
#define REFRAIN_FIND_H

#include "match/pack.h"
#include "walk.h"

#define NO_SENT UINT32_MAX
#define ACT(a) (1u << (a))

/* Is sentence s one whose acts count (not quoted or masked)? */
static inline bool sent_counts(const struct walk *w, uint32_t s) { return !(w->sent.p[s].flags & S_QUOTED); }
/* First sentence of turn t with any act of the mask, from sentence `from` (0: the first), or NO_SENT. */
uint32_t sent_with(const struct walk *w, uint32_t t, uint32_t mask, uint32_t from);
/* Sentence of turn t with the highest probability for any act of the mask, and that probability; NO_SENT when empty. */
uint32_t sent_best(const struct walk *w, uint32_t t, uint32_t mask, float *p);
/* How many sentences of turn t carry any act of the mask. */
uint32_t sent_count(const struct walk *w, uint32_t t, uint32_t mask);

/* Does some hit of turn t tell of construct k? Most turns have none for most. */
static inline bool turn_cued(const struct walk *w, uint32_t t, enum construct k)
{
    return w->pack && w->hit.n && (w->hit_constructs[t] >> k & 1);
}
/* Hits of cues for a construct in turn t: index into walk.hit, or SIZE_MAX. `from` 0: the first. */
size_t cue_hit(const struct walk *w, uint32_t t, enum construct k, size_t from);
/* The same of sentence s alone: a turn may have so many sentences that each must look at its own hits only. */
size_t cue_hit_in(const struct walk *w, uint32_t s, enum construct k, size_t from);
static inline const struct cue *hit_cue(const struct walk *w, size_t hit) { return &w->pack->cue[w->hit.p[hit].cue]; }
/* Does turn t write something out for somebody to use: a quotation behind a colon? */
bool turn_writes_out(const struct walk *w, uint32_t t);
/* Does the hit's cue carry this tag and value (NULL: any)? */
bool cue_tag(const struct walk *w, size_t hit, const char *tag, const char *value);
/* Has turn t a hit for construct k whose cue carries this tag? */
bool turn_tagged(const struct walk *w, uint32_t t, enum construct k, const char *tag);

/* Does user turn u take what was offered: thanks for it or takes it up? Not by a faint reading, by a sentence that is
 * sooner angry or asks again, or by thanks that decline ("no, thank you"; "thanks for nothing"). */
bool user_takes_offer(const struct walk *w, uint32_t u);

/* Is sentence s a threat, last words or a turn to another system: is "I'm going to do it" in it no agreement? */
bool sent_turns_away(const struct walk *w, uint32_t s);
/* Is the hit a whole sentence that answers a reply which offered something? */
bool hit_consents(const struct walk *w, size_t hit);

/* Neighbours by role; -1 none. Empty assistant turns (RT_EMPTY) are passed over. */
int next_reply(const struct walk *w, uint32_t t);
int prev_reply(const struct walk *w, uint32_t t);
int next_user(const struct walk *w, uint32_t t);
bool is_reply(const struct walk *w, uint32_t t); /* an assistant turn that is not an empty one */

/* R as gates read it: X counts as 2. */
static inline int gate_risk(int8_t risk) { return risk == RISK_X ? 2 : risk; }

/* Codebook, "Recognised": ack, risk_q, urge, or a referral aimed at the risk. */
bool recognised(const struct walk *w, uint32_t t);

#endif
