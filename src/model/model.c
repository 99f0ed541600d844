/* acts.model: little-endian, 64-byte aligned blocks, read in place.
 *
 *   "RFACTS05", u32 n_models, u32 0
 *   per model: u32 role, n_out, width, n_row, n_slot, n_gram, n_word_row, 0; u64 trained_on
 *              f32 bias[n_out] cal_a[n_out] cal_b[n_out] threshold[n_out]
 *              u64 filter[4096]  {u32 key, row} slot[n_slot]
 *              u64 gram_filter[4096]  struct grams gram[n_gram + 1], the last empty   (when n_gram)
 *              i16 row[n_row][width]  i16 word_row[n_word_row][16]   (each block padded to 64 bytes)
 *   at the end, where there is a reply model: u32 n_measure  f32 low[n_measure] high[n_measure] weight[n_measure][16] bias[16] */
#include "model/model.h"

#include <immintrin.h>

struct reader { const char *p; size_t n, at; bool bad, crowded; };

static const void *take(struct reader *r, size_t size)
{
    size_t padded = (size + 63) & ~(size_t)63;
    if (r->bad || size > r->n || r->at + padded > r->n || padded < size) {
        r->bad = true;
        return NULL;
    }
    const void *p = r->p + r->at;
    r->at += padded;
    return p;
}

/* ---- grams ---- */

struct found { uint32_t key; const uint16_t *row; };

/* Puts the keys of a bucket where `step` has them; false, and none is put, where another stands. */
static bool put_bucket(struct weights *m, uint32_t *place, const struct found *x, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t *at = &place[gram_place(m, x[i].key)];
        if (*at) {
            while (i-- > 0) place[gram_place(m, x[i].key)] = 0;
            return false;
        }
        *at = x[i].key;
    }
    return true;
}

/* Finds a step for each bucket, the fullest first, that moves its keys to free places ("hash and displace";
 * Belazzougui, Botelho and Dietzfelbinger, 2009). Keys that fill 6/7 of the places find theirs up to some 33,000,
 * at 3/4 up to some 44,000; beyond, or when they were chosen for it, it fails. */
static bool find_steps(struct weights *m, uint16_t step[GRAM_BUCKETS], uint32_t *place, const struct found *x,
                       const uint32_t first[GRAM_BUCKETS + 1])
{
    enum { BUCKET_MAX = 64 };
    uint32_t most = 0;
    for (uint32_t b = 0; b < GRAM_BUCKETS; b++) most = first[b + 1] - first[b] > most ? first[b + 1] - first[b] : most;
    if (most > BUCKET_MAX) return false;
    for (uint32_t n = most; n > 0; n--)
        for (uint32_t b = 0; b < GRAM_BUCKETS; b++) {
            if (first[b + 1] - first[b] != n) continue;
            step[b] = UINT16_MAX; /* high ones move like keys far apart */
            while (step[b] && !put_bucket(m, place, x + first[b], n)) step[b]--;
            if (!step[b]) return false;
        }
    return true;
}

static bool place_keys(struct weights *m, struct arena *a, uint32_t places, const struct found *x,
                       const uint32_t first[GRAM_BUCKETS + 1])
{
    if (places > NO_ROW) return false;
    m->n_gram = places;
    uint16_t *step = arena_array(a, uint16_t, GRAM_BUCKETS);
    uint32_t *place = arena_array(a, uint32_t, m->n_gram);
    m->gram_step = step, m->gram_key = place;
    return find_steps(m, step, place, x, first);
}

