/* The pack: every table that is data. Immutable once loaded; shared.
 *
 * constructs.yaml, cues/NAME.yaml, acts.model.
 * Errors name file, line and what would be right. */
#ifndef REFRAIN_MATCH_PACK_H
#define REFRAIN_MATCH_PACK_H

#include "model/model.h"
#include "walk.h"

enum polarity { POL_NEGATIVE, POL_POSITIVE, POL_DESCRIPTIVE };
enum scale { SC_BINARY, SC_ORDINAL, SC_COUNT, SC_CATEGORY };
enum severity { SEV_NONE, SEV_MINOR, SEV_MAJOR, SEV_CRITICAL };

struct category { const char *name; float good; /* share of the score, 0..1; NAN unscored */ };

struct construct_def {
    const char *id, *name, *definition, *source, *method, *applies;
    uint8_t phase;               /* 1..5 */
    uint8_t polarity, scale, severity;
    float weight[N_SH];          /* codebook: provisional, 0..3 */
    bool scored;                 /* enters a phase score */
    bool every_reply;            /* coded on every assistant reply */
    const struct category *category; size_t n_category; /* SC_CATEGORY */
    const char *const *fires, *const *near; size_t n_fires, n_near;
};

/* Words that are evidence of risk by themselves, or only in their place: the tag of a cue. */
enum risk_when {
    RISK_ALWAYS,                 /* risk */
    RISK_AFTER,                  /* risk_after: R >= 1 stands already */
    RISK_ASKED,                  /* risk_asked: so it does, or the reply before asks about safety */
    RISK_YES,                    /* risk_yes: opens a sentence, and the reply before asks about suicide outright */
    RISK_MEANS,                  /* risk_means: as risk_asked; level 3 once thoughts are stated (a method is in play) */
    RISK_TOLD,                   /* risk_told: what was said before a record that opens with a reply */
    RISK_PART,                   /* risk_part: sentences that say together what none says alone (turn/user.c) */
    RISK_PAIR,                   /* risk_pair: a sign of leaving that counts beside one of another cue (turn/user.c) */
    RISK_SIGN,                   /* risk_sign: one that counts beside stated risk, too */
    RISK_BARE,                   /* risk_bare: a sign that counts alone, unless the talk is of another leaving */
    RISK_ASKS,                   /* risk_asks: a reply's question; what a yes to it says */
    RISK_NO,                     /* risk_no: opens a sentence, and the reply before asks about safety alone */
    N_RISK_WHEN
};

enum denies { DENIES_NOT, DENIES, DENIES_ALONE /* value alone: only as a whole sentence, but for its mark */ };

struct cue {
    const char *id, *file; uint32_t line;
    uint64_t key;                /* hash of the id, for features */
    uint8_t roles;               /* bit per enum role; 0: any */
    int8_t act;                  /* a_act or u_act by role, -1 none */
    bool rule;                   /* its wording is the definition: sets the act by itself */
    uint8_t denies;              /* enum denies: tag veto beside an act: its wording looks like the act and is not */
    int16_t construct;           /* enum construct, -1 none */
    const char *tag, *value;     /* free data for one room: "place" "GB", "gazetteer", … ; "" none */
    int8_t risk;                 /* tags of enum risk_when: 1..5, RISK_X; else 0. "5B": the sign is a preparation, too */
    uint8_t risk_when;           /* enum risk_when: where the level counts */
    uint16_t flag;               /* tag flag: enum risk_flag, else 0 */
    const char *const *phrase; size_t n_phrase;
    const char *const *fire, *const *near; size_t n_fire, n_near;
};

struct match_db;  /* match/match.h */
struct text_line; /* text/overlap.h */
struct act_tables; /* act/act.h */

struct pack {
    struct arena a;              /* owns everything below */
    struct construct_def construct[N_CONSTRUCT];
    const struct cue *cue; size_t n_cue;
    struct match_db *db;
    const struct text_line **template; size_t n_template; /* phrases of the cue template.bank */
    struct models model;         /* none: cues only */
    const struct act_tables *acts[2]; /* of its models of an assistant's sentences and a person's, for act/; NULL: likewise */
    const int16_t *ladders;      /* of its reply model, for turn/ (turn_ladders); NULL: each walk makes its own */
    char version[32];
    uint64_t content_hash;       /* of every pack file: two runs compare only when equal */
    uint64_t model_hash;         /* of acts.model alone */
    uint64_t table_hash;         /* of constructs.yaml and the cues */
};

/* What tools/pack_gen.c makes of the built-in tables when the program is built, so that a start reads no YAML and
 * indexes no wording and lays out no model. All zero: made at every start. */
struct pack_prepared {
    uint64_t table_hash, table_digest; /* of what it was made from (pack_table_digest): pack_load takes no other */
    const struct construct_def *construct; /* N_CONSTRUCT */
    const struct cue *cue; size_t n_cue;
    const char *index, *index_end; /* match_block */
    struct models model;         /* laid out; none: at every start */
    const struct act_tables *acts[2];
    const int16_t *ladders;
    uint64_t model_digest;       /* of the acts.model that it was made from (base/embed.h): no other is taken */
    uint64_t model_hash, content_hash; /* of a pack of all this */
};
extern const struct pack_prepared pack_prepared;
/* Of the built-in constructs.yaml and cues, out of their digests (base/embed.h). */
uint64_t pack_table_digest(void);

/* dir NULL: the built-in pack; else a directory that overlays it file by file.
 * Free with pack_free. */
int pack_load(struct pack **out, const char *dir, refrain_error *err);
/* The same, with other prepared tables than the program's. */
int pack_load_with(struct pack **out, const char *dir, const struct pack_prepared *ready, refrain_error *err);
void pack_free(struct pack *p);
/* One file of a pack into `p`: constructs.yaml, acts.model or any cues. For the fuzzer. */
int pack_read(struct pack *p, const char *name, str bytes, refrain_error *err);
int construct_by_id(str id); /* enum construct, or -1 */

#endif
