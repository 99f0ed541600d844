/* Inside the wash-room: shared by its files. */
#ifndef REFRAIN_TEXT_TEXT_H
#define REFRAIN_TEXT_TEXT_H

#include "walk.h"

/* Sentences are cut here at the latest, so that no turn makes one quadratic. */
enum { SENT_MAX_BYTES = 2000 };

/* Two widths: functions of the wide one run where text_wide() is true. */
#define WIDE __attribute__((target("avx2,bmi,bmi2,popcnt")))
static inline bool text_wide(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
}

/* The tokens of a turn, behind those of the walk but not yet of them, and its signs, in the walk's arena. */
struct cut_sign {
    uint32_t at;             /* . ! ? " : or a line break in the fold */
    uint32_t tok;            /* the token there (. " and line breaks are none), or the next */
};
struct cut { const struct cut_sign *sign; uint32_t n_sign, tok1; };

/* Signs that are tokens are not told from words. */
struct cut text_tokens(struct walk *w, uint32_t t);
void text_tokens_warm(void); /* before a conversation's */
/* Tokens and sentences of turn t, appended to the walk. */
void text_sentences(struct walk *w, uint32_t t);

/* Hash of a folded word, as tokens carry it; for word lists. */
uint64_t text_word_hash(str word);
/* Length of the stem of a word of n bytes, at least two, in a fold. */
size_t text_stem(const char *p, size_t n);
/* The next word or number of s at or after *at, as text_tokens cuts them (begin, len and hash); *at moves behind it. */
bool text_next_word(str s, uint32_t *at, struct tok *out);
/* text_word_hash for 1 to TEXT_HASH_MAX bytes that lie in a fold: it reads up to 7 bytes behind them. */
enum { TEXT_HASH_MAX = 64 };
static inline uint64_t text_hash(const char *p, size_t n)
{
    uint64_t h = 0x243F6A8885A308D3ull ^ n, v;
    for (; n > 8; p += 8, n -= 8) {
        memcpy(&v, p, 8);
        h = hash_mix(h ^ v, 0xA4093822299F31D0ull);
    }
    memcpy(&v, p, 8);
    return hash_mix(h ^ (v & ~0ull >> (64 - 8 * n)), 0x082EFA98EC4E6C89ull);
}

#endif
