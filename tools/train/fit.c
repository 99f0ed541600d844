/* Rows → one L2 logistic regression an output, five folds and all rows, twice:
 * over every key, then over the keys that weighed most (a small table reads
 * faster, and little is lost: the others' share is learnt again). Of all but
 * acts Platt calibration and thresholds from out-of-fold scores; weights to
 * bytes. */
#include <math.h>
#include <stdlib.h>

#include "train.h"

enum { DF_MIN = 2 };

static int cmp_u32(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* Keys that stand in at least DF_MIN rows of this role. */
static void make_vocab(struct data *d, int role)
{
    size_t total = 0, o = 0;
    for (size_t i = 0; i < d->n; i++) total += d->row[i].role == role ? d->row[i].n_key : 0;
    uint32_t *all = malloc((total + 1) * sizeof *all);
    for (size_t i = 0; i < d->n; i++)
        if (d->row[i].role == role) memcpy(all + o, d->row[i].key, d->row[i].n_key * sizeof *all), o += d->row[i].n_key;
    qsort(all, total, sizeof *all, cmp_u32);
    d->n_vocab = 0;
    for (size_t i = 0, j; i < total; i = j) {
        for (j = i; j < total && all[j] == all[i]; j++) {}
        if (j - i >= DF_MIN) all[d->n_vocab++] = all[i];
    }
    d->vocab = all;
}

static struct feature_node *nodes_of(const struct data *d, const struct row *r)
{
    struct feature_node *x = malloc((r->n_key + 2) * sizeof *x);
    size_t n = 0;
    for (uint32_t i = 0; i < r->n_key; i++) {
        uint32_t *at = bsearch(&r->key[i], d->vocab, d->n_vocab, sizeof *at, cmp_u32);
        if (at) x[n++] = (struct feature_node){(int)(at - d->vocab) + 1, r->count[i]};
    }
    x[n++] = (struct feature_node){(int)d->n_vocab + 1, 1.0}; /* bias */
    x[n].index = -1;
    return x;
}

/* How often a row counts for an output. Our own texts, written to be hard, would else move the border that people drew
 * in replies of real models; of partial refusals XSTest alone has many. LIBLINEAR has no weights a row: it stands there again. */
static int times(const struct row *r, int out)
{
    static const uint8_t refused[N_SET] = {[SET_GOLD] = 5, [SET_XSTEST] = 6, [SET_CHATGPT] = 5, [SET_SILVER] = 3, [SET_AUTHORED2] = 1};
    if (r->role != REPLY_MODEL) return 1;
    return out == RO_REFUSED ? refused[r->set] : out == RO_R1 ? (r->set == SET_XSTEST ? 10 : 1) : 1;
}

static int n_act(int role) { return role == ROLE_USER ? N_U_ACT : N_A_ACT; }

static double cost(int role, int out)
{
    if (role == ROLE_USER && out >= N_U_ACT) return 2; /* risk and flags */
    return role != REPLY_MODEL ? 0.5 : out == RO_REFUSED ? 0.033 : out == RO_R1 ? 0.02 : 0.5;
}

/* w[n_vocab + 1] of one output on the rows outside `fold` (FOLDS: all), from where w stands. */
static void train_one(float *w, const struct data *d, struct feature_node **x, int role, int out, int fold, double eps)
{
    double *from = malloc((d->n_vocab + 1) * sizeof *from);
    for (size_t k = 0; k <= d->n_vocab; k++) from[k] = w[k];
    struct problem prob = {.n = (int)d->n_vocab + 1, .bias = -1};
    size_t cap = 0;
    for (size_t i = 0; i < d->n; i++) cap += (size_t)times(&d->row[i], out);
    prob.x = malloc(cap * sizeof *prob.x);
    prob.y = malloc(cap * sizeof *prob.y);
    int positive = 0;
    for (size_t i = 0; i < d->n; i++) {
        const struct row *r = &d->row[i];
        if (r->role != role || r->fold == fold || !(r->known >> out & 1)) continue;
        for (int k = 0; k < times(r, out); k++) {
            prob.x[prob.l] = x[i];
            prob.y[prob.l++] = r->y >> out & 1 ? 1 : -1;
        }
        positive += (int)(r->y >> out & 1);
    }
    memset(w, 0, (d->n_vocab + 1) * sizeof *w);
    if (positive >= 5) {
        struct parameter par = {.solver_type = L2R_LR, .eps = eps, .C = cost(role, out), .init_sol = from};
        struct model *m = train(&prob, &par);
        int sign = m->label[0] == 1 ? 1 : -1;
        for (size_t k = 0; k <= d->n_vocab; k++) w[k] = (float)(sign * m->w[k]);
        free_and_destroy_model(&m);
    } else w[d->n_vocab] = -6; /* too few to learn from: practically never */
    free(prob.x);
    free(prob.y);
    free(from);
}

static int cmp_float_down(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x < y) - (x > y);
}

