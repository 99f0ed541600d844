/* What episode/ leaves besides walk.episode: the thread of every turn. */
#ifndef REFRAIN_EPISODE_H
#define REFRAIN_EPISODE_H

#include "walk.h"

#define THREAD_NONE UINT32_MAX

/* Fills walk.thread: user turns have their own, other turns that of the user
 * turn they answer, THREAD_NONE where there is none. Needs acts and tcode. */
void thread_map(struct walk *w);

/* Does user turn t carry a thread cue: "new", "request", "talk"? Does it ask for something? */
bool thread_says(const struct walk *w, uint32_t t, const char *what);
bool thread_requests(const struct walk *w, uint32_t t);

/* A turn that refuses: r1..r9, whoever sent it. Words refuse only what was
 * asked or told, so without a bid before it only structure (r8, r9) counts. */
static inline bool is_refusal(const struct walk *w, uint32_t t)
{
    enum rtype r = w->tcode[t].rtype;
    if (r <= RT_NONE || r >= RT_EMPTY || w->conv->turn[t].role == ROLE_USER) return false;
    return w->tcode[t].bid_turn >= 0 || r == RT_R8 || r == RT_R9;
}
/* A user turn that counts: not one that only restarts after an empty reply. */
static inline bool is_user(const struct walk *w, uint32_t t)
{
    return w->conv->turn[t].role == ROLE_USER && !w->tcode[t].restart;
}

#endif
