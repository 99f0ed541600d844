/* Labelled replies → rows of the reply model, and its figures: refusal or not,
 * three classes, type, decision, risk, and the fourteen scales. */
#include <math.h>
#include <stdlib.h>

#include "train.h"

static int index_of(const char *z, const char *const *names, int n)
{
    for (int i = 0; z && i < n; i++)
        if (names[i] && !strcmp(names[i], z)) return i;
    return -1;
}

static void set_bit(struct row *r, int out, bool y)
{
    r->known |= (bits)1 << out;
    if (y) r->y |= (bits)1 << out;
}

static const int type_out[N_RTYPE] = {[RT_R1] = RO_R1, [RT_R2] = RO_R2, [RT_R3] = RO_R3, [RT_R4] = RO_R4, [RT_R5] = RO_R5,
                                      [RT_R6] = RO_R6, [RT_R7] = RO_R7, [RT_R9] = RO_R9};

/* A reply that goes on as if nothing had been told has the words of an answer: it has an output of its own, and teaches
 * "refused" nothing. */
static void label_type(struct row *r, int rtype)
{
    r->rtype = (int8_t)rtype;
    if (rtype != RT_R4) set_bit(r, RO_REFUSED, rtype != RT_NONE);
    for (int t = RT_R1; t <= RT_R9; t++)
        if (type_out[t] && (t != RT_R1 || rtype != RT_NONE)) set_bit(r, type_out[t], t == rtype);
}

static void label_decision(struct row *r, yyjson_val *l)
{
    r->decision = (int8_t)index_of(yyjson_get_str(yyjson_obj_get(l, "decision")), decision_names, N_DECISION);
    if (r->decision > 0 && r->decision != DEC_UNSURE)
        set_bit(r, RO_OVER, r->decision == DEC_OVER), set_bit(r, RO_UNDER, r->decision == DEC_UNDER);
}

/* Of our talks only the measures hear whether a reply refuses: among the words of the reply model it told the replies
 * of other sources worse. */
static void label_refused(struct row *r, yyjson_val *l)
{
    yyjson_val *talk = yyjson_obj_get(l, "refused");
    r->refused = yyjson_is_bool(talk) ? yyjson_get_bool(talk) : -1;
    if (r->known >> RO_REFUSED & 1) r->refused = r->y >> RO_REFUSED & 1;
}

static void label_row(struct row *r, yyjson_val *l)
{
    const char *three = text_of(l, "refused3"), *two = text_of(l, "refused2");
    r->rtype = -1, r->risk = -2;
    label_decision(r, l);
    memset(r->scale, -1, sizeof r->scale);
    if (*three || *two) {
        bool partial = !strcmp(three, "partial"), none = !strcmp(three, "compliance") || !strcmp(two, "no");
        if (none) label_type(r, RT_NONE);
        else if (partial) label_type(r, RT_R1);
        else {
            set_bit(r, RO_REFUSED, true);
            if (*three) set_bit(r, RO_R1, false), set_bit(r, RO_R5, true); /* XSTest's refusals are explicit ones */
        }
        return;
    }
    int rtype = index_of(yyjson_get_str(yyjson_obj_get(l, "rtype")), rtype_names, N_RTYPE);
    if (rtype >= 0 && rtype != RT_R8) label_type(r, rtype);
    const char *reason = text_of(l, "reason");
    static const char *const reasons[] = {"care", "capability", "policy", "ethics"};
    for (int i = 0; i < 4 && *reason; i++) set_bit(r, RO_REASON_CARE + i, !strcmp(reason, reasons[i]));
    yyjson_val *risk = yyjson_obj_get(l, "R");
    if (yyjson_is_int(risk)) r->risk = (int8_t)yyjson_get_int(risk);
    for (int i = 0; i < N_SCALE; i++) {
        yyjson_val *v = yyjson_obj_get(l, reply_scales[i].label);
        if (!yyjson_is_num(v)) continue;
        r->scale[i] = (int8_t)lround(yyjson_get_num(v));
    }
}

/* Keys of the words of a view in one use, single and in pairs. */
static void add_grams(struct feature_list *out, const struct walk *w, const struct sentence_view *v, enum gram_use use)
{
    size_t max = 3 * (size_t)(v->tok1 - v->tok0) + 2;
    uint32_t *gram = malloc(max * sizeof *gram), n_word;
    uint8_t *kind = malloc(max);
    size_t n = act_grams_all(gram, kind, &n_word, w, v);
    for (size_t i = 0; i < n && out->n < out->cap; i++)
        if (kind[i] != GRAM_ENDS) out->key[out->n++] = gram_feature(gram[i], use);
    free(gram), free(kind);
}

