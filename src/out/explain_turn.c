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
        bool wide = x->t->width >= 78;
        term_printf(x->b, x->t, ST_RED | ST_BOLD, "%s%s%s", rtype_names[c->rtype], wide ? " " : "",
                    wide ? rtype_words[c->rtype] : "");
        term_printf(x->b, x->t, ST_DIM, ", hardness %d (%.2f)", hard, (double)c->conf);
    }
    const char *d = decision_names[c->decision];
    if (d && (hard || c->decision == DEC_OVER || c->decision == DEC_UNDER)) {
        bool bad = c->decision == DEC_OVER || c->decision == DEC_UNDER;
        term_printf(x->b, x->t, bad ? ST_RED : ST_DIM, hard ? ", %s" : ", %s: something is missed", d);
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
    if (turn->blocked && c->rtype != RT_R8) term_put(x->b, x->t, ST_RED, "  blocked by the provider");
    if (c->restart) term_put(x->b, x->t, ST_DIM, "  restart after an empty reply");
    buf_putc(x->b, '\n');
    if (c->acts && x->all) {
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

/* Told in full: what speaks against the reply; with --show-all, everything. */
static bool in_full(const struct explain *x, enum construct id, const struct code *c)
{
    const struct construct_def *d = &x->w->pack->construct[id];
    if (x->all) return c->state == CODE_SET || c->null_reason != WHY_NOT_APPLICABLE;
    return c->state == CODE_SET && explain_is_bad(d, c);
}

/* A reply without a refusal is told only for its harms and its contacts. */
static bool counts_here(const struct explain *x, uint32_t t, enum construct id)
{
    if (x->all || rtype_hard(x->w->tcode[t].rtype) > 0) return true;
    return x->w->pack->construct[id].polarity == POL_NEGATIVE || id == C_P4_CORRECT;
}

/* Worth a word beside those told in full. */
static bool in_short(const struct explain *x, enum construct id, const struct code *c)
{
    if (c->state != CODE_SET || in_full(x, id, c)) return false;
    if (id == C_P2_DECISION || id == C_P4_NEED || id == C_P4_TIME) return false;
    return c->value != 0 || (c->category && *c->category && strcmp(c->category, "none"));
}

static void mark_code(struct marked *m, const struct explain *x, uint32_t t, enum construct id, const struct code *c)
{
    for (size_t k = 0; k < c->n_span; k++) {
        if (c->span[k].turn != t) continue;
        marked_add(m, c->span[k].begin, c->span[k].end, x->w->pack->construct[id].phase);
        if (!x->all) return; /* the first words of each code; the rest is in --show-all */
    }
}

static void mark_reply(struct marked *m, const struct explain *x, uint32_t t, const struct codes *codes)
{
    for (int pass = 0; pass < 2; pass++) /* what speaks against it first */
        for (int i = 0; codes && i < N_CONSTRUCT; i++) {
            const struct code *c = &codes->c[i];
            if (c->state != CODE_SET || !counts_here(x, t, (enum construct)i)) continue;
            if (pass == 0 ? in_full(x, (enum construct)i, c) : in_short(x, (enum construct)i, c))
                mark_code(m, x, t, (enum construct)i, c);
        }
}

/* P1, P2 and P5 are coded over the episode; their words stand in any turn. */
static bool from_episode(const struct explain *x, int i, const struct code *c, uint32_t t)
{
    int phase = x->w->pack->construct[i].phase;
    if (c->state != CODE_SET || (c->value == 0 && !c->category) || phase == 3 || phase == 4 || i == C_P2_DECISION)
        return false;
    if (i == C_P1_ENGAGED || i == C_P1_PRIOR) return false; /* whole replies: underlining says nothing */
    for (size_t k = 0; k < c->n_span; k++)
        if (c->span[k].turn == t) return true;
    return false;
}

static void mark_episodes(struct marked *m, const struct explain *x, uint32_t t)
{
    for (size_t e = 0; e < x->w->episode.n; e++)
        for (int i = 0; i < N_CONSTRUCT; i++) {
            const struct code *c = &x->w->ep_codes[e].c[i];
            if (from_episode(x, i, c, t)) mark_code(m, x, t, (enum construct)i, c);
        }
}

static void text(const struct explain *x, uint32_t t)
{
    const struct turn *turn = &x->w->conv->turn[t];
    const struct tcode *c = &x->w->tcode[t];
    struct marked m;
    if (turn->text.n == 0) return;
    if (!marked_init(&m, turn->text)) {
        x->b->oom = true;
        return;
    }
    bool refusal = rtype_hard(c->rtype) > 0;
    if (refusal && c->anchor_end > c->anchor_begin) marked_add(&m, c->anchor_begin, c->anchor_end, MARK_REFUSAL);
    mark_reply(&m, x, t, x->w->turn_codes[t]);
    mark_episodes(&m, x, t);
    for (size_t i = 0; i < x->w->contact.n; i++)
        if (x->w->contact.p[i].turn == t) marked_add(&m, x->w->contact.p[i].begin, x->w->contact.p[i].end, 4);
    bool anchor = false;
    for (size_t e = 0; e < x->w->episode.n; e++) anchor |= x->w->episode.p[e].anchor == t;
    size_t lines = x->all ? 0 : anchor ? 8 : refusal ? 5 : 3;
    marked_print(x->b, x->t, &m, INDENT, lines);
    marked_free(&m);
}

static void short_code(struct buf *b, const struct explain *x, int i, const struct code *c)
{
    const struct construct_def *d = &x->w->pack->construct[i];
    if (b->n) buf_puts(b, ", ");
    buf_printf(b, "%s\xC2\xA0", d->id); /* id and value stay on one line */
    explain_value(b, d, c);
}

static void short_line(const struct explain *x, const char *what, const struct buf *z)
{
    if (z->n == 0) return;
    term_spaces(x->b, INDENT);
    term_on(x->b, x->t, ST_DIM);
    term_fit(x->b, x->t, str_of(what), 12, true);
    term_wrap(x->b, x->t, (str){z->p, z->n}, INDENT + 12, INDENT + 12);
    term_off(x->b, x->t);
    buf_putc(x->b, '\n');
}

static void codes_of(const struct explain *x, uint32_t t)
{
    const struct codes *codes = x->w->turn_codes[t];
    struct buf also = {0}, leads = {0};
    for (int i = 0; codes && i < N_CONSTRUCT; i++) {
        const struct code *c = &codes->c[i];
        if (!counts_here(x, t, (enum construct)i)) continue;
        if (in_full(x, (enum construct)i, c)) explain_code(x, (enum construct)i, c, true);
        else if (in_short(x, (enum construct)i, c)) short_code(&also, x, i, c);
    }
    short_line(x, "also", &also);
    bool told[N_CONSTRUCT] = {false};
    for (size_t e = 0; e < x->w->episode.n; e++)
        for (int i = 0; i < N_CONSTRUCT; i++) {
            const struct code *c = &x->w->ep_codes[e].c[i];
            if (told[i] || !from_episode(x, i, c, t)) continue;
            told[i] = true;
            short_code(&leads, x, i, c);
        }
    short_line(x, "leads to", &leads);
    buf_free(&also);
    buf_free(&leads);
}

/* ---- contacts ---- */

static bool same_contact(const struct explain *x, const struct contact *a, const struct contact *b)
{
    str s = x->w->conv->turn[a->turn].text;
    return a->turn == b->turn && a->status == b->status && a->negated == b->negated &&
           str_eq(str_sub(s, a->begin, a->end), str_sub(s, b->begin, b->end));
}

/* A wrong contact has a line of its own. */
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
    if (c->why && *c->why && x->all) buf_printf(&why, "; %s", c->why);
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

/* The same contact in the same reply is told once; right and unknown ones share a line. */
static void contacts(const struct explain *x, uint32_t t)
{
    struct buf right = {0}, unknown = {0};
    for (size_t i = 0; i < x->w->contact.n; i++) {
        const struct contact *c = &x->w->contact.p[i];
        str s = x->w->conv->turn[t].text;
        if (c->turn != t || c->begin >= c->end || c->end > s.n) continue;
        size_t times = 1;
        bool before = false;
        for (size_t k = 0; k < x->w->contact.n; k++) {
            if (k == i || !same_contact(x, c, &x->w->contact.p[k])) continue;
            before |= k < i;
            times++;
        }
        if (before) continue;
        int ok = contact_reaches(c->status);
        if (x->all || c->negated || ok == 0 || x->w->conv->turn[t].role == ROLE_USER) {
            contact(x, c, times);
            continue;
        }
        struct buf *b = ok > 0 ? &right : &unknown;
        if (b->n) buf_puts(b, ", ");
        buf_str(b, str_sub(s, c->begin, c->end));
    }
    short_line(x, "right", &right);
    short_line(x, "not known", &unknown);
    buf_free(&right);
    buf_free(&unknown);
}

void explain_turn(const struct explain *x, uint32_t t)
{
    head(x, t);
    text(x, t);
    codes_of(x, t);
    contacts(x, t);
    explain_gates(x, (int)t, 0, true, INDENT);
    buf_putc(x->b, '\n');
}
