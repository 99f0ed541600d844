/* Cue phrases → an index of wordings by their words; a conversation's tokens → hits.
 *
 * A phrase is cut at its gaps into pieces, each a small set of wordings. The
 * first piece's wordings are searched for; later pieces are looked for behind
 * a hit, within three words. The search walks the tokens that stand already,
 * from each as far as bit sets of word sequences say that a wording goes on; a
 * table is asked only where one ends, and the bytes decide. With 37,000
 * wordings that costs about 4 instructions a byte; Vectorscan's literal
 * matcher cost 70, and a second to compile. */
#include "match/match.h"
#include "match/phrase.h"
#include "text/text.h"

#include <stdlib.h>

enum { PIECES_MAX = 4, GAP_WORDS = 3, WORDS_MAX = 64, FIRST_MIN = 4, WORD_STEPS = 1 << 15, SEQUENCE_STEPS = 1 << 19 };

/* What may stand behind a gap. Most places are told by the first word alone: a bit of its hash for each wording. */
struct piece {
    struct wordings wording;
    uint64_t first[4];       /* by 8 bits of the first word's hash */
    bool odd;                /* some wording begins with no word ("'s", "(") */
};
struct pattern { uint32_t cue; uint8_t n_more; struct piece more[PIECES_MAX - 1]; };
/* While compiling. */
struct literal { str text; uint32_t pattern, next; /* next + 1 of the same words */ uint16_t before; bool plain; };
/* A literal as it is searched for; those with one sequence of words stand together. Small, for each look costs a
 * line of a cache that has none to spare. */
struct entry {
    uint32_t what;           /* pattern << 1 | has gaps, else cue << 1 */
    uint32_t text;           /* in match_db.text */
    uint16_t n, before;      /* its bytes, and those before its first word */
    uint8_t roles;           /* bits of the roles that it is for */
    bool plain;              /* words with one blank between, no number: equal where its words stand so */
    bool last;               /* of its sequence */
};
/* The literals with one sequence of words. Sequences that share a tag cost a look at the bytes, no wrong hit. */
struct slot { uint32_t tag, first; }; /* tag 0: free; while compiling literal + 1, then entry + 1 */

struct match_db {
    struct arena a;
    vec_of(struct pattern) pattern;
    struct entry *entry;
    char *text;
    struct slot *slot; uint32_t n_used, mask, shift;
    struct steps { /* by hash, enum step: what a word is to the literals, and what a longer sequence is */
        uint64_t word[WORD_STEPS / 16], sequence[SEQUENCE_STEPS / 32]; /* four bits each, two bits each */
    } steps[2];              /* for a person's words, and for all others' */
};

/* The words so far are a literal; they begin a longer one; the word is the second of one. */
enum step { ENDS = 1, LEADS = 2, FOLLOWS = 4 };

static inline unsigned word_step(const struct steps *s, uint64_t hash)
{
    return s->word[(hash & (WORD_STEPS - 1)) >> 4] >> (hash & 15) * 4 & 7;
}
static inline void word_step_set(struct steps *s, uint64_t hash, uint64_t what)
{
    s->word[(hash & (WORD_STEPS - 1)) >> 4] |= what << (hash & 15) * 4;
}
static inline unsigned sequence_step(const struct steps *s, uint64_t hash)
{
    return s->sequence[(hash & (SEQUENCE_STEPS - 1)) >> 5] >> (hash & 31) * 2 & 3;
}
static inline void sequence_step_set(struct steps *s, uint64_t hash, uint64_t what)
{
    s->sequence[(hash & (SEQUENCE_STEPS - 1)) >> 5] |= what << (hash & 31) * 2;
}

/* ---- phrases → literals ---- */

/* The table is ordered by the tag's high bits, so that it can grow from the tags alone. */
static inline uint32_t tag_of(uint64_t h) { return (uint32_t)(h >> 32) ? (uint32_t)(h >> 32) : 1; }

static inline struct slot *find(const struct match_db *db, uint32_t tag)
{
    uint32_t i = tag >> db->shift;
    while (db->slot[i].tag && db->slot[i].tag != tag) i = (i + 1) & db->mask;
    return &db->slot[i];
}

static void grow(struct match_db *db)
{
    struct slot *old = db->slot;
    uint32_t n = old ? db->mask + 1 : 0, slots = old ? n * 2 : 1 << 16;
    db->slot = arena_array(&db->a, struct slot, slots);
    db->mask = slots - 1;
    db->shift = (uint32_t)__builtin_clz(slots) + 1;
    for (uint32_t i = 0; i < n; i++)
        if (old[i].tag) *find(db, old[i].tag) = old[i];
}

