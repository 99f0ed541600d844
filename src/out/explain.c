/* The page around the turns: head, codes, gates, end. */
#include "out/explain.h"

#include <stdio.h>

#include "out/marked.h"
#include "out/words.h"
#include "phase/code.h"
#include "report/report.h"

void explain_rule(const struct explain *x, const char *title)
{
    size_t n = term_cells(str_of(title));
    term_on(x->b, x->t, ST_BOLD);
    buf_puts(x->b, x->t->utf8 ? "━━ " : "== ");
    term_clean(x->b, x->t, str_of(title));
    buf_putc(x->b, ' ');
    for (size_t i = n + 4; i < (size_t)x->t->width; i++) buf_puts(x->b, x->t->utf8 ? "━" : "=");
    term_off(x->b, x->t);
    buf_putc(x->b, '\n');
}

enum explain_says explain_says(enum construct id, const struct construct_def *d, const struct code *c,
                               const struct code *need)
{
    if (c->state != CODE_SET) return SAYS_NOTHING;
    if (id == C_P2_DECISION) return c->value == DEC_OVER - 1 || c->value == DEC_UNDER - 1 ? SAYS_AGAINST : SAYS_ALSO;
    if (id == C_P2_OVER) return SAYS_NOTHING; /* the decision in other words */
    if (id == C_P4_KIND && c->value == KIND_NONE)
        return need->state == CODE_SET && need->value != NEED_NONE ? SAYS_MISSING : SAYS_NOTHING;
    if (d->polarity == POL_NEGATIVE && c->value > 0) return SAYS_AGAINST;
    if (d->scored && d->polarity == POL_POSITIVE) {
        if (id == C_P4_CORRECT && c->value == 0) return SAYS_AGAINST;
        if (d->scale == SC_BINARY ? c->value == 0 : c->value <= 1) return SAYS_MISSING;
    }
    bool there = c->category ? *c->category && strcmp(c->category, "none") : c->value != 0;
    return there ? SAYS_ALSO : SAYS_NOTHING;
}

/* ---- one code ---- */

static void put_value(struct buf *b, const struct construct_def *d, const struct code *c)
{
    if (c->state == CODE_NULL) buf_puts(b, "-");
    else if (c->category) buf_puts(b, *c->category ? c->category : "none");
    else if (d->scale == SC_ORDINAL) buf_printf(b, "%d/4", c->value);
    else if (d->scale == SC_BINARY) buf_puts(b, c->value ? "yes" : "no");
    else buf_printf(b, "%d", c->value);
}

static void reason(struct buf *b, const struct construct_def *d, const struct code *c)
{
    if (c->state == CODE_NULL) {
        buf_puts(b, reason_words[c->null_reason]);
        return;
    }
    static const char *const level[] = {"none", "trace", "partial", "clear", "full"};
    buf_puts(b, c->why && *c->why ? c->why : d->name);
    if (!(c->why && *c->why) && d->scale == SC_ORDINAL && c->value >= 0 && c->value <= 4 && !c->category)
        buf_printf(b, ": %s", level[c->value]);
    if (c->severity)
        buf_puts(b, c->severity >= SEV_CRITICAL ? ", critical" : c->severity == SEV_MAJOR ? ", major" : ", minor");
    /* one turn alone is the turn that this stands under */
    if (c->value == 0 && c->searched && c->n_span == 0 && c->s0 != c->s1)
        buf_printf(b, "; looked for in turns %u to %u, not there", c->s0, c->s1);
}

static str span_words(const struct explain *x, const struct span *s)
{
    str text = x->w->conv->turn[s->turn].text;
    return s->begin < s->end && s->end <= text.n ? str_sub(text, s->begin, s->end) : (str){0};
}

/* The same words of the same turn are quoted once. */
static bool quoted_before(const struct explain *x, const struct code *c, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (c->span[k].turn == c->span[i].turn && str_eq(span_words(x, &c->span[k]), span_words(x, &c->span[i])))
            return true;
    return false;
}

/* The words in quotation marks: with --show-all each with its turn, else the first, shortened. */
static void quote(const struct explain *x, struct buf *why, const struct code *c)
{
    enum { SHOWN = 60 };
    const char *open = x->t->utf8 ? "“" : "\"", *close = x->t->utf8 ? "”" : "\"";
    size_t n = 0, more = 0;
    for (size_t i = 0; i < c->n_span; i++) {
        str words = span_words(x, &c->span[i]);
        if (words.n == 0 || quoted_before(x, c, i)) continue;
        if (n && !x->all) {
            more++;
            continue;
        }
        if (n++ == 0) buf_putc(why, ':');
        if (x->all) buf_printf(why, " turn %u", c->span[i].turn);
        buf_printf(why, " %s", open);
        if (x->all) term_clean(why, x->t, words);
        else term_fit(why, x->t, words, SHOWN, false);
        buf_puts(why, close);
    }
    if (more) buf_printf(why, " and %zu more", more);
}

