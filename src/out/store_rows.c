/* A viewed walk → rows of the store (store.sql has the columns, in this order).
 * Runs in the workers; needs no memory but the buffer. */
#include "out/store_rows.h"

#include "out/store.h"
#include "report/report.h"
#include "text/overlap.h"

const char *const store_table_names[N_STORE_TABLE] = {"conversation", "population", "turn", "episode", "refusal",
                                                      "code",         "span",       "contact", "gate",  "warning"};

/* ---- values ---- */

static void null(struct buf *b) { buf_putc(b, RV_NULL); }

static void raw(struct buf *b, char tag, const void *p, size_t n)
{
    if (!buf_room(b, n + 1)) return;
    b->p[b->n++] = tag;
    memcpy(b->p + b->n, p, n);
    b->n += n;
}

static void integer(struct buf *b, int64_t v)
{
    if (v >= 0 && v < 256 - RV_SMALL) buf_putc(b, (char)(RV_SMALL + v));
    else raw(b, RV_INT, &v, sizeof v);
}

static void integer_or_null(struct buf *b, int64_t v, bool set)
{
    if (set) integer(b, v);
    else null(b);
}

static void real(struct buf *b, double v) { raw(b, RV_REAL, &v, sizeof v); }
/* As the results have them: two decimals, one decimal. */
static void ratio(struct buf *b, float v) { real(b, v > 0 ? (int)(v * 100 + 0.5f) / 100.0 : 0); }
static void score(struct buf *b, float v) { real(b, v > 0 ? (int)(v * 10 + 0.5f) / 10.0 : 0); }

static void bytes(struct buf *b, char tag, const void *p, size_t n)
{
    uint32_t k = (uint32_t)n;
    raw(b, tag, &k, sizeof k);
    buf_put(b, p, n);
}

static void text(struct buf *b, str s) { bytes(b, RV_TEXT, s.p, s.n); }

static void text_or_null(struct buf *b, str s)
{
    if (s.n) text(b, s);
    else null(b);
}

static void z_or_null(struct buf *b, const char *z) { text_or_null(b, str_of(z)); }

/* Of an enum: the string outlives the run. */
static void name(struct buf *b, const char *z)
{
    if (z) raw(b, RV_NAME, &z, sizeof z);
    else null(b);
}

static void row(struct buf *b, enum store_table t) { buf_putc(b, (char)t); }

/* ---- conversation ---- */

struct sums {
    int64_t first, last, users, replies, refusals;
    int risk;
    bool unknown;
    unsigned flags;
};

static struct sums sum(const struct walk *w)
{
    struct sums s = {.first = TS_NONE, .last = TS_NONE};
    for (size_t t = 0; t < w->conv->n_turn; t++) {
        const struct turn *x = &w->conv->turn[t];
        const struct tcode *c = &w->tcode[t];
        if (x->ts != TS_NONE && (s.first == TS_NONE || x->ts < s.first)) s.first = x->ts;
        if (x->ts != TS_NONE && (s.last == TS_NONE || x->ts > s.last)) s.last = x->ts;
        s.replies += x->role == ROLE_ASSISTANT;
        s.refusals += x->role != ROLE_USER && rtype_hard(c->rtype) > 0;
        if (x->role != ROLE_USER) continue;
        s.users++;
        s.flags |= c->flags;
        if (c->risk == RISK_X) s.unknown = true;
        else if (c->risk > s.risk) s.risk = c->risk;
    }
    if (s.unknown && s.risk == 0) s.risk = RISK_X;
    return s;
}

static void conversation(struct buf *b, const struct walk *w, size_t file)
{
    const struct conv *c = w->conv;
    const struct conv_meta *m = &c->meta;
    const struct sums s = sum(w);
    bool placed = w->place.country && *w->place.country;
    row(b, ST_CONVERSATION);
    text(b, c->id);
    integer(b, (int64_t)file + 1);
    integer(b, (int64_t)c->record);
    z_or_null(b, c->format);
    text_or_null(b, m->model);
    text_or_null(b, m->locale);
    text_or_null(b, m->language);
    text_or_null(b, placed ? str_of(w->place.country) : m->country);
    if (placed) z_or_null(b, w->place.source);
    else name(b, m->country.n ? "record" : NULL);
    text_or_null(b, m->jurisdiction.n ? m->jurisdiction : str_of(w->caller_jurisdiction));
    text_or_null(b, m->session);
    text_or_null(b, m->regeneration_group);
    integer(b, m->simulated);
    integer_or_null(b, s.first, s.first != TS_NONE);
    integer_or_null(b, s.last, s.last != TS_NONE);
    integer(b, (int64_t)c->n_turn);
    integer(b, s.users);
    integer(b, s.replies);
    integer(b, s.refusals);
    integer(b, (int64_t)w->episode.n);
    integer(b, s.risk);
    integer(b, s.flags);
}

static void population(struct buf *b, int64_t i, str which)
{
    row(b, ST_POPULATION);
    integer(b, i);
    text(b, which);
}

