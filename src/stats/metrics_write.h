/* Figures of a corpus → text for a terminal, JSON (docs/schema/metrics.schema.json),
 * CSV (one row a metric and group), Markdown. `refrain report --format` prints these. */
#ifndef REFRAIN_STATS_METRICS_WRITE_H
#define REFRAIN_STATS_METRICS_WRITE_H

#include "out/term.h"
#include "stats/corpus.h"

void metrics_text(struct buf *b, const struct term *t, const struct metrics *m);
void metrics_json(struct buf *b, const struct metrics *m); /* one object, no newline */
void metrics_csv(struct buf *b, const struct metrics *m);
void metrics_markdown(struct buf *b, const struct metrics *m);
/* "12.5 % (8.1 to 17.0)": a piece that the writers share. */
void metric_words(struct buf *b, const char *unit, double v, double lo, double hi);
/* The table of definitions, for docs/statistics.md. */
void metrics_definitions_markdown(struct buf *b);

#endif
