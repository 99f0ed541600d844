/* The built-in pack that stands ready is the one that a start without it makes. */
#include "walk_fixture.h"

#include "match/match.h"
#include "turn/turn.h"

#include <math.h>

static const struct pack_prepared none;

static struct pack *load(const struct pack_prepared *ready)
{
    struct pack *p = NULL;
    refrain_error err;
    if (pack_load_with(&p, NULL, ready, &err)) fail_msg("%s", err.message);
    return p;
}

static bool in_place(const struct pack *p) { return match_block(p->db).p == pack_prepared.index; }

static void same_list(const char *const *a, size_t n_a, const char *const *b, size_t n_b)
{
    assert_int_equal(n_a, n_b);
    for (size_t i = 0; i < n_a; i++) assert_string_equal(a[i], b[i]);
}

static void pack__stands_ready_with_the_index_that_compiling_gives(void **state)
{
    (void)state;
    struct pack *ready = load(&pack_prepared), *made = load(&none);
    assert_true(in_place(ready));
    assert_false(in_place(made));
    str a = match_block(ready->db), b = match_block(made->db);
    assert_int_equal(a.n, b.n);
    assert_memory_equal(a.p, b.p, a.n);
    assert_true(ready->content_hash == made->content_hash && ready->table_hash == made->table_hash);
    pack_free(ready);
    pack_free(made);
}

static void pack__stands_ready_with_the_cues_of_the_files(void **state)
{
    (void)state;
    struct pack *ready = load(&pack_prepared), *made = load(&none);
    assert_int_equal(ready->n_cue, made->n_cue);
    for (size_t i = 0; i < made->n_cue; i++) {
        const struct cue *a = &ready->cue[i], *b = &made->cue[i];
        assert_string_equal(a->id, b->id);
        assert_string_equal(a->file, b->file);
        assert_string_equal(a->tag, b->tag);
        assert_string_equal(a->value, b->value);
        assert_true(a->line == b->line && a->key == b->key && a->roles == b->roles);
        assert_true(a->act == b->act && a->rule == b->rule && a->denies == b->denies);
        assert_true(a->construct == b->construct && a->risk == b->risk && a->risk_when == b->risk_when && a->flag == b->flag);
        same_list(a->phrase, a->n_phrase, b->phrase, b->n_phrase);
        same_list(a->fire, a->n_fire, b->fire, b->n_fire);
        same_list(a->near, a->n_near, b->near, b->n_near);
    }
    pack_free(ready);
    pack_free(made);
}

static void pack__stands_ready_with_the_constructs_of_the_file(void **state)
{
    (void)state;
    struct pack *ready = load(&pack_prepared), *made = load(&none);
    for (size_t i = 0; i < N_CONSTRUCT; i++) {
        const struct construct_def *a = &ready->construct[i], *b = &made->construct[i];
        const char *const x[] = {a->id, a->name, a->definition, a->source, a->method, a->applies};
        const char *const y[] = {b->id, b->name, b->definition, b->source, b->method, b->applies};
        same_list(x, ARRAY_LEN(x), y, ARRAY_LEN(y));
        assert_true(a->phase == b->phase && a->polarity == b->polarity && a->scale == b->scale && a->severity == b->severity);
        assert_true(a->scored == b->scored && a->every_reply == b->every_reply);
        assert_memory_equal(a->weight, b->weight, sizeof a->weight);
        assert_int_equal(a->n_category, b->n_category);
        for (size_t k = 0; k < a->n_category; k++) {
            assert_string_equal(a->category[k].name, b->category[k].name);
            assert_true(a->category[k].good == b->category[k].good || (isnan(a->category[k].good) && isnan(b->category[k].good)));
        }
        same_list(a->fires, a->n_fires, b->fires, b->n_fires);
        same_list(a->near, a->n_near, b->near, b->n_near);
    }
    pack_free(ready);
    pack_free(made);
}

/* A pack loaded with a changed copy of the index, of which `n` bytes are left. */
static void refuses(size_t at, unsigned char flip, size_t n)
{
    size_t whole = (size_t)(pack_prepared.index_end - pack_prepared.index);
    char *copy = aligned_alloc(64, (whole + 63) / 64 * 64);
    assert_non_null(copy);
    memcpy(copy, pack_prepared.index, whole);
    copy[at] = (char)(copy[at] ^ flip);
    struct pack_prepared bad = pack_prepared;
    bad.index = copy;
    bad.index_end = copy + (n < whole ? n : whole);
    struct pack *p = load(&bad);
    str index = match_block(p->db);
    assert_true(flip == 0 && n == whole ? index.p == copy : index.p != copy);
    assert_int_equal(index.n, whole);
    assert_memory_equal(index.p, pack_prepared.index, whole);
    pack_free(p);
    free(copy);
}

