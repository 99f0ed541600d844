/* A comparison that is made, for its writers: terminal, Markdown, JSON, HTML. */
#ifndef REFRAIN_CLI_COMPARE_H
#define REFRAIN_CLI_COMPARE_H

#include "cli/run_store.h"
#include "stats/changes.h"

struct comparison {
    const char *a, *b;            /* names as given */
    const struct run *run_a, *run_b;
    const struct changes *changes;
    const struct changes_opts *opts;
    str why;                      /* reasons not to compare, a line each */
    bool all;                     /* also what cannot be told apart or is undefined */
};

/* Sections in the order of a report; `title` fits behind a number. */
extern const char *const compare_titles[N_CHANGE];
size_t compare_count(const struct comparison *c, enum change_verdict v);
/* How many rows of a section a short page shows. */
size_t compare_shown(const struct comparison *c, enum change_verdict v);
/* How the two were held against each other, and how sure the figures are: sentences. */
void compare_method(struct buf *b, const struct comparison *c);
const char *compare_p(char out[static 32], double p);
const char *compare_range(char out[static 80], const struct change *x); /* "+1.2 to +7.1" */
/* Takes the first line off `rest`; false when there is none. */
bool compare_next_reason(str *rest, str *line);

void compare_print(struct buf *b, const struct term *t, const struct comparison *c);
void compare_markdown(struct buf *b, const struct comparison *c);
void compare_json(struct buf *b, const struct comparison *c);
void compare_html(struct buf *b, const struct comparison *c);

#endif
