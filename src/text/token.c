/* Folded turn → tokens and sentences. The bytes become bit sets first, 64 a
 * step: where words begin and end, and where signs and numbers stand; what
 * follows steps from one sign to the next and takes the words between in a
 * row.
 *
 * A sentence ends at a line break, at .!? before white space (abbreviations,
 * initials and list numbers apart), and at SENT_MAX_BYTES. An ellipsis ends
 * one only before a capital: people trail off in the middle of a thought. */
#include <immintrin.h>

#include "text/text.h"

#include "stop.gen.h"

#define NUMBER_HASH 0x4528E638D01377BEull /* one value for all numbers */

enum cls { C_OTHER, C_LETTER, C_DIGIT, C_SPACE, C_LINE, C_END, C_QUOTE, C_MARK };

static const unsigned char cls[256] = {
    ['a' ... 'z'] = C_LETTER, [0x80 ... 0xff] = C_LETTER, ['A' ... 'Z'] = C_LETTER, ['0' ... '9'] = C_DIGIT,
    [' '] = C_SPACE, ['\n'] = C_LINE, ['.'] = C_END, ['!'] = C_END, ['?'] = C_END, ['"'] = C_QUOTE, [':'] = C_MARK,
};

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

enum { ABBREVIATION_MAX = 6 };

static bool is(const char *p, size_t n, const char *z) { return strlen(z) == n && memcmp(p, z, n) == 0; }

/* Words before a full stop that do not end a sentence. "no." ends more often than it abbreviates. */
static bool is_abbreviation(const char *p, size_t n)
{
    if (n == 1 && cls[(unsigned char)p[0]] == C_LETTER && p[0] != 'i' && p[0] != 'u') return true;
    if (n < 2 || n > ABBREVIATION_MAX) return false;
    switch (p[0]) {
    case 'a': return is(p, n, "a.m") || is(p, n, "approx");
    case 'd': return is(p, n, "dr");
    case 'e': return is(p, n, "e.g") || is(p, n, "etc") || is(p, n, "ext");
    case 'i': return is(p, n, "i.e") || is(p, n, "inc");
    case 'm': return is(p, n, "mr") || is(p, n, "mrs") || is(p, n, "ms");
    case 'p': return is(p, n, "p.m") || is(p, n, "prof");
    case 's': return is(p, n, "st");
    case 't': return is(p, n, "tel");
    case 'u': return is(p, n, "u.s") || is(p, n, "u.k");
    case 'v': return is(p, n, "vs");
    default: return false;
    }
}

struct cutter {
    struct walk *w;
    uint32_t t;
    const char *p;
    uint32_t n, begin;      /* of the open sentence */
    uint32_t tok0, n_sign;  /* first token of the open sentence, and how many of its tokens are signs */
    bool code, quote_line;  /* inside ``` … ```, on a "> " line */
    bool quoting;           /* some token of the open sentence may be quoted */
    uint32_t quote_tok;     /* first token behind an open quotation mark, UINT32_MAX none */
    uint32_t long_at;       /* up to here no blank cuts the open sentence */
    uint32_t from;          /* what begins before it is passed over */
    uint64_t *begins, *ends, *signs; /* bits by byte: a word begins; one has ended; a number or sign begins */
    uint64_t end_bits;      /* of ends[end_at], those not met yet */
    uint32_t end_at;
};

static uint32_t words_of(const struct cutter *c) { return (uint32_t)c->w->tok.n - c->tok0 - c->n_sign; }

static uint32_t sent_flags(const struct cutter *c, uint32_t b, uint32_t e)
{
    const char *p = c->p;
    uint32_t flags = 0, i = b;
    if (p[i] == '-' || p[i] == '*' || p[i] == '+') flags |= (i + 1 < e && p[i + 1] == ' ') ? S_LIST : 0;
    if (p[i] == '#') flags |= S_HEADING;
    while (i < e && p[i] >= '0' && p[i] <= '9') i++;
    if (i > b && i - b <= 3 && i < e && (p[i] == '.' || p[i] == ')')) flags |= S_LIST;
    uint32_t k = e;
    while (k > b && (p[k - 1] == '"' || p[k - 1] == ')' || p[k - 1] == '*' || p[k - 1] == '\'' || p[k - 1] == '_')) k--;
    if (k > b && p[k - 1] == '?') flags |= S_QUESTION;
    if (k > b && p[k - 1] == ':') flags |= S_HEADING;
    if (c->code || c->quote_line) flags |= S_QUOTED;
    return flags;
}