static void same_weights(const struct weights *a, const struct weights *b)
{
    assert_true(a->n_out == b->n_out && a->width == b->width && a->n_row == b->n_row && a->mask == b->mask);
    assert_true(a->n_gram == b->n_gram && a->slot_place == b->slot_place);
    assert_true(a->n_word_row == b->n_word_row && a->trained_on == b->trained_on);
    assert_memory_equal(a->sum_row, b->sum_row, (size_t)a->n_row * a->width * 2);
    assert_memory_equal(a->slot, b->slot, ((size_t)a->mask + 1) * sizeof *a->slot);
    assert_memory_equal(a->filter, b->filter, sizeof model_every_key);
    assert_memory_equal(a->threshold, b->threshold, a->n_out * sizeof(float));
    assert_memory_equal(a->scale, b->scale, a->width * sizeof(float));
    assert_memory_equal(a->shift, b->shift, a->width * sizeof(float));
    if (a->n_word_row) assert_memory_equal(a->word_row, b->word_row, (size_t)a->n_word_row * WORD_OUT * 2);
    if (!a->n_gram) return;
    assert_memory_equal(a->gram_step, b->gram_step, GRAM_BUCKETS * sizeof *a->gram_step);
    assert_memory_equal(a->gram_key, b->gram_key, a->n_gram * sizeof *a->gram_key);
    assert_memory_equal(a->gram_refusing, b->gram_refusing, a->n_gram * sizeof *a->gram_refusing);
}

static void same_scales(const struct scale_model *a, const struct scale_model *b)
{
    assert_memory_equal(a->low, b->low, N_SCALE_MEASURE * sizeof(float));
    assert_memory_equal(a->high, b->high, N_SCALE_MEASURE * sizeof(float));
    assert_memory_equal(a->weight, b->weight, N_SCALE_MEASURE * SCALE_LANES * sizeof(float));
    assert_memory_equal(a->bias, b->bias, SCALE_LANES * sizeof(float));
}

static void pack__stands_ready_with_the_models_laid_out(void **state)
{
    (void)state;
    struct pack *ready = load(&pack_prepared), *made = load(&none);
    const struct models *a = &ready->model, *b = &made->model;
    assert_ptr_equal(a->assistant, pack_prepared.model.assistant);
    turn_add_up(made);
    same_weights(a->assistant, b->assistant);
    same_weights(a->user, b->user);
    same_weights(a->reply, b->reply);
    same_scales(a->scales, b->scales);
    for (int user = 0; user < 2; user++) {
        const struct act_tables *x = ready->acts[user], *y = made->acts[user];
        assert_memory_equal(x->form, y->form, sizeof *x->form * N_FORM * (user ? a->user : a->assistant)->width);
        assert_memory_equal(x->cue, y->cue, sizeof *x->cue * ready->n_cue);
        assert_memory_equal(x->contact, y->contact, sizeof x->contact);
    }
    assert_memory_equal(ready->ladders, made->ladders, sizeof *ready->ladders * N_MEASURE * N_STEP * a->reply->width);
    assert_true(ready->model_hash == made->model_hash);
    pack_free(ready);
    pack_free(made);
}

static void scales__hear_a_measure_no_further_than_is_usual_of_it(void **state)
{
    (void)state;
    static float low[N_SCALE_MEASURE], high[N_SCALE_MEASURE], weight[N_SCALE_MEASURE][SCALE_LANES], x[N_SCALE_MEASURE];
    float bias[SCALE_LANES] = {1, 2}, out[SCALE_LANES];
    const struct scale_model m = {low, high, weight[0], bias};
    low[3] = -1, high[3] = 2, weight[3][0] = 0.5f, weight[3][1] = -3;
    high[9] = 10, weight[9][1] = 1;
    x[3] = 1, x[9] = 4;
    model_scales(out, &m, x);
    assert_float_equal(out[0], 1.5, 0);
    assert_float_equal(out[1], 3, 0);
    x[3] = 100, x[9] = -100; /* as if 2 and 0 */
    model_scales(out, &m, x);
    assert_float_equal(out[0], 2, 0);
    assert_float_equal(out[1], -4, 0);
    int8_t level[N_SCALE];
    turn_scales(level, out, x);
    assert_int_equal(level[0], 2);
    assert_int_equal(level[1], 0); /* a scale ends at 0 and at 4 */
    out[0] = 2.5f, out[1] = 9;
    turn_scales(level, out, x);
    assert_int_equal(level[0], 3);
    assert_int_equal(level[1], 4);
}

