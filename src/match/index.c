/* Cue phrases → an index of wordings by their words, as one block. Everything
 * on the way to it lives in a builder, which is gone when the block stands. */
#include "match/index.h"
#include "match/phrase.h"
#include "text/text.h"

#include <stdlib.h>

enum { WORDS_MAX = 64, FIRST_MIN = 4 };

struct literal { str text; uint32_t pattern, next; /* next + 1 of the same words */ uint16_t before; bool plain; };

struct builder {
    struct arena a;
    const struct pack *pack;
    vec_of(struct pattern) pattern;
    vec_of(struct piece) piece;
    struct wordings wording;     /* behind gaps */
    vec_of(struct literal) literal;
    struct slot *slot;           /* first: literal + 1, until the block is written */
    uint32_t n_used, mask, shift;
    struct steps steps[2];
    refrain_error *err;
};

/* ---- phrases → literals ---- */

static void word_step_set(struct steps *s, uint64_t hash, uint64_t what)
{
    s->word[(hash & (WORD_STEPS - 1)) >> 4] |= what << (hash & 15) * 4;
}
static void sequence_step_set(struct steps *s, uint64_t hash, uint64_t what)
{
    s->sequence[(hash & (SEQUENCE_STEPS - 1)) >> 5] |= what << (hash & 31) * 2;
}

static void grow(struct builder *b)
{
    struct slot *old = b->slot;
    uint32_t n = old ? b->mask + 1 : 0, slots = old ? n * 2 : 1 << 16;
    b->slot = arena_array(&b->a, struct slot, slots);
    b->mask = slots - 1;
    b->shift = (uint32_t)__builtin_clz(slots) + 1;
    for (uint32_t i = 0; i < n; i++)
        if (old[i].tag) b->slot[slot_find(b->slot, b->mask, b->shift, old[i].tag)] = old[i];
}

/* The slot of a sequence of words, made when it is new. */
static struct slot *take(struct builder *b, uint64_t h)
{
    if (b->n_used * 2 > b->mask) grow(b);
    struct slot *s = &b->slot[slot_find(b->slot, b->mask, b->shift, tag_of(h))];
    if (!s->tag) s->tag = tag_of(h), b->n_used++;
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
    struct literal *lit = &b->literal.p[i];
    const uint8_t person = 1u << ROLE_USER;
    if (!c->roles || c->roles & person) set_steps(&b->steps[0], word, n);
    if (!c->roles || c->roles & ~person) set_steps(&b->steps[1], word, n);
    uint64_t h = word[0];
    for (uint32_t k = 1; k < n; k++) h = hash_mix(h, word[k]);
    struct slot *s = take(b, h);
    lit->next = s->first;
    s->first = i + 1;
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
        struct literal lit = {.text = text, .pattern = (uint32_t)b->pattern.n - 1};
        uint32_t n = literal_words(word, &lit);
        if (text.n == 0 || (gap && text.n < FIRST_MIN))
            return phrase_error(b, c, phrase, gap ? "too short before its first gap" : "a wording is empty");
        if (!n) return phrase_error(b, c, phrase, "a wording has no whole word");
        *vec_push(&b->a, &b->literal) = lit;
        index_literal(b, c, (uint32_t)b->literal.n - 1, word, n);
    }
    return 0;
}

static void add_piece(struct builder *b, const struct wordings *list)
{
    struct piece *pc = vec_push(&b->a, &b->piece);
    pc->wording = (uint32_t)b->wording.n;
    pc->n = (uint32_t)list->n;
    for (size_t i = 0; i < list->n; i++) {
        uint32_t at = 0;
        struct tok k;
        bool word = text_next_word(list->p[i], &at, &k) && k.begin == 0;
        if (word) pc->first[k.hash >> 62] |= 1ull << (k.hash >> 56 & 63);
        pc->odd |= !word;
        *vec_push(&b->a, &b->wording) = list->p[i];
    }
}

