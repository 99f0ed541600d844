/* Marked text, wrapped; see marked.h. */
#include "out/marked.h"

#include <stdlib.h>

const unsigned mark_style[MARK_KINDS] = {0,
                                         ST_UNDER | ST_BLUE,
                                         ST_UNDER | ST_MAGENTA,
                                         ST_UNDER | ST_YELLOW,
                                         ST_UNDER | ST_CYAN,
                                         ST_UNDER | ST_GREEN,
                                         ST_UNDER | ST_RED,
                                         ST_UNDER};

bool marked_init(struct marked *m, str text)
{
    m->text = text;
    m->n_mark = 0;
    m->mark = calloc(text.n + 1, 1);
    return m->mark != NULL;
}

void marked_add(struct marked *m, uint32_t begin, uint32_t end, int kind)
{
    if (end > m->text.n) end = (uint32_t)m->text.n;
    if (begin >= end) return;
    if (m->n_mark < MARKED_RANGES) {
        m->range[m->n_mark].begin = begin;
        m->range[m->n_mark++].end = end;
    }
    /* the narrower range stays visible inside the wider one */
    bool wider = false;
    for (uint32_t i = begin; i < end && !wider; i++) wider = m->mark[i] != 0;
    for (uint32_t i = begin; i < end; i++)
        if (!wider || m->mark[i] == 0) m->mark[i] = (uint8_t)kind;
}

void marked_free(struct marked *m) { free(m->mark); }

/* ---- what to show ---- */