/* In the choice of keys: what refuses, and in part, is what the rest of a reply's codes hang on. */
static float weight_of(int role, int out) { return role == REPLY_MODEL && out <= RO_R1 ? 4 : 1; }

/* keep[v]: is key v among the n_key that move an output most in the models without fold? By weight x spread of the key;
 * for sentences the root of the spread: common words that say little cost the most time and, out of fold, nothing else. */
static void choose_keys(bool *keep, const struct family *f, const struct data *d, int fold)
{
    float *power = calloc(d->n_vocab + 1, sizeof *power), *sorted = malloc((d->n_vocab + 1) * sizeof *sorted);
    size_t n = 0;
    for (size_t i = 0; i < d->n; i++) {
        const struct row *r = &d->row[i];
        if (r->role != f->role || r->fold == fold) continue;
        n++;
        for (uint32_t k = 0; k < r->n_key; k++) {
            uint32_t *at = bsearch(&r->key[k], d->vocab, d->n_vocab, sizeof *at, cmp_u32);
            if (at) power[at - d->vocab]++;
        }
    }
    for (size_t v = 0; v < d->n_vocab; v++) {
        float share = power[v] / (float)n, top = 0;
        for (int o = 0; o < f->n_out; o++) top = fmaxf(top, fabsf(f->w[fold][o][v]) * weight_of(f->role, o));
        power[v] = top * powf(share * (1 - share), f->role == REPLY_MODEL ? 0.5f : 0.25f);
    }
    memcpy(sorted, power, d->n_vocab * sizeof *sorted);
    qsort(sorted, d->n_vocab, sizeof *sorted, cmp_float_down);
    float least = f->n_key < d->n_vocab ? sorted[f->n_key] : 0;
    for (size_t v = 0; v < d->n_vocab; v++) keep[v] = power[v] > least;
    free(power), free(sorted);
}

/* The rows with the kept keys only. */
static struct feature_node **kept_nodes(const struct data *d, struct feature_node **x, const bool *keep)
{
    struct feature_node **out = calloc(d->n, sizeof *out);
    for (size_t i = 0; i < d->n; i++) {
        size_t n = 0;
        if (!x[i]) continue;
        while (x[i][n].index > 0) n++;
        out[i] = malloc((n + 1) * sizeof **out);
        struct feature_node *to = out[i];
        for (size_t k = 0; k < n; k++)
            if ((size_t)x[i][k].index > d->n_vocab || keep[x[i][k].index - 1]) *to++ = x[i][k];
        to->index = -1;
    }
    return out;
}

static void free_nodes(const struct data *d, struct feature_node **x)
{
    for (size_t i = 0; i < d->n; i++) free(x[i]);
    free(x);
}

static float dot(const float *w, const struct feature_node *x)
{
    double s = 0;
    for (; x->index > 0; x++) s += w[x->index - 1] * x->value;
    return (float)s;
}

