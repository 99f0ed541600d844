/* base: arena, buf, str, hash, error. Knows no domain.
 *
 * Borrow by default: `str` is a view, `buf` owns, the arena dies with the
 * conversation. An arena that runs out of memory leaves by longjmp to the
 * handler its owner set (see arena_guard), so that rooms need no check after
 * every allocation; code that holds anything but arena memory across an
 * arena call must not be used between the guard and the call. */
#ifndef REFRAIN_BASE_H
#define REFRAIN_BASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "refrain/refrain.h" /* refrain_error, refrain_status */

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

/* ---- str: a view, never owning, not NUL-terminated ---- */
typedef struct str {
    const char *p;
    size_t n;
} str;

#define STR(lit) ((str){(lit), sizeof(lit) - 1})
#define STR_ARG(s) (int)(s).n, (s).p /* for "%.*s" */

static inline str str_of(const char *z) { return (str){z, z ? strlen(z) : 0}; }
static inline str str_sub(str s, size_t b, size_t e) { return (str){s.p + b, e - b}; }
static inline bool str_eq(str a, str b) { return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0); }
static inline bool str_eqz(str a, const char *z) { return str_eq(a, str_of(z)); }
/* Two NUL-terminated names: those of closed lists mostly differ in their first letter. */
static inline bool str_same(const char *a, const char *b) { return a[0] == b[0] && strcmp(a, b) == 0; }
bool str_ieq(str a, str b);                       /* ASCII case-insensitive */
bool str_has_prefix(str s, str prefix);
size_t str_find(str hay, str needle);             /* index, or SIZE_MAX */
str str_trim(str s);                              /* ASCII white space */

/* ---- arena: bump allocation, freed or reset at once ---- */
struct arena_block;
struct arena {
    struct arena_block *head, *spare;
    char *at, *end;
    size_t used;      /* bytes handed out since the last reset */
    size_t limit;     /* 0: none; over it the arena is out of memory */
    jmp_buf *on_oom;  /* NULL: arena_alloc returns NULL */
    bool starved;     /* what ran out was the machine's memory, not the limit */
};
void arena_init(struct arena *a, size_t limit);
void *arena_alloc(struct arena *a, size_t size);  /* zeroed, 16-aligned */
void *arena_raw(struct arena *a, size_t size);    /* not zeroed */
void *arena_grow(struct arena *a, void *old, size_t old_size, size_t new_size);
str arena_str(struct arena *a, str s);            /* copy, NUL-terminated behind */
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
void arena_reset(struct arena *a);                /* keeps blocks */
/* What was handed out since `mark` is of no more use: the next allocations take the same memory, which is near still.
 * Where a block has begun since then, nothing is given back. */
struct arena_mark { const struct arena_block *head; char *at; size_t used; };
static inline struct arena_mark arena_mark(const struct arena *a) { return (struct arena_mark){a->head, a->at, a->used}; }
static inline void arena_back(struct arena *a, struct arena_mark mark)
{
    if (a->head == mark.head) a->at = mark.at, a->used = mark.used;
}
void arena_free(struct arena *a);
#define arena_new(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define arena_array(a, type, n) ((type *)arena_alloc((a), sizeof(type) * (size_t)(n)))

/* Append one zeroed element to an arena vector: fields p, n, cap of `v`. */
#define vec_of(type) struct { type *p; size_t n, cap; }
void arena_vec_room(struct arena *a, void **p, size_t n, size_t *cap, size_t elem);
/* Room for `want` elements, not zeroed. */
void arena_vec_reserve(struct arena *a, void **p, size_t n, size_t *cap, size_t want, size_t elem);
#define vec_push(a, v)                                                                            \
    ((v)->n < (v)->cap ? (void)memset(&(v)->p[(v)->n], 0, sizeof *(v)->p)                          \
                       : arena_vec_room((a), (void **)&(v)->p, (v)->n, &(v)->cap, sizeof *(v)->p), \
     &(v)->p[(v)->n++])

/* ---- buf: owned bytes, knows its maximum; a failed append sets `oom` ---- */
struct buf {
    char *p;
    size_t n, cap;
    bool oom;
};
extern _Thread_local unsigned buf_lost; /* appends that this thread lost for want of memory, in any buf */
void buf_put(struct buf *b, const void *p, size_t n);
void buf_puts(struct buf *b, const char *z);
void buf_str(struct buf *b, str s);
void buf_putc(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_u64(struct buf *b, uint64_t v);
void buf_i64(struct buf *b, int64_t v);
bool buf_room(struct buf *b, size_t extra);       /* false and oom when not to be had */
void buf_json(struct buf *b, str s);              /* quoted JSON string */
static inline void buf_clear(struct buf *b) { b->n = 0; b->oom = false; }
void buf_free(struct buf *b);

/* ---- hash ---- */
uint64_t hash_bytes(const void *p, size_t n, uint64_t seed);
static inline uint64_t hash_mix(uint64_t a, uint64_t b)
{
    uint64_t low = a ^ 0x9E3779B97F4A7C15ull, high = b ^ 0xD1B54A32D192ED03ull;
#ifdef __x86_64__
    __asm__("mulq %1" : "+a"(low), "+d"(high) : : "cc"); /* gcc takes the pair over the stack, three moves a hash */
#else
    __uint128_t m = (__uint128_t)low * high;
    low = (uint64_t)m, high = (uint64_t)(m >> 64);
#endif
    return low ^ high;
}

/* ---- memory ---- */
/* Asks for n bytes that will be read soon, here and there: each line would be waited for by itself. */
static inline void mem_fetch(const void *p, size_t n)
{
    for (size_t i = 0; i < n; i += 64) __builtin_prefetch((const char *)p + i);
}

/* ---- utf8 ---- */
/* Offset of the first byte that breaks UTF-8, or n when all is well. */
size_t utf8_valid_prefix(const char *p, size_t n);
static inline bool utf8_is_cont(char c) { return ((unsigned char)c & 0xC0) == 0x80; }
/* Decode one scalar at p (n > 0); returns its length, 1 and U+FFFD when broken. */
size_t utf8_decode(const char *p, size_t n, uint32_t *cp);

/* ---- errors ---- */
int err_set(refrain_error *e, int status, const char *fmt, ...) PRINTF_LIKE(3, 4); /* returns status */
int err_at(refrain_error *e, int status, uint32_t line, uint32_t col, const char *fmt, ...) PRINTF_LIKE(5, 6);
int err_errno(refrain_error *e, const char *path); /* a call on path failed: E_IO, or E_NOMEM where errno says so */
/* Closest of `names` to `given` by edit distance <= 2 (3 for long words), or NULL; for "did you mean". */
const char *err_nearest(const char *given, const char *const *names, size_t n);

/* Whole file into malloc'd memory, NUL behind. Caller frees. */
int file_read(char **out, size_t *n, const char *path, size_t max, refrain_error *e);

#endif