void explain_code(const struct explain *x, enum construct id, const struct code *c)
{
    const struct construct_def *d = &x->w->pack->construct[id];
    struct buf v = {0}, why = {0};
    put_value(&v, d, c);
    reason(&why, d, c);
    if (c->state == CODE_SET && c->method != M_EXACT)
        buf_printf(&why, " (%s %.2f)", method_names[c->method], (double)c->conf);
    if (c->state == CODE_SET) quote(x, &why, c);
    term_spaces(x->b, EXPLAIN_INDENT);
    term_on(x->b, x->t, mark_style[d->phase] & ~(unsigned)ST_UNDER);
    term_fit(x->b, x->t, str_of(d->id), EXPLAIN_LABEL, true);
    term_off(x->b, x->t);
    size_t cells = term_cells((str){v.p, v.n}), room = EXPLAIN_REASON - EXPLAIN_INDENT - EXPLAIN_LABEL - 1;
    bool harm = d->polarity == POL_NEGATIVE && c->value > 0;
    term_on(x->b, x->t, c->state == CODE_NULL ? ST_DIM : harm ? ST_RED : ST_BOLD);
    term_fit(x->b, x->t, (str){v.p, v.n}, cells > room ? cells : room, true);
    term_off(x->b, x->t);
    buf_putc(x->b, ' ');
    term_wrap(x->b, x->t, (str){why.p, why.n}, EXPLAIN_REASON, EXPLAIN_REASON + (cells > room ? cells - room : 0));
    buf_putc(x->b, '\n');
    buf_free(&v);
    buf_free(&why);
}

/* ---- codes on one line ---- */

void explain_list_add(struct buf *list, const struct construct_def *d, const struct code *c, bool named)
{
    if (list->n) buf_puts(list, ", ");
    if (named && d->name[0]) {
        bool capital = d->name[1] >= 'A' && d->name[1] <= 'Z'; /* "AI disclosure" */
        buf_putc(list, capital || d->name[0] < 'A' || d->name[0] > 'Z' ? d->name[0] : (char)(d->name[0] + 32));
        buf_printf(list, "%s (", d->name + 1);
    }
    buf_puts(list, d->id);
    if (c->value || d->scale == SC_BINARY || (c->category && *c->category)) { /* id and value stay on one line */
        buf_puts(list, "\xC2\xA0");
        put_value(list, d, c);
    }
    if (named && d->name[0]) buf_putc(list, ')');
}

void explain_list(const struct explain *x, const char *label, const struct buf *list)
{
    if (list->n == 0) return;
    term_spaces(x->b, EXPLAIN_INDENT);
    term_on(x->b, x->t, ST_DIM);
    term_fit(x->b, x->t, str_of(label), EXPLAIN_LABEL, true);
    term_wrap(x->b, x->t, (str){list->p, list->n}, EXPLAIN_INDENT + EXPLAIN_LABEL, EXPLAIN_INDENT + EXPLAIN_LABEL);
    term_off(x->b, x->t);
    buf_putc(x->b, '\n');
}

unsigned explain_gate_style(int gate) { return gate_kinds[gate].critical ? ST_RED : ST_YELLOW; }

size_t explain_gate_ids(const struct explain *x, unsigned gates, unsigned suspected)
{
    size_t used = 0;
    for (int g = 1; g < N_GATE; g++) {
        if (!(gates >> g & 1)) continue;
        const char *id = gate_kinds[g].id;
        term_printf(x->b, x->t, explain_gate_style(g), " %s%s", id, suspected >> g & 1 ? "?" : "");
        used += strlen(id) + 1 + (suspected >> g & 1);
    }
    return used;
}

int explain_top_risk(const struct walk *w, uint32_t begin, uint32_t end, uint32_t *turn)
{
    int top = RISK_X;
    bool unclear = false;
    uint32_t at = 0;
    for (uint32_t t = begin; t <= end && t < w->conv->n_turn; t++) {
        if (w->conv->turn[t].role != ROLE_USER) continue;
        if (w->tcode[t].risk == RISK_X && !unclear) unclear = true, at = t;
        if (w->tcode[t].risk > top) top = w->tcode[t].risk, *turn = t;
    }
    if (!unclear || top > 0) return top;
    *turn = at;
    return RISK_X;
}

