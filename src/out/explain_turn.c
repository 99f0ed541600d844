/* One turn of the timeline: its line, its words, its codes. */
#include <stdio.h>

#include "out/explain.h"
#include "out/marked.h"
#include "out/words.h"
#include "report/report.h"

enum { MARK_REFUSAL = 6, INDENT = EXPLAIN_INDENT, HEAD = 15 };

static void risk_words(struct buf *b, const struct tcode *c)
{
    if (c->risk == RISK_X) buf_puts(b, "risk unclear");
    else buf_printf(b, "risk %d", c->risk);
    for (unsigned f = c->flags; f; f &= f - 1) buf_printf(b, ", %s", risk_flag_words[__builtin_ctz(f)]);
}

static void acts_words(struct buf *b, uint32_t set, const char *const *names)
{
    for (int n = 0; set; set &= set - 1, n++) buf_printf(b, "%s%s", n ? ", " : "", names[__builtin_ctz(set)]);
}

static void user_line(const struct explain *x, const struct tcode *c)
{
    struct buf z = {0};
    risk_words(&z, c);
    term_on(x->b, x->t, c->risk == RISK_X || c->risk >= 3 ? ST_RED : c->risk ? ST_YELLOW : ST_DIM);
    term_wrap(x->b, x->t, (str){z.p, z.n}, HEAD, HEAD);
    term_off(x->b, x->t);
    buf_free(&z);
}

static void reply_line(const struct explain *x, const struct tcode *c, bool recorded)
{
    int hard = rtype_hard(c->rtype);
    if (c->rtype == RT_EMPTY) {
        term_put(x->b, x->t, ST_YELLOW, "empty reply");
        return;
    }
    const char *said = decision_words[c->decision];
    if (hard == 0) {
        term_put(x->b, x->t, ST_DIM, "no refusal");
    } else {
        enum { MODEL = 13, SEP = 2 };
        size_t n = HEAD + strlen(said) + SEP + MODEL + strlen(rtype_words[c->rtype]) + 3, width = (size_t)x->t->width;
        term_put(x->b, x->t, ST_RED | ST_BOLD, rtype_names[c->rtype] ? rtype_names[c->rtype] : "");
        if (n - MODEL <= width) term_printf(x->b, x->t, ST_RED | ST_BOLD, " %s", rtype_words[c->rtype]);
        if (recorded && n <= width) term_put(x->b, x->t, ST_DIM, " (recorded)");
        else if (n <= width) term_printf(x->b, x->t, ST_DIM, " (model %.2f)", (double)c->conf);
    }
    bool bad = c->decision == DEC_OVER || c->decision == DEC_UNDER;
    if (bad || (hard && c->decision != DEC_NULL)) term_printf(x->b, x->t, bad ? ST_RED : ST_DIM, ", %s", said);
}

static void head(const struct explain *x, uint32_t t)
{
    const struct turn *turn = &x->w->conv->turn[t];
    const struct tcode *c = &x->w->tcode[t];
    char name[32];
    snprintf(name, sizeof name, "%3u %-10s ", t, role_names[turn->role]);
    term_put(x->b, x->t, turn->role == ROLE_USER ? ST_BOLD | ST_BLUE : ST_BOLD, name);
    if (turn->role == ROLE_USER) user_line(x, c);
    if (turn->role == ROLE_ASSISTANT) reply_line(x, c, turn->blocked);
    if (turn->blocked && c->rtype != RT_R8) term_put(x->b, x->t, ST_RED, "  blocked by the provider");
    if (c->restart) term_put(x->b, x->t, ST_DIM, "  restart after an empty reply");
    buf_putc(x->b, '\n');
    if (c->acts && x->all) {
        struct buf z = {0};
        acts_words(&z, c->acts, turn->role == ROLE_USER ? u_act_names : a_act_names);
        term_spaces(x->b, HEAD);
        term_on(x->b, x->t, ST_DIM);
        term_wrap(x->b, x->t, (str){z.p, z.n}, HEAD, HEAD);
        term_off(x->b, x->t);
        buf_putc(x->b, '\n');
        buf_free(&z);
    }
}

/* ---- which codes, which marks ---- */

static const struct construct_def *def_of(const struct explain *x, int id) { return &x->w->pack->construct[id]; }

/* A reply without a refusal is told only for its harms, its gates and its contacts. */
static bool counts_here(const struct explain *x, uint32_t t, int id)
{
    if (x->all || rtype_hard(x->w->tcode[t].rtype) > 0) return true;
    return def_of(x, id)->polarity == POL_NEGATIVE;
}

/* What code `id` of reply t says here; decision, need, time and wrong contacts stand in other words already. */
static enum explain_says says_here(const struct explain *x, uint32_t t, int id)
{
    if (id == C_P2_DECISION || id == C_P4_NEED || id == C_P4_TIME || id == C_P4_CORRECT) return SAYS_NOTHING;
    if (!counts_here(x, t, id)) return SAYS_NOTHING;
    const struct code *need = code_of_reply(x->w, t, C_P4_NEED);
    return explain_says((enum construct)id, def_of(x, id), code_of_reply(x->w, t, (enum construct)id), need);
}

