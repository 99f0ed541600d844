/* The acts of a turn at a glance: of each its likeliest sentence, made when first asked for and kept on the walk. */
#include "act/act.h"

#include <emmintrin.h>

typedef float f32x8 __attribute__((vector_size(32)));
typedef float f32x8_any __attribute__((vector_size(32), aligned(4), may_alias));
typedef int32_t i32x8 __attribute__((vector_size(32)));

enum { LANES = MAX_ACT / 8 };

/* Bits of the places at or above ACT_SURE. */
static inline uint32_t sure_of(const float p[MAX_ACT])
{
    __m128i is[MAX_ACT / 4];
    for (int k = 0; k < MAX_ACT / 4; k++)
        is[k] = _mm_castps_si128(_mm_cmpge_ps(_mm_loadu_ps(p + 4 * k), _mm_set1_ps(ACT_SURE)));
    __m128i low = _mm_packs_epi16(_mm_packs_epi32(is[0], is[1]), _mm_packs_epi32(is[2], is[3]));
    __m128i high = _mm_packs_epi16(_mm_packs_epi32(is[4], is[5]), _mm_packs_epi32(is[6], is[7]));
    return (uint32_t)_mm_movemask_epi8(low) | (uint32_t)_mm_movemask_epi8(high) << 16;
}

static inline __attribute__((always_inline)) void look(struct act_tops *x, const struct walk *w, uint32_t t)
{
    f32x8 top[LANES];
    i32x8 sent[LANES];
    x->set = x->n_sent = 0;
    for (int k = 0; k < LANES; k++) top[k] = (f32x8){0} - 1, sent[k] = (i32x8){0} - 1;
    for (uint32_t s = w->text[t].sent0, i = 0; s < w->text[t].sent1; s++, i++) {
        x->own[i] = x->sure[i] = 0;
        if (w->sent.p[s].flags & S_QUOTED) continue;
        const struct acts *a = &w->acts[s];
        x->set |= a->set;
        x->own[i] = a->set;
        x->sure[i] = a->set & sure_of(a->p);
        x->n_sent++;
        for (int k = 0; k < LANES; k++) {
            f32x8 now = *(const f32x8_any *)(a->p + 8 * k);
            i32x8 more = now > top[k];
            top[k] = (f32x8)(((i32x8)now & more) | ((i32x8)top[k] & ~more));
            sent[k] = (((i32x8){0} + (int32_t)s) & more) | (sent[k] & ~more);
        }
    }
    memcpy(x->p, top, sizeof x->p);
    memcpy(x->sent, sent, sizeof x->sent);
}

static void look_narrow(struct act_tops *x, const struct walk *w, uint32_t t) { look(x, w, t); }
static __attribute__((target("avx2"))) void look_wide(struct act_tops *x, const struct walk *w, uint32_t t)
{
    look(x, w, t);
}

const struct act_tops *act_tops_make(const struct walk *w, uint32_t t)
{
    uint32_t n_sent = w->text[t].sent1 - w->text[t].sent0;
    struct act_tops *x = w->act_tops[t] = arena_raw(w->a, sizeof *x + sizeof *x->own * (2 * n_sent + 3));
    x->sure = x->own + n_sent + 3;
    for (uint32_t i = 0; i < 3; i++) x->own[n_sent + i] = 0;
    if (__builtin_cpu_supports("avx2")) look_wide(x, w, t);
    else look_narrow(x, w, t);
    return x;
}