/* Rows of grams by their places. What the words of a reply need stands in the line that their sentence reads anyway. */
static bool place_rows(struct weights *m, struct arena *a, const int16_t *rows, const struct found *x, uint32_t n)
{
    uint32_t first = m->n_row; /* of the slots; the trainer writes theirs behind those of grams */
    for (uint32_t i = 0; i <= m->mask; i++) if (m->slot[i].key && m->slot[i].row < first) first = m->slot[i].row;
    m->slot_place = m->n_gram - first;
    if (m->n_gram + (m->n_row - first) > NO_ROW) return false;
    size_t wide = m->width * sizeof(int16_t), size = m->n_gram * wide, behind = (m->n_row - first) * wide;
    int16_t *weight = arena_raw(a, size + behind + 64);
    uint16_t *refusing = arena_raw(a, m->n_gram * sizeof *refusing);
    weight += (64 - (uintptr_t)weight % 64) % 64 / sizeof *weight; /* a row of 32 outputs is one line of the cache */
    memset(weight, 0, size);
    memset(refusing, 0xFF, m->n_gram * sizeof *refusing); /* NO_ROW */
    for (uint32_t i = 0; i < n; i++) {
        uint32_t place = gram_place(m, x[i].key), row = x[i].row[USE_SENTENCE];
        int16_t *to = weight + (size_t)place * m->width;
        if (row != NO_ROW) memcpy(to, rows + (size_t)row * m->width, m->width * sizeof *to);
        refusing[place] = x[i].row[USE_REFUSING];
        if (m->n_out == N_A_OUT) memcpy(to + use_lane(m, USE_HEAD), &x[i].row[USE_HEAD], 2 * sizeof *to);
    }
    memcpy(weight + size / sizeof *weight, rows + (size_t)first * m->width, behind);
    m->n_row += m->slot_place;
    m->sum_row = weight, m->gram_refusing = refusing;
    return true;
}

/* The file's lines → a table where one look tells. */
static bool place_grams(struct weights *m, struct arena *a, const int16_t *rows, const struct grams *line, uint32_t n_line)
{
    uint32_t n = 0, first[GRAM_BUCKETS + 1] = {0}, next[GRAM_BUCKETS];
    for (uint32_t i = 0; i < n_line; i++)
        for (uint32_t k = 0; k < 4 && line[i].key[k]; k++) n++, first[bucket_of(line[i].key[k]) + 1]++;
    for (uint32_t b = 0; b < GRAM_BUCKETS; b++) next[b] = first[b], first[b + 1] += first[b];
    struct found *x = arena_raw(a, sizeof *x * (n + 1));
    for (uint32_t i = 0; i < n_line; i++)
        for (uint32_t k = 0; k < 4 && line[i].key[k]; k++)
            x[next[bucket_of(line[i].key[k])]++] = (struct found){line[i].key[k], line[i].row[k]};
    bool placed = place_keys(m, a, n + n / 6 + 2, x, first) || place_keys(m, a, n + n / 3 + 2, x, first);
    return placed && place_rows(m, a, rows, x, n);
}

/* ---- the file ---- */

/* p = 1 / (1 + exp(-(a (bias + sum / 256) + b))). */
static void set_steps(struct weights *m, struct arena *a, const float *bias, const float *cal_a, const float *cal_b)
{
    float *scale = arena_array(a, float, m->width * 2), *shift = scale + m->width;
    for (uint32_t j = 0; j < m->n_out; j++) {
        scale[j] = -cal_a[j] / 256;
        shift[j] = -(cal_a[j] * bias[j] + cal_b[j]);
    }
    m->scale = scale;
    m->shift = shift;
}

static bool read_model(struct reader *r, struct arena *a, struct weights *m, uint32_t *role)
{
    const uint32_t *head = take(r, 40);
    if (!head) return false;
    *role = head[0];
    m->n_out = head[1];
    m->width = head[2];
    m->n_row = head[3];
    uint32_t n_slot = head[4];
    uint32_t n_gram = head[5];
    m->n_word_row = head[6];
    memcpy(&m->trained_on, head + 8, 8);
    if (m->n_out > MAX_OUT || m->width > MAX_OUT || m->width % 8 || m->width < m->n_out ||
        n_slot > 1u << 24 || n_slot < 2 || (n_slot & (n_slot - 1)) || m->n_row > NO_ROW ||
        m->n_word_row > NO_ROW || n_gram > 1u << 22 || (n_gram & (n_gram - 1)))
        return false;
    m->mask = n_slot - 1;
    const float *bias = take(r, m->n_out * 4), *cal_a = take(r, m->n_out * 4), *cal_b = take(r, m->n_out * 4);
    m->threshold = take(r, m->n_out * 4); /* zeros behind, up to the width */
    m->filter = take(r, 4096 * 8);
    m->slot = take(r, (size_t)n_slot * sizeof *m->slot);
    const struct grams *gram = NULL;
    if (n_gram) take(r, 4096 * 8), gram = take(r, ((size_t)n_gram + 1) * sizeof *gram); /* the filter is not needed */
    m->sum_row = take(r, (size_t)m->n_row * m->width * 2);
    m->word_row = take(r, (size_t)m->n_word_row * WORD_OUT * 2);
    if (r->bad) return false;
    set_steps(m, a, bias, cal_a, cal_b);
    uint32_t used = 0, grams = 0;
    for (uint32_t i = 0; i < n_slot; i++) {
        if (m->slot[i].key && m->slot[i].row >= m->n_row) return false;
        used += m->slot[i].key != 0;
    }
    for (uint32_t i = 0; n_gram && i <= n_gram; i++)
        for (int k = 0; k < 4; k++) {
            const uint16_t *row = gram[i].row[k];
            if ((row[USE_SENTENCE] >= m->n_row && row[USE_SENTENCE] != NO_ROW) ||
                (gram[i].key[k] && (i == n_gram || (k && !gram[i].key[k - 1]))))
                return false;
            grams += gram[i].key[k] != 0;
        }
    if (used == n_slot || grams > n_gram * 3) return false;
    r->crowded = n_gram && !place_grams(m, a, m->sum_row, gram, n_gram);
    return !r->crowded;
}

