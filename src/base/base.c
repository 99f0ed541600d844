/* str, arena, buf, hash, utf8, errors and file reading. */
#include "base/base.h"

#include <emmintrin.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

/* ---- str ---- */

static inline unsigned char lower(unsigned char c) { return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c; }

bool str_ieq(str a, str b)
{
    if (a.n != b.n) return false;
    for (size_t i = 0; i < a.n; i++)
        if (lower((unsigned char)a.p[i]) != lower((unsigned char)b.p[i])) return false;
    return true;
}

bool str_has_prefix(str s, str prefix) { return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0); }

size_t str_find(str hay, str needle)
{
    if (needle.n == 0) return 0;
    const char *f = hay.n ? memmem(hay.p, hay.n, needle.p, needle.n) : NULL;
    return f ? (size_t)(f - hay.p) : SIZE_MAX;
}

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

str str_trim(str s)
{
    while (s.n && is_space(s.p[0])) s.p++, s.n--;
    while (s.n && is_space(s.p[s.n - 1])) s.n--;
    return s;
}

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

/* Big blocks are of huge pages where the system has them: to touch a page for the first time costs microseconds. */
static struct arena_block *block_new(size_t size)
{
    enum { HUGE_PAGE = 2 << 20 };
    size_t all = sizeof(struct arena_block) + size;
    struct arena_block *b;
    if (all < HUGE_PAGE / 2) b = malloc(all);
    else {
        all = (all + HUGE_PAGE - 1) & ~(size_t)(HUGE_PAGE - 1);
        b = aligned_alloc(HUGE_PAGE, all);
        if (b) madvise(b, all, MADV_HUGEPAGE); /* a wish: without it the block is as good */
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

/* ---- hash (wyhash-like folding multiply; not for hostile tables) ---- */

uint64_t hash_bytes(const void *p, size_t n, uint64_t seed)
{
    const unsigned char *s = p;
    uint64_t h = seed ^ hash_mix(n, 0xA0761D6478BD642Full), v;
    for (; n >= 8; s += 8, n -= 8) {
        memcpy(&v, s, 8);
        h = hash_mix(h ^ v, 0xE7037ED1A0B428DBull);
    }
    v = 0;
    if (n) memcpy(&v, s, n);
    return hash_mix(h ^ v, 0x8EBC6AF09C88C6E3ull);
}

/* ---- utf8 ---- */

size_t utf8_decode(const char *p, size_t n, uint32_t *cp)
{
    const unsigned char *s = (const unsigned char *)p;
    *cp = 0xFFFD;
    if (s[0] < 0x80) return *cp = s[0], 1;
    if (s[0] < 0xC2 || s[0] > 0xF4) return 1;
    if (s[0] < 0xE0) {
        if (n < 2 || !utf8_is_cont(p[1])) return 1;
        return *cp = (uint32_t)(s[0] & 31) << 6 | (s[1] & 63), 2;
    }
    if (s[0] < 0xF0) {
        if (n < 3 || !utf8_is_cont(p[1]) || !utf8_is_cont(p[2])) return 1;
        uint32_t c = (uint32_t)(s[0] & 15) << 12 | (uint32_t)(s[1] & 63) << 6 | (s[2] & 63);
        if (c < 0x800 || (c >= 0xD800 && c < 0xE000)) return 1;
        return *cp = c, 3;
    }
    if (n < 4 || !utf8_is_cont(p[1]) || !utf8_is_cont(p[2]) || !utf8_is_cont(p[3])) return 1;
    uint32_t c = (uint32_t)(s[0] & 7) << 18 | (uint32_t)(s[1] & 63) << 12 | (uint32_t)(s[2] & 63) << 6 | (s[3] & 63);
    if (c < 0x10000 || c > 0x10FFFF) return 1;
    return *cp = c, 4;
}

size_t utf8_valid_prefix(const char *p, size_t n)
{
    size_t i = 0;
    while (i < n) {
        uint64_t v;
        if (n - i >= 8 && (memcpy(&v, p + i, 8), (v & 0x8080808080808080ull) == 0)) {
            i += 8;
            continue;
        }
        uint32_t cp;
        size_t k = utf8_decode(p + i, n - i, &cp);
        if (k == 1 && (unsigned char)p[i] >= 0x80) return i;
        i += k;
    }
    return n;
}

/* ---- errors ---- */

static void err_fill(refrain_error *e, int status, uint32_t line, uint32_t col, const char *fmt, va_list ap)
{
    if (!e) return;
    e->status = status;
    e->line = line;
    e->column = col;
    vsnprintf(e->message, sizeof e->message, fmt, ap);
    /* names of files need not be UTF-8, and the room may end inside a character */
    size_t n = strlen(e->message), good;
    while ((good = utf8_valid_prefix(e->message, n)) < n) {
        if (n - good < 4 && n == sizeof e->message - 1) n = good, e->message[n] = 0;
        else e->message[good] = '?';
    }
}

int err_set(refrain_error *e, int status, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    err_fill(e, status, 0, 0, fmt, ap);
    va_end(ap);
    return status;
}

int err_at(refrain_error *e, int status, uint32_t line, uint32_t col, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    err_fill(e, status, line, col, fmt, ap);
    va_end(ap);
    return status;
}

int err_errno(refrain_error *e, const char *path)
{
    int no = errno;
    return err_set(e, no == ENOMEM ? REFRAIN_E_NOMEM : REFRAIN_E_IO, "%s: %s", path, no == ENOMEM ? "out of memory" : strerror(no));
}

static size_t edit_distance(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);
    size_t row[64];
    if (n >= 64 || m >= 64) return SIZE_MAX;
    for (size_t j = 0; j <= m; j++) row[j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t diag = row[0];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t up = row[j], cost = diag + (a[i - 1] != b[j - 1]);
            if (up + 1 < cost) cost = up + 1;
            if (row[j - 1] + 1 < cost) cost = row[j - 1] + 1;
            diag = up;
            row[j] = cost;
        }
    }
    return row[m];
}

const char *err_nearest(const char *given, const char *const *names, size_t n)
{
    const char *best = NULL;
    size_t limit = strlen(given) > 6 ? 4 : 3, best_d = limit;
    for (size_t i = 0; i < n; i++) {
        size_t d = names[i] ? edit_distance(given, names[i]) : SIZE_MAX;
        if (d < best_d) best_d = d, best = names[i];
    }
    return best;
}

int file_read(char **out, size_t *n, const char *path, size_t max, refrain_error *e)
{
    *out = NULL;
    *n = 0;
    FILE *f = fopen(path, "rb");
    if (!f) return err_errno(e, path);
    struct buf b = {0};
    int rc = 0;
    for (;;) {
        if (!buf_room(&b, 65536 + 1)) {
            rc = err_set(e, REFRAIN_E_NOMEM, "%s: out of memory", path);
            break;
        }
        size_t k = fread(b.p + b.n, 1, 65536, f);
        b.n += k;
        if (b.n > max) {
            rc = err_set(e, REFRAIN_E_LIMIT, "%s: larger than %zu bytes", path, max);
            break;
        }
        if (k == 0) {
            if (ferror(f)) rc = err_errno(e, path);
            break;
        }
    }
    fclose(f);
    if (rc) {
        buf_free(&b);
        return rc;
    }
    b.p[b.n] = 0;
    *out = b.p;
    *n = b.n;
    return 0;
}
