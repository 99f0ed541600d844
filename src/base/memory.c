/* Room that grows: arena and buf. */
#include "base/base.h"

#include <emmintrin.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

/* ---- arena ---- */

struct arena_block {
    struct arena_block *next;
    size_t size; /* of data */
    _Alignas(16) char data[];
};

enum { ARENA_FIRST = 64 << 10 };

void arena_init(struct arena *a, size_t limit)
{
    memset(a, 0, sizeof *a);
    a->limit = limit;
}

static void *arena_oom(struct arena *a)
{
    if (a->on_oom) longjmp(*a->on_oom, 1);
    return NULL;
}

enum { ARENA_BLOCK = (4 << 20) - sizeof(struct arena_block) }; /* the biggest that are kept for the next round */

enum { HUGE_PAGE = 2 << 20, PAGE = 4 << 10 };

/* What is big is of huge pages where the system has them: to touch a page for the first time costs microseconds. The
 * pages that p[0..n) begins and ends in are wished for too, so that a mapping stays whole and realloc can move it. */
static void wish_huge(void *p, size_t n)
{
    size_t before = (uintptr_t)p % PAGE;
    madvise((char *)p - before, before + n, MADV_HUGEPAGE);
}

static struct arena_block *block_new(size_t size)
{
    size_t all = sizeof(struct arena_block) + size;
    struct arena_block *b;
    if (all < HUGE_PAGE / 2) b = malloc(all);
    else {
        all = (all + HUGE_PAGE - 1) & ~(size_t)(HUGE_PAGE - 1);
        b = aligned_alloc(HUGE_PAGE, all);
        if (b) wish_huge(b, all);
    }
    if (b) b->size = all - sizeof *b;
    return b;
}

void *arena_raw(struct arena *a, size_t size)
{
    if (size > SIZE_MAX / 2) return arena_oom(a);
    size = (size + 15) & ~(size_t)15;
    if (size == 0) size = 16;
    if ((size_t)(a->end - a->at) < size) {
        if (a->limit && a->used + size > a->limit) return arena_oom(a);
        struct arena_block *b = a->spare;
        if (b && b->size >= size) a->spare = b->next;
        else {
            size_t want = a->head ? a->head->size * 2 : ARENA_FIRST;
            if (want > ARENA_BLOCK) want = ARENA_BLOCK;
            if (want < size) want = size;
            b = block_new(want);
            if (!b) return a->starved = true, arena_oom(a);
        }
        b->next = a->head;
        a->head = b;
        a->at = b->data;
        a->end = b->data + b->size;
    }
    void *p = a->at;
    a->at += size;
    a->used += size;
    return p;
}

void *arena_alloc(struct arena *a, size_t size)
{
    void *p = arena_raw(a, size);
    if (p) memset(p, 0, size);
    return p;
}

void *arena_grow(struct arena *a, void *old, size_t old_size, size_t new_size)
{
    void *p = arena_raw(a, new_size);
    if (!p) return NULL;
    if (old_size) memcpy(p, old, old_size);
    memset((char *)p + old_size, 0, new_size - old_size);
    return p;
}

void arena_vec_reserve(struct arena *a, void **p, size_t n, size_t *cap, size_t want, size_t elem)
{
    if (want <= *cap) return;
    size_t c = *cap ? *cap * 2 : 8;
    while (c < want) c *= 2;
    void *grown = arena_raw(a, c * elem);
    if (n) memcpy(grown, *p, n * elem);
    *p = grown;
    *cap = c;
}

void arena_vec_room(struct arena *a, void **p, size_t n, size_t *cap, size_t elem)
{
    arena_vec_reserve(a, p, n, cap, n + 1, elem);
    memset((char *)*p + n * elem, 0, elem);
}

str arena_str(struct arena *a, str s)
{
    char *p = arena_raw(a, s.n + 1);
    if (!p) return (str){NULL, 0};
    if (s.n) memcpy(p, s.p, s.n);
    p[s.n] = 0;
    return (str){p, s.n};
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    char some[256]; /* most fit, and are made once */
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(some, sizeof some, fmt, ap);
    va_end(ap);
    if (n < 0) n = 0, *some = 0;
    char *p = arena_raw(a, (size_t)n + 1);
    if (!p) return NULL;
    if ((size_t)n < sizeof some) return memcpy(p, some, (size_t)n + 1);
    va_start(ap, fmt);
    vsnprintf(p, (size_t)n + 1, fmt, ap);
    va_end(ap);
    return p;
}

/* Blocks up to 4 MiB are kept for the next conversation; larger ones are one
 * giant record's and go back. */
void arena_reset(struct arena *a)
{
    for (struct arena_block *b = a->head, *next; b; b = next) {
        next = b->next;
        if (b->size > ARENA_BLOCK) free(b);
        else b->next = a->spare, a->spare = b;
    }
    a->head = NULL;
    a->at = a->end = NULL;
    a->used = 0;
    /* the newest blocks are the largest: try the biggest first */
    struct arena_block *best = NULL, **best_at = NULL;
    for (struct arena_block **at = &a->spare; *at; at = &(*at)->next)
        if (!best || (*at)->size > best->size) best = *at, best_at = at;
    if (best) {
        *best_at = best->next;
        best->next = a->spare;
        a->spare = best;
    }
}