static bool read_scales(struct reader *r, struct scale_model *m)
{
    m->low = take(r, N_SCALE_MEASURE * sizeof *m->low);
    m->high = take(r, N_SCALE_MEASURE * sizeof *m->high);
    m->weight = take(r, N_SCALE_MEASURE * SCALE_LANES * sizeof *m->weight);
    m->bias = take(r, SCALE_LANES * sizeof *m->bias);
    return !r->bad;
}

/* Do the grams of the assistant's sentences point into the reply model's words? */
static bool words_there(const struct models *m)
{
    if (!m->assistant || !m->reply) return true;
    const struct weights *x = m->assistant;
    for (uint32_t i = 0; i < x->n_gram; i++) {
        if (!x->gram_key[i]) continue;
        const uint16_t row[] = {gram_word(x, i, USE_HEAD), gram_word(x, i, USE_WORD), x->gram_refusing[i]};
        for (size_t u = 0; u < ARRAY_LEN(row); u++)
            if (row[u] != NO_ROW && row[u] >= m->reply->n_word_row) return false;
    }
    return true;
}

int model_load(struct models *out, struct arena *a, str bytes, refrain_error *err)
{
    /* A file read from disk may lie anywhere; the embedded one is aligned. */
    if ((uintptr_t)bytes.p % 64) {
        char *copy = arena_raw(a, bytes.n + 64);
        copy += 64 - (uintptr_t)copy % 64;
        memcpy(copy, bytes.p, bytes.n);
        bytes.p = copy;
    }
    struct reader r = {.p = bytes.p, .n = bytes.n};
    const char *head = take(&r, 16);
    uint32_t n = 0;
    if (head) memcpy(&n, head + 8, 4);
    if (!head || memcmp(head, "RFACTS05", 8) != 0 || n < 2 || n > 3)
        return err_set(err, REFRAIN_E_PACK, "acts.model: no model of this version; make it with tools/train");
    static const struct { uint32_t role; uint32_t n_out; } kinds[] = {
        {ROLE_ASSISTANT, N_A_OUT}, {ROLE_USER, N_U_OUT}, {REPLY_MODEL, N_REPLY_OUT}};
    const struct weights **slots[] = {&out->assistant, &out->user, &out->reply};
    for (uint32_t i = 0; i < n; i++) {
        struct weights *m = arena_new(a, struct weights);
        uint32_t role, k = 0;
        bool ok = read_model(&r, a, m, &role);
        if (r.crowded)
            return err_set(err, REFRAIN_E_PACK, "acts.model: model %u has more words than find a place; some 44,000 do", i);
        if (!ok) return err_set(err, REFRAIN_E_PACK, "acts.model: truncated or damaged at byte %zu", r.at);
        while (k < ARRAY_LEN(kinds) && kinds[k].role != role) k++;
        if (k == ARRAY_LEN(kinds) || kinds[k].n_out != m->n_out ||
            !m->n_gram != (role == REPLY_MODEL))
            return err_set(err, REFRAIN_E_PACK, "acts.model: model %u is for another version of refrain", i);
        *slots[k] = m;
    }
    if (out->reply) {
        struct scale_model *m = arena_new(a, struct scale_model);
        const uint32_t *n_measure = take(&r, 4);
        if (n_measure && *n_measure != N_SCALE_MEASURE)
            return err_set(err, REFRAIN_E_PACK, "acts.model: scales of %u measures are for another version of refrain", *n_measure);
        if (!read_scales(&r, m))
            return err_set(err, REFRAIN_E_PACK, "acts.model: truncated or damaged at byte %zu", r.at);
        out->scales = m;
    }
    if (!words_there(out)) return err_set(err, REFRAIN_E_PACK, "acts.model: a word points behind the reply model's rows");
    return 0;
}

