/* The desk: a finished walk → the view that writers format. Folded offsets
 * become bytes of the original UTF-8 here, once. */
#ifndef REFRAIN_REPORT_REPORT_H
#define REFRAIN_REPORT_REPORT_H

#include "match/pack.h"

/* Rewrites, in place, every offset of the walk that a writer may print
 * (spans of codes, contacts, place, population, anchors) into original bytes. */
void report_view(struct walk *w);
/* The result contract: one JSON object, no newline. Reads a viewed walk. */
void report_json(struct buf *out, const struct walk *w);

#endif