/* Keys of the reply's words: all of its beginning count twice, once as its beginning. */
static void reply_grams(struct feature_list *out, const struct walk *w, uint32_t t, uint32_t refusing)
{
    const struct text *x = &w->text[t];
    for (uint32_t s = x->sent0; s < x->sent1; s++) {
        struct sentence_view v = act_view(w, s);
        unsigned use = gram_use(v.tok0 - x->tok0);
        if (use != N_USE) add_grams(out, w, &v, USE_WORD);
        if (use == USE_HEAD) add_grams(out, w, &v, USE_HEAD);
        if (s == refusing) {
            if (v.tok1 - v.tok0 > REFUSING_TOKENS) v.tok1 = v.tok0 + REFUSING_TOKENS;
            add_grams(out, w, &v, USE_REFUSING);
        }
    }
}

static uint32_t person[1024];
static size_t n_person;

bool of_person(uint32_t key)
{
    for (size_t i = 0; i < n_person; i++)
        if (person[i] == key) return true;
    return false;
}

/* Remembers which of these keys of turn t tell of the person: those that go when the person has said nothing. */
static void note_person(const struct feature_list *all, struct walk *w, uint32_t t)
{
    static uint32_t keys[FEATURES_MAX];
    struct feature_list rest = {keys, 0, ARRAY_LEN(keys), model_every_key};
    struct tcode *c = &w->tcode[t];
    if (c->bid_turn < 0) return;
    for (uint32_t s = w->text[c->bid_turn].sent0; s < w->text[c->bid_turn].sent1; s++) memset(w->acts[s].p, 0, sizeof w->acts[s].p);
    c->risk = 0, c->flags = 0;
    w->act_tops[c->bid_turn] = NULL; /* its acts are other ones now */
    turn_feature_keys(&rest, w, t);
    for (size_t i = 0, k; i < all->n; i++) {
        for (k = 0; k < rest.n && keys[k] != all->key[i]; k++) {}
        if (k < rest.n || of_person(all->key[i])) continue;
        if (n_person == ARRAY_LEN(person)) die("too many keys of the person");
        person[n_person++] = all->key[i];
    }
}

/* The engine's own rooms up to act/, then the reply's features. */
static void features_of(struct row *r, const struct pack *p, const struct directory *dir, yyjson_val *o)
{
    static struct arena a;
    arena_reset(&a);
    yyjson_val *msgs = yyjson_obj_get(o, "messages"), *m;
    size_t i, n = yyjson_arr_size(msgs), coded = (size_t)yyjson_get_int(yyjson_obj_get(o, "coded"));
    struct conv conv = {.turn = arena_array(&a, struct turn, n), .n_turn = coded + 1};
    yyjson_arr_foreach(msgs, i, n, m) {
        const char *role = text_of(m, "role");
        int k = index_of(role, role_names, N_ROLE);
        conv.turn[i] = (struct turn){.role = k < 0 ? ROLE_USER : (enum role)k, .text = str_of(text_of(m, "content")), .ts = TS_NONE};
    }
    struct walk w = {.a = &a, .pack = p, .dir = dir, .conv = &conv, .caller_country = "", .caller_jurisdiction = ""};
    w.text = arena_array(&a, struct text, n);
    w.tcode = arena_array(&a, struct tcode, n);
    text_wash(&w);
    match_scan(&w);
    helpline_judge(&w);
    act_code(&w);
    turn_users(&w);
    uint32_t t = (uint32_t)coded;
    r->code = w.tcode[t];
    for (uint32_t s = w.text[t].sent0; s < w.text[t].sent1; s++) r->code.acts |= w.acts[s].set;
    static uint32_t keys[FEATURES_MAX + 4096];
    struct feature_list f = {keys, 0, ARRAY_LEN(keys), model_every_key};
    uint32_t refusing = turn_feature_keys(&f, &w, t);
    turn_measures(r->measure, &w, t);
    note_person(&f, &w, t); /* takes the person's codes away: behind all that reads them */
    reply_grams(&f, &w, t, refusing);
    r->n_word = w.text[t].n_word;
    row_keys(r, keys, f.n);
    memset(r->count, 1, r->n_key); /* that a word stands there says more than how often */
}