/* Negative log likelihood of Platt's sigmoid against the smoothed targets. */
static double platt_loss(double A, double B, const float *x, const uint8_t *y, size_t n, double hi, double lo)
{
    double s = 0;
    for (size_t i = 0; i < n; i++) {
        double z = A * x[i] + B, t = y[i] ? hi : lo;
        s += (z > 0 ? log1p(exp(-z)) : log1p(exp(z)) - z) + (1 - t) * z;
    }
    return s;
}

/* Platt (1999) with the smoothed targets; Newton steps, halved until the loss falls. */
static void platt(float *a, float *b, const float *x, const uint8_t *y, size_t n)
{
    double np = 0, A = 1, B = 0;
    for (size_t i = 0; i < n; i++) np += y[i];
    double hi = (np + 1) / (np + 2), lo = 1 / ((double)n - np + 2), loss = platt_loss(A, B, x, y, n, hi, lo);
    for (int it = 0; it < 50; it++) {
        double g0 = 0, g1 = 0, h00 = 1e-6, h01 = 0, h11 = 1e-6;
        for (size_t i = 0; i < n; i++) {
            double p = 1 / (1 + exp(-(A * x[i] + B))), e = p - (y[i] ? hi : lo), v = p * (1 - p);
            g0 += e * x[i], g1 += e, h00 += v * x[i] * x[i], h01 += v * x[i], h11 += v;
        }
        double det = h00 * h11 - h01 * h01;
        if (fabs(det) < 1e-12) break;
        double dA = (h11 * g0 - h01 * g1) / det, dB = (h00 * g1 - h01 * g0) / det, step = 1, next = 0;
        for (; step > 1e-6; step /= 2) {
            next = platt_loss(A - step * dA, B - step * dB, x, y, n, hi, lo);
            if (next < loss) break;
        }
        if (step <= 1e-6) break;
        A -= step * dA, B -= step * dB;
        if (loss - next < 1e-7 * fabs(loss)) break;
        loss = next;
    }
    *a = A > 0.05 ? (float)A : 0.05f;
    *b = (float)B;
}

/* Threshold of the best F1, pulled towards .4 as with ten more examples of that cut; few positives: .5. */
static float best_threshold(const float *p, const uint8_t *y, size_t n, int lo)
{
    size_t pos = 0;
    for (size_t i = 0; i < n; i++) pos += y[i];
    if (pos < 5) return 0.5f;
    float best = 0.4f, best_f = -1;
    for (int k = lo; k <= 70; k += 2) {
        size_t tp = 0, fp = 0;
        for (size_t i = 0; i < n; i++) tp += p[i] * 100 >= k && y[i], fp += p[i] * 100 >= k && !y[i];
        float f = 2.0f * (float)tp / (float)(tp + fp + pos);
        if (f > best_f) best_f = f, best = (float)k / 100;
    }
    return (best * (float)pos + 0.4f * 10) / ((float)pos + 10);
}


/* From out-of-fold scores of gold (and, for outputs rare there, the other sets) outside `skip`. Acts stand as they were
 * learnt, with one border for all but bids for harm, which weigh: what was fitted to each on the few of gold read
 * GPT-5, left out, .03 of micro-F1 worse (.05 on silver), Claude .01 better and the same, the folds .005 worse. */
