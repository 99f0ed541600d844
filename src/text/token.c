/* Folded turn → tokens and sentences. The bytes become bit sets first, 64 a
 * step: letters, and where something begins; what follows steps from one
 * beginning to the next.
 *
 * A sentence ends at a line break, at .!? before white space (abbreviations,
 * initials and list numbers apart), and at SENT_MAX_BYTES. An ellipsis ends
 * one only before a capital: people trail off in the middle of a thought. */
#include <emmintrin.h>

#include "text/text.h"

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
    size_t n = word.n > 64 ? 64 : word.n, i = 0;
    uint64_t h = 0x243F6A8885A308D3ull ^ n, v = 0;
    for (; n > 8; p += 8, n -= 8) {
        memcpy(&v, p, 8);
        h = hash_mix(h ^ v, 0xA4093822299F31D0ull);
    }
    for (v = 0; i < n; i++) v |= (uint64_t)(unsigned char)p[i] << (8 * i);
    return hash_mix(h ^ v, 0x082EFA98EC4E6C89ull);
}

enum { ABBREVIATION_MAX = 6 };

/* Words before a full stop that do not end a sentence. */
static bool is_abbreviation(const char *p, size_t n)
{
    static const char *const list[] = {"dr", "mr", "mrs", "ms", "st", "vs", "etc", "e.g", "i.e", "a.m", "p.m", "u.s",
                                       "u.k", "prof", "approx", "no", "inc", "ext", "tel"};
    if (n == 1 && cls[(unsigned char)p[0]] == C_LETTER && p[0] != 'i' && p[0] != 'u') return true;
    if (n < 2 || n > ABBREVIATION_MAX) return false;
    for (size_t i = 0; i < ARRAY_LEN(list); i++)
        if (list[i][0] == p[0] && list[i][1] == p[1] && strlen(list[i]) == n && memcmp(list[i], p, n) == 0)
            return !(n == 2 && p[0] == 'n'); /* "no." ends more often than it abbreviates */
    return false;
}

struct cutter {
    struct walk *w;
    uint32_t t;
    const char *p;
    uint32_t n, begin;      /* of the open sentence */
    uint32_t tok0, n_sign;  /* first token of the open sentence, and how many of its tokens are signs */
    bool code, quote_line;  /* inside ``` … ```, on a "> " line */
    bool quoting;           /* some token of this turn is quoted */
    uint32_t quote_tok;     /* first token behind an open quotation mark, UINT32_MAX none */
    uint32_t long_at;       /* up to here no blank cuts the open sentence */
    uint64_t *word, *event; /* bits by byte: in a word; a word, number or sign begins */
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

static void cut(struct cutter *c, uint32_t end)
{
    uint32_t b = c->begin, e = end;
    while (b < e && (c->p[b] == ' ' || c->p[b] == '\n')) b++;
    while (e > b && (c->p[e - 1] == ' ' || c->p[e - 1] == '\n')) e--;
    uint32_t tok1 = (uint32_t)c->w->tok.n;
    c->begin = end;
    if (tok1 == c->tok0) return; /* no word: rules, dashes, emoji join nothing */
    struct sent *s = vec_push(c->w->a, &c->w->sent);
    *s = (struct sent){.turn = c->t, .begin = b, .end = e, .flags = sent_flags(c, b, e), .tok0 = c->tok0, .tok1 = tok1,
                       .n_word = words_of(c)};
    uint32_t quoted = 0;
    for (uint32_t i = c->tok0; c->quoting && i < tok1; i++) quoted += c->w->tok.p[i].quoted;
    if (quoted * 10 >= (tok1 - c->tok0) * 9) s->flags |= S_QUOTED;
    c->tok0 = tok1;
    c->w->text[c->t].n_word += s->n_word;
    c->n_sign = 0;
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
        uint32_t b = i;
        while (b > c->begin && i - b < ABBREVIATION_MAX + 1 && c->p[b - 1] != ' ' && c->p[b - 1] != '\n' && c->p[b - 1] != '(') b--;
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
static inline __attribute__((always_inline)) void add_token(struct tok *to, const char *p, uint32_t b, uint32_t e, enum tok_kind kind,
                                                            uint8_t quoted)
{
    size_t len = e - b > 64 ? 64 : e - b;
    *to = (struct tok){.hash = kind == TOK_NUMBER ? NUMBER_HASH : text_hash(p + b, len),
                       .begin = b,
                       .len = (uint16_t)(e - b > UINT16_MAX ? UINT16_MAX : e - b),
                       .kind = (uint8_t)kind,
                       .quoted = quoted};
}

static void add_sign(struct cutter *c, uint32_t i)
{
    add_token(&c->w->tok.p[c->w->tok.n++], c->p, i, i + 1, TOK_PUNCT, c->code || c->quote_line);
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

struct bytes64 { uint64_t letter, digit, apostrophe, sign; };

static inline unsigned in_range(__m128i v, char from, char to)
{
    __m128i off = _mm_sub_epi8(v, _mm_set1_epi8(from));
    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(off, _mm_set1_epi8((char)(to - from))), off));
}

static inline unsigned equal(__m128i v, char c) { return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8(c))); }

