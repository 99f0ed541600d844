/* Sentence → features: its words single and in pairs, the first and the last
 * two with their edge (three at a time told nothing more, out of fold), its form
 * and whether a question stands before it, its cues, its contacts.
 *
 * Words inside a long quotation count apart (an assistant that drafts a
 * message is not saying it). */
#include "act/act.h"

#define EDGE 0x13198A2E03707344ull   /* before and behind all words */
#define QUOTED 0x452821E638D01377ull /* for sequences: "something quoted" */

enum seed { F_FORM = 6, F_CUE, F_CONTACT, F_LEN };

/* Places of those in the table of m; without m, keys and kinds of all. */
static inline __attribute__((always_inline)) size_t list_grams(uint16_t *place, uint32_t *key, uint8_t *kind,
                                                               uint32_t *n_word, const struct walk *w, const struct sentence_view *v,
                                                               const struct weights *m)
{
    const bool user = w->conv->turn[v->turn].role == ROLE_USER;
    uint64_t two = 0, one = EDGE; /* the last two tokens in one, the last token */
    size_t n = 0;
    uint32_t words = 0;
#define ADD(hash, what)                                                                                                \
    do {                                                                                                               \
        uint64_t x_ = (hash);                                                                                          \
        uint32_t key_ = m ? (uint32_t)(x_ >> 32) : feature_key(x_), at_ = m ? gram_place(m, key_) : 0;                 \
        if (m) place[n] = (uint16_t)at_;                                                                               \
        else key[n] = key_, kind[n] = (what);                                                                          \
        n += m ? m->gram_key[at_] == key_ : 1;                                                                         \
    } while (0)
    for (const struct tok *k = w->tok.p + v->tok0, *end = w->tok.p + v->tok1; k < end; k++) {
        uint64_t h = k->hash;
        if (k->quoted && !user) {
            ADD(hash_mix(h, QUOTED), GRAM_WORDS);
            h = QUOTED;
            if (one == h) continue;
        } else ADD(h, GRAM_WORDS);
        uint64_t both = hash_mix(one, h);
        ADD(both, GRAM_WORDS);
        if (words == 1) ADD(hash_mix(two, h), GRAM_WORDS);
        two = both;
        one = h;
        words++;
    }
    ADD(hash_mix(one, EDGE), GRAM_ENDS);
    if (words) ADD(hash_mix(two, EDGE), GRAM_ENDS);
#undef ADD
    *n_word = words;
    return n;
}

static __attribute__((noinline)) size_t grams_quoted(uint16_t *place, uint32_t *n_word, const struct walk *w,
                                                     const struct sentence_view *v, const struct weights *m)
{
    return list_grams(place, NULL, NULL, n_word, w, v, m);
}

/* The same of most sentences: nothing in them is quoted. */
size_t act_grams(uint16_t *place, uint32_t *n_word, const struct walk *w, const struct sentence_view *v,
                 const struct weights *m)
{
    const struct tok *first = w->tok.p + v->tok0, *end = w->tok.p + v->tok1;
    const bool masks = w->conv->turn[v->turn].role != ROLE_USER;
    const struct weights mine = *m; /* in registers */
    uint64_t one = EDGE, both = 0;
    uint16_t *to = place;
#define ADD(hash)                                                                                                      \
    do {                                                                                                               \
        uint32_t key_ = (uint32_t)((hash) >> 32), at_ = gram_place(&mine, key_);                                       \
        *to = (uint16_t)at_;                                                                                           \
        to += mine.gram_key[at_] == key_;                                                                              \
    } while (0)
    for (const struct tok *k = first; k < end; k++) {
        if (k->quoted & masks) return grams_quoted(place, n_word, w, v, m);
        uint64_t h = k->hash;
        ADD(h);
        both = hash_mix(one, h);
        ADD(both);
        one = h;
    }
    ADD(hash_mix(one, EDGE));
    if (end > first) ADD(hash_mix(both, EDGE));
    if (end > first + 1) ADD(hash_mix(hash_mix(EDGE, first->hash), first[1].hash));
#undef ADD
    *n_word = (uint32_t)(end - first);
    return (size_t)(to - place);
}

size_t act_grams_all(uint32_t *key, uint8_t *kind, uint32_t *n_word, const struct walk *w, const struct sentence_view *v)
{
    return list_grams(NULL, key, kind, n_word, w, v, NULL);
}

/* Of a view's form, a number: its signs by bits, above them its length: 1, 2, 3-4, 5-7, 8-11, 12-17, 18-27, 28+ words. */
uint32_t act_form(const struct sentence_view *v, uint32_t n_word)
{
    static const uint8_t length[29] = {0, 0, 1, 2, 2, 3, 3, 3, [8 ... 11] = 4, [12 ... 17] = 5, [18 ... 27] = 6, 7};
    uint32_t signs = v->flags & (S_QUESTION | S_LIST | S_HEADING | S_QUOTED);
    return (uint32_t)length[n_word < 28 ? n_word : 28] << 5 | v->prev_question << 4 | signs;
}

static void emit_form(struct feature_list *out, uint32_t form)
{
    static const uint8_t number[] = {1, 2, 3, 5, 4}; /* by bit */
    feature_add(out, form >> 5, F_LEN);
    for (uint32_t k = 0; k < ARRAY_LEN(number); k++)
        if (form >> k & 1) feature_add(out, number[k], F_FORM);
}

static uint64_t contact_number(bool negated) { return negated ? 2 : 1; }