static struct fitted fit(const struct data *d, int role, int out, const float *score, int skip)
{
    if (role != REPLY_MODEL && out < n_act(role)) return (struct fitted){1, 0, role == ROLE_USER && out == U_HARM_BID ? 0.3f : 0.25f};
    float *x = malloc(d->n * sizeof *x);
    uint8_t *y = malloc(d->n);
    struct fitted r = {1, 0, 0.5f};
    for (int wide = 0; wide < 2; wide++) {
        size_t n = 0, pos = 0;
        for (size_t i = 0; i < d->n; i++) {
            const struct row *w = &d->row[i];
            if (w->role != role || w->fold == skip || !(w->known >> out & 1) || (w->set != SET_GOLD && !wide && role != REPLY_MODEL)) continue;
            x[n] = score[i];
            pos += y[n++] = (uint8_t)(w->y >> out & 1);
        }
        if (pos < 40 && !wide && role != REPLY_MODEL) continue;
        if (pos) platt(&r.a, &r.b, x, y, n);
        for (size_t i = 0; i < n; i++) x[i] = 1 / (1 + expf(-(r.a * x[i] + r.b)));
        r.t = role == REPLY_MODEL && out == RO_REFUSED ? 0.5f : best_threshold(x, y, n, role == ROLE_USER ? 45 : 20);
        break;
    }
    free(x);
    free(y);
    return r;
}

float probability(const struct family *f, const struct row *r, size_t i, int out)
{
    const struct fitted *t = &f->fit[r->fold][out];
    return 1 / (1 + expf(-(t->a * f->score[out][i] + t->b)));
}

/* The weight of the partial class with which the three classes of XSTest and gold are told apart best (macro-F1) outside fold `skip`. */
static float partial_threshold(const struct family *f, const struct data *d, int skip)
{
    static const float list[] = {0.45f, 0.4f, 0.36f, 0.33f, 0.3f, 0.28f, 0.26f, 0.24f};
    float best = 0.5f, best_f = -1;
    for (size_t c = 0; c < ARRAY_LEN(list); c++) {
        float n[3][3] = {{0}}, sum = 0, p[MAX_OUT] = {0}, t[MAX_OUT];
        for (int o = 0; o < MAX_OUT; o++) t[o] = 0.5f;
        t[RO_R1] = list[c];
        for (size_t i = 0; i < d->n; i++) {
            const struct row *r = &d->row[i];
            if ((r->set != SET_XSTEST && r->set != SET_GOLD) || r->fold == skip || !(r->known >> RO_REFUSED & 1)) continue;
            for (int o = RO_REFUSED; o <= RO_R9; o++) p[o] = probability(f, r, i, o);
            enum rtype got = turn_refusal(p, t, p[RO_REFUSED], r->n_word, turn_discloses(&r->code));
            bool y = r->y >> RO_REFUSED & 1;
            n[!y ? 0 : r->y >> RO_R1 & 1 ? 1 : 2][got == RT_NONE ? 0 : got == RT_R1 ? 1 : 2]++;
        }
        for (int k = 0; k < 3; k++) sum += 2 * n[k][k] / (n[k][0] + n[k][1] + n[k][2] + n[0][k] + n[1][k] + n[2][k] + 1e-6f);
        if (sum > best_f) best_f = sum, best = list[c];
    }
    return best;
}

static void quiet(const char *s) { (void)s; }

/* Whether a reply refuses, and a part only, is seen in the reply. Who is in distress is refused more often in the texts that
 * we have, by ours above all, and the next source's need not do so. */
static bool without_person(const struct family *f, int out) { return f->role == REPLY_MODEL && out <= RO_R1; }

/* The rows of `x` with the kept keys but those that tell of the person. */
static struct feature_node **nodes_but_person(const struct data *d, struct feature_node **x, const bool *keep)
{
    bool *some = malloc(d->n_vocab + 1);
    for (size_t v = 0; v < d->n_vocab; v++) some[v] = keep[v] && !of_person(d->vocab[v]);
    struct feature_node **out = kept_nodes(d, x, some);
    free(some);
    return out;
}

/* Part of the logit is the regression's, part that of models that learnt all outputs together: of acts, risk and flags half,
 * of whether a reply refuses, and a part only, three tenths (half told most sources as well, VERA-MH left out worse). */