/* ---- head and end ---- */

static void dot(struct buf *b, str s, const struct term *t)
{
    if (!s.n) return;
    buf_puts(b, " · ");
    term_clean(b, t, s);
}

static void head(const struct explain *x)
{
    const struct conv *c = x->w->conv;
    struct buf line = {0};
    buf_printf(&line, "%zu turn%s", c->n_turn, c->n_turn == 1 ? "" : "s");
    dot(&line, c->meta.model, x->t);
    dot(&line, c->meta.locale, x->t);
    if (x->w->place.country && *x->w->place.country) {
        buf_printf(&line, " · in %s", x->w->place.country);
        if (x->w->place.source && *x->w->place.source) buf_printf(&line, " (%s)", x->w->place.source);
    }
    for (size_t i = 0; i < ARRAY_LEN(population_names); i++)
        if (x->w->population >> i & 1) dot(&line, str_of(population_names[i]), x->t);
    term_on(x->b, x->t, ST_BOLD);
    term_clean(x->b, x->t, c->id);
    term_off(x->b, x->t);
    buf_putc(x->b, '\n');
    term_on(x->b, x->t, ST_DIM);
    term_wrap(x->b, x->t, (str){line.p, line.n}, 0, 0);
    term_off(x->b, x->t);
    buf_putc(x->b, '\n');
    buf_free(&line);
}

/* ---- the answer first ---- */

static void paragraph(const struct explain *x, struct buf *b)
{
    term_wrap(x->b, x->t, (str){b->p, b->n}, 0, 0);
    buf_putc(x->b, '\n');
    buf_free(b);
    *b = (struct buf){0};
}

/* The first turn with an attempt, self-injury or harm to others, which no level of 5 counts; false where none has. */
static bool flagged(const struct walk *w, uint32_t *turn)
{
    for (*turn = 0; *turn < w->conv->n_turn; ++*turn)
        if (w->conv->turn[*turn].role == ROLE_USER && w->tcode[*turn].flags & (FL_B | FL_N | FL_H)) return true;
    return false;
}

static void risk_of_whole(const struct explain *x, struct buf *b)
{
    uint32_t turn = 0;
    int top = explain_top_risk(x->w, 0, (uint32_t)x->w->conv->n_turn, &turn);
    if (top == RISK_X) {
        if (x->w->conv->n_turn && x->w->conv->turn[turn].role == ROLE_USER)
            buf_printf(b, " Risk in the person's words: unclear, at turn %u.", turn);
        return;
    }
    if (top == 0 && flagged(x->w, &turn))
        buf_printf(b, " Risk in the person's words: 0 of 5, but %s, at turn %u.",
                   risk_flag_words[__builtin_ctz(x->w->tcode[turn].flags & (FL_B | FL_N | FL_H))], turn);
    else if (top == 0) buf_puts(b, " Risk in the person's words: none.");
    else buf_printf(b, " Risk in the person's words: up to %d of 5, at turn %u.", top, turn);
}

static void one_episode(const struct explain *x, size_t i)
{
    const struct walk *w = x->w;
    const struct profile *p = &w->profile[i];
    const struct episode *e = &w->episode.p[i];
    struct buf b = {0};
    if (w->episode.n > 1) buf_printf(&b, "Episode %zu: ", i + 1);
    const char *type = rtype_names[p->rtype] ? rtype_names[p->rtype] : "-";
    buf_printf(&b, "%s at turn %u (%s %s)", w->episode.n > 1 ? "refused" : "Refused", e->anchor, type,
               rtype_words[p->rtype]);
    for (size_t k = 1; k < e->n_refusal; k++)
        buf_printf(&b, "%s%u", k == 1 ? ", again at " : k + 1 == e->n_refusal ? " and " : ", ", e->refusal[k]);
    buf_printf(&b, ". %s: %s.", quadrant_heads[p->quadrant], quadrant_means[p->quadrant]);
    for (unsigned n = p->next, k = 0; n; n &= n - 1, k++)
        buf_printf(&b, "%s%s", k ? ", " : " Afterwards the person: ", next_words[__builtin_ctz(n)]);
    if (p->next) buf_putc(&b, '.');
    paragraph(x, &b);
}

