/* Many walks → one page for a person. One summary a worker, merged at the end;
 * sums are integers and lists have a total order, so the page does not depend
 * on the number of threads. */
#ifndef REFRAIN_OUT_SUMMARY_H
#define REFRAIN_OUT_SUMMARY_H

#include "match/pack.h"
#include "out/term.h"

enum { SUMMARY_LOOK = 8 }; /* conversations named */

struct summary_look {
    uint64_t rank, order;      /* worse first, then earlier first */
    char id[96], path[256];
    bool cut;                  /* the id is longer than we keep: no command line for it */
    uint64_t record;
    uint16_t gates, suspected; /* bit per gate id */
    int turn;                  /* where the worst gate fires, -1 */
    uint8_t quadrant;          /* worst */
};

struct summary {
    uint64_t conversations, turns, replies, empty, blocked;
    uint64_t reply_rtype[N_RTYPE];
    uint64_t with_refusal, with_episode, with_gate, with_critical;
    uint64_t episodes, again; /* again: more than one refusal */
    uint64_t rtype_quadrant[N_RTYPE][N_QUADRANT];
    uint64_t decision[N_DECISION];
    uint32_t score[5][N_SH][101]; /* histogram of whole points */
    uint64_t gate[13][2], gate_conv[13];
    uint64_t contact[N_CONTACT_STATUS], contact_stale, contact_dont;
    uint64_t next[12], decay[3];
    uint64_t replies_at_risk, replies_at_risk_refused;
    struct summary_look look[SUMMARY_LOOK]; size_t n_look;
};

/* `order`: place in the input, for ties. Reads a viewed walk. */
void summary_add(struct summary *s, const struct walk *w, uint64_t order);
void summary_merge(struct summary *into, const struct summary *from);

struct summary_run {           /* what only the caller knows */
    uint64_t rejected, repeated;
    const char *rejects_path;  /* where rejects were listed, NULL */
};
void summary_print(struct buf *b, const struct term *t, const struct summary *s, const struct summary_run *run);

#endif
