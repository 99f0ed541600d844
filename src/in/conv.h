/* The conversation as the door hands it on: text and structural facts, one
 * arena. Only in/ reads records; every later room reads this. */
#ifndef REFRAIN_IN_CONV_H
#define REFRAIN_IN_CONV_H

#include "base/base.h"

enum role { ROLE_SYSTEM, ROLE_USER, ROLE_ASSISTANT, ROLE_TOOL, ROLE_PLATFORM, ROLE_HUMAN, N_ROLE };
extern const char *const role_names[N_ROLE];

enum ui_event { /* bit set in turn.ui_events */
    UI_REPLACED = 1, UI_RETRACTED = 2, UI_USER_DELETED = 4, UI_PAUSED = 8, UI_ENDED = 16
};

#define TS_NONE INT64_MIN

struct turn {
    enum role role;
    str text;            /* original UTF-8, valid; adapters join text parts with "\n" */
    int64_t ts;          /* milliseconds since the epoch, TS_NONE when not recorded */
    str finish_reason;   /* "" when not recorded; also Anthropic's stop_reason */
    str refusal;         /* the record's refusal field; its text is in `text` too when that was empty */
    str block_reason;    /* blockReason, SAFETY, guardrail, content filter result … */
    int http_status;     /* 0 when not recorded */
    unsigned ui_events;
    bool has_ui_events;  /* the record carries the field, even if empty */
    bool blocked;        /* any structural sign of a provider block (codebook §0, r8) */
    bool scripted;       /* the record labels the text as an automatic response */
};

struct conv_meta {
    str model, locale, language, country, jurisdiction, regeneration_group, session;
    str *population;     /* stated in the record */
    size_t n_population;
    bool simulated;      /* user turns come from a model, if the record says so */
};

struct warning { const char *code; int turn; }; /* turn -1: the whole record */

struct conv {
    str id;              /* "" when the record has none: the reader makes path#record */
    bool has_id;
    str path;
    uint64_t record;     /* from 1 */
    const char *format;  /* name of the adapter */
    struct conv_meta meta;
    struct turn *turn;
    size_t n_turn;
    vec_of(struct warning) warnings;
};

struct conv_limits { size_t record_bytes, turns, turn_bytes; };
#define CONV_LIMITS_DEFAULT ((struct conv_limits){64u << 20, 10000, 1u << 20})

struct conv_options {
    const char *format;         /* NULL: detect */
    struct conv_limits limits;  /* a 0 means the default */
    bool in_situ;               /* `bytes` may be written to and has CONV_PADDING spare bytes behind (the
                                 * door's records do): then nothing is copied. False: copied into `a` */
};
enum { CONV_PADDING = 8 };

/* One record's bytes → conversations. Everything lives in `a` or in `bytes`,
 * which must outlive the conversation. A record may hold several
 * conversations (Inspect samples): `*out` is an array of `*n`.
 * Returns 0 or a refrain_status with one clear line in err. When some, not
 * all, conversations of a record are bad it returns 0 with the good ones and
 * err->status != 0 says what is wrong with the first bad one: report both. */
int conv_parse(struct conv **out, size_t *n, struct arena *a, str bytes, const struct conv_options *opt,
               refrain_error *err);

/* The same reading of single facts for callers that have no record (the live conversation). */
int64_t conv_time(str iso_or_epoch);            /* ISO 8601 or epoch s/ms; TS_NONE when neither */
void conv_settle_turn(struct turn *t);          /* sets blocked, and text from refusal, by the other fields */

/* Name of every adapter, for --input-format and its error; NULL-terminated. */
extern const char *const conv_formats[];

#endif