static void add_sentence(struct cutter *c, uint32_t b, uint32_t e)
{
    uint32_t tok1 = (uint32_t)c->w->tok.n;
    while (b < e && (c->p[b] == ' ' || c->p[b] == '\n')) b++;
    while (e > b && (c->p[e - 1] == ' ' || c->p[e - 1] == '\n')) e--;
    struct sent *last = c->w->sent.n ? &c->w->sent.p[c->w->sent.n - 1] : NULL;
    if (last && last->turn == c->t && last->tok1 == c->tok0 && !last->n_word && tok1 - c->tok0 == 1 && !words_of(c)) { /* "? ? ?" is one */
        last->end = e, last->tok1 = tok1;
        c->tok0 = tok1, c->n_sign = 0;
        return;
    }
    struct sent *s = vec_push(c->w->a, &c->w->sent);
    *s = (struct sent){.turn = c->t, .begin = b, .end = e, .flags = sent_flags(c, b, e), .tok0 = c->tok0, .tok1 = tok1,
                       .n_word = words_of(c)};
    uint32_t quoted = 0;
    for (uint32_t i = c->tok0; c->quoting && i < tok1; i++) quoted += c->w->tok.p[i].quoted;
    if (quoted * 10 >= (tok1 - c->tok0) * 9) s->flags |= S_QUOTED;
    c->quoting = c->code || c->quote_line;
    c->tok0 = tok1;
    c->w->text[c->t].n_word += s->n_word;
    c->n_sign = 0;
}

static inline void cut(struct cutter *c, uint32_t end)
{
    uint32_t b = c->begin;
    c->begin = end;
    if (c->w->tok.n > c->tok0) add_sentence(c, b, end); /* else no word: rules, dashes, emoji join nothing */
}

/* A quotation mark at i opens or closes; long quotations are marked on their tokens. */
static void quote_mark(struct cutter *c, uint32_t i)
{
    if (c->quote_tok == UINT32_MAX) {
        bool opens = i == 0 || cls[(unsigned char)c->p[i - 1]] == C_SPACE || c->p[i - 1] == '\n' || c->p[i - 1] == '(' ||
                     c->p[i - 1] == '*';
        if (opens) c->quote_tok = (uint32_t)c->w->tok.n;
        return;
    }
    if (c->w->tok.n - c->quote_tok > 3) {
        for (uint32_t k = c->quote_tok; k < c->w->tok.n; k++) c->w->tok.p[k].quoted = 1;
        c->quoting = true;
    }
    c->quote_tok = UINT32_MAX;
}

static bool upper_follows(const struct cutter *c, uint32_t i)
{
    while (i < c->n && (c->p[i] == ' ' || c->p[i] == '"' || c->p[i] == '\'')) i++;
    if (i >= c->n) return true;
    uint32_t o = text_original(&c->w->text[c->t], i);
    str raw = c->w->conv->turn[c->t].text;
    return o < raw.n && raw.p[o] >= 'A' && raw.p[o] <= 'Z';
}

/* .!? at i: does a sentence end there, and behind which byte? 0: no. */
static uint32_t end_of_sentence(const struct cutter *c, uint32_t i)
{
    uint32_t e = i;
    bool dots = false;
    while (e < c->n && cls[(unsigned char)c->p[e]] == C_END) e++;
    dots = e - i >= 2 && c->p[i] == '.' && c->p[e - 1] == '.';
    while (e < c->n && (c->p[e] == '"' || c->p[e] == ')' || c->p[e] == '*' || c->p[e] == '_' || c->p[e] == '\'' ||
                        c->p[e] == ']'))
        e++;
    if (e < c->n && c->p[e] != ' ' && c->p[e] != '\n') return 0;
    if (dots) return upper_follows(c, e) ? e : 0;
    if (c->p[i] == '.' && e == i + 1) {
        const struct tok *last = c->w->tok.n > c->tok0 ? &c->w->tok.p[c->w->tok.n - 1] : NULL;
        bool whole = last && last->begin >= c->begin && last->begin + last->len == i;
        uint32_t b = whole ? last->begin : i; /* nearly always all of it */
        while (b > c->begin && i - b <= ABBREVIATION_MAX && c->p[b - 1] != ' ' && c->p[b - 1] != '\n' && c->p[b - 1] != '(')
            b--;
        if (is_abbreviation(c->p + b, i - b)) return 0;
        if (words_of(c) == 0) return 0; /* "1." at the start of a list item */
    }
    return e;
}

static uint32_t line_start(struct cutter *c, uint32_t i)
{
    if (c->n - i >= 3 && memcmp(c->p + i, "```", 3) == 0) {
        c->code = !c->code;
        while (i < c->n && c->p[i] != '\n') i++;
        c->begin = i;
        return i;
    }
    c->quote_line = c->p[i] == '>';
    return i;
}

