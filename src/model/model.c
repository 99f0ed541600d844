/* acts.model: little-endian, 64-byte aligned blocks, read in place.
 *
 *   "RFACTS03", u32 n_models, u32 0
 *   per model: u32 role, n_out, width, n_row, n_slot, 0; u64 trained_on
 *              f32 bias[n_out] cal_a[n_out] cal_b[n_out] threshold[n_out]
 *              u64 filter[4096]  {u32 key, row} slot[n_slot]
 *              i16 row[n_row][width]   (each block padded to 64 bytes) */
#include "model/model.h"

#include <immintrin.h>
#include <math.h>

struct reader { const char *p; size_t n, at; bool bad; };

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

static bool read_model(struct reader *r, struct weights *m, uint32_t *role)
{
    const uint32_t *head = take(r, 32);
    if (!head) return false;
    *role = head[0];
    m->n_out = head[1];
    m->width = head[2];
    m->n_row = head[3];
    uint32_t n_slot = head[4];
    memcpy(&m->trained_on, head + 6, 8);
    if (m->n_out > MAX_OUT || m->width > MAX_OUT || m->width % 8 || m->width < m->n_out || m->n_row > 1u << 22 ||
        n_slot > 1u << 24 || n_slot < 2 || (n_slot & (n_slot - 1)) || n_slot <= m->n_row)
        return false;
    m->mask = n_slot - 1;
    m->bias = take(r, m->n_out * 4);
    m->cal_a = take(r, m->n_out * 4);
    m->cal_b = take(r, m->n_out * 4);
    m->threshold = take(r, m->n_out * 4);
    m->filter = take(r, 4096 * 8);
    m->slot = take(r, (size_t)n_slot * sizeof *m->slot);
    m->row = take(r, (size_t)m->n_row * m->width * 2);
    if (r->bad) return false;
    uint32_t used = 0;
    for (uint32_t i = 0; i < n_slot; i++) {
        if (m->slot[i].key && m->slot[i].row >= m->n_row) return false;
        used += m->slot[i].key != 0;
    }
    return used < n_slot;
}

/* p = 1 / (1 + exp(-(a (bias + sum / 256) + b))), as a step of the table. */
static void set_steps(struct weights *m, struct arena *a)
{
    float *scale = arena_array(a, float, m->width * 2), *shift = scale + m->width;
    const float per_logit = LOGISTIC_STEPS / (2.0f * LOGISTIC_REACH);
    for (uint32_t j = 0; j < m->n_out; j++) {
        scale[j] = m->cal_a[j] / 256 * per_logit;
        shift[j] = (m->cal_a[j] * m->bias[j] + m->cal_b[j] + LOGISTIC_REACH) * per_logit + 0.5f;
    }
    m->scale = scale;
    m->shift = shift;
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
    float *logistic = arena_raw(a, LOGISTIC_STEPS * sizeof *logistic);
    for (int i = 0; i < LOGISTIC_STEPS; i++) logistic[i] = 1 / (1 + expf(LOGISTIC_REACH - (float)i * (2.0f * LOGISTIC_REACH / LOGISTIC_STEPS)));
    struct reader r = {bytes.p, bytes.n, 0, false};
    const char *head = take(&r, 16);
    uint32_t n = 0;
    if (head) memcpy(&n, head + 8, 4);
    if (!head || memcmp(head, "RFACTS03", 8) != 0 || n < 2 || n > 3)
        return err_set(err, REFRAIN_E_PACK, "acts.model: no model of this version; make it with tools/train");
    static const struct { uint32_t role; uint32_t n_out; } kinds[] = {
        {ROLE_ASSISTANT, N_A_OUT}, {ROLE_USER, N_U_OUT}, {REPLY_MODEL, 0}};
    const struct weights **slots[] = {&out->assistant, &out->user, &out->reply};
    for (uint32_t i = 0; i < n; i++) {
        struct weights *m = arena_new(a, struct weights);
        uint32_t role, k = 0;
        if (!read_model(&r, m, &role)) return err_set(err, REFRAIN_E_PACK, "acts.model: truncated or damaged at byte %zu", r.at);
        while (k < ARRAY_LEN(kinds) && kinds[k].role != role) k++;
        if (k == ARRAY_LEN(kinds) || (kinds[k].n_out && kinds[k].n_out != m->n_out))
            return err_set(err, REFRAIN_E_PACK, "acts.model: model %u is for another version of refrain", i);
        m->logistic = logistic;
        set_steps(m, a);
        *slots[k] = m;
    }
    return 0;
}

/* ---- scoring ---- */

const uint64_t model_every_key[4096] = {[0 ... 4095] = ~0ull};

/* Slots and rows lie scattered over megabytes, so each step asks for the memory of the next. */
void model_score_begin(struct score *s, const struct weights *m)
{
    s->m = m;
    s->f.filter = m->filter;
    s->f.n = 0;
}

void model_score_keys(struct score *s)
{
    for (size_t i = 0; i < s->f.n; i++) __builtin_prefetch(&s->m->slot[s->f.key[i] & s->m->mask]);
}

static inline __attribute__((always_inline)) void find_rows(struct score *s, const uint32_t width)
{
    const struct model_slot *slot = s->m->slot;
    const uint32_t mask = s->m->mask, *key = s->f.key;
    const int16_t **out = s->row, *rows = s->m->row;
    for (size_t k = 0, n_key = s->f.n; k < n_key; k++) {
        uint32_t i = key[k] & mask;
        while (slot[i].key != key[k] && slot[i].key) i = (i + 1) & mask;
        if (!slot[i].key) continue;
        const int16_t *row = rows + (size_t)slot[i].row * width;
        __builtin_prefetch(row);
        if (width > 32) __builtin_prefetch(row + width - 1);
        if (width > 64) __builtin_prefetch(row + 32);
        *out++ = row;
    }
    s->n_row = (uint32_t)(out - s->row);
}