/* The slot of a sequence of words, made when it is new. */
static struct slot *take(struct match_db *db, uint64_t h)
{
    if (db->n_used * 2 > db->mask) grow(db);
    struct slot *s = find(db, tag_of(h));
    if (!s->tag) s->tag = tag_of(h), db->n_used++;
    return s;
}

/* Words of a literal; the part behind an apostrophe at its start ("'s killing
 * me") is the end of some word of the text and no word of its own. */
static uint32_t literal_words(uint64_t hash[WORDS_MAX], struct literal *lit)
{
    uint32_t n = 0, at = 0, end = 0;
    struct tok k;
    lit->plain = true;
    while (n < WORDS_MAX && text_next_word(lit->text, &at, &k)) {
        if (n == 0 && k.begin && lit->text.p[k.begin - 1] == '\'') continue;
        if (n == 0) lit->before = (uint16_t)k.begin;
        lit->plain &= k.kind == TOK_WORD && (n ? k.begin == end + 1 && lit->text.p[end] == ' ' : k.begin == 0);
        end = at;
        hash[n++] = k.hash;
    }
    lit->plain &= end == lit->text.n;
    return n;
}

struct builder { struct match_db *db; const struct pack *pack; vec_of(struct literal) literal; refrain_error *err; };

static void set_steps(struct steps *s, const uint64_t *word, uint32_t n)
{
    uint64_t h = word[0];
    word_step_set(s, h, n > 1 ? LEADS : ENDS);
    if (n > 1) word_step_set(s, word[1], FOLLOWS);
    for (uint32_t k = 1; k < n; k++) {
        h = hash_mix(h, word[k]);
        sequence_step_set(s, h, k + 1 < n ? LEADS : ENDS);
    }
}

static void index_literal(struct builder *b, const struct cue *c, uint32_t i, const uint64_t *word, uint32_t n)
{
    struct match_db *db = b->db;
    struct literal *lit = &b->literal.p[i];
    const uint8_t person = 1u << ROLE_USER;
    if (!c->roles || c->roles & person) set_steps(&db->steps[0], word, n);
    if (!c->roles || c->roles & ~person) set_steps(&db->steps[1], word, n);
    uint64_t h = word[0];
    for (uint32_t k = 1; k < n; k++) h = hash_mix(h, word[k]);
    struct slot *s = take(db, h);
    lit->next = s->first;
    s->first = i + 1;
}

/* Literals → entries, sequence by sequence. */
static void freeze(struct builder *b)
{
    struct match_db *db = b->db;
    size_t bytes = 0;
    for (size_t i = 0; i < b->literal.n; i++) bytes += b->literal.p[i].text.n;
    db->entry = arena_raw(&db->a, sizeof *db->entry * (b->literal.n + 1));
    db->text = arena_raw(&db->a, bytes + 1);
    struct entry *e = db->entry;
    char *text = db->text;
    for (uint32_t i = 0; i <= db->mask; i++) {
        uint32_t next = db->slot[i].first;
        if (!next) continue;
        db->slot[i].first = (uint32_t)(e - db->entry) + 1;
        for (; next; e++) {
            const struct literal *lit = &b->literal.p[next - 1];
            const struct pattern *pt = &db->pattern.p[lit->pattern];
            uint8_t roles = b->pack->cue[pt->cue].roles;
            next = lit->next;
            *e = (struct entry){pt->n_more ? lit->pattern << 1 | 1 : pt->cue << 1, (uint32_t)(text - db->text), (uint16_t)lit->text.n,
                                lit->before, roles ? roles : UINT8_MAX, lit->plain, !next};
            memcpy(text, lit->text.p, lit->text.n);
            text += lit->text.n;
        }
    }
}

static int phrase_error(struct builder *b, const struct cue *c, const char *phrase, const char *what)
{
    return err_at(b->err, REFRAIN_E_PACK, c->line, 0, "%s:%u: cue '%s': %s: '%s'", c->file, c->line, c->id, what, phrase);
}

