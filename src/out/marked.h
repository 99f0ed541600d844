/* Text with marked byte ranges → wrapped lines of a terminal, the marked words
 * underlined: by an escape sequence where colours are on, else by a line of
 * tildes beneath. Long text is shortened around the marks, first ones first. */
#ifndef REFRAIN_OUT_MARKED_H
#define REFRAIN_OUT_MARKED_H

#include "out/term.h"

enum { MARK_KINDS = 8, MARKED_RANGES = 64 };
struct marked {
    str text;
    uint8_t *mark;  /* one a byte: 0 plain, else 1..7; owned */
    struct { uint32_t begin, end; } range[MARKED_RANGES]; /* as added: the most important first */
    size_t n_mark;
};
extern const unsigned mark_style[MARK_KINDS]; /* term styles; 1..5 the phases, 6 refusal */

bool marked_init(struct marked *m, str text); /* false: out of memory */
void marked_add(struct marked *m, uint32_t begin, uint32_t end, int kind);
void marked_free(struct marked *m);
/* Lines indented by `indent`. `lines`: about how many to show, 0 all. */
void marked_print(struct buf *b, const struct term *t, const struct marked *m, size_t indent, size_t lines);

#endif
