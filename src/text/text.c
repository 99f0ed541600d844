/* The wash-room: turns → folded text with an offset map, tokens, sentences.
 *
 * norm (codebook §0): NFKC, lower case, typographic quotes and dashes to
 * ASCII, white space squeezed, line breaks kept; the stars of markdown's
 * emphasis are left out, so that "I **can't** help" is "i can't help". All folds lie in one arena
 * block so that match/ scans a conversation in one call. */
#include <immintrin.h>
#include <utf8proc.h>

#include "text/text.h"

/* ---- folding ---- */

struct folder {
    struct arena *a;
    const unsigned char *in;
    size_t n, i;               /* original */
    char *out;
    size_t o;                  /* folded bytes of this turn */
    vec_of(struct fold_run) run;
    int64_t delta;             /* original - folded at the last run */
};

static void run_note(struct folder *f)
{
    int64_t d = (int64_t)f->i - (int64_t)f->o;
    if (f->run.n && d == f->delta) return;
    f->delta = d;
    *vec_push(f->a, &f->run) = (struct fold_run){(uint32_t)f->o, (uint32_t)f->i};
}

static void put(struct folder *f, const char *p, size_t n)
{
    memcpy(f->out + f->o, p, n);
    f->o += n;
}

/* A space, unless one or a line break stands already. */
static void put_space(struct folder *f)
{
    if (f->o && f->out[f->o - 1] != ' ' && f->out[f->o - 1] != '\n') f->out[f->o++] = ' ';
}

/* Typographic signs that people and models use every day. NULL: none of them. */
static const char *fold_sign(uint32_t cp)
{
    switch (cp) {
    case 0x2018: case 0x2019: case 0x201A: case 0x201B: case 0x02BC: case 0x2032: case 0xB4: case 0xFF07: return "'";
    case 0x201C: case 0x201D: case 0x201E: case 0x201F: case 0xAB: case 0xBB: case 0x2033: case 0xFF02: return "\"";
    case 0x2010: case 0x2011: case 0x2012: case 0x2013: case 0x2212: return "-";
    case 0x2014: case 0x2015: return " - ";
    case 0x2026: return "...";
    case 0x2022: case 0x25CF: case 0x25AA: case 0xB7: return "-"; /* bullets */
    case 0xAD: case 0x200B: case 0x200C: case 0x200D: case 0x2060: case 0xFEFF: case 0xFE0F: return ""; /* invisible */
    case 0xA0: case 0x202F: case 0x2007: case 0x2009: case 0x200A: case 0x3000: return " ";
    case 0x2028: case 0x2029: case 0x85: return "\n";
    default: return NULL;
    }
}

/* What utf8proc makes of a scalar; FOLD_RAW: it stays as it is. To ask takes hundreds of instructions, and a text uses
 * few scalars: those of an alphabet have places of their own. */
enum { FOLDS = 128, FOLD_MOST = 35 /* U+FDFA: 33 bytes */, FOLD_RAW = 255 };
static _Thread_local struct scalar_fold { uint32_t cp; uint8_t n; char to[FOLD_MOST]; } folds[FOLDS];

static const struct scalar_fold *fold_compat(uint32_t cp)
{
    struct scalar_fold *x = &folds[cp % FOLDS];
    if (x->cp == cp) return x;
    utf8proc_int32_t cps[24];
    int bound = UTF8PROC_BOUNDCLASS_START;
    utf8proc_ssize_t k = utf8proc_decompose_char((utf8proc_int32_t)cp, cps, ARRAY_LEN(cps),
                                                 UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD, &bound);
    if (k > 0 && k < (utf8proc_ssize_t)ARRAY_LEN(cps)) k = utf8proc_reencode(cps, k, UTF8PROC_COMPOSE | UTF8PROC_STABLE);
    else k = -1;
    x->cp = cp;
    x->n = k < 0 || k > FOLD_MOST ? FOLD_RAW : (uint8_t)k;
    if (x->n != FOLD_RAW) memcpy(x->to, cps, x->n);
    return x;
}

