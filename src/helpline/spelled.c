/* "nine eight eight", "nine-one-one", "triple nine" → a raw contact.
 *
 * Only 988, 911 and 999 are read from words: the extractor's scan stops at
 * "nin", which costs next to nothing, and other codes ("one one two") are
 * hardly ever written so. */
#include "helpline/room.h"

static const char *const digit_words[] = {"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"};

static bool in_word(char c) { return (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80; }

/* The digit word at i; its value, -1 none; *end behind it. */
static int word_at(const struct scan *s, uint32_t i, uint32_t *end)
{
    for (int v = 0; v < 10; v++) {
        uint32_t n = (uint32_t)strlen(digit_words[v]);
        if (i + n > s->n || memcmp(s->t + i, digit_words[v], n) != 0) continue;
        if (i + n < s->n && in_word(s->t[i + n])) continue;
        *end = i + n;
        return v;
    }
    return -1;
}

/* Behind a digit word: " ", "-", ", " or a longer dash; its length, 0 none. */
static uint32_t gap_at(const struct scan *s, uint32_t i)
{
    if (i >= s->n) return 0;
    if (s->t[i] == ',') return i + 1 < s->n && s->t[i + 1] == ' ' ? 2 : 0;
    if (s->t[i] == ' ' || s->t[i] == '-') return 1;
    return i + 2 < s->n && memcmp(s->t + i, "\xE2\x80", 2) == 0 && (unsigned char)s->t[i + 2] >= 0x90 && (unsigned char)s->t[i + 2] <= 0x95 ? 3 : 0;
}

static bool ends(const struct scan *s, uint32_t i, const char *z)
{
    uint32_t n = (uint32_t)strlen(z);
    return i >= n && memcmp(s->t + i - n, z, n) == 0 && (i == n || !in_word(s->t[i - n - 1]));
}

/* A digit word, hyphen or space right before: then this is the inside of something longer. */
static bool inside(const struct scan *s, uint32_t i)
{
    if (i == 0) return false;
    if (s->t[i - 1] != ' ' && s->t[i - 1] != '-') return in_word(s->t[i - 1]);
    if (s->t[i - 1] == '-') return true;
    for (int v = 0; v < 10; v++)
        if (ends(s, i - 1, digit_words[v])) return true;
    return false;
}

static bool read_words(struct raw *r, const struct scan *s, uint32_t at, uint32_t *next)
{
    uint32_t b = at, e = 0, n = 0;
    char dg[4] = {0};
    *next = at + 1;
    if (word_at(s, at, &e) != 9) return false;
    *next = e;
    if (ends(s, at, "triple ") || ends(s, at, "triple-")) {
        b = at - 7;
        memcpy(dg, "999", n = 3);
    } else {
        dg[n++] = '9';
        for (uint32_t i = e, k, g; n < 3 && (g = gap_at(s, i)) > 0; i = k) {
            bool twice = i + g + 7 < s->n && memcmp(s->t + i + g, "double ", 7) == 0;
            int v = word_at(s, i + g + (twice ? 7 : 0), &k);
            if (v < 0 || (twice && n == 2)) return false;
            for (int t = twice ? 2 : 1; t > 0; t--) dg[n++] = (char)('0' + v);
            e = k;
        }
    }
    uint32_t over;
    if (n != 3 || inside(s, b) || (gap_at(s, e) && s->t[e] != ',' && word_at(s, e + gap_at(s, e), &over) >= 0)) return false;
    if (memcmp(dg, "988", 3) != 0 && memcmp(dg, "911", 3) != 0 && memcmp(dg, "999", 3) != 0) return false;
    *r = (struct raw){.begin = b, .end = e, .kind = RAW_PHONE, .n_digit = 3, .known = true, .key = number_key(dg, 3)};
    memcpy(r->digit, dg, 3);
    if (!directory_find(s->d, r->key)) return false;
    *next = e;
    return true;
}

uint32_t spelled_examine(struct scan *s, uint32_t at)
{
    struct raw r;
    struct around x;
    uint32_t next;
    if ((at > 0 && in_word(s->t[at - 1])) || !read_words(&r, s, at, &next)) return at + 1;
    around_look(&x, s, r.begin, r.end);
    bool is_988 = r.digit[1] == '8' && !memchr(s->t + r.begin, ',', r.end - r.begin); /* hardly ever anything else */
    if (is_988 || around_cue(s, &x, r.begin, r.end)) raw_push(s, &r, &x);
    return next;
}
