/* Cue phrases → one literal database; folded conversation → hits.
 *
 * A phrase is cut at its gaps into pieces, each a small set of literals. The
 * first piece's literals are searched for; later pieces are looked for behind
 * a hit, within three words. Compiling costs tens of milliseconds, so the
 * database is cached by a hash of its literals and of Vectorscan's version. */
#include "match/match.h"

#include <errno.h>
#include <hs/hs.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECES_MAX = 4, EXPAND_MAX = 4096, GAP_WORDS = 3, FIRST_MIN = 4, DB_MAX = 256 << 20 };

struct piece { str *alt; size_t n; };
struct pattern { uint32_t cue; uint8_t n_more; struct piece more[PIECES_MAX - 1]; };
struct literal { str text; uint32_t first, n; }; /* patterns use[first .. first+n) */

struct match_db {
    struct arena a;
    struct pattern *pattern; size_t n_pattern;
    struct literal *literal; size_t n_literal;
    uint32_t *use;           /* pattern indices, grouped by literal */
    hs_database_t *hs;       /* NULL: no literals */
};

struct match_scratch { hs_scratch_t *hs; };

/* ---- phrases → literals ---- */

struct expander {
    struct arena *a;
    vec_of(str) out;
    bool too_many, broken;
};

static void expand(struct expander *x, str done, const char *p, const char *end);

static const char *closing(const char *p, const char *end, char open, char close)
{
    int depth = 0;
    for (; p < end; p++) {
        if (*p == open) depth++;
        if (*p == close && --depth == 0) return p;
    }
    return NULL;
}

static str joined(struct arena *a, str x, str y)
{
    char *p = arena_raw(a, x.n + y.n + 1);
    memcpy(p, x.p, x.n);
    memcpy(p + x.n, y.p, y.n);
    return (str){p, x.n + y.n};
}

/* `done` + each alternative in [p, close) + what stands behind. */
static void expand_group(struct expander *x, str done, const char *p, const char *close, const char *end)
{
    int depth = 0;
    const char *from = p;
    for (const char *q = p; q <= close; q++) {
        if (q == close || (*q == '|' && depth == 0)) {
            str rest = joined(x->a, (str){from, (size_t)(q - from)}, (str){close + 1, (size_t)(end - close - 1)});
            expand(x, done, rest.p, rest.p + rest.n);
            from = q + 1;
        } else {
            depth += *q == '(' || *q == '[';
            depth -= *q == ')' || *q == ']';
        }
    }
}

static void expand(struct expander *x, str done, const char *p, const char *end)
{
    const char *q = p;
    while (q < end && *q != '(' && *q != '[') {
        if (*q == ')' || *q == ']') x->broken = true;
        q++;
    }
    done = joined(x->a, done, (str){p, (size_t)(q - p)});
    if (x->out.n >= EXPAND_MAX) x->too_many = true;
    if (x->too_many || x->broken) return;
    if (q == end) {
        *vec_push(x->a, &x->out) = str_trim(done);
        return;
    }
    const char *close = *q == '(' ? closing(q, end, '(', ')') : closing(q, end, '[', ']');
    if (!close) {
        x->broken = true;
        return;
    }
    if (*q == '[') expand(x, done, close + 1, end);
    expand_group(x, done, q + 1, close, end);
}

/* Two blanks meet where an optional part was left out. */
static str squeezed(str s)
{
    char *p = (char *)s.p;
    size_t o = 0;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != ' ' || (o && p[o - 1] != ' ')) p[o++] = s.p[i];
    return (str){p, o};
}

struct builder {
    struct match_db *db;
    vec_of(struct pattern) pattern;
    vec_of(struct { str text; uint32_t pattern; }) entry;
    refrain_error *err;
};

static int phrase_error(struct builder *b, const struct cue *c, const char *phrase, const char *what)
{
    return err_at(b->err, REFRAIN_E_PACK, c->line, 0, "%s:%u: cue '%s': %s: '%s'", c->file, c->line, c->id, what, phrase);
}

