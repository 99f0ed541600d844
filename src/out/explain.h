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
void explain_rule(const struct explain *x, const char *title);
/* One code: id, value, why, method; then the words, quoted, if `quote`. */
void explain_code(const struct explain *x, enum construct id, const struct code *c, bool quote);
void explain_value(struct buf *b, const struct construct_def *d, const struct code *c); /* "1/4" */
void explain_turn(const struct explain *x, uint32_t t);
void explain_episode(const struct explain *x, size_t i);
/* Does this value speak against the reply (harm present, support absent)? */
bool explain_is_bad(const struct construct_def *d, const struct code *c);
size_t explain_gates(const struct explain *x, int turn, int episode, bool by_turn, size_t indent);

#endif
