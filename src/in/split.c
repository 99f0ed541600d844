/* Decoded bytes → records, in flat memory: nothing is held but the record
 * that is being copied out, and no more of it than the limit. */
#include "in/split.h"

#include <stdio.h>
#include <stdlib.h>

#include "in/sniff.h"

/* ---- where a value ends ---- */

/* From p inside a string to behind its closing quote, or end. */
static char *scan_string(struct scan *s, char *p, char *end)
{
    char *from = p;
    while (p < end) {
        if (s->esc) {
            s->esc = false;
            p++;
            continue;
        }
        char *q = memchr(p, '"', (size_t)(end - p));
        char *stop = q ? q : end, *b = stop;
        while (b > p && b[-1] == '\\') b--;
        if ((stop - b) & 1) { /* the byte at stop is escaped */
            s->esc = true;
            p = stop;
            continue;
        }
        p = stop;
        if (q) {
            s->in_str = false;
            p = q + 1;
            break;
        }
    }
    char *nl = memchr(from, '\n', (size_t)(p - from));
    if (nl) return s->broken = true, nl;
    return p;
}

char *scan_value(struct scan *s, char *p, char *end)
{
    static const bool plain[256] = {
        ['a' ... 'z'] = true, ['0' ... '9'] = true, [' '] = true, ['\t'] = true, ['\n'] = true, ['\r'] = true,
        [','] = true, [':'] = true, ['.'] = true, ['-'] = true, ['+'] = true, ['E'] = true,
    };
    while (p < end) {
        if (s->in_str) {
            p = scan_string(s, p, end);
            if (s->broken) return p;
            if (!s->in_str && s->depth == 0) return p;
            continue;
        }
        unsigned char c = (unsigned char)*p++;
        if (plain[c]) continue;
        s->started = true;
        switch (c) {
        case '"': s->in_str = true; break;
        case '{':
        case '[':
            if (s->depth < 64) s->kinds = (s->kinds & ~(1ull << s->depth)) | (uint64_t)(c == '[') << s->depth;
            s->depth++;
            break;
        case '}':
        case ']':
            if (s->depth == 0 || (s->depth <= 64 && (s->kinds >> (s->depth - 1) & 1) != (c == ']')))
                return s->broken = true, p - 1;
            if (--s->depth == 0) return p;
            break;
        default: break;
        }
    }
    return NULL;
}

/* ---- window ---- */

static inline bool blank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

static void take(struct splitter *s, char *to)
{
    s->offset += (uint64_t)(to - s->w->at);
    s->w->at = to;
}

/* Held bytes come after all that the source had. */
static enum source_state more(struct splitter *s)
{
    if (s->ended) return SOURCE_END;
    enum source_state st = source_more(s->src);
    if (st == SOURCE_END) s->ended = true;
    return st;
}

/* To the next byte that is no white space; `indent` is its column when its
 * line began after `at`, else -1. */
static enum source_state skip_blank(struct splitter *s, int *indent)
{
    int col = -1;
    for (;;) {
        char *p = s->w->at;
        for (; p < s->w->end && blank(*p); p++) col = *p == '\n' ? 0 : col >= 0 ? col + 1 : -1;
        take(s, p);
        if (p < s->w->end) break;
        enum source_state st = more(s);
        if (st != SOURCE_OK) return st;
    }
    if (indent) *indent = col;
    return SOURCE_OK;
}

struct keep {
    struct buf *into;
    size_t limit;
    uint64_t n;  /* bytes of the record so far, held or not */
    bool over;
};

static void keep(struct keep *k, const char *p, size_t n)
{
    k->n += n;
    if (k->over) return;
    if (k->n > k->limit) {
        k->over = true;
        k->into->n = 0;
        return;
    }
    buf_put(k->into, p, n);
}

/* ---- results ---- */

static int reject(struct piece *out, struct buf *into, int status, const char *reason)
{
    into->n = 0;
    out->status = status;
    out->reason = reason;
    return 1;
}

static int reject_source(struct splitter *s, struct piece *out, struct buf *into)
{
    s->mode = SPLIT_DONE;
    out->offset = s->offset;
    return reject(out, into, source_status(s->src), source_reason(s->src));
}

static int finish(struct piece *out, const struct keep *k)
{
    out->status = 0;
    if (k->over) {
        snprintf(out->text, sizeof out->text, "record of %llu bytes; the limit is %zu", (unsigned long long)k->n, k->limit);
        return reject(out, k->into, REFRAIN_E_LIMIT, out->text);
    }
    if (k->into->oom || !buf_room(k->into, 16))
        return reject(out, k->into, REFRAIN_E_NOMEM, "out of memory");
    memset(k->into->p + k->into->n, 0, 16);
    return 1;
}

/* ---- lines, blocks, text ---- */

