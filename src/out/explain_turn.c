/* One turn of the timeline: its line, its words, its codes. */
#include <stdio.h>

#include "out/explain.h"
#include "out/marked.h"
#include "out/words.h"
#include "report/report.h"

enum { MARK_REFUSAL = 6, MARK_PLAIN = 7, INDENT = 4 };

static void risk_words(struct buf *b, const struct tcode *c)
{
    if (c->risk == RISK_X) buf_puts(b, "risk X");
    else buf_printf(b, "risk %d", c->risk);
    if (c->flags) buf_putc(b, ' ');
    for (unsigned f = c->flags; f; f &= f - 1) buf_putc(b, risk_flag_letters[__builtin_ctz(f)]);
}

static void acts_words(struct buf *b, uint32_t set, const char *const *names)
{
    for (int n = 0; set; set &= set - 1, n++) buf_printf(b, "%s%s", n ? ", " : "", names[__builtin_ctz(set)]);
}

static void user_line(const struct explain *x, const struct tcode *c)
{
    struct buf z = {0};
    risk_words(&z, c);
    buf_putc(&z, 0);
    term_put(x->b, x->t, c->risk == RISK_X || c->risk >= 3 ? ST_RED : c->risk ? ST_YELLOW : ST_DIM, z.p ? z.p : "");
    buf_free(&z);
}

static void reply_line(const struct explain *x, const struct tcode *c)
{
    int hard = rtype_hard(c->rtype);
    if (c->rtype == RT_EMPTY) {
        term_put(x->b, x->t, ST_YELLOW, "empty reply");
        return;
    }
    if (hard == 0) {
        term_put(x->b, x->t, ST_DIM, "no refusal");
    } else {
        term_printf(x->b, x->t, ST_RED | ST_BOLD, "%s %s", rtype_names[c->rtype], rtype_words[c->rtype]);
        term_printf(x->b, x->t, ST_DIM, ", hardness %d (%.2f)", hard, (double)c->conf);
    }
    const char *d = decision_names[c->decision];
    if (d && (hard || c->decision == DEC_OVER || c->decision == DEC_UNDER)) {
        bool bad = c->decision == DEC_OVER || c->decision == DEC_UNDER;
        term_printf(x->b, x->t, bad ? ST_RED : ST_DIM, "  decision: %s", d);
    }
}

static void head(const struct explain *x, uint32_t t)
{
    const struct turn *turn = &x->w->conv->turn[t];
    const struct tcode *c = &x->w->tcode[t];
    char name[32];
    snprintf(name, sizeof name, "%3u %-10s ", t, role_names[turn->role]);
    term_put(x->b, x->t, turn->role == ROLE_USER ? ST_BOLD | ST_BLUE : ST_BOLD, name);
    if (turn->role == ROLE_USER) user_line(x, c);
    if (turn->role == ROLE_ASSISTANT) reply_line(x, c);
    if (turn->blocked) term_put(x->b, x->t, ST_RED, "  blocked by the provider");
    if (c->restart) term_put(x->b, x->t, ST_DIM, "  restart after an empty reply");
    buf_putc(x->b, '\n');
    if (c->acts) {
        struct buf z = {0};
        acts_words(&z, c->acts, turn->role == ROLE_USER ? u_act_names : a_act_names);
        term_spaces(x->b, 15);
        term_on(x->b, x->t, ST_DIM);
        term_wrap(x->b, x->t, (str){z.p, z.n}, 15, 15);
        term_off(x->b, x->t);
        buf_putc(x->b, '\n');
        buf_free(&z);
    }
}

/* ---- which codes, which marks ---- */

/* A refusal shows all that is coded; another reply only what speaks against it. */
static bool listed(const struct explain *x, uint32_t t, enum construct id, const struct code *c)
{
    const struct construct_def *d = &x->w->pack->construct[id];
    if (c->state == CODE_NULL) return x->all && c->null_reason != WHY_NOT_APPLICABLE;
    if (x->all) return true;
    if (id == C_P2_DECISION || id == C_P4_NEED || id == C_P4_TIME) return false;
    if (rtype_hard(x->w->tcode[t].rtype) > 0) return c->value != 0 || c->category || explain_is_bad(d, c);
    return d->polarity == POL_NEGATIVE ? c->value > 0 : id == C_P4_CORRECT && c->value == 0;
}

static void mark_codes(struct marked *m, const struct explain *x, uint32_t t, const struct codes *codes, bool all)
{
    for (size_t i = 0; codes && i < N_CONSTRUCT; i++) {
        const struct code *c = &codes->c[i];
        if (c->state != CODE_SET || (!all && !listed(x, t, (enum construct)i, c))) continue;
        for (size_t k = 0; k < c->n_span; k++)
            if (c->span[k].turn == t) marked_add(m, c->span[k].begin, c->span[k].end, x->w->pack->construct[i].phase);
    }
}