/* The view's cues: to `out` for training, or their places. */
static inline __attribute__((always_inline)) uint32_t list_cues(struct feature_list *out, uint16_t *place, uint32_t most,
                                                                const struct walk *w, const struct sentence_view *v,
                                                                const uint16_t *of_cue)
{
    uint32_t n = 0;
    for (uint32_t i = v->hit0; i < v->hit1 && n < most; i++) {
        const struct hit *h = &w->hit.p[i];
        if (h->begin >= v->end) break;
        if (h->begin < v->begin || h->quoted) continue;
        if (out) feature_add(out, w->pack->cue[h->cue].key, F_CUE);
        else place[n] = of_cue[h->cue], n += place[n] != NO_ROW;
    }
    return n;
}

/* The contacts of the view's turn that do not stand before it, up to *end. */
static uint32_t contacts_from(const struct walk *w, const struct sentence_view *v, uint32_t *end)
{
    uint32_t lo = w->contact0[v->turn], hi = *end = w->contact0[v->turn + 1];
    while (lo < hi) {
        uint32_t mid = (lo + hi) / 2;
        if (w->contact.p[mid].begin < v->begin) lo = mid + 1;
        else hi = mid;
    }
    return lo;
}

uint32_t act_evidence(uint16_t *place, uint32_t most, const struct walk *w, const struct sentence_view *v,
                      const struct act_tables *t)
{
    uint32_t n = list_cues(NULL, place, most, w, v, t->cue), end;
    if (!w->contact.n) return n;
    for (uint32_t i = contacts_from(w, v, &end); i < end && n < most && w->contact.p[i].begin < v->end; i++)
        place[n] = t->contact[w->contact.p[i].negated], n += place[n] != NO_ROW;
    return n;
}

void act_features(struct feature_list *out, const struct walk *w, const struct sentence_view *v, uint32_t n_word)
{
    uint32_t end;
    emit_form(out, act_form(v, n_word));
    list_cues(out, NULL, UINT32_MAX, w, v, NULL);
    if (!w->contact.n) return;
    for (uint32_t i = contacts_from(w, v, &end); i < end && w->contact.p[i].begin < v->end; i++)
        feature_add(out, contact_number(w->contact.p[i].negated), F_CONTACT);
}

/* ---- made of a model ---- */

static const int16_t *form_rows(struct arena *a, const struct weights *m)
{
    int16_t *rows = arena_raw(a, sizeof *rows * N_FORM * m->width);
    for (uint32_t form = 0; rows && form < N_FORM; form++) {
        uint32_t key[8];
        uint16_t row[9];
        int16_t sum[MAX_OUT] = {0};
        struct feature_list f = {.key = key, .cap = 7, .filter = m->filter};
        struct score s = {row, 0, 8};
        emit_form(&f, form);
        model_score_features(&s, m, &f);
        model_add_rows(sum, m, m->sum_row, row, s.n_row);
        memcpy(rows + (size_t)form * m->width, sum, m->width * sizeof *rows);
    }
    return rows;
}

/* Place of the row of one feature, or NO_ROW. */
static uint16_t place_of(const struct weights *m, uint64_t h, enum seed seed)
{
    uint32_t key;
    uint16_t row[2];
    struct feature_list f = {.key = &key, .cap = 1, .filter = m->filter};
    struct score s = {row, 0, 1};
    feature_add(&f, h, seed);
    model_score_features(&s, m, &f);
    return s.n_row ? row[0] : NO_ROW;
}

const struct act_tables *act_tables_make(struct arena *a, const struct pack *p, const struct weights *m)
{
    struct act_tables *t = arena_new(a, struct act_tables);
    uint16_t *cue = arena_raw(a, sizeof *cue * (p->n_cue + 1));
    if (!t || !cue) return NULL;
    for (size_t i = 0; i < p->n_cue; i++) cue[i] = place_of(m, p->cue[i].key, F_CUE);
    for (int negated = 0; negated < 2; negated++) t->contact[negated] = place_of(m, contact_number(negated), F_CONTACT);
    t->cue = cue;
    t->form = form_rows(a, m);
    return t->form ? t : NULL;
}

/* What stands before: at the start of a turn, the end of the turn before it. */
static void set_context(const struct walk *w, struct sentence_view *v, uint32_t first_sent)
{
    uint32_t s = first_sent;
    if (s == 0) return;
    const struct sent *p = &w->sent.p[s - 1];
    if (p->turn + 1 < v->turn) return;
    v->prev_question = (p->flags & S_QUESTION) != 0;
}

struct sentence_view act_view(const struct walk *w, uint32_t s)
{
    const struct sent *x = &w->sent.p[s];
    struct sentence_view v = {.turn = x->turn, .tok0 = x->tok0, .tok1 = x->tok1, .flags = x->flags, .begin = x->begin,
                              .end = x->end, .hit0 = x->hit0, .hit1 = x->hit1, .rules = x->rules, .denies = x->denies};
    set_context(w, &v, s);
    return v;
}

struct sentence_view act_view_turn(const struct walk *w, uint32_t t)
{
    const struct text *x = &w->text[t];
    struct sentence_view v = {.turn = t, .tok0 = x->tok0, .tok1 = x->tok1, .begin = 0, .end = (uint32_t)x->fold.n};
    if (w->hit0) v.hit0 = w->hit0[t], v.hit1 = w->hit0[t + 1];
    for (uint32_t s = x->sent0; s < x->sent1; s++) v.rules |= w->sent.p[s].rules;
    if (x->sent1 > x->sent0) {
        v.flags = (w->sent.p[x->sent0].flags & (S_LIST | S_HEADING)) | (w->sent.p[x->sent1 - 1].flags & (S_QUESTION | S_HEADING));
        set_context(w, &v, x->sent0);
    }
    return v;
}
