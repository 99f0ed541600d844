/* Decoded bytes → records: lines, elements of a top-level array, values over
 * many lines, or the whole as a transcript. */
#ifndef REFRAIN_IN_SPLIT_H
#define REFRAIN_IN_SPLIT_H

#include "in/source.h"

enum split_mode {
    SPLIT_UNKNOWN,
    SPLIT_LINES,  /* one value a line */
    SPLIT_VALUES, /* values end where their brackets do */
    SPLIT_ARRAY,  /* inside a top-level array: its elements */
    SPLIT_BLOCKS, /* after a value that never ended: from one `{` at column 0 to the next */
    SPLIT_TEXT,   /* all of it */
    SPLIT_DONE
};

/* Where a value's end is: brackets and strings, in any pieces of the bytes. */
struct scan {
    bool in_str, esc, broken, started;
    uint32_t depth;
    uint64_t kinds;  /* a bit for each of the outer 64 levels: 1 is an array */
};
/* Behind the value's last byte; NULL: not yet, all taken. Where `broken` was
 * set: a raw newline in a string or a bracket of the wrong kind. */
char *scan_value(struct scan *s, char *p, char *end);

struct splitter {
    struct source *src;
    struct window *w;
    struct window held_w;   /* on `held`: bytes that are split again */
    struct buf held;
    bool ended;             /* the source gave its last byte */
    enum split_mode mode;
    uint64_t offset;        /* of w->at in the decoded file */
    size_t limit;           /* bytes of a record */
    int indent;             /* of the last array element at the start of its line, -1 within a line */
    int hint;               /* 't' transcript and 'j' JSON by option; 'x' .txt and 'l' .jsonl by name; 0 */
};
struct piece {
    uint64_t offset;
    int status;             /* 0, or a reject */
    const char *reason;     /* lives until the next call */
    char text[200];
};
void split_start(struct splitter *s, struct source *src, size_t limit, int hint);
int split_next(struct splitter *s, struct piece *out, struct buf *into); /* 1, or 0 at the end */

#endif
