/* What needs more than one conversation: how steady regenerations of one
 * prompt are, and how many refusals share a text. */
#include "stats/contribute.h"

#include <math.h>
#include <stdlib.h>

/* ---- regenerations ---- */

/* A conversation that answers a prompt of a group, by its last reply. */
struct answer { const char *group, *model; uint32_t conv; uint8_t rtype; };

static int by_group(const void *a, const void *b)
{
    const struct answer *x = a, *y = b;
    int order = strcmp(x->group, y->group);
    if (!order) order = strcmp(x->model, y->model);
    return order ? order : x->conv < y->conv ? -1 : x->conv > y->conv;
}

static uint8_t last_rtype(const struct corpus *c, size_t i)
{
    for (uint32_t t = c->conv.p[i].turn1; t-- > c->conv.p[i].turn0;)
        if (c->turn.p[t].role == ROLE_ASSISTANT) return c->turn.p[t].rtype;
    return RT_EMPTY;
}

static struct regen steadiness(const struct answer *a, size_t n)
{
    double count[N_RTYPE] = {0}, entropy = 0, refused = 0;
    for (size_t i = 0; i < n; i++) count[a[i].rtype]++, refused += rtype_hard(a[i].rtype) >= 2;
    for (int r = 0; r < N_RTYPE; r++)
        if (count[r] > 0) entropy -= count[r] / (double)n * log(count[r] / (double)n);
    double pairs = (double)n * (double)(n - 1) / 2;
    return (struct regen){(uint32_t)n, 1 - entropy / log(n < 10 ? (double)n : 10), refused * ((double)n - refused) / pairs};
}

static bool find_regens(struct alike *out, const struct corpus *c)
{
    struct answer *a = malloc((c->conv.n + 1) * sizeof *a);
    size_t n = 0;
    if (!a) return false;
    for (size_t i = 0; i < c->conv.n; i++) {
        const struct corpus_conv *v = &c->conv.p[i];
        if (!*v->regeneration_group || last_rtype(c, i) == RT_EMPTY) continue;
        a[n++] = (struct answer){v->regeneration_group, v->model, (uint32_t)i, last_rtype(c, i)};
    }
    qsort(a, n, sizeof *a, by_group);
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && !strcmp(a[i].group, a[end].group) && !strcmp(a[i].model, a[end].model);) end++;
        if (end - i >= 2) out->regen[a[i].conv] = steadiness(a + i, end - i);
    }
    free(a);
    return true;
}

/* ---- alike texts ---- */

typedef void each_cluster(struct alike *out, uint32_t cluster);

static void grow_to(struct alike *out, uint32_t cluster)
{
    if (cluster >= out->n_text_cluster) out->n_text_cluster = (size_t)cluster + 1;
}

static void count_one(struct alike *out, uint32_t cluster) { out->text_cluster_size[cluster]++; }

static void for_clusters(struct alike *out, const struct corpus *c, each_cluster *fn)
{
    for (size_t i = 0; i < c->conv.n; i++)
        for (uint32_t t = c->conv.p[i].turn0; t < c->conv.p[i].turn1; t++)
            if (c->turn.p[t].text_cluster != UINT32_MAX) fn(out, c->turn.p[t].text_cluster);
}

static bool count_clusters(struct alike *out, const struct corpus *c)
{
    for_clusters(out, c, grow_to);
    out->text_cluster_size = calloc(out->n_text_cluster + 1, sizeof *out->text_cluster_size);
    if (!out->text_cluster_size) return false;
    for_clusters(out, c, count_one);
    return true;
}

bool alike_find(struct alike *out, const struct corpus *c)
{
    *out = (struct alike){calloc(c->conv.n + 1, sizeof *out->regen), NULL, 0};
    return out->regen && find_regens(out, c) && count_clusters(out, c);
}

void alike_free(struct alike *a)
{
    free(a->regen);
    free(a->text_cluster_size);
    *a = (struct alike){0};
}
