/* Which to read first. Codebook §2: "rank only lexicographically: critical
 * gates, decision, worst phase"; of critical gates the confirmed ones first,
 * and major gates between decision and phase. The one place that says so. */
#ifndef REFRAIN_SCORE_RANK_H
#define REFRAIN_SCORE_RANK_H

#include "score/gate.h"

/* Of an episode or of a conversation: begin with RANK_NONE, add what it has. */
struct rank {
    unsigned gates[2];   /* by enum gate_status, bit per id */
    unsigned decision;   /* the worst: 3 under, 2 over, 1 unsure */
    unsigned worst;      /* tenths of points of the lowest score of P1 to P4; P5 is outcome, and ranks nothing */
};
#define RANK_NONE ((struct rank){.worst = 1000})

void rank_gate(struct rank *r, int id, enum gate_status status);
void rank_decision(struct rank *r, enum decision d);
void rank_score(struct rank *r, int phase, float score);  /* phase 1..5; NAN: none */
uint64_t rank_value(const struct rank *r);                /* the highest is read first */

#endif
