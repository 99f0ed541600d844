/* Tokens → sentences. One walk over the signs of a turn; the tokens before each
 * sign are taken in a row.
 *
 * A sentence ends at a line break, at .!? before white space (abbreviations,
 * initials and list numbers apart), and at SENT_MAX_BYTES. An ellipsis ends
 * one only before a capital: people trail off in the middle of a thought. */
#include "text/text.h"

enum { ABBREVIATION_MAX = 6 };

/* What a byte is, as bits. */
enum { ENDS = 1, CLOSES = 2, BLANK = 4, OPENS = 8, TRAILS = 16 };
static const unsigned char is[256] = {
    ['.'] = ENDS, ['!'] = ENDS, ['?'] = ENDS,
    ['"'] = CLOSES | TRAILS, [')'] = CLOSES | TRAILS, ['*'] = CLOSES | TRAILS | OPENS, ['_'] = CLOSES | TRAILS,
    ['\''] = CLOSES | TRAILS, [']'] = CLOSES, [' '] = BLANK, ['\n'] = BLANK,
    ['-'] = OPENS, ['+'] = OPENS, ['#'] = OPENS, ['0' ... '9'] = OPENS, /* a list or a heading */
};
#define IS(c, bits) (is[(unsigned char)(c)] & (bits))

static bool equals(const char *p, size_t n, const char *z) { return strlen(z) == n && memcmp(p, z, n) == 0; }

/* First and last letters that some abbreviation has: nearly no other word has both, and no branch tells them. */
static bool may_abbreviate(char first, char last)
{
#define LAST(c) 1u << (c - 'a')
    static const uint32_t lasts[32] = {
        ['a' & 31] = LAST('m') | LAST('x'), ['d' & 31] = LAST('r'), ['e' & 31] = LAST('g') | LAST('c') | LAST('t'),
        ['i' & 31] = LAST('e') | LAST('c'), ['m' & 31] = LAST('r') | LAST('s'), ['p' & 31] = LAST('m') | LAST('f'),
        ['s' & 31] = LAST('t'), ['t' & 31] = LAST('l'), ['u' & 31] = LAST('s') | LAST('k'), ['v' & 31] = LAST('s')};
    return lasts[first & 31] >> ((last - 'a') & 31) & 1;
#undef LAST
}

/* Words before a full stop that do not end a sentence. "no." ends more often than it abbreviates. */
static bool is_abbreviation(const char *p, size_t n)
{
    bool letter = (p[0] >= 'a' && p[0] <= 'z') || (unsigned char)p[0] >= 0x80;
    if (n == 1 && letter && p[0] != 'i' && p[0] != 'u') return true;
    if (n < 2 || n > ABBREVIATION_MAX || !may_abbreviate(p[0], p[n - 1])) return false;
    switch (p[0]) {
    case 'a': return equals(p, n, "a.m") || equals(p, n, "approx");
    case 'd': return equals(p, n, "dr");
    case 'e': return equals(p, n, "e.g") || equals(p, n, "etc") || equals(p, n, "ext");
    case 'i': return equals(p, n, "i.e") || equals(p, n, "inc");
    case 'm': return equals(p, n, "mr") || equals(p, n, "mrs") || equals(p, n, "ms");
    case 'p': return equals(p, n, "p.m") || equals(p, n, "prof");
    case 's': return equals(p, n, "st");
    case 't': return equals(p, n, "tel");
    case 'u': return equals(p, n, "u.s") || equals(p, n, "u.k");
    case 'v': return equals(p, n, "vs");
    default: return false;
    }
}

enum { IN_CODE = 1, ON_QUOTE = 2 }; /* inside ``` … ```, on a "> " line */

struct cutter {
    struct walk *w;
    uint32_t t;
    const char *p;
    uint32_t n, begin;      /* of the open sentence */
    uint32_t tok0, n_sign;  /* first token of the open sentence, and how many of its tokens are signs */
    uint32_t next, end_tok; /* tokens that stand behind those of the walk: the next to be taken, the end of all */
    uint8_t aside;          /* IN_CODE, ON_QUOTE: one byte, as two would be read together, which waits for either */
    bool quoting;           /* some token of the open sentence may be quoted */
    uint32_t quote_tok;     /* first token behind an open quotation mark, UINT32_MAX none */
    uint32_t long_at;       /* up to here no blank cuts the open sentence */
    uint32_t from;          /* signs before it are passed over */
    uint32_t ends, closes;  /* of the last row of .!? met: its end, and that of the marks that close behind it */
    int upper;              /* does a capital follow them? -1: not asked yet */
};

static uint32_t words_of(const struct cutter *c) { return (uint32_t)c->w->tok.n - c->tok0 - c->n_sign; }

