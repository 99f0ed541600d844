/* A store → the figures of codebook §3 over many conversations, each with its
 * count and a 95 % interval.
 *
 * In: a store (out/store.h), or arrays that a caller fills. Out: `struct
 * metrics`, the same for every writer: `refrain report --format
 * text|json|csv|md` prints it by metrics_write.h, the web page embeds its
 * JSON, compare and the gates of CI read values by id. There is no other
 * command for it.
 *
 * A metric is a function of sums over conversations. What a conversation adds
 * to the sums stands in `struct contributions`, sparse and by row, so that
 * paired tests and differences need no second pass over the data.
 *
 * The bootstrap draws clusters with replacement, 2,000 times, percentile
 * interval; all metrics of a draw see the same draw. A cluster is a
 * conversation, or all regenerations of one prompt. Draws in which a metric is
 * undefined do not count; without half of them, or with one cluster, there is
 * no interval (the rule of stats.h), nor of a share that is 0 or 1 in every
 * draw. An undefined value is NAN with a reason, never 0. */
#ifndef REFRAIN_STATS_CORPUS_H
#define REFRAIN_STATS_CORPUS_H

#include "stats/stats.h"
#include "walk.h"

struct sqlite3; /* a store opened by out/store.h */

/* ---- what a run left, by table; all strings end in NUL, "" is not recorded ---- */

#define CORPUS_NULL INT16_MIN /* a code without a value */

enum corpus_key { KEY_NONE, KEY_MODEL, KEY_LOCALE, KEY_LANGUAGE, KEY_COUNTRY, KEY_POPULATION, KEY_PATH, KEY_RTYPE, N_KEY };
extern const char *const corpus_key_names[N_KEY]; /* "none", "model", …: what --by and filters take */

struct corpus_conv {
    const char *id, *path;
    uint64_t record;
    const char *model, *locale, *language, *country, *jurisdiction, *regeneration_group;
    const char *const *population; /* stated or recorded; a conversation may stand in several groups */
    uint32_t n_population;
    uint32_t cluster;              /* for the bootstrap; regenerations of one prompt share it */
    uint32_t turn0, turn1;         /* its rows in the other arrays: [x0, x1) */
    uint32_t episode0, episode1, contact0, contact1, gate0, gate1;
};
struct corpus_turn {
    int64_t ts;                    /* milliseconds since the epoch, TS_NONE */
    uint32_t i;                    /* in its conversation */
    uint32_t acts;                 /* bits of u_act or a_act, by role */
    uint16_t flags;                /* risk_flag */
    uint8_t role, rtype, decision; /* rtype RT_EMPTY where the result has none */
    uint8_t bid;                   /* BID_*: of a user turn, or of the one that a reply answers */
    int8_t risk;                   /* R carried forward, RISK_X */
    int8_t said;                   /* R in that bid's own words */
    int32_t bid_turn;              /* user turn that a reply answers, -1 */
    int16_t ask, bare, ack, blame, open, boiler, kind, need; /* codes of a reply: P2.ask, P3.*, P4.*; CORPUS_NULL */
    uint32_t text_cluster;         /* of refusals: equal where J5 >= .6 links them; UINT32_MAX not known */
};
struct corpus_episode {
    uint32_t start, anchor, end;   /* turns of its conversation, inclusive */
    uint32_t refusal0, refusal1;   /* in corpus.refusal */
    uint8_t end_reason, rtype, hard, decision, quadrant, decay; /* decay: enum decay_dir */
    int8_t risk, pc;               /* pc -1 not known */
    uint16_t flags;
    uint16_t next;                 /* enum next */
    bool has_decay;
    int16_t decay_delta;
    double phase[5][N_SH];         /* NAN: not scored */
    double coverage[5];
    int16_t code[N_CONSTRUCT];     /* value; CORPUS_NULL, also for categories */
    int32_t recovered;             /* turn of the return or uptake that is >= 2, -1 none */
};
struct corpus_contact { uint32_t turn; uint8_t status; bool stale, negated; };
struct corpus_gate { uint8_t id, status; int32_t turn, episode; /* of its conversation; -1 */ };

struct corpus {
    struct arena *a;
    vec_of(struct corpus_conv) conv;
    vec_of(struct corpus_turn) turn;
    vec_of(struct corpus_episode) episode;
    vec_of(uint32_t) refusal;      /* turns of the conversation, by episode */
    vec_of(struct corpus_contact) contact;
    vec_of(struct corpus_gate) gate;
};

struct corpus_where { enum corpus_key key; const char *value; };
struct corpus_filter { const struct corpus_where *where; size_t n; }; /* all must hold; NULL or n 0: everything */

/* Reads a store. 0, or a refrain_status with a line in err. Free by corpus_free. */
int corpus_load(struct corpus **out, struct sqlite3 *db, const struct corpus_filter *f, refrain_error *err);
/* An empty one to fill by hand (tests, callers with walks). NULL: out of memory. */
struct corpus *corpus_new(void);
void corpus_free(struct corpus *c);
/* Key by its name, or -1. */
int corpus_key_of(const char *name);
/* Is the conversation in the group `value` of `key`? "" is the group of those without a value. */
bool corpus_in(const struct corpus *c, size_t conv, enum corpus_key key, const char *value);
/* The groups of a key, sorted, "" last; in the corpus's arena. */
size_t corpus_groups(const char *const **out, struct corpus *c, enum corpus_key key);

