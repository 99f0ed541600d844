/* Folded text → raw contacts, in one pass: 16 or 32 bytes at a time are searched
 * for digits, full stops before a character and "nin" (nine eight eight), and
 * only those places are looked at. */
#include "helpline/room.h"

#if defined __SSE2__
#include <immintrin.h>
#endif

static bool alnum(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

/* Is the byte at i worth a look; where to go on. */
static uint32_t examine(struct scan *s, uint32_t i)
{
    char c = s->t[i];
    bool full = s->out->n >= CONTACTS_MAX;
    if (full || i < s->skip) {
        s->out->cut = true;
        return full ? s->n : s->skip;
    }
    if (c == 'n') return spelled_examine(s, i);
    if (c != '.') return number_examine(s, i);
    if (i == 0 || i + 1 >= s->n || !alnum(s->t[i - 1]) || !alnum(s->t[i + 1])) return i + 1;
    if (s->t[i + 1] <= '9' && s->t[i - 1] <= '9') return i + 1; /* 1.5 */
    return url_examine(s, i);
}

#if defined __SSE2__
/* Bit set of the places among 16 bytes; 2 behind them are read too, which a fold has to spare. */
static inline uint32_t spots(const char *p)
{
    __m128i v = _mm_loadu_si128((const __m128i *)p), v1 = _mm_loadu_si128((const __m128i *)(p + 1));
    __m128i v2 = _mm_loadu_si128((const __m128i *)(p + 2)), n = _mm_set1_epi8('n');
    __m128i off = _mm_sub_epi8(v, _mm_set1_epi8('0'));
    __m128i digit = _mm_cmpeq_epi8(_mm_min_epu8(off, _mm_set1_epi8(9)), off);
    __m128i stop = _mm_cmpeq_epi8(v, _mm_set1_epi8('.')), dark = _mm_cmpgt_epi8(v1, _mm_set1_epi8(' '));
    __m128i n_n = _mm_and_si128(_mm_cmpeq_epi8(v, n), _mm_cmpeq_epi8(v2, n));
    __m128i nin = _mm_and_si128(n_n, _mm_cmpeq_epi8(v1, _mm_set1_epi8('i')));
    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(digit, _mm_or_si128(_mm_and_si128(stop, dark), nin)));
}

static inline __attribute__((target("avx2"))) uint32_t spots_wide(const char *p)
{
    __m256i v = _mm256_loadu_si256((const __m256i *)p), v1 = _mm256_loadu_si256((const __m256i *)(p + 1));
    __m256i v2 = _mm256_loadu_si256((const __m256i *)(p + 2)), n = _mm256_set1_epi8('n');
    __m256i off = _mm256_sub_epi8(v, _mm256_set1_epi8('0'));
    __m256i digit = _mm256_cmpeq_epi8(_mm256_min_epu8(off, _mm256_set1_epi8(9)), off);
    __m256i stop = _mm256_cmpeq_epi8(v, _mm256_set1_epi8('.')), dark = _mm256_cmpgt_epi8(v1, _mm256_set1_epi8(' '));
    __m256i n_n = _mm256_and_si256(_mm256_cmpeq_epi8(v, n), _mm256_cmpeq_epi8(v2, n));
    __m256i nin = _mm256_and_si256(n_n, _mm256_cmpeq_epi8(v1, _mm256_set1_epi8('i')));
    return (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(digit, _mm256_or_si256(_mm256_and_si256(stop, dark), nin)));
}

/* As far as whole pieces of `width` bytes go; where to go on. */
static inline __attribute__((always_inline)) uint32_t examine_all(struct scan *s, uint32_t width,
                                                                  uint32_t (*spots_of)(const char *))
{
    uint32_t i = 0;
    while (i + width <= s->n) {
        uint32_t base = i, m = spots_of(s->t + i);
        i += width;
        while (m) {
            uint32_t p = base + (uint32_t)__builtin_ctz(m), next = examine(s, p);
            if (next >= base + width) { i = next; break; }
            m &= next > p ? ~0u << (next - base) : m & (m - 1);
        }
    }
    return i;
}

static uint32_t examine_narrow(struct scan *s) { return examine_all(s, 16, spots); }
static __attribute__((target("avx2"))) uint32_t examine_wide(struct scan *s) { return examine_all(s, 32, spots_wide); }
#endif

void contacts_extract(struct raws *out, struct arena *a, const struct directory *d, str fold, const struct text *map,
                      str original)
{
    struct scan s = {a, d, fold.p, (uint32_t)fold.n, map, original, out, 0, 0, 0, 0};
    uint32_t i = 0;
#if defined __SSE2__
    i = __builtin_cpu_supports("avx2") ? examine_wide(&s) : examine_narrow(&s);
#endif
    while (i < s.n) {
        char c = s.t[i];
        i = c == '.' || c == 'n' || (c >= '0' && c <= '9') ? examine(&s, i) : i + 1;
    }
}
