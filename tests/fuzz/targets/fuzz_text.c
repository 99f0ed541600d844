/* Text of turns (a 0 byte between) through the wash-room: the fold is UTF-8,
 * its offset map never goes back, and what a word of the fold came from cuts
 * whole characters and folds to that word again. */
#include "fuzz.h"
#include "text/text.h"

enum { MAX_TURN = 8 };

static void wash(struct walk *w, struct arena *a, struct turn *turn, size_t n)
{
    memset(w, 0, sizeof *w);
    w->a = a;
    w->conv = arena_new(a, struct conv);
    w->conv->turn = turn;
    w->conv->n_turn = n;
    w->text = arena_array(a, struct text, n);
    w->tcode = arena_array(a, struct tcode, n);
    w->turn_codes = arena_array(a, struct reply_codes *, n);
    text_wash(w);
}

static void check_map(const struct text *x, str original)
{
    fuzz_check_text(x->fold);
    CHECK(x->n_run > 0 || original.n == 0);
    uint32_t last = 0;
    for (uint32_t f = 0; x->n_run && f <= x->fold.n; f++) {
        uint32_t o = text_original(x, f);
        CHECK(o >= last && o <= original.n);
        last = o;
    }
}

static void check_sentences(const struct walk *w, uint32_t t)
{
    const struct text *x = &w->text[t];
    uint32_t at = 0, tok = x->tok0;
    CHECK(x->sent0 <= x->sent1 && x->sent1 <= w->sent.n && x->tok0 <= x->tok1 && x->tok1 <= w->tok.n);
    for (uint32_t i = x->sent0; i < x->sent1; i++) {
        const struct sent *s = &w->sent.p[i];
        CHECK(s->turn == t && at <= s->begin && s->begin <= s->end && s->end <= x->fold.n);
        CHECK(s->begin == x->fold.n || !utf8_is_cont(x->fold.p[s->begin]));
        CHECK(s->end == x->fold.n || !utf8_is_cont(x->fold.p[s->end]));
        CHECK(s->tok0 == tok && s->tok0 <= s->tok1);
        at = s->end, tok = s->tok1;
    }
    CHECK(tok == x->tok1);
}

/* Words and sentences as contacts, for the view maps those. */
static void probe(struct walk *w)
{
    for (uint32_t t = 0; t < w->conv->n_turn; t++) {
        const struct text *x = &w->text[t];
        for (uint32_t i = x->tok0; i < x->tok1; i++) {
            const struct tok *k = &w->tok.p[i];
            CHECK(k->len > 0 && k->begin + k->len <= x->fold.n);
            *vec_push(w->a, &w->contact) = (struct contact){.turn = t, .begin = k->begin, .end = k->begin + k->len, .sent = i};
        }
    }
}

static bool folds_to(struct arena *a, str original, str word)
{
    struct turn turn = {.role = ROLE_USER, .text = original};
    struct walk w;
    wash(&w, a, &turn, 1);
    return str_find(w.text[0].fold, word) != SIZE_MAX;
}

static void check_words(struct walk *w, struct arena *again)
{
    probe(w);
    report_view(w);
    for (size_t i = 0; i < w->contact.n; i++) {
        const struct contact *c = &w->contact.p[i];
        const struct tok *k = &w->tok.p[c->sent];
        str original = w->conv->turn[c->turn].text;
        fuzz_check_range(original, c->begin, c->end);
        arena_reset(again);
        str word = str_sub(w->text[c->turn].fold, k->begin, k->begin + k->len);
        CHECK(folds_to(again, str_sub(original, c->begin, c->end), word));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena a, again;
    arena_reset(&a);
    struct turn turn[MAX_TURN] = {0};
    size_t n = 0;
    str rest = {(const char *)data, utf8_valid_prefix((const char *)data, size)};
    while (rest.n && n < MAX_TURN) {
        const char *end = memchr(rest.p, 0, rest.n);
        size_t k = end ? (size_t)(end - rest.p) : rest.n;
        turn[n++] = (struct turn){.role = ROLE_USER, .text = {rest.p, k}, .ts = TS_NONE};
        rest = str_sub(rest, end ? k + 1 : k, rest.n);
    }
    struct walk w;
    wash(&w, &a, turn, n);
    for (uint32_t t = 0; t < n; t++) check_map(&w.text[t], turn[t].text), check_sentences(&w, t);
    check_words(&w, &again);
    return 0;
}