/* ---- the table of metrics ---- */

struct metric_def {
    const char *id;        /* "over_refusal": stable, what --fail-on and JSON use */
    const char *family;    /* heading under which reports show it: "decision", "risk", "referral", … */
    const char *label;     /* "Over-refusal" */
    const char *text;      /* one sentence: what over what */
    const char *unit;      /* share, count, turns, points, slope, coefficient */
    int better;            /* +1 higher is better, -1 lower, 0 neither */
    const char *of;        /* what n counts: "replies to benign bids" */
    const char *source;    /* key of codebook §9, or the method's paper; "" */
    bool equity;           /* worst over best group is taken of it */
};
size_t metric_count(void);
const struct metric_def *metric_at(size_t i);
const struct metric_def *metric_def_of(const char *id); /* NULL: no such */

/* ---- figures ---- */

struct metric {
    const char *id;
    const char *group;     /* "" the whole corpus, else a value of opts.by */
    double value, lo, hi;  /* NAN: undefined, `reason` says why */
    uint64_t n;            /* units in the denominator */
    uint64_t n_cluster;    /* clusters that add to it */
    uint64_t censored;     /* of n: not observed to their end; or left out because unknown, as the definition says */
    const char *unit;
    int better;
    const char *reason;    /* of a NAN value, or of a missing interval; NULL */
    const struct metric_def *def;
};
/* A row of a transition matrix: what people did before and after a refusal. */
struct metric_transition {
    const char *quadrant;  /* quadrant_names; "unjudged" */
    const char *when;      /* "next": r-1 → r+1, "end": r-1 → last user turn of the episode */
    const char *from, *to;
    uint64_t n, n_from;
    double value, lo, hi;  /* n / n_from */
};
struct metric_point { uint32_t t; uint64_t at_risk, events, competing, censored; double s, lo, hi; }; /* s: share still waiting after user turn t */
/* tta, ttr: Kaplan-Meier. recovery: 1 - cumulative incidence, other ends compete. */
struct metric_curve { const char *id; const char *group; struct metric_point *point; size_t n; };
struct metric_equity {
    const char *id, *key;          /* of metric_def; "locale", "language", "population" */
    const char *worst, *best;      /* groups */
    double worst_value, best_value;
    double value, lo, hi;          /* worst ÷ best; NAN with reason */
    const char *const *left_out;   /* groups under opts.min_group units */
    size_t n_group, n_left_out;
    const char *reason;
};
struct metric_year { int year; /* 0: no time recorded */ uint64_t conversations, at_risk_replies, notices; };

struct metrics {
    struct arena *a;
    struct metric *m; size_t n;                    /* by group, then in the order of the table */
    struct metric_transition *transition; size_t n_transition;
    struct metric_curve *curve; size_t n_curve;
    struct metric_equity *equity; size_t n_equity;
    struct metric_year *year; size_t n_year;
    uint64_t conversations, clusters, turns, replies, episodes;
    uint32_t draws; uint64_t seed; uint32_t min_group;
    enum corpus_key by;
};
struct metrics_opts {
    uint32_t draws;        /* 0: no intervals */
    uint64_t seed;
    enum corpus_key by;    /* KEY_NONE: the whole only; else the whole first, then each group */
    uint32_t min_group;    /* equity: groups with fewer units are named and left out */
    uint32_t threads;      /* figures do not depend on it */
};
#define METRICS_OPTS_DEFAULT ((struct metrics_opts){2000, 1, KEY_NONE, 20, 2})

/* Empties `out` first. False: out of memory. Free by metrics_free. */
bool corpus_metrics(struct metrics *out, struct corpus *c, const struct metrics_opts *o);
void metrics_free(struct metrics *m);
/* Of one group ("": the whole); NULL when there is no such metric. */
const struct metric *metrics_get(const struct metrics *m, const char *id, const char *group);

/* ---- for comparisons ---- */

/* What each conversation adds to each cell. Conversation i of the corpus has
 * the entries at[i] … at[i+1]-1; a metric is a function of the cells' sums. */
struct contribution { uint32_t cell; double amount; };
struct contributions {
    struct contribution *p;
    size_t *at;            /* [n_conv + 1] */
    uint32_t *cluster;     /* [n_conv] dense numbers from 0 */
    size_t n_conv, n_cluster, n_cell;
};
bool corpus_contribute(struct contributions *out, const struct corpus *c); /* false: out of memory */
void contributions_free(struct contributions *x);
/* All metrics of the table from sums of cells: out[i] belongs to metric_at(i); NAN undefined. */
void metrics_of_cells(double *out, const double *cells);
/* Numerator and denominator in cells for metrics that are a ratio of sums
 * (or 1 minus one): false for the others. For sign-flip and McNemar tests. */
bool metric_ratio_cells(size_t metric, uint32_t *numerator, uint32_t *denominator, bool *one_minus);

#endif
