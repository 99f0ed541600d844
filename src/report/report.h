/* The desk: a finished walk → the view that writers format. Folded offsets
 * become bytes of the original UTF-8 here, once. */
#ifndef REFRAIN_REPORT_REPORT_H
#define REFRAIN_REPORT_REPORT_H

#include "match/pack.h"
#include "score/gate.h"

/* Every offset of the walk that a writer may print (spans of codes, contacts,
 * place, population, anchors) becomes original bytes; call it once a walk. */
void report_view(struct walk *w);
/* The result contract: one JSON object, no newline. Reads a viewed walk. */
void report_json(struct buf *out, const struct walk *w);
enum { REPORT_TEXT = 1 /* adds turns[].text */ };
void report_json_with(struct buf *out, const struct walk *w, unsigned flags);

/* Pieces that other writers share. */
/* A reply shows what is coded, and what could not be coded though it applies. */
static inline bool report_shows(const struct code *c, const struct construct_def *def)
{
    return c->state == CODE_SET || (c->null_reason != WHY_NOT_APPLICABLE && def->every_reply);
}
extern const char risk_flag_letters[10];                    /* by bit of enum risk_flag */
size_t report_time(char out[static 32], int64_t ms);        /* ISO 8601, UTC */

#endif
