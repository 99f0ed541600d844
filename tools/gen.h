/* What the generators of C source share. They run when the program is built. */
#ifndef REFRAIN_TOOLS_GEN_H
#define REFRAIN_TOOLS_GEN_H

#include <stdio.h>
#include <stdlib.h>

#include "base/base.h"

static inline void gen_die(const char *program, const char *what)
{
    fprintf(stderr, "%s: %s\n", program, what);
    exit(1);
}

/* A C string of those bytes, in ASCII. */
static inline void gen_quoted(FILE *out, const char *z)
{
    fputc('"', out);
    for (; *z; z++) {
        unsigned char c = (unsigned char)*z;
        if (c == '"' || c == '\\') fprintf(out, "\\%c", c);
        else if (c < 32 || c > 126 || c == '?') fprintf(out, "\\%03o", c);
        else fputc(c, out);
    }
    fputc('"', out);
}

/* A file of those bytes. Unchanged output keeps its time stamp, so that nothing is built again. */
static inline bool gen_write(const char *path, const char *text, size_t n)
{
    char *old;
    size_t m;
    refrain_error err;
    if (file_read(&old, &m, path, 1u << 28, &err) == 0) {
        bool same = m == n && memcmp(old, text, n) == 0;
        free(old);
        if (same) return true;
    }
    FILE *f = fopen(path, "wb");
    if (!f) return false;
    bool written = fwrite(text, 1, n, f) == n;
    return !fclose(f) && written;
}

#endif
