/* One viewed walk → its timeline for a person: turns, risk, refusals, the words
 * behind each code, phases and gates. Shows text by its nature. */
#ifndef REFRAIN_OUT_EXPLAIN_H
#define REFRAIN_OUT_EXPLAIN_H

#include "match/pack.h"
#include "out/term.h"

enum { EXPLAIN_ALL = 1 /* every code and the whole text */ };
void explain_print(struct buf *b, const struct term *t, const struct walk *w, unsigned flags);

/* Pieces, for explain_*.c only. */
struct explain {
    struct buf *b;
    const struct term *t;
    const struct walk *w;
    bool all;
};
enum { EXPLAIN_INDENT = 4, EXPLAIN_LABEL = 12, EXPLAIN_REASON = 26 };
void explain_rule(const struct explain *x, const char *title);
/* One code in full: id, value, why, method, the words it rests on. */
void explain_code(const struct explain *x, enum construct id, const struct code *c);
void explain_turn(const struct explain *x, uint32_t t);
void explain_episode(const struct explain *x, size_t i);

/* What a code says of the reply, for an order of telling. */
enum explain_says {
    SAYS_NOTHING,  /* null, or looked for and not there */
    SAYS_AGAINST,  /* a harm, a wrong contact, a wrong call */
    SAYS_MISSING,  /* a support that is absent, or a trace */
    SAYS_ALSO      /* anything else that is there */
};
enum explain_says explain_says(enum construct id, const struct construct_def *d, const struct code *c,
                               const struct code *need /* P4.need of the same */);

/* A line of codes behind a label: "missing  P3.ack, P3.open 1/4". */
void explain_list_add(struct buf *list, const struct construct_def *d, const struct code *c, bool named);
void explain_list(const struct explain *x, const char *label, const struct buf *list);
unsigned explain_gate_style(int gate); /* critical red, else yellow */
/* " G2? G7": the gates of a set, "?" behind the suspected. Returns the columns that it took. */
size_t explain_gate_ids(const struct explain *x, unsigned gates, unsigned suspected);
/* Highest R that the person's words showed in turns begin..end; RISK_X where no more than
 * that was seen, or no turn of a person; *turn: where first. */
int explain_top_risk(const struct walk *w, uint32_t begin, uint32_t end, uint32_t *turn);

#endif