/* A fold has no capitals. Signs: . ! ? " : and the line break. */
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

/* The processor's own count is not everywhere. */
static inline uint32_t bits_in(uint64_t x)
{
    x -= x >> 1 & 0x5555555555555555ull;
    x = (x & 0x3333333333333333ull) + (x >> 2 & 0x3333333333333333ull);
    return (uint32_t)(((x + (x >> 4)) & 0x0F0F0F0F0F0F0F0Full) * 0x0101010101010101ull >> 56);
}

/* An apostrophe between two letters is of the word. Bits at and over n are 0. Makes room for a token a beginning. */
static void mark(struct cutter *c)
{
    uint32_t n = c->n / 64 + 1;
    c->word = arena_raw(c->w->a, sizeof *c->word * 2 * n);
    c->event = c->word + n;
    uint64_t letter = 0, word = 0, digit = 0; /* the 64 bytes before */
    size_t events = 0;
    struct bytes64 x = look(c->p);
    for (uint32_t k = 0; k < n; k++) {
        struct bytes64 next = k + 1 < n ? look(c->p + 64 * (size_t)(k + 1)) : (struct bytes64){0};
        uint64_t valid = k + 1 < n ? ~0ull : (1ull << (c->n & 63)) - 1;
        uint64_t here = x.letter & valid, left = here << 1 | letter >> 63, right = here >> 1 | next.letter << 63;
        if (k + 2 == n && (c->n & 63) == 0) right &= ~0ull >> 1; /* nothing behind the end */
        uint64_t joined = here | (x.apostrophe & valid & left & right), number = x.digit & valid;
        c->word[k] = joined;
        c->event[k] = (joined & ~(joined << 1 | word >> 63)) | (number & ~(number << 1 | digit >> 63)) | (x.sign & valid);
        events += bits_in(c->event[k]);
        letter = here, word = joined, digit = number;
        x = next;
    }
    typeof(c->w->tok) *list = &c->w->tok;
    arena_vec_reserve(c->w->a, (void **)&list->p, list->n, &list->cap, list->n + events, sizeof *list->p);
}

/* Behind the word at i. */
static inline uint32_t fold_word_end(const struct cutter *c, uint32_t i)
{
    uint32_t k = i >> 6;
    uint64_t rest = ~c->word[k] >> (i & 63) << (i & 63);
    while (!rest) rest = ~c->word[++k];
    return k * 64 + (uint32_t)__builtin_ctzll(rest);
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
        add_token(&c->w->tok.p[c->w->tok.n++], c->p, b, i, TOK_NUMBER, c->code || c->quote_line);
        return i;
    case C_LINE: return line_break(c, i);
    case C_END: return stop_sign(c, i);
    case C_QUOTE: quote_mark(c, i); return i + 1;
    default: add_sign(c, i); return i + 1; /* ':' */
    }
}

void text_tokens(struct walk *w, uint32_t t)
{
    struct text *x = &w->text[t];
    struct cutter c = {.w = w, .t = t, .p = x->fold.p, .n = (uint32_t)x->fold.n, .tok0 = (uint32_t)w->tok.n,
                       .quote_tok = UINT32_MAX};
    x->sent0 = (uint32_t)w->sent.n;
    x->tok0 = c.tok0;
    mark(&c);
    uint32_t from = c.n ? line_start(&c, 0) : 0; /* beginnings before it are passed over */
    uint8_t quoted = c.quoting = c.code || c.quote_line;
    for (uint32_t k = 0; k <= c.n >> 6; k++)
        for (uint64_t bits = c.event[k]; bits; bits &= bits - 1) {
            uint32_t i = k * 64 + (uint32_t)__builtin_ctzll(bits);
            if (i < from) continue;
            if (i > c.begin + SENT_MAX_BYTES) cut_long(&c, i);
            if (c.word[k] >> (i & 63) & 1) {
                add_token(&w->tok.p[w->tok.n++], c.p, i, fold_word_end(&c, i), TOK_WORD, quoted);
                continue;
            }
            from = sign_at(&c, i);
            quoted = c.code || c.quote_line;
            c.quoting |= quoted;
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
