/* A finished run → JUnit XML, in what Jenkins (xunit-plugin's junit-10.xsd),
 * Maven Surefire's schema and GitLab all read: a suite with one case a
 * --fail-on rule, a suite with one case a gate and conversation.
 *
 * A gate that no failed rule is about is `skipped`, so that a report is red
 * exactly when the command's exit status is; without any rule each is a failure. */
#include "out/ci.h"
#include "out/escape.h"
#include "report/report.h"

struct count { uint64_t tests, failures, skipped; };

/* A finding that a failed rule is about; every finding when there is no rule. */
static bool fails(const struct ci *ci, const struct ci_finding *f)
{
    for (size_t i = 0; i < ci->n_rule; i++)
        if (ci->rule[i].verdict == CI_FAIL && (ci->rule[i].gates[f->status] >> f->gate & 1)) return true;
    return ci->n_rule == 0;
}

static void attr(struct buf *b, const char *name, str value)
{
    buf_printf(b, " %s=\"", name);
    escape_xml(b, value);
    buf_putc(b, '"');
}

static void suite(struct buf *b, const char *name, const struct count *c, const struct buf *cases)
{
    buf_printf(b, "  <testsuite name=\"%s\" tests=\"%llu\" failures=\"%llu\" errors=\"0\" skipped=\"%llu\" time=\"0\">\n",
               name, (unsigned long long)c->tests, (unsigned long long)c->failures, (unsigned long long)c->skipped);
    buf_put(b, cases->p ? cases->p : "", cases->n);
    buf_puts(b, "  </testsuite>\n");
    if (cases->oom) b->oom = true;
}

/* ---- rules ---- */

static void rule_case(struct buf *b, const struct ci_rule *r, struct count *c)
{
    c->tests++;
    buf_puts(b, "    <testcase classname=\"refrain.fail-on\"");
    attr(b, "name", str_of(r->text));
    buf_puts(b, " time=\"0\"");
    if (r->verdict == CI_PASS) {
        buf_puts(b, "/>\n");
        return;
    }
    bool fail = r->verdict == CI_FAIL;
    *(fail ? &c->failures : &c->skipped) += 1;
    buf_puts(b, fail ? "><failure type=\"fail-on\"" : "><skipped");
    attr(b, "message", str_of(r->reason));
    buf_puts(b, "/></testcase>\n");
}

/* ---- gates ---- */

static bool same_conversation(const struct ci_finding *a, const struct ci_finding *b)
{
    return a->order == b->order && a->record == b->record && str_eq(a->id, b->id);
}

static void where(struct buf *b, const struct ci_finding *f)
{
    escape_xml(b, f->path);
    buf_printf(b, " record %llu, turn %d, %s\n", (unsigned long long)f->record, f->turn,
               f->status == GATE_CONFIRMED ? "confirmed" : "suspected");
    if (!f->text.n) return;
    escape_xml(b, f->text);
    buf_putc(b, '\n');
}

/* Findings [i, end) of one conversation: one case for gate `g`, whose first is i. */
static void gate_case(struct buf *b, const struct ci *ci, size_t i, size_t end, struct count *c)
{
    const struct ci_finding *first = &ci->finding[i];
    bool fail = false, sure = false;
    for (size_t k = i; k < end; k++) {
        if (ci->finding[k].gate != first->gate) continue;
        fail |= fails(ci, &ci->finding[k]);
        sure |= ci->finding[k].status == GATE_CONFIRMED;
    }
    c->tests++;
    *(fail ? &c->failures : &c->skipped) += 1;
    buf_printf(b, "    <testcase classname=\"refrain.gate.G%d\"", first->gate);
    attr(b, "name", first->id);
    const char *status = sure ? "confirmed" : "suspected";
    if (fail) buf_printf(b, " time=\"0\"><failure type=\"G%d.%s\"", first->gate, status);
    else buf_puts(b, " time=\"0\"><skipped");
    buf_printf(b, " message=\"G%d %s: ", first->gate, status);
    escape_xml(b, str_of(gate_kinds[first->gate].title));
    buf_printf(b, "%s\">", fail ? "" : " (no --fail-on rule failed by it)");
    for (size_t k = i; k < end; k++)
        if (ci->finding[k].gate == first->gate) where(b, &ci->finding[k]);
    buf_printf(b, "</%s></testcase>\n", fail ? "failure" : "skipped");
}

static void gates_of_conversation(struct buf *b, const struct ci *ci, size_t i, size_t end, struct count *c)
{
    unsigned seen = 0;
    for (; i < end; i++) {
        if (!(seen >> ci->finding[i].gate & 1)) gate_case(b, ci, i, end, c);
        seen |= 1u << ci->finding[i].gate;
    }
}

/* Gates that never fired pass, so that a clean run has cases too. */
static void silent_gates(struct buf *b, const struct ci *ci, struct count *c)
{
    unsigned fired = 0;
    for (size_t i = 0; i < ci->n_finding; i++) fired |= 1u << ci->finding[i].gate;
    for (int g = 1; g <= 12; g++) {
        if (fired >> g & 1) continue;
        c->tests++;
        buf_printf(b, "    <testcase classname=\"refrain.gate.G%d\" name=\"in none of %llu conversations\" time=\"0\"/>\n", g,
                   (unsigned long long)ci->conversations);
    }
}

void ci_junit(struct buf *b, const struct ci *ci)
{
    struct buf rules = {0}, gates = {0};
    struct count r = {0}, g = {0};
    for (size_t i = 0; i < ci->n_rule; i++) rule_case(&rules, &ci->rule[i], &r);
    for (size_t i = 0, end; i < ci->n_finding; i = end) {
        for (end = i + 1; end < ci->n_finding && same_conversation(&ci->finding[i], &ci->finding[end]);) end++;
        gates_of_conversation(&gates, ci, i, end, &g);
    }
    silent_gates(&gates, ci, &g);
    buf_puts(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    buf_printf(b, "<testsuites name=\"refrain\" tests=\"%llu\" failures=\"%llu\" errors=\"0\" time=\"0\">\n",
               (unsigned long long)(r.tests + g.tests), (unsigned long long)(r.failures + g.failures));
    suite(b, "refrain.fail-on", &r, &rules);
    suite(b, "refrain.gates", &g, &gates);
    buf_puts(b, "</testsuites>\n");
    buf_free(&rules);
    buf_free(&gates);
}
