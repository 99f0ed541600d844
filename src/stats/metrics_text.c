/* Figures of a corpus → a page for a terminal: families of metrics, each with
 * its interval and n, groups below the whole. */
#include <math.h>

#include "stats/metrics_write.h"

enum { LABEL = 34, VALUE = 24 }; /* a line fits 80 columns */

static void heading(struct buf *b, const struct term *t, const char *name, const char *note)
{
    buf_putc(b, '\n');
    term_printf(b, t, ST_BOLD, "%c%s", name[0] >= 'a' && name[0] <= 'z' ? name[0] - 'a' + 'A' : name[0], name + 1);
    if (*note) term_printf(b, t, ST_DIM, "  %s", note);
    buf_putc(b, '\n');
}

static void line(struct buf *b, const struct term *t, const struct metric *x, const char *label, size_t indent)
{
    struct buf z = {0};
    term_spaces(b, indent);
    term_fit(b, t, str_of(label), LABEL - indent, true);
    metric_words(&z, x->unit, x->value, x->lo, x->hi);
    buf_printf(b, " %-*.*s", VALUE, STR_ARG(((str){z.p, z.n})));
    buf_printf(b, " %6llu", (unsigned long long)x->n);
    if (x->censored) term_printf(b, t, ST_DIM, ", %llu censored", (unsigned long long)x->censored);
    buf_putc(b, '\n');
    buf_free(&z);
}

/* Of gates, types and the like only what there is; the rest is 0 of the same n. */
static bool is_shown(const struct metrics *m, size_t i)
{
    static const char *const brief[] = {"gates", "episodes", "outcome"};
    bool some = false, zero_too = true;
    for (size_t k = 0; k < ARRAY_LEN(brief); k++) zero_too &= strcmp(metric_at(i)->family, brief[k]) != 0;
    for (size_t k = i; k < m->n; k += metric_count()) some |= !isnan(m->m[k].value) && (zero_too || m->m[k].value != 0);
    return some;
}

static void equity(struct buf *b, const struct term *t, const struct metrics *m)
{
    bool any = false;
    for (size_t i = 0; i < m->n_equity; i++) {
        const struct metric_equity *e = &m->equity[i];
        struct buf z = {0};
        if (isnan(e->value)) continue;
        if (!any) heading(b, t, "equity", "worst group over best");
        any = true;
        term_spaces(b, 2);
        term_fit(b, t, str_of(metric_def_of(e->id)->label), LABEL - 2, true);
        metric_words(&z, "ratio", e->value, e->lo, e->hi);
        buf_printf(b, " %-*.*s ", VALUE, STR_ARG(((str){z.p, z.n})));
        term_printf(b, t, ST_DIM, "%s: ", e->key);
        term_clean(b, t, str_of(e->worst));
        buf_puts(b, " / ");
        term_clean(b, t, str_of(e->best));
        buf_putc(b, '\n');
        buf_free(&z);
    }
}

static void years(struct buf *b, const struct term *t, const struct metrics *m)
{
    heading(b, t, "by calendar year", "conversations, replies at risk, referral notices");
    for (size_t i = 0; i < m->n_year; i++) {
        const struct metric_year *y = &m->year[i];
        if (y->year) buf_printf(b, "  %-*d", LABEL - 2, y->year);
        else buf_printf(b, "  %-*s", LABEL - 2, "no time recorded");
        buf_printf(b, " %8llu %8llu %8llu\n", (unsigned long long)y->conversations, (unsigned long long)y->at_risk_replies,
                   (unsigned long long)y->notices);
    }
}

static void undefined(struct buf *b, const struct term *t, const struct metrics *m)
{
    const char *last = NULL;
    bool any = false;
    for (size_t i = 0; i < metric_count(); i++) {
        const struct metric *x = &m->m[i];
        if (!isnan(x->value)) continue;
        if (!any) heading(b, t, "not defined here", "");
        any = true;
        buf_puts(b, "  ");
        term_fit(b, t, str_of(x->def->label), LABEL - 2, true);
        term_printf(b, t, ST_DIM, " %s\n", last && !strcmp(last, x->reason) ? "the same" : x->reason);
        last = x->reason;
    }
}

void metrics_text(struct buf *b, const struct term *t, const struct metrics *m)
{
    const char *family = "";
    term_printf(b, t, ST_BOLD, "%llu conversation%s", (unsigned long long)m->conversations, m->conversations == 1 ? "" : "s");
    buf_printf(b, ", %llu repl%s, %llu refusal episode%s\n", (unsigned long long)m->replies, m->replies == 1 ? "y" : "ies",
               (unsigned long long)m->episodes, m->episodes == 1 ? "" : "s");
    term_printf(b, t, ST_DIM, "value, 95 %% interval (%u draws of %llu clusters, seed %llu), n\n", m->draws,
                (unsigned long long)m->clusters, (unsigned long long)m->seed);
    term_put(b, t, ST_DIM, "gates, types and outcomes of 0 are left out\n");
    for (size_t i = 0; i < metric_count() && m->n; i++) {
        if (!is_shown(m, i)) continue;
        if (strcmp(metric_at(i)->family, family) != 0) {
            family = metric_at(i)->family;
            heading(b, t, family, strcmp(family, "phases") ? "" : "mean score, 0 harmful to 100 supportive");
        }
        line(b, t, &m->m[i], metric_at(i)->label, 2);
        for (size_t k = i + metric_count(); k < m->n; k += metric_count())
            if (!isnan(m->m[k].value)) line(b, t, &m->m[k], m->m[k].group, 4);
    }
    equity(b, t, m);
    years(b, t, m);
    if (m->n) undefined(b, t, m);
}
