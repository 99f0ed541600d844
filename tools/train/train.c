/* rows.jsonl (tools/train/rows.py) → acts.model, and its figures.
 *
 * Sentence models first; then the reply model, whose features are what the
 * sentence models say: for a row of fold k those that never saw fold k. So
 * every figure is out of fold through both layers. Deterministic: same rows,
 * same bytes.
 *
 * usage: train-acts ROWS.jsonl OUT.model [FOLDS]   (figures to stdout)
 *
 * FOLDS/k/acts.model: the models that never saw fold k, each a pack to lay
 * over the built-in one; tools/accuracy measures the whole engine with them. */
#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "train.h"

const char *const set_names[N_SET] = {"gold", "authored", "authored2", "silver", "xstest", "chatgpt", "talks"};

void die(const char *what) { fprintf(stderr, "train-acts: %s\n", what), exit(2); }

static int cmp_u32(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

void row_keys(struct row *r, uint32_t *keys, size_t n)
{
    qsort(keys, n, sizeof *keys, cmp_u32);
    r->key = malloc((n + 1) * sizeof *r->key);
    r->count = malloc(n + 1);
    for (size_t i = 0; i < n; i++) {
        if (r->n_key && r->key[r->n_key - 1] == keys[i]) r->count[r->n_key - 1] += r->count[r->n_key - 1] < 255;
        else r->key[r->n_key] = keys[i], r->count[r->n_key++] = 1;
    }
}

/* ---- words ---- */

static struct origin *origins;
static size_t origin_mask, n_origin;

static struct origin *origin_at(uint32_t key)
{
    size_t i = key & origin_mask;
    while (origins[i].key && origins[i].key != key) i = (i + 1) & origin_mask;
    return &origins[i];
}

const struct origin *origin_of(uint32_t key)
{
    const struct origin *o = origins ? origin_at(key) : NULL;
    return o && o->key ? o : NULL;
}

uint32_t gram_feature(uint32_t gram, enum gram_use use)
{
    uint32_t key = feature_key(feature_hash(gram, 200 + use));
    if (n_origin * 2 >= origin_mask) {
        struct origin *old = origins;
        size_t n = old ? origin_mask + 1 : 0;
        origin_mask = n ? 2 * n - 1 : (1 << 20) - 1;
        origins = calloc(origin_mask + 1, sizeof *origins);
        for (size_t i = 0; i < n; i++)
            if (old[i].key) *origin_at(old[i].key) = old[i];
        free(old);
    }
    struct origin *o = origin_at(key);
    if (!o->key) *o = (struct origin){key, gram, use}, n_origin++;
    return key;
}

void sentence_grams(struct feature_list *out, const struct walk *w, const struct sentence_view *v, uint32_t *n_word)
{
    size_t max = 3 * (size_t)(v->tok1 - v->tok0) + 2;
    uint32_t *gram = malloc(max * sizeof *gram);
    uint8_t *kind = malloc(max);
    size_t n = act_grams_all(gram, kind, n_word, w, v);
    for (size_t i = 0; i < n && out->n < out->cap; i++) out->key[out->n++] = gram_feature(gram[i], USE_SENTENCE);
    free(gram), free(kind);
}

const char *text_of(yyjson_val *o, const char *k) { const char *z = yyjson_get_str(yyjson_obj_get(o, k)); return z ? z : ""; }

static bits act_bits(yyjson_val *acts, bool user)
{
    bits set = 0;
    size_t i, max;
    yyjson_val *v;
    yyjson_arr_foreach(acts, i, max, v) {
        const char *const *names = user ? u_act_names : a_act_names;
        int n = user ? N_U_ACT : N_A_ACT, k = 0;
        while (k < n && strcmp(names[k], yyjson_get_str(v)) != 0) k++;
        if (k < n) set |= (bits)1 << k;
    }
    return set;
}

static void risk_bits(struct row *r, yyjson_val *o)
{
    yyjson_val *risk = yyjson_obj_get(o, "risk");
    r->known = ((bits)1 << N_U_ACT) - 1;
    if (!risk) return;
    r->known = ((bits)1 << N_U_OUT) - 1;
    if (yyjson_is_str(risk)) r->y |= (bits)1 << UX_RISK_X;
    for (int level = 1; level <= 5; level++)
        if (yyjson_is_int(risk) && yyjson_get_int(risk) >= level) r->y |= (bits)1 << (UX_RISK1 + level - 1);
    static const char letters[] = "BNHVPFICD";
    for (const char *f = text_of(o, "flags"); *f; f++) {
        const char *at = strchr(letters, *f);
        if (at) r->y |= (bits)1 << (UX_FLAG0 + (at - letters));
    }
}

void rows_show(struct data *d)
{
    bool some = false;
    for (size_t i = 0; i < d->n; i++) some |= d->row[i].shown;
    for (size_t i = 0; i < d->n; i++) d->row[i].shown |= !some;
}

static void features_of(struct row *r, const struct pack *p, const struct directory *dir, yyjson_val *o)
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
    match_scan(&w);
    helpline_judge(&w);
    static uint32_t keys[20000];
    struct feature_list f = {keys, 0, ARRAY_LEN(keys), model_every_key};
    struct sentence_view v = act_view_turn(&w, 1);
    uint32_t n_word;
    sentence_grams(&f, &w, &v, &n_word);
    act_features(&f, &w, &v, n_word);
    row_keys(r, keys, f.n);
}