static int add_literals(struct builder *b, const struct cue *c, const char *phrase, const struct wordings *first, bool gap)
{
    for (size_t i = 0; i < first->n; i++) {
        str text = first->p[i];
        uint64_t word[WORDS_MAX];
        struct literal lit = {.text = text, .pattern = (uint32_t)b->db->pattern.n - 1};
        uint32_t n = literal_words(word, &lit);
        if (text.n == 0 || (gap && text.n < FIRST_MIN))
            return phrase_error(b, c, phrase, gap ? "too short before its first gap" : "a wording is empty");
        if (!n) return phrase_error(b, c, phrase, "a wording has no whole word");
        *vec_push(&b->db->a, &b->literal) = lit;
        index_literal(b, c, (uint32_t)b->literal.n - 1, word, n);
    }
    return 0;
}

static inline bool may_begin(const struct piece *pc, uint64_t hash)
{
    return pc->first[hash >> 62] >> (hash >> 56 & 63) & 1;
}

static struct piece piece_new(const struct wordings *wording)
{
    struct piece pc = {.wording = *wording};
    for (size_t i = 0; i < wording->n; i++) {
        uint32_t at = 0;
        struct tok k;
        bool word = text_next_word(wording->p[i], &at, &k) && k.begin == 0;
        if (word) pc.first[k.hash >> 62] |= 1ull << (k.hash >> 56 & 63);
        pc.odd |= !word;
    }
    return pc;
}

static int add_phrase(struct builder *b, const struct cue *c, uint32_t index, const char *phrase)
{
    struct match_db *db = b->db;
    struct wordings piece[PIECES_MAX] = {0};
    size_t n = 0;
    for (const char *p = phrase; p; n++) {
        const char *gap = strstr(p, " * "), *end = gap ? gap : p + strlen(p);
        if (n == PIECES_MAX) return phrase_error(b, c, phrase, "more than three gaps");
        if (memchr(p, '*', (size_t)(end - p))) return phrase_error(b, c, phrase, "a gap is written ' * ', between words");
        const char *fault = phrase_expand(&piece[n], &db->a, p, end);
        if (fault) return phrase_error(b, c, phrase, fault);
        p = gap ? gap + 3 : NULL;
    }
    struct pattern *pt = vec_push(&db->a, &db->pattern);
    pt->cue = index;
    pt->n_more = (uint8_t)(n - 1);
    for (size_t i = 1; i < n; i++) pt->more[i - 1] = piece_new(&piece[i]);
    return add_literals(b, c, phrase, &piece[0], n > 1);
}

int match_compile(struct match_db **out, const struct pack *p, refrain_error *err)
{
    *out = NULL;
    struct match_db *db = calloc(1, sizeof *db);
    if (!db) return err_set(err, REFRAIN_E_NOMEM, "out of memory");
    arena_init(&db->a, 0);
    jmp_buf guard;
    db->a.on_oom = &guard;
    volatile int rc = 0;
    if (setjmp(guard)) {
        rc = err_set(err, REFRAIN_E_NOMEM, "out of memory while indexing cues");
    } else {
        struct builder b = {.db = db, .pack = p, .err = err};
        grow(db);
        for (size_t i = 0; i < p->n_cue && !rc; i++)
            for (size_t k = 0; k < p->cue[i].n_phrase && !rc; k++)
                rc = add_phrase(&b, &p->cue[i], (uint32_t)i, p->cue[i].phrase[k]);
        if (!rc) freeze(&b);
    }
    db->a.on_oom = NULL;
    if (rc) match_free(db);
    else *out = db;
    return rc;
}

void match_free(struct match_db *db)
{
    if (!db) return;
    arena_free(&db->a);
    free(db);
}

/* ---- scanning ---- */

struct scan {
    struct walk *w;
    const struct match_db *db;
    const struct tok *tok; uint32_t n_tok; /* of the turn */
    uint32_t turn;
    unsigned role;                         /* bit of the turn's role */
};

static bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80); }

/* Does [b, e) of p stand between word boundaries? p has bytes on both sides or is the text's edge. */
static bool bounded(const char *p, size_t n, size_t b, size_t e)
{
    if (is_word(p[b]) && b && (is_word(p[b - 1]) || (p[b - 1] == '\'' && b > 1 && is_word(p[b - 2])))) return false;
    if (is_word(p[e - 1]) && e < n && (is_word(p[e]) || (p[e] == '\'' && e + 1 < n && is_word(p[e + 1])))) return false;
    return true;
}

/* The end of the wording that stands at `at`, 0 none. */
static size_t match_wording(const struct wordings *list, const char *p, size_t n, size_t at)
{
    for (size_t i = 0; i < list->n; i++) {
        str x = list->p[i];
        if (n - at >= x.n && memcmp(p + at, x.p, x.n) == 0 && bounded(p, n, at, at + x.n)) return at + x.n;
    }
    return 0;
}