static void share(float *const w[MAX_OUT], const struct data *d, struct feature_node **x, const struct family *f, int fold, int n_net)
{
    const int n_shared = f->role == REPLY_MODEL ? RO_R1 + 1 : f->n_out;
    const float part = f->role == REPLY_MODEL ? 0.3f : 0.5f;
    float *shared[MAX_OUT];
    for (int o = 0; o < f->n_out; o++) shared[o] = malloc((d->n_vocab + 1) * sizeof(float));
    lowrank_train(shared, d, x, f->role, f->n_out, fold, n_net);
    for (int o = 0; o < f->n_out; o++) {
        for (size_t v = 0; o < n_shared && v <= d->n_vocab; v++) w[o][v] = (1 - part) * w[o][v] + part * shared[o][v];
        free(shared[o]);
    }
}

/* The models without fold k, and their scores of its rows. A regression knows nothing of the others: one thread each. */
static void train_fold(struct family *f, const struct data *d, struct feature_node **x, int k)
{
    enum { ROUGH_PERCENT = 30, FINE_PERCENT = 2, ROUGH_NETS = 2, FINE_NETS = 6 };
    bool *keep = malloc(d->n_vocab + 1);
    for (int o = 0; o < f->n_out; o++) f->w[k][o] = calloc(d->n_vocab + 1, sizeof(float));
    for (int fine = 0; fine < 2; fine++) {
        memset(keep, 1, d->n_vocab);
        if (fine) choose_keys(keep, f, d, k);
        struct feature_node **all = kept_nodes(d, x, keep);
        for (int o = 0; fine && o < f->n_out; o++)
            for (size_t v = 0; v < d->n_vocab; v++) f->w[k][o][v] *= keep[v];
        struct feature_node **reply = nodes_but_person(d, x, keep);
#pragma omp parallel for schedule(dynamic)
        for (int o = 0; o < f->n_out; o++) {
            struct feature_node **of = without_person(f, o) ? reply : all;
            train_one(f->w[k][o], d, of, f->role, o, k, (fine ? FINE_PERCENT : ROUGH_PERCENT) / 100.0);
        }
        share(f->w[k], d, f->role == REPLY_MODEL ? reply : all, f, k, fine ? FINE_NETS : ROUGH_NETS);
        for (int o = 0; fine && o < f->n_out; o++)
            for (size_t i = 0; i < d->n; i++)
                if (d->row[i].role == f->role && d->row[i].fold == k) f->score[o][i] = dot(f->w[k][o], all[i]);
        free_nodes(d, all), free_nodes(d, reply);
    }
    free(keep);
}

void family_train(struct family *f, struct data *d, int role, int n_out, size_t n_key)
{
    set_print_string_function(quiet);
    memset(f, 0, sizeof *f);
    f->role = role;
    f->n_out = n_out;
    f->n_key = n_key;
    make_vocab(d, role);
    struct feature_node **x = calloc(d->n, sizeof *x);
    for (size_t i = 0; i < d->n; i++)
        if (d->row[i].role == role) x[i] = nodes_of(d, &d->row[i]);
    for (int o = 0; o < n_out; o++) f->score[o] = calloc(d->n, sizeof(float));
    for (int k = 0; k <= FOLDS; k++) train_fold(f, d, x, k);
    for (int o = 0; o < n_out; o++)
        for (int k = 0; k <= FOLDS; k++) f->fit[k][o] = fit(d, role, o, f->score[o], k);
    for (int k = 0; role == REPLY_MODEL && k <= FOLDS; k++) f->fit[k][RO_R1].t = partial_threshold(f, d, k);
    free_nodes(d, x);
}

void family_free(struct family *f)
{
    for (int o = 0; o < f->n_out; o++) {
        free(f->score[o]);
        for (int k = 0; k <= FOLDS; k++) free(f->w[k][o]);
    }
}

void put_block(FILE *f, const void *p, size_t n)
{
    static const char zero[64];
    if (n && fwrite(p, 1, n, f) != n) die("write");
    if (n % 64) fwrite(zero, 1, 64 - n % 64, f);
}

