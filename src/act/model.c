/* acts.model: little-endian, 64-byte aligned blocks, read in place.
 *
 *   "RFACTS03", u32 n_models, u32 0
 *   per model: u32 role, n_out, width, n_row, n_slot, 0; u64 trained_on
 *              f32 bias[n_out] cal_a[n_out] cal_b[n_out] threshold[n_out]
 *              u64 filter[4096]  {u32 key, row} slot[n_slot]
 *              i16 row[n_row][width]   (each block padded to 64 bytes) */
#include "act/act.h"

#include <emmintrin.h>
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

static bool read_model(struct reader *r, struct act_model *m, uint32_t *role)
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

int act_model_load(struct pack *p, str bytes, refrain_error *err)
{
    struct arena *a = &p->a;
    /* A file read from disk may lie anywhere; the embedded one is aligned. */
    if ((uintptr_t)bytes.p % 64) {
        char *copy = arena_raw(a, bytes.n + 64);
        copy += 64 - (uintptr_t)copy % 64;
        memcpy(copy, bytes.p, bytes.n);
        bytes.p = copy;
    }
    struct reader r = {bytes.p, bytes.n, 0, false};
    const char *head = take(&r, 16);
    uint32_t n = 0;
    if (head) memcpy(&n, head + 8, 4);
    if (!head || memcmp(head, "RFACTS03", 8) != 0 || n < 2 || n > 3)
        return err_set(err, REFRAIN_E_PACK, "acts.model: no model of this version; make it with tools/train");
    static const struct { uint32_t role; uint32_t n_out; } kinds[] = {
        {ROLE_ASSISTANT, N_A_OUT}, {ROLE_USER, N_U_OUT}, {REPLY_MODEL, 0}};
    const struct act_model **slots[] = {&p->assistant, &p->user, &p->reply};
    for (uint32_t i = 0; i < n; i++) {
        struct act_model *m = arena_new(a, struct act_model);
        uint32_t role, k = 0;
        if (!read_model(&r, m, &role)) return err_set(err, REFRAIN_E_PACK, "acts.model: truncated or damaged at byte %zu", r.at);
        while (k < ARRAY_LEN(kinds) && kinds[k].role != role) k++;
        if (k == ARRAY_LEN(kinds) || (kinds[k].n_out && kinds[k].n_out != m->n_out))
            return err_set(err, REFRAIN_E_PACK, "acts.model: model %u is for another version of refrain", i);
        *slots[k] = m;
    }
    return 0;
}

/* ---- scoring ---- */

static inline const int16_t *find_row(const struct act_model *m, uint32_t key)
{
    uint32_t bit = key >> 14; /* 18 bits */
    if (!(m->filter[bit >> 6] >> (bit & 63) & 1)) return NULL;
    for (uint32_t i = key & m->mask; m->slot[i].key; i = (i + 1) & m->mask)
        if (m->slot[i].key == key) return m->row + (size_t)m->slot[i].row * m->width;
    return NULL;
}

void act_score(float *p, const struct act_model *m, struct feature_list *scratch, const struct walk *w,
               const struct sentence_view *v)
{
    act_features(scratch, w, v);
    act_model_score(p, m, scratch);
}

void act_model_score(float *p, const struct act_model *m, const struct feature_list *f)
{
    __m128i acc[MAX_OUT / 8];
    uint32_t lanes = m->width / 8;
    for (uint32_t k = 0; k < lanes; k++) acc[k] = _mm_setzero_si128();
    /* Rows lie scattered over megabytes: find and prefetch a batch, then add it. */
    enum { BATCH = 64 };
    const int16_t *row[BATCH];
    for (size_t i = 0; i < f->n;) {
        uint32_t n = 0;
        for (; i < f->n && n < BATCH; i++) {
            row[n] = find_row(m, f->key[i]);
            if (!row[n]) continue;
            for (uint32_t k = 0; k < lanes; k += 4) __builtin_prefetch(row[n] + 8 * k);
            n++;
        }
        for (uint32_t r = 0; r < n; r++)
            for (uint32_t k = 0; k < lanes; k++)
                acc[k] = _mm_adds_epi16(acc[k], _mm_load_si128((const __m128i *)(row[r] + 8 * k)));
    }
    int16_t sum[MAX_OUT];
    for (uint32_t k = 0; k < lanes; k++) _mm_storeu_si128((__m128i *)(sum + 8 * k), acc[k]);
    for (uint32_t j = 0; j < m->n_out; j++) {
        float x = m->cal_a[j] * (m->bias[j] + (float)sum[j] / 256.0f) + m->cal_b[j];
        p[j] = 1.0f / (1.0f + expf(-x));
    }
}