static void turn_scales__sees_no_work_on_a_barrier_where_no_sentence_does_any(void **state)
{
    (void)state;
    static float x[N_SCALE_MEASURE];
    float out[SCALE_LANES] = {0};
    int8_t level[N_SCALE];
    int barrier = 0;
    while (reply_scales[barrier].construct != C_P4_BARRIER) barrier++;
    out[barrier] = 2;
    x[A_BARRIER] = 0.04f; /* its likeliest sentence: the first measures */
    turn_scales(level, out, x);
    assert_int_equal(level[barrier], 0);
    x[A_BARRIER] = 0.06f;
    turn_scales(level, out, x);
    assert_int_equal(level[barrier], 2);
}

static void turn_refused__hears_the_dense_model_where_the_person_tells_of_themself(void **state)
{
    (void)state;
    struct tcode c = {.bid = BID_REQUEST};
    float out[SCALE_LANES] = {0};
    out[LANE_REFUSED] = -3;
    assert_float_equal(turn_refused(0.9f, out, &c, 200), 0.9, 1e-6);
    c.bid |= BID_DISCLOSURE;
    float at_length = turn_refused(0.9f, out, &c, LONG_REPLY), in_short = turn_refused(0.9f, out, &c, LONG_REPLY - 1);
    assert_true(at_length < 0.15f && in_short > at_length && in_short < 0.9f);
    out[LANE_REFUSED] = NAN; /* a damaged model */
    assert_true(turn_refused(0.9f, out, &c, 200) <= 1);
}

static void pack__lays_out_its_models_where_the_ready_ones_are_of_others(void **state)
{
    (void)state;
    struct pack_prepared old = pack_prepared;
    old.model_digest ^= 1;
    struct pack *p = load(&old);
    assert_ptr_not_equal(p->model.assistant, pack_prepared.model.assistant);
    assert_true(p->content_hash == pack_prepared.content_hash);
    pack_free(p);
}

static void pack__makes_an_index_where_the_ready_one_is_damaged(void **state)
{
    (void)state;
    size_t whole = (size_t)(pack_prepared.index_end - pack_prepared.index);
    refuses(0, 0, whole);       /* a whole copy is taken */
    refuses(0, 1, whole);       /* no index */
    refuses(14, 1, whole);      /* another format */
    refuses(16, 1, whole);      /* of other cues */
    refuses(24, 1, whole);      /* of another length */
    refuses(32 + 3, 0x40, whole); /* its first part lies beyond its end */
    refuses(32 + 4, 1, whole);  /* whose records have another size */
    refuses(32 + 10, 0x7f, whole); /* and are too many */
    refuses(32 + 4 * 12 + 8, 1, whole); /* slots, no power of two */
    refuses(0, 0, whole - 1);   /* cut short */
    refuses(0, 0, 40);
    refuses(0, 0, 0);
}

static void pack__reads_its_files_where_the_ready_tables_are_of_others(void **state)
{
    (void)state;
    struct pack_prepared old = pack_prepared;
    old.table_digest ^= 1;
    struct pack *p = load(&old);
    assert_true(p->cue != pack_prepared.cue);
    assert_int_equal(p->n_cue, pack_prepared.n_cue);
    pack_free(p);
}

/* ---- a model of n grams, of keys that have nothing to do with one another ---- */

/* Differs for each i. */
static uint32_t key_of(uint32_t i)
{
    uint32_t x = (i + 1) * 0x9E3779B1u;
    x = (x ^ x >> 15) * 0x85EBCA77u;
    return x ^ x >> 13;
}

static void put_block(struct buf *b, const void *p, size_t n)
{
    static const char zero[64];
    buf_put(b, p, n);
    buf_put(b, zero, (64 - n % 64) % 64);
}