static int add_phrase(struct builder *b, const struct cue *c, uint32_t index, const char *phrase)
{
    struct piece piece[PIECES_MAX];
    size_t n = 0;
    for (const char *p = phrase; p;) {
        const char *gap = strstr(p, " * ");
        if (n == PIECES_MAX) return phrase_error(b, c, phrase, "more than three gaps");
        struct expander x = {.a = &b->db->a};
        const char *end = gap ? gap : p + strlen(p);
        if (memchr(p, '*', (size_t)(end - p))) return phrase_error(b, c, phrase, "a gap is written ' * ', between words");
        expand(&x, (str){"", 0}, p, end);
        if (x.broken) return phrase_error(b, c, phrase, "brackets do not match");
        if (x.too_many) return phrase_error(b, c, phrase, "more than 4096 wordings; split the phrase");
        for (size_t i = 0; i < x.out.n; i++) x.out.p[i] = squeezed(x.out.p[i]);
        piece[n++] = (struct piece){x.out.p, x.out.n};
        p = gap ? gap + 3 : NULL;
    }
    struct pattern *pt = vec_push(&b->db->a, &b->pattern);
    pt->cue = index;
    pt->n_more = (uint8_t)(n - 1);
    for (size_t i = 1; i < n; i++) pt->more[i - 1] = piece[i];
    for (size_t i = 0; i < piece[0].n; i++) {
        str text = piece[0].alt[i];
        if (text.n == 0 || (n > 1 && text.n < FIRST_MIN))
            return phrase_error(b, c, phrase, n > 1 ? "too short before its first gap" : "a wording is empty");
        typeof(b->entry.p) e = vec_push(&b->db->a, &b->entry);
        e->text = text;
        e->pattern = (uint32_t)(b->pattern.n - 1);
    }
    return 0;
}

static int by_text(const void *a, const void *b)
{
    const str *x = a, *y = b; /* `text` is the first member */
    size_t n = x->n < y->n ? x->n : y->n;
    int d = memcmp(x->p, y->p, n);
    return d ? d : x->n < y->n ? -1 : x->n > y->n;
}

static void group_literals(struct builder *b)
{
    struct match_db *db = b->db;
    qsort(b->entry.p, b->entry.n, sizeof *b->entry.p, by_text);
    db->literal = arena_array(&db->a, struct literal, b->entry.n + 1);
    db->use = arena_array(&db->a, uint32_t, b->entry.n + 1);
    for (size_t i = 0; i < b->entry.n; i++) {
        struct literal *last = db->n_literal ? &db->literal[db->n_literal - 1] : NULL;
        if (!last || !str_eq(last->text, b->entry.p[i].text)) {
            last = &db->literal[db->n_literal++];
            *last = (struct literal){b->entry.p[i].text, (uint32_t)i, 0};
        }
        last->n++;
        db->use[i] = b->entry.p[i].pattern;
    }
    db->pattern = b->pattern.p;
    db->n_pattern = b->pattern.n;
}

/* ---- database and its cache ---- */

static uint64_t literals_hash(const struct match_db *db)
{
    const char *v = hs_version();
    uint64_t h = hash_bytes(v, strlen(v), 1);
    for (size_t i = 0; i < db->n_literal; i++) h = hash_bytes(db->literal[i].text.p, db->literal[i].text.n, h);
    return h;
}

static char *cache_path(struct arena *a, const char *dir, uint64_t hash)
{
    if (dir && !*dir) return NULL;
    if (!dir) {
        const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
        if (xdg && *xdg == '/') {
            mkdir(xdg, 0700);
            dir = arena_printf(a, "%s/refrain", xdg);
        } else if (home && *home == '/') {
            mkdir(arena_printf(a, "%s/.cache", home), 0700);
            dir = arena_printf(a, "%s/.cache/refrain", home);
        } else return NULL;
    }
    mkdir(dir, 0700);
    return arena_printf(a, "%s/%016llx.hsdb", dir, (unsigned long long)hash);
}

static bool cache_load(struct match_db *db, const char *path)
{
    char *bytes;
    size_t n;
    if (!path || file_read(&bytes, &n, path, DB_MAX, NULL)) return false;
    bool ok = hs_deserialize_database(bytes, n, &db->hs) == HS_SUCCESS;
    free(bytes);
    return ok;
}

/* A cache that can't be written costs time, not correctness: errors are dropped. */
static void cache_store(struct match_db *db, const char *path)
{
    char *bytes;
    size_t n;
    if (!path || hs_serialize_database(db->hs, &bytes, &n) != HS_SUCCESS) return;
    char *tmp = arena_printf(&db->a, "%s.%ld", path, (long)getpid());
    FILE *f = fopen(tmp, "wb");
    if (f) {
        bool ok = fwrite(bytes, 1, n, f) == n;
        ok = fclose(f) == 0 && ok;
        if (!ok || rename(tmp, path) != 0) remove(tmp);
    }
    free(bytes);
}