/* Appends through the end of the line, newline included. */
static enum source_state copy_line(struct splitter *s, struct keep *k)
{
    for (;;) {
        char *at = s->w->at, *nl = memchr(at, '\n', (size_t)(s->w->end - at));
        char *stop = nl ? nl + 1 : s->w->end;
        keep(k, at, (size_t)(stop - at));
        take(s, stop);
        if (nl) return SOURCE_OK;
        enum source_state st = more(s);
        if (st != SOURCE_OK) return st;
    }
}

static int next_value(struct splitter *s, struct piece *out, struct keep *k, struct scan *sc);

static int next_line(struct splitter *s, struct piece *out, struct keep *k)
{
    if (copy_line(s, k) == SOURCE_BROKEN) return reject_source(s, out, k->into);
    size_t n = k->into->n;
    while (n && blank(k->into->p[n - 1])) n--;
    if (n != 1 || k->into->p[0] != '{') k->into->n = n;
    else { /* a pretty-printed value among the lines */
        struct scan sc = {.depth = 1, .started = true};
        return next_value(s, out, k, &sc);
    }
    return finish(out, k);
}

static int next_block(struct splitter *s, struct piece *out, struct keep *k)
{
    do {
        enum source_state st = copy_line(s, k);
        if (st == SOURCE_BROKEN) return reject_source(s, out, k->into);
        if (st == SOURCE_END) break;
        if (s->w->at == s->w->end && more(s) != SOURCE_OK) break;
    } while (*s->w->at != '{' && *s->w->at != '[');
    return finish(out, k);
}

static int next_text(struct splitter *s, struct piece *out, struct keep *k)
{
    enum source_state st;
    do {
        keep(k, s->w->at, (size_t)(s->w->end - s->w->at));
        take(s, s->w->end);
    } while ((st = more(s)) == SOURCE_OK);
    if (st == SOURCE_BROKEN) return reject_source(s, out, k->into);
    s->mode = SPLIT_DONE;
    return finish(out, k);
}

/* ---- values ---- */

/* A value that does not end: what follows the next `{` at column 0 may be
 * whole, so those bytes are split once more, now by lines that open with it. */
static int unended(struct splitter *s, struct piece *out, struct keep *k)
{
    const char *p = k->into->p, *end = p ? p + k->into->n : NULL, *again = NULL;
    while (!k->over && p && p < end && (p = memchr(p, '\n', (size_t)(end - p))))
        if (++p < end && (*p == '{' || *p == '[')) {
            again = p;
            break;
        }
    s->mode = SPLIT_DONE;
    if (again && s->w != &s->held_w) {
        buf_clear(&s->held);
        buf_put(&s->held, again, (size_t)(end - again));
        if (!s->held.oom) {
            s->held_w = (struct window){s->held.p, s->held.p + s->held.n};
            s->w = &s->held_w;
            s->offset -= s->held.n;
            s->mode = SPLIT_BLOCKS;
        }
    }
    return reject(out, k->into, REFRAIN_E_PARSE, "broken JSON: the value does not end");
}

/* To the next line that opens with a bracket at the column that fits. */
static void resync(struct splitter *s)
{
    int want = s->mode == SPLIT_ARRAY ? s->indent : 0;
    struct buf none = {0};
    struct keep skip = {.into = &none, .limit = 0, .over = true};
    if (want < 0) {
        s->mode = SPLIT_DONE;
        return;
    }
    for (;;) {
        if (copy_line(s, &skip) != SOURCE_OK) return;
        int col = 0;
        for (;; col++) {
            if (s->w->at == s->w->end && more(s) != SOURCE_OK) return;
            if (*s->w->at != ' ' && *s->w->at != '\t') break;
            take(s, s->w->at + 1);
        }
        if (col == want && (*s->w->at == '{' || *s->w->at == '[')) return;
    }
}

static int next_value(struct splitter *s, struct piece *out, struct keep *k, struct scan *sc)
{
    for (;;) {
        char *at = s->w->at, *e = scan_value(sc, at, s->w->end);
        char *stop = e ? e : s->w->end;
        keep(k, at, (size_t)(stop - at));
        take(s, stop);
        if (sc->broken) {
            snprintf(out->text, sizeof out->text, "broken JSON at byte %llu: %s", (unsigned long long)k->n,
                     sc->in_str || (s->w->at < s->w->end && *s->w->at == '\n') ? "line ends inside a string"
                                                                               : "bracket of the wrong kind");
            if (s->mode != SPLIT_LINES) resync(s);
            else copy_line(s, &(struct keep){.into = k->into, .over = true});
            return reject(out, k->into, REFRAIN_E_PARSE, out->text);
        }
        if (e) return finish(out, k);
        enum source_state st = more(s);
        if (st == SOURCE_BROKEN) return reject_source(s, out, k->into);
        if (st == SOURCE_END) return unended(s, out, k);
    }
}

/* A number, a word or rubbish where a value should be: up to the comma, the
 * bracket or the end of the line. It is handed on, to be rejected by name. */