static void mark_code(struct marked *m, const struct explain *x, uint32_t t, enum construct id, const struct code *c)
{
    for (size_t k = 0; k < c->n_span; k++) {
        if (c->span[k].turn != t) continue;
        marked_add(m, c->span[k].begin, c->span[k].end, x->w->pack->construct[id].phase);
        if (!x->all) return; /* the first words of each code; the rest is in --show-all */
    }
}

static void mark_reply(struct marked *m, const struct explain *x, uint32_t t)
{
    static const enum explain_says first[] = {SAYS_AGAINST, SAYS_ALSO, SAYS_MISSING};
    for (size_t pass = 0; x->w->turn_codes[t] && pass < ARRAY_LEN(first); pass++)
        for (int i = REPLY_CODE0; i < REPLY_CODE1; i++)
            if (says_here(x, t, i) == first[pass])
                mark_code(m, x, t, (enum construct)i, code_of_reply(x->w, t, (enum construct)i));
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
    mark_reply(&m, x, t);
    mark_episodes(&m, x, t);
    for (size_t i = 0; i < x->w->contact.n; i++)
        if (x->w->contact.p[i].turn == t) marked_add(&m, x->w->contact.p[i].begin, x->w->contact.p[i].end, 4);
    bool anchor = false;
    for (size_t e = 0; e < x->w->episode.n; e++) anchor |= x->w->episode.p[e].anchor == t;
    size_t lines = x->all ? 0 : anchor ? 8 : refusal ? 5 : m.n_mark ? 3 : 2;
    marked_print(x->b, x->t, &m, INDENT, lines);
    marked_free(&m);
}

static void every_code(const struct explain *x, uint32_t t)
{
    for (int i = REPLY_CODE0; x->w->turn_codes[t] && i < REPLY_CODE1; i++) {
        const struct code *c = code_of_reply(x->w, t, (enum construct)i);
        if (c->state == CODE_SET || c->null_reason != WHY_NOT_APPLICABLE) explain_code(x, (enum construct)i, c);
    }
}

/* What speaks against the reply in full, what is missing by name, the rest in short. */
static void codes_of(const struct explain *x, uint32_t t)
{
    struct buf missing = {0}, also = {0}, leads = {0};
    if (x->all) every_code(x, t);
    for (int i = REPLY_CODE0; x->w->turn_codes[t] && !x->all && i < REPLY_CODE1; i++) {
        const struct code *c = code_of_reply(x->w, t, (enum construct)i);
        enum explain_says says = says_here(x, t, i);
        if (says == SAYS_AGAINST) explain_code(x, (enum construct)i, c);
        else if (says == SAYS_MISSING) explain_list_add(&missing, def_of(x, i), c, true);
        else if (says == SAYS_ALSO) explain_list_add(&also, def_of(x, i), c, false);
    }
    explain_list(x, "missing", &missing);
    explain_list(x, "also", &also);
    bool told[N_CONSTRUCT] = {false};
    for (size_t e = 0; e < x->w->episode.n; e++)
        for (int i = 0; i < N_CONSTRUCT; i++) {
            const struct code *c = &x->w->ep_codes[e].c[i];
            if (told[i] || !from_episode(x, i, c, t)) continue;
            told[i] = true;
            explain_list_add(&leads, def_of(x, i), c, false);
        }
    explain_list(x, "leads to", &leads);
    buf_free(&missing);
    buf_free(&also);
    buf_free(&leads);
}

/* ---- gates ---- */

static void gates(const struct explain *x, uint32_t t)
{
    for (size_t i = 0; i < x->w->gate.n; i++) {
        const struct gate *g = &x->w->gate.p[i];
        if (g->turn != (int)t) continue;
        struct buf why = {0};
        buf_puts(&why, g->why && *g->why ? g->why : gate_kinds[g->id].fires); /* the title stands at the head */
        term_spaces(x->b, INDENT);
        term_printf(x->b, x->t, explain_gate_style(g->id) | ST_BOLD, "gate %s%s", gate_kinds[g->id].id,
                    g->status == GATE_SUSPECTED ? "?" : "");
        term_spaces(x->b, EXPLAIN_LABEL - 5 - strlen(gate_kinds[g->id].id) - (g->status == GATE_SUSPECTED));
        term_wrap(x->b, x->t, (str){why.p, why.n}, INDENT + EXPLAIN_LABEL, INDENT + EXPLAIN_LABEL);
        buf_putc(x->b, '\n');
        buf_free(&why);
    }
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
    struct buf right = {0}, unknown = {0}, named = {0};
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
        bool by_person = x->w->conv->turn[t].role == ROLE_USER;
        if (x->all || (!by_person && (c->negated || ok == 0))) {
            contact(x, c, times);
            continue;
        }
        struct buf *b = by_person ? &named : ok > 0 ? &right : &unknown;
        if (b->n) buf_puts(b, ", ");
        buf_str(b, str_sub(s, c->begin, c->end));
    }
    explain_list(x, "right", &right);
    explain_list(x, "not known", &unknown);
    explain_list(x, "they name", &named);
    buf_free(&right);
    buf_free(&unknown);
    buf_free(&named);
}

void explain_turn(const struct explain *x, uint32_t t)
{
    head(x, t);
    text(x, t);
    codes_of(x, t);
    contacts(x, t);
    gates(x, t);
    buf_putc(x->b, '\n');
}
