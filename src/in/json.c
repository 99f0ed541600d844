/* JSON bytes → the values of yyjson, 16 bytes of a string at a time, where
 * yyjson reads one. Only what is right and usual is read; at anything else
 * yyjson begins anew, and names the fault if there is one: the bytes are
 * written to only when all is well.
 *
 * Strings without escapes stay where they are, with NUL for their closing
 * quote; others go to one block of the arena. */
#include <emmintrin.h>

#include "in/read.h"

enum { DEPTH_MAX = 32, BYTES_A_VALUE = 16 }; /* denser records are yyjson's */

struct json {
    struct arena *a;
    char *p, *end;            /* NUL behind */
    yyjson_val *v, *v_end;
    char *block, *out;        /* of strings with escapes; NULL: none yet */
    size_t n;                 /* of the record: escapes never make a string longer */
};

/* The bits of 16 bytes that end a string, are escapes or are not ASCII. */
static inline unsigned odd16(__m128i v)
{
    __m128i low = _mm_cmplt_epi8(v, _mm_set1_epi8(' ')); /* signed: bytes over 127 too */
    __m128i mark = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
    return (unsigned)_mm_movemask_epi8(_mm_or_si128(low, mark));
}

static inline bool is_plain(char c) { return c >= ' ' && c != '"' && c != '\\'; } /* signed, as above */

/* Behind the plain bytes from p on. */
static inline char *plain(char *p, const char *end)
{
    for (; end - p >= 16; p += 16) {
        unsigned odd = odd16(_mm_loadu_si128((const __m128i *)p));
        if (odd) return p + __builtin_ctz(odd);
    }
    while (p < end && is_plain(*p)) p++;
    return p;
}

/* The same, copied to *out; up to 15 bytes more are written there. */
static inline char *plain_copy(char *p, const char *end, char **out)
{
    char *o = *out;
    for (; end - p >= 16; p += 16, o += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)p);
        unsigned odd = odd16(v), k = odd ? (unsigned)__builtin_ctz(odd) : 0;
        _mm_storeu_si128((__m128i *)o, v);
        if (odd) return *out = o + k, p + k;
    }
    while (p < end && is_plain(*p)) *o++ = *p++;
    return *out = o, p;
}

/* Length of the character at p, which is not ASCII; 0 where it is broken. */
static inline size_t character(const char *p, const char *end)
{
    uint32_t cp;
    size_t n = utf8_decode(p, (size_t)(end - p), &cp);
    return n > 1 ? n : 0;
}

static bool hex4(const char *p, const char *end, uint32_t *out)
{
    uint32_t v = 0;
    if (end - p < 4) return false;
    for (int i = 0; i < 4; i++) {
        char c = p[i], low = (char)(c | 0x20);
        if (c >= '0' && c <= '9') v = v << 4 | (uint32_t)(c - '0');
        else if (low >= 'a' && low <= 'f') v = v << 4 | (uint32_t)(low - 'a' + 10);
        else return false;
    }
    return *out = v, true;
}

static char *put_scalar(char *o, uint32_t cp)
{
    if (cp < 0x80) return *o = (char)cp, o + 1;
    if (cp < 0x800) return o[0] = (char)(0xC0 | cp >> 6), o[1] = (char)(0x80 | (cp & 63)), o + 2;
    int n = cp < 0x10000 ? 2 : 3;
    *o++ = (char)((n == 2 ? 0xE0 : 0xF0) | cp >> 6 * n);
    while (n--) *o++ = (char)(0x80 | (cp >> 6 * n & 63));
    return o;
}

/* \uXXXX, of which p stands at the digits; behind it, NULL where it is broken. */
static char *unicode(char *p, const char *end, char **out)
{
    uint32_t cp, low;
    if (!hex4(p, end, &cp)) return NULL;
    p += 4;
    if (cp >= 0xD800 && cp < 0xE000) {
        if (cp >= 0xDC00 || end - p < 6 || p[0] != '\\' || p[1] != 'u' || !hex4(p + 2, end, &low)) return NULL;
        if (low < 0xDC00 || low >= 0xE000) return NULL;
        cp = 0x10000 + ((cp - 0xD800) << 10) + (low - 0xDC00);
        p += 6;
    }
    *out = put_scalar(*out, cp);
    return p;
}