static void fold_scalar(struct folder *f, uint32_t cp, const char *raw, size_t len)
{
    const char *sign = fold_sign(cp);
    if (sign) {
        if (sign[0] == ' ' && sign[1] == 0) put_space(f);
        else
            while (*sign) f->out[f->o++] = *sign++;
        return;
    }
    if ((cp >= 0x4E00 && cp < 0xA000) || (cp >= 0x1F000 && cp < 0x20000) || (cp >= 0x0900 && cp < 0x0E80)) {
        put(f, raw, len); /* han, emoji, indic: no case, NFKC leaves nearly all as they are */
        return;
    }
    const struct scalar_fold *x = fold_compat(cp);
    if (x->n == FOLD_RAW) put(f, raw, len);
    else put(f, x->to, x->n);
}

/* 16 bytes in lower case; the bits of those that are not plain ASCII: controls but '\n', a second blank in a row, a star.
 * `*blank`: one stands before them, or a line break; then behind them. */
static inline unsigned fold_16(__m128i v, char *out, uint32_t *blank)
{
    __m128i space = _mm_cmpeq_epi8(v, _mm_set1_epi8(' ')), line = _mm_cmpeq_epi8(v, _mm_set1_epi8('\n'));
    __m128i low = _mm_andnot_si128(line, _mm_cmplt_epi8(v, _mm_set1_epi8(' '))); /* signed: bytes over 127 too */
    low = _mm_or_si128(low, _mm_cmpeq_epi8(v, _mm_set1_epi8('*')));
    __m128i from_a = _mm_cmpgt_epi8(v, _mm_set1_epi8('A' - 1));
    __m128i upper = _mm_and_si128(from_a, _mm_cmplt_epi8(v, _mm_set1_epi8('Z' + 1)));
    _mm_storeu_si128((__m128i *)out, _mm_add_epi8(v, _mm_and_si128(upper, _mm_set1_epi8(32))));
    unsigned sp = (unsigned)_mm_movemask_epi8(space), both = sp | (unsigned)_mm_movemask_epi8(line), prior = *blank;
    *blank = both >> 15;
    return (unsigned)_mm_movemask_epi8(low) | (sp & (both << 1 | prior));
}

/* The same for 32. */
static inline WIDE uint32_t fold_32(const unsigned char *in, char *out, uint32_t *blank)
{
    __m256i v = _mm256_loadu_si256((const __m256i *)in), line = _mm256_cmpeq_epi8(v, _mm256_set1_epi8('\n'));
    __m256i low = _mm256_andnot_si256(line, _mm256_cmpgt_epi8(_mm256_set1_epi8(' '), v));
    low = _mm256_or_si256(low, _mm256_cmpeq_epi8(v, _mm256_set1_epi8('*')));
    __m256i from_a = _mm256_cmpgt_epi8(v, _mm256_set1_epi8('A' - 1));
    __m256i upper = _mm256_and_si256(from_a, _mm256_cmpgt_epi8(_mm256_set1_epi8('Z' + 1), v));
    _mm256_storeu_si256((__m256i *)out, _mm256_add_epi8(v, _mm256_and_si256(upper, _mm256_set1_epi8(32))));
    uint32_t sp = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(v, _mm256_set1_epi8(' ')));
    uint32_t both = sp | (uint32_t)_mm256_movemask_epi8(line), prior = *blank;
    *blank = both >> 31;
    return (uint32_t)_mm256_movemask_epi8(low) | (sp & (both << 1 | prior));
}

/* Plain bytes from `in`, of which i are done: gives how many; up to 31 more of `out` are written. */
static inline size_t fold_plain(const unsigned char *in, size_t n, char *out, size_t i, uint32_t before)
{
    uint32_t other;
    for (; n - i >= 16; i += 16) {
        other = fold_16(_mm_loadu_si128((const __m128i *)(in + i)), out + i, &before);
        if (other) return i + (unsigned)__builtin_ctz(other);
    }
    unsigned char last[16] = {0}; /* a 0 is not plain */
    memcpy(last, in + i, n - i);
    other = fold_16(_mm_loadu_si128((const __m128i *)last), out + i, &before);
    return i + (unsigned)__builtin_ctz(other);
}

