/* The door: paths → records. Splits files, pipes, gzip and zstd (by content)
 * into one record each, in flat memory: a line of JSONL, an element of a
 * top-level array, a whole JSON document, a text transcript. */
#ifndef REFRAIN_IN_DOOR_H
#define REFRAIN_IN_DOOR_H

#include "in/conv.h"

struct door;

struct door_options {
    size_t record_bytes;   /* longer records are rejected, then skipped */
    uint64_t ratio_max;    /* decompressed / compressed, default 1000 */
    uint64_t total_max;    /* decompressed bytes a file; 0: no limit */
    bool text_ok;          /* .txt files in a directory are transcripts */
    const char *format;    /* --input-format, NULL: detect */
};
#define DOOR_OPTIONS_DEFAULT ((struct door_options){64u << 20, 1000, 0, true, NULL})

struct record {
    str bytes;             /* NUL and 8 spare bytes behind; owned by the caller's buf */
    const char *path;      /* owned by the door until door_close */
    uint64_t number;       /* from 1 within its file */
    uint64_t offset;       /* byte offset in the decoded file */
    uint64_t input;        /* from 0 over the whole run */
    size_t file;           /* from 0, of the door's files */
    int status;            /* 0, or why there are no bytes: a reject */
    char reason[200];
};

/* Files, directories (sorted, recursive), globs, "-" for stdin. */
int door_open(struct door **out, const char *const *paths, size_t n_paths, const struct door_options *opt,
              refrain_error *err);
/* 1 and a record (maybe a reject: status != 0), 0 at the end. Bytes go into
 * `into`, which is cleared first. Never stops at bad input. */
int door_next(struct door *d, struct record *rec, struct buf *into);
/* Is that reason of a reject about its file as a whole, not about a record of it? */
bool door_about_file(const char *reason);
/* Results of refrain that stand in a directory are left out: how many files, and the first one's path (NULL: none). */
size_t door_own_results(const struct door *d, const char **first);
/* Of the bytes as the door gave them, or of why there are none. */
uint64_t record_hash(const struct record *rec);
/* The files it reads, in order; NULL behind the last. `bytes` on disk, -1: no regular file. */
const char *door_file(const struct door *d, size_t i, int64_t *bytes);
/* Bytes read so far (before decompression) and the total where known, else 0; for progress. */
void door_progress(const struct door *d, uint64_t *done, uint64_t *total);
/* From another thread: no more bytes are read or waited for; what door_next then gives may be cut, and is to be left. */
void door_stop(struct door *d);
void door_close(struct door *d);

#endif