static void sentences_read(struct data *d, const char *path, const struct pack *p, const struct directory *dir)
{
    FILE *f = fopen(path, "r");
    if (!f) die("cannot open the rows");
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    while ((n = getline(&line, &cap, f)) > 0) {
        yyjson_doc *doc = yyjson_read(line, (size_t)n, 0);
        yyjson_val *o = yyjson_doc_get_root(doc);
        if (!o) die("a row is not JSON");
        if (strcmp(text_of(o, "kind"), "sentence")) {
            yyjson_doc_free(doc);
            continue;
        }
        d->row = realloc(d->row, (d->n + 1) * sizeof *d->row);
        struct row *r = &d->row[d->n++];
        memset(r, 0, sizeof *r);
        r->role = strcmp(text_of(o, "role"), "user") ? ROLE_ASSISTANT : ROLE_USER;
        while (strcmp(text_of(o, "set"), set_names[r->set])) r->set++;
        r->fold = (uint8_t)yyjson_get_int(yyjson_obj_get(o, "fold"));
        r->shown = yyjson_obj_get(o, "left_out") != NULL;
        r->y = act_bits(yyjson_obj_get(o, "acts"), r->role == ROLE_USER);
        r->known = ((bits)1 << N_A_OUT) - 1;
        if (r->role == ROLE_USER) risk_bits(r, o);
        for (int x = UX_RISK1; yyjson_is_true(yyjson_obj_get(o, "no_risk")) && x <= UX_RISK_X; x++) r->known |= (bits)1 << x;
        if (!yyjson_obj_get(o, "acts")) r->known &= ~(((bits)1 << N_U_ACT) - 1);
        yyjson_val *harm = yyjson_obj_get(o, "harm");
        if (harm) r->known |= (bits)1 << U_HARM_BID, r->y |= (bits)yyjson_get_bool(harm) << U_HARM_BID;
        features_of(r, p, dir, o);
        yyjson_doc_free(doc);
    }
    free(line);
    fclose(f);
    rows_show(d);
}

static const char *out_name(int role, int out)
{
    static const char *const more[] = {"risk>=1", "risk>=2", "risk>=3", "risk>=4", "risk>=5", "risk=X",
                                       "flag B", "flag N", "flag H", "flag V", "flag P", "flag F", "flag I", "flag C", "flag D"};
    if (role == ROLE_ASSISTANT) return a_act_names[out];
    return out < N_U_ACT ? u_act_names[out] : more[out - N_U_ACT];
}

static void sentences_report(const struct family *f, const struct data *d)
{
    int role = f->role, n_out = f->n_out;
    int n_act = role == ROLE_USER ? N_U_ACT : N_A_ACT;
    for (int set = SET_GOLD; set <= SET_SILVER; set++) {
        size_t TP = 0, FP = 0, FN = 0, big = 0;
        double sum = 0;
        for (int o = 0; o < n_out; o++) {
            size_t tp = 0, fp = 0, fn = 0;
            for (size_t i = 0; i < d->n; i++) {
                const struct row *r = &d->row[i];
                if (!r->shown || r->role != role || r->set != set || !(r->known >> o & 1)) continue;
                bool y = r->y >> o & 1, hit = probability(f, r, i, o) >= f->fit[r->fold][o].t;
                tp += y && hit, fp += !y && hit, fn += y && !hit;
            }
            double f1 = tp ? 2.0 * tp / (2.0 * tp + fp + fn) : 0;
            if (o < n_act) TP += tp, FP += fp, FN += fn;
            if (o < n_act && tp + fn >= 20) sum += f1, big++;
            if (tp + fn) printf("%-9s %-9s %-10s n %4zu  P %.2f R %.2f F1 %.2f\n", role == ROLE_USER ? "user" : "assistant",
                   set_names[set], out_name(role, o), tp + fn,
                   tp + fp ? (double)tp / (double)(tp + fp) : 0, tp + fn ? (double)tp / (double)(tp + fn) : 0, f1);
        }
        printf("%-9s %s micro-F1 %.3f, mean F1 of acts with 20 or more %.3f (%zu acts)\n\n",
               role == ROLE_USER ? "user" : "assistant", set_names[set], TP ? 2.0 * TP / (2.0 * TP + FP + FN) : 0, big ? sum / big : 0, big);
    }
}