static int add_phrase(struct builder *b, const struct cue *c, uint32_t index, const char *phrase)
{
    struct wordings piece[PIECES_MAX] = {0};
    size_t n = 0;
    for (const char *p = phrase; p; n++) {
        const char *gap = strstr(p, " * "), *end = gap ? gap : p + strlen(p);
        if (n == PIECES_MAX) return phrase_error(b, c, phrase, "more than three gaps");
        if (memchr(p, '*', (size_t)(end - p))) return phrase_error(b, c, phrase, "a gap is written ' * ', between words");
        const char *fault = phrase_expand(&piece[n], &b->a, p, end);
        if (fault) return phrase_error(b, c, phrase, fault);
        p = gap ? gap + 3 : NULL;
    }
    *vec_push(&b->a, &b->pattern) = (struct pattern){index, (uint32_t)b->piece.n, (uint32_t)n - 1};
    for (size_t i = 1; i < n; i++) add_piece(b, &piece[i]);
    return add_literals(b, c, phrase, &piece[0], n > 1);
}

/* ---- the block ---- */

enum part_id { PATTERNS, PIECES, WORDINGS, ENTRIES, SLOTS, STEPS, TEXT, N_PART };
static const uint32_t part_size[N_PART] = {sizeof(struct pattern), sizeof(struct piece), sizeof(struct wording),
    sizeof(struct entry), sizeof(struct slot), sizeof(struct steps), 1};
enum { PART_ALIGN = 64, BLOCK_MAX = 1 << 30 };
#define MAGIC "refrain index 1" /* changes with what a part means */

struct head {
    char magic[16];
    uint64_t made_from, bytes;
    struct { uint32_t at, size, n; } part[N_PART];
};

static uint64_t aligned(uint64_t n) { return (n + PART_ALIGN - 1) / PART_ALIGN * PART_ALIGN; }

static const void *part(const char *block, enum part_id id) { return block + ((const struct head *)block)->part[id].at; }

static struct match_db *db_new(const char *block, size_t n, void *owned)
{
    struct match_db *db = malloc(sizeof *db);
    if (!db) return NULL;
    uint32_t slots = ((const struct head *)block)->part[SLOTS].n;
    *db = (struct match_db){.pattern = part(block, PATTERNS), .piece = part(block, PIECES), .wording = part(block, WORDINGS),
        .entry = part(block, ENTRIES), .slot = part(block, SLOTS), .mask = slots - 1,
        .shift = (uint32_t)__builtin_clz(slots) + 1, .steps = part(block, STEPS), .text = part(block, TEXT), .block = block,
        .n_block = n, .owned = owned};
    return db;
}

/* False: too much for 32 bits. */
static bool lay_out(struct head *h, const struct builder *b)
{
    size_t text = 1;
    for (size_t i = 0; i < b->literal.n; i++) text += b->literal.p[i].text.n;
    for (size_t i = 0; i < b->wording.n; i++) text += b->wording.p[i].n;
    const size_t n[N_PART] = {b->pattern.n, b->piece.n, b->wording.n, b->literal.n + 1, (size_t)b->mask + 1, 2, text};
    *h = (struct head){.magic = MAGIC, .made_from = b->pack->table_hash, .bytes = aligned(sizeof *h)};
    for (int i = 0; i < N_PART; i++) {
        if (n[i] > BLOCK_MAX || h->bytes > BLOCK_MAX) return false;
        h->part[i].at = (uint32_t)h->bytes;
        h->part[i].size = part_size[i];
        h->part[i].n = (uint32_t)n[i];
        h->bytes += aligned((uint64_t)n[i] * part_size[i]);
    }
    return h->bytes <= BLOCK_MAX;
}

