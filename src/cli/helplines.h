/* What the `helplines` commands share. */
#ifndef REFRAIN_CLI_HELPLINES_H
#define REFRAIN_CLI_HELPLINES_H

#include "cli/cmd.h"
#include "helpline/lookup.h"

struct directory_args { const char *directory, *as_of; uint64_t stale_days; }; /* group "Directory" */
extern const struct opt directory_opts[];
int cli_directory(struct directory **out, const struct directory_args *a); /* 0, or FAILED after its line */

/* One cell a string; widths come from the data, the last column takes what is left. */
struct table { const char *head[8]; size_t n_col; vec_of(const char *) cell; struct arena a; };
void table_init(struct table *t, size_t n_col, const char *const *head);
void table_add(struct table *t, const char *cell);
int table_print(struct table *t); /* frees it */

void line_json(struct buf *b, const struct dir_line *l, bool stale); /* every field that is stated */

int helplines_export(const struct directory *d, const char *format); /* json, csv, hsds */

#endif