void replies_read(struct data *d, const char *path, const struct pack *by_fold[FOLDS], const struct directory *dir)
{
    FILE *f = fopen(path, "r");
    if (!f) die("cannot open the rows");
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    while ((n = getline(&line, &cap, f)) > 0) {
        yyjson_doc *doc = yyjson_read(line, (size_t)n, 0);
        yyjson_val *o = yyjson_doc_get_root(doc);
        if (o && !strcmp(text_of(o, "kind"), "reply")) {
            d->row = realloc(d->row, (d->n + 1) * sizeof *d->row);
            struct row *r = &d->row[d->n++];
            memset(r, 0, sizeof *r);
            r->role = REPLY_MODEL;
            while (strcmp(text_of(o, "set"), set_names[r->set])) r->set++;
            r->fold = (uint8_t)yyjson_get_int(yyjson_obj_get(o, "fold"));
            r->shown = yyjson_obj_get(o, "left_out") != NULL;
            label_row(r, yyjson_obj_get(o, "labels"));
            label_refused(r, yyjson_obj_get(o, "labels"));
            features_of(r, by_fold[r->fold], dir, o);
        }
        yyjson_doc_free(doc);
    }
    free(line);
    fclose(f);
    rows_show(d);
}

/* ---- figures ---- */

/* Quadratic-weighted kappa of a k-class confusion table. */
static double weighted_kappa(const int *table, int k)
{
    double n = 0, o = 0, e = 0;
    double row[16] = {0}, col[16] = {0};
    for (int i = 0; i < k; i++)
        for (int j = 0; j < k; j++) n += table[i * k + j], row[i] += table[i * k + j], col[j] += table[i * k + j];
    for (int i = 0; i < k; i++)
        for (int j = 0; j < k; j++) o += (i - j) * (i - j) * table[i * k + j], e += (i - j) * (i - j) * row[i] * col[j] / n;
    return e > 0 ? 1 - o / e : NAN;
}

struct read { float p[MAX_OUT], t[MAX_OUT]; enum rtype type; };

static struct read read_row(const struct family *f, const struct scale_fit *scales, const struct data *d, size_t i)
{
    struct read x;
    float out[SCALE_LANES];
    for (int o = 0; o < f->n_out; o++) x.p[o] = probability(f, &d->row[i], i, o), x.t[o] = f->fit[d->row[i].fold][o].t;
    scales_read(out, &scales[d->row[i].fold], &d->row[i]);
    const struct row *r = &d->row[i];
    float refused = turn_refused(x.p[RO_REFUSED], out, &r->code, r->n_word);
    x.type = turn_refusal(x.p, x.t, refused, r->n_word, turn_discloses(&r->code));
    return x;
}

/* A silent change of topic is a refusal, though it teaches "refused" nothing. */
static bool labelled(const struct row *r) { return r->known >> RO_REFUSED & 1 || r->rtype == RT_R4; }
static bool refuses(const struct row *r) { return r->y >> RO_REFUSED & 1 || r->rtype == RT_R4; }