/* The record's, then what the person said beyond it. */
static void populations(struct buf *b, const struct walk *w)
{
    const struct conv_meta *m = &w->conv->meta;
    int64_t n = 0;
    for (size_t i = 0; i < m->n_population; i++) population(b, n++, m->population[i]);
    for (size_t i = 0; i < ARRAY_LEN(population_names); i++) {
        bool known = !(w->population >> i & 1);
        for (size_t k = 0; k < m->n_population; k++) known |= str_eqz(m->population[k], population_names[i]);
        if (!known) population(b, n++, str_of(population_names[i]));
    }
}

/* ---- turns ---- */

static void reply(struct buf *b, const struct turn *x, const struct tcode *c)
{
    bool empty = c->rtype == RT_EMPTY, anchor = c->anchor_begin < c->anchor_end;
    name(b, rtype_names[c->rtype]);
    integer_or_null(b, rtype_hard(c->rtype), !empty);
    if (empty) null(b);
    else ratio(b, c->conf);
    name(b, decision_names[c->decision]);
    if (c->decision == DEC_NULL) null(b);
    else ratio(b, c->decision_conf);
    integer_or_null(b, c->bid_turn, c->bid_turn >= 0);
    integer(b, c->bid);
    integer(b, x->blocked);
    integer_or_null(b, c->anchor_begin, anchor);
    integer_or_null(b, c->anchor_end, anchor);
}

static void turn(struct buf *b, const struct walk *w, size_t t, bool with_text)
{
    enum { OF_BOTH = 5, OF_REPLY = 10 }; /* columns that stay empty in other turns */
    const struct turn *x = &w->conv->turn[t];
    const struct tcode *c = &w->tcode[t];
    bool is_reply = x->role == ROLE_ASSISTANT || (x->role == ROLE_PLATFORM && rtype_hard(c->rtype) > 0);
    row(b, ST_TURN);
    integer(b, (int64_t)t);
    name(b, role_names[x->role]);
    integer_or_null(b, x->ts, x->ts != TS_NONE);
    integer(b, w->text[t].n_word);
    integer_or_null(b, w->thread ? w->thread[t] : 0, w->thread != NULL);
    if (is_reply || x->role == ROLE_USER) {
        integer(b, c->acts);
        integer(b, c->risk);
        ratio(b, c->risk_conf);
        integer(b, c->said);
        integer(b, c->flags);
    } else {
        for (int i = 0; i < OF_BOTH; i++) null(b);
    }
    if (is_reply) reply(b, x, c);
    else
        for (int i = 0; i < OF_REPLY; i++) null(b);
    if (with_text) text(b, x->text);
    else null(b);
}

/* ---- codes ---- */

static void code(struct buf *b, const struct code *c, int64_t i, int64_t at, bool of_turn, size_t construct)
{
    static const char *const severity[] = {NULL, "minor", "major", "critical"};
    bool set = c->state == CODE_SET;
    row(b, ST_CODE);
    integer(b, i);
    integer_or_null(b, at, of_turn);
    integer_or_null(b, at, !of_turn);
    integer(b, (int64_t)construct);
    integer_or_null(b, c->value, set && !c->category);
    if (set && c->category) text(b, str_of(c->category)); /* P3.order may be "" */
    else null(b);
    name(b, set ? NULL : null_reason_names[c->null_reason]);
    name(b, set ? method_names[c->method] : NULL);
    if (set) ratio(b, c->conf);
    else null(b);
    name(b, set && c->severity < ARRAY_LEN(severity) ? severity[c->severity] : NULL);
    integer_or_null(b, c->lag, set && construct == C_P4_TIME && c->category && c->lag >= 0);
    integer_or_null(b, c->s0, set && c->searched);
    integer_or_null(b, c->s1, set && c->searched);
    for (size_t k = 0; set && k < c->n_span; k++) {
        row(b, ST_SPAN);
        integer(b, i);
        integer(b, (int64_t)k);
        integer(b, c->span[k].turn);
        integer(b, c->span[k].begin);
        integer(b, c->span[k].end);
    }
}

static void codes(struct buf *b, const struct walk *w)
{
    int64_t n = 0;
    for (size_t t = 0; t < w->conv->n_turn; t++) {
        bool told = w->conv->turn[t].role == ROLE_ASSISTANT || rtype_hard(w->tcode[t].rtype) > 0;
        for (size_t k = REPLY_CODE0; told && w->turn_codes[t] && k < REPLY_CODE1; k++)
            if (report_shows(code_of_reply(w, t, k), &w->pack->construct[k]))
                code(b, code_of_reply(w, t, k), n++, (int64_t)t, true, k);
    }
    for (size_t e = 0; e < w->episode.n; e++)
        for (size_t k = 0; k < N_CONSTRUCT; k++) {
            const struct code *c = &w->ep_codes[e].c[k];
            if (c->state == CODE_SET || c->null_reason != WHY_NOT_APPLICABLE) code(b, c, n++, (int64_t)e, false, k);
        }
}

