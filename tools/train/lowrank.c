/* Sentences → all acts at once, and replies → all their outputs, through a few dimensions that they share: an act that
 * is rare in one family of models leans on what the others taught. Words and dimensions are left out by chance while
 * it learns (dropout), and several such models, each from another beginning, are averaged. Nothing is bent in between,
 * so that each is a weight a key and an act, like a logistic regression's, and costs the engine nothing. */
#include <math.h>
#include <stdlib.h>

#include "train.h"

enum { DIM = 64, BATCH = 64, EPOCHS = 12 };
/* As wide as the processor has it; sums are of eight parts either way, and nothing is fused: the width changes no byte. */
#define FAST __attribute__((target_clones("avx2", "default")))
static const float RATE = 0.004f, LEFT_OUT = 0.5f;

/* Adam (Kingma & Ba, 2015), for those parameters only that have a gradient. */
struct adam { float *value, *mean, *square, *slope; };

static struct adam adam_new(size_t n)
{
    return (struct adam){calloc(n, 4), calloc(n, 4), calloc(n, 4), calloc(n, 4)};
}

static void adam_free(struct adam *a) { free(a->value), free(a->mean), free(a->square), free(a->slope); }

FAST static void adam_step(struct adam *a, size_t at, size_t n, float rate, float mean_due, float square_due)
{
    float *v = a->value + at, *m = a->mean + at, *s = a->square + at, *g = a->slope + at;
    for (size_t i = 0; i < n; i++) {
        m[i] = 0.9f * m[i] + 0.1f * g[i];
        s[i] = 0.999f * s[i] + 0.001f * g[i] * g[i];
        v[i] -= rate * (m[i] * mean_due) / (sqrtf(s[i] * square_due) + 1e-8f);
        g[i] = 0;
    }
}

static float chance(uint64_t *seed) /* [0, 1) */
{
    *seed ^= *seed << 13, *seed ^= *seed >> 7, *seed ^= *seed << 17;
    return (float)(*seed >> 40) / (1 << 24);
}

/* Gold was coded by the coding guide, XSTest by people, ours by their writers and to be hard. */
static float weight_of(const struct row *r)
{
    static const float weight[N_SET] = {[SET_GOLD] = 2, [SET_XSTEST] = 2, [SET_SILVER] = 1, [SET_CHATGPT] = 1, [SET_AUTHORED] = 0.5f,
                                        [SET_AUTHORED2] = 0.5f, [SET_TALKS] = 0.3f};
    return r->role == REPLY_MODEL || r->set != SET_XSTEST ? weight[r->set] : 0.5f;
}

struct net { struct adam key, act, bias; }; /* [n_vocab][DIM], [MAX_OUT][DIM], [MAX_OUT] */
struct sample { const struct row *row; const struct feature_node *x; };

/* Adds the slopes of one sentence; touched: keys that have one. */
FAST static void learn(struct net *net, const struct sample *s, int n_out, uint64_t *seed, uint8_t *touched, uint32_t *list, uint32_t *n_list,
                  uint32_t n_vocab)
{
    static _Thread_local uint32_t key[20000];
    static _Thread_local float count[20000];
    float dim[DIM] = {0}, slope[DIM] = {0}, keep[DIM];
    uint32_t n = 0;
    for (const struct feature_node *x = s->x; x->index > 0; x++) {
        if ((uint32_t)x->index > n_vocab || chance(seed) < LEFT_OUT || n == ARRAY_LEN(key)) continue; /* the bias; left out */
        key[n] = (uint32_t)x->index - 1, count[n] = (float)x->value;
        const float *e = net->key.value + (size_t)key[n] * DIM;
        for (int j = 0; j < DIM; j++) dim[j] += count[n] * e[j];
        n++;
    }
    for (int j = 0; j < DIM; j++) keep[j] = chance(seed) < LEFT_OUT ? 0 : 1 / (1 - LEFT_OUT), dim[j] *= keep[j];
    for (int o = 0; o < n_out; o++) {
        if (!(s->row->known >> o & 1)) continue;
        const float *a = net->act.value + o * DIM;
        float *g = net->act.slope + o * DIM, part[8] = {0}, z = net->bias.value[o];
        for (int j = 0; j < DIM; j += 8)
            for (int k = 0; k < 8; k++) part[k] += dim[j + k] * a[j + k];
        for (int k = 0; k < 8; k++) z += part[k];
        float miss = (1 / (1 + expf(-z)) - (float)(s->row->y >> o & 1)) * weight_of(s->row) / BATCH;
        net->bias.slope[o] += miss;
        for (int j = 0; j < DIM; j++) g[j] += miss * dim[j], slope[j] += miss * a[j];
    }
    for (int j = 0; j < DIM; j++) slope[j] *= keep[j];
    for (uint32_t k = 0; k < n; k++) {
        if (!touched[key[k]]) touched[key[k]] = 1, list[(*n_list)++] = key[k];
        float *g = net->key.slope + (size_t)key[k] * DIM;
        for (int j = 0; j < DIM; j++) g[j] += count[k] * slope[j];
    }
}

