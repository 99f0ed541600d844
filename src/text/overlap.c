/* Tokens → sets of content words; their overlaps. Everything lives in the
 * walk's arena. */
#include "text/overlap.h"
#include "text/sets.h"

/* The hash that a word has in a content set, 0 if it is no content word. */
static uint32_t content_hash(str word, uint64_t hash, bool stop)
{
    if (word.n < 2 || stop) return 0;
    size_t n = text_stem(word.p, word.n);
    return short_hash(n == word.n ? hash : text_hash(word.p, n));
}

/* ---- what was made of a word before ---- */

/* Content hash of the word that begins at token *o of those before `end` and is new, or touches what stands behind it;
 * *o moves behind it. */
static __attribute__((noinline)) uint32_t content_new(struct walk *w, const char *p, const struct tok **o,
                                                      const struct tok *end)
{
    const struct tok *k = *o;
    struct word x = {{p + k->begin, k->len}, k->hash, k->stop};
    bool alone = k->kind == TOK_PUNCT || (k->kind == TOK_WORD && !touches(p, k->begin + k->len));
    if (alone) ++*o;
    else next_word(p, o, end, &x);
    uint32_t content = k->kind == TOK_PUNCT ? 0 : content_hash(x.text, x.hash, x.stop);
    if (alone && k->len < TEXT_HASH_MAX) /* of longer ones the hash is not all */
        w->stems->word[k->hash % STEMS] = (struct stem_known){k->hash, content};
    return content;
}

/* Content hash of the word that begins at token *o of those before `end`; *o moves behind it. */
static inline uint32_t content_next(struct walk *w, const char *p, const struct tok **o, const struct tok *end)
{
    const struct tok *k = *o;
    const struct stem_known *x = &w->stems->word[k->hash % STEMS];
    if (__builtin_expect(x->hash != k->hash || touches(p, k->begin + k->len), 0)) return content_new(w, p, o, end);
    *o = k + 1;
    return x->content;
}

/* Asks for what content_next will look at: all words met before are too much for a near cache. */
static inline void stem_fetch(const struct walk *w, const struct tok *k)
{
    __builtin_prefetch(&w->stems->word[k->hash % STEMS]);
}

/* Content hashes of the words of tokens o..end, as often as they stand there, and where each begins. Their number. */
static uint32_t content_list(struct walk *w, const char *p, const struct tok *o, const struct tok *end, uint32_t *out,
                             uint32_t *at)
{
    uint32_t n = 0;
    if (!w->stems) w->stems = arena_new(w->a, struct text_stems);
    for (const struct tok *k = o; k < end; k++) stem_fetch(w, k);
    while (o < end) {
        at[n] = o->begin;
        out[n] = content_next(w, p, &o, end);
        n += out[n] != 0;
    }
    return n;
}

/* *at: where each begins, in the order of the set's list. */
static struct hash_set content_set(struct walk *w, uint32_t t, uint32_t k, uint32_t k1, uint32_t **at)
{
    uint32_t *all = arena_raw(w->a, 2 * sizeof *all * (k1 - k + 1)), *from = all + (k1 - k + 1);
    uint32_t n = content_list(w, w->text[t].fold.p, w->tok.p + k, w->tok.p + k1, all, from);
    struct hash_set set = set_over(w->a, n, all);
    for (uint32_t i = 0; i < n; i++) { /* set.n <= i: each is read before its place is written */
        from[set.n] = from[i];
        set_add(&set, all[i]);
    }
    *at = from;
    return set;
}

/* ---- two turns ---- */

/* How a word begins: its first three bytes as a number below OPENINGS. A fold may be read behind. */
enum { OPENINGS = 4096 };
static inline uint32_t opening_of(uint32_t three) { return (three & 0x1F1F1F) * 0x9E3779B1u >> 20; }

/* May the stem have two bytes? "tr", "tr's", "tries". */
static bool has_short_stem(const char *p)
{
    return !touches(p, 2) || p[2] == '\'' || (p[2] == 'i' && p[3] == 'e' && (p[4] == 's' || p[4] == 'd'));
}

