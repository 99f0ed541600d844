/* A corpus as a value: made, freed, grouped, paired. load.c fills it from a store. */
#include "stats/corpus.h"

#include <stdlib.h>

const char *const corpus_key_names[N_KEY] = {"none", "model", "locale", "language", "country", "population", "path", "rtype"};

int corpus_key_of(const char *name)
{
    for (int k = 0; k < N_KEY; k++)
        if (!strcmp(name, corpus_key_names[k])) return k;
    return -1;
}

struct corpus *corpus_new(void)
{
    struct corpus *c = calloc(1, sizeof *c);
    struct arena *a = calloc(1, sizeof *a);
    if (!c || !a) {
        free(c);
        free(a);
        return NULL;
    }
    arena_init(a, 0);
    c->a = a;
    return c;
}

void corpus_free(struct corpus *c)
{
    if (!c) return;
    arena_free(c->a);
    free(c->a);
    free(c);
}

/* ---- groups ---- */

static const char *field_of(const struct corpus_conv *v, enum corpus_key key)
{
    switch (key) {
    case KEY_MODEL: return v->model;
    case KEY_LOCALE: return v->locale;
    case KEY_LANGUAGE: return v->language;
    case KEY_COUNTRY: return v->country;
    case KEY_PATH: return v->path;
    default: return "";
    }
}

static const char *anchor_rtype(const struct corpus *c, size_t episode) { return rtype_names[c->episode.p[episode].rtype]; }

bool corpus_in(const struct corpus *c, size_t conv, enum corpus_key key, const char *value)
{
    const struct corpus_conv *v = &c->conv.p[conv];
    if (key == KEY_NONE) return true;
    if (key == KEY_POPULATION) {
        for (uint32_t i = 0; i < v->n_population; i++)
            if (!strcmp(v->population[i], value)) return true;
        return !*value && v->n_population == 0;
    }
    if (key == KEY_RTYPE) {
        for (uint32_t e = v->episode0; e < v->episode1; e++)
            if (!strcmp(anchor_rtype(c, e), value)) return true;
        return !*value && v->episode0 == v->episode1;
    }
    return !strcmp(field_of(v, key), value);
}

/* "" sorts behind all names. */
static int by_name(const void *a, const void *b)
{
    const char *x = *(const char *const *)a, *y = *(const char *const *)b;
    if (!*x || !*y) return !*x - !*y;
    return strcmp(x, y);
}

struct names { const char **p; size_t n, cap; };

static void name_add(struct arena *a, struct names *x, const char *name)
{
    /* Most keys have few values: looking back over some spares sorting a name for every conversation. */
    enum { BACK = 32 };
    for (size_t k = x->n; k-- > 0 && x->n - k <= BACK;)
        if (x->p[k] == name || !strcmp(x->p[k], name)) return;
    if (x->n == x->cap) {
        size_t to = x->cap ? 2 * x->cap : 64;
        x->p = arena_grow(a, x->p, x->cap * sizeof *x->p, to * sizeof *x->p);
        x->cap = to;
    }
    x->p[x->n++] = name;
}

static void names_of_conv(struct corpus *c, size_t i, enum corpus_key key, struct names *x)
{
    const struct corpus_conv *v = &c->conv.p[i];
    if (key == KEY_POPULATION) {
        for (uint32_t k = 0; k < v->n_population; k++) name_add(c->a, x, v->population[k]);
        if (!v->n_population) name_add(c->a, x, "");
    } else if (key == KEY_RTYPE) {
        for (uint32_t e = v->episode0; e < v->episode1; e++) name_add(c->a, x, anchor_rtype(c, e));
        if (v->episode0 == v->episode1) name_add(c->a, x, "");
    } else {
        name_add(c->a, x, field_of(v, key));
    }
}

size_t corpus_groups(const char *const **out, struct corpus *c, enum corpus_key key)
{
    struct names x = {0};
    size_t n = 0;
    for (size_t i = 0; i < c->conv.n && key != KEY_NONE; i++) names_of_conv(c, i, key, &x);
    if (x.n) qsort(x.p, x.n, sizeof *x.p, by_name);
    for (size_t i = 0; i < x.n; i++)
        if (n == 0 || strcmp(x.p[i], x.p[n - 1]) != 0) x.p[n++] = x.p[i];
    *out = x.p;
    return n;
}

/* ---- pairing ---- */

struct at_id { const char *id; uint32_t conv; };

static int by_id(const void *a, const void *b)
{
    const struct at_id *x = a, *y = b;
    int order = strcmp(x->id, y->id);
    return order ? order : x->conv < y->conv ? -1 : x->conv > y->conv;
}

/* Ids of a corpus, sorted, the first of repeated ones only. */
static struct at_id *ids_of(const struct corpus *c, size_t *n)
{
    struct at_id *x = arena_array(c->a, struct at_id, c->conv.n + 1);
    for (size_t i = 0; i < c->conv.n; i++) x[i] = (struct at_id){c->conv.p[i].id, (uint32_t)i};
    qsort(x, c->conv.n, sizeof *x, by_id);
    *n = 0;
    for (size_t i = 0; i < c->conv.n; i++)
        if (i == 0 || strcmp(x[i].id, x[i - 1].id) != 0) x[(*n)++] = x[i];
    return x;
}

/* Both orders follow a. Clusters follow a's too, so that one draw is one draw of both. */
size_t corpus_pair(struct corpus *a, struct corpus *b)
{
    size_t n_a, n_b, n = 0;
    struct at_id *x = ids_of(a, &n_a), *y = ids_of(b, &n_b);
    uint32_t *partner = arena_array(a->a, uint32_t, a->conv.n + 1);
    memset(partner, 0xFF, (a->conv.n + 1) * sizeof *partner);
    for (size_t i = 0, j = 0; i < n_a && j < n_b;) {
        int order = strcmp(x[i].id, y[j].id);
        if (order == 0) partner[x[i++].conv] = y[j++].conv;
        else if (order < 0) i++;
        else j++;
    }
    struct corpus_conv *kept = arena_array(b->a, struct corpus_conv, n_b + 1);
    for (size_t i = 0; i < a->conv.n; i++) {
        if (partner[i] == UINT32_MAX) continue;
        kept[n] = b->conv.p[partner[i]];
        kept[n].cluster = a->conv.p[i].cluster;
        a->conv.p[n++] = a->conv.p[i];
    }
    b->conv.p = kept;
    a->conv.n = b->conv.n = n;
    b->conv.cap = n_b + 1;
    return n;
}
