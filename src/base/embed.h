/* Data files compiled into the binary (tools/embed.py): NULL name ends a table. */
#ifndef REFRAIN_BASE_EMBED_H
#define REFRAIN_BASE_EMBED_H
#include <stdint.h>
#include <string.h>

struct embedded { const char *name, *begin, *end; uint64_t digest; }; /* of its bytes */
/* The text of that name in a table, NUL behind; "" none. */
static inline const char *embedded_text(const struct embedded *table, const char *name)
{
    for (; table->name; table++)
        if (strcmp(table->name, name) == 0) return table->begin;
    return "";
}
extern const struct embedded embedded_pack[];      /* packs/en/… */
extern const struct embedded embedded_page[];      /* web/dist/report.html; in the command only */
extern const struct embedded embedded_sql[];       /* src/out/….sql */
#endif
