/* The pool: records from a door → walks on N threads → results in input order.
 * A bounded ring of slots keeps memory independent of the input's size. */
#ifndef REFRAIN_POOL_H
#define REFRAIN_POOL_H

#include "engine.h"
#include "in/door.h"

/* One conversation's bytes in `item.out` end here. */
struct pool_mark {
    uint64_t id_hash;
    size_t end;
};

/* A record on its way: read, walked and formatted by one worker, then written
 * in order. A reject has status != 0 and a reason; conversations of the same
 * record that went well are still in `out`. */
struct pool_item {
    struct record rec;
    struct buf in, out;
    struct pool_mark *mark;
    size_t n_mark, cap_mark;
    int status;
    char reason[240];
    uint64_t input;      /* from 0 over the whole run */
    uint64_t hash;       /* record_hash, where the options ask for it */
};

struct pool_job {
    void *ctx;
    /* In worker `worker`, any order: format the walk into item->out. */
    void (*walk)(void *ctx, unsigned worker, const struct walk *w, struct pool_item *item);
    /* In input order, never two at a time; non-zero stops the run. */
    int (*write)(void *ctx, const struct pool_item *item);
    /* On the calling thread about ten times a second; non-zero stops the run. May be NULL. */
    int (*tick)(void *ctx, uint64_t done, uint64_t total);
};

struct pool_options {
    unsigned threads;            /* 0: all cores */
    struct scanner_options scan;
    size_t in_flight;            /* bytes of records held at once; 0: 64 MiB */
    bool hash;                   /* of every record, before it is parsed in place */
};

unsigned pool_threads(unsigned asked); /* what 0 stands for here */
/* Returns 0, or what write/tick returned, or a status with err set. */
int pool_run(struct door *door, const refrain_engine *engine, const struct pool_options *opt,
             const struct pool_job *job, refrain_error *err);

#endif
