/* What load.c and load_codes.c share: rows of a query, in the order of conversations. */
#ifndef REFRAIN_STATS_LOAD_H
#define REFRAIN_STATS_LOAD_H

#include <sqlite3.h>

#include "stats/corpus.h"

struct loader {
    sqlite3 *db;
    struct corpus *c;
    const struct corpus_filter *filter;
    vec_of(int64_t) key; /* the store's number of each conversation, ascending */
    size_t at;           /* where the rows of a table stand in it */
    int rc;              /* of SQLite */
    void *into;          /* a row_fn's own */
};
typedef void row_fn(struct loader *l, sqlite3_stmt *q, struct corpus_conv *v); /* v NULL: the query has no conversation */

/* Calls fn for each row; column 0 is the conversation unless `all`. Rows of conversations left out are passed over. */
void load_rows(struct loader *l, const char *sql, bool all, row_fn *fn);
/* Where the k-th of a conversation's rows stands in [first, end), by the store's own count; UINT32_MAX: it has no such. */
static inline uint32_t load_place(int k, uint32_t first, uint32_t end)
{
    return k >= 0 && (uint32_t)k < end - first ? first + (uint32_t)k : UINT32_MAX;
}
/* Index in names[0..n) or `otherwise`; NULL is otherwise. */
int load_name(sqlite3_stmt *q, int column, const char *const *names, int n, int otherwise);

void load_codes(struct loader *l);         /* load_codes.c */
void load_text_clusters(struct loader *l); /* text_cluster.c: refusals whose sketches are alike get one number */

#endif