/* Marks how the words of a turn's content set begin: forms of a word share the bytes of their stem. */
static void mark_openings(uint8_t opening[OPENINGS], const char *p, const struct turn_words *x)
{
    for (uint32_t i = 0, v; i < x->content.n; i++) {
        memcpy(&v, p + x->at[i], sizeof v);
        opening[opening_of(v)] = 1;
        if (!has_short_stem(p + x->at[i])) continue;
        for (uint32_t third = 0; third < 32; third++) opening[opening_of((v & 0xFFFF) | third << 16)] = 1;
    }
}

/* Those of the tokens k0..k that begin like one of these words and are no stop words, without a branch on it; from the
 * last to the first, for a stop word before a number is none ("a1"). */
static uint32_t like_openings(const uint8_t opening[OPENINGS], const char *p, const struct tok *k, const struct tok *k0,
                              const struct tok **out)
{
    uint32_t n = 0, v;
    bool number = true;
    while (k-- > k0) {
        out[n] = k;
        memcpy(&v, p + k->begin, sizeof v);
        n += opening[opening_of(v)] & (number | (bool)!k->stop);
        number = k->kind == TOK_NUMBER;
    }
    return n;
}

/* Does token k go on with the word of the token before it? */
static bool goes_on(const char *p, const struct tok *k)
{
    return k[-1].kind != TOK_PUNCT && joins(p, k, k[-1].begin + k[-1].len);
}

/* Content words of turn a that turn b has, without a set of its own. */
static uint32_t content_common(struct walk *w, uint32_t a, const struct turn_words *x, uint32_t b)
{
    const struct hash_set *set = &x->content;
    const char *p = w->text[b].fold.p;
    const struct tok *first = w->tok.p + w->text[b].tok0, *end = w->tok.p + w->text[b].tok1;
    const struct arena_mark mark = arena_mark(w->a);
    const struct tok **like = arena_raw(w->a, sizeof *like * (size_t)(end - first + 1));
    bool *seen = arena_array(w->a, bool, set->mask + 1);
    uint8_t opening[OPENINGS] = {0};
    uint32_t common = 0;
    mark_openings(opening, w->text[a].fold.p, x);
    uint32_t n = like_openings(opening, p, end, first, like);
    for (uint32_t c = 0; c < n; c++) stem_fetch(w, like[c]);
    for (uint32_t c = 0; c < n; c++) {
        const struct tok *k = like[c];
        if (k > first && goes_on(p, k)) continue;
        uint32_t content = content_next(w, p, &k, end), i = content & set->mask;
        while (set->slot[i] && set->slot[i] != content) i = (i + 1) & set->mask;
        common += (set->slot[i] != 0) & !seen[i];
        seen[i] = true;
    }
    arena_back(w->a, mark);
    return common;
}

/* ---- kept on the walk ---- */

struct hash_set *text_content_of(struct walk *w, uint32_t t)
{
    struct turn_words *x = words_of(w, t);
    if (!x->has_content) {
        x->content = content_set(w, t, w->text[t].tok0, w->text[t].tok1, &x->at);
        x->has_content = true;
    }
    return &x->content;
}

/* ---- measures ---- */

float text_ov(struct walk *w, uint32_t a, uint32_t b)
{
    struct hash_set *x = text_content_of(w, a);
    if (!x->n) return 0;
    const struct turn_words *y = words_of(w, b);
    return (float)(y->has_content ? set_common(x, &y->content) : content_common(w, a, words_of(w, a), b)) / (float)x->n;
}

float text_ov_sent(struct walk *w, uint32_t s, uint32_t b)
{
    const struct sent *z = &w->sent.p[s];
    const struct turn_words *y = words_of(w, b);
    const struct arena_mark mark = arena_mark(w->a);
    struct turn_words x = {0};
    x.content = content_set(w, z->turn, z->tok0, z->tok1, &x.at);
    uint32_t n = x.content.n, common = 0;
    if (n) common = y->has_content ? set_common(&x.content, &y->content) : content_common(w, z->turn, &x, b);
    arena_back(w->a, mark);
    return n ? (float)common / (float)n : 0;
}

uint32_t text_content_words(struct walk *w, uint32_t t) { return text_content_of(w, t)->n; }
