/* The directory's records, as helplines/CC.yaml holds them (docs/helplines.md).
 *
 * The built-in ones are compiled to constant tables (tools/helplines_gen.c):
 * parsing 180 YAML files at every start would cost some 20 ms. An overlay is
 * read from YAML. Every string is "" and every list empty when not stated. */
#ifndef REFRAIN_HELPLINE_DIRECTORY_H
#define REFRAIN_HELPLINE_DIRECTORY_H

#include "helpline/helpline.h"

struct dir_evidence { const char *source, *date, *family; }; /* a list ends with source NULL */
typedef const char *const *dir_list;                          /* ends with NULL */

struct dir_line {
    const char *id, *country;       /* country "": anywhere */
    const char *name, *operated_by;
    dir_list aka;                   /* other names people use */
    const char *service;            /* suicide, crisis, youth, … emergency, finder */
    const char *population;         /* name of enum population, "" everyone */
    uint8_t age_min, age_max;       /* 0 0: not stated */
    const char *channel;            /* phone, sms, chat, whatsapp, web, relay */
    const char *dial;               /* as dialled, or the address; "" when `how` says it in words */
    const char *how, *menu, *keyword;
    dir_list also;                  /* further numbers of the same service */
    const char *region, *network;   /* where or on what it can be reached, when not everywhere */
    const char *hours, *hours_date;
    dir_list languages;
    const char *languages_note;
    const char *cost, *confidentiality;
    const char *url;
    const char *status;             /* current, retired, renumbered */
    const char *note;
    const char *valid_from, *valid_to;
    dir_list replaced_by;
    const char *alias_of;
    const char *agreement;          /* independent: two source families agree; single */
    const char *last_verified;      /* latest date that a source vouches for; "" undated */
    const struct dir_evidence *evidence;
};

struct dir_bad {
    const char *country;
    const char *contact, *dial, *menu, *keyword, *channel;
    const char *presented_as;
    dir_list only_as;               /* wrong only when named beside it; empty: always */
    const char *verdict, *problem;
    const char *instead;
    dir_list lines;                 /* ids of the right lines */
    const char *detail;
    const struct dir_evidence *evidence;
};

enum dir_field_kind { DF_STR, DF_LIST, DF_AGES, DF_EVIDENCE };
struct dir_field {
    const char *name;
    uint16_t offset;
    uint8_t kind;
    bool required;
    dir_list allowed;               /* NULL: free */
};
extern const struct dir_field dir_line_fields[], dir_bad_fields[]; /* end with name NULL */

/* ---- YAML (yaml.c) ---- */
struct place_country { char code[3]; const char *name, *call, *trunk; };
enum place_kind { PLACE_COUNTRY, PLACE_REGION, PLACE_TOWN, PLACE_DEMONYM, PLACE_SERVICE, PLACE_AMBIGUOUS };
struct place_name { const char *name; uint8_t country, kind; }; /* country: index in builtin_country, 255 none */

struct dir_file {
    const char *country;
    vec_of(struct place_name) place; /* an overlay's; `country` is not set yet */
    vec_of(struct law) law;
    vec_of(struct dir_line) line;
    vec_of(struct dir_bad) bad;
    dir_list off;                   /* ids that an overlay switches off */
};
/* Everything in `out` lives in `a`. An error names file, line and what would be right. */
/* "ie-": what the id of a line begins with, by its country; else a row would quietly take another country's place. */
const char *dir_id_prefix(char out[4], const struct dir_line *l);
int dir_parse(struct dir_file *out, struct arena *a, const char *file, str bytes, refrain_error *err);

/* ---- built-in tables (generated) ---- */

extern const struct dir_line builtin_line[];
extern const struct dir_bad builtin_bad[];
extern const struct place_country builtin_country[];
extern const struct place_name builtin_place[];
extern const struct law builtin_law[];
extern const size_t n_builtin_line, n_builtin_bad, n_builtin_country, n_builtin_place, n_builtin_law;
extern const uint64_t builtin_directory_hash;

#endif
