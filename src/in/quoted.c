/* A list of strings written inside a string, as JSON or Python prints it. */
#include "in/read.h"

static char *put_utf8(char *at, uint32_t c)
{
    if (c < 0x80) return *at++ = (char)c, at;
    if (c < 0x800) return *at++ = (char)(0xC0 | c >> 6), *at++ = (char)(0x80 | (c & 63)), at;
    if (c < 0x10000)
        return *at++ = (char)(0xE0 | c >> 12), *at++ = (char)(0x80 | (c >> 6 & 63)), *at++ = (char)(0x80 | (c & 63)), at;
    *at++ = (char)(0xF0 | c >> 18), *at++ = (char)(0x80 | (c >> 12 & 63));
    *at++ = (char)(0x80 | (c >> 6 & 63)), *at++ = (char)(0x80 | (c & 63));
    return at;
}

static bool hex(const char **p, const char *end, int n, uint32_t *out)
{
    uint32_t v = 0;
    for (int i = 0; i < n; i++, (*p)++) {
        if (*p >= end) return false;
        char c = (char)(**p | 32);
        if (c >= '0' && c <= '9') v = v * 16 + (uint32_t)(c - '0');
        else if (c >= 'a' && c <= 'f') v = v * 16 + (uint32_t)(c - 'a' + 10);
        else return false;
    }
    *out = v;
    return true;
}

/* p is behind the backslash. */
static bool escape(const char **p, const char *end, char **at)
{
    uint32_t c, low;
    if (*p >= end) return false;
    switch (*(*p)++) {
    case 'n': *(*at)++ = '\n'; return true;
    case 't': *(*at)++ = '\t'; return true;
    case 'r': *(*at)++ = '\r'; return true;
    case 'b': *(*at)++ = '\b'; return true;
    case 'f': *(*at)++ = '\f'; return true;
    case 'x':
        if (!hex(p, end, 2, &c)) return false;
        break;
    case 'u':
        if (!hex(p, end, 4, &c)) return false;
        if (c >= 0xD800 && c < 0xDC00) {
            if (end - *p < 6 || (*p)[0] != '\\' || (*p)[1] != 'u') return false;
            *p += 2;
            if (!hex(p, end, 4, &low) || low < 0xDC00 || low > 0xDFFF) return false;
            c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
        }
        break;
    case 'U':
        if (!hex(p, end, 8, &c)) return false;
        break;
    default: /* the quotes, the backslash, a slash; Python keeps the backslash of others */
        if (!strchr("'\"\\/", (*p)[-1])) *(*at)++ = '\\';
        *(*at)++ = (*p)[-1];
        return true;
    }
    if (c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) return false;
    *at = put_utf8(*at, c);
    return true;
}

static void skip(const char **p, const char *end)
{
    while (*p < end && (**p == ' ' || **p == '\n' || **p == '\t' || **p == '\r')) (*p)++;
}

bool read_quoted_list(struct reader *r, str s, str **out, size_t *n)
{
    s = str_trim(s);
    if (s.n < 4 || s.p[0] != '[' || s.p[s.n - 1] != ']' || !strchr("'\" \n", s.p[1])) return false;
    vec_of(str) item = {NULL, 0, 0};
    const char *p = s.p + 1, *end = s.p + s.n - 1;
    char *at = arena_raw(r->a, s.n); /* no escape is longer than what it stands for */
    for (skip(&p, end); p < end; skip(&p, end)) {
        char quote = *p++, *from = at;
        if (quote != '\'' && quote != '"') return false;
        while (p < end && *p != quote) {
            if (*p != '\\') *at++ = *p++;
            else if (p++, !escape(&p, end, &at)) return false;
        }
        if (p++ >= end) return false;
        *vec_push(r->a, &item) = (str){from, (size_t)(at - from)};
        skip(&p, end);
        if (p < end && *p++ != ',') return false;
    }
    *out = item.p;
    *n = item.n;
    return item.n > 0;
}