static int next_scalar(struct splitter *s, struct piece *out, struct keep *k)
{
    for (;;) {
        char *at = s->w->at, *p = at;
        while (p < s->w->end && *p != ',' && *p != ']' && *p != '\n') p++;
        keep(k, at, (size_t)(p - at));
        take(s, p);
        if (p < s->w->end) {
            if (s->mode != SPLIT_ARRAY && *p != '\n') keep(k, p, 1), take(s, p + 1);
            else return finish(out, k);
            continue;
        }
        enum source_state st = more(s);
        if (st == SOURCE_BROKEN) return reject_source(s, out, k->into);
        if (st == SOURCE_END) return finish(out, k);
    }
}

static int next_element(struct splitter *s, struct piece *out, struct keep *k)
{
    for (;;) {
        int indent = -1;
        enum source_state st = skip_blank(s, &indent);
        if (st == SOURCE_BROKEN) return reject_source(s, out, k->into);
        out->offset = s->offset;
        if (st == SOURCE_END) {
            s->mode = SPLIT_DONE;
            return reject(out, k->into, REFRAIN_E_PARSE, "broken JSON: the array does not end");
        }
        char c = *s->w->at;
        if (c == ',' || c == ']') {
            take(s, s->w->at + 1);
            if (c == ',') continue;
            s->mode = SPLIT_VALUES;
            return -1;
        }
        s->indent = indent;
        struct scan sc = {0};
        if (c == '{' || c == '[' || c == '"') return next_value(s, out, k, &sc);
        return next_scalar(s, out, k);
    }
}

/* ---- start and next ---- */

void split_start(struct splitter *s, struct source *src, size_t limit, int hint)
{
    struct buf held = s->held;
    buf_clear(&held);
    *s = (struct splitter){.src = src, .w = source_window(src), .held = held, .limit = limit, .hint = hint, .indent = -1};
}

/* Bytes that tell the mode: the first line and the beginning of the next, or
 * LOOK where that is more. What a read brought beyond them does not count, for
 * the same file must be split the same from a slow pipe. Their end. */
static char *look_ahead(struct splitter *s)
{
    enum { LOOK = 16 << 10 };
    for (;;) {
        char *at = s->w->at;
        size_t n = (size_t)(s->w->end - at), most = source_room(s->src) / 2;
        size_t need = sniff_need(at, s->w->end);
        if (need && need < LOOK) need = LOOK;
        if (n >= most) return at + (need && need < most ? need : most);
        if (need && n >= need) return at + need;
        if (more(s) != SOURCE_OK) return s->w->end;
    }
}

static int begin(struct splitter *s, struct piece *out, struct buf *into)
{
    enum source_state st;
    while (s->w->end - s->w->at < 3)
        if ((st = more(s)) != SOURCE_OK) break;
    if (s->w->end - s->w->at >= 3 && memcmp(s->w->at, "\xEF\xBB\xBF", 3) == 0) take(s, s->w->at + 3);
    st = skip_blank(s, NULL);
    if (st == SOURCE_BROKEN) return reject_source(s, out, into);
    if (st == SOURCE_END) return s->mode = SPLIT_DONE, 0;
    char *end = look_ahead(s); /* may move the window */
    s->mode = sniff_mode(s->w->at, end, s->hint);
    if (s->mode == SPLIT_ARRAY) take(s, s->w->at + 1);
    return -1;
}

int split_next(struct splitter *s, struct piece *out, struct buf *into)
{
    for (;;) {
        buf_clear(into);
        struct keep k = {.into = into, .limit = s->limit};
        struct scan sc = {0};
        int got = -1;
        if (s->mode == SPLIT_DONE) return 0;
        if (s->mode == SPLIT_UNKNOWN) {
            if ((got = begin(s, out, into)) >= 0) return got;
            continue;
        }
        if (s->mode == SPLIT_ARRAY) {
            if ((got = next_element(s, out, &k)) >= 0) return got;
            continue;
        }
        enum source_state st = skip_blank(s, NULL);
        out->offset = s->offset;
        if (st == SOURCE_BROKEN) return reject_source(s, out, into);
        if (st == SOURCE_END) return s->mode = SPLIT_DONE, 0;
        switch (s->mode) {
        case SPLIT_LINES: return next_line(s, out, &k);
        case SPLIT_BLOCKS: return next_block(s, out, &k);
        case SPLIT_TEXT: return next_text(s, out, &k);
        default: break;
        }
        char c = *s->w->at;
        if (c == '{' || c == '"') return next_value(s, out, &k, &sc);
        if (c != '[') return next_scalar(s, out, &k);
        char *end = look_ahead(s); /* may move the window */
        if (sniff_mode(s->w->at, end, 'j') != SPLIT_ARRAY) return next_value(s, out, &k, &sc);
        take(s, s->w->at + 1);
        s->mode = SPLIT_ARRAY;
    }
}
