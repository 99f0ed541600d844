/* Folded turn → tokens. The bytes become bit sets first, 64 a step: where
 * tokens begin and end, and where signs stand. All words of a turn are then
 * cut in a row; sentence.c takes them sentence by sentence. */
#include <immintrin.h>

#include "text/text.h"

#include "stop.gen.h"

#define NUMBER_HASH 0x4528E638D01377BEull /* one value for all numbers */
#define INLINE static inline __attribute__((always_inline))

uint64_t text_word_hash(str word)
{
    /* text_hash with its last bytes put together one by one, for nothing may be read behind the word */
    const char *p = word.p;
    size_t n = word.n > TEXT_HASH_MAX ? TEXT_HASH_MAX : word.n, i = 0;
    uint64_t h = 0x243F6A8885A308D3ull ^ n, v = 0;
    for (; n > 8; p += 8, n -= 8) {
        memcpy(&v, p, 8);
        h = hash_mix(h ^ v, 0xA4093822299F31D0ull);
    }
    for (v = 0; i < n; i++) v |= (uint64_t)(unsigned char)p[i] << (8 * i);
    return hash_mix(h ^ v, 0x082EFA98EC4E6C89ull);
}

/* ---- words without a fold ---- */

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80; }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static uint32_t word_end(const char *p, uint32_t i, uint32_t n)
{
    for (;;) {
        while (i < n && is_letter(p[i])) i++;
        if (i + 1 < n && p[i] == '\'' && is_letter(p[i + 1])) i++;
        else return i;
    }
}

bool text_next_word(str s, uint32_t *at, struct tok *out)
{
    uint32_t i = *at, n = (uint32_t)s.n;
    while (i < n && !is_letter(s.p[i]) && !is_digit(s.p[i])) i++;
    if (i >= n) return false;
    bool word = is_letter(s.p[i]);
    uint32_t e = i;
    if (word) e = word_end(s.p, i, n);
    else
        while (e < n && is_digit(s.p[e])) e++;
    *out = (struct tok){.hash = word ? text_word_hash(str_sub(s, i, e)) : NUMBER_HASH, .begin = i,
                        .len = (uint16_t)(e - i), .kind = word ? TOK_WORD : TOK_NUMBER};
    *at = e;
    return true;
}

/* ---- bit sets ---- */

/* A fold has no capitals. Signs: . ! ? " : and the line break. Marks: those of them that are tokens. */
struct bytes64 { uint64_t letter, digit, apostrophe, sign, mark; };

static inline unsigned in_range(__m128i v, char from, char to)
{
    __m128i off = _mm_sub_epi8(v, _mm_set1_epi8(from));
    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(off, _mm_set1_epi8((char)(to - from))), off));
}

static inline unsigned equal(__m128i v, char c)
{
    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8(c)));
}

static inline struct bytes64 look(const char *p)
{
    struct bytes64 x = {0};
    for (int k = 0; k < 64; k += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(p + k));
        unsigned letter = in_range(v, 'a', 'z') | (unsigned)_mm_movemask_epi8(v);
        unsigned mark = equal(v, '!') | equal(v, '?') | equal(v, ':');
        x.letter |= (uint64_t)letter << k;
        x.digit |= (uint64_t)in_range(v, '0', '9') << k;
        x.apostrophe |= (uint64_t)equal(v, '\'') << k;
        x.mark |= (uint64_t)mark << k;
        x.sign |= (uint64_t)(mark | equal(v, '.') | equal(v, '"') | equal(v, '\n')) << k;
    }
    return x;
}

static inline WIDE __m256i range32(__m256i v, char from, char to)
{
    __m256i off = _mm256_sub_epi8(v, _mm256_set1_epi8(from));
    return _mm256_cmpeq_epi8(_mm256_min_epu8(off, _mm256_set1_epi8((char)(to - from))), off);
}

static inline WIDE __m256i equal32(__m256i v, char c) { return _mm256_cmpeq_epi8(v, _mm256_set1_epi8(c)); }
static inline WIDE uint64_t bits32(__m256i v) { return (uint32_t)_mm256_movemask_epi8(v); }

static inline WIDE struct bytes64 look_wide(const char *p)
{
    struct bytes64 x = {0};
    for (int k = 0; k < 64; k += 32) {
        __m256i v = _mm256_loadu_si256((const __m256i *)(p + k));
        __m256i mark = _mm256_or_si256(_mm256_or_si256(equal32(v, '!'), equal32(v, '?')), equal32(v, ':'));
        __m256i stop = _mm256_or_si256(_mm256_or_si256(equal32(v, '.'), equal32(v, '\n')), equal32(v, '"'));
        x.letter |= bits32(_mm256_or_si256(range32(v, 'a', 'z'), v)) << k;
        x.digit |= bits32(range32(v, '0', '9')) << k;
        x.apostrophe |= bits32(equal32(v, '\'')) << k;
        x.mark |= bits32(mark) << k;
        x.sign |= bits32(_mm256_or_si256(stop, mark)) << k;
    }
    return x;
}

