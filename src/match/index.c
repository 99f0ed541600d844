/* Cue phrases → an index of wordings by their words, as one block. Everything
 * on the way to it lives in a builder, which is gone when the block stands. */
#include "match/index.h"
#include "match/phrase.h"
#include "text/text.h"

#include <stdlib.h>

enum { WORDS_MAX = 64, FIRST_MIN = 4 };

struct literal { str text; uint32_t tag, what; /* as of an entry */ uint16_t before; uint8_t roles; bool plain; };

struct builder {
    struct arena a;
    const struct pack *pack;
    vec_of(struct piece) piece;
    struct wordings wording;     /* behind gaps */
    vec_of(struct literal) literal;
    struct steps steps[2];
    refrain_error *err;
};

/* ---- phrases → literals ---- */

static void set_step(uint64_t *steps, uint32_t size, uint64_t hash, uint64_t what)
{
    steps[(hash & (size - 1)) >> 5] |= what << (hash & 31) * 2;
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
    uint64_t h = word[0], *first = &s->word[h & (WORD_STEPS - 1)];
    if (n == 1) {
        *first |= 1ull << as_single(h);
        return;
    }
    *first |= 1ull << as_second(word[1]);
    s->word[word[1] & (WORD_STEPS - 1)] |= 1ull << as_first(h);
    h = hash_mix(h, word[1]);
    set_step(s->pair, PAIR_STEPS, h, n > 2 ? LEADS : ENDS);
    for (uint32_t k = 2; k < n; k++) {
        h = hash_mix(h, word[k]);
        set_step(s->longer, SEQUENCE_STEPS, h, k + 1 < n ? LEADS : ENDS);
    }
}

static void index_literal(struct builder *b, struct literal *lit, const struct cue *c, const uint64_t *word, uint32_t n)
{
    const uint8_t person = 1u << ROLE_USER;
    if (!c->roles || c->roles & person) set_steps(&b->steps[0], word, n);
    if (!c->roles || c->roles & ~person) set_steps(&b->steps[1], word, n);
    uint64_t h = word[0];
    for (uint32_t k = 1; k < n; k++) h = hash_mix(h, word[k]);
    lit->tag = tag_of(h);
    lit->roles = c->roles ? c->roles : UINT8_MAX;
}

static int phrase_error(struct builder *b, const struct cue *c, const char *phrase, const char *what)
{
    return err_at(b->err, REFRAIN_E_PACK, c->line, 0, "%s:%u: cue '%s': %s: '%s'", c->file, c->line, c->id, what, phrase);
}

static int add_literals(struct builder *b, const struct cue *c, const char *phrase, const struct wordings *first,
                        uint32_t what)
{
    const bool gap = what & 1;
    for (size_t i = 0; i < first->n; i++) {
        str text = first->p[i];
        uint64_t word[WORDS_MAX];
        struct literal lit = {.text = text, .what = what};
        uint32_t n = literal_words(word, &lit);
        if (text.n == 0 || (gap && text.n < FIRST_MIN))
            return phrase_error(b, c, phrase, gap ? "too short before its first gap" : "a wording is empty");
        if (!n) return phrase_error(b, c, phrase, "a wording has no whole word");
        index_literal(b, &lit, c, word, n);
        *vec_push(&b->a, &b->literal) = lit;
    }
    return 0;
}

/* Hash of the word with which a wording begins, 0 if it begins with none. */
static uint64_t first_word(str wording)
{
    uint32_t at = 0;
    struct tok k;
    return text_next_word(wording, &at, &k) && k.begin == 0 ? k.hash : 0;
}