/* There is room for every token of the turn. */
static void add_token(struct cutter *c, uint32_t b, uint32_t e, enum tok_kind kind)
{
    c->w->tok.p[c->w->tok.n++] = (struct tok){.hash = kind == TOK_NUMBER ? NUMBER_HASH : text_hash(c->p + b, e - b),
                                              .begin = b,
                                              .len = (uint16_t)(e - b > UINT16_MAX ? UINT16_MAX : e - b),
                                              .kind = (uint8_t)kind,
                                              .quoted = c->code || c->quote_line};
}

static void add_sign(struct cutter *c, uint32_t i)
{
    add_token(c, i, i + 1, TOK_PUNCT);
    c->n_sign++;
}

static uint32_t word_end(const char *p, uint32_t i, uint32_t n)
{
    for (;;) {
        while (i < n && cls[(unsigned char)p[i]] == C_LETTER) i++;
        if (i + 1 < n && p[i] == '\'' && cls[(unsigned char)p[i + 1]] == C_LETTER) i++;
        else return i;
    }
}

/* ---- bit sets ---- */

/* A fold has no capitals. Signs: . ! ? " : and the line break. */
struct bytes64 { uint64_t letter, digit, apostrophe, sign; };

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
        unsigned sign = equal(v, '.') | in_range(v, '!', '"') | equal(v, '?') | equal(v, ':') | equal(v, '\n');
        x.letter |= (uint64_t)letter << k;
        x.digit |= (uint64_t)in_range(v, '0', '9') << k;
        x.apostrophe |= (uint64_t)equal(v, '\'') << k;
        x.sign |= (uint64_t)sign << k;
    }
    return x;
}

#define WIDE __attribute__((target("avx2,bmi,bmi2,popcnt")))
#define INLINE static inline __attribute__((always_inline))

static inline WIDE __m256i range32(__m256i v, char from, char to)
{
    __m256i off = _mm256_sub_epi8(v, _mm256_set1_epi8(from));
    return _mm256_cmpeq_epi8(_mm256_min_epu8(off, _mm256_set1_epi8((char)(to - from))), off);
}

static inline WIDE __m256i equal32(__m256i v, char c) { return _mm256_cmpeq_epi8(v, _mm256_set1_epi8(c)); }

static inline WIDE struct bytes64 look_wide(const char *p)
{
    struct bytes64 x = {0};
    for (int k = 0; k < 64; k += 32) {
        __m256i v = _mm256_loadu_si256((const __m256i *)(p + k));
        __m256i stop = _mm256_or_si256(equal32(v, '.'), equal32(v, '\n'));
        __m256i mark = _mm256_or_si256(equal32(v, '?'), equal32(v, ':'));
        __m256i sign = _mm256_or_si256(_mm256_or_si256(stop, mark), range32(v, '!', '"'));
        x.letter |= (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_or_si256(range32(v, 'a', 'z'), v)) << k;
        x.digit |= (uint64_t)(uint32_t)_mm256_movemask_epi8(range32(v, '0', '9')) << k;
        x.apostrophe |= (uint64_t)(uint32_t)_mm256_movemask_epi8(equal32(v, '\'')) << k;
        x.sign |= (uint64_t)(uint32_t)_mm256_movemask_epi8(sign) << k;
    }
    return x;
}

/* An apostrophe between two letters is of the word. Signs at and over n are 0. Gives the number of tokens at most. */
INLINE size_t mark_with(struct cutter *c, uint32_t n, struct bytes64 (*look_at)(const char *))
{
    uint64_t letter = 0, word = 0, digit = 0; /* the 64 bytes before */
    size_t tokens = 0;
    struct bytes64 x = look_at(c->p);
    for (uint32_t k = 0; k < n; k++) {
        struct bytes64 next = k + 1 < n ? look_at(c->p + 64 * (size_t)(k + 1)) : (struct bytes64){0};
        uint64_t valid = k + 1 < n ? ~0ull : (1ull << (c->n & 63)) - 1;
        uint64_t here = x.letter & valid, left = here << 1 | letter >> 63, right = here >> 1 | next.letter << 63;
        if (k + 2 == n && (c->n & 63) == 0) right &= ~0ull >> 1; /* nothing behind the end */
        uint64_t joined = here | (x.apostrophe & valid & left & right), number = x.digit & valid;
        uint64_t before = joined << 1 | word >> 63;
        c->begins[k] = joined & ~before;
        c->ends[k] = before & ~joined;
        c->signs[k] = (number & ~(number << 1 | digit >> 63)) | (x.sign & valid);
        tokens += (size_t)__builtin_popcountll(c->begins[k] | c->signs[k]);
        letter = here, word = joined, digit = number;
        x = next;
    }
    return tokens;
}