static size_t fold_narrow(const unsigned char *in, size_t n, char *out, bool blank)
{
    return fold_plain(in, n, out, 0, blank);
}
static WIDE size_t fold_wide(const unsigned char *in, size_t n, char *out, bool blank)
{
    size_t i = 0;
    uint32_t before = blank, other;
    for (; n - i >= 32; i += 32) {
        other = fold_32(in + i, out + i, &before);
        if (other) return i + (unsigned)__builtin_ctz(other);
    }
    return fold_plain(in, n, out, i, before);
}

/* The commonest of fold_sign, E2 80 80 to E2 80 BF by their last byte. */
static const struct { char to[4]; uint8_t n; } signs[64] = {
    [0x18 ... 0x1B] = {"'", 1}, [0x1C ... 0x1F] = {"\"", 1}, [0x10 ... 0x13] = {"-", 1}, [0x14 ... 0x15] = {" - ", 3},
    [0x26] = {"...", 3}, [0x22] = {"-", 1},
};

/* Does a letter or digit stand at i? A typographic sign (U+2000 to U+203F, a no-break space) is none, at either of its ends. */
static bool of_word(const struct folder *f, size_t i, bool last)
{
    unsigned char c = f->in[i];
    if (c < 0x80) return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
    size_t at = last ? i - (i >= 2 && f->in[i - 1] == 0x80 ? 2 : i >= 1) : i;
    if (f->in[at] == 0xE2 && at + 1 < f->n && f->in[at + 1] == 0x80) return false;
    return !(f->in[at] == 0xC2 && at + 1 < f->n && f->in[at + 1] == 0xA0);
}

static bool is_digit(unsigned char c) { return c >= '0' && c <= '9'; }

/* Stars in a row: emphasis begins or ends with them, unless they stand alone (an item of a list), within a word, or one with a
 * number ("dial *4141"). What ends before them must not end behind them: the next byte, a sign or a blank, is theirs. */
static void fold_stars(struct folder *f)
{
    size_t end = f->i;
    while (end < f->n && f->in[end] == '*') end++;
    unsigned char before = f->i ? f->in[f->i - 1] : ' ', behind = end < f->n ? f->in[end] : ' ';
    bool one = end - f->i == 1, kept = (before <= ' ' && behind <= ' ') ||
                                      (f->i && end < f->n && of_word(f, f->i - 1, true) && of_word(f, end, false)) ||
                                      (one && (is_digit(before) || is_digit(behind)));
    if (kept) put(f, (const char *)f->in + f->i, end - f->i);
    f->i = end;
    if (kept || before <= ' ' || end == f->n) return;
    if (behind == ' ') put_space(f), f->i++;
    else if (behind == '\n' || (behind && strchr(".,:;!?)-", behind))) f->out[f->o++] = (char)behind, f->i++;
}

/* One character that is not plain, or a row of stars. */
static void fold_one(struct folder *f)
{
    unsigned char c = f->in[f->i];
    if (c == '*') {
        fold_stars(f);
        return;
    }
    if (c < 0x80) {
        f->i++;
        if (c != '\r' || f->i >= f->n || f->in[f->i] != '\n') put_space(f);
        return;
    }
    if (c == 0xE2 && f->n - f->i >= 3 && f->in[f->i + 1] == 0x80 && signs[f->in[f->i + 2] & 63].n) {
        memcpy(f->out + f->o, signs[f->in[f->i + 2] & 63].to, 4);
        f->o += signs[f->in[f->i + 2] & 63].n;
        f->i += 3;
        return;
    }
    uint32_t cp;
    size_t k = utf8_decode((const char *)f->in + f->i, f->n - f->i, &cp);
    const char *raw = (const char *)f->in + f->i;
    f->i += k;
    fold_scalar(f, cp, raw, k);
}

