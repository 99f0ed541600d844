/* Figures for CI: the metrics of a run, and how they changed against baselines. */
#ifndef REFRAIN_CLI_CI_FIGURES_H
#define REFRAIN_CLI_CI_FIGURES_H

#include "cli/run_store.h"
#include "stats/changes.h"

/* A run that others are held against, and what changed since. */
struct baseline {
    const char *name;        /* as --fail-on names it */
    struct changes changes;
    struct buf why;          /* reasons why the two are not comparable, a line each */
    const struct changes *given; /* changes that the caller has already; else `changes` is its own */
};
enum { BASELINES = 8 };

struct ci_figures {
    struct run now;
    struct metrics m;
    bool has;                /* m is filled */
    const char *store;       /* path of now */
    const struct corpus_filter *filter;
    struct baseline base[BASELINES];
    size_t n_base;
    unsigned threads;
};

/* Reads the store; `figures`: its metrics too. 0, or FAILED after a line. */
int figures_open(struct ci_figures *f, const char *store, const struct corpus_filter *filter, unsigned threads, bool figures);
/* The baseline of that name, read and compared when it is new; NULL after a line. */
const struct baseline *figures_against(struct ci_figures *f, const char *name);
void figures_close(struct ci_figures *f);
const struct changes *baseline_changes(const struct baseline *b);

/* Ids of the conversations that raise (direction +1) or lower a metric most; returns how many of k. */
size_t figures_who(str *id, size_t k, const struct ci_figures *f, const char *metric, int direction);

/* The figures that a page shows: those asked for by rules, then the usual ones. */
struct ci_figure *figures_page(size_t *n, const struct ci_figures *f, const char *const *asked, size_t n_asked, struct arena *a);

#endif
