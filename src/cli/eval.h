/* refrain eval: labelled rows → measures → figures. One `struct eval` a file;
 * everything that it holds lies in its arena, whose handler catches the end of
 * memory. docs/eval.md has the label formats and what each figure is. */
#ifndef REFRAIN_CLI_EVAL_H
#define REFRAIN_CLI_EVAL_H

#include <yyjson.h>

#include "cli/cli.h"
#include "stats/stats.h"

/* Strings in order of first appearance. */
struct names { vec_of(str) list; };

enum measure_kind {
    MEASURE_CLASS,   /* one of several names */
    MEASURE_LEVEL,   /* numbers 0, 1, 2, …: distance counts */
    MEASURE_SET      /* any of several names */
};
enum set_cell { SET_MISSED, SET_EXTRA, SET_FOUND, N_SET_CELL };
struct eval_row {
    uint32_t item;
    int16_t want, got; /* class index. Sets: member, enum set_cell */
    float conf;        /* of what was read, NAN unknown */
};
struct measure {
    const char *name;
    enum measure_kind kind;
    struct names class;                 /* or members */
    vec_of(struct eval_row) row;
    uint32_t n_item, n_left_out;        /* compared; null or X on either side */
    struct stats_calibration sure;      /* said against right */
};
struct eval_item { str id, text; uint32_t cluster; int group; };

#define EVAL_NO_GROUP "(unknown)"       /* of rows without the field of --by */
struct eval_options {
    const char *by;                     /* model, source, persona or any field; NULL */
    bool show_text;
    struct stats_bootstrap bootstrap;
    uint32_t n_error;
};
struct eval {
    struct arena a;
    const char *path;
    const struct eval_options *o;
    refrain_scanner *scanner;
    vec_of(struct eval_item) item;
    struct names cluster, group;
    vec_of(struct measure *) measure;
    struct names unit, skip_why;        /* kinds of rows, reasons of those left aside */
    struct names unread;                /* keys beside the labels that are compared with nothing */
    uint32_t n_unit[8], n_skip[16], n_unread[16];
    struct buf why;                     /* what is wrong with the record in hand */
    uint64_t n_rejected;
};

/* ---- eval_rows.c: rows of a measure ---- */
struct measure *eval_measure(struct eval *e, const char *name, enum measure_kind kind);
uint32_t eval_item(struct eval *e, yyjson_val *record, const char *unit, str text);
void eval_class(struct eval *e, const char *name, uint32_t item, str want, str got, float conf);
void eval_level(struct eval *e, const char *name, uint32_t item, int want, int got, float conf);
void eval_left_out(struct eval *e, const char *name, enum measure_kind kind);
void eval_skip(struct eval *e, const char *why);
void eval_not_compared(struct eval *e, const char *key);
/* Members as bits: want and got over `name[0..n)`; p NULL, or the probability of each. */
void eval_set(struct eval *e, const char *measure, uint32_t item, uint64_t want, uint64_t got, const char *const *name,
              size_t n, const float *p);
/* After the last row, before any figure. */
void eval_settle(struct eval *e);

/* ---- eval_read.c: one labelled record ---- */
bool eval_record(struct eval *e, yyjson_val *record); /* false: nothing of it was compared, e->why says why */

/* ---- eval_check.c: are its labels what labels may be? ---- */
enum eval_form { EVAL_NONE, EVAL_REPLY, EVAL_SENTENCE, EVAL_PAIR, EVAL_EPISODES };
bool eval_check(struct eval *e, enum eval_form form, yyjson_val *record); /* false: see e->why */
/* "key is VALUE; did you mean …?", or all of `name`, which NULL ends. */
void eval_wrong_name(struct buf *why, const char *key, yyjson_val *given, const char *const *name);

/* ---- eval_figures.c ---- */
/* Figures of a measure over items of `group` (-1: all), [n_figure] then three a class: precision, recall, F1. */
enum figure { FIG_ACCURACY, FIG_WITHIN_1, FIG_MACRO_F1, FIG_KAPPA, FIG_KAPPA_W, FIG_ALPHA, FIG_AC, FIG_MICRO_P, FIG_MICRO_R,
              FIG_MICRO_F1, FIG_MEAN_F1_20, N_FIGURE };
extern const char *const figure_names[N_FIGURE];
bool figure_fits(enum figure f, const struct measure *m); /* does it belong to this kind of measure? */
struct figures {
    uint32_t n;                          /* items (sets: rows) */
    uint32_t n_of[STATS_MAX_CLASS];      /* labelled, by class */
    double *table;                       /* counts: k x k, or [member][enum set_cell] */
    struct stats_interval *of;           /* [N_FIGURE + 3 k] */
};
void eval_figures(struct figures *out, struct eval *e, const struct measure *m, int group);
/* Mean weighted kappa of the reply scales; n 0: there are none. */
struct mean_scale { int n; struct stats_interval kappa; };
struct mean_scale eval_mean_scale(struct eval *e, int group);
/* Indices of a measure's worst errors, worst first; n at most `max`. */
size_t eval_errors(struct eval *e, const struct measure *m, uint32_t *row, size_t max);

/* ---- eval_print.c, eval_json.c ---- */
void eval_print(struct buf *b, const struct term *t, struct eval *e, bool all);
void eval_json(struct buf *b, struct eval *e);

#endif
