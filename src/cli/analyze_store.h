/* refrain analyze into a store: what the command line and a stored run have to
 * say to each other. The file itself is out/store.h's. */
#ifndef REFRAIN_CLI_ANALYZE_STORE_H
#define REFRAIN_CLI_ANALYZE_STORE_H

#include "cli/batch.h"
#include "out/ci.h"
#include "out/store.h"

struct stored {
    /* in */
    const char *path;
    bool resume;
    bool *text;                      /* --store-text; a resumed run sets it */
    const struct opt_group *groups;  /* those that can change a result; a title of NULL ends */
    void *options;
    const void *defaults;
    struct engine_args *engine;
    /* The run as it stands in the store; a resumed one's rows from before go to these. */
    void *ctx;
    void (*had_conversation)(void *ctx, str id);
    void (*had_gate)(void *ctx, const struct ci_finding *f); /* its order: the conversation's, from 0 */
    /* out */
    const char *const *arg;          /* what to read */
    size_t n_arg;
    bool finished;                   /* nothing is left to do */
    /* its own */
    struct store *store;
    struct store_run run;
    struct arena a;
    char as_of[16];
};

/* Before anything is loaded: on --resume, options and arguments come from the
 * store; what was given besides must be the same. Returns 0, or FAILED after its line. */
int stored_open(struct stored *s, const char *const *arg, size_t n_arg);
/* batch.start: makes the store, or brings the door to where the run stopped. */
int stored_start(struct stored *s, struct batch_state *batch, const refrain_engine *engine, struct door *door);
/* In order: the conversations of a record, then that it is done. */
int stored_put(struct stored *s, str rows, bool repeated);
int stored_done(struct stored *s, const struct pool_item *item);
/* Commits what is there. FAILED after its line. */
int stored_close(struct stored *s, bool finished);

#endif