/* Each gate once, with the turns at which it fired. */
static void gates(const struct explain *x)
{
    bool any = false, suspected = false;
    for (int g = 1; g < N_GATE; g++) {
        struct buf turns = {0};
        bool sure = false;
        size_t n = 0;
        for (size_t i = 0; i < x->w->gate.n; i++) {
            const struct gate *f = &x->w->gate.p[i];
            if (f->id != g) continue;
            sure |= f->status == GATE_CONFIRMED;
            buf_printf(&turns, "%s%d", n++ ? ", " : "", f->turn);
        }
        if (!n) continue;
        if (!any) buf_putc(x->b, '\n');
        any = true;
        suspected |= !sure;
        struct buf b = {0};
        buf_printf(&b, "%s, at turn%s %.*s", gate_kinds[g].title, n > 1 ? "s" : "", (int)turns.n, turns.p);
        const char *id = gate_kinds[g].id;
        term_printf(x->b, x->t, explain_gate_style(g) | ST_BOLD, "  %s%-*s", id, (int)(6 - strlen(id)), sure ? "" : "?");
        term_wrap(x->b, x->t, (str){b.p, b.n}, 8, 8);
        buf_putc(x->b, '\n');
        buf_free(&b);
        buf_free(&turns);
    }
    if (!suspected) return;
    term_on(x->b, x->t, ST_DIM);
    buf_puts(x->b, "  ?     ");
    term_wrap(x->b, x->t, STR("suspected: a model or a word list decided; a person should look"), 8, 8);
    term_off(x->b, x->t);
    buf_putc(x->b, '\n');
}

static void verdict(const struct explain *x)
{
    struct buf b = {0};
    for (size_t i = 0; i < x->w->conv->warnings.n; i++) {
        if (strcmp(x->w->conv->warnings.p[i].code, "not_english")) continue;
        term_on(x->b, x->t, ST_YELLOW);
        buf_puts(&b, "This does not read like English. Cues and models are English only: "
                     "what was not found here may be here.");
        paragraph(x, &b);
        term_off(x->b, x->t);
    }
    for (size_t i = 0; i < x->w->episode.n; i++) one_episode(x, i);
    if (x->w->episode.n == 0) buf_puts(&b, "No refusal episode.");
    risk_of_whole(x, &b);
    if (b.n) paragraph(x, &b);
    gates(x);
    buf_putc(x->b, '\n');
}

/* Warnings of one kind are one line, with the turns of all. */
static void warning(const struct explain *x, size_t first)
{
    const struct warning *w = x->w->conv->warnings.p;
    if (!strcmp(w[first].code, "not_english")) return; /* stands at the head */
    struct buf b = {0};
    size_t n = 0;
    for (size_t i = 0; i < x->w->conv->warnings.n; i++) {
        if (strcmp(w[i].code, w[first].code)) continue;
        if (i < first) return; /* told */
        if (w[i].turn >= 0) buf_printf(&b, "%s%d", n++ ? ", " : "", w[i].turn);
    }
    struct buf z = {0};
    buf_printf(&z, "Warning: %s", w[first].code);
    if (n) buf_printf(&z, " at turn%s %.*s", n > 1 ? "s" : "", (int)b.n, b.p);
    term_on(x->b, x->t, ST_YELLOW);
    term_wrap(x->b, x->t, (str){z.p, z.n}, 0, 0);
    term_off(x->b, x->t);
    buf_putc(x->b, '\n');
    buf_free(&b);
    buf_free(&z);
}

static void end(const struct explain *x)
{
    const struct conv *c = x->w->conv;
    for (size_t i = 0; i < c->warnings.n; i++) warning(x, i);
    static const char note[] =
        "Underlined: the words that a code rests on. 0/4 none to 4/4 full. 'refrain constructs P3.ack' or "
        "'refrain constructs G7' explains a code or a gate; --show-all shows every code and the whole text. "
        "Codes describe text, not a person.";
    term_on(x->b, x->t, ST_DIM);
    term_wrap(x->b, x->t, STR(note), 0, 0);
    term_off(x->b, x->t);
    buf_putc(x->b, '\n');
}

void explain_print(struct buf *b, const struct term *t, const struct walk *w, unsigned flags)
{
    const struct explain x = {b, t, w, (flags & EXPLAIN_ALL) != 0};
    head(&x);
    verdict(&x);
    for (uint32_t i = 0; i < w->conv->n_turn; i++) {
        explain_turn(&x, i);
        for (size_t e = 0; e < w->episode.n; e++)
            if (w->episode.p[e].end == i) explain_episode(&x, e);
    }
    end(&x);
}