static void mark_episodes(struct marked *m, const struct explain *x, uint32_t t)
{
    for (size_t e = 0; e < x->w->episode.n; e++)
        for (size_t i = 0; i < N_CONSTRUCT; i++) {
            const struct code *c = &x->w->ep_codes[e].c[i];
            const struct construct_def *d = &x->w->pack->construct[i];
            if (c->state != CODE_SET || (c->value == 0 && !c->category) || d->phase == 3 || d->phase == 4) continue;
            for (size_t k = 0; k < c->n_span; k++)
                if (c->span[k].turn == t) marked_add(m, c->span[k].begin, c->span[k].end, d->phase);
        }
}

/* A span that is the whole turn says nothing by being underlined; it is left out here. */
static void text(const struct explain *x, uint32_t t)
{
    const struct turn *turn = &x->w->conv->turn[t];
    const struct tcode *c = &x->w->tcode[t];
    struct marked m;
    if (turn->text.n == 0 || !marked_init(&m, turn->text)) return;
    bool refusal = rtype_hard(c->rtype) > 0;
    if (refusal && c->anchor_end > c->anchor_begin) marked_add(&m, c->anchor_begin, c->anchor_end, MARK_REFUSAL);
    for (size_t i = 0; i < x->w->contact.n; i++) {
        const struct contact *k = &x->w->contact.p[i];
        if (k->turn == t) marked_add(&m, k->begin, k->end, 4);
    }
    mark_codes(&m, x, t, x->w->turn_codes[t], x->all);
    mark_episodes(&m, x, t);
    size_t lines = x->all ? 0 : refusal ? 5 : m.n_mark ? 3 : 2;
    marked_print(x->b, x->t, &m, INDENT, lines);
    marked_free(&m);
}

static bool same_contact(const struct explain *x, const struct contact *a, const struct contact *b)
{
    str s = x->w->conv->turn[a->turn].text;
    return a->turn == b->turn && a->status == b->status && a->negated == b->negated &&
           str_eq(str_sub(s, a->begin, a->end), str_sub(s, b->begin, b->end));
}

static void contact(const struct explain *x, const struct contact *c, size_t times)
{
    str s = x->w->conv->turn[c->turn].text;
    int right = c->negated ? -1 : contact_reaches(c->status);
    struct buf why = {0};
    buf_puts(&why, c->negated ? "named to be avoided" : contact_words[c->status]);
    if (c->line && *c->line) buf_printf(&why, " (%s)", c->line);
    if (times > 1) buf_printf(&why, ", %zu times", times);
    if (c->stale) buf_puts(&why, ", evidence is stale");
    if (c->instead && *c->instead) buf_printf(&why, "; right would be %s", c->instead);
    if (c->why && *c->why && (x->all || right == 0)) buf_printf(&why, "; %s", c->why);
    term_spaces(x->b, INDENT);
    term_put(x->b, x->t, ST_CYAN, "contact     ");
    term_on(x->b, x->t, right > 0 ? ST_GREEN : right == 0 ? ST_RED : ST_BOLD);
    size_t cells = term_cells(str_sub(s, c->begin, c->end)), column = INDENT + 12;
    if (cells > (size_t)x->t->width - column - 2) cells = (size_t)x->t->width - column - 2;
    term_fit(x->b, x->t, str_sub(s, c->begin, c->end), cells < 13 ? 13 : cells, true);
    term_off(x->b, x->t);
    size_t at = column + (cells < 13 ? 13 : cells) + 1;
    buf_putc(x->b, ' ');
    term_wrap(x->b, x->t, (str){why.p, why.n}, 30, at);
    buf_putc(x->b, '\n');
    buf_free(&why);
}

/* The same contact in the same reply is told once. */
static void contacts(const struct explain *x, uint32_t t)
{
    for (size_t i = 0; i < x->w->contact.n; i++) {
        const struct contact *c = &x->w->contact.p[i];
        if (c->turn != t || c->begin >= c->end || c->end > x->w->conv->turn[t].text.n) continue;
        size_t times = 1;
        bool before = false;
        for (size_t k = 0; k < x->w->contact.n; k++) {
            if (k == i || !same_contact(x, c, &x->w->contact.p[k])) continue;
            before |= k < i;
            times++;
        }
        if (!before) contact(x, c, times);
    }
}

void explain_turn(const struct explain *x, uint32_t t)
{
    head(x, t);
    text(x, t);
    const struct codes *codes = x->w->turn_codes[t];
    for (size_t i = 0; codes && i < N_CONSTRUCT; i++)
        if (listed(x, t, (enum construct)i, &codes->c[i])) explain_code(x, (enum construct)i, &codes->c[i], true);
    contacts(x, t);
    explain_gates(x, (int)t, 0, true, INDENT);
    buf_putc(x->b, '\n');
}
