/* Rules of --fail-on and what a run found → verdicts with their reasons. */
#include "cli/ci.h"

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
        buf_str(b, str_sub(id[i], 0, keep));
        if (cut) buf_puts(b, "…");
    }
}

static void judge_gate(struct ci_run *r, struct buf *why, struct ci_rule *out, const struct fail_rule *rule)
{
    struct gate_count c = {0};
    count_gates(&c, rule, &r->ci);
    double value = (double)c.all;
    memcpy(out->gates, rule->gates, sizeof out->gates);
    if (rule->share) {
        if (r->ci.conversations == 0) {
            out->verdict = CI_UNDEFINED;
            buf_printf(why, "%s: no conversation", rule->text);
            return;
        }
        value = (double)c.conversations / (double)r->ci.conversations;
    }
    out->verdict = fail_on_holds(rule, value) ? CI_FAIL : CI_PASS;
    buf_printf(why, "%s:", rule->text);
    for (int g = 1; g <= 12; g++)
        if (c.n[g]) buf_printf(why, " G%d (%llu)", g, (unsigned long long)c.n[g]);
    if (c.all == 0) buf_puts(why, " none");
    buf_printf(why, " in %llu of %llu conversations", (unsigned long long)c.conversations,
               (unsigned long long)r->ci.conversations);
    look_at(why, c.id, c.n_id);
}

/* ---- all ---- */

bool ci_judge(struct ci_run *r)
{
    struct ci_rule *out = arena_array(&r->a, struct ci_rule, r->rules.n + 1);
    bool ok = out != NULL;
    for (size_t i = 0; ok && i < r->rules.n; i++) {
        struct buf why = {0};
        out[i].text = r->rules.rule[i].text;
        judge_gate(r, &why, &out[i], &r->rules.rule[i]);
        out[i].reason = arena_str(&r->a, (str){why.p, why.n}).p;
        ok = out[i].reason && !why.oom;
        buf_free(&why);
    }
    r->ci.rule = out;
    r->ci.n_rule = r->rules.n;
    return ok;
}
