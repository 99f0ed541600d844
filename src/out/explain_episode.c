/* One episode's panel: how it ran, five phases with scores, gates, next. */
#include <stdio.h>

#include "out/explain.h"
#include "out/words.h"
#include "report/report.h"
#include "score/score.h"

/* What the verdict above has not said: how the refusals changed, where it ends, risk, the call. */
static void how_it_ran(const struct explain *x, const struct episode *e, const struct profile *p)
{
    struct buf b = {0};
    if (p->risk == RISK_X) buf_puts(&b, "Risk unclear");
    else buf_printf(&b, "Risk %d", p->risk);
    for (unsigned f = p->flags; f; f &= f - 1) buf_printf(&b, ", %s", risk_flag_words[__builtin_ctz(f)]);
    buf_puts(&b, p->flags ? ", when first refused" : " when first refused");
    uint32_t turn = 0;
    int top = explain_top_risk(x->w, e->anchor, e->end, &turn);
    if (top > p->risk) buf_printf(&b, ", %d at turn %u", top, turn);
    buf_printf(&b, ". Decision: %s", decision_words[p->decision]);
    if (p->pc >= 0) buf_puts(&b, p->pc ? ", as the policy asks" : ", not what the policy asks");
    if (p->has_decay && p->decay_delta) {
        static const char *const towards[] = {
            [DECAY_NONE] = "", [DECAY_HARM] = ", towards harm", [DECAY_ENGAGEMENT] = ", towards engagement"};
        buf_printf(&b, ". By the last refusal %s%s", p->decay_delta < 0 ? "softer" : "harder", towards[p->decay]);
    }
    buf_printf(&b, ". Ends at turn %u: %s.", e->end, end_words[e->end_reason]);
    term_spaces(x->b, 2);
    term_wrap(x->b, x->t, (str){b.p, b.n}, 2, 2);
    buf_putc(x->b, '\n');
    buf_free(&b);
}

/* Gates of the episode that stand over this phase's score (codebook §2: gates override scores). */
static void held(const struct explain *x, size_t episode, int phase, size_t at)
{
    unsigned gates = 0, confirmed = 0;
    for (uint32_t i = x->w->gate0[episode]; i < x->w->gate0[episode + 1]; i++) {
        const struct gate *g = &x->w->gate.p[x->w->gate_of[i]];
        if (!(gate_kinds[g->id].phases >> (phase - 1) & 1)) continue;
        gates |= 1u << g->id;
        if (g->status == GATE_CONFIRMED) confirmed |= 1u << g->id;
    }
    if (!gates) return;
    bool fits = at + 13 + 5 * (size_t)__builtin_popcount(gates) < (size_t)x->t->width;
    if (fits) buf_puts(x->b, "   ");
    else buf_putc(x->b, '\n'), term_spaces(x->b, EXPLAIN_INDENT);
    term_put(x->b, x->t, ST_RED, "overridden by");
    explain_gate_ids(x, gates, gates & ~confirmed);
}

static void score_line(const struct explain *x, size_t episode, int phase, const struct phase_score *s)
{
    buf_puts(x->b, "\n  ");
    term_printf(x->b, x->t, ST_BOLD, "P%d %-12s", phase, phase_words[phase - 1]);
    if (s->na) {
        term_put(x->b, x->t, ST_DIM, "no score: too little to go by");
        held(x, episode, phase, 46);
        buf_putc(x->b, '\n');
        return;
    }
    float low = s->s[SH_USER] < s->s[SH_MHP] ? s->s[SH_USER] : s->s[SH_MHP];
    size_t bar = x->t->width >= 78 ? 10 : 6;
    term_bar(x->b, x->t, low < 40 ? ST_RED : low < 60 ? ST_YELLOW : ST_GREEN, low, 100, bar);
    buf_printf(x->b, "  user %3.0f  professional %3.0f", (double)s->s[SH_USER], (double)s->s[SH_MHP]);
    bool part = s->coverage < .995f && bar == 10;
    if (part) term_printf(x->b, x->t, ST_DIM, "  coverage %.0f %%", (double)s->coverage * 100);
    held(x, episode, phase, 17 + bar + 28 + (part ? 15 : 0));
    buf_putc(x->b, '\n');
}

static void every_code(const struct explain *x, const struct codes *codes, int p)
{
    struct buf null[N_WHY] = {{0}};
    for (int k = 0; k < N_CONSTRUCT; k++) {
        const struct construct_def *d = &x->w->pack->construct[k];
        if (d->phase != p) continue;
        if (codes->c[k].state != CODE_NULL) explain_code(x, (enum construct)k, &codes->c[k]);
        else buf_printf(&null[codes->c[k].null_reason], "%s%s", null[codes->c[k].null_reason].n ? ", " : "", d->id);
    }
    for (int r = 0; r < N_WHY; r++) {
        explain_list(x, reason_words[r], &null[r]);
        buf_free(&null[r]);
    }
}

/* P3 and P4 were told at the replies that they are of; there they have their words. */
static void phase(const struct explain *x, size_t i, int p)
{
    const struct codes *codes = &x->w->ep_codes[i];
    score_line(x, i, p, &x->w->profile[i].phase[p - 1]);
    if (x->all) {
        every_code(x, codes, p);
        return;
    }
    struct buf against = {0}, missing = {0}, also = {0};
    for (int k = 0; k < N_CONSTRUCT; k++) {
        const struct construct_def *d = &x->w->pack->construct[k];
        const struct code *c = &codes->c[k];
        if (d->phase != p) continue;
        enum explain_says says = explain_says((enum construct)k, d, c, &codes->c[C_P4_NEED]);
        if (says == SAYS_AGAINST && (p == 3 || p == 4)) explain_list_add(&against, d, c, false);
        else if (says == SAYS_AGAINST) explain_code(x, (enum construct)k, c);
        else if (says == SAYS_MISSING) explain_list_add(&missing, d, c, p != 3 && p != 4);
        else if (says == SAYS_ALSO) explain_list_add(&also, d, c, false);
    }
    explain_list(x, "against", &against);
    explain_list(x, "missing", &missing);
    explain_list(x, "also", &also);
    buf_free(&against);
    buf_free(&missing);
    buf_free(&also);
}

static void conflict(const struct explain *x, const struct profile *p)
{
    struct buf b = {0};
    buf_puts(&b, "Users and professionals would see this differently, by 20 points or more:");
    for (int f = 0; f < 5; f++)
        if (!p->phase[f].na && score_conflict(&p->phase[f])) buf_printf(&b, " P%d", f + 1);
    term_spaces(x->b, 2);
    term_on(x->b, x->t, ST_YELLOW);
    term_wrap(x->b, x->t, (str){b.p, b.n}, 2, 2);
    term_off(x->b, x->t);
    buf_putc(x->b, '\n');
    buf_free(&b);
}

void explain_episode(const struct explain *x, size_t i)
{
    const struct episode *e = &x->w->episode.p[i];
    const struct profile *p = &x->w->profile[i];
    char title[160];
    snprintf(title, sizeof title, "Episode %zu · turns %u to %u · %s", i + 1, e->start, e->end,
             quadrant_words[p->quadrant]);
    explain_rule(x, title);
    how_it_ran(x, e, p);
    if (p->conflict) conflict(x, p);
    for (int k = 1; k <= 5; k++) phase(x, i, k);
    term_on(x->b, x->t, ST_BOLD);
    for (int k = 0; k < x->t->width; k++) buf_puts(x->b, x->t->utf8 ? "━" : "=");
    term_off(x->b, x->t);
    buf_puts(x->b, "\n\n");
}
