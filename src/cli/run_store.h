/* A finished run to take figures from: a store, or input files that are
 * analysed into a store of their own, which goes away again. */
#ifndef REFRAIN_CLI_RUN_STORE_H
#define REFRAIN_CLI_RUN_STORE_H

#include "cli/analyze_store.h"
#include "out/ci.h"
#include "out/store.h"
#include "stats/corpus.h"

struct run_source {
    struct engine_args *engine;
    const struct input_args *input;
    unsigned threads;
    bool quiet;
};

/* The path of a store of what `path` names: itself, or a new one in TMPDIR, then
 * *made: free and unlink by run_forget. DONE, SOME_REJECTED or FAILED after a line. */
int run_store_of(char **store, bool *made, const char *path, const struct run_source *from);
void run_forget(char *store, bool made);

/* A store in TMPDIR, made while records are analysed for something else. */
struct side_store {
    char *path;
    struct stored stored;
    struct { struct engine_args engine; struct input_args input; } o; /* copies: what the run is known by */
    bool text;
};
/* `as_of` of the engine's options is set where it was not, so that both are of
 * one day; it points into `s`. 0, or FAILED after a line. */
int side_open(struct side_store *s, struct engine_args *engine, const struct input_args *input, const char *const *arg, size_t n_arg);
int side_close(struct side_store *s, bool finished);
void side_forget(struct side_store *s);

struct run {
    const char *name;       /* for messages */
    sqlite3 *db;
    struct store_run about;
    struct corpus *corpus;  /* what the filter lets through */
    struct arena a;
};
int run_open(struct run *r, const char *store, const char *name, const struct corpus_filter *filter); /* 0, or FAILED after a line */
void run_close(struct run *r);
/* Gates of its conversations, in input order; malloc'd, the strings are the corpus's. NULL: out of memory. */
struct ci_finding *run_findings(size_t *n, const struct corpus *c);
/* How much a conversation asks to be read, as the summary ranks (out/summary.c). */
uint64_t run_rank(const struct corpus *c, size_t conv);

#endif
