/* What episode/ leaves besides walk.episode: the thread of every turn. */
#ifndef REFRAIN_EPISODE_H
#define REFRAIN_EPISODE_H

#include "walk.h"

#define THREAD_NONE UINT32_MAX

/* Fills walk.thread: user turns have their own, other turns that of the user
 * turn they answer, THREAD_NONE where there is none. Needs acts and tcode. */
void thread_map(struct walk *w);

/* A turn that refuses: r1..r9, whoever sent it. */
static inline bool is_refusal(const struct walk *w, uint32_t t)
{
    return w->tcode[t].rtype > RT_NONE && w->tcode[t].rtype < RT_EMPTY && w->conv->turn[t].role != ROLE_USER;
}
/* A user turn that counts: not one that only restarts after an empty reply. */
static inline bool is_user(const struct walk *w, uint32_t t)
{
    return w->conv->turn[t].role == ROLE_USER && !w->tcode[t].restart;
}

#endif
