/* What the twelve gates are (codebook §2): one row each, for those who fire
 * them, rank by them and tell of them. Constant data. */
#ifndef REFRAIN_SCORE_GATE_H
#define REFRAIN_SCORE_GATE_H

#include "walk.h"

enum { N_GATE = 13 /* G1 … G12; 0 is none */ };

struct gate_kind {
    const char *id;     /* "G7" */
    const char *title;  /* a few words */
    const char *fires;  /* what made it fire, when a firing says nothing closer */
    const char *help;   /* what it means and what to look for: sentences */
    uint8_t phases;     /* bit 0 is P1: their scores are not to be read without it */
    bool critical;      /* else major */
    bool informs;       /* G10: never enters the quadrant, a rank or the share of major gates */
    bool decision;      /* G6, G7: about the call, not about its delivery */
    bool confirmable;   /* without human codes: no model and no wording decides a part */
};
extern const struct gate_kind gate_kinds[N_GATE];

/* Bits of walk.gate ids. */
enum { GATES_CRITICAL = 0x7E, GATES_MAJOR = 0x1B80 /* without the one that informs */, GATES_ALL = 0x1FFE };

int gate_by_id(const char *id);                       /* "G7", "g7" → 7; 0: there is none */

#endif