static int compile_literals(struct match_db *db, refrain_error *err)
{
    size_t n = db->n_literal;
    const char **text = arena_array(&db->a, const char *, n);
    size_t *len = arena_array(&db->a, size_t, n);
    unsigned *flags = arena_array(&db->a, unsigned, n), *ids = arena_array(&db->a, unsigned, n);
    for (size_t i = 0; i < n; i++) {
        text[i] = arena_str(&db->a, db->literal[i].text).p;
        len[i] = db->literal[i].text.n;
        ids[i] = (unsigned)i;
    }
    hs_compile_error_t *e = NULL;
    if (hs_compile_lit_multi(text, flags, ids, len, (unsigned)n, HS_MODE_BLOCK, NULL, &db->hs, &e) == HS_SUCCESS) return 0;
    int rc = err_set(err, REFRAIN_E_PACK, "cues: %s", e ? e->message : "patterns do not compile");
    hs_free_compile_error(e);
    return rc;
}

int match_compile(struct match_db **out, const struct pack *p, const char *cache_dir, refrain_error *err)
{
    *out = NULL;
    struct match_db *db = calloc(1, sizeof *db);
    if (!db) return err_set(err, REFRAIN_E_NOMEM, "out of memory");
    arena_init(&db->a, 0);
    jmp_buf guard;
    db->a.on_oom = &guard;
    volatile int rc = 0;
    if (setjmp(guard)) {
        rc = err_set(err, REFRAIN_E_NOMEM, "out of memory while compiling cues");
    } else {
        struct builder b = {.db = db, .err = err};
        for (size_t i = 0; i < p->n_cue && !rc; i++)
            for (size_t k = 0; k < p->cue[i].n_phrase && !rc; k++)
                rc = add_phrase(&b, &p->cue[i], (uint32_t)i, p->cue[i].phrase[k]);
        if (!rc) group_literals(&b);
        char *path = rc || !db->n_literal ? NULL : cache_path(&db->a, cache_dir, literals_hash(db));
        if (!rc && db->n_literal && !cache_load(db, path)) {
            rc = compile_literals(db, err);
            if (!rc) cache_store(db, path);
        }
    }
    db->a.on_oom = NULL;
    if (rc) match_free(db);
    else *out = db;
    return rc;
}

void match_free(struct match_db *db)
{
    if (!db) return;
    hs_free_database(db->hs);
    arena_free(&db->a);
    free(db);
}

int match_scratch_new(struct match_scratch **out, const struct match_db *db, refrain_error *err)
{
    *out = calloc(1, sizeof **out);
    if (!*out || (db->hs && hs_alloc_scratch(db->hs, &(*out)->hs) != HS_SUCCESS)) {
        free(*out);
        *out = NULL;
        return err_set(err, REFRAIN_E_NOMEM, "out of memory");
    }
    return 0;
}

void match_scratch_free(struct match_scratch *s)
{
    if (!s) return;
    hs_free_scratch(s->hs);
    free(s);
}

/* ---- scanning ---- */

struct scan {
    struct walk *w;
    const struct match_db *db;
    uint32_t turn;      /* of the last hit's end; ends arrive in ascending order */
    bool oom;
};

static bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80); }

/* Does [b, e) of p stand between word boundaries? p has bytes on both sides or is the text's edge. */
static bool bounded(const char *p, size_t n, size_t b, size_t e)
{
    if (is_word(p[b]) && b && (is_word(p[b - 1]) || (p[b - 1] == '\'' && b > 1 && is_word(p[b - 2])))) return false;
    if (is_word(p[e - 1]) && e < n && (is_word(p[e]) || (p[e] == '\'' && e + 1 < n && is_word(p[e + 1])))) return false;
    return true;
}

/* Piece behind a gap that begins at `from`: the end of its first match, 0 none. */
static size_t match_piece(const struct piece *pc, const char *p, size_t n, size_t from)
{
    size_t at = from;
    for (int words = 0; words <= GAP_WORDS && at < n; words++) {
        while (at < n && (p[at] == ' ' || p[at] == ',')) at++;
        for (size_t i = 0; i < pc->n; i++)
            if (n - at >= pc->alt[i].n && memcmp(p + at, pc->alt[i].p, pc->alt[i].n) == 0 &&
                bounded(p, n, at, at + pc->alt[i].n))
                return at + pc->alt[i].n;
        if (at < n && (p[at] == '.' || p[at] == '!' || p[at] == '?' || p[at] == '\n')) return 0;
        while (at < n && p[at] != ' ' && p[at] != '\n') at++;
    }
    return 0;
}

/* The arena's guard must not jump over Vectorscan (its scratch would stay in
 * use), so it is set aside while the list grows and raised after the scan. */
