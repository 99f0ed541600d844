/* Strings of strangers → safe pieces of XML, HTML, Markdown and URIs. Bytes
 * that are no UTF-8 and characters that the format forbids become U+FFFD. */
#ifndef REFRAIN_OUT_ESCAPE_H
#define REFRAIN_OUT_ESCAPE_H

#include "base/base.h"

/* For text and for attributes in either kind of quotes; the same bytes are valid HTML. */
void escape_xml(struct buf *b, str s);
/* A Markdown code span that nothing in `s` can end: no markup, no mention, no link. Not for table cells. */
void escape_md_code(struct buf *b, str s);
/* A JSON string; buf_json, but broken UTF-8 is mended. */
void escape_json(struct buf *b, str s);
/* A CSV cell (RFC 4180), quoted where it has to be. One that a spreadsheet would compute gets a leading apostrophe
 * (OWASP's advice on CSV injection); control characters become U+FFFD: such a file is looked at on a terminal too. */
void escape_csv(struct buf *b, str s);
/* A path as a URI reference: relative stays relative, absolute gets file://. */
void escape_uri(struct buf *b, str path);

#endif
