/* The store: a run's results as one SQLite file (store.sql, docs/store.md).
 *
 * A worker turns a finished walk into rows (bytes); one writer, in input order,
 * puts them into the file, in transactions that also hold how far it has read.
 * Whoever reads takes the connection from store_open and asks in SQL. */
#ifndef REFRAIN_OUT_STORE_H
#define REFRAIN_OUT_STORE_H

#include <sqlite3.h>

#include "match/pack.h"

enum {
    STORE_APPLICATION_ID = 0x7266726E, /* "rfrn" in the file's header */
    STORE_VERSION = 1                  /* user_version: of the tables, not of the result contract */
};

/* ---- reading ---- */

/* Read only. A file that is no store, or of a future version, is an error that
 * says so. A store whose writer was killed is first brought back to its last
 * committed record, which needs the right to write it. Close with sqlite3_close.
 * A connection is for one thread at a time: it takes no locks of its own. */
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

/* Two rows of `refusal`, by their n_token, sketch5 and sketch3 (NULL where the
 * row has none): J5 of the replies as the codebook has it, estimated. */
struct store_sketch {
    int64_t n_token;
    const void *five, *three;
};
float store_j5(const struct store_sketch *a, const struct store_sketch *b);

/* Number of a gate by its name in a store, "G1" to "G12"; 0: it is none. */
int store_gate(const char *name);

/* SQLite's own words as an error about `path`; returns err->status. */
int store_error(refrain_error *err, sqlite3 *db, const char *path);
/* The same where opening failed, or making (`make`): with what the system says. */
int store_open_error(refrain_error *err, sqlite3 *db, const char *path, bool make);

/* Opens the file of that name, whatever the name is; SQLite's code. SQLITE_AUTH: the journal beside it is none of
 * ours, and `err` says so. */
int store_file(sqlite3 **db, const char *path, int flags, refrain_error *err);
/* For what a stranger may have written: nothing of its schema runs, and steps are counted. SQLite's code. */
int store_guard(sqlite3 *db, const char *path);

/* ---- writing ---- */

/* Rows of one conversation, for store_put; `file` as in struct record. Reads a viewed walk. */
void store_rows(struct buf *out, const struct walk *w, size_t file, bool text);

struct store;
struct store_input {
    const char *path;
    int64_t bytes;       /* -1: no regular file */
};
/* Of `run`, all that is known when it begins; `path` may be a finished store,
 * which is replaced, but neither an unfinished one nor any other file. */
int store_create(struct store **out, const char *path, const struct store_run *run, const struct pack *pack,
                 const struct store_input *input, size_t n_input, refrain_error *err);
/* Goes on with the unfinished run of `path`. */
int store_resume(struct store **out, const char *path, refrain_error *err);
/* Where it goes on: how many records of which file are in, and the chain of their hashes. */
struct store_position {
    size_t file;
    int64_t records;
    uint64_t hash;
};
uint64_t store_chain(uint64_t hash, uint64_t record_hash); /* from 0 at the first record of a file */
sqlite3 *store_db(struct store *s);

/* One conversation's rows; `repeated` adds the warning repeated_id. */
int store_put(struct store *s, str rows, bool repeated, refrain_error *err);
int store_put_reject(struct store *s, size_t file, uint64_t record, uint64_t offset, const char *reason,
                     refrain_error *err);
/* The record is done, with all of its conversations; commits when it is time. */
int store_record(struct store *s, size_t file, uint64_t record_hash, refrain_error *err);
/* Commits; with `finished` the run is whole. Frees `s` in any case; after an
 * error the file holds what was committed before. */
int store_close(struct store *s, bool finished, refrain_error *err);

#endif