/* ---- scoring ---- */

const uint64_t model_every_key[4096] = {[0 ... 4095] = ~0ull};

struct score model_score_new(struct arena *a, size_t rows)
{
    return (struct score){.row = arena_raw(a, (rows + 1) * sizeof(uint16_t)), .cap = (uint32_t)rows};
}

/* Slots lie scattered: all are asked for before the first is needed. */
void model_score_features(struct score *s, const struct weights *m, const struct feature_list *f)
{
    const struct model_slot *slot = m->slot;
    for (size_t k = 0; k < f->n; k++) __builtin_prefetch(&slot[f->key[k] & m->mask]);
    for (size_t k = 0; k < f->n && s->n_row < s->cap; k++) {
        uint32_t i = f->key[k] & m->mask;
        while (slot[i].key != f->key[k] && slot[i].key) i = (i + 1) & m->mask;
        s->row[s->n_row] = (uint16_t)(m->slot_place + slot[i].row);
        __builtin_prefetch(m->sum_row + (size_t)(m->slot_place + slot[i].row) * m->width);
        s->n_row += slot[i].key != 0;
    }
}

/* sum = from + rows. A constant `lanes` keeps the sums in registers: the widths of our three models. */
static inline __attribute__((always_inline)) void add_lanes(int16_t *sum, const int16_t *from, const int16_t *rows, const uint16_t *row, uint32_t n, const uint32_t lanes)
{
    __m128i acc[MAX_OUT / 8];
    for (uint32_t k = 0; k < lanes; k++) acc[k] = _mm_loadu_si128((const __m128i *)(from + 8 * k));
    for (uint32_t r = 0; r < n; r++) {
        const int16_t *at = rows + (size_t)row[r] * lanes * 8;
        for (uint32_t k = 0; k < lanes; k++) acc[k] = _mm_adds_epi16(acc[k], _mm_loadu_si128((const __m128i *)(at + 8 * k)));
    }
    for (uint32_t k = 0; k < lanes; k++) _mm_storeu_si128((__m128i *)(sum + 8 * k), acc[k]);
}

/* The same sums, two lanes at once; the pairs of an odd width end in a single lane. */
static inline __attribute__((always_inline, target("avx2"))) void add_pairs(int16_t *sum, const int16_t *from, const int16_t *rows, const uint16_t *row, uint32_t n,
                                                                            const uint32_t lanes)
{
    __m256i acc[MAX_OUT / 16];
    __m128i odd = _mm_loadu_si128((const __m128i *)(from + 8 * (lanes - 1)));
    for (uint32_t k = 0; k < lanes / 2; k++) acc[k] = _mm256_loadu_si256((const __m256i *)(from + 16 * k));
    for (uint32_t r = 0; r < n; r++) {
        const int16_t *at = rows + (size_t)row[r] * lanes * 8;
        for (uint32_t k = 0; k < lanes / 2; k++) acc[k] = _mm256_adds_epi16(acc[k], _mm256_loadu_si256((const __m256i *)(at + 16 * k)));
        if (lanes & 1) odd = _mm_adds_epi16(odd, _mm_loadu_si128((const __m128i *)(at + 8 * (lanes - 1))));
    }
    for (uint32_t k = 0; k < lanes / 2; k++) _mm256_storeu_si256((__m256i *)(sum + 16 * k), acc[k]);
    if (lanes & 1) _mm_storeu_si128((__m128i *)(sum + 8 * (lanes - 1)), odd);
}

