/* rows.jsonl (tools/train/rows.py) → acts.model, and its figures.
 *
 * One L2 logistic regression an output (LIBLINEAR), over the features of
 * src/act/feature.c. Five folds by conversation give out-of-fold scores of the
 * gold rows: Platt calibration and thresholds are fitted on them, and figures
 * are reported on each fold with the thresholds of the other four. Then every
 * row trains the weights that ship. Deterministic: same rows, same bytes.
 *
 * usage: train-acts ROWS.jsonl OUT.model [C]   (figures to stdout) */
#include <linear.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <yyjson.h>

#include "act/act.h"
#include "helpline/helpline.h"
#include "match/match.h"

enum { FOLDS = 5, DF_MIN = 2 };
static const float PRUNE = 0.03f; /* rows whose largest weight is below do not ship */

struct row {
    uint8_t role, fold, set;    /* set: 0 gold, 1 authored, 2 silver, 3 authored2 */
    uint64_t y, known;          /* bit an output */
    uint32_t *key, n_key;       /* distinct, ascending */
    uint8_t *count;
};
struct data { struct row *row; size_t n; uint32_t *vocab; size_t n_vocab; };

static void die(const char *what) { fprintf(stderr, "train-acts: %s\n", what), exit(2); }

static int cmp_u32(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* ---- rows ---- */

static const char *text_of(yyjson_val *o, const char *k) { const char *z = yyjson_get_str(yyjson_obj_get(o, k)); return z ? z : ""; }

static uint64_t act_bits(yyjson_val *acts, bool user)
{
    uint64_t bits = 0;
    size_t i, max;
    yyjson_val *v;
    yyjson_arr_foreach(acts, i, max, v) {
        const char *const *names = user ? u_act_names : a_act_names;
        int n = user ? N_U_ACT : N_A_ACT, k = 0;
        while (k < n && strcmp(names[k], yyjson_get_str(v)) != 0) k++;
        if (k < n) bits |= 1ull << k;
    }
    return bits;
}

static void risk_bits(struct row *r, yyjson_val *o)
{
    yyjson_val *risk = yyjson_obj_get(o, "risk");
    r->known = (1ull << N_U_ACT) - 1;
    if (!risk) return;
    r->known = (1ull << N_U_OUT) - 1;
    if (yyjson_is_str(risk)) r->y |= 1ull << UX_RISK_X;
    for (int level = 1; level <= 5; level++)
        if (yyjson_is_int(risk) && yyjson_get_int(risk) >= level) r->y |= 1ull << (UX_RISK1 + level - 1);
    static const char letters[] = "BNHVPFICD";
    for (const char *f = text_of(o, "flags"); *f; f++) {
        const char *at = strchr(letters, *f);
        if (at) r->y |= 1ull << (UX_FLAG0 + (at - letters));
    }
}

static void features_of(struct row *r, const struct pack *p, const struct directory *dir, struct match_scratch *scratch,
                        yyjson_val *o)
{
    static struct arena a;
    arena_reset(&a);
    bool user = r->role == ROLE_USER;
    struct turn turn[2] = {{.role = user ? ROLE_ASSISTANT : ROLE_USER, .text = str_of(text_of(o, "prev")), .ts = TS_NONE},
                           {.role = r->role, .text = str_of(text_of(o, "text")), .ts = TS_NONE}};
    struct conv conv = {.turn = turn, .n_turn = 2};
    struct walk w = {.a = &a, .pack = p, .dir = dir, .conv = &conv, .caller_country = "", .caller_jurisdiction = ""};
    w.text = arena_array(&a, struct text, 2);
    w.tcode = arena_array(&a, struct tcode, 2);
    text_wash(&w);
    if (match_scan(&w, scratch)) die("match");
    helpline_judge(&w);
    static uint32_t keys[20000];
    struct feature_list f = {keys, 0, ARRAY_LEN(keys)};
    struct sentence_view v = act_view_turn(&w, 1);
    act_features(&f, &w, &v);
    qsort(keys, f.n, sizeof *keys, cmp_u32);
    r->key = malloc((f.n + 1) * sizeof *r->key);
    r->count = malloc(f.n + 1);
    for (size_t i = 0; i < f.n; i++) {
        if (r->n_key && r->key[r->n_key - 1] == keys[i]) r->count[r->n_key - 1]++;
        else r->key[r->n_key] = keys[i], r->count[r->n_key++] = 1;
    }
}

static void read_rows(struct data *d, const char *path, const struct pack *p, const struct directory *dir)
{
    struct match_scratch *scratch;
    refrain_error err;
    if (match_scratch_new(&scratch, p->db, &err)) die(err.message);
    FILE *f = fopen(path, "r");
    if (!f) die("cannot open the rows");
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    while ((n = getline(&line, &cap, f)) > 0) {
        yyjson_doc *doc = yyjson_read(line, (size_t)n, 0);
        yyjson_val *o = yyjson_doc_get_root(doc);
        if (!o) die("a row is not JSON");
        d->row = realloc(d->row, (d->n + 1) * sizeof *d->row);
        struct row *r = &d->row[d->n++];
        memset(r, 0, sizeof *r);
        const char *set = text_of(o, "set"), *group = text_of(o, "group");
        r->role = strcmp(text_of(o, "role"), "user") ? ROLE_ASSISTANT : ROLE_USER;
        r->set = !strcmp(set, "gold") ? 0 : !strcmp(set, "authored") ? 1 : !strcmp(set, "silver") ? 2 : 3;
        r->fold = (uint8_t)(hash_bytes(group, strlen(group), 5) % FOLDS);
        r->y = act_bits(yyjson_obj_get(o, "acts"), r->role == ROLE_USER);
        r->known = (1ull << N_A_OUT) - 1;
        if (r->role == ROLE_USER) risk_bits(r, o);
        features_of(r, p, dir, scratch, o);
        yyjson_doc_free(doc);
    }
    free(line);
    fclose(f);
    match_scratch_free(scratch);
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

/* ---- training ---- */

static void quiet(const char *s) { (void)s; }

/* w[n_vocab + 1] of one output on the rows outside `fold` (-1: all); false when it has under 5 positives. */
static bool train_one(float *w, const struct data *d, struct feature_node **x, int role, int out, int fold, double C)
{
    struct problem prob = {.n = (int)d->n_vocab + 1, .bias = -1};
    prob.x = malloc(d->n * sizeof *prob.x);
    prob.y = malloc(d->n * sizeof *prob.y);
    int positive = 0;
    for (size_t i = 0; i < d->n; i++) {
        const struct row *r = &d->row[i];
        if (r->role != role || r->fold == fold || !(r->known >> out & 1)) continue;
        prob.x[prob.l] = x[i];
        prob.y[prob.l++] = r->y >> out & 1 ? 1 : -1;
        positive += r->y >> out & 1;
    }
    memset(w, 0, (d->n_vocab + 1) * sizeof *w);
    bool ok = positive >= 5;
    if (ok) {
        struct parameter par = {.solver_type = L2R_LR, .eps = 0.01, .C = C};
        struct model *m = train(&prob, &par);
        int sign = m->label[0] == 1 ? 1 : -1;
        for (size_t k = 0; k <= d->n_vocab; k++) w[k] = (float)(sign * m->w[k]);
        free_and_destroy_model(&m);
    } else w[d->n_vocab] = -6;
    free(prob.x);
    free(prob.y);
    return ok;
}

static float dot(const float *w, const struct feature_node *x)
{
    double s = 0;
    for (; x->index > 0; x++) s += w[x->index - 1] * x->value;
    return (float)s;
}

/* Platt (1999) with the smoothed targets, by Newton steps. */
static void platt(float *a, float *b, const float *x, const uint8_t *y, size_t n)
{
    double np = 0, A = 1, B = 0;
    for (size_t i = 0; i < n; i++) np += y[i];
    double hi = (np + 1) / (np + 2), lo = 1 / (n - np + 2);
    for (int it = 0; it < 50; it++) {
        double g0 = 0, g1 = 0, h00 = 1e-6, h01 = 0, h11 = 1e-6;
        for (size_t i = 0; i < n; i++) {
            double p = 1 / (1 + exp(-(A * x[i] + B))), e = p - (y[i] ? hi : lo), v = p * (1 - p);
            g0 += e * x[i], g1 += e, h00 += v * x[i] * x[i], h01 += v * x[i], h11 += v;
        }
        double det = h00 * h11 - h01 * h01;
        if (fabs(det) < 1e-12) break;
        double dA = (h11 * g0 - h01 * g1) / det, dB = (h00 * g1 - h01 * g0) / det;
        A -= dA, B -= dB;
        if (fabs(dA) + fabs(dB) < 1e-6) break;
    }
    *a = A > 0.05 ? (float)A : 0.05f;
    *b = (float)B;
}

/* Threshold of the best F1, pulled towards .4 as with ten more examples of that cut; few positives: .5. */
static float best_threshold(const float *p, const uint8_t *y, size_t n)
{
    size_t pos = 0;
    for (size_t i = 0; i < n; i++) pos += y[i];
    if (pos < 5) return 0.5f;
    float best = 0.4f, best_f = -1;
    for (int k = 10; k <= 70; k += 2) {
        size_t tp = 0, fp = 0;
        for (size_t i = 0; i < n; i++) tp += p[i] * 100 >= k && y[i], fp += p[i] * 100 >= k && !y[i];
        float f = 2.0f * (float)tp / (float)(tp + fp + pos);
        if (f > best_f) best_f = f, best = (float)k / 100;
    }
    return (best * (float)pos + 0.4f * 10) / ((float)pos + 10);
}

struct fitted { float a, b, t; };

/* Out-of-fold scores of gold (and, for outputs rare there, the other sets) outside `skip`. */
static struct fitted fit(const struct data *d, int role, int out, const float *score, int skip)
{
    float *x = malloc(d->n * sizeof *x);
    uint8_t *y = malloc(d->n);
    struct fitted r = {1, 0, 0.5f};
    for (int wide = 0; wide < 2; wide++) {
        size_t n = 0, pos = 0;
        for (size_t i = 0; i < d->n; i++) {
            const struct row *w = &d->row[i];
            if (w->role != role || w->fold == skip || !(w->known >> out & 1) || (w->set && !wide)) continue;
            x[n] = score[i];
            pos += y[n++] = w->y >> out & 1;
        }
        if (pos < 15 && !wide) continue;
        if (pos) platt(&r.a, &r.b, x, y, n);
        for (size_t i = 0; i < n; i++) x[i] = 1 / (1 + expf(-(r.a * x[i] + r.b)));
        r.t = best_threshold(x, y, n);
        break;
    }
    free(x);
    free(y);
    return r;
}

/* ---- figures ---- */

static const char *out_name(int role, int out)
{
    static const char *const more[] = {"risk>=1", "risk>=2", "risk>=3", "risk>=4", "risk>=5", "risk=X",
                                       "flag B", "flag N", "flag H", "flag V", "flag P", "flag F", "flag I", "flag C", "flag D"};
    if (role == ROLE_ASSISTANT) return a_act_names[out];
    return out < N_U_ACT ? u_act_names[out] : more[out - N_U_ACT];
}

static void report(const struct data *d, int role, int n_out, float **score)
{
    int n_act = role == ROLE_USER ? N_U_ACT : N_A_ACT;
    for (int set = 0; set < 4; set += set ? 2 : 1) { /* gold, authored, authored2 */
        size_t TP = 0, FP = 0, FN = 0, big = 0;
        double sum = 0;
        for (int o = 0; o < n_out; o++) {
            size_t tp = 0, fp = 0, fn = 0;
            for (int k = 0; k < FOLDS; k++) {
                struct fitted f = fit(d, role, o, score[o], k);
                for (size_t i = 0; i < d->n; i++) {
                    const struct row *r = &d->row[i];
                    if (r->role != role || r->fold != k || r->set != set || !(r->known >> o & 1)) continue;
                    bool y = r->y >> o & 1, hit = 1 / (1 + expf(-(f.a * score[o][i] + f.b))) >= f.t;
                    tp += y && hit, fp += !y && hit, fn += y && !hit;
                }
            }
            double f1 = tp ? 2.0 * tp / (2.0 * tp + fp + fn) : 0;
            if (o < n_act) TP += tp, FP += fp, FN += fn;
            if (o < n_act && tp + fn >= 20) sum += f1, big++;
            if (tp + fn) printf("%-9s %-9s %-10s n %4zu  P %.2f R %.2f F1 %.2f\n", role == ROLE_USER ? "user" : "assistant",
                   set == 0 ? "gold" : set == 1 ? "authored" : "authored2", out_name(role, o), tp + fn,
                   tp + fp ? (double)tp / (double)(tp + fp) : 0, tp + fn ? (double)tp / (double)(tp + fn) : 0, f1);
        }
        printf("%-9s set %d micro-F1 %.3f, mean F1 of acts with 20 or more %.3f (%zu acts)\n\n",
               role == ROLE_USER ? "user" : "assistant", set, TP ? 2.0 * TP / (2.0 * TP + FP + FN) : 0, big ? sum / big : 0, big);
    }
}

/* ---- writing ---- */

static void put_block(FILE *f, const void *p, size_t n)
{
    static const char zero[64];
    if (n && fwrite(p, 1, n, f) != n) die("write");
    if (n % 64) fwrite(zero, 1, 64 - n % 64, f);
}

static void write_model(FILE *f, const struct data *d, int role, int n_out, float *const *w, const struct fitted *fit)
{
    uint32_t width = ((uint32_t)n_out + 7) / 8 * 8, n_row = 0;
    int16_t *rows = calloc(d->n_vocab + 1, width * 2);
    uint32_t *keys = malloc((d->n_vocab + 1) * sizeof *keys);
    for (size_t v = 0; v < d->n_vocab; v++) {
        float top = 0;
        for (int o = 0; o < n_out; o++) top = fmaxf(top, fabsf(w[o][v]));
        if (top < PRUNE) continue;
        for (int o = 0; o < n_out; o++) rows[(size_t)n_row * width + (size_t)o] = (int16_t)lrintf(fmaxf(-8, fminf(8, w[o][v])) * 256);
        keys[n_row++] = d->vocab[v];
    }
    uint32_t n_slot = 2;
    while (n_slot < n_row * 2 + 2) n_slot *= 2;
    uint32_t *slot_key = calloc(n_slot, 4), *slot_row = calloc(n_slot, 4);
    static uint64_t filter[4096];
    memset(filter, 0, sizeof filter);
    for (uint32_t i = 0; i < n_row; i++) {
        uint32_t at = keys[i] & (n_slot - 1);
        while (slot_key[at]) at = (at + 1) & (n_slot - 1);
        slot_key[at] = keys[i];
        slot_row[at] = i;
        filter[keys[i] >> 20] |= 1ull << (keys[i] >> 14 & 63);
    }
    float bias[MAX_OUT], a[MAX_OUT], b[MAX_OUT], t[MAX_OUT];
    for (int o = 0; o < n_out; o++) bias[o] = w[o][d->n_vocab], a[o] = fit[o].a, b[o] = fit[o].b, t[o] = fit[o].t;
    uint64_t seen = 0;
    for (size_t i = 0; i < d->n; i++) seen = hash_mix(seen ^ d->row[i].y, hash_bytes(d->row[i].key, d->row[i].n_key * 4, 0));
    uint32_t head[8] = {(uint32_t)role, (uint32_t)n_out, width, n_row, n_slot, 0};
    memcpy(head + 6, &seen, 8);
    put_block(f, head, sizeof head);
    put_block(f, bias, (size_t)n_out * 4), put_block(f, a, (size_t)n_out * 4);
    put_block(f, b, (size_t)n_out * 4), put_block(f, t, (size_t)n_out * 4);
    put_block(f, filter, sizeof filter);
    put_block(f, slot_key, (size_t)n_slot * 4), put_block(f, slot_row, (size_t)n_slot * 4);
    put_block(f, rows, (size_t)n_row * width * 2);
    fprintf(stderr, "%s: %u rows of %zu features\n", role == ROLE_USER ? "user" : "assistant", n_row, d->n_vocab);
    free(rows), free(keys), free(slot_key), free(slot_row);
}

static void train_role(FILE *f, struct data *d, int role, double C)
{
    int n_out = role == ROLE_USER ? N_U_OUT : N_A_OUT;
    make_vocab(d, role);
    struct feature_node **x = calloc(d->n, sizeof *x);
    for (size_t i = 0; i < d->n; i++)
        if (d->row[i].role == role) x[i] = nodes_of(d, &d->row[i]);
    float *w[MAX_OUT], *score[MAX_OUT];
    struct fitted fitted[MAX_OUT];
    for (int o = 0; o < n_out; o++) {
        w[o] = malloc((d->n_vocab + 1) * sizeof(float));
        score[o] = calloc(d->n, sizeof(float));
        for (int k = 0; k < FOLDS; k++) {
            train_one(w[o], d, x, role, o, k, C);
            for (size_t i = 0; i < d->n; i++)
                if (d->row[i].role == role && d->row[i].fold == k) score[o][i] = dot(w[o], x[i]);
        }
        fitted[o] = fit(d, role, o, score[o], -1);
        train_one(w[o], d, x, role, o, -1, C);
    }
    report(d, role, n_out, score);
    write_model(f, d, role, n_out, w, fitted);
    for (int o = 0; o < n_out; o++) free(w[o]), free(score[o]);
    for (size_t i = 0; i < d->n; i++) free(x[i]);
    free(x);
    free(d->vocab);
}

int main(int argc, char **argv)
{
    if (argc < 3) die("usage: train-acts ROWS.jsonl OUT.model [C]");
    set_print_string_function(quiet);
    struct pack *p;
    struct directory *dir = NULL;
    refrain_error err;
    if (pack_load(&p, NULL, NULL, &err) || directory_load(&dir, &(struct directory_options){0}, &err)) die(err.message);
    struct data d = {0};
    read_rows(&d, argv[1], p, dir);
    FILE *f = fopen(argv[2], "wb");
    if (!f) die("cannot write the model");
    char head[16] = "RFACTS02\2";
    put_block(f, head, sizeof head);
    double C = argc > 3 ? atof(argv[3]) : 2;
    train_role(f, &d, ROLE_ASSISTANT, C);
    train_role(f, &d, ROLE_USER, C);
    if (fclose(f)) die("write");
    directory_free(dir);
    pack_free(p);
    for (size_t i = 0; i < d.n; i++) free(d.row[i].key), free(d.row[i].count);
    free(d.row);
    return 0;
}
