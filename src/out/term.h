/* The terminal: styles, widths and clean text. Text of a conversation never
 * reaches a terminal with its control characters. Writes into a buf; prints
 * nothing. */
#ifndef REFRAIN_OUT_TERM_H
#define REFRAIN_OUT_TERM_H

#include "base/base.h"

struct term {
    int width;    /* columns, at least 40 */
    bool color;   /* escape sequences may be used */
    bool utf8;    /* else ASCII drawings */
};
#define TERM_PLAIN ((struct term){80, false, true})

enum { /* styles: bits */
    ST_BOLD = 1, ST_DIM = 2, ST_UNDER = 4,
    ST_RED = 8, ST_YELLOW = 16, ST_GREEN = 32, ST_BLUE = 64, ST_MAGENTA = 128, ST_CYAN = 256
};
void term_on(struct buf *b, const struct term *t, unsigned style);
void term_off(struct buf *b, const struct term *t);
/* Styled ASCII or own text. */
void term_put(struct buf *b, const struct term *t, unsigned style, const char *z);
void term_printf(struct buf *b, const struct term *t, unsigned style, const char *fmt, ...) PRINTF_LIKE(4, 5);

/* Columns of the character at p (n > 0), 0 for combining; *len its bytes. What
 * a terminal could act on (C0, DEL, C1, bidi controls) counts as one column. */
int term_char(const char *p, size_t n, size_t *len);
size_t term_cells(str s);
/* One character, cleaned: what a terminal could act on becomes U+FFFD (or ?),
 * white space becomes one space. */
void term_clean_char(struct buf *b, const struct term *t, const char *p, size_t n);
void term_clean(struct buf *b, const struct term *t, str s);
/* The same, shortened with an ellipsis to `cells`, and padded to it if `pad`. */
void term_fit(struct buf *b, const struct term *t, str s, size_t cells, bool pad);
void term_spaces(struct buf *b, size_t n);
/* A bar of `cells` columns filled to part/whole; of something there is at least an eighth of a column. */
void term_bar(struct buf *b, const struct term *t, unsigned style, double part, double whole, size_t cells);
/* Words of `s` wrapped at the width, each line after the first indented. */
void term_wrap(struct buf *b, const struct term *t, str s, size_t indent, size_t at);

#endif
