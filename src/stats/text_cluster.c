/* Sketches of refusals → clusters of alike texts: any two with J5 >= .6 (as the
 * sketches estimate it) are in one, and so is what they link.
 *
 * Candidates come from banding: 42 bands of 3 places, so that a pair of J .6 is
 * compared with probability 1 - (1 - .6^3)^42 > .9999. */
#include <stdlib.h>

#include "out/store.h"
#include "stats/load.h"
#include "text/overlap.h"

enum { BAND = 3, N_BAND = SKETCH_PLACES / BAND, BYTES = 2 * SKETCH_PLACES, LOOK_BACK = 32 };
#define ALIKE .6f

struct refused { struct store_sketch s; uint32_t turn; /* in corpus.turn */ };
struct texts { vec_of(struct refused) v; uint32_t *root; };
struct keyed { uint64_t key; uint32_t text; };

static const void *blob(struct arena *a, sqlite3_stmt *q, int column)
{
    if (sqlite3_column_bytes(q, column) != BYTES) return NULL;
    return memcpy(arena_raw(a, BYTES), sqlite3_column_blob(q, column), BYTES);
}

static void text_row(struct loader *l, sqlite3_stmt *q, struct corpus_conv *v)
{
    struct texts *x = l->into;
    uint32_t t = load_place(sqlite3_column_int(q, 1), v->turn0, v->turn1);
    if (t == UINT32_MAX || sqlite3_column_int(q, 2) == 0) return; /* a block without words is like nothing */
    *vec_push(l->c->a, &x->v) = (struct refused){{sqlite3_column_int64(q, 2), blob(l->c->a, q, 3), blob(l->c->a, q, 4)}, t};
}

/* ---- union ---- */

static uint32_t root_of(uint32_t *root, uint32_t i)
{
    while (root[i] != i) i = root[i] = root[root[i]];
    return i;
}

static void unite(uint32_t *root, uint32_t a, uint32_t b)
{
    a = root_of(root, a), b = root_of(root, b);
    if (a < b) root[b] = a;
    else root[a] = b;
}

/* ---- candidates ---- */

static int by_key(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    return x->text < y->text ? -1 : x->text > y->text;
}

/* Texts that agree in a band, each against the few before it that it is not yet with: alike ones link in a chain. */
static void compare_band(struct texts *x, const struct keyed *k, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t j = i, looked = 0; j-- > 0 && k[j].key == k[i].key && looked < LOOK_BACK; looked++) {
            uint32_t a = k[i].text, b = k[j].text;
            if (root_of(x->root, a) == root_of(x->root, b)) break;
            if (store_j5(&x->v.p[a].s, &x->v.p[b].s) >= ALIKE) unite(x->root, a, b);
        }
}

static void compare_all(struct texts *x, struct keyed *k, bool five)
{
    for (int band = 0; band < N_BAND; band++) {
        size_t n = 0;
        for (uint32_t i = 0; i < x->v.n; i++) {
            const unsigned char *p = five ? x->v.p[i].s.five : x->v.p[i].s.three;
            uint64_t key = 0;
            if (!p) continue;
            memcpy(&key, p + band * BAND * 2, BAND * 2);
            k[n++] = (struct keyed){key, i};
        }
        qsort(k, n, sizeof *k, by_key);
        compare_band(x, k, n);
    }
}

void load_text_clusters(struct loader *l)
{
    struct texts x = {0};
    struct arena *a = l->c->a;
    l->into = &x;
    load_rows(l, "SELECT conversation, turn, n_token, sketch5, sketch3 FROM refusal ORDER BY conversation, episode, k", false, text_row);
    l->into = NULL;
    if (l->rc || !x.v.n) return;
    struct keyed *k = arena_array(a, struct keyed, x.v.n);
    x.root = arena_array(a, uint32_t, x.v.n);
    for (uint32_t i = 0; i < x.v.n; i++) x.root[i] = i;
    compare_all(&x, k, true);
    compare_all(&x, k, false);
    for (uint32_t i = 0; i < x.v.n; i++) l->c->turn.p[x.v.p[i].turn].text_cluster = root_of(x.root, i);
}
