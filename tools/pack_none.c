/* No prepared tables: for tools/pack_gen.c, which makes them, and for builds that cannot run it. */
#include "match/pack.h"

const struct pack_prepared pack_prepared = {0};
