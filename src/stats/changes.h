/* Two corpora → every metric of the table: both values, the difference with
 * its interval and p-value, corrected for many comparisons, what got worse
 * first, and the conversations that make it so.
 *
 * Paired where the two have the same conversations: a unit is a group of
 * regenerations where the records name one, else a conversation by its id.
 * Units that only one side has are then left out, and counted. */
#ifndef REFRAIN_STATS_CHANGES_H
#define REFRAIN_STATS_CHANGES_H

#include "stats/compare.h"
#include "stats/corpus.h"

enum change_verdict { /* in the order of a report */
    CHANGE_WORSE,     /* corrected p < .05, in the direction that the metric calls worse */
    CHANGE_MOVED,     /* corrected p < .05, of a metric without a direction */
    CHANGE_BETTER,
    CHANGE_UNTOLD,    /* not told apart from chance */
    CHANGE_UNDEFINED, /* on one side or both */
    N_CHANGE
};
extern const char *const change_verdict_names[N_CHANGE];

enum { CHANGE_SHOWN = 5 };
struct change {
    const struct metric_def *def;
    struct stats_change d;      /* a, b, diff, lo, hi, p */
    double p_corrected;         /* NAN: no test */
    double worse;               /* diff in the direction called worse; NAN without a direction */
    double worse_lo, worse_hi;  /* its interval */
    uint64_t n_a, n_b;          /* units of the metric's denominator */
    enum change_verdict verdict;
    uint32_t shown[CHANGE_SHOWN]; /* conversations of b that pull the difference most its way */
    double effect[CHANGE_SHOWN];  /* the part of the difference that goes when it is left out */
    size_t n_shown;
};

enum changes_correction { CORRECT_HOLM, CORRECT_BH, CORRECT_NONE, N_CORRECT };
extern const char *const changes_correction_names[N_CORRECT];

struct changes_opts {
    uint64_t seed;
    uint32_t draws, permutations, threads;
    enum changes_correction correction;
    bool unpaired;              /* even where they match */
};
#define CHANGES_OPTS_DEFAULT ((struct changes_opts){1, 2000, 10000, 2, CORRECT_HOLM, false})

struct changes {
    struct arena mem;
    struct change *p;           /* what got worse first */
    size_t n;
    bool paired;
    uint64_t units_a, units_b;  /* before pairing */
    uint64_t units;             /* pairs; 0 when unpaired */
    uint64_t conversations_a, conversations_b; /* that count */
    uint64_t tests;             /* p-values that the correction is over: of figures that some permutation moves */
};

/* Pairs when at least half of the units of either side have a partner, and two
 * do. Leaves in both corpora the conversations that count. False: out of memory. */
bool changes_of(struct changes *out, struct corpus *a, struct corpus *b, const struct changes_opts *o);
void changes_free(struct changes *c);
const struct change *changes_get(const struct changes *c, const char *id);

#endif
