/* Bare parse: what yyjson alone needs for the same bytes, the floor under any
 * analysis of JSON. Reads the file in large blocks, parses each line in place
 * and drops it. Prints nothing; exit 1 when a line is no JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

enum { BLOCK = 8 << 20 };

static int parse_line(char *p, size_t n, char *keep)
{
    /* In-place parsing needs padding behind the line: what stands there is put back. */
    memcpy(keep, p + n, YYJSON_PADDING_SIZE);
    memset(p + n, 0, YYJSON_PADDING_SIZE);
    yyjson_doc *doc = yyjson_read_opts(p, n, YYJSON_READ_INSITU, NULL, NULL);
    int bad = doc == NULL;
    yyjson_doc_free(doc);
    memcpy(p + n, keep, YYJSON_PADDING_SIZE);
    return bad;
}

int main(int argc, char **argv)
{
    FILE *f = argc == 2 ? fopen(argv[1], "rb") : NULL;
    size_t cap = BLOCK, have = 0;
    char *buf = malloc(cap + YYJSON_PADDING_SIZE), keep[YYJSON_PADDING_SIZE];
    if (!f || !buf) return 2;
    int bad = 0;
    for (;;) {
        size_t got = fread(buf + have, 1, cap - have, f);
        have += got;
        char *at = buf, *end = buf + have, *nl;
        while (at < end && (nl = memchr(at, '\n', (size_t)(end - at)))) {
            if (nl > at) bad |= parse_line(at, (size_t)(nl - at), keep);
            at = nl + 1;
        }
        if (got == 0) {
            if (at < end) bad |= parse_line(at, (size_t)(end - at), keep);
            break;
        }
        have = (size_t)(end - at);
        memmove(buf, at, have);
        if (have == cap) { /* a line longer than the block */
            char *more = realloc(buf, 2 * cap + YYJSON_PADDING_SIZE);
            if (!more) return 2;
            buf = more;
            cap *= 2;
        }
    }
    free(buf);
    fclose(f);
    return bad;
}
