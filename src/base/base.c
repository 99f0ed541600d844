/* str, hash, utf8, errors and file reading. */
#include "base/base.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

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