static size_t mark_narrow(struct cutter *c, uint32_t n) { return mark_with(c, n, look); }
static WIDE size_t mark_wide(struct cutter *c, uint32_t n) { return mark_with(c, n, look_wide); }

/* The bit sets, and room for a token a beginning. */
static void mark(struct cutter *c, bool wide)
{
    uint32_t n = c->n / 64 + 1;
    c->begins = arena_raw(c->w->a, sizeof *c->begins * 3 * n);
    c->ends = c->begins + n;
    c->signs = c->ends + n;
    size_t tokens = wide ? mark_wide(c, n) : mark_narrow(c, n);
    c->end_bits = c->ends[0];
    typeof(c->w->tok) *list = &c->w->tok;
    arena_vec_reserve(c->w->a, (void **)&list->p, list->n, &list->cap, list->n + tokens, sizeof *list->p);
}

/* ---- words without a fold ---- */

bool text_next_word(str s, uint32_t *at, struct tok *out)
{
    uint32_t i = *at, n = (uint32_t)s.n;
    while (i < n && cls[(unsigned char)s.p[i]] != C_LETTER && cls[(unsigned char)s.p[i]] != C_DIGIT) i++;
    if (i >= n) return false;
    bool word = cls[(unsigned char)s.p[i]] == C_LETTER;
    uint32_t e = i;
    if (word) e = word_end(s.p, i, n);
    else
        while (e < n && cls[(unsigned char)s.p[e]] == C_DIGIT) e++;
    *out = (struct tok){.hash = word ? text_word_hash(str_sub(s, i, e)) : NUMBER_HASH, .begin = i, .len = (uint16_t)(e - i),
                        .kind = word ? TOK_WORD : TOK_NUMBER};
    *at = e;
    return true;
}

/* A sentence that has grown too long ends at its first blank from there. */
static void cut_long(struct cutter *c, uint32_t i)
{
    uint32_t at = c->begin + SENT_MAX_BYTES + 1;
    for (at = at > c->long_at ? at : c->long_at; at < i; at++)
        if (c->p[at] == ' ') {
            cut(c, at);
            at = c->begin + SENT_MAX_BYTES;
        }
    c->long_at = i;
}

/* .!? at i; the byte to go on from. */
static uint32_t stop_sign(struct cutter *c, uint32_t i)
{
    if (c->p[i] != '.') add_sign(c, i);
    uint32_t e = end_of_sentence(c, i);
    if (!e) return i + 1;
    for (uint32_t k = i; k < e; k++)
        if (c->p[k] == '"') quote_mark(c, k);
    cut(c, e);
    return e;
}

static uint32_t line_break(struct cutter *c, uint32_t i)
{
    cut(c, i);
    c->quote_line = false;
    if (i + 1 < c->n && c->p[i + 1] == '\n') c->quote_tok = UINT32_MAX; /* an unclosed mark ends with its paragraph */
    return i + 1 < c->n ? line_start(c, i + 1) : i + 1;
}

/* What begins at i and is no word; the byte to go on from. */
static uint32_t sign_at(struct cutter *c, uint32_t i)
{
    uint32_t b = i;
    switch (cls[(unsigned char)c->p[i]]) {
    case C_DIGIT:
        while (i < c->n && cls[(unsigned char)c->p[i]] == C_DIGIT) i++;
        add_token(c, b, i, TOK_NUMBER);
        return i;
    case C_LINE: return line_break(c, i);
    case C_END: return stop_sign(c, i);
    case C_QUOTE: quote_mark(c, i); return i + 1;
    default: add_sign(c, i); return i + 1; /* ':' */
    }
}

/* ---- tokens ---- */

static __attribute__((noinline)) uint64_t long_hash(const char *p, size_t n)
{
    return text_hash(p, n > TEXT_HASH_MAX ? TEXT_HASH_MAX : n);
}

INLINE bool is_stop(uint64_t hash)
{
    uint32_t h = (uint32_t)hash, row = h * STOP_FACTOR / (UINT32_MAX / STOP_ROWS + 1);
    return _mm_movemask_epi8(_mm_cmpeq_epi32(_mm_load_si128((const __m128i *)stop_row[row]), _mm_set1_epi32((int)h)));
}