/* The pack with models that never saw fold k. */
static const struct pack *pack_without(const struct pack *p, const struct family *a, const struct data *da,
                                       const struct family *u, const struct data *du, int k)
{
    char *bytes;
    size_t n;
    FILE *f = open_memstream(&bytes, &n);
    char head[64] = "RFACTS05\2";
    fwrite(head, 1, 64, f);
    family_write(f, a, da, NULL, NULL, k);
    family_write(f, u, du, NULL, NULL, k);
    fclose(f);
    struct pack *copy = malloc(sizeof *copy);
    *copy = *p;
    arena_init(&copy->a, 0);
    copy->model.reply = NULL;
    refrain_error err;
    if (model_load(&copy->model, &copy->a, (str){bytes, n}, &err)) die(err.message);
    return copy;
}

struct model_part { struct family *family; struct data *data; };

static void model_write(const char *path, const struct model_part part[3], const struct scale_fit *scales, int fold)
{
    FILE *f = fopen(path, "wb");
    if (!f) die("cannot write the model");
    char head[64] = "RFACTS05\3";
    fwrite(head, 1, sizeof head, f);
    for (int i = 0; i < 3; i++)
        family_write(f, part[i].family, part[i].data, i == 0 ? part[2].family : NULL, part[2].data, fold);
    scales_write(f, &scales[fold]);
    if (fclose(f)) die("write");
}

int main(int argc, char **argv)
{
    if (argc != 3 && argc != 4) die("usage: train-acts ROWS.jsonl OUT.model [FOLDS]");
    struct pack *p;
    struct directory *dir = NULL;
    refrain_error err;
    /* The pack's own model has no say in training and may be of another version: train without it. */
    char overlay[] = "/tmp/train-acts-XXXXXX", none[64];
    if (!mkdtemp(overlay)) die("no temporary directory");
    snprintf(none, sizeof none, "%s/acts.model", overlay);
    FILE *empty = fopen(none, "wb");
    if (!empty || fclose(empty)) die("no temporary directory");
    int rc = pack_load(&p, overlay, &err);
    remove(none), remove(overlay);
    if (rc || directory_load(&dir, &(struct directory_options){0}, &err)) die(err.message);
    static struct data da, du, dr;
    sentences_read(&da, argv[1], p, dir);
    du = da; /* the same rows with a vocabulary of their own */
    static struct family a, u, r;
    family_train(&a, &da, ROLE_ASSISTANT, N_A_OUT, 28000);
    family_train(&u, &du, ROLE_USER, N_U_OUT, 32000);
    sentences_report(&a, &da);
    sentences_report(&u, &du);
    const struct pack *by_fold[FOLDS];
    for (int k = 0; k < FOLDS; k++) by_fold[k] = pack_without(p, &a, &da, &u, &du, k);
    replies_read(&dr, argv[1], by_fold, dir);
    family_train(&r, &dr, REPLY_MODEL, N_REPLY_OUT, 14000);
    static struct scale_fit scales[FOLDS + 1];
    scales_train(scales, &dr);
    replies_report(&r, scales, &dr);
    const struct model_part part[3] = {{&a, &da}, {&u, &du}, {&r, &dr}};
    model_write(argv[2], part, scales, FOLDS);
    for (int k = 0; argc == 4 && k < FOLDS; k++) {
        char path[4096];
        snprintf(path, sizeof path - 16, "%s/%d", argv[3], k);
        if ((mkdir(argv[3], 0777) && access(argv[3], W_OK)) || (mkdir(path, 0777) && access(path, W_OK))) die("cannot make FOLDS");
        strcat(path, "/acts.model");
        model_write(path, part, scales, k);
    }
    return 0; /* the process ends: memory goes with it */
}
