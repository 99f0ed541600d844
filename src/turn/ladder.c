/* "At least this much": a measure of a reply that reaches k of its steps is k features. What those weigh together is
 * one row, summed when the pack is loaded; only training sees the features one by one. */
#include "turn/turn.h"

static const struct ladder { uint8_t first, n, seed, what, n_step; float step[N_STEP]; } ladders[N_LADDER] = {
    /* `first` of its n measures; the features of measure j are (what + j, step) */
    [L_ACT_P] = {0, N_A_ACT, T_ACT_P, 0, 7, {0.1f, 0.25f, 0.4f, 0.55f, 0.7f, 0.85f, 0.95f}},
    [L_BID] = {30, N_U_ACT, T_BID, 0, 7, {0.1f, 0.25f, 0.4f, 0.55f, 0.7f, 0.85f, 0.95f}},
    [L_SENTENCES] = {52, 1, T_SIZE, 1, 8, {1, 2, 3, 4, 6, 9, 14, 20}},
    [L_WORDS] = {53, 1, T_SIZE, 2, 7, {8, 15, 25, 40, 70, 120, 200}},
    [L_CONTACTS] = {54, 1, T_CONTACT, 1, 6, {1, 2, 3, 5, 8, 13}},
    [L_OV] = {55, 1, T_OV, 1, 4, {0.05f, 0.15f, 0.3f, 0.5f}},
    [L_RISK] = {56, 1, T_RISK, 1, 6, {0.5f, 1, 2, 3, 4, 5}},
    [L_AFTER] = {57, 3, T_AFTER, 1, 6, {1, 2, 3, 5, 8, 13}},
    [L_WORDS_AFTER] = {60, 1, T_AFTER, 4, 7, {1, 15, 30, 50, 80, 120, 170}},
    [L_WORDS_BEHIND] = {61, 1, T_AFTER, 5, 7, {1, 15, 30, 50, 80, 120, 170}},
};
_Static_assert(N_A_ACT == 30 && N_U_ACT == 22 && N_MEASURE == 62, "measures are numbered as above");

/* The rung that measure j of a ladder reaches, if it reaches one: which cannot be foreseen, so there is no branch on it. */
static inline __attribute__((always_inline)) void reach(struct reply_features *out, const struct ladder *l, uint32_t j, float x)
{
    __m128 v = _mm_set1_ps(x);
    int low = _mm_movemask_ps(_mm_cmple_ps(_mm_loadu_ps(l->step), v));
    int high = _mm_movemask_ps(_mm_cmple_ps(_mm_loadu_ps(l->step + 4), v));
    unsigned k = (unsigned)__builtin_ctz(~((unsigned)(low | high << 4) & ((1u << l->n_step) - 1)));
    out->rung[out->n_rung] = (uint16_t)(N_STEP * (l->first + j) + k - 1);
    out->n_rung += k > 0;
}

void turn_reach(struct reply_features *out, enum ladder_id which, const float *x)
{
    for (uint32_t j = 0; j < ladders[which].n; j++) reach(out, &ladders[which], j, x[j]);
}

/* The features of measure j's steps i and below are those of its rungs up to i. */
static void add_step(struct feature_list *out, const struct ladder *l, uint32_t j, uint32_t i)
{
    feature_add(out, (uint64_t)(l->what + j) << 8 | i, l->seed);
}

static const struct ladder *ladder_of(uint32_t measure)
{
    const struct ladder *l = ladders;
    while (measure >= (uint32_t)l->first + l->n) l++;
    return l;
}

uint32_t turn_feature_keys(struct feature_list *out, struct walk *w, uint32_t t)
{
    uint16_t rung[N_MEASURE + 1];
    struct reply_features f = {.plain = *out, .rung = rung};
    uint32_t refusing = turn_features(&f, w, t);
    *out = f.plain;
    for (uint32_t r = 0; r < f.n_rung; r++) {
        uint32_t measure = rung[r] / N_STEP;
        const struct ladder *l = ladder_of(measure);
        for (uint32_t i = 0; i <= rung[r] % N_STEP; i++) add_step(out, l, measure - l->first, i);
    }
    return refusing;
}

const int16_t *turn_ladders(struct arena *a, const struct weights *m)
{
    int16_t *rows = arena_raw(a, sizeof *rows * N_STEP * N_MEASURE * m->width);
    for (uint32_t measure = 0; rows && measure < N_MEASURE; measure++) {
        const struct ladder *l = ladder_of(measure);
        int16_t sum[MAX_OUT] = {0};
        for (uint32_t i = 0; i < N_STEP; i++) {
            uint32_t key;
            uint16_t row[2];
            struct feature_list f = {.key = &key, .cap = 1, .filter = m->filter};
            struct score s = {row, 0, 1};
            if (i < l->n_step) add_step(&f, l, measure - l->first, i);
            model_score_features(&s, m, &f);
            model_add_rows(sum, m, m->sum_row, row, s.n_row);
            memcpy(rows + (size_t)(N_STEP * measure + i) * m->width, sum, m->width * sizeof *rows);
        }
    }
    return rows;
}

void turn_add_up(struct pack *p)
{
    const struct models *m = &p->model;
    const struct weights *const sentences[] = {m->assistant, m->user};
    for (int user = 0; user < 2; user++)
        if (sentences[user] && !p->acts[user]) p->acts[user] = act_tables_make(&p->a, p, sentences[user]);
    if (m->reply && !p->ladders) p->ladders = turn_ladders(&p->a, m->reply);
}
