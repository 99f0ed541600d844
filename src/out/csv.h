/* Walks → CSV rows (RFC 4180 quoting, UTF-8, \n). Cells that a spreadsheet would
 * read as a formula are made text. */
#ifndef REFRAIN_OUT_CSV_H
#define REFRAIN_OUT_CSV_H

#include "match/pack.h"

enum csv_unit { CSV_EPISODE, CSV_TURN, CSV_CONVERSATION };

void csv_header(struct buf *b, enum csv_unit unit, bool text);
/* All rows of one viewed walk: one an episode, an assistant or user turn, or one. */
void csv_rows(struct buf *b, const struct walk *w, enum csv_unit unit, bool text);

#endif