/* ---- weights to bytes ---- */

/* Keys of a fitted family with a row of their own, in order; a row is there when some weight is. */
struct rows { uint32_t *key; int16_t *row; uint32_t n, width; };

static struct rows rows_new(const struct data *d, uint32_t width)
{
    return (struct rows){malloc((d->n_vocab + 1) * sizeof(uint32_t)), calloc(d->n_vocab + 1, width * sizeof(int16_t)), 0, width};
}

static void rows_free(struct rows *r) { free(r->key), free(r->row); }

/* Rows of the features that are grams (`grams`) or that are not, the first `width` outputs of each. */
static struct rows rows_of(const struct family *fam, const struct data *d, int fold, uint32_t width, bool grams)
{
    struct rows r = rows_new(d, width);
    float *const *w = fam->w[fold];
    for (size_t v = 0; v < d->n_vocab; v++) {
        float top = 0;
        for (int o = 0; o < fam->n_out; o++) top = fmaxf(top, fabsf(w[o][v]));
        if (top < 0.5f / 256 || !origin_of(d->vocab[v]) == grams) continue; /* not kept, or nothing left of it */
        for (uint32_t o = 0; o < width && o < (uint32_t)fam->n_out; o++)
            r.row[(size_t)r.n * width + o] = (int16_t)lrintf(fmaxf(-8, fminf(8, w[o][v])) * 256);
        r.key[r.n++] = d->vocab[v];
    }
    if (r.n >= NO_ROW) die("too many rows");
    return r;
}

static uint32_t slots_for(size_t n)
{
    uint32_t slots = 2;
    while (slots < n * 3 / 2 + 2) slots *= 2;
    return slots;
}

static uint32_t lines_for(size_t n) /* of four grams each, at most three quarters full */
{
    if (n > 44000) die("more grams than a table finds places for (model_load)");
    uint32_t lines = 2;
    while (lines * 3 < n) lines *= 2;
    return lines;
}

static uint16_t *gram_rows(struct grams *table, uint32_t n_line, uint32_t key)
{
    for (uint32_t i = key & (n_line - 1);; i = (i + 1) & (n_line - 1))
        for (int k = 0; k < 4; k++)
            if (!table[i].key[k] || table[i].key[k] == key) {
                table[i].key[k] = key;
                return table[i].row[k];
            }
}

/* Rows → grams that point at them. */
static void add_grams(struct grams *table, uint32_t n_line, uint64_t *filter, const struct rows *r)
{
    for (uint32_t i = 0; i < r->n; i++) {
        const struct origin *o = origin_of(r->key[i]);
        gram_rows(table, n_line, o->gram)[o->use] = (uint16_t)i;
        filter[o->gram >> 20] |= 1ull << (o->gram >> 14 & 63);
    }
}

/* A word at a reply's beginning counts as both, the beginning's and any place's: one row for the sum. */
static void join_heads(struct rows *r)
{
    for (uint32_t i = 0; i < r->n; i++) {
        const struct origin *o = origin_of(r->key[i]);
        if (o->use != USE_HEAD) continue;
        uint32_t word = gram_feature(o->gram, USE_WORD), *at = bsearch(&word, r->key, r->n, sizeof word, cmp_u32);
        for (uint32_t k = 0; at && k < r->width; k++) {
            int sum = r->row[i * r->width + k] + r->row[(size_t)(at - r->key) * r->width + k];
            r->row[i * r->width + k] = (int16_t)(sum > 2048 ? 2048 : sum < -2048 ? -2048 : sum);
        }
    }
}

static void spread_heads(struct grams *table, uint32_t n_line)
{
    for (uint32_t i = 0; i < n_line; i++)
        for (int k = 0; k < 4; k++)
            if (table[i].row[k][USE_HEAD] == NO_ROW) table[i].row[k][USE_HEAD] = table[i].row[k][USE_WORD];
}

