/* One piece of a cue's phrase → its wordings. */
#ifndef REFRAIN_MATCH_PHRASE_H
#define REFRAIN_MATCH_PHRASE_H

#include "base/base.h"

enum { WORDINGS_MAX = 4096, WORDING_BYTES = 1000 };

struct wordings { str *p; size_t n, cap; };

/* Brackets of [p, end) written out, in `a`; blanks at the ends and doubled ones dropped.
 * NULL, or what is wrong with the phrase. */
const char *phrase_expand(struct wordings *out, struct arena *a, const char *p, const char *end);

#endif