/* A string from `from` on whose first escape is at p. */
static bool string_escaped(struct json *j, yyjson_val *v, const char *from, char *p)
{
    static const char meant[256] = {['"'] = '"', ['\\'] = '\\', ['/'] = '/', ['b'] = '\b', ['f'] = '\f', ['n'] = '\n',
                                    ['r'] = '\r', ['t'] = '\t'};
    if (!j->block) j->block = j->out = arena_raw(j->a, j->n + 32);
    char *begin = j->out, *o = begin + (p - from);
    memcpy(begin, from, (size_t)(p - from));
    while (p < j->end && *p != '"') {
        if (*p == '\\' && meant[(unsigned char)p[1]]) *o++ = meant[(unsigned char)p[1]], p += 2;
        else if (*p == '\\' && p[1] == 'u') {
            if (!(p = unicode(p + 2, j->end, &o))) return false;
        } else {
            size_t n = (unsigned char)*p >= 0x80 ? character(p, j->end) : 0;
            if (!n) return false;
            memcpy(o, p, 4); /* as many as any has; the record's end has as many behind it */
            p += n, o += n;
        }
        p = plain_copy(p, j->end, &o);
    }
    if (p >= j->end) return false;
    unsafe_yyjson_set_strn(v, begin, (size_t)(o - begin));
    j->out = o + 1;
    j->p = p + 1;
    return true;
}

static bool string(struct json *j, yyjson_val *v)
{
    char *from = j->p + 1, *p = plain(from, j->end);
    while (p < j->end && (unsigned char)*p >= 0x80) {
        size_t n = character(p, j->end);
        if (!n) return false;
        p = plain(p + n, j->end);
    }
    if (p < j->end && *p == '\\') return string_escaped(j, v, from, p);
    if (p >= j->end || *p != '"') return false;
    unsafe_yyjson_set_strn(v, from, (size_t)(p - from));
    j->p = p + 1;
    return true;
}

static inline void blanks(struct json *j)
{
    while (*j->p == ' ' || *j->p == '\n' || *j->p == '\r' || *j->p == '\t') j->p++;
}

static bool word(struct json *j, const char *z, size_t n)
{
    if ((size_t)(j->end - j->p) < n || memcmp(j->p, z, n) != 0) return false;
    j->p += n;
    return true;
}

static bool value(struct json *j, int depth);

/* An object or a list, of which j->p stands at the bracket. */
static bool container(struct json *j, yyjson_val *v, int depth)
{
    bool object = *j->p++ == '{';
    char close = object ? '}' : ']';
    size_t n = 0;
    blanks(j);
    for (bool more = *j->p != close; more; n++) {
        if (object) {
            if (*j->p != '"' || j->v >= j->v_end || !string(j, j->v++)) return false;
            blanks(j);
            if (*j->p++ != ':') return false;
            blanks(j);
        }
        if (!value(j, depth + 1)) return false;
        blanks(j);
        more = *j->p == ',';
        if (more) j->p++, blanks(j);
    }
    if (*j->p++ != close) return false;
    if (object) unsafe_yyjson_set_obj(v, n);
    else unsafe_yyjson_set_arr(v, n);
    v->uni.ofs = (size_t)((char *)j->v - (char *)v);
    return true;
}

static bool number(struct json *j, yyjson_val *v)
{
    const char *p = yyjson_read_number(j->p, v, 0, NULL, NULL);
    if (p) j->p += p - j->p;
    return p != NULL;
}

static bool value(struct json *j, int depth)
{
    if (j->v >= j->v_end || depth > DEPTH_MAX) return false;
    yyjson_val *v = j->v++;
    switch (*j->p) {
    case '"': return string(j, v);
    case '{': case '[': return container(j, v, depth);
    case 't': return unsafe_yyjson_set_bool(v, true), word(j, "true", 4);
    case 'f': return unsafe_yyjson_set_bool(v, false), word(j, "false", 5);
    case 'n': return unsafe_yyjson_set_null(v), word(j, "null", 4);
    default: return number(j, v);
    }
}

yyjson_val *json_read(struct arena *a, char *p, size_t n)
{
    size_t cap = n / BYTES_A_VALUE + 8;
    const struct arena_mark mark = arena_mark(a);
    struct json j = {.a = a, .p = p, .end = p + n, .n = n};
    yyjson_val *root = j.v = arena_raw(a, cap * sizeof *root);
    j.v_end = root + cap;
    blanks(&j);
    bool whole = value(&j, 0);
    if (whole) blanks(&j);
    if (!whole || j.p != j.end) return arena_back(a, mark), NULL;
    for (yyjson_val *v = root; v < j.v; v++)
        if (yyjson_is_str(v)) ((char *)(uintptr_t)v->uni.str)[yyjson_get_len(v)] = 0;
    return root;
}