/* Piece behind a gap that begins at `from`: the end of its first match, 0 none. k..last: the turn's tokens from there. */
static size_t match_piece(const struct piece *pc, str t, size_t from, const struct tok *k, const struct tok *last)
{
    const char *p = t.p;
    size_t at = from, n = t.n;
    for (int words = 0; words <= GAP_WORDS && at < n; words++) {
        while (at < n && (p[at] == ' ' || p[at] == ',')) at++;
        while (k < last && k->begin < at) k++;
        bool word = k < last && k->begin == at && k->kind != TOK_PUNCT;
        if (word ? may_begin(pc, k->hash) : pc->odd) {
            size_t end = match_wording(&pc->wording, p, n, at);
            if (end) return end;
        }
        if (at < n && (p[at] == '.' || p[at] == '!' || p[at] == '?' || p[at] == '\n')) return 0;
        while (at < n && p[at] != ' ' && p[at] != '\n') at++;
    }
    return 0;
}

/* In order of place, then of cue: hits arrive nearly so. */
static void push_hit(struct walk *w, struct hit new)
{
    vec_push(w->a, &w->hit);
    size_t i = w->hit.n - 1;
    for (; i > w->hit0[new.turn]; i--) {
        const struct hit *h = &w->hit.p[i - 1];
        if (h->begin < new.begin || (h->begin == new.begin && (h->cue < new.cue || (h->cue == new.cue && h->end <= new.end)))) break;
        w->hit.p[i] = *h;
    }
    w->hit.p[i] = new;
}

/* Words of the text that may be a literal's: tokens first..last. */
struct candidate { uint32_t tag, first, last; };
enum { CANDIDATES = 64 };

static inline bool blank_around(const char *p, size_t n, size_t b, size_t e)
{
    return (b == 0 || p[b - 1] == ' ') && (e == n || p[e] == ' ');
}

/* One blank between each word of tok[0..n]? */
static bool plain_words(const char *p, const struct tok *tok, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (tok[i + 1].begin != tok[i].begin + tok[i].len + 1 || p[tok[i + 1].begin - 1] != ' ') return false;
    return true;
}

/* Does the literal stand there? Then its pattern's gaps decide. */
static inline void try_entry(const struct scan *s, const struct entry *x, const struct candidate *c)
{
    struct walk *w = s->w;
    const struct tok *k = &s->tok[c->first];
    str t = w->text[s->turn].fold;
    if (!(x->roles & s->role) || k->begin < x->before) return;
    size_t b = k->begin - x->before, end = b + x->n;
    if (x->plain ? !plain_words(t.p, k, c->last - c->first) : end > t.n || memcmp(t.p + b, s->db->text + x->text, x->n) != 0) return;
    if (!blank_around(t.p, t.n, b, end) && !bounded(t.p, t.n, b, end)) return;
    uint32_t cue = x->what >> 1;
    if (x->what & 1) {
        const struct pattern *pt = &s->db->pattern.p[cue];
        cue = pt->cue;
        for (uint8_t i = 0; i < pt->n_more && end; i++) end = match_piece(&pt->more[i], t, end, k, s->tok + s->n_tok);
    }
    if (end) push_hit(w, (struct hit){cue, s->turn, (uint32_t)b, (uint32_t)end, 0, k->quoted});
}

/* Slots and entries lie scattered over megabytes: each step asks for the memory of the next. */
static void try_candidates(const struct scan *s, const struct candidate *c, uint32_t n)
{
    const struct match_db *db = s->db;
    uint32_t first[CANDIDATES];
    for (uint32_t i = 0; i < n; i++) {
        first[i] = find(db, c[i].tag)->first;
        if (first[i]) __builtin_prefetch(&db->entry[first[i] - 1]);
    }
    for (uint32_t i = 0; i < n; i++) {
        if (!first[i]) continue;
        const struct entry *x = &db->entry[first[i] - 1];
        try_entry(s, x, &c[i]);
        while (!x->last) try_entry(s, ++x, &c[i]);
    }
}

struct candidates { struct candidate p[CANDIDATES]; uint32_t n; };

static inline void add_candidate(const struct scan *s, struct candidates *list, uint64_t h, uint32_t first, uint32_t last)
{
    uint32_t tag = tag_of(h);
    __builtin_prefetch(&s->db->slot[tag >> s->db->shift]);
    list->p[list->n++] = (struct candidate){tag, first, last};
    if (list->n == CANDIDATES) try_candidates(s, list->p, list->n), list->n = 0;
}

