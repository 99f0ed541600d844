/* Folded text → raw contacts, in one pass: 16 bytes at a time are searched for
 * digits, full stops and "nin" (nine eight eight), and only those places are
 * looked at. */
#include "helpline/room.h"

#if defined __SSE2__
#include <emmintrin.h>
#endif

static bool alnum(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

/* Is the byte at i worth a look; where to go on. */
static uint32_t examine(struct scan *s, uint32_t i)
{
    char c = s->t[i];
    if (s->out->n >= CONTACTS_MAX) return s->n;
    if (c == 'n') return spelled_examine(s, i);
    if (c != '.') return number_examine(s, i);
    if (i == 0 || i + 1 >= s->n || !alnum(s->t[i - 1]) || !alnum(s->t[i + 1])) return i + 1;
    if (s->t[i + 1] <= '9' && s->t[i - 1] <= '9') return i + 1; /* 1.5 */
    return url_examine(s, i);
}

void contacts_extract(struct raws *out, struct arena *a, const struct directory *d, str fold, const struct text *map,
                      str original)
{
    struct scan s = {a, d, fold.p, (uint32_t)fold.n, map, original, out, 0};
    uint32_t i = 0;
#if defined __SSE2__
    const __m128i zero = _mm_set1_epi8('0'), nine = _mm_set1_epi8(9), stop = _mm_set1_epi8('.'),
                  n = _mm_set1_epi8('n'), in = _mm_set1_epi8('i');
    while (i + 16 <= s.n) {
        __m128i v = _mm_loadu_si128((const __m128i *)(s.t + i)), off = _mm_sub_epi8(v, zero);
        __m128i hit = _mm_or_si128(_mm_cmpeq_epi8(_mm_min_epu8(off, nine), off), _mm_cmpeq_epi8(v, stop));
        __m128i v1 = _mm_loadu_si128((const __m128i *)(s.t + i + 1)), v2 = _mm_loadu_si128((const __m128i *)(s.t + i + 2)); /* the fold has spare bytes */
        hit = _mm_or_si128(hit, _mm_and_si128(_mm_and_si128(_mm_cmpeq_epi8(v, n), _mm_cmpeq_epi8(v1, in)), _mm_cmpeq_epi8(v2, n)));
        unsigned m = (unsigned)_mm_movemask_epi8(hit);
        if (!m) { i += 16; continue; }
        uint32_t base = i;
        i += 16;
        while (m) {
            uint32_t p = base + (uint32_t)__builtin_ctz(m), next = examine(&s, p);
            if (next >= base + 16) { i = next; break; }
            m &= next > p ? ~0u << (next - base) : m & (m - 1);
        }
    }
#endif
    while (i < s.n) {
        char c = s.t[i];
        i = c == '.' || c == 'n' || (c >= '0' && c <= '9') ? examine(&s, i) : i + 1;
    }
}