/* Literals → entries, sequence by sequence; their text in the same order. The end of the text. */
static char *write_entries(const struct builder *b, struct slot *slot, struct entry *entry, char *base)
{
    struct entry *e = entry;
    char *text = base;
    for (uint32_t i = 0; i <= b->mask; i++) {
        uint32_t next = b->slot[i].first;
        slot[i] = (struct slot){b->slot[i].tag, next ? (uint32_t)(e - entry) + 1 : 0};
        for (; next; e++) {
            const struct literal *lit = &b->literal.p[next - 1];
            const struct pattern *pt = &b->pattern.p[lit->pattern];
            uint8_t roles = b->pack->cue[pt->cue].roles;
            next = lit->next;
            *e = (struct entry){pt->n_more ? lit->pattern << 1 | 1 : pt->cue << 1, (uint32_t)(text - base), (uint16_t)lit->text.n,
                                lit->before, roles ? roles : UINT8_MAX, lit->plain, !next, 0};
            memcpy(text, lit->text.p, lit->text.n);
            text += lit->text.n;
        }
    }
    return text;
}

static void write_block(char *block, const struct head *h, const struct builder *b)
{
    *(struct head *)block = *h;
    void *at[N_PART];
    for (int i = 0; i < N_PART; i++) at[i] = block + h->part[i].at;
    if (b->pattern.n) memcpy(at[PATTERNS], b->pattern.p, b->pattern.n * sizeof *b->pattern.p);
    if (b->piece.n) memcpy(at[PIECES], b->piece.p, b->piece.n * sizeof *b->piece.p);
    memcpy(at[STEPS], b->steps, sizeof b->steps);
    char *text = write_entries(b, at[SLOTS], at[ENTRIES], at[TEXT]);
    struct wording *w = at[WORDINGS];
    for (size_t i = 0; i < b->wording.n; i++) {
        w[i] = (struct wording){(uint32_t)(text - (char *)at[TEXT]), (uint32_t)b->wording.p[i].n};
        memcpy(text, b->wording.p[i].p, b->wording.p[i].n);
        text += b->wording.p[i].n;
    }
}

static int freeze(struct match_db **out, const struct builder *b)
{
    struct head h;
    if (!lay_out(&h, b)) return err_set(b->err, REFRAIN_E_LIMIT, "the cues have more wordings than an index holds");
    char *block = calloc(1, h.bytes);
    if (block) write_block(block, &h, b);
    *out = block ? db_new(block, h.bytes, block) : NULL;
    if (*out) return 0;
    free(block);
    return err_set(b->err, REFRAIN_E_NOMEM, "out of memory while indexing cues");
}

int match_compile(struct match_db **out, const struct pack *p, refrain_error *err)
{
    *out = NULL;
    struct builder *b = calloc(1, sizeof *b);
    if (!b) return err_set(err, REFRAIN_E_NOMEM, "out of memory");
    b->pack = p;
    b->err = err;
    arena_init(&b->a, 0);
    jmp_buf guard;
    b->a.on_oom = &guard;
    volatile int rc = 0;
    if (setjmp(guard)) {
        rc = err_set(err, REFRAIN_E_NOMEM, "out of memory while indexing cues");
    } else {
        grow(b);
        for (size_t i = 0; i < p->n_cue && !rc; i++)
            for (size_t k = 0; k < p->cue[i].n_phrase && !rc; k++)
                rc = add_phrase(b, &p->cue[i], (uint32_t)i, p->cue[i].phrase[k]);
        if (!rc) rc = freeze(out, b);
    }
    arena_free(&b->a);
    free(b);
    return rc;
}

str match_block(const struct match_db *db) { return (str){db->block, db->n_block}; }

struct match_db *match_read(str block, uint64_t made_from)
{
    const struct head *h = (const struct head *)block.p;
    if (block.n < sizeof *h || (uintptr_t)block.p % _Alignof(struct head)) return NULL;
    if (memcmp(h->magic, MAGIC, sizeof h->magic) || h->made_from != made_from || h->bytes != block.n) return NULL;
    for (int i = 0; i < N_PART; i++)
        if (h->part[i].size != part_size[i] || h->part[i].at % PART_ALIGN ||
            h->part[i].at + (uint64_t)h->part[i].n * part_size[i] > block.n)
            return NULL;
    uint32_t slots = h->part[SLOTS].n;
    if (slots < 2 || slots & (slots - 1) || h->part[STEPS].n != 2) return NULL;
    return db_new(block.p, block.n, NULL);
}

void match_free(struct match_db *db)
{
    if (!db) return;
    free(db->owned);
    free(db);
}