static void put_model(struct buf *b, uint32_t role, uint32_t n_out, uint32_t width, uint32_t n)
{
    uint32_t lines = 1, head[10] = {role, n_out, width, n, 2};
    while (lines * 3 < n) lines *= 2;
    head[5] = lines;
    struct grams *gram = calloc(lines + 1, sizeof *gram);
    int16_t *row = calloc((size_t)n * width, sizeof *row);
    char *zero = calloc(4096, 8);
    for (uint32_t i = 0; i <= lines; i++) memset(gram[i].row, 0xFF, sizeof gram[i].row);
    for (uint32_t i = 0; i < n; i++) {
        gram[i / 4 * lines / ((n + 3) / 4)].key[i % 4] = key_of(i);
        gram[i / 4 * lines / ((n + 3) / 4)].row[i % 4][USE_SENTENCE] = (uint16_t)i;
        row[(size_t)i * width] = (int16_t)(i % 30000);
    }
    put_block(b, head, sizeof head);
    for (int k = 0; k < 4; k++) put_block(b, zero, n_out * sizeof(float)); /* bias, a, b, threshold */
    put_block(b, zero, 4096 * 8);
    put_block(b, zero, 2 * sizeof(struct model_slot));
    put_block(b, zero, 4096 * 8);
    put_block(b, gram, (lines + 1) * sizeof *gram);
    put_block(b, row, (size_t)n * width * sizeof *row);
    free(gram), free(row), free(zero);
}

static int load_grams(struct models *m, struct arena *a, struct buf *b, uint32_t n, refrain_error *err)
{
    char head[64] = "RFACTS05\2";
    put_block(b, head, sizeof head);
    put_model(b, ROLE_ASSISTANT, N_A_OUT, 32, n);
    put_model(b, ROLE_USER, N_U_OUT, 40, 12);
    return model_load(m, a, (str){b->p, b->n}, err);
}

static void finds_each(uint32_t n, uint32_t places)
{
    struct arena a;
    struct buf b = {0};
    struct models m = {0};
    arena_init(&a, 0);
    refrain_error err;
    assert_int_equal(load_grams(&m, &a, &b, n, &err), 0);
    assert_int_equal(m.assistant->n_gram, places);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = gram_place(m.assistant, key_of(i));
        assert_int_equal(m.assistant->gram_key[at], key_of(i));
        assert_int_equal(m.assistant->sum_row[(size_t)at * 32], i % 30000);
    }
    arena_free(&a);
    buf_free(&b);
}

static void model__finds_each_gram_at_one_look(void **state)
{
    (void)state;
    finds_each(12, 12 + 12 / 6 + 2);
    finds_each(25000, 25000 + 25000 / 6 + 2);
    finds_each(40000, 40000 + 40000 / 3 + 2); /* the second try, with more room */
}

static void model__of_more_grams_than_there_are_places_is_refused(void **state)
{
    (void)state;
    struct arena a;
    struct buf b = {0};
    struct models m = {0};
    arena_init(&a, 0);
    refrain_error err;
    assert_int_equal(load_grams(&m, &a, &b, 60000, &err), REFRAIN_E_PACK);
    assert_non_null(strstr(err.message, "more words than find a place"));
    arena_free(&a);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pack__stands_ready_with_the_index_that_compiling_gives),
        cmocka_unit_test(pack__stands_ready_with_the_cues_of_the_files),
        cmocka_unit_test(pack__stands_ready_with_the_constructs_of_the_file),
        cmocka_unit_test(scales__hear_a_measure_no_further_than_is_usual_of_it),
        cmocka_unit_test(pack__stands_ready_with_the_models_laid_out),
        cmocka_unit_test(turn_scales__sees_no_work_on_a_barrier_where_no_sentence_does_any),
        cmocka_unit_test(turn_refused__hears_the_dense_model_where_the_person_tells_of_themself),
        cmocka_unit_test(pack__lays_out_its_models_where_the_ready_ones_are_of_others),
        cmocka_unit_test(pack__makes_an_index_where_the_ready_one_is_damaged),
        cmocka_unit_test(pack__reads_its_files_where_the_ready_tables_are_of_others),
        cmocka_unit_test(model__finds_each_gram_at_one_look),
        cmocka_unit_test(model__of_more_grams_than_there_are_places_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
