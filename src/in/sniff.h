/* How a file is to be split, from its first bytes. */
#ifndef REFRAIN_IN_SNIFF_H
#define REFRAIN_IN_SNIFF_H

#include "in/split.h"

/* Bytes of the first line and the first byte of the next one, 0 when they are not all there. */
size_t sniff_need(const char *p, const char *end);
/* p is at the first byte that is no white space; `hint` as in splitter. */
enum split_mode sniff_mode(char *p, char *end, int hint);
/* Opens like an object or array, and not like "[user]: …". */
bool sniff_is_json(const char *p, const char *end);
/* Does the line open a turn of a transcript: "user:", "[agent]:"? Sets the
 * role and how many bytes the label takes. (format_text.c) */
bool text_speaker(str line, int *role, size_t *label);

#endif