static bool hits_room(struct scan *s)
{
    struct walk *w = s->w;
    jmp_buf *guard = w->a->on_oom;
    w->a->on_oom = NULL;
    size_t cap = w->hit.cap ? w->hit.cap * 2 : 64;
    void *p = arena_raw(w->a, cap * sizeof *w->hit.p);
    w->a->on_oom = guard;
    if (!p) return s->oom = true, false;
    if (w->hit.n) memcpy(p, w->hit.p, w->hit.n * sizeof *w->hit.p);
    w->hit.p = p;
    w->hit.cap = cap;
    return true;
}

static int on_literal(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *ctx)
{
    (void)from;
    (void)flags;
    struct scan *s = ctx;
    struct walk *w = s->w;
    const struct literal *lit = &s->db->literal[id];
    size_t n = w->folded.n, e = (size_t)to, b = e - lit->text.n;
    if (!bounded(w->folded.p, n, b, e)) return 0;
    while (s->turn + 1 < w->conv->n_turn && (size_t)(w->text[s->turn + 1].fold.p - w->folded.p) < e) s->turn++;
    const struct text *x = &w->text[s->turn];
    size_t base = (size_t)(x->fold.p - w->folded.p);
    if (b < base || e > base + x->fold.n) return 0; /* across two turns */
    unsigned role = 1u << w->conv->turn[s->turn].role;
    for (uint32_t i = 0; i < lit->n; i++) {
        const struct pattern *pt = &s->db->pattern[s->db->use[lit->first + i]];
        const struct cue *c = &w->pack->cue[pt->cue];
        if (c->roles && !(c->roles & role)) continue;
        size_t end = e - base;
        for (uint8_t k = 0; k < pt->n_more && end; k++) end = match_piece(&pt->more[k], x->fold.p, x->fold.n, end);
        if (!end) continue;
        if (w->hit.n == w->hit.cap && !hits_room(s)) return 1;
        w->hit.p[w->hit.n++] = (struct hit){pt->cue, s->turn, (uint32_t)(b - base), (uint32_t)end, 0, false};
    }
    return 0;
}

static int by_place(const void *a, const void *b)
{
    const struct hit *x = a, *y = b;
    if (x->turn != y->turn) return x->turn < y->turn ? -1 : 1;
    if (x->begin != y->begin) return x->begin < y->begin ? -1 : 1;
    if (x->cue != y->cue) return x->cue < y->cue ? -1 : 1;
    return x->end < y->end ? -1 : x->end > y->end;
}

/* Sentence and quotation of each hit; both lists are in order. */
static void place_hits(struct walk *w)
{
    uint32_t s = 0;
    for (size_t i = 0; i < w->hit.n; i++) {
        struct hit *h = &w->hit.p[i];
        while (s + 1 < w->sent.n && (w->sent.p[s].turn < h->turn || (w->sent.p[s].turn == h->turn && w->sent.p[s].end <= h->begin)))
            s++;
        h->sent = s;
        const struct sent *x = &w->sent.p[s];
        for (uint32_t k = x->tok0; k < x->tok1 && w->tok.p[k].begin <= h->begin; k++) h->quoted = w->tok.p[k].quoted;
    }
}

int match_scan(struct walk *w, struct match_scratch *scratch)
{
    const struct match_db *db = w->pack->db;
    size_t n_turn = w->conv->n_turn;
    w->hit0 = arena_array(w->a, uint32_t, n_turn + 1);
    if (!db->hs || w->sent.n == 0) return 0;
    struct scan s = {.w = w, .db = db};
    hs_error_t e = hs_scan(db->hs, w->folded.p, (unsigned)w->folded.n, 0, scratch->hs, on_literal, &s);
    if (e != HS_SUCCESS || s.oom) return REFRAIN_E_NOMEM;
    if (w->hit.n) qsort(w->hit.p, w->hit.n, sizeof *w->hit.p, by_place);
    place_hits(w);
    size_t k = 0;
    for (size_t t = 0; t <= n_turn; t++) {
        while (k < w->hit.n && w->hit.p[k].turn < t) k++;
        w->hit0[t] = (uint32_t)k;
    }
    return 0;
}

size_t match_next(const struct walk *w, uint32_t t, uint32_t cue, size_t from)
{
    if (from < w->hit0[t]) from = w->hit0[t];
    for (size_t i = from; i < w->hit0[t + 1]; i++)
        if (w->hit.p[i].cue == cue) return i;
    return SIZE_MAX;
}

size_t match_construct(const struct walk *w, uint32_t t, enum construct c, size_t from)
{
    if (from < w->hit0[t]) from = w->hit0[t];
    for (size_t i = from; i < w->hit0[t + 1]; i++)
        if (w->pack->cue[w->hit.p[i].cue].construct == (int)c) return i;
    return SIZE_MAX;
}
