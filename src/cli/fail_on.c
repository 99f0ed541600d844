/* The parser of --fail-on; the grammar stands in fail_on.h. */
#include "cli/fail_on.h"

#include <ctype.h>
#include <stdlib.h>

#include "report/report.h"

const char *const fail_op_text[] = {">", ">=", "<", "<="};

static const char *const gate_sets[] = {"critical", "major", "any", "G1", "G2",  "G3",  "G4", "G5",
                                        "G6",       "G7",    "G8",  "G9", "G10", "G11", "G12"};
static const unsigned gate_bits[] = {GATES_CRITICAL, GATES_ALL & ~GATES_CRITICAL, GATES_ALL, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096};

struct parse {
    struct fail_rules *out;
    const struct fail_names *names;
    const char *implied;
    const char *z, *p;       /* the list, and how far it is read */
};

/* ---- errors: column in the option's value, what is wrong, what would be right ---- */

static int wrong(const struct parse *s, const char *at, const char *what)
{
    return cli_error("--fail-on: column %zu of '%s': %s", (size_t)(at - s->z) + 1, s->z, what);
}

static int unknown(const struct parse *s, const char *at, const char *kind, const char *word, const char *const *names,
                   size_t n, const char *else_say)
{
    char what[512];
    const char *near = err_nearest(word, names, n);
    if (near) snprintf(what, sizeof what, "unknown %s '%s'; did you mean '%s'?", kind, word, near);
    else snprintf(what, sizeof what, "unknown %s '%s'; %s", kind, word, else_say);
    return wrong(s, at, what);
}

/* ---- pieces ---- */

static void blanks(struct parse *s)
{
    while (*s->p == ' ' || *s->p == '\t') s->p++;
}

static bool in_word(char c) { return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '-' || c == '@'; }

static str word(struct parse *s)
{
    const char *begin = s->p;
    while (in_word(*s->p)) s->p++;
    return (str){begin, (size_t)(s->p - begin)};
}

static int find_name(const char *given, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_ieq(str_of(given), str_of(names[i]))) return (int)i;
    return -1;
}

static int gate_set(struct parse *s, struct fail_rule *r, const char *given, const char *at)
{
    int k = find_name(given, gate_sets, ARRAY_LEN(gate_sets));
    if (k < 0)
        return unknown(s, at, "gate", given, gate_sets, ARRAY_LEN(gate_sets), "G1 to G12, critical, major or any");
    r->name = gate_sets[k];
    r->subject = FAIL_GATE;
    r->range = FAIL_COUNT;
    r->gates[GATE_CONFIRMED] = r->gates[GATE_SUSPECTED] = gate_bits[k];
    return 0;
}

/* A name without "gate:" before it: a gate, a figure, or neither. */
static int plain_subject(struct parse *s, struct fail_rule *r, const char *given, const char *at)
{
    const char *names[512];
    int k = find_name(given, s->names->id, s->names->n);
    if (k >= 0) {
        r->subject = FAIL_METRIC;
        r->metric = (size_t)k;
        r->name = s->names->id[k];
        r->range = s->names->range[k];
        return 0;
    }
    if (find_name(given, gate_sets, ARRAY_LEN(gate_sets)) >= 0) return gate_set(s, r, given, at);
    if (str_ieq(str_of(given), STR("decline"))) {
        if (!r->baseline) r->baseline = s->implied;
        r->subject = FAIL_DECLINE;
        r->name = "decline";
        r->range = FAIL_SHARE;
        return r->baseline ? 0 : wrong(s, at, "'decline' needs something to decline from: vs:baseline.sqlite decline>0.03");
    }
    size_t n = 0;
    for (size_t i = 0; i < s->names->n && n + ARRAY_LEN(gate_sets) < ARRAY_LEN(names); i++) names[n++] = s->names->id[i];
    for (size_t i = 0; i < ARRAY_LEN(gate_sets); i++) names[n++] = gate_sets[i];
    return unknown(s, at, "gate or metric", given, names, n, "docs/statistics.md lists the metrics");
}

static int subject(struct parse *s, struct fail_rule *r)
{
    const char *at = s->p;
    str w = word(s);
    char given[96];
    bool gate = str_eqz(w, "gate") && *s->p == ':';
    if (gate) {
        s->p++;
        at = s->p;
        w = word(s);
    }
    snprintf(given, sizeof given, "%.*s", STR_ARG(w));
    if (w.n == 0) return wrong(s, at, gate ? "a gate should stand here: G1 to G12, critical, major or any" : "a gate or a metric should stand here");
    return gate ? gate_set(s, r, given, at) : plain_subject(s, r, given, at);
}

static int qualifiers(struct parse *s, struct fail_rule *r)
{
    static const char *const words[] = {"confirmed", "sure"};
    while (*s->p == ':') {
        const char *at = ++s->p;
        char given[64];
        str w = word(s);
        snprintf(given, sizeof given, "%.*s", STR_ARG(w));
        int k = find_name(given, words, ARRAY_LEN(words));
        if (k < 0) return unknown(s, at, "word", given, words, ARRAY_LEN(words), "'confirmed' behind a gate, 'sure' behind a metric");
        if ((k == 0) != (r->subject == FAIL_GATE))
            return wrong(s, at, k == 0 ? "'confirmed' belongs to a gate; a metric may be 'sure'"
                                       : "'sure' belongs to a metric; a gate may be 'confirmed'");
        if (k == 0) r->gates[GATE_SUSPECTED] = 0;
        else r->sure = true;
    }
    return 0;
}