/* A bit a byte, 64 a block. */
struct block { uint64_t token, number, sign; }; /* where each begins */
struct marks {
    struct block *block; uint32_t n;
    uint64_t *end;           /* [n + 1]: bits of the bytes behind a token */
    size_t n_token, n_sign;
};

/* An apostrophe between two letters is of the word. What stands at and over n is 0. */
INLINE void mark_with(struct marks *m, str fold, struct bytes64 (*look_at)(const char *))
{
    uint64_t letter = 0, word = 0, digit = 0, mark = 0; /* the last bit of the 64 bytes before */
    size_t n_token = 0, n_sign = 0;
    for (size_t k = 0; k < m->n; k++) {
        struct bytes64 x = look_at(fold.p + 64 * k);
        uint64_t valid = k + 1 < m->n ? ~0ull : (1ull << (fold.n & 63)) - 1, behind = 0;
        if (64 * (k + 1) < fold.n) behind = is_letter(fold.p[64 * (k + 1)]);
        uint64_t here = x.letter & valid, left = here << 1 | letter, right = here >> 1 | behind << 63;
        uint64_t joined = here | (x.apostrophe & valid & left & right), number = x.digit & valid, sign = x.sign & valid;
        uint64_t before = joined << 1 | word, before_number = number << 1 | digit, marks = x.mark & valid;
        struct block *b = &m->block[k];
        b->number = number & ~before_number;
        b->token = (joined & ~before) | b->number | marks;
        b->sign = sign;
        m->end[k] = (before & ~joined) | (before_number & ~number) | marks << 1 | mark;
        n_token += (size_t)__builtin_popcountll(b->token);
        n_sign += (size_t)__builtin_popcountll(sign);
        letter = here >> 63, word = joined >> 63, digit = number >> 63, mark = marks >> 63;
    }
    m->end[m->n] = 0;
    m->n_token = n_token, m->n_sign = n_sign;
}

/* ---- tokens ---- */

INLINE bool is_stop(uint64_t hash)
{
    uint32_t h = (uint32_t)hash;
    const uint32_t *row = stop_row[h * STOP_FACTOR >> STOP_SHIFT];
    return (row[0] == h) | (row[1] == h);
}

/* Its last four bytes at once, for they would be read before a part of them is written: the bit of `stop` is 25. */
INLINE void word_token(struct tok *to, uint64_t hash, uint32_t b, uint32_t n)
{
    uint32_t rest = n | (uint32_t)TOK_WORD << 16 | (uint32_t)is_stop(hash) << 25;
    to->hash = hash;
    to->begin = b;
    memcpy(&to->len, &rest, sizeof rest);
}

/* What the two widths do not share: a hash of up to 8 bytes, of more some other number; the first bit, 64 of none. */
struct width { uint64_t (*hash)(const char *, uint64_t); uint64_t (*first)(uint64_t); };

static inline uint64_t hash_narrow(const char *p, uint64_t n)
{
    uint64_t v;
    memcpy(&v, p, 8);
    return hash_mix(0x243F6A8885A308D3ull ^ n ^ (v & ~0ull >> ((8 - n) * 8 & 63)), 0x082EFA98EC4E6C89ull);
}
static inline uint64_t first_narrow(uint64_t bits) { return bits ? (uint64_t)__builtin_ctzll(bits) : 64; }

static inline WIDE uint64_t hash_wide(const char *p, uint64_t n)
{
    uint64_t v;
    memcpy(&v, p, 8);
    return hash_mix(0x243F6A8885A308D3ull ^ n ^ _bzhi_u64(v, (unsigned)(8 * n)), 0x082EFA98EC4E6C89ull);
}
static inline WIDE uint64_t first_wide(uint64_t bits) { return _tzcnt_u64(bits); }

/* Bytes of the token that begins at b; 65 where the next 57 and more are no end. */
INLINE uint32_t token_length(const uint64_t *end, uint32_t b, struct width width)
{
    uint64_t bits;
    memcpy(&bits, (const char *)end + ((b + 1) >> 3), 8);
    return 1 + (uint32_t)width.first(bits >> ((b + 1) & 7));
}

static uint32_t far_end(const struct marks *m, uint32_t b)
{
    uint32_t k = (b + 1) >> 6;
    uint64_t bits = m->end[k] & ~0ull << ((b + 1) & 63);
    while (!bits) bits = m->end[++k];
    return k * 64 + (uint32_t)__builtin_ctzll(bits);
}

/* Of a block's tokens, those of more than 8 bytes: none of the next 8 places is an end. */
INLINE uint64_t long_ones(const struct marks *m, uint32_t k)
{
    uint64_t near = m->end[k] >> 1, behind = m->end[k + 1] << 56;
    near |= near >> 1;
    near |= near >> 2;
    near |= near >> 4;
    return m->block[k].token & ~(near | behind | -behind);
}

/* The first of `bits`: its place among the block's tokens. */
INLINE uint32_t place_of(uint64_t tokens, uint64_t bits)
{
    return (uint32_t)__builtin_popcountll(tokens & ((bits & -bits) - 1));
}

