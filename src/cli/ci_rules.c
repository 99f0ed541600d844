/* Rules of --fail-on and what a run found → verdicts with their reasons. */
#include "cli/ci.h"

#include <math.h>

enum { IDS = 5 };

/* ---- gates ---- */

struct gate_count {
    uint64_t n[13], all, conversations;
    str id[IDS];
    size_t n_id;
};

static bool counts(const struct fail_rule *r, const struct ci_finding *f) { return r->gates[f->status] >> f->gate & 1; }

static void count_gates(struct gate_count *c, const struct fail_rule *r, const struct ci *ci)
{
    uint64_t last = UINT64_MAX;
    for (size_t i = 0; i < ci->n_finding; i++) {
        const struct ci_finding *f = &ci->finding[i];
        if (!counts(r, f)) continue;
        c->n[f->gate]++;
        c->all++;
        if (f->order == last) continue;
        last = f->order;
        c->conversations++;
        if (c->n_id < IDS) c->id[c->n_id++] = f->id;
    }
}

static void look_at(struct buf *b, const str *id, size_t n)
{
    enum { LONGEST = 80 };
    for (size_t i = 0; i < n; i++) {
        bool cut = id[i].n > LONGEST;
        size_t keep = cut ? LONGEST : id[i].n;
        while (cut && keep > 0 && utf8_is_cont(id[i].p[keep])) keep--;
        buf_puts(b, i ? ", " : "; look at: ");
        for (size_t k = 0; k < keep; k++) { /* a NUL would end the line */
            if (id[i].p[k]) buf_putc(b, id[i].p[k]);
            else buf_puts(b, "\xEF\xBF\xBD");
        }
        if (cut) buf_puts(b, "…");
    }
}

static void judge_gate(struct ci_run *r, struct buf *why, struct ci_rule *out, const struct fail_rule *rule)
{
    struct gate_count c = {0};
    count_gates(&c, rule, &r->ci);
    double value = (double)c.all;
    memcpy(out->gates, rule->gates, sizeof out->gates);
    if (r->ci.conversations == 0) {
        out->verdict = CI_UNDEFINED;
        buf_printf(why, "%s: no conversation", rule->text);
        return;
    }
    if (rule->share) value = (double)c.conversations / (double)r->ci.conversations;
    out->verdict = fail_on_holds(rule, value) ? CI_FAIL : CI_PASS;
    buf_printf(why, "%s:", rule->text);
    for (int g = 1; g <= 12; g++)
        if (c.n[g]) buf_printf(why, " G%d (%llu)", g, (unsigned long long)c.n[g]);
    if (c.all == 0) buf_puts(why, " none");
    buf_printf(why, " in %llu of %llu conversation%s", (unsigned long long)c.conversations,
               (unsigned long long)r->ci.conversations, r->ci.conversations == 1 ? "" : "s");
    look_at(why, c.id, c.n_id);
}

/* ---- figures ---- */

static void interval(struct buf *b, double lo, double hi)
{
    char x[32], y[32];
    if (!isnan(lo) && !isnan(hi)) buf_printf(b, " [%s, %s]", ci_number(x, lo), ci_number(y, hi));
}

static void operator_and_limit(struct buf *b, const struct fail_rule *r)
{
    buf_printf(b, " %s %.10g%s", fail_op_text[r->op], r->limit, r->sure ? " for sure" : "");
}

static void judge_value(struct ci_run *r, struct buf *why, struct ci_rule *out, const struct fail_rule *rule)
{
    const struct metric *m = metrics_get(&r->figures.m, metric_at(rule->metric)->id, "");
    char z[32];
    bool up = rule->op == FAIL_GT || rule->op == FAIL_GE;
    double value = rule->sure ? (up ? m->lo : m->hi) : m->value; /* sure: the end of the interval that is nearest */
    if (isnan(m->value) || isnan(value)) {
        out->verdict = CI_UNDEFINED;
        buf_printf(why, "%s: %s (n %llu%s%s)", rule->text, isnan(m->value) ? "undefined here" : "no interval here",
                   (unsigned long long)m->n, m->reason ? "; " : "", m->reason ? m->reason : "");
        return;
    }
    out->verdict = fail_on_holds(rule, value) ? CI_FAIL : CI_PASS;
    buf_printf(why, "%s %s", m->id, ci_number(z, m->value));
    interval(why, m->lo, m->hi);
    if (out->verdict == CI_FAIL) operator_and_limit(why, rule);
    buf_printf(why, " (n %llu)", (unsigned long long)m->n);
    if (out->verdict != CI_FAIL) return;
    str id[IDS] = {{0}};
    look_at(why, id, figures_who(id, IDS, &r->figures, m->id, up ? 1 : -1));
}

