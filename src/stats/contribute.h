/* What contribute.c and its neighbours share. */
#ifndef REFRAIN_STATS_CONTRIBUTE_H
#define REFRAIN_STATS_CONTRIBUTE_H

#include "stats/cells.h"

/* The sums of one conversation: dense, and which cells are not 0. */
struct sums { double *at; uint32_t *touched; size_t n; };
void sums_add(struct sums *s, uint32_t cell, double x);

struct conv_view {
    const struct corpus_conv *conv;
    const struct corpus_turn *turn; size_t n_turn;
    const struct corpus_episode *episode; size_t n_episode;
    const struct corpus_contact *contact; size_t n_contact;
    const struct corpus_gate *gate; size_t n_gate;
    const uint32_t *refusal; /* of the corpus */
    const uint32_t *users;   /* user turns up to and with turn t */
};

/* contribute_episode.c */
void add_episodes(struct sums *s, const struct conv_view *v);
void add_matrix(struct sums *s, const struct conv_view *v);
/* contribute_wait.c */
void add_waits(struct sums *s, const struct conv_view *v);

/* alike.c: what needs more than one conversation */
struct regen { uint32_t n; double consistency, flips; }; /* at the first conversation of its group; n 0: none */
struct alike {
    struct regen *regen;         /* [n_conv] */
    uint32_t *text_cluster_size; /* [n_text_cluster] by corpus_turn.text_cluster, in these conversations */
    size_t n_text_cluster;
};
bool alike_find(struct alike *out, const struct corpus *c); /* false: out of memory */
void alike_free(struct alike *a);

#endif