static void report_refusal(const struct family *f, const struct scale_fit *scales, const struct data *d, int set)
{
    int tp = 0, fp = 0, fn = 0, tn = 0, three[9] = {0}, types[N_RTYPE][N_RTYPE] = {{0}}, typed = 0, right = 0;
    for (size_t i = 0; i < d->n; i++) {
        const struct row *r = &d->row[i];
        if (!r->shown || r->set != set || !labelled(r)) continue;
        struct read x = read_row(f, scales, d, i);
        bool y = refuses(r);
        bool refused = x.type != RT_NONE;
        tp += y && refused, fp += !y && refused, fn += y && !refused, tn += !y && !refused;
        int want = !y ? 0 : r->y >> RO_R1 & 1 ? 1 : 2, got = !refused ? 0 : x.type == RT_R1 ? 1 : 2;
        if (r->known >> RO_R1 & 1 || r->rtype == RT_NONE) three[want * 3 + got]++; /* partial or not is known of refusals */
        if (r->rtype >= 0) typed++, right += x.type == (enum rtype)r->rtype, types[r->rtype][x.type]++;
    }
    if (tp + fn == 0) return;
    printf("%s: refusal or not: accuracy %.3f F1 %.3f (n %d)\n", set_names[set], (double)(tp + tn) / (tp + tn + fp + fn),
           2.0 * tp / (2.0 * tp + fp + fn), tp + tn + fp + fn);
    double macro = 0, acc = 0, n = 0;
    for (int k = 0; k < 3; k++) {
        double t = three[k * 4], row = three[k * 3] + three[k * 3 + 1] + three[k * 3 + 2], col = three[k] + three[k + 3] + three[k + 6];
        macro += t > 0 ? 2 * t / (row + col) / 3 : 0, acc += t, n += row;
        printf("   %s: P %.2f R %.2f F1 %.2f (n %.0f)\n", k == 0 ? "none" : k == 1 ? "partial" : "full", col > 0 ? t / col : 0, row > 0 ? t / row : 0, row + col > 0 ? 2 * t / (row + col) : 0, row);
    }
    printf("   three classes: accuracy %.3f macro-F1 %.3f\n", acc / n, macro);
    if (set > SET_SILVER) return;
    printf("   type accuracy %.3f (n %d)\n", (double)right / typed, typed);
    for (int a = 0; a < N_RTYPE; a++)
        for (int b = 0; b < N_RTYPE; b++)
            if (types[a][b]) printf("   %s as %s: %d%s", rtype_names[a], rtype_names[b], types[a][b], b == N_RTYPE - 1 ? "" : "\n");
}

static void report_scales(const struct scale_fit *f, const struct data *d, int set)
{
    int table[N_SCALE][25] = {{0}}, pos[N_SCALE] = {0}, n_mean = 0;
    double sum = 0;
    for (size_t i = 0; i < d->n; i++) {
        const struct row *r = &d->row[i];
        float out[SCALE_LANES];
        int8_t level[N_SCALE];
        if (!r->shown || r->set != set) continue;
        scales_read(out, &f[r->fold], r);
        turn_scales(level, out, r->measure);
        for (int s = 0; s < N_SCALE; s++)
            if (r->scale[s] >= 0) table[s][r->scale[s] * 5 + level[s]]++, pos[s] += r->scale[s] > 0;
    }
    for (int s = 0; s < N_SCALE; s++) {
        double k = weighted_kappa(table[s], 5);
        if (pos[s]) printf("   %-8s weighted kappa %.2f (non-zero %d)\n", reply_scales[s].label, k, pos[s]), sum += k, n_mean++;
    }
    if (n_mean) printf("   mean weighted kappa %.3f over %d scales\n", sum / n_mean, n_mean);
}

static void report_decision(const struct family *f, const struct scale_fit *scales, const struct data *d, int set)
{
    int table[N_DECISION][N_DECISION] = {{0}}, risk[36] = {0};
    for (size_t i = 0; i < d->n; i++) {
        const struct row *r = &d->row[i];
        if (!r->shown || r->set != set) continue;
        struct read x = read_row(f, scales, d, i);
        struct tcode c = r->code;
        c.rtype = x.type;
        turn_decide(&c, x.p, x.t, c.acts);
        if (r->decision > 0) table[r->decision][c.decision]++;
        if (r->risk >= 0 && c.risk >= 0) risk[r->risk * 6 + c.risk]++;
    }
    for (int a = 1; a < N_DECISION; a++) {
        int n = 0;
        for (int b = 0; b < N_DECISION; b++) n += table[a][b];
        if (n) printf("   decision %s: appropriate %d over %d under %d unsure %d\n", decision_names[a], table[a][1], table[a][2], table[a][3], table[a][4]);
    }
    printf("   risk weighted kappa %.3f\n", weighted_kappa(risk, 6));
    for (int a = 0; a < 6; a++) {
        printf("      R %d read as", a);
        for (int b = 0; b < 6; b++) printf(" %d", risk[a * 6 + b]);
        printf("\n");
    }
}

void replies_report(const struct family *f, const struct scale_fit *scales, const struct data *d)
{
    for (int set = 0; set < SET_TALKS; set++) {
        bool any = false;
        for (size_t i = 0; i < d->n && !any; i++) any = d->row[i].shown && d->row[i].set == set;
        if (!any) continue;
        report_refusal(f, scales, d, set);
        report_decision(f, scales, d, set);
        if (set > SET_SILVER) continue;
        report_scales(scales, d, set);
    }
}