void arena_free(struct arena *a)
{
    struct arena_block *lists[] = {a->head, a->spare};
    for (size_t i = 0; i < 2; i++)
        for (struct arena_block *b = lists[i], *next; b; b = next) {
            next = b->next;
            free(b);
        }
    jmp_buf *guard = a->on_oom;
    arena_init(a, a->limit);
    a->on_oom = guard;
}

/* ---- buf ---- */

_Thread_local unsigned buf_lost;

static bool no_room(struct buf *b)
{
    b->oom = true;
    buf_lost++;
    return false;
}

bool buf_room(struct buf *b, size_t extra)
{
    if (b->cap - b->n >= extra) return true;
    size_t cap = b->cap ? b->cap : 256;
    while (cap - b->n < extra) {
        if (cap > SIZE_MAX / 2) return no_room(b);
        cap *= 2;
    }
    char *p = realloc(b->p, cap);
    if (!p) return no_room(b);
    if (cap >= HUGE_PAGE) wish_huge(p, cap);
    b->p = p;
    b->cap = cap;
    return true;
}

void buf_put(struct buf *b, const void *p, size_t n)
{
    if (n == 0 || !buf_room(b, n)) return;
    memcpy(b->p + b->n, p, n);
    b->n += n;
}

void buf_puts(struct buf *b, const char *z) { buf_put(b, z, strlen(z)); }
void buf_str(struct buf *b, str s) { buf_put(b, s.p, s.n); }

void buf_putc(struct buf *b, char c)
{
    if (!buf_room(b, 1)) return;
    b->p[b->n++] = c;
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n > 0 && buf_room(b, (size_t)n + 1)) {
        vsnprintf(b->p + b->n, (size_t)n + 1, fmt, again);
        b->n += (size_t)n;
    }
    va_end(again);
}

void buf_u64(struct buf *b, uint64_t v)
{
    char t[20];
    size_t i = sizeof t;
    do t[--i] = (char)('0' + v % 10);
    while (v /= 10);
    buf_put(b, t + i, sizeof t - i);
}

void buf_i64(struct buf *b, int64_t v)
{
    if (v < 0) buf_putc(b, '-');
    buf_u64(b, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

/* Which of 16 bytes JSON escapes, or are not ASCII: a bit each. */
static inline unsigned odd16(__m128i v)
{
    __m128i low = _mm_cmplt_epi8(v, _mm_set1_epi8(' ')); /* signed: bytes over 127 too */
    __m128i mark = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
    __m128i del = _mm_cmpeq_epi8(v, _mm_set1_epi8(0x7f));
    return (unsigned)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(low, mark), del));
}

/* Bytes before the first such byte. Below 16 the first eight and the last, or four: a loop would be left unforeseen. */
static size_t plain_prefix(const char *p, size_t n)
{
    size_t i = 0;
    for (unsigned m; n - i >= 16; i += 16)
        if ((m = odd16(_mm_loadu_si128((const __m128i *)(p + i))))) return i + (unsigned)__builtin_ctz(m);
    size_t left = n - i;
    if (left >= 8 && !odd16(_mm_unpacklo_epi64(_mm_loadu_si64(p + i), _mm_loadu_si64(p + n - 8)))) return n;
    if (left >= 4 && left < 8) {
        __m128i both = _mm_unpacklo_epi32(_mm_loadu_si32(p + i), _mm_loadu_si32(p + n - 4));
        if (!(odd16(both) & 0xFF)) return n;
    }
    while (i < n && p[i] >= ' ' && p[i] != '"' && p[i] != '\\' && p[i] != 0x7f) i++;
    return i;
}

void buf_json(struct buf *b, str s)
{
    static const char hex[] = "0123456789abcdef";
    size_t from = 0, i = plain_prefix(s.p, s.n);
    if (!buf_room(b, s.n + 2)) return;
    b->p[b->n++] = '"';
    /* a file's name may be any bytes; JSON may not */
    size_t good = i < s.n ? i + utf8_valid_prefix(s.p + i, s.n - i) : i;
    for (; i < s.n; i += 1 + plain_prefix(s.p + i + 1, s.n - i - 1)) {
        unsigned char c = (unsigned char)s.p[i];
        if (i == good) {
            buf_put(b, s.p + from, i - from);
            buf_puts(b, "\xEF\xBF\xBD");
            from = i + 1;
            good = from + utf8_valid_prefix(s.p + from, s.n - from);
            continue;
        }
        bool c1 = c == 0xC2 && i + 1 < s.n && (unsigned char)s.p[i + 1] < 0xA0; /* terminals obey these too */
        if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f && !c1) continue;
        buf_put(b, s.p + from, i - from);
        if (c1) c = (unsigned char)s.p[++i];
        from = i + 1;
        switch (c) {
        case '"': buf_puts(b, "\\\""); break;
        case '\\': buf_puts(b, "\\\\"); break;
        case '\n': buf_puts(b, "\\n"); break;
        case '\r': buf_puts(b, "\\r"); break;
        case '\t': buf_puts(b, "\\t"); break;
        default: buf_put(b, (const char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
        }
    }
    if (from < s.n) buf_put(b, s.p + from, s.n - from); /* an empty str may point nowhere */
    buf_putc(b, '"');
}

void buf_free(struct buf *b)
{
    free(b->p);
    memset(b, 0, sizeof *b);
}
