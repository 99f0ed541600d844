/* The page around the turns: head, codes, gates, end. */
#include "out/explain.h"

#include <stdio.h>

#include "out/marked.h"
#include "out/words.h"
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

bool explain_is_bad(const struct construct_def *d, const struct code *c)
{
    if (c->state != CODE_SET || !d->scored) return false;
    if (d->polarity == POL_NEGATIVE) return c->value > 0;
    if (d->polarity == POL_POSITIVE) return d->scale == SC_BINARY ? c->value == 0 : c->value <= 1;
    return false;
}

/* ---- one code ---- */

void explain_value(struct buf *b, const struct construct_def *d, const struct code *c)
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

/* turn “words” turn “words”, as many on a line as fit. */
static void quotes(const struct explain *x, const struct code *c, int phase, size_t indent)
{
    enum { SHOWN = 4 };
    size_t at = 0, shown = 0, width = (size_t)x->t->width;
    for (size_t i = 0; i < c->n_span; i++) {
        str words = span_words(x, &c->span[i]);
        if (words.n == 0 || quoted_before(x, c, i)) continue;
        if (++shown > SHOWN && !x->all) continue;
        char turn[16];
        size_t n = (size_t)snprintf(turn, sizeof turn, "%u ", c->span[i].turn), cells = term_cells(words) + n + 2;
        if (cells > width - indent) cells = width - indent;
        if (at && at + 2 + cells > width) buf_putc(x->b, '\n'), at = 0;
        term_spaces(x->b, at ? 2 : indent);
        at = (at ? at + 2 : indent) + cells;
        term_put(x->b, x->t, ST_DIM, turn);
        buf_puts(x->b, x->t->utf8 ? "“" : "\"");
        term_on(x->b, x->t, mark_style[phase]);
        term_fit(x->b, x->t, words, cells - n - 2, false);
        term_off(x->b, x->t);
        buf_puts(x->b, x->t->utf8 ? "”" : "\"");
    }
    if (shown > SHOWN && !x->all) term_printf(x->b, x->t, ST_DIM, "  and %zu more", shown - SHOWN);
    if (shown) buf_putc(x->b, '\n');
}

void explain_code(const struct explain *x, enum construct id, const struct code *c, bool quote)
{
    enum { INDENT = 4, REASON = 30 };
    const struct construct_def *d = &x->w->pack->construct[id];
    struct buf v = {0}, why = {0};
    explain_value(&v, d, c);
    reason(&why, d, c);
    if (c->state == CODE_SET && c->method != M_EXACT)
        buf_printf(&why, " (%s %.2f)", method_names[c->method], (double)c->conf);
    term_spaces(x->b, INDENT);
    term_on(x->b, x->t, mark_style[d->phase] & ~(unsigned)ST_UNDER);
    term_fit(x->b, x->t, str_of(d->id), 12, true);
    term_off(x->b, x->t);
    term_on(x->b, x->t, explain_is_bad(d, c) ? ST_RED : c->state == CODE_SET ? ST_BOLD : ST_DIM);
    term_fit(x->b, x->t, (str){v.p, v.n}, 12, true);
    term_off(x->b, x->t);
    term_spaces(x->b, REASON - INDENT - 24);
    term_wrap(x->b, x->t, (str){why.p, why.n}, REASON, REASON);
    buf_putc(x->b, '\n');
    if (quote && c->state == CODE_SET) quotes(x, c, d->phase, REASON);
    buf_free(&v);
    buf_free(&why);
}

/* ---- gates ---- */

size_t explain_gates(const struct explain *x, int turn, int episode, bool by_turn, size_t indent)
{
    size_t n = 0;
    for (size_t i = 0; i < x->w->gate.n; i++) {
        const struct gate *g = &x->w->gate.p[i];
        if (by_turn ? g->turn != turn : g->episode != episode) continue;
        n++;
        struct buf why = {0};
        buf_printf(&why, "%s%s", gate_kinds[g->id].title, g->status == GATE_SUSPECTED ? ", suspected" : ", confirmed");
        if (!by_turn) buf_printf(&why, ", turn %d", g->turn);
        if (g->why && *g->why && strcmp(g->why, gate_kinds[g->id].title)) buf_printf(&why, ": %s", g->why);
        term_spaces(x->b, indent);
        term_printf(x->b, x->t, gate_kinds[g->id].critical ? ST_RED | ST_BOLD : ST_YELLOW | ST_BOLD, "gate G%-3d", g->id);
        buf_puts(x->b, "   ");
        term_wrap(x->b, x->t, (str){why.p, why.n}, indent + 12, indent + 12);
        buf_putc(x->b, '\n');
        buf_free(&why);
    }
    return n;
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
    buf_printf(&line, "%zu turns", c->n_turn);
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

/* The answer first: what was found, in one or two lines. */
static void verdict(const struct explain *x)
{
    const struct walk *w = x->w;
    struct buf b = {0};
    if (w->episode.n == 0) buf_puts(&b, "No refusal episode.");
    for (size_t i = 0; i < w->episode.n; i++) {
        const struct profile *p = &w->profile[i];
        buf_printf(&b, "%sEpisode %zu: %s (%s) at turn %u", i ? " " : "", i + 1, rtype_words[p->rtype],
                   rtype_names[p->rtype] ? rtype_names[p->rtype] : "-", w->episode.p[i].anchor);
        if (w->episode.p[i].n_refusal > 1) buf_printf(&b, " and %zu more times", w->episode.p[i].n_refusal - 1);
        buf_printf(&b, "; %s.", quadrant_words[p->quadrant]);
    }
    unsigned gates = 0;
    for (size_t i = 0; i < w->gate.n; i++) gates |= 1u << w->gate.p[i].id;
    const char *before = " Gates: ";
    for (int g = 1; g <= 12; g++)
        if (gates >> g & 1) buf_printf(&b, "%sG%d %s", before, g, gate_kinds[g].title), before = "; ";
    if (gates) buf_putc(&b, '.');
    term_wrap(x->b, x->t, (str){b.p, b.n}, 0, 0);
    buf_puts(x->b, "\n\n");
    buf_free(&b);
}

static void end(const struct explain *x)
{
    const struct conv *c = x->w->conv;
    for (size_t i = 0; i < c->warnings.n; i++) {
        const struct warning *v = &c->warnings.p[i];
        term_printf(x->b, x->t, ST_YELLOW, "warning: %s", v->code);
        if (v->turn >= 0) buf_printf(x->b, ", turn %d", v->turn);
        buf_putc(x->b, '\n');
    }
    static const char note[] =
        "Double failure: the wrong call, and delivered badly. "
        "Underlined: the words that a code rests on. 0/4 none to 4/4 full; 'suspected': a model or a word list "
        "decided, "
        "a person should look. 'refrain constructs P3.ack' explains a code. Codes describe text, not a person.";
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
