/* How a file is to be split: by its first line, and the first byte of the next. */
#include "in/sniff.h"

static inline bool blank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

static char *line_end(char *p, char *end)
{
    char *nl = p < end ? memchr(p, '\n', (size_t)(end - p)) : NULL;
    return nl ? nl : end;
}

size_t sniff_need(const char *p, const char *end)
{
    const char *nl = memchr(p, '\n', (size_t)(end - p));
    while (nl && nl < end && blank(*nl)) nl++;
    return nl && nl < end ? (size_t)(nl - p) + 1 : 0;
}

/* A whole value and nothing else on the line. */
static bool whole_line(char *p, char *nl)
{
    struct scan sc = {0};
    char *e = scan_value(&sc, p, nl);
    if (!e || sc.broken) return false;
    while (e < nl && blank(*e)) e++;
    return e == nl;
}

/* May `next` follow `last` where a line breaks inside a value? */
static bool may_follow(char last, char next)
{
    bool value = next && strchr("\"{[-0123456789tfn", next);
    switch (last) {
    case '{': return next == '"' || next == '}';
    case '[': return value || next == ']';
    case ',':
    case ':': return value;
    default: return next == ',' || next == '}' || next == ']' || next == ':';
    }
}

static enum split_mode sniff_object(char *p, char *end)
{
    char *nl = line_end(p, end);
    struct scan sc = {0};
    char *e = scan_value(&sc, p, nl);
    if (sc.broken) return SPLIT_LINES;
    if (e) {
        while (e < nl && blank(*e)) e++;
        return e < nl && *e == '{' ? SPLIT_VALUES : SPLIT_LINES;
    }
    char *q = nl, *last = nl - 1;
    while (q < end && blank(*q)) q++;
    if (q == end || sc.in_str) return SPLIT_LINES;
    while (last > p && blank(*last)) last--;
    if (*q == '{' && q[-1] == '\n' && whole_line(q, line_end(q, end))) return SPLIT_LINES;
    return may_follow(*last, *q) ? SPLIT_VALUES : SPLIT_LINES;
}

/* Is the first element a message ({"role": …} or {"from": …}), so that the
 * array is one conversation? p is behind the array's bracket. */
static bool holds_messages(char *p, char *end)
{
    while (p < end && blank(*p)) p++;
    if (p == end || *p != '{') return false;
    p++;
    struct scan sc = {.depth = 1, .started = true};
    while (p < end && !sc.broken) {
        if (*p == '"' && sc.depth == 1) {
            char *name = ++p;
            sc.in_str = true;
            while (p < end && *p != '"') p += *p == '\\' ? 2 : 1;
            if (p >= end) return false;
            str s = {name, (size_t)(p++ - name)};
            sc.in_str = false;
            while (p < end && blank(*p)) p++;
            if (p < end && *p == ':' && (str_eq(s, STR("role")) || str_eq(s, STR("from")))) return true;
            continue;
        }
        if (scan_value(&sc, p, p + 1) && sc.depth == 0) return false;
        p++;
    }
    return false;
}

static bool line_opens(char *p, char *end, char c)
{
    for (; p < end; p = line_end(p, end) + 1)
        if (*p == c) return true;
    return false;
}

/* "[user]: …" is a transcript, "[true" is not. */
static bool bracket_word(const char *p, const char *end)
{
    static const char *const words[] = {"true", "false", "null"};
    if (p + 1 >= end) return false;
    char c = (char)(p[1] | 32);
    if (c < 'a' || c > 'z') return false;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if ((size_t)(end - p - 1) >= strlen(words[i]) && memcmp(p + 1, words[i], strlen(words[i])) == 0) return false;
    return true;
}

bool sniff_is_json(const char *p, const char *end)
{
    return p < end && (*p == '{' || (*p == '[' && !bracket_word(p, end)));
}

enum split_mode sniff_mode(char *p, char *end, int hint)
{
    if (hint == 't') return SPLIT_TEXT;
    if (*p == '{') return sniff_object(p, end);
    if (*p == '[' && (hint == 'j' || !bracket_word(p, end))) return holds_messages(p + 1, end) ? SPLIT_VALUES : SPLIT_ARRAY;
    if (hint == 'x') return SPLIT_TEXT;
    if (hint) return SPLIT_LINES;
    int role;
    size_t label;
    if (text_speaker((str){p, (size_t)(line_end(p, end) - p)}, &role, &label)) return SPLIT_TEXT;
    return line_opens(p, end, '{') ? SPLIT_LINES : SPLIT_TEXT;
}
