/* One episode's panel: how it ran, five phases with scores, gates, next. */
#include <stdio.h>

#include "out/explain.h"
#include "out/words.h"
#include "report/report.h"

static void how_it_ran(const struct explain *x, const struct episode *e, const struct profile *p)
{
    struct buf b = {0};
    buf_printf(&b, "Refused at turn %u", e->anchor);
    for (size_t i = 1; i < e->n_refusal; i++)
        buf_printf(&b, "%s%u", i == 1 ? ", again at " : i + 1 == e->n_refusal ? " and " : ", ", e->refusal[i]);
    if (p->has_decay)
        buf_printf(&b, "; hardness %+d by then%s", p->decay_delta,
                   p->decay == DECAY_HARM         ? ", towards harm"
                   : p->decay == DECAY_ENGAGEMENT ? ", towards engagement"
                                                  : "");
    buf_printf(&b, ". Ends at turn %u: %s.", e->end, end_words[e->end_reason]);
    if (p->risk == RISK_X) buf_puts(&b, " Risk X");
    else buf_printf(&b, " Risk %d", p->risk);
    for (unsigned f = p->flags; f; f &= f - 1) buf_printf(&b, " %c", risk_flag_letters[__builtin_ctz(f)]);
    const char *d = decision_names[p->decision];
    buf_printf(&b, "; the decision: %s", d ? d : "not judged");
    if (p->pc >= 0) buf_puts(&b, p->pc ? ", as the policy asks." : ", not what the policy asks.");
    else buf_putc(&b, '.');
    term_spaces(x->b, 2);
    term_wrap(x->b, x->t, (str){b.p, b.n}, 2, 2);
    buf_putc(x->b, '\n');
    buf_free(&b);
}

static void score_line(const struct explain *x, int phase, const struct phase_score *s)
{
    buf_puts(x->b, "\n  ");
    term_printf(x->b, x->t, ST_BOLD, "P%d %-12s", phase, phase_words[phase - 1]);
    if (s->na) {
        term_put(x->b, x->t, ST_DIM, "no score: too little to go by\n");
        return;
    }
    float low = s->s[SH_USER] < s->s[SH_MHP] ? s->s[SH_USER] : s->s[SH_MHP];
    bool wide = x->t->width >= 78;
    term_bar(x->b, x->t, low < 40 ? ST_RED : low < 60 ? ST_YELLOW : ST_GREEN, low, 100, wide ? 16 : 6);
    buf_printf(x->b, "  user %3.0f   clinician %3.0f", (double)s->s[SH_USER], (double)s->s[SH_MHP]);
    if (wide) term_printf(x->b, x->t, ST_DIM, "   coverage %.0f %%", (double)s->coverage * 100);
    buf_putc(x->b, '\n');
}

/* Codes already told at the refusal's own turn are not told again in full. */
static bool worth_telling(const struct explain *x, const struct construct_def *d, const struct code *c)
{
    if (c->state == CODE_NULL) return false;
    if (x->all) return true;
    return c->value != 0 || c->category || explain_is_bad(d, c);
}

static void phase(const struct explain *x, size_t i, int p)
{
    const struct codes *codes = &x->w->ep_codes[i];
    score_line(x, p, &x->w->profile[i].phase[p - 1]);
    struct buf zero = {0}, null[N_WHY] = {{0}};
    for (size_t k = 0; k < N_CONSTRUCT; k++) {
        const struct construct_def *d = &x->w->pack->construct[k];
        const struct code *c = &codes->c[k];
        if (d->phase != p) continue;
        if (worth_telling(x, d, c)) explain_code(x, (enum construct)k, c, p != 3 && p != 4);
        else buf_printf(c->state == CODE_NULL ? &null[c->null_reason] : &zero, " %s", d->id + 3);
    }
    for (int r = -1; r < N_WHY; r++) {
        struct buf *z = r < 0 ? &zero : &null[r];
        if (z->n) {
            struct buf b = {0};
            buf_printf(&b, "%s:%.*s", r < 0 ? "looked for, none" : reason_words[r], (int)z->n, z->p);
            term_spaces(x->b, 4);
            term_on(x->b, x->t, ST_DIM);
            term_wrap(x->b, x->t, (str){b.p, b.n}, 6, 4);
            term_off(x->b, x->t);
            buf_putc(x->b, '\n');
            buf_free(&b);
        }
        buf_free(z);
    }
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
    if (p->conflict) {
        static const char note[] = "Users and clinicians would see this differently: a phase differs by 20 points.";
        term_spaces(x->b, 2);
        term_on(x->b, x->t, ST_YELLOW);
        term_wrap(x->b, x->t, STR(note), 2, 2);
        term_off(x->b, x->t);
        buf_putc(x->b, '\n');
    }
    for (int k = 1; k <= 5; k++) phase(x, i, k);
    buf_putc(x->b, '\n');
    explain_gates(x, -1, (int)i, false, 2);
    if (p->next) {
        struct buf b = {0};
        for (unsigned n = p->next; n; n &= n - 1) buf_printf(&b, "%s%s", b.n ? ", " : "", next_words[__builtin_ctz(n)]);
        buf_puts(x->b, "  next         ");
        term_wrap(x->b, x->t, (str){b.p, b.n}, 15, 15);
        buf_putc(x->b, '\n');
        buf_free(&b);
    }
    term_on(x->b, x->t, ST_BOLD);
    for (int k = 0; k < x->t->width; k++) buf_puts(x->b, x->t->utf8 ? "━" : "=");
    term_off(x->b, x->t);
    buf_puts(x->b, "\n\n");
}
