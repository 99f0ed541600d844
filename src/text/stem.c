/* A word → the length of its stem.
 *
 * The codebook asks for Snowball; what ov() needs is only that forms of one
 * word meet, so a suffix stripper of a few lines stands in for it (no second
 * library, about 1 ns a byte). */
#include "text/text.h"

struct suffix { char s[8]; uint8_t n, drop, keep; bool undouble; };

/* Length of a word of n bytes without the first of the list that it ends with, but for `keep` bytes before it. `last`:
 * the word's last bytes, the very last uppermost. */
static inline size_t cut_suffix(size_t n, uint64_t last, bool *undouble, const struct suffix *list, size_t n_list)
{
    for (const struct suffix *x = list; x < list + n_list; x++) {
        uint64_t end;
        memcpy(&end, x->s, 8);
        if (last >> (64 - 8 * x->n) != end || n < (size_t)x->n + x->keep) continue;
        *undouble = x->undouble;
        return n - x->drop;
    }
    return n;
}

/* Suffixes by their last letters, longest first. */
static inline size_t cut(size_t n, uint64_t last, bool *undouble)
{
    static const struct suffix of[] = {{"'s", 2, 2, 2, false}, {"s", 1, 1, 3, false}};
    static const struct suffix ss[] = {{"iness", 5, 5, 3, false}, {"ness", 4, 4, 3, false}, {"ss", 2, 0, 0, false}};
    static const struct suffix gs[] = {{"ings", 4, 4, 3, true}, {"s", 1, 1, 3, false}};
    static const struct suffix es[] = {{"ies", 3, 3, 2, false}, {"sses", 4, 2, 4, false}, {"es", 2, 2, 3, false},
                                       {"s", 1, 1, 3, false}};
    static const struct suffix g[] = {{"ing", 3, 3, 3, true}};
    static const struct suffix y[] = {{"ingly", 5, 5, 3, true}, {"edly", 4, 4, 3, true}, {"fully", 5, 5, 3, false},
                                      {"ly", 2, 2, 4, false}};
    static const struct suffix d[] = {{"ied", 3, 3, 2, false}, {"ed", 2, 2, 3, true}};
#define CUT(list) cut_suffix(n, last, undouble, list, ARRAY_LEN(list))
    switch (last >> 56) {
    case 's':
        switch (last >> 48 & 255) {
        case '\'': return CUT(of);
        case 's': return CUT(ss);
        case 'g': return CUT(gs);
        case 'e': return CUT(es);
        default: return n - (n > 3);
        }
    case 'g': return CUT(g);
    case 'y': return CUT(y);
    case 'd': return CUT(d);
    default: return n;
    }
}
#undef CUT

size_t text_stem(const char *p, size_t n)
{
    uint64_t last;
    bool undouble = false;
    memcpy(&last, n > 8 ? p + n - 8 : p, 8);
    n = cut(n, n < 8 ? last << (64 - 8 * n) : last, &undouble);
    char end = p[n - 1];
    if (undouble && n > 3 && end == p[n - 2] && end != 's' && end != 'l') end = p[--n - 1];
    return n - (n > 3 && (end == 'e' || end == 'y' || end == 'i'));
}
