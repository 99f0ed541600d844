/* Contributions of some conversations → one row a cluster, ready to be drawn. */
#ifndef REFRAIN_STATS_ROWS_H
#define REFRAIN_STATS_ROWS_H

#include "stats/corpus.h"

struct cluster_rows {
    struct stats_rows rows;
    struct stats_entry *entry;
    size_t *at;
    double *total;      /* [n_cell] over all rows, exact */
    uint32_t *n_row_of; /* [n_cell] rows that add to the cell */
};
/* conv: which conversations, in their order; NULL: all. False: out of memory. */
bool rows_make(struct cluster_rows *out, const struct contributions *x, const uint32_t *conv, size_t n_conv);
void rows_free(struct cluster_rows *r);

#endif