static bool white(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/* One mark and some context, to word ends; of a long one its beginning. */
static void around(const struct marked *m, size_t i, size_t *begin, size_t *end)
{
    enum { CONTEXT = 48, LONG = 150 };
    const char *p = m->text.p;
    size_t n = m->text.n, b = m->range[i].begin, e = m->range[i].end, to = e - b > LONG ? b + LONG : e;
    size_t after = to < e ? to : to + CONTEXT < n ? to + CONTEXT : n, before = b > CONTEXT ? b - CONTEXT : 0;
    while (before > 0 && before < b && !white(p[before - 1])) before++;
    while (after < n && after > to && !white(p[after])) after--;
    *begin = before;
    *end = after;
}

/* keep[i]: byte i is shown. The marks in their order as far as the budget goes,
 * then what is left of it from the beginning of the text. */
static void choose(const struct marked *m, uint8_t *keep, size_t budget)
{
    enum { JOIN = 40, WORTH = 60 };
    size_t n = m->text.n, used = 0;
    for (size_t i = 0; i < m->n_mark; i++) {
        size_t b, e, more = 0;
        around(m, i, &b, &e);
        for (size_t k = b; k < e; k++) more += !keep[k];
        if (used && used + more > budget) continue;
        memset(keep + b, 1, e - b);
        used += more;
    }
    if (used == 0 || used + WORTH <= budget)
        for (size_t i = 0; i < n && used < budget; i++) used += !keep[i], keep[i] = 1;
    for (size_t i = 0, gap = 0; i <= n; i++) { /* small gaps are not worth an ellipsis */
        if (i < n && !keep[i]) {
            gap++;
            continue;
        }
        if (gap && gap < JOIN) memset(keep + i - gap, 1, gap);
        gap = 0;
    }
}

/* A cut in mid-word, made where the budget ended, moves back to white space. */
static void trim_cuts(const struct marked *m, uint8_t *keep)
{
    for (size_t i = 1; i < m->text.n; i++) {
        if (!keep[i - 1] || keep[i] || white(m->text.p[i])) continue;
        for (size_t k = i; k > 0 && keep[k - 1] && !white(m->text.p[k - 1]); k--) keep[k - 1] = 0;
    }
    for (size_t i = 1; i < m->text.n; i++) /* and never inside a character */
        if (keep[i] && !keep[i - 1] && utf8_is_cont(m->text.p[i])) keep[i] = 0;
}

/* ---- lines ---- */

struct cell {
    uint32_t at; /* byte of the text; UINT32_MAX: an ellipsis */
    uint8_t bytes, columns, mark;
    bool space;
};
struct line {
    struct cell cell[260];
    size_t n, columns;
};

static void put_line(struct buf *b, const struct term *t, const struct marked *m, const struct cell *c, size_t n,
                     size_t indent)
{
    while (n && c[n - 1].space) n--;
    term_spaces(b, indent);
    int on = 0;
    bool any = false;
    for (size_t i = 0; i < n; i++) {
        if (c[i].mark != on) {
            if (on) term_off(b, t);
            if (c[i].mark) term_on(b, t, mark_style[c[i].mark]);
            on = c[i].mark;
        }
        any |= c[i].mark != 0;
        if (c[i].space) buf_putc(b, ' ');
        else if (c[i].at == UINT32_MAX) buf_puts(b, t->utf8 ? "…" : "~");
        else term_clean_char(b, t, m->text.p + c[i].at, m->text.n - c[i].at);
    }
    if (on) term_off(b, t);
    buf_putc(b, '\n');
    if (t->color || !any) return;
    while (n && !c[n - 1].mark) n--;
    term_spaces(b, indent);
    for (size_t i = 0; i < n; i++)
        for (int k = 0; k < c[i].columns; k++) buf_putc(b, c[i].mark ? '~' : ' ');
    buf_putc(b, '\n');
}

/* Breaks at the last space; what follows it begins the next line. */
static void break_line(struct buf *b, const struct term *t, const struct marked *m, struct line *l, size_t indent)
{
    size_t cut = l->n;
    while (cut && !l->cell[cut - 1].space) cut--;
    if (cut == 0) cut = l->n;
    put_line(b, t, m, l->cell, cut, indent);
    memmove(l->cell, l->cell + cut, (l->n - cut) * sizeof *l->cell);
    l->n -= cut;
    l->columns = 0;
    for (size_t i = 0; i < l->n; i++) l->columns += l->cell[i].columns;
}

static void add_cell(struct buf *b, const struct term *t, const struct marked *m, struct line *l, struct cell c,
                     size_t indent)
{
    if (c.space && (l->n == 0 || l->cell[l->n - 1].space)) return;
    size_t width = (size_t)t->width - indent;
    if ((l->columns + c.columns > width && !c.space) || l->n == ARRAY_LEN(l->cell)) break_line(b, t, m, l, indent);
    if (c.space && l->n == 0) return;
    l->cell[l->n++] = c;
    l->columns += c.columns;
}

static void flush(struct buf *b, const struct term *t, const struct marked *m, struct line *l, size_t indent)
{
    if (l->n) put_line(b, t, m, l->cell, l->n, indent);
    l->n = l->columns = 0;
}

void marked_print(struct buf *b, const struct term *t, const struct marked *m, size_t indent, size_t lines)
{
    size_t n = m->text.n, budget = lines ? lines * ((size_t)t->width - indent) : n;
    uint8_t *keep = calloc(n + 1, 1);
    if (!keep) {
        b->oom = true;
        return;
    }
    if (budget + 80 >= n) {
        memset(keep, 1, n);
    } else {
        choose(m, keep, budget);
        trim_cuts(m, keep);
    }
    struct line l;
    l.n = l.columns = 0;
    bool gap = false, newline = false; /* seen, not yet acted on */
    for (size_t i = 0, len; i < n; i += len) {
        int columns = term_char(m->text.p + i, n - i, &len);
        if (!keep[i]) {
            gap = true;
            continue;
        }
        char c = m->text.p[i];
        if (newline && !gap && !white(c)) flush(b, t, m, &l, indent);
        if (!white(c)) newline = false;
        if (gap) {
            const struct cell space = {0, 0, 1, 0, true}, dots = {UINT32_MAX, 0, 1, 0, false};
            add_cell(b, t, m, &l, space, indent);
            add_cell(b, t, m, &l, dots, indent);
            add_cell(b, t, m, &l, space, indent);
            gap = false;
        }
        newline |= c == '\n';
        add_cell(b, t, m, &l, (struct cell){(uint32_t)i, (uint8_t)len, (uint8_t)columns, m->mark[i], white(c)}, indent);
    }
    if (gap) {
        add_cell(b, t, m, &l, (struct cell){0, 0, 1, 0, true}, indent);
        add_cell(b, t, m, &l, (struct cell){UINT32_MAX, 0, 1, 0, false}, indent);
    }
    flush(b, t, m, &l, indent);
    free(keep);
}
