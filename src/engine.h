/* The engine: pack, patterns, models and directory, loaded once, immutable,
 * shared by threads. A scanner is one thread's bench: arenas, match scratch
 * and the walks of the record in hand. api.c and cli/ build on this file; the
 * types are the public opaque ones. */
#ifndef REFRAIN_ENGINE_H
#define REFRAIN_ENGINE_H

#include "helpline/helpline.h"
#include "match/match.h"
#include "text/overlap.h"

struct refrain_engine {
    struct pack *pack;
    struct directory *dir;
    char country[8], jurisdiction[16]; /* of the caller, "" unknown */
};

int engine_new(refrain_engine **out, const refrain_engine_options *opts, refrain_error *err);
void engine_free(refrain_engine *e);

struct scanner_options {
    const char *format;         /* input format, NULL: detect */
    struct conv_limits limits;
    size_t memory;              /* bytes one record's analysis may take; 0: the default */
};
#define SCANNER_MEMORY_DEFAULT ((size_t)1 << 30)
#define SCANNER_OPTIONS_DEFAULT ((struct scanner_options){NULL, CONV_LIMITS_DEFAULT, 0})

/* Where a record came from; path may be "" (memory). */
struct origin {
    const char *path;
    uint64_t record; /* from 1 */
    bool writable;   /* its bytes may be parsed in place: a door's record */
};

struct refrain_scanner {
    const refrain_engine *engine;
    struct scanner_options opt;
    struct arena parse, work;   /* of the record; of the conversation in hand */
    struct conv *conv;          /* of the record */
    size_t n_conv;
    struct walk walk;
    struct text_stems stems;    /* of words that its walks met */
    struct buf report;          /* for api.c */
};

int scanner_new(refrain_scanner **out, const refrain_engine *e, const struct scanner_options *opt, refrain_error *err);
void scanner_free(refrain_scanner *s);

/* Parses one record; `bytes` must outlive the walks. Frees what came before.
 * Conversations without an id get `path#record`. */
int scanner_record(refrain_scanner *s, str bytes, const struct origin *from, refrain_error *err);
/* Walks conversation i of the record and turns its offsets into original
 * bytes. The walk is the scanner's, valid until the next call. */
int scanner_walk(refrain_scanner *s, size_t i, const struct walk **out, refrain_error *err);
/* The same over a conversation that the caller built; it must outlive the walk. */
int scanner_walk_conv(refrain_scanner *s, struct conv *conv, const struct walk **out, refrain_error *err);

#endif
