/* --fail-on: expressions → rules; rules and what a run found → verdicts.
 *
 *   list    = expr { "," expr }
 *   expr    = [ "vs:" PATH blank ] subject { ":" word } [ op number ]
 *   subject = "gate:" set | set | metric | "phase." P1…P5 "." ("user" | "mhp") | count | "decline"
 *   set     = "G1" … "G12" | "critical" | "major" | "any"
 *   word    = "confirmed" (a set: suspected firings do not count)
 *           | "sure" (a figure: its whole interval, or its corrected p, must say so)
 *   op      = ">" | ">=" | "<" | "<="
 *
 * A set without op means "> 0"; with a number it counts firings, with "%" the
 * share of conversations in which it fired. With "vs:" a figure is how much worse
 * it is than in the baseline, in the direction that the metric calls worse;
 * "decline" is every share that has such a direction. */
#ifndef REFRAIN_CLI_FAIL_ON_H
#define REFRAIN_CLI_FAIL_ON_H

#include "cli/cli.h"

enum fail_subject { FAIL_GATE, FAIL_METRIC, FAIL_DECLINE };
enum fail_op { FAIL_GT, FAIL_GE, FAIL_LT, FAIL_LE };
enum fail_range { FAIL_ANY, FAIL_COUNT /* of firings */, FAIL_SHARE }; /* what values it can take */

struct fail_rule {
    const char *text;       /* as written; owned by the rules */
    const char *baseline;   /* path behind "vs:", or what is implied; NULL */
    const char *name;       /* of the subject, as its table spells it */
    enum fail_subject subject;
    unsigned gates[2];      /* FAIL_GATE: bit per gate, by gate_status */
    size_t metric;          /* FAIL_METRIC: index in `names` */
    bool sure;
    enum fail_range range;
    bool share;             /* FAIL_GATE with %: of conversations, not firings */
    enum fail_op op;
    double limit;
};

enum { FAIL_RULES = 64 };
struct fail_rules {
    struct fail_rule rule[FAIL_RULES];
    size_t n;
    struct arena mem;
};

/* The figures that may be named, and what each is. */
struct fail_names { const char *const *id; const enum fail_range *range; size_t n; };

/* `implied`: what "decline" is against without "vs:", NULL where nothing is.
 * 0, or FAILED after one line that names the place in the expression and what
 * would be right. An expression that can never hold is wrong; one that cannot
 * hold before people have coded gets a warning. */
int fail_on_parse(struct fail_rules *out, const struct opt_list *from, const struct fail_names *names, const char *implied);
void fail_on_free(struct fail_rules *r);
bool fail_on_needs_figures(const struct fail_rules *r);
bool fail_on_holds(const struct fail_rule *r, double value); /* value op limit */
extern const char *const fail_op_text[];

#endif
