/* Conversations of one cluster become one row; clusters keep the order in
 * which they first appear, so that two corpora with the same ones pair. */
#include "stats/rows.h"

#include <stdlib.h>

struct order { uint32_t *first, *next, n; }; /* chains of positions in conv, by cluster */

static bool order_of(struct order *o, uint32_t *number, const struct contributions *x, const uint32_t *conv, size_t n)
{
    uint32_t *last = malloc((n + 1) * sizeof *last);
    *o = (struct order){malloc((n + 1) * sizeof *o->first), malloc((n + 1) * sizeof *o->next), 0};
    bool ok = last && o->first && o->next;
    memset(number, 0xFF, (x->n_cluster + 1) * sizeof *number);
    for (size_t i = 0; ok && i < n; i++) {
        uint32_t *k = &number[x->cluster[conv ? conv[i] : i]];
        o->next[i] = UINT32_MAX;
        if (*k == UINT32_MAX) *k = o->n, o->first[o->n++] = (uint32_t)i;
        else o->next[last[*k]] = (uint32_t)i;
        last[*k] = (uint32_t)i;
    }
    free(last);
    return ok;
}

static size_t entries_of(const struct contributions *x, const uint32_t *conv, size_t n)
{
    size_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        size_t c = conv ? conv[i] : i;
        sum += x->at[c + 1] - x->at[c];
    }
    return sum;
}

/* Adds conversation c to row `row` that began at `from`: cells that stand there already grow. */
static size_t add_conv(struct cluster_rows *r, const struct contributions *x, size_t c, size_t from, size_t end, uint32_t *where)
{
    for (size_t k = x->at[c]; k < x->at[c + 1]; k++) {
        uint32_t cell = x->p[k].cell;
        r->total[cell] += x->p[k].amount;
        if (where[cell] >= from && where[cell] < end && r->entry[where[cell]].cell == cell) {
            r->entry[where[cell]].amount += (float)x->p[k].amount;
            continue;
        }
        where[cell] = (uint32_t)end;
        r->n_row_of[cell]++;
        r->entry[end++] = (struct stats_entry){cell, (float)x->p[k].amount};
    }
    return end;
}

bool rows_make(struct cluster_rows *r, const struct contributions *x, const uint32_t *conv, size_t n)
{
    struct order o = {0};
    uint32_t *number = malloc((x->n_cluster + 1) * sizeof *number), *where = calloc(x->n_cell + 1, sizeof *where);
    *r = (struct cluster_rows){.entry = malloc((entries_of(x, conv, n) + 1) * sizeof *r->entry),
                               .at = calloc(n + 2, sizeof *r->at), .total = calloc(x->n_cell + 1, sizeof *r->total),
                               .n_row_of = calloc(x->n_cell + 1, sizeof *r->n_row_of)};
    bool ok = number && where && r->entry && r->at && r->total && r->n_row_of && order_of(&o, number, x, conv, n);
    size_t end = 0;
    for (uint32_t row = 0; ok && row < o.n; row++) {
        size_t from = end;
        for (uint32_t i = o.first[row]; i != UINT32_MAX; i = o.next[i]) end = add_conv(r, x, conv ? conv[i] : i, from, end, where);
        r->at[row + 1] = end;
    }
    r->rows = (struct stats_rows){r->entry, r->at, o.n, x->n_cell};
    free(number);
    free(where);
    free(o.first);
    free(o.next);
    if (!ok) rows_free(r);
    return ok;
}

void rows_free(struct cluster_rows *r)
{
    free(r->entry);
    free(r->at);
    free(r->total);
    free(r->n_row_of);
    *r = (struct cluster_rows){0};
}