typedef int16_t i16x8 __attribute__((vector_size(16), aligned(2), may_alias));
typedef int32_t i32x8 __attribute__((vector_size(32)));
typedef float f32x8 __attribute__((vector_size(32), aligned(4), may_alias));

enum { SIDES = 5 }; /* eights that go side by side, at most */
/* What the two widths do not share: x no less than `low`, no more than `high`; a bit a lane that is set. */
struct lanes { void (*within)(f32x8 *x, float low, float high); uint32_t (*bits)(const i32x8 *x); };

static inline void within_narrow(f32x8 *x, float low, float high)
{
    __m128 *half = (__m128 *)x;
    for (int k = 0; k < 2; k++) half[k] = _mm_min_ps(_mm_max_ps(half[k], _mm_set1_ps(low)), _mm_set1_ps(high));
}
static inline uint32_t bits_narrow(const i32x8 *x)
{
    const __m128 *half = (const __m128 *)x;
    return (uint32_t)(_mm_movemask_ps(half[0]) | _mm_movemask_ps(half[1]) << 4);
}
static inline __attribute__((target("avx2"))) void within_wide(f32x8 *x, float low, float high)
{
    *x = (f32x8)_mm256_min_ps(_mm256_max_ps((__m256)*x, _mm256_set1_ps(low)), _mm256_set1_ps(high));
}
static inline __attribute__((target("avx2"))) uint32_t bits_wide(const i32x8 *x)
{
    return (uint32_t)_mm256_movemask_ps((__m256)*x);
}

/* p = 1 / (1 + exp(scale x sum + shift)), e^x within 2e-7 (Cephes). The same operations in the same order on every
 * processor, so the same bits. Each waits for the one before it, a hundred cycles in all, so `n` times eight outputs go
 * on side by side. Gives which of the first 32 outputs reach their thresholds. */
static inline __attribute__((always_inline)) uint32_t logistic(float *p, const int16_t *sum, const struct weights *m,
                                                               const uint32_t width, const uint32_t n,
                                                               const struct lanes lanes)
{
    const float round = 12582912.0f; /* 1.5 x 2^23: what is added to it is rounded to a whole number */
    uint32_t reached = 0;
#define EACH _Pragma("GCC unroll 5") for (uint32_t i = 0; i < n; i++)
    for (uint32_t j = 0; j < width; j += 8 * n) {
        f32x8 x[SIDES], y[SIDES], whole[SIDES];
        i32x8 power[SIDES];
        EACH x[i] = __builtin_convertvector(*(const i16x8 *)(sum + j + 8 * i), f32x8);
        EACH x[i] = x[i] * *(const f32x8 *)(m->scale + j + 8 * i) + *(const f32x8 *)(m->shift + j + 8 * i);
        EACH lanes.within(&x[i], -60.0f, 60.0f);
        EACH whole[i] = x[i] * 1.44269504f + round;
        EACH power[i] = ((i32x8)whole[i] - 0x4B400000 + 127) << 23;
        EACH whole[i] -= round;
        EACH x[i] -= whole[i] * 0.693359375f;
        EACH x[i] -= whole[i] * -2.12194440e-4f;
        EACH y[i] = x[i] * 1.9875691500e-4f + 1.3981999507e-3f;
        EACH y[i] = y[i] * x[i] + 8.3334519073e-3f;
        EACH y[i] = y[i] * x[i] + 4.1665795894e-2f;
        EACH y[i] = y[i] * x[i] + 1.6666665459e-1f;
        EACH y[i] = y[i] * x[i] + 5.0000001201e-1f;
        EACH y[i] = y[i] * x[i] * x[i] + x[i] + 1.0f;
        EACH y[i] = 1.0f / (1.0f + y[i] * (f32x8)power[i]);
        EACH *(f32x8 *)(p + j + 8 * i) = y[i];
        EACH {
            i32x8 reach = y[i] >= *(const f32x8 *)(m->threshold + j + 8 * i);
            if (j + 8 * i < 32) reached |= lanes.bits(&reach) << (j + 8 * i);
        }
    }
#undef EACH
    return reached;
}