static bool worse_enough(const struct fail_rule *rule, const struct change *c, bool many)
{
    if (isnan(c->worse) || !fail_on_holds(rule, c->worse)) return false;
    if (!rule->sure) return true;
    return many ? c->verdict == CHANGE_WORSE : fail_on_holds(rule, c->worse_lo);
}

static void shown(struct ci_run *r, struct buf *why, const struct baseline *base, const struct change *c)
{
    str id[CHANGE_SHOWN] = {{0}};
    const struct corpus *all = r->figures.now.corpus;
    if (!base->given) { /* its corpora are gone: who makes the figure what it is now */
        look_at(why, id, figures_who(id, CHANGE_SHOWN, &r->figures, c->def->id, -c->def->better));
        return;
    }
    for (size_t i = 0; i < c->n_shown; i++) id[i] = str_of(all->conv.p[c->shown[i]].id);
    look_at(why, id, c->n_shown);
}

static void one_change(struct buf *b, const struct change *c)
{
    char x[32], y[32], z[32];
    buf_printf(b, "%s worse by %s", c->def->id, ci_number(x, c->worse));
    interval(b, c->worse_lo, c->worse_hi);
    buf_printf(b, ", %s before and %s now", ci_number(y, c->d.a), ci_number(z, c->d.b));
    if (!isnan(c->p_corrected)) buf_printf(b, ", p %.3g", c->p_corrected);
}

static void judge_change(struct ci_run *r, struct buf *why, struct ci_rule *out, const struct fail_rule *rule,
                         const struct baseline *base)
{
    const struct change *c = changes_get(baseline_changes(base), metric_at(rule->metric)->id);
    if (isnan(c->worse) || (rule->sure && isnan(c->worse_lo))) {
        out->verdict = CI_UNDEFINED;
        buf_printf(why, "%s: %s (n %llu before, %llu now)", rule->text,
                   !c->def->better ? "neither way is worse" : isnan(c->worse) ? "undefined" : "no interval",
                   (unsigned long long)c->n_a, (unsigned long long)c->n_b);
        return;
    }
    out->verdict = worse_enough(rule, c, false) ? CI_FAIL : CI_PASS;
    one_change(why, c);
    if (out->verdict != CI_FAIL) return;
    operator_and_limit(why, rule);
    buf_printf(why, " against %s", base->name);
    shown(r, why, base, c);
}

static void judge_decline(struct ci_run *r, struct buf *why, struct ci_rule *out, const struct fail_rule *rule,
                          const struct baseline *base)
{
    enum { NAMED = 4 };
    const struct changes *all = baseline_changes(base);
    const struct change *worst = NULL;
    size_t n = 0, looked = 0;
    struct buf names = {0};
    for (size_t i = 0; i < all->n; i++) {
        const struct change *c = &all->p[i];
        if (strcmp(c->def->unit, "share") || isnan(c->worse)) continue;
        looked++;
        if (!worse_enough(rule, c, true)) continue;
        if (!worst) worst = c;
        if (n++ < NAMED) buf_puts(&names, n > 1 ? "; " : ""), one_change(&names, c);
    }
    out->verdict = looked == 0 ? CI_UNDEFINED : n ? CI_FAIL : CI_PASS;
    if (looked == 0) buf_printf(why, "%s: no share is defined on both sides", rule->text);
    else buf_printf(why, "decline: %zu of %zu shares worse by", n, looked), operator_and_limit(why, rule);
    if (looked) buf_printf(why, " against %s", base->name);
    if (n) buf_printf(why, ": %.*s%s", (int)names.n, names.p, n > NAMED ? "; …" : "");
    if (worst) shown(r, why, base, worst);
    buf_free(&names);
}

/* ---- all ---- */

static int judge(struct ci_run *r, struct buf *why, struct ci_rule *out, const struct fail_rule *rule)
{
    out->text = rule->text;
    if (rule->subject == FAIL_GATE) return judge_gate(r, why, out, rule), 0;
    if (!rule->baseline) return judge_value(r, why, out, rule), 0;
    const struct baseline *base = figures_against(&r->figures, rule->baseline);
    if (!base) return FAILED;
    if (rule->subject == FAIL_METRIC) judge_change(r, why, out, rule, base);
    else judge_decline(r, why, out, rule, base);
    return 0;
}

int ci_judge(struct ci_run *r)
{
    struct ci_rule *out = arena_array(&r->a, struct ci_rule, r->rules.n + 1);
    int rc = out ? 0 : cli_error("out of memory");
    for (size_t i = 0; !rc && i < r->rules.n; i++) {
        struct buf why = {0};
        rc = judge(r, &why, &out[i], &r->rules.rule[i]);
        if (!rc) out[i].reason = arena_str(&r->a, (str){why.p ? why.p : "", why.n}).p;
        if (!rc && (why.oom || !out[i].reason)) rc = cli_error("out of memory");
        buf_free(&why);
    }
    r->ci.rule = out;
    r->ci.n_rule = r->rules.n;
    return rc;
}
