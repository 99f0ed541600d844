/* Files through the pool: engine, door, progress, rejects. Commands that read
 * many conversations differ only in what they do with a walk. */
#ifndef REFRAIN_CLI_BATCH_H
#define REFRAIN_CLI_BATCH_H

#include "cli/cli.h"

enum { BATCH_INTERRUPTED = 130 };

struct batch_state; /* batch.c's own */
struct batch {
    /* in */
    const struct engine_args *engine;
    const struct input_args *input;
    unsigned threads;
    const char *rejects;          /* file, NULL */
    bool quiet;                   /* no progress, no list of rejects on stderr */
    void *ctx;
    void (*walk)(void *ctx, unsigned worker, const struct walk *w, struct pool_item *item);
    int (*write)(void *ctx, const struct pool_item *item); /* in order; NULL: nothing to write */
    /* before the first record, with all that was loaded; may read on in the door. NULL: nothing to do */
    int (*start)(void *ctx, struct batch_state *state, const refrain_engine *engine, struct door *door);
    bool hash;                    /* of every record, for write */
    /* out */
    uint64_t rejected;
};
/* DONE, SOME_REJECTED, FAILED (said on stderr), or what write returned. */
int batch_run(struct batch *b, const char *const *path, size_t n_path);
/* A reject that stands from before, for `start`: counted, listed and written as any other. */
int batch_reject(struct batch_state *state, const char *path, uint64_t record, uint64_t offset, const char *reason);

#endif