/* ---- episodes ---- */

static void sketch(struct buf *b, const uint16_t place[static SKETCH_PLACES])
{
    unsigned char le[2 * SKETCH_PLACES];
    for (size_t i = 0; i < SKETCH_PLACES; i++) {
        le[2 * i] = (unsigned char)place[i];
        le[2 * i + 1] = (unsigned char)(place[i] >> 8);
    }
    bytes(b, RV_BLOB, le, sizeof le);
}

/* J5 takes shingles of 3 where either text has under 20 tokens; a text of 32 is
 * too long to be .6 alike to one of those. */
static void refusal(struct buf *b, const struct walk *w, size_t e, size_t k)
{
    enum { SHORT = 20, LONG = 32 };
    uint16_t five[SKETCH_PLACES], three[SKETCH_PLACES];
    uint32_t t = w->episode.p[e].refusal[k], n = text_sketch(w, t, 5, five);
    row(b, ST_REFUSAL);
    integer(b, (int64_t)e);
    integer(b, (int64_t)k);
    integer(b, t);
    integer(b, n);
    if (n >= SHORT) sketch(b, five);
    else null(b);
    if (n && n < LONG) text_sketch(w, t, 3, three), sketch(b, three);
    else null(b);
}

static void episode(struct buf *b, const struct walk *w, size_t i)
{
    static const char *const direction[] = {"none", "harm", "engagement"};
    const struct episode *e = &w->episode.p[i];
    const struct profile *x = &w->profile[i];
    row(b, ST_EPISODE);
    integer(b, (int64_t)i);
    integer(b, e->start);
    integer(b, e->anchor);
    integer(b, e->end);
    name(b, end_reason_names[e->end_reason]);
    integer(b, (int64_t)e->n_refusal);
    name(b, rtype_names[x->rtype] ? rtype_names[x->rtype] : "none");
    integer(b, x->hard);
    integer(b, x->risk);
    integer(b, x->flags);
    name(b, decision_names[x->decision]);
    integer_or_null(b, x->pc, x->pc >= 0);
    integer_or_null(b, x->decay_delta, x->has_decay);
    name(b, x->has_decay ? direction[x->decay] : NULL);
    name(b, quadrant_names[x->quadrant]);
    integer(b, x->next);
    integer(b, x->conflict);
    for (int p = 0; p < 5; p++) {
        const struct phase_score *s = &x->phase[p];
        if (s->na) null(b), null(b), null(b);
        else score(b, s->s[SH_USER]), score(b, s->s[SH_MHP]), ratio(b, s->coverage);
    }
    for (size_t k = 0; k < e->n_refusal; k++) refusal(b, w, i, k);
}

/* ---- contacts, gates, warnings ---- */

static void contact(struct buf *b, const struct walk *w, size_t i)
{
    const struct contact *c = &w->contact.p[i];
    str in = w->conv->turn[c->turn].text;
    row(b, ST_CONTACT);
    integer(b, (int64_t)i);
    integer(b, c->turn);
    integer(b, c->begin);
    integer(b, c->end);
    text(b, c->begin < c->end && c->end <= in.n ? str_sub(in, c->begin, c->end) : STR(""));
    text(b, c->canonical);
    z_or_null(b, c->kind);
    name(b, contact_status_names[c->status]);
    integer(b, c->stale);
    integer(b, c->negated);
    integer(b, c->shared);
    z_or_null(b, c->country);
    z_or_null(b, c->line);
    z_or_null(b, c->service);
    z_or_null(b, c->instead);
    z_or_null(b, c->why);
}

static void gate(struct buf *b, const struct walk *w, size_t i)
{
    const struct gate *g = &w->gate.p[i];
    row(b, ST_GATE);
    integer(b, (int64_t)i);
    name(b, gate_kinds[g->id].id);
    integer(b, g->turn);
    integer_or_null(b, g->episode, g->episode >= 0);
    name(b, g->status == GATE_CONFIRMED ? "confirmed" : "suspected");
    z_or_null(b, g->why);
}

static void warning(struct buf *b, const struct walk *w, size_t i)
{
    const struct warning *x = &w->conv->warnings.p[i];
    row(b, ST_WARNING);
    integer(b, (int64_t)i);
    z_or_null(b, x->code);
    integer_or_null(b, x->turn, x->turn >= 0);
}

void store_rows(struct buf *b, const struct walk *w, size_t file, bool with_text)
{
    conversation(b, w, file);
    populations(b, w);
    for (size_t t = 0; t < w->conv->n_turn; t++) turn(b, w, t, with_text);
    for (size_t i = 0; i < w->episode.n; i++) episode(b, w, i);
    codes(b, w);
    for (size_t i = 0; i < w->contact.n; i++) contact(b, w, i);
    for (size_t i = 0; i < w->gate.n; i++) gate(b, w, i);
    for (size_t i = 0; i < w->conv->warnings.n; i++) warning(b, w, i);
}
