/* What a run found, for machines and for pull requests: JUnit XML, SARIF 2.1.0,
 * Markdown. The caller fills a `ci`; writers only format it. Nothing here holds
 * text of a conversation unless the caller put it into `finding.text`. */
#ifndef REFRAIN_OUT_CI_H
#define REFRAIN_OUT_CI_H

#include "walk.h"

/* A gate that fired at one turn. */
struct ci_finding {
    str id, path, text;       /* text: the words of the turn, empty unless asked for */
    uint64_t record;          /* from 1 within path */
    uint64_t order;           /* place in the input: findings stand by it, then by turn */
    int turn, episode;        /* episode -1: of the conversation */
    uint8_t gate, status;     /* 1..12, enum gate_status */
};

enum ci_verdict { CI_PASS, CI_FAIL, CI_UNDEFINED /* nothing to measure it on: neither */ };
struct ci_rule {
    const char *text;         /* the expression, as written */
    enum ci_verdict verdict;
    const char *reason;       /* one line: what was measured, against what */
    unsigned gates[2];        /* by gate_status: bit per gate that the rule is about; 0: a rule about a figure */
};

struct ci_figure {
    const char *id, *name, *unit;
    double value, lo, hi;     /* NAN: undefined */
    uint64_t n;               /* of the denominator */
    bool has_base;
    double base, diff, diff_lo, diff_hi, p; /* p after correction; NAN: none */
    int change;               /* +1 better, -1 worse beyond chance, 0 neither */
};

struct ci {
    const char *version, *pack;            /* of refrain; hash of the pack, "" unknown */
    uint64_t conversations, rejected;
    const struct ci_finding *finding; size_t n_finding;
    const uint64_t *rank;                  /* by finding: its conversation's, the highest is read first; NULL: input order */
    const struct ci_rule *rule; size_t n_rule;
    const struct ci_figure *figure; size_t n_figure;
    const char *const *note; size_t n_note; /* warnings: one line each */
    const char *baseline;                  /* path of what figures are compared with, NULL */
};

/* "0.071", "2", "62.4", "–" undefined. */
const char *ci_number(char out[static 32], double v);

void ci_junit(struct buf *b, const struct ci *ci);
void ci_sarif(struct buf *b, const struct ci *ci);
void ci_markdown(struct buf *b, const struct ci *ci); /* short: for a pull request */

#endif
