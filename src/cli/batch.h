/* Files through the pool: engine, door, progress, rejects. Commands that read
 * many conversations differ only in what they do with a walk. */
#ifndef REFRAIN_CLI_BATCH_H
#define REFRAIN_CLI_BATCH_H

#include "cli/cli.h"

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
    /* out */
    uint64_t rejected;
};
/* DONE, SOME_REJECTED, FAILED (said on stderr), or what write returned. */
int batch_run(struct batch *b, const char *const *path, size_t n_path);

#endif
