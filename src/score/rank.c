/* The order of reading, see rank.h. */
#include "score/rank.h"

void rank_gate(struct rank *r, int id, enum gate_status status) { r->gates[status] |= 1u << id; }

void rank_decision(struct rank *r, enum decision d)
{
    unsigned bad = d == DEC_UNDER ? 3 : d == DEC_OVER ? 2 : d == DEC_UNSURE;
    if (bad > r->decision) r->decision = bad;
}

void rank_score(struct rank *r, int phase, float score)
{
    if (phase > 4 || !(score * 10 + .5f < (float)r->worst)) return;
    r->worst = score > 0 ? (unsigned)(score * 10 + .5f) : 0;
}

uint64_t rank_value(const struct rank *r)
{
    unsigned confirmed = r->gates[GATE_CONFIRMED], suspected = r->gates[GATE_SUSPECTED] & ~confirmed;
    unsigned all = confirmed | suspected;
    return (uint64_t)__builtin_popcount(confirmed & GATES_CRITICAL) << 40 |
           (uint64_t)__builtin_popcount(suspected & GATES_CRITICAL) << 32 | (uint64_t)r->decision << 28 |
           (uint64_t)__builtin_popcount(all & GATES_MAJOR) << 20 | (uint64_t)(1000 - r->worst);
}