/* Field by field: a whole token at once would be cleared first. */
INLINE void word_token(struct tok *to, const char *p, uint32_t b, uint32_t n, uint8_t quoted)
{
    to->hash = n > 8 ? long_hash(p + b, n) : text_hash(p + b, n); /* the short ones without a loop */
    to->begin = b, to->len = (uint16_t)n, to->kind = TOK_WORD;
    to->quoted = quoted & 1, to->stop = is_stop(to->hash);
}

/* Words that begin at the bits of `begins`, 64 bytes from `base`, where some lie before c->from, or where their
 * sentence grows too long. */
static void add_words_rare(struct cutter *c, uint64_t begins, uint32_t base)
{
    for (; begins; begins &= begins - 1) {
        uint32_t b = base + (uint32_t)__builtin_ctzll(begins);
        while (!c->end_bits) c->end_bits = c->ends[++c->end_at];
        uint32_t e = c->end_at * 64 + (uint32_t)__builtin_ctzll(c->end_bits);
        c->end_bits &= c->end_bits - 1;
        if (b < c->from) continue;
        if (b > c->begin + SENT_MAX_BYTES) cut_long(c, b);
        struct tok *to = &c->w->tok.p[c->w->tok.n++];
        word_token(to, c->p, b, e - b, c->code || c->quote_line);
        if (e - b > UINT16_MAX) to->len = UINT16_MAX;
    }
}

/* The same where all are taken. */
INLINE void add_words_with(struct cutter *c, uint64_t begins, uint32_t base)
{
    struct tok *to = c->w->tok.p + c->w->tok.n;
    const char *p = c->p;
    uint64_t ends = c->end_bits;
    uint32_t at = c->end_at;
    uint8_t quoted = c->code || c->quote_line;
    for (; begins; begins &= begins - 1) {
        uint32_t b = base + (uint32_t)__builtin_ctzll(begins);
        while (!ends) ends = c->ends[++at];
        uint32_t e = at * 64 + (uint32_t)__builtin_ctzll(ends);
        ends &= ends - 1;
        word_token(to++, p, b, e - b, quoted);
    }
    c->w->tok.n = (size_t)(to - c->w->tok.p);
    c->end_bits = ends;
    c->end_at = at;
}

/* By themselves, so that the loop has the registers. */
#define NOINLINE __attribute__((noinline))
static NOINLINE void add_words(struct cutter *c, uint64_t begins, uint32_t base) { add_words_with(c, begins, base); }
static NOINLINE WIDE void add_words_wide(struct cutter *c, uint64_t begins, uint32_t base)
{
    add_words_with(c, begins, base);
}

void text_tokens(struct walk *w, uint32_t t)
{
    struct text *x = &w->text[t];
    struct cutter c = {.w = w, .t = t, .p = x->fold.p, .n = (uint32_t)x->fold.n, .tok0 = (uint32_t)w->tok.n,
                       .quote_tok = UINT32_MAX};
    bool wide = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
    void (*add)(struct cutter *, uint64_t, uint32_t) = wide ? add_words_wide : add_words;
    x->sent0 = (uint32_t)w->sent.n;
    x->tok0 = c.tok0;
    mark(&c, wide);
    c.from = c.n ? line_start(&c, 0) : 0;
    c.quoting = c.code || c.quote_line;
    for (uint32_t k = 0; k <= c.n >> 6; k++) {
        uint64_t words = c.begins[k];
        for (uint64_t signs = c.signs[k];; signs &= signs - 1) {
            uint64_t before = signs ? words & ((signs & -signs) - 1) : words;
            if (before) {
                uint32_t first = k * 64 + (uint32_t)__builtin_ctzll(before);
                bool rare = first < c.from || (k + 1) * 64 > c.begin + SENT_MAX_BYTES;
                (rare ? add_words_rare : add)(&c, before, k * 64);
                words ^= before;
            }
            if (!signs) break;
            uint32_t i = k * 64 + (uint32_t)__builtin_ctzll(signs);
            if (i < c.from) continue;
            if (i > c.begin + SENT_MAX_BYTES) cut_long(&c, i);
            c.from = sign_at(&c, i);
            c.quoting |= c.code || c.quote_line;
        }
    }
    if (c.n > c.begin + SENT_MAX_BYTES) cut_long(&c, c.n);
    cut(&c, c.n);
    x->sent1 = (uint32_t)w->sent.n;
    x->tok1 = (uint32_t)w->tok.n;
    if (x->sent1 > x->sent0) {
        w->sent.p[x->sent0].flags |= S_FIRST;
        w->sent.p[x->sent1 - 1].flags |= S_LAST;
    }
}