static uint32_t open_flags(const char *p, uint32_t b, uint32_t e)
{
    uint32_t flags = p[b] == '#' ? S_HEADING : 0, i = b;
    if ((p[b] == '-' || p[b] == '*' || p[b] == '+') && b + 1 < e && p[b + 1] == ' ') flags |= S_LIST;
    while (i < e && p[i] >= '0' && p[i] <= '9') i++;
    if (i > b && i - b <= 3 && i < e && (p[i] == '.' || p[i] == ')')) flags |= S_LIST;
    return flags;
}

static uint32_t sent_flags(const struct cutter *c, uint32_t b, uint32_t e)
{
    const char *p = c->p;
    uint32_t flags = c->aside ? S_QUOTED : 0;
    if (IS(p[b], OPENS)) flags |= open_flags(p, b, e);
    while (e > b && IS(p[e - 1], TRAILS)) e--;
    char last = e > b ? p[e - 1] : 0;
    return flags | (uint32_t)(last == '?') * S_QUESTION | (uint32_t)(last == ':') * S_HEADING;
}
/* Nine of ten tokens, and more, are quoted? */
static uint32_t quoted_flag(struct cutter *c, uint32_t tok1)
{
    uint32_t quoted = 0;
    for (uint32_t i = c->tok0; i < tok1; i++) quoted += c->w->tok.p[i].quoted;
    c->quoting = c->aside;
    return quoted * 10 >= (tok1 - c->tok0) * 9 ? S_QUOTED : 0;
}

/* Is the open sentence one sign, behind a sentence of signs? "? ? ?" is one. */
static bool joins_last(const struct cutter *c)
{
    const struct sent *last = c->w->sent.n ? &c->w->sent.p[c->w->sent.n - 1] : NULL;
    return last && last->turn == c->t && last->tok1 == c->tok0 && !last->n_word && !words_of(c);
}

/* Does the sentence at b go on in an item of a list: on its line, behind a sentence of the item? */
static uint32_t item_flag(const struct cutter *c, uint32_t b)
{
    const struct sent *last = c->w->sent.n ? &c->w->sent.p[c->w->sent.n - 1] : NULL;
    if (!last || last->turn != c->t || !(last->flags & S_ITEM)) return 0;
    return memchr(c->p + last->end, '\n', b - last->end) ? 0 : S_ITEM;
}