static void fold_turn(struct folder *f)
{
    size_t (*plain)(const unsigned char *, size_t, char *, bool) = text_wide() ? fold_wide : fold_narrow;
    run_note(f);
    while (f->i < f->n) {
        char before = f->o ? f->out[f->o - 1] : '\n';
        size_t n = plain(f->in + f->i, f->n - f->i, f->out + f->o, before == ' ' || before == '\n');
        f->i += n;
        f->o += n;
        if (f->i < f->n) fold_one(f);
        if (f->i < f->n || f->in[f->n - 1] != '*') run_note(f);
    }
}

uint32_t text_original_from(const struct text *t, uint32_t folded, size_t *run)
{
    size_t lo = *run, hi = t->n_run;
    if (lo + 1 < hi && t->run[lo + 1].folded > folded) hi = lo + 1; /* the same run still */
    while (hi - lo > 1) {
        size_t mid = (lo + hi) / 2;
        if (t->run[mid].folded <= folded) lo = mid;
        else hi = mid;
    }
    *run = lo;
    /* a character that folds to more bytes than it has ends where the next run begins */
    uint32_t o = t->run[lo].original + (folded - t->run[lo].folded);
    return hi < t->n_run && o > t->run[hi].original ? t->run[hi].original : o;
}

uint32_t text_original(const struct text *t, uint32_t folded)
{
    size_t run = 0;
    return text_original_from(t, folded, &run);
}

/* Folded length is at most this many times the original: U+FDFA folds to 18
 * scalars (33 bytes) from 3, all others to less than 4 a byte. */
static size_t fold_bound(str s)
{
    size_t wide = 0, i = 0;
    for (; s.n - i >= 64; i += 64) { /* most blocks have none: a 16 bytes that have some count whole */
        const __m128i *v = (const __m128i *)(s.p + i);
        __m128i any = _mm_or_si128(_mm_or_si128(_mm_loadu_si128(v), _mm_loadu_si128(v + 1)),
                                   _mm_or_si128(_mm_loadu_si128(v + 2), _mm_loadu_si128(v + 3)));
        if (!_mm_movemask_epi8(any)) continue;
        for (int k = 0; k < 4; k++) wide += _mm_movemask_epi8(_mm_loadu_si128(v + k)) ? 16 : 0;
    }
    for (; s.n - i >= 16; i += 16) wide += _mm_movemask_epi8(_mm_loadu_si128((const __m128i *)(s.p + i))) ? 16 : 0;
    for (; i < s.n; i++) wide += (unsigned char)s.p[i] >= 0x80;
    return s.n + wide * 11 + 1;
}

void text_wash(struct walk *w)
{
    enum { WARM = 4096 }; /* bytes from where on it is worth it */
    size_t total = 64;
    for (size_t t = 0; t < w->conv->n_turn; t++) total += fold_bound(w->conv->turn[t].text) + 1;
    char *block = arena_raw(w->a, total + 64), *at = block;
    size_t guess = total / 5 + 16; /* tokens: a word and its space are five to six bytes */
    w->tok.p = arena_raw(w->a, guess * sizeof *w->tok.p);
    w->tok.cap = guess;
    w->sent.cap = total / 44 + 16;
    w->sent.p = arena_raw(w->a, w->sent.cap * sizeof *w->sent.p);
    if (total >= WARM) text_tokens_warm();
    for (uint32_t t = 0; t < w->conv->n_turn; t++) {
        const struct turn *turn = &w->conv->turn[t];
        struct text *x = &w->text[t];
        struct folder f = {.a = w->a, .in = (const unsigned char *)turn->text.p, .n = turn->text.n, .out = at};
        fold_turn(&f);
        x->fold = (str){at, f.o};
        x->run = f.run.p;
        x->n_run = f.run.n;
        at += f.o;
        *at++ = '\n';
        memset(at, 0, 64);
        text_sentences(w, t); /* while its fold is near */
    }
    if (!w->conv->n_turn) memset(at, 0, 64);
    w->folded = (str){block, (size_t)(at - block)};
}
