/* Look-alikes of the directory's lines. */
#ifndef REFRAIN_HELPLINE_NEAR_H
#define REFRAIN_HELPLINE_NEAR_H

#include "helpline/room.h"

void near_table(struct directory *d); /* fills d->near */
/* The line that r's number is one slip away from, one of `country` first; NULL none. */
const struct dir_line *near_find(const struct directory *d, const struct raw *r, const char *country);
/* The same among the numbers of the service that is named before it, however short. */
const struct dir_line *near_named(const struct directory *d, const struct raw *r, const char *country);
const struct dir_line *near_site(const struct directory *d, str host);

#endif