void model_score_rows(struct score *s)
{
    switch (s->m->width) {
    case 32: find_rows(s, 32); break;
    case 40: find_rows(s, 40); break;
    case 72: find_rows(s, 72); break;
    default: find_rows(s, s->m->width);
    }
}

/* A constant `lanes` keeps the sums in registers: the widths of our three models. */
static inline __attribute__((always_inline)) void add_lanes(int16_t *sum, const int16_t *const *row, uint32_t n, const uint32_t lanes)
{
    __m128i acc[MAX_OUT / 8];
    for (uint32_t k = 0; k < lanes; k++) acc[k] = _mm_setzero_si128();
    for (uint32_t r = 0; r < n; r++)
        for (uint32_t k = 0; k < lanes; k++)
            acc[k] = _mm_adds_epi16(acc[k], _mm_load_si128((const __m128i *)(row[r] + 8 * k)));
    for (uint32_t k = 0; k < lanes; k++) _mm_storeu_si128((__m128i *)(sum + 8 * k), acc[k]);
}

static void add_rows(int16_t *sum, const struct score *s)
{
    const uint32_t lanes = s->m->width / 8;
    switch (lanes) {
    case 4: add_lanes(sum, s->row, s->n_row, 4); break;
    case 5: add_lanes(sum, s->row, s->n_row, 5); break;
    case 9: add_lanes(sum, s->row, s->n_row, 9); break;
    default: add_lanes(sum, s->row, s->n_row, lanes);
    }
}

/* The same sums, two lanes at once, where the processor can; the pairs of an odd width end in a single lane. */
static inline __attribute__((always_inline, target("avx2"))) void add_pairs(int16_t *sum, const int16_t *const *row, uint32_t n, const uint32_t lanes)
{
    __m256i acc[MAX_OUT / 16];
    __m128i odd = _mm_setzero_si128();
    for (uint32_t k = 0; k < lanes / 2; k++) acc[k] = _mm256_setzero_si256();
    for (uint32_t r = 0; r < n; r++) {
        for (uint32_t k = 0; k < lanes / 2; k++)
            acc[k] = _mm256_adds_epi16(acc[k], _mm256_loadu_si256((const __m256i *)(row[r] + 16 * k)));
        if (lanes & 1) odd = _mm_adds_epi16(odd, _mm_load_si128((const __m128i *)(row[r] + 8 * (lanes - 1))));
    }
    for (uint32_t k = 0; k < lanes / 2; k++) _mm256_storeu_si256((__m256i *)(sum + 16 * k), acc[k]);
    if (lanes & 1) _mm_storeu_si128((__m128i *)(sum + 8 * (lanes - 1)), odd);
}

static __attribute__((target("avx2"))) void add_rows_avx2(int16_t *sum, const struct score *s)
{
    switch (s->m->width / 8) {
    case 4: add_pairs(sum, s->row, s->n_row, 4); break;
    case 5: add_pairs(sum, s->row, s->n_row, 5); break;
    case 9: add_pairs(sum, s->row, s->n_row, 9); break;
    default: add_rows(sum, s);
    }
}

/* Four outputs a step; each block of the file is padded to 64 bytes, so four fit behind. */
void model_score_sum(float *p, const struct score *s)
{
    const struct weights *m = s->m;
    const __m128 low = _mm_setzero_ps(), high = _mm_set1_ps(LOGISTIC_STEPS - 1);
    int16_t sum[MAX_OUT];
    if (__builtin_cpu_supports("avx2")) add_rows_avx2(sum, s);
    else add_rows(sum, s);
    for (uint32_t j = 0; j < m->n_out; j += 4) {
        __m128i x = _mm_loadl_epi64((const __m128i *)(sum + j));
        __m128 logit = _mm_cvtepi32_ps(_mm_srai_epi32(_mm_unpacklo_epi16(x, x), 16));
        __m128 at = _mm_add_ps(_mm_mul_ps(logit, _mm_loadu_ps(m->scale + j)), _mm_loadu_ps(m->shift + j));
        int32_t step[4];
        _mm_storeu_si128((__m128i *)step, _mm_cvttps_epi32(_mm_min_ps(_mm_max_ps(at, low), high)));
        for (int k = 0; k < 4; k++) p[j + (uint32_t)k] = m->logistic[step[k]];
    }
}

uint32_t model_reached(const struct weights *m, const float *p, uint32_t n)
{
    uint32_t set = 0;
    for (uint32_t j = 0; j < n; j += 4)
        set |= (uint32_t)_mm_movemask_ps(_mm_cmpge_ps(_mm_loadu_ps(p + j), _mm_load_ps(m->threshold + j))) << j;
    return n < 32 ? set & ((1u << n) - 1) : set;
}

void model_score(float *p, struct score *s)
{
    model_score_keys(s);
    model_score_rows(s);
    model_score_sum(p, s);
}

struct score model_score_new(struct arena *a, size_t keys)
{
    return (struct score){.f = {.key = arena_raw(a, (keys + 1) * sizeof(uint32_t)), .cap = keys, .filter = model_every_key},
                          .row = arena_raw(a, (keys + 1) * sizeof(int16_t *))};
}