/* A limit that no value can pass. A limit above that every value passes is odd, but does fail. */
static int reachable(const struct parse *s, const struct fail_rule *r, const char *at, bool percent)
{
    char what[192], instead[48] = "";
    double least = r->baseline ? -1 : 0;
    if (r->range == FAIL_ANY) return 0;
    if (r->range == FAIL_COUNT) {
        if (r->limit > 0 || (r->limit == 0 && r->op != FAIL_LT)) return 0;
        snprintf(what, sizeof what, "%s is a count, 0 or more", r->name);
        return wrong(s, at, what);
    }
    if (r->limit >= least && r->limit <= 1 && !(r->op == FAIL_GT && r->limit == 1) && !(r->op == FAIL_LT && r->limit == least))
        return 0;
    if (r->limit <= 100 && r->limit >= (percent ? 2 : 1)) snprintf(instead, sizeof instead, "; did you mean %.4g%%?", r->limit);
    snprintf(what, sizeof what, "%s is a %sshare, %g to 1%s", r->name, r->baseline ? "change of a " : "", least, instead);
    return wrong(s, at, what);
}

static int limit(struct parse *s, struct fail_rule *r)
{
    const char *at = s->p;
    if (*at != '>' && *at != '<') {
        if (*at == '=' || *at == '!') return wrong(s, at, "operators are > >= < <=");
        if (r->subject == FAIL_GATE) return r->op = FAIL_GT, r->limit = 0, 0;
        return wrong(s, at, "an operator and a number should follow: > >= < <=");
    }
    r->op = *at == '>' ? FAIL_GT : FAIL_LT;
    s->p++;
    if (*s->p == '=') r->op++, s->p++;
    blanks(s);
    char *end;
    at = s->p;
    if (!isdigit((unsigned char)*at) && *at != '.' && *at != '-') return wrong(s, at, "a number should stand here");
    r->limit = strtod(at, &end);
    if (end == at) return wrong(s, at, "a number should stand here");
    s->p = end;
    bool percent = *s->p == '%';
    if (percent) r->limit /= 100, r->share = true, s->p++;
    if (percent && r->subject == FAIL_GATE) r->range = FAIL_SHARE;
    return reachable(s, r, at, percent);
}

/* "vs:PATH " before a subject; a path ends at a blank. */
static int baseline(struct parse *s, struct fail_rule *r)
{
    if (strncmp(s->p, "vs:", 3)) return 0;
    const char *at = s->p += 3;
    while (*s->p && *s->p != ' ' && *s->p != '\t') s->p++;
    if (s->p == at) return wrong(s, at, "the path of a store should stand here: vs:baseline.sqlite decline>0.03");
    r->baseline = arena_str(&s->out->mem, (str){at, (size_t)(s->p - at)}).p;
    blanks(s);
    return 0;
}

/* Gates that only people can confirm, and ":confirmed" behind them: said, since the check looks like one. */
static void never_confirmed(const struct fail_rule *r)
{
    if (r->subject != FAIL_GATE || r->gates[GATE_SUSPECTED] || fail_on_holds(r, 0)) return;
    for (int g = 1; g <= 12; g++)
        if (r->gates[GATE_CONFIRMED] >> g & 1 && gate_kinds[g].confirmable) return;
    cli_say("refrain: warning: --fail-on '%s': %s%s never confirmed without human codes: this check cannot fail; use '%s'", r->text,
            r->name, r->name[0] == 'G' ? " is" : " gates are", r->name);
}

static int expression(struct parse *s)
{
    if (s->out->n == FAIL_RULES) return wrong(s, s->p, "more than 64 expressions");
    struct fail_rule *r = &s->out->rule[s->out->n];
    *r = (struct fail_rule){0};
    const char *begin = s->p;
    int rc = baseline(s, r);
    if (!rc) rc = subject(s, r);
    const char *behind = s->p;
    if (!rc && r->baseline && r->subject == FAIL_GATE)
        return wrong(s, behind, "a gate is no figure that declines; leave 'vs:' away, or name a metric");
    if (!rc) rc = qualifiers(s, r);
    blanks(s);
    if (!rc) rc = limit(s, r);
    if (rc) return rc;
    if (r->baseline && r->op >= FAIL_LT) return wrong(s, behind, "behind 'vs:' stands how much worse is too much: > or >=");
    r->text = arena_str(&s->out->mem, str_trim((str){begin, (size_t)(s->p - begin)})).p;
    never_confirmed(r);
    s->out->n++;
    return 0;
}

int fail_on_parse(struct fail_rules *out, const struct opt_list *from, const struct fail_names *names, const char *implied)
{
    out->n = 0;
    arena_init(&out->mem, 0);
    for (size_t i = 0; i < from->n; i++) {
        struct parse s = {out, names, implied, from->v[i], from->v[i]};
        blanks(&s);
        if (!*s.p) return cli_error("--fail-on: empty; leave it away, or name a gate or a metric, such as critical");
        while (*s.p) {
            int rc = expression(&s);
            if (rc) return rc;
            blanks(&s);
            if (*s.p && *s.p != ',') return wrong(&s, s.p, "a comma or the end should stand here");
            if (*s.p == ',') s.p++;
            blanks(&s);
        }
    }
    return 0;
}

void fail_on_free(struct fail_rules *r) { arena_free(&r->mem); }

bool fail_on_needs_figures(const struct fail_rules *r)
{
    for (size_t i = 0; i < r->n; i++)
        if (r->rule[i].subject != FAIL_GATE) return true;
    return false;
}

bool fail_on_holds(const struct fail_rule *r, double v)
{
    switch (r->op) {
    case FAIL_GT: return v > r->limit;
    case FAIL_GE: return v >= r->limit;
    case FAIL_LT: return v < r->limit;
    case FAIL_LE: return v <= r->limit;
    }
    return false;
}