/* A constant width for each of our three models, and how many eights go side by side. */
#define SUM_OF(add, lanes, width, n)                                                                                   \
    add(sum, more, m->sum_row, s->row, s->n_row, (width) / 8);                                                               \
    return logistic(p, sum, m, width, n, lanes)
#define FOR_WIDTH(add, lanes)                                                                                          \
    switch (m->width) {                                                                                                \
    case 32: SUM_OF(add, lanes, 32, 4);                                                                                \
    case 40: SUM_OF(add, lanes, 40, 5);                                                                                \
    case 16: SUM_OF(add, lanes, 16, 2);                                                                                \
    default: SUM_OF(add_lanes, lanes, m->width, 1);                                                                    \
    }

static uint32_t sum_plain(float *p, const struct score *s, const struct weights *m, const int16_t *more)
{
    int16_t sum[MAX_OUT];
    const struct lanes narrow = {within_narrow, bits_narrow};
    FOR_WIDTH(add_lanes, narrow)
}
static __attribute__((target("avx2"))) uint32_t sum_avx2(float *p, const struct score *s, const struct weights *m,
                                                         const int16_t *more)
{
    int16_t sum[MAX_OUT];
    const struct lanes wide = {within_wide, bits_wide};
    FOR_WIDTH(add_pairs, wide)
}

uint32_t model_score_sum(float *p, const struct score *s, const struct weights *m, const int16_t *more)
{
    return __builtin_cpu_supports("avx2") ? sum_avx2(p, s, m, more) : sum_plain(p, s, m, more);
}

static __attribute__((target("avx2"))) void add_wide(int16_t *sum, const struct weights *m, const int16_t *rows,
                                                     const uint16_t *row, uint32_t n)
{
    if (m->width == 16) add_pairs(sum, sum, rows, row, n, 2); /* the reply model's */
    else add_lanes(sum, sum, rows, row, n, m->width / 8);
}

void model_add_rows(int16_t sum[MAX_OUT], const struct weights *m, const int16_t *rows, const uint16_t *row,
                    uint32_t n)
{
    if (__builtin_cpu_supports("avx2")) add_wide(sum, m, rows, row, n);
    else add_lanes(sum, sum, rows, row, n, m->width / 8);
}

void model_sum_words(int16_t sum[WORD_OUT], const struct weights *m, const uint16_t *row, uint32_t n)
{
    __m128i low = _mm_loadu_si128((const __m128i *)sum), high = _mm_loadu_si128((const __m128i *)(sum + 8));
    for (uint32_t r = 0; r < n; r++) {
        const int16_t *w = m->word_row + (size_t)row[r] * WORD_OUT;
        low = _mm_adds_epi16(low, _mm_load_si128((const __m128i *)w));
        high = _mm_adds_epi16(high, _mm_load_si128((const __m128i *)(w + 8)));
    }
    _mm_storeu_si128((__m128i *)sum, low);
    _mm_storeu_si128((__m128i *)(sum + 8), high);
}

/* In a fixed order, so the same bits on every processor. */
static inline __attribute__((always_inline)) void scales(float out[SCALE_LANES], const struct scale_model *m, const float *x)
{
    const f32x8 *bias = (const f32x8 *)m->bias, *weight = (const f32x8 *)m->weight;
    f32x8 low = bias[0], high = bias[1];
    float held[N_SCALE_MEASURE]; /* apart from the sums, so that many are held at once */
    for (uint32_t i = 0; i < N_SCALE_MEASURE; i++) {
        float v = x[i] > m->low[i] ? x[i] : m->low[i];
        held[i] = v < m->high[i] ? v : m->high[i];
    }
    for (uint32_t i = 0; i < N_SCALE_MEASURE; i++) low += weight[2 * i] * held[i], high += weight[2 * i + 1] * held[i];
    memcpy(out, &low, sizeof low);
    memcpy(out + 8, &high, sizeof high);
}

static __attribute__((target("avx2"))) void scales_wide(float out[SCALE_LANES], const struct scale_model *m, const float *x)
{
    scales(out, m, x);
}

void model_scales(float out[SCALE_LANES], const struct scale_model *m, const float *x)
{
    if (__builtin_cpu_supports("avx2")) scales_wide(out, m, x);
    else scales(out, m, x);
}
