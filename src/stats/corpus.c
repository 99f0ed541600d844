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
