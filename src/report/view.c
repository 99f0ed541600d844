/* A finished walk → the same walk with offsets of the original UTF-8.
 *
 * Span arrays may be shared (an episode's code is often a reply's code), so
 * they are copied and the copy is mapped: that way none is mapped twice. */
#include "report/report.h"

/* Whole characters, inside the turn: begin moves back, end moves on. */
static void map_range(const struct walk *w, uint32_t turn, uint32_t *begin, uint32_t *end)
{
    const struct text *t = &w->text[turn];
    str o = w->conv->turn[turn].text;
    uint32_t n = (uint32_t)o.n;
    if (t->n_run == 0) { /* nothing was folded: an empty turn */
        *begin = *begin < n ? *begin : n;
        *end = *end < n ? *end : n;
        return;
    }
    size_t run = 0;
    uint32_t b = text_original_from(t, *begin, &run);
    size_t run_end = run;
    uint32_t e = *end > *begin ? text_original_from(t, *end, &run_end) : b;
    if (b > n) b = n;
    if (e > n) e = n;
    /* inside a character that folds to more bytes than it has, and past them: its own begin is before, and a run ends
     * there */
    bool border = run + 1 < t->n_run && (t->run[run + 1].folded <= *begin + 1 || t->run[run + 1].original <= b);
    bool past = border && t->run[run + 1].folded > *begin && t->run[run + 1].original <= b; /* the 2 of a folded "½" */
    if (border && b > 0 && *begin < t->fold.n && (past || text_original_from(t, *begin + 1, &run) == b)) b--;
    while (b > 0 && b < n && utf8_is_cont(o.p[b])) b--;
    while (e < n && utf8_is_cont(o.p[e])) e++;
    /* white space that folding squeezed away behind the last word */
    bool keep = *end > *begin && *end <= t->fold.n && t->fold.p[*end - 1] == ' ';
    while (!keep && e > b + 1 && (o.p[e - 1] == ' ' || (o.p[e - 1] >= '\t' && o.p[e - 1] <= '\r'))) e--;
    if (*end > *begin && e <= b && n > 0) { /* inside a last character that folds to more bytes than it has */
        e = b ? b : 1;
        while (e < n && utf8_is_cont(o.p[e])) e++;
        b = e - 1;
        while (b > 0 && utf8_is_cont(o.p[b])) b--;
    }
    *begin = b;
    *end = e > b ? e : b;
}

/* Codes of a reply share sentences: what was mapped lately is at hand. */
enum { LATELY = 64 };
struct mapped { struct span from, to; };

static struct span map_span(const struct walk *w, struct mapped lately[LATELY], struct span s)
{
    struct mapped *m = &lately[(s.turn + s.begin) * 0x9E3779B1u / (UINT32_MAX / LATELY + 1)];
    if (m->from.turn == s.turn && m->from.begin == s.begin && m->from.end == s.end) return m->to;
    *m = (struct mapped){s, s};
    map_range(w, s.turn, &m->to.begin, &m->to.end);
    return m->to;
}

/* The bytes at its ends, or near them, which map_range will look at. */
static inline void fetch_ends(const struct walk *w, struct span s)
{
    const char *p = w->conv->turn[s.turn].text.p;
    __builtin_prefetch(p + s.begin);
    __builtin_prefetch(p + s.end);
}

/* All spans of a unit are copied in one row, then mapped. */
static void map_codes(struct walk *w, struct mapped lately[LATELY], struct code *codes, size_t n_code)
{
    size_t n = 0, n_span = 0;
    uint64_t some = 0; /* which have spans: a branch on each would be guessed wrong */
    for (size_t i = 0; i < n_code; i++) {
        n_span += codes[i].n_span;
        some |= (uint64_t)(codes[i].n_span != 0) << i;
    }
    struct span *copy = arena_raw(w->a, sizeof *copy * n_span);
    for (; some; some &= some - 1) {
        struct code *c = &codes[__builtin_ctzll(some)];
        if (c->state != CODE_SET) continue;
        const struct span *from = c->span;
        c->span = copy + n;
        for (size_t k = 0; k < c->n_span; k++) fetch_ends(w, copy[n++] = from[k]);
    }
    for (size_t i = 0; i < n; i++) copy[i] = map_span(w, lately, copy[i]);
}

void report_view(struct walk *w)
{
    struct mapped lately[LATELY];
    for (size_t i = 0; i < LATELY; i++) lately[i].from.turn = UINT32_MAX;
    for (size_t t = 0; t < w->conv->n_turn; t++) {
        map_range(w, (uint32_t)t, &w->tcode[t].anchor_begin, &w->tcode[t].anchor_end);
        if (w->turn_codes[t]) map_codes(w, lately, w->turn_codes[t]->c, ARRAY_LEN(w->turn_codes[t]->c));
    }
    for (size_t i = 0; w->ep_codes && i < w->episode.n; i++) map_codes(w, lately, w->ep_codes[i].c, N_CONSTRUCT);
    for (size_t i = 0; i < w->contact.n; i++) {
        struct contact *c = &w->contact.p[i];
        map_range(w, c->turn, &c->begin, &c->end);
    }
    if (w->place.turn < w->conv->n_turn && *(w->place.source ? w->place.source : ""))
        map_range(w, w->place.turn, &w->place.begin, &w->place.end);
    if (w->population && w->population_span.turn < w->conv->n_turn)
        map_range(w, w->population_span.turn, &w->population_span.begin, &w->population_span.end);
}