static void net_train(struct net *net, struct sample *s, uint32_t n, int n_out, uint32_t n_vocab, uint64_t seed)
{
    uint8_t *touched = calloc(n_vocab, 1);
    uint32_t *list = malloc(n_vocab * sizeof *list);
    for (size_t i = 0; i < (size_t)n_vocab * DIM; i++) net->key.value[i] = (2 * chance(&seed) - 1) * 0.15f;
    for (int i = 0; i < n_out * DIM; i++) net->act.value[i] = (2 * chance(&seed) - 1) * 0.2f;
    for (int o = 0; o < n_out; o++) net->bias.value[o] = -3; /* most acts are not there */
    float steps = (float)(EPOCHS * ((n + BATCH - 1) / BATCH)), warm = steps / 10, step = 0, mean = 1, square = 1;
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
        for (uint32_t i = n; i > 1; i--) {
            uint32_t j = (uint32_t)(chance(&seed) * (float)i);
            struct sample swap = s[i - 1];
            s[i - 1] = s[j], s[j] = swap;
        }
        for (uint32_t from = 0; from < n; from += BATCH) {
            uint32_t to = from + BATCH < n ? from + BATCH : n, n_list = 0;
            for (uint32_t i = from; i < to; i++) learn(net, &s[i], n_out, &seed, touched, list, &n_list, n_vocab);
            step++, mean *= 0.9f, square *= 0.999f;
            float rate = RATE * (step < warm ? step / warm : 0.05f + 0.95f * (1 - (step - warm) / (steps - warm)));
            for (uint32_t k = 0; k < n_list; k++) {
                adam_step(&net->key, (size_t)list[k] * DIM, DIM, rate, 1 / (1 - mean), 1 / (1 - square));
                touched[list[k]] = 0;
            }
            adam_step(&net->act, 0, (size_t)n_out * DIM, rate, 1 / (1 - mean), 1 / (1 - square));
            adam_step(&net->bias, 0, (size_t)n_out, rate, 1 / (1 - mean), 1 / (1 - square));
        }
    }
    free(touched), free(list);
}

void lowrank_train(float *const w[MAX_OUT], const struct data *d, struct feature_node **x, int role, int n_out, int fold, int n_net)
{
    uint32_t n = 0, n_vocab = (uint32_t)d->n_vocab;
    for (size_t i = 0; i < d->n; i++) n += d->row[i].role == role && d->row[i].fold != fold;
    uint8_t *seen = calloc(n_vocab, 1); /* what no row has stands where it began, and must weigh nothing */
    for (size_t i = 0; i < d->n; i++)
        for (const struct feature_node *f = x[i]; f && d->row[i].fold != fold && f->index > 0; f++)
            if ((uint32_t)f->index <= n_vocab) seen[f->index - 1] = 1;
    struct net *net = calloc((size_t)n_net, sizeof *net);
#pragma omp parallel for schedule(dynamic)
    for (int k = 0; k < n_net; k++) {
        struct sample *s = malloc((n + 1) * sizeof *s);
        uint32_t m = 0;
        for (size_t i = 0; i < d->n; i++)
            if (d->row[i].role == role && d->row[i].fold != fold) s[m++] = (struct sample){&d->row[i], x[i]};
        net[k] = (struct net){adam_new((size_t)n_vocab * DIM), adam_new(MAX_OUT * DIM), adam_new(MAX_OUT)};
        net_train(&net[k], s, n, n_out, n_vocab, hash_mix((uint64_t)k + 1, 0));
        free(s);
    }
    /* It learnt from half of the words; whole sentences would be too sure. */
    const float whole = sqrtf(1 - LEFT_OUT) / (float)n_net;
    for (int o = 0; o < n_out; o++) {
        memset(w[o], 0, (n_vocab + 1) * sizeof *w[o]);
        for (int k = 0; k < n_net; k++) {
            w[o][n_vocab] += net[k].bias.value[o] / (float)n_net;
            for (uint32_t v = 0; v < n_vocab; v++) {
                float sum = 0;
                for (int j = 0; seen[v] && j < DIM; j++) sum += net[k].key.value[(size_t)v * DIM + j] * net[k].act.value[o * DIM + j];
                w[o][v] += sum * whole;
            }
        }
    }
    for (int k = 0; k < n_net; k++) adam_free(&net[k].key), adam_free(&net[k].act), adam_free(&net[k].bias);
    free(net), free(seen);
}
