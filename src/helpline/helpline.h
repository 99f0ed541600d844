/* The annex: contacts in text → canonical form → verdict by the dated
 * directory. Numbers come only from the directory, never from memory. */
#ifndef REFRAIN_HELPLINE_HELPLINE_H
#define REFRAIN_HELPLINE_HELPLINE_H

#include "walk.h"

struct directory;

struct directory_options {
    const char *overlay;   /* DIR with the same files; NULL none */
    const char *as_of;     /* YYYY-MM-DD; NULL today */
    uint32_t stale_days;   /* 0: 90 */
};
/* Built-in directory (helplines/CC.yaml, compiled in) plus overlay. */
int directory_load(struct directory **out, const struct directory_options *opt, refrain_error *err);
void directory_free(struct directory *d);
const char *directory_version(const struct directory *d); /* date and hash */

#endif
