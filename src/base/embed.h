/* Data files compiled into the binary (tools/embed.py): NULL name ends a table. */
#ifndef REFRAIN_BASE_EMBED_H
#define REFRAIN_BASE_EMBED_H
struct embedded { const char *name, *begin, *end; };
extern const struct embedded embedded_pack[];      /* packs/en/… */
extern const struct embedded embedded_page[];      /* web/dist/report.html; in the command only */
extern const struct embedded embedded_sql[];       /* src/out/….sql */
#endif
