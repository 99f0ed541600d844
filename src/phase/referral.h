/* What P3 and the gates need to know of a reply's referral. */
#ifndef REFRAIN_PHASE_REFERRAL_H
#define REFRAIN_PHASE_REFERRAL_H

#include "walk.h"

#define REF_ACTS ((1u << A_REF_GEN) | (1u << A_REF_NAME) | (1u << A_REF_CON))

/* phase/kind.c: P4.kind of reply t, with method and spans. */
void referral_kind(struct walk *w, uint32_t t, struct code *c);
/* A sentence with a P4.kind cue of that value and at least a trace of referring, which a plain one needs not; NO_SENT
 * none. */
uint32_t referral_sent(const struct walk *w, uint32_t t, const char *value, float trace);
/* Where the reply's referral begins: the earliest contact or referring sentence; begin == end: none. */
struct span referral_place(const struct walk *w, uint32_t t);
/* Contacts of turn t in walk.contact: from the result up to *end. */
static inline size_t contacts_of(const struct walk *w, uint32_t t, size_t *end)
{
    *end = w->contact0[t + 1];
    return w->contact0[t];
}
/* How many of them are given to be used. */
static inline uint32_t contacts_given(const struct walk *w, uint32_t t)
{
    size_t end;
    uint32_t n = 0;
    for (size_t i = contacts_of(w, t, &end); i < end; i++) n += !w->contact.p[i].negated;
    return n;
}
/* Verified, alias or emergency, and not named to be avoided. Staleness is a warning, never part of it. */
bool contact_right(const struct contact *c);
/* The law that requires a referral at reply t, or NULL. Only where the record or the caller names a jurisdiction. */
const char *referral_law(const struct walk *w, uint32_t t);
/* phase/fit.c: does it fit the place, the population, the risk? The reply's kind is coded already. */
void fit_code(struct walk *w, uint32_t t);

#endif