void family_write(FILE *f, const struct family *fam, const struct data *d, const struct family *reply, const struct data *dr, int fold)
{
    int role = fam->role, n_out = fam->n_out;
    uint32_t width = ((uint32_t)n_out + 7) / 8 * 8;
    bool sentences = role != REPLY_MODEL;
    /* Sentence models: all rows are of one table, words first. The reply model: words apart, and narrow. */
    struct rows other = rows_of(fam, d, fold, width, false), words = rows_of(fam, d, fold, sentences ? width : WORD_OUT, true);
    struct rows said = reply ? rows_of(reply, dr, fold, WORD_OUT, true) : (struct rows){0};
    uint32_t first = sentences ? words.n : 0, n_slot = slots_for(other.n), n_gram = sentences ? lines_for(words.n + said.n) : 0;
    struct model_slot *slot = calloc(n_slot, sizeof *slot);
    struct grams *gram = calloc(n_gram + 1, sizeof *gram);
    for (uint32_t i = 0; i <= n_gram; i++) memset(gram[i].row, 0xFF, sizeof gram[i].row); /* NO_ROW */
    static uint64_t filter[4096], gram_filter[4096];
    memset(filter, 0, sizeof filter), memset(gram_filter, 0, sizeof gram_filter);
    for (uint32_t i = 0; i < other.n; i++) {
        uint32_t at = other.key[i] & (n_slot - 1);
        while (slot[at].key) at = (at + 1) & (n_slot - 1);
        slot[at] = (struct model_slot){other.key[i], first + i};
        filter[other.key[i] >> 20] |= 1ull << (other.key[i] >> 14 & 63);
    }
    join_heads(&said);
    if (sentences) add_grams(gram, n_gram, gram_filter, &words), add_grams(gram, n_gram, gram_filter, &said), spread_heads(gram, n_gram);
    else join_heads(&words);
    float bias[MAX_OUT], a[MAX_OUT], b[MAX_OUT], t[MAX_OUT];
    const struct fitted *fit = fam->fit[fold];
    for (int o = 0; o < n_out; o++) bias[o] = fam->w[fold][o][d->n_vocab], a[o] = fit[o].a, b[o] = fit[o].b, t[o] = fit[o].t;
    uint64_t seen = 0;
    for (size_t i = 0; i < d->n; i++) seen = hash_mix(seen ^ (uint64_t)d->row[i].y, hash_bytes(d->row[i].key, d->row[i].n_key * 4, 0));
    uint32_t head[10] = {(uint32_t)role, (uint32_t)n_out, width, first + other.n, n_slot, n_gram, sentences ? 0 : words.n, 0};
    memcpy(head + 8, &seen, 8);
    put_block(f, head, sizeof head);
    put_block(f, bias, (size_t)n_out * 4), put_block(f, a, (size_t)n_out * 4);
    put_block(f, b, (size_t)n_out * 4), put_block(f, t, (size_t)n_out * 4);
    put_block(f, filter, sizeof filter);
    put_block(f, slot, n_slot * sizeof *slot);
    if (n_gram) put_block(f, gram_filter, sizeof gram_filter), put_block(f, gram, (n_gram + 1) * sizeof *gram);
    /* One block of rows: words and others of a sentence model stand behind one another. */
    int16_t *rows = malloc(((size_t)first + other.n + 1) * width * sizeof *rows);
    memcpy(rows, words.row, (size_t)first * width * sizeof *rows);
    memcpy(rows + (size_t)first * width, other.row, (size_t)other.n * width * sizeof *rows);
    put_block(f, rows, ((size_t)first + other.n) * width * sizeof *rows);
    put_block(f, words.row, sentences ? 0 : (size_t)words.n * WORD_OUT * sizeof *rows);
    free(rows), free(slot), free(gram);
    rows_free(&other), rows_free(&words), rows_free(&said);
}