static void add_piece(struct builder *b, uint32_t cue, uint32_t more, const struct wordings *list)
{
    struct piece *pc = vec_push(&b->a, &b->piece);
    pc->cue = cue, pc->more = more, pc->wording = (uint32_t)b->wording.n, pc->n = (uint32_t)list->n;
    for (size_t i = 0; i < list->n; i++) {
        uint64_t hash = first_word(list->p[i]);
        pc->begins[hash >> 60] |= 1ull << (hash >> 54 & 63);
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
    uint32_t what = n > 1 ? (uint32_t)b->piece.n << 1 | 1 : index << 1;
    for (size_t i = 1; i < n; i++) add_piece(b, index, (uint32_t)(n - 1 - i), &piece[i]);
    return add_literals(b, c, phrase, &piece[0], what);
}

/* ---- the block ---- */

enum part_id { PIECES, WORDINGS, ENTRIES, BUCKET, STEPS, TEXT, N_PART };
static const uint32_t part_size[N_PART] = {sizeof(struct piece), sizeof(struct wording), sizeof(struct entry),
    sizeof(uint32_t), sizeof(struct steps), 1};
enum { PART_ALIGN = 64, BLOCK_MAX = 1 << 30 };
#define MAGIC "refrain index 4" /* changes with what a part means */

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
    *db = (struct match_db){.piece = part(block, PIECES), .wording = part(block, WORDINGS),
        .entry = part(block, ENTRIES), .bucket = part(block, BUCKET), .steps = part(block, STEPS),
        .text = part(block, TEXT), .block = block, .n_block = n, .owned = owned};
    return db;
}

/* Bytes of a literal that the search compares: none of a plain one, which its words tell. */
static size_t kept_text(const struct literal *lit) { return lit->plain ? 0 : lit->text.n; }

/* False: too much for 32 bits. */
static bool lay_out(struct head *h, const struct builder *b)
{
    size_t text = 1;
    for (size_t i = 0; i < b->literal.n; i++) text += kept_text(&b->literal.p[i]);
    for (size_t i = 0; i < b->wording.n; i++) text += b->wording.p[i].n;
    const size_t n[N_PART] = {b->piece.n, b->wording.n, b->literal.n, BUCKETS + 1, 2, text};
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

/* Literals → entries, bucket by bucket; their text in the same order. The end of the text. */
static char *write_entries(struct builder *b, uint32_t *bucket, struct entry *entry, char *base)
{
    char *text = base;
    uint32_t *order = arena_raw(&b->a, sizeof *order * (b->literal.n + 1));
    for (size_t i = 0; i < b->literal.n; i++) bucket[(b->literal.p[i].tag >> BUCKET_SHIFT) + 1]++;
    for (size_t i = 0; i < BUCKETS; i++) bucket[i + 1] += bucket[i];
    for (size_t i = b->literal.n; i-- > 0;) order[--bucket[(b->literal.p[i].tag >> BUCKET_SHIFT) + 1]] = (uint32_t)i;
    memmove(bucket, bucket + 1, sizeof *bucket * BUCKETS);
    bucket[BUCKETS] = (uint32_t)b->literal.n;
    for (size_t i = 0; i < b->literal.n; i++) {
        const struct literal *lit = &b->literal.p[order[i]];
        entry[i] = (struct entry){lit->what, (uint32_t)(text - base), (uint16_t)lit->tag, (uint16_t)lit->text.n,
                                  lit->before, lit->roles, lit->plain};
        memcpy(text, lit->text.p, kept_text(lit));
        text += kept_text(lit);
    }
    return text;
}

static void write_block(char *block, const struct head *h, struct builder *b)
{
    *(struct head *)block = *h;
    void *at[N_PART];
    for (int i = 0; i < N_PART; i++) at[i] = block + h->part[i].at;
    if (b->piece.n) memcpy(at[PIECES], b->piece.p, b->piece.n * sizeof *b->piece.p);
    memcpy(at[STEPS], b->steps, sizeof b->steps);
    char *text = write_entries(b, at[BUCKET], at[ENTRIES], at[TEXT]);
    struct wording *w = at[WORDINGS];
    for (size_t i = 0; i < b->wording.n; i++) {
        w[i] = (struct wording){(uint32_t)(text - (char *)at[TEXT]), (uint32_t)b->wording.p[i].n,
                                (uint32_t)first_word(b->wording.p[i]),
                                wording_tail(b->wording.p[i].p, b->wording.p[i].n)};
        memcpy(text, b->wording.p[i].p, b->wording.p[i].n);
        text += b->wording.p[i].n;
    }
}

static int freeze(struct match_db **out, struct builder *b)
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
    if (h->part[BUCKET].n != BUCKETS + 1 || h->part[STEPS].n != 2) return NULL;
    return db_new(block.p, block.n, NULL);
}

void match_free(struct match_db *db)
{
    if (!db) return;
    free(db->owned);
    free(db);
}
