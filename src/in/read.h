/* Shared by the adapters (format_*.c): a reader over one parsed record, and
 * the facts that look alike in every format. Internal to in/. */
#ifndef REFRAIN_IN_READ_H
#define REFRAIN_IN_READ_H

#include <yyjson.h>

#include "in/conv.h"

struct reader;

/* A format: one file, one row in conv.c's table. */
struct adapter_key {
    const char *p;
    size_t n;
};
#define KEY(lit) {(lit), sizeof(lit) - 1}
struct adapter {
    const char *name;
    struct adapter_key key[4];                        /* top-level: without one of these it cannot be this */
    bool (*is)(struct reader *r, yyjson_val *root);   /* NULL: the key is enough */
    int (*read)(struct reader *r, yyjson_val *root);  /* root is NULL for a transcript */
};

struct role_name {
    const char *name;
    enum role role;
};
extern const struct role_name roles_common[]; /* OpenAI's, and platform and human; ends with a NULL name */

/* What an object may say about a turn or the conversation, by any of the
 * names formats use for it (read.c has the table). */
enum field {
    F_ROLE, F_CONTENT, F_TS, F_FINISH, F_REFUSAL, F_BLOCK, F_FILTER, F_HTTP, F_ERROR, F_UI, F_CALLS, F_SCRIPTED,
    F_ID, F_MODEL, F_LOCALE, F_LANGUAGE, F_COUNTRY, F_JURISDICTION, F_POPULATION, F_GROUP, F_SESSION, F_SIMULATED,
    F_META, N_FIELD
};
struct fields { yyjson_val *v[N_FIELD]; };
void read_fields(struct fields *f, yyjson_val *obj);

struct reader {
    struct arena *a;
    const struct conv_options *opt;
    struct conv_limits limits;
    refrain_error *err;
    str bytes;
    const struct adapter *adapter;
    struct conv *c;           /* the conversation being read, last of out */
    size_t turn_cap;
    vec_of(struct conv) out;
    struct fields top;        /* of the record's root */
};

/* Conversation. read_begin opens one (room for n turns, E_LIMIT when that is
 * too many); read_end checks it and may drop it again. */
int read_begin(struct reader *r, size_t n_turn);
bool read_english(const struct conv *c); /* language.c; true where it cannot be told */
int read_end(struct reader *r);
void read_meta(struct reader *r, const struct fields *f); /* fills only what is still empty */
void read_meta_of_request(struct reader *r, yyjson_val *request); /* all but its id, which names the call */
void read_warn(struct reader *r, const char *code, int turn);

/* Turns. `where` and `i` are for the message: "messages[3]". */
struct turn *read_push(struct reader *r, enum role role, str text);
int read_turn(struct reader *r, yyjson_val *obj, const struct role_name *roles, const char *where, size_t i);
int read_list(struct reader *r, yyjson_val *list, const struct role_name *roles, const char *where);
void read_signs(struct reader *r, struct turn *t, const struct fields *f); /* finish reason, refusal, block … */
void read_signs_only(struct reader *r, struct turn *t, const struct fields *f, unsigned mask); /* 1 << F_… */
/* What the record's root says about its last reply: finish reason, filter,
 * status. Makes an empty blocked reply where a filter left none. */
void read_top_signs(struct reader *r, unsigned more);
bool read_role(str name, const struct role_name *roles, enum role *out);
int read_bad_role(struct reader *r, str name, const struct role_name *roles, const char *where, size_t i);

/* Text of a content: a string, or parts joined with "\n". */
struct content {
    str text, refusal;
    size_t n_text, n_call, n_result; /* parts of each kind */
    bool bad;                        /* neither a string nor parts */
};
struct content read_content(struct reader *r, yyjson_val *v);

/* Values */
static inline str val_str(yyjson_val *v)
{
    return yyjson_is_str(v) ? (str){yyjson_get_str(v), yyjson_get_len(v)} : (str){"", 0};
}
str val_text(struct reader *r, yyjson_val *v);    /* also numbers, printed */
int64_t val_time(yyjson_val *v);
#define val_get(obj, lit) yyjson_obj_getn((obj), "" lit, sizeof(lit) - 1)

/* Members of an object by name, where there may be many: sorted, so that no choice of names makes them slow to find. */
struct member { str name; yyjson_val *value; };
struct members { struct member *p; size_t n; };
struct members members_of(struct reader *r, yyjson_val *obj);
yyjson_val *members_get(const struct members *m, str name); /* of equal names the last; NULL: none */

/* A list as JSON or Python writes it, in a string: ["a", 'b']. False: it is none. */
bool read_quoted_list(struct reader *r, str s, str **out, size_t *n);

/* place.c: names as data sets write them → ISO codes; "" when not known. */
const char *country_code(str name);  /* alpha-2, alpha-3 or English name → alpha-2 */
const char *language_code(str name); /* code or English name → ISO 639 */

#endif