/* The sequences that begin with the words k and k + 1, which lead to some. */
static void scan_on(const struct scan *s, const struct steps *steps, const uint32_t *word, uint32_t n, uint32_t k, uint64_t h,
                    struct candidates *list)
{
    unsigned step = LEADS;
    for (uint32_t j = k + 2; step & LEADS && j < n; j++) {
        h = hash_mix(h, s->tok[word[j]].hash);
        step = sequence_step(steps, h);
        if (step & ENDS) add_candidate(s, list, h, word[k], word[j]);
    }
}

/* Every sequence of words that is a literal. A branch a word would be guessed wrong one time in four, so single words
 * and pairs are sifted without one, some at a time, and only what is left is looked at. */
static void scan_turn(const struct scan *s)
{
    enum { BLOCK = 64 };
    const struct steps *steps = &s->db->steps[s->role != 1u << ROLE_USER];
    const struct tok *tok = s->tok;
    uint32_t *word = arena_raw(s->w->a, sizeof *word * (s->n_tok + 1)), n = 0;
    for (uint32_t i = 0; i < s->n_tok; i++) word[n] = i, n += tok[i].kind != TOK_PUNCT;
    struct candidates list = {.n = 0};
    unsigned next = n ? word_step(steps, tok[word[0]].hash) : 0;
    for (uint32_t from = 0; from < n; from += BLOCK) {
        uint32_t to = from + BLOCK < n ? from + BLOCK : n, single[BLOCK], n_single = 0, pair[BLOCK], n_pair = 0;
        for (uint32_t k = from; k < to; k++) {
            unsigned step = next;
            next = k + 1 < n ? word_step(steps, tok[word[k + 1]].hash) : 0;
            single[n_single] = k, n_single += step & ENDS;
            pair[n_pair] = k, n_pair += step >> 1 & next >> 2 & 1;
        }
        struct { uint64_t h; uint32_t k; unsigned step; } live[BLOCK];
        uint32_t n_live = 0;
        for (uint32_t i = 0; i < n_pair; i++) {
            uint64_t h = hash_mix(tok[word[pair[i]]].hash, tok[word[pair[i] + 1]].hash);
            live[n_live].h = h, live[n_live].k = pair[i], live[n_live].step = sequence_step(steps, h);
            n_live += live[n_live].step != 0;
        }
        for (uint32_t i = 0; i < n_single; i++) add_candidate(s, &list, tok[word[single[i]]].hash, word[single[i]], word[single[i]]);
        for (uint32_t i = 0; i < n_live; i++) {
            uint32_t k = live[i].k;
            if (live[i].step & ENDS) add_candidate(s, &list, live[i].h, word[k], word[k + 1]);
            if (live[i].step & LEADS) scan_on(s, steps, word, n, k, live[i].h, &list);
        }
    }
    try_candidates(s, list.p, list.n);
}

/* The sentence of each hit, the hits of each sentence; both lists are in order. */
static void place_hits(struct walk *w)
{
    uint32_t s = 0;
    for (size_t i = 0; i < w->hit.n; i++) {
        struct hit *h = &w->hit.p[i];
        int construct = w->pack->cue[h->cue].construct;
        if (construct >= 0) w->hit_constructs[h->turn] |= 1ull << construct;
        while (s + 1 < w->sent.n && (w->sent.p[s].turn < h->turn || (w->sent.p[s].turn == h->turn && w->sent.p[s].end <= h->begin)))
            s++;
        h->sent = s;
        struct sent *x = &w->sent.p[s];
        if (x->hit1 == 0) x->hit0 = (uint32_t)i;
        x->hit1 = (uint32_t)i + 1;
    }
}

void match_scan(struct walk *w)
{
    size_t n_turn = w->conv->n_turn;
    w->hit0 = arena_array(w->a, uint32_t, n_turn + 1);
    w->hit_constructs = arena_array(w->a, uint64_t, n_turn);
    for (uint32_t t = 0; t < n_turn; t++) {
        const struct text *x = &w->text[t];
        w->hit0[t] = (uint32_t)w->hit.n;
        scan_turn(&(struct scan){w, w->pack->db, w->tok.p + x->tok0, x->tok1 - x->tok0, t, 1u << w->conv->turn[t].role});
    }
    w->hit0[n_turn] = (uint32_t)w->hit.n;
    place_hits(w);
}
