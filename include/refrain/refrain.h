/* refrain: how the refusals of a language model are experienced.
 *
 * Manners: out-parameters first, opaque handles, option structs that begin
 * with `size` (set it with REFRAIN_*_INIT), an error struct that the caller
 * owns, `{ptr, len}` strings. Enum values are frozen and only appended.
 * No callbacks, no globals, no printing, no exit.
 *
 * Threads: a `refrain_engine` is immutable and may be shared; a
 * `refrain_scanner` or `refrain_conv` belongs to one thread at a time.
 * A report is a view, valid until the next call on that scanner. */
#ifndef REFRAIN_REFRAIN_H
#define REFRAIN_REFRAIN_H

#include <stddef.h>
#include <stdint.h>

#if defined _WIN32
#define REFRAIN_API
#else
#define REFRAIN_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define REFRAIN_VERSION "0.1.0"
#define REFRAIN_SCHEMA_VERSION 1

typedef enum refrain_status {
    REFRAIN_OK = 0,
    REFRAIN_E_NOMEM = 1,   /* memory, or the limit set for one record */
    REFRAIN_E_USAGE = 2,   /* a wrong argument */
    REFRAIN_E_IO = 3,      /* a file could not be read or written */
    REFRAIN_E_PARSE = 4,   /* bytes are not what they should be */
    REFRAIN_E_FORMAT = 5,  /* well-formed, but no conversation in a known format */
    REFRAIN_E_LIMIT = 6,   /* a limit of the options was passed */
    REFRAIN_E_PACK = 7,    /* a pack or directory file is wrong */
    REFRAIN_E_STATE = 8    /* a call out of turn */
} refrain_status;

/* Filled by a call that returns non-zero; line and column are 0 when unknown. */
typedef struct refrain_error {
    int32_t status;
    uint32_t line;
    uint32_t column;
    char message[240];
} refrain_error;

/* Borrowed UTF-8 bytes, not NUL-terminated. */
typedef struct refrain_str {
    const char *ptr;
    size_t len;
} refrain_str;

/* ---- engine: pack, patterns, models, directory ---- */
typedef struct refrain_engine refrain_engine;

typedef struct refrain_engine_options {
    size_t size;
    const char *pack_dir;      /* NULL: the built-in pack */
    const char *directory_dir; /* overlay for the helpline directory; NULL: none */
    const char *as_of;         /* YYYY-MM-DD for staleness; NULL: today */
    const char *country;       /* ISO 3166-1 alpha-2 where nothing else tells; NULL: unknown */
    const char *jurisdiction;  /* for G10, e.g. "US-CA"; NULL: from the record only */
    uint32_t stale_days;       /* 0: the default, 90 */
    uint32_t flags;            /* 0; reserved */
} refrain_engine_options;
#define REFRAIN_ENGINE_OPTIONS_INIT {sizeof(refrain_engine_options), NULL, NULL, NULL, NULL, NULL, 0, 0}

/* Costs milliseconds. opts may be NULL. */
REFRAIN_API int refrain_engine_new(refrain_engine **out, const refrain_engine_options *opts, refrain_error *err);
REFRAIN_API void refrain_engine_free(refrain_engine *engine);

/* ---- scanner: one record in, one report out ---- */
typedef struct refrain_scanner refrain_scanner;

typedef struct refrain_limits {
    size_t size;
    size_t record_bytes; /* default 64 MiB */
    size_t turns;        /* default 10,000 */
    size_t turn_bytes;   /* default 1 MiB */
} refrain_limits;
#define REFRAIN_LIMITS_INIT {sizeof(refrain_limits), 67108864, 10000, 1048576}

REFRAIN_API int refrain_scanner_new(refrain_scanner **out, const refrain_engine *engine, const refrain_limits *limits,
                                    refrain_error *err);
REFRAIN_API void refrain_scanner_free(refrain_scanner *scanner);

/* One record: a conversation as JSON (any documented format) or as a text
 * transcript; writes a view of one JSON object of the result contract, without
 * newline. A record that holds several conversations gives one object a line.
 * A conversation without an id is called "#1". `input_format` may be NULL:
 * detected. */
REFRAIN_API int refrain_scan(refrain_str *report, refrain_scanner *scanner, refrain_str record,
                             const char *input_format, refrain_error *err);

/* ---- live conversation: fed turn by turn or chunk by chunk ---- */
typedef struct refrain_conv refrain_conv;

REFRAIN_API int refrain_conv_new(refrain_conv **out, const refrain_engine *engine, const refrain_limits *limits,
                                 refrain_error *err);
REFRAIN_API void refrain_conv_free(refrain_conv *conv);
/* Names before the first turn: "id", "model", "locale", "language", "country",
 * "jurisdiction", "session", "regeneration_group". */
REFRAIN_API int refrain_conv_set(refrain_conv *conv, const char *name, refrain_str value, refrain_error *err);
/* role: system, user, assistant, tool, platform, human. */
REFRAIN_API int refrain_conv_begin_turn(refrain_conv *conv, const char *role, refrain_error *err);
/* Any split of the bytes gives the same report, inside a character too. */
REFRAIN_API int refrain_conv_append(refrain_conv *conv, refrain_str chunk, refrain_error *err);
/* Structure of the open turn: "ts" (ISO 8601 or epoch), "finish_reason",
 * "refusal", "block_reason", "http_status", and "ui_event" (replaced,
 * retracted, user_message_deleted, paused, ended), which may come more than once. */
REFRAIN_API int refrain_conv_set_turn(refrain_conv *conv, const char *name, refrain_str value, refrain_error *err);
/* Bytes that are no UTF-8 are E_PARSE: the turn is dropped, the conversation may go on. */
REFRAIN_API int refrain_conv_end_turn(refrain_conv *conv, refrain_error *err);
/* Report over the turns ended so far, as refrain_scan over the same record; the
 * conversation may go on after it. Costs one analysis of the conversation so far. */
REFRAIN_API int refrain_conv_report(refrain_str *report, refrain_conv *conv, refrain_error *err);

REFRAIN_API const char *refrain_version(void);

#ifdef __cplusplus
}
#endif
#endif
