/* The store: a run's results as one SQLite file (store.sql, docs/store.md).
 *
 * Whoever reads one takes the connection from store_open and asks in SQL. */
#ifndef REFRAIN_OUT_STORE_H
#define REFRAIN_OUT_STORE_H

#include <sqlite3.h>

#include "base/base.h"

enum {
    STORE_APPLICATION_ID = 0x7266726E, /* "rfrn" in the file's header */
    STORE_VERSION = 1                  /* user_version: of the tables, not of the result contract */
};

/* ---- reading ---- */

/* Read only. A file that is no store, or of a future version, is an error that
 * says so. A store whose writer was killed is first brought back to its last
 * committed record, which needs the right to write it. Close with sqlite3_close. */
int store_open(sqlite3 **out, const char *path, refrain_error *err);

struct store_run {
    const char *refrain_version, *pack_version, *pack_hash, *model_hash, *directory_version, *as_of;
    const char *options, *arguments;   /* JSON */
    const char *started, *finished;    /* UTC; finished NULL: cut short */
    int64_t schema_version;
    int64_t store_text;
    int64_t conversations, rejected;
};
/* Strings live in `a`. */
int store_run(struct store_run *out, struct arena *a, sqlite3 *db, refrain_error *err);

/* How many reasons there are why figures of two runs must not be set against
 * each other; one line each goes to `why`, which may be NULL. Inputs, models
 * and times may differ: that is what one compares. */
unsigned store_differences(struct buf *why, const struct store_run *a, const struct store_run *b);

/* SQLite's own words as an error about `path`; returns err->status. */
int store_error(refrain_error *err, sqlite3 *db, const char *path);

#endif
