/* Styles, widths, clean text; see term.h. */
#include "out/term.h"

#include <stdio.h>
#include <utf8proc.h>

void term_on(struct buf *b, const struct term *t, unsigned style)
{
    static const char *const code[] = {"1", "2", "4", "31", "33", "32", "34", "35", "36"};
    if (!t->color || !style) return;
    buf_puts(b, "\033[0");
    for (size_t i = 0; i < ARRAY_LEN(code); i++)
        if (style >> i & 1) {
            buf_putc(b, ';');
            buf_puts(b, code[i]);
        }
    buf_putc(b, 'm');
}

void term_off(struct buf *b, const struct term *t)
{
    if (t->color) buf_puts(b, "\033[0m");
}

void term_put(struct buf *b, const struct term *t, unsigned style, const char *z)
{
    if (style) term_on(b, t, style);
    buf_puts(b, z);
    if (style) term_off(b, t);
}

void term_printf(struct buf *b, const struct term *t, unsigned style, const char *fmt, ...)
{
    char z[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(z, sizeof z, fmt, ap);
    va_end(ap);
    term_put(b, t, style, z);
}

/* C0, DEL, C1, and the marks that reorder what follows. */
static bool acts_on_terminal(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x061C || c == 0x200E || c == 0x200F ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF || c == 0xFFFD;
}

static bool is_white(uint32_t c) { return c == ' ' || (c >= 9 && c <= 13) || c == 0xA0; }

int term_char(const char *p, size_t n, size_t *len)
{
    uint32_t c;
    *len = utf8_decode(p, n, &c);
    if (is_white(c) || acts_on_terminal(c)) return 1;
    if (c < 0x7F) return 1;
    int w = utf8proc_charwidth((utf8proc_int32_t)c);
    return w < 0 ? 0 : w;
}

size_t term_cells(str s)
{
    size_t cells = 0, len;
    for (size_t i = 0; i < s.n; i += len) cells += (size_t)term_char(s.p + i, s.n - i, &len);
    return cells;
}

void term_clean_char(struct buf *b, const struct term *t, const char *p, size_t n)
{
    uint32_t c;
    size_t len = utf8_decode(p, n, &c);
    if (is_white(c)) buf_putc(b, ' ');
    else if (acts_on_terminal(c)) buf_puts(b, t->utf8 ? "\xEF\xBF\xBD" : "?");
    else buf_put(b, p, len);
}

void term_clean(struct buf *b, const struct term *t, str s)
{
    size_t len;
    for (size_t i = 0; i < s.n; i += len) {
        term_char(s.p + i, s.n - i, &len);
        term_clean_char(b, t, s.p + i, s.n - i);
    }
}

void term_fit(struct buf *b, const struct term *t, str s, size_t cells, bool pad)
{
    size_t used = 0, len;
    bool cut = term_cells(s) > cells;
    size_t room = cut && cells ? cells - 1 : cells;
    for (size_t i = 0; i < s.n; i += len) {
        size_t w = (size_t)term_char(s.p + i, s.n - i, &len);
        if (used + w > room) break;
        term_clean_char(b, t, s.p + i, s.n - i);
        used += w;
    }
    if (cut && cells) buf_puts(b, t->utf8 ? "…" : "~"), used++;
    if (pad && used < cells) term_spaces(b, cells - used);
}

void term_spaces(struct buf *b, size_t n)
{
    while (n--) buf_putc(b, ' ');
}

void term_bar(struct buf *b, const struct term *t, unsigned style, double part, double whole, size_t cells)
{
    if (cells == 0) return;
    static const char *const eighth[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    double share = whole > 0 ? part / whole : 0;
    if (share > 1) share = 1;
    size_t e = (size_t)(share * (double)cells * 8 + 0.5);
    if (part > 0 && e == 0) e = 1;
    size_t full = e / 8, used = full;
    term_on(b, t, style);
    for (size_t i = 0; i < full; i++) buf_puts(b, t->utf8 ? "█" : "#");
    if (e % 8 && t->utf8) buf_puts(b, eighth[e % 8]), used++;
    if (style) term_off(b, t);
    term_spaces(b, cells - used);
}

/* A word that no line can hold (a URL) is cut at the width. */
static size_t wrap_word(struct buf *b, const struct term *t, str s, size_t indent, size_t at)
{
    size_t len;
    for (size_t i = 0; i < s.n; i += len) {
        size_t w = (size_t)term_char(s.p + i, s.n - i, &len);
        if (at + w > (size_t)t->width && at > indent) {
            buf_putc(b, '\n');
            term_spaces(b, indent);
            at = indent;
        }
        term_clean_char(b, t, s.p + i, s.n - i);
        at += w;
    }
    return at;
}

void term_wrap(struct buf *b, const struct term *t, str s, size_t indent, size_t at)
{
    size_t width = (size_t)t->width;
    bool begin = true;
    for (size_t i = 0; i < s.n;) {
        while (i < s.n && (s.p[i] == ' ' || s.p[i] == '\n')) i++;
        size_t j = i;
        while (j < s.n && s.p[j] != ' ' && s.p[j] != '\n') j++;
        if (j == i) break;
        size_t w = term_cells(str_sub(s, i, j));
        if (!begin && at + 1 + w > width) {
            buf_putc(b, '\n');
            term_spaces(b, indent);
            at = indent;
        } else if (!begin) {
            buf_putc(b, ' ');
            at++;
        }
        at = wrap_word(b, t, str_sub(s, i, j), indent, at);
        begin = false;
        i = j;
    }
}