/* All of them as words of up to 8 bytes, without a branch. Each token has one end, before the next one's. */
INLINE void words_with(const struct marks *m, const char *p, struct tok *to, struct width width)
{
    const struct block *block = m->block;
    const uint64_t *end = m->end;
    for (uint32_t k = 0, n_block = m->n; k < n_block; k++, p += 64) {
        uint64_t left = block[k].token, ends = end[k] & ~(left ^ (left - 1)); /* behind where the first begins */
        if (!left) continue;
        for (uint64_t rest; (rest = left & (left - 1)); left = rest, ends &= ends - 1) {
            uint64_t at = width.first(left), n = width.first(ends) - at;
            word_token(to++, width.hash(p + at, n), k * 64 + (uint32_t)at, (uint32_t)n);
        }
        uint32_t at = (uint32_t)width.first(left), n = token_length(end, k * 64 + at, width); /* in another block, perhaps */
        word_token(to++, width.hash(p + at, n), k * 64 + at, n);
    }
}

/* Those that are not so. */
INLINE void others_with(const struct marks *m, const char *p, struct tok *to)
{
    for (uint32_t k = 0; k < m->n; k++) {
        const struct block *x = &m->block[k];
        for (uint64_t left = long_ones(m, k); left; left &= left - 1) {
            struct tok *t = to + place_of(x->token, left);
            uint32_t b = t->begin, n = t->len > TEXT_HASH_MAX ? far_end(m, b) - b : t->len;
            word_token(t, text_hash(p + b, n > TEXT_HASH_MAX ? TEXT_HASH_MAX : n), b, n > UINT16_MAX ? UINT16_MAX : n);
        }
        for (uint64_t left = x->number; left; left &= left - 1) {
            struct tok *t = to + place_of(x->token, left);
            t->hash = NUMBER_HASH;
            t->kind = TOK_NUMBER, t->stop = 0;
        }
        to += __builtin_popcountll(x->token);
    }
}

INLINE void signs_with(const struct marks *m, struct cut_sign *to, uint32_t tok)
{
    for (uint32_t k = 0; k < m->n; k++) {
        const struct block *x = &m->block[k];
        for (uint64_t left = x->sign; left; left &= left - 1)
            *to++ = (struct cut_sign){k * 64 + (uint32_t)__builtin_ctzll(left), tok + place_of(x->token, left)};
        tok += (uint32_t)__builtin_popcountll(x->token);
    }
}

/* The loops by themselves, so that they have the registers. */
struct ways {
    void (*mark)(struct marks *, str);
    void (*words)(const struct marks *, const char *, struct tok *);
    void (*others)(const struct marks *, const char *, struct tok *);
    void (*signs)(const struct marks *, struct cut_sign *, uint32_t);
};
static void mark(struct marks *m, str fold) { mark_with(m, fold, look); }
static void words(const struct marks *m, const char *p, struct tok *to)
{
    words_with(m, p, to, (struct width){hash_narrow, first_narrow});
}
static void others(const struct marks *m, const char *p, struct tok *to) { others_with(m, p, to); }
static void signs(const struct marks *m, struct cut_sign *to, uint32_t tok) { signs_with(m, to, tok); }
static WIDE void mark_wide(struct marks *m, str fold) { mark_with(m, fold, look_wide); }
static WIDE void words_wide(const struct marks *m, const char *p, struct tok *to)
{
    words_with(m, p, to, (struct width){hash_wide, first_wide});
}
static WIDE void others_wide(const struct marks *m, const char *p, struct tok *to) { others_with(m, p, to); }
static WIDE void signs_wide(const struct marks *m, struct cut_sign *to, uint32_t tok) { signs_with(m, to, tok); }
static const struct ways narrow = {mark, words, others, signs}, wide = {mark_wide, words_wide, others_wide, signs_wide};

void text_tokens_warm(void) { mem_fetch(stop_row, sizeof stop_row); }

struct cut text_tokens(struct walk *w, uint32_t t)
{
    str fold = w->text[t].fold;
    struct marks m = {.n = (uint32_t)fold.n / 64 + 1};
    const struct ways *way = text_wide() ? &wide : &narrow;
    m.block = arena_raw(w->a, sizeof *m.block * m.n);
    m.end = arena_raw(w->a, sizeof *m.end * (m.n + 1));
    way->mark(&m, fold);
    typeof(w->tok) *list = &w->tok;
    arena_vec_reserve(w->a, (void **)&list->p, list->n, &list->cap, list->n + m.n_token, sizeof *list->p);
    way->words(&m, fold.p, list->p + list->n);
    way->others(&m, fold.p, list->p + list->n);
    struct cut_sign *sign = arena_raw(w->a, sizeof *sign * (m.n_sign + 1));
    way->signs(&m, sign, (uint32_t)list->n);
    return (struct cut){sign, (uint32_t)m.n_sign, (uint32_t)(list->n + m.n_token)};
}