static inline void add_sentence(struct cutter *c, uint32_t b, uint32_t e)
{
    uint32_t tok1 = (uint32_t)c->w->tok.n;
    while (b < e && IS(c->p[b], BLANK)) b++;
    while (e > b && IS(c->p[e - 1], BLANK)) e--;
    if (tok1 - c->tok0 == 1 && joins_last(c)) {
        struct sent *last = &c->w->sent.p[c->w->sent.n - 1];
        last->end = e, last->tok1 = tok1;
        c->tok0 = tok1, c->n_sign = 0;
        return;
    }
    const uint32_t item = item_flag(c, b);
    struct sent *s = vec_push(c->w->a, &c->w->sent);
    s->turn = c->t, s->begin = b, s->end = e, s->flags = sent_flags(c, b, e) | item;
    if (s->flags & S_LIST) s->flags |= S_ITEM;
    s->tok0 = c->tok0, s->tok1 = tok1, s->n_word = words_of(c);
    if (c->quoting) s->flags |= quoted_flag(c, tok1);
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
        bool opens = i == 0 || IS(c->p[i - 1], BLANK) || c->p[i - 1] == '(' || c->p[i - 1] == '*';
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

/* The row of .!? at i and what closes behind it are looked over once, however many signs they are. */
static void look_over(struct cutter *c, uint32_t i)
{
    while (i < c->n && IS(c->p[i], ENDS)) i++;
    c->ends = i;
    while (i < c->n && IS(c->p[i], CLOSES)) i++;
    c->closes = i;
    c->upper = -1;
}

/* .!? at i: does a sentence end there, and behind which byte? 0: no. */
static uint32_t end_of_sentence(struct cutter *c, uint32_t i)
{
    if (i >= c->ends) look_over(c, i);
    uint32_t e = c->closes;
    if (e < c->n && !IS(c->p[e], BLANK)) return 0;
    if (c->ends - i >= 2 && c->p[i] == '.' && c->p[c->ends - 1] == '.') {
        if (c->upper < 0) c->upper = upper_follows(c, e);
        return c->upper ? e : 0;
    }
    if (c->p[i] == '.' && e == i + 1) {
        const struct tok *last = c->w->tok.n > c->tok0 ? &c->w->tok.p[c->w->tok.n - 1] : NULL;
        bool whole = last && last->begin >= c->begin && last->begin + last->len == i;
        uint32_t b = whole ? last->begin : i; /* nearly always all of it */
        while (b > c->begin && i - b <= ABBREVIATION_MAX && !IS(c->p[b - 1], BLANK) && c->p[b - 1] != '(') b--;
        if (is_abbreviation(c->p + b, i - b)) return 0;
        if (words_of(c) == 0) return 0; /* "1." at the start of a list item */
    }
    return e;
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

/* ---- tokens ---- */

static void take_moved(struct cutter *c, uint32_t end)
{
    uint32_t n = end - c->next;
    struct tok *to = c->w->tok.p + c->w->tok.n;
    memmove(to, c->w->tok.p + c->next, n * sizeof *to);
    for (uint32_t i = 0; i < n && c->aside; i++) to[i].quoted = 1;
    c->w->tok.n += n;
    c->next = end;
}

/* Tokens before `end` become the walk's: nearly always they stand where they belong. */
static inline void take(struct cutter *c, uint32_t end)
{
    if (c->next != c->w->tok.n || c->aside) take_moved(c, end);
    else c->w->tok.n = c->next = end;
}

/* The same, the sentence cut where it grows too long before byte i. */
static void take_long(struct cutter *c, uint32_t end, uint32_t i)
{
    while (c->next < end) {
        uint32_t b = c->w->tok.p[c->next].begin;
        if (b > c->begin + SENT_MAX_BYTES) cut_long(c, b);
        take(c, c->next + 1);
    }
    if (i > c->begin + SENT_MAX_BYTES) cut_long(c, i);
}

static void take_sign(struct cutter *c)
{
    struct tok *x = &c->w->tok.p[c->next];
    x->kind = TOK_PUNCT, x->stop = 0;
    take(c, c->next + 1);
    c->n_sign++;
}

/* What begins before byte i and was not taken is passed over. */
static void pass_to(struct cutter *c, uint32_t i)
{
    while (c->next < c->end_tok && c->w->tok.p[c->next].begin < i) c->next++;
    c->from = i;
}

/* ---- signs ---- */

/* ``` at i opens or closes code, and its line is passed over. */
static void line_start(struct cutter *c, uint32_t i)
{
    if (c->p[i] == '`' && c->n - i >= 3 && memcmp(c->p + i, "```", 3) == 0) {
        c->aside ^= IN_CODE;
        while (i < c->n && c->p[i] != '\n') i++;
        c->begin = i;
        pass_to(c, i);
    } else if (c->p[i] == '>') c->aside |= ON_QUOTE;
    c->quoting |= c->aside != 0;
}

static void line_break(struct cutter *c, uint32_t i)
{
    cut(c, i);
    c->aside &= (uint8_t)~ON_QUOTE;
    if (i + 1 >= c->n) return;
    c->quote_tok |= -(uint32_t)(c->p[i + 1] == '\n'); /* an unclosed mark ends with its paragraph */
    line_start(c, i + 1);
}

/* .!? at i. */
static void stop_sign(struct cutter *c, uint32_t i)
{
    if (c->p[i] != '.') take_sign(c);
    uint32_t e = end_of_sentence(c, i);
    if (!e) return;
    for (uint32_t k = i + 1; k < e; k++)
        if (c->p[k] == '"') quote_mark(c, k);
    cut(c, e);
    if (e > i + 1) pass_to(c, e);
}

static inline void sign_at(struct cutter *c, uint32_t i)
{
    if (c->p[i] == '\n') line_break(c, i);
    else if (IS(c->p[i], ENDS)) stop_sign(c, i);
    else if (c->p[i] == '"') quote_mark(c, i);
    else take_sign(c);
}

void text_sentences(struct walk *w, uint32_t t)
{
    struct text *x = &w->text[t];
    const struct arena_mark mark = arena_mark(w->a);
    const void *toks = w->tok.p, *sents = w->sent.p;
    uint32_t tok0 = (uint32_t)w->tok.n;
    struct cut all = text_tokens(w, t);
    struct cutter c = {.w = w, .t = t, .p = x->fold.p, .n = (uint32_t)x->fold.n, .tok0 = tok0, .next = tok0,
                       .end_tok = all.tok1, .quote_tok = UINT32_MAX};
    x->sent0 = (uint32_t)w->sent.n;
    x->tok0 = tok0;
    if (c.n) line_start(&c, 0);
    for (const struct cut_sign *s = all.sign, *end = s + all.n_sign; s < end; s++) {
        if (s->at < c.from) continue;
        if (s->at > c.begin + SENT_MAX_BYTES) take_long(&c, s->tok, s->at);
        else take(&c, s->tok);
        sign_at(&c, s->at);
    }
    take_long(&c, c.end_tok, c.n);
    cut(&c, c.n);
    x->sent1 = (uint32_t)w->sent.n;
    x->tok1 = (uint32_t)w->tok.n;
    if (x->sent1 > x->sent0) {
        w->sent.p[x->sent0].flags |= S_FIRST;
        w->sent.p[x->sent1 - 1].flags |= S_LAST;
    }
    if (w->tok.p == toks && w->sent.p == sents) arena_back(w->a, mark); /* what was cut with */
}
