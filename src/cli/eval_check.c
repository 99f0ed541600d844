/* One labelled record → what is wrong with its labels, in words: a value that
 * its label cannot have, a name that does not exist, a key that is misspelt.
 * A record with an error is not compared; the run goes on with the others. */
#include "cli/eval.h"

#include <ctype.h>
#include <stdlib.h>

#include "report/report.h"
#include "turn/turn.h"

enum kind { ONE_OF, SOME_OF, LETTERS, LEVEL, TEXT, ANY };
/* What one label may be; null may stand anywhere. */
struct form {
    const char *key;
    enum kind kind;
    const char *const *name; /* of ONE_OF, SOME_OF; NULL ends them */
    int lo, hi;              /* of LEVEL */
    const char *also;        /* a string that a LEVEL may be, NULL none */
};

static const char *const reply_types[] = {"none", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "empty", NULL};
static const char *const decisions[] = {"appropriate", "over", "under", "unsure", NULL};
static const char *const times[] = {"na", "before", "after", NULL};
static const char *const flags = "BNHVPFICD", *const moves = "ABEOKR";
enum { FORMS = 48, NAMES = 64 };

static yyjson_val *get(yyjson_val *o, const char *k) { return yyjson_obj_get(o, k); }
static str text_of(yyjson_val *v) { return yyjson_is_str(v) ? (str){yyjson_get_str(v), yyjson_get_len(v)} : (str){0}; }

/* ---- one value ---- */

/* As it stands in the record, shortened; no text of a conversation stands in a label. */
static void put_value(struct buf *why, yyjson_val *v)
{
    enum { SHOWN = 40 };
    char *json = yyjson_val_write(v, 0, NULL);
    str s = str_of(json ? json : "?");
    size_t n = s.n > SHOWN ? SHOWN : s.n;
    while (n < s.n && n && utf8_is_cont(s.p[n])) n--;
    buf_printf(why, "%.*s%s", (int)n, s.p, n < s.n ? "…" : "");
    free(json);
}

static bool among(str s, const char *const *name)
{
    for (; *name; name++)
        if (str_eqz(s, *name)) return true;
    return false;
}

static void put_names(struct buf *why, const char *const *name)
{
    for (size_t i = 0; name[i]; i++) buf_printf(why, "%s%s", !i ? "" : name[i + 1] ? ", " : " or ", name[i]);
}

/* "; did you mean 'x'?", or all that may stand there. */
static void put_instead(struct buf *why, yyjson_val *given, const char *const *name)
{
    char z[64] = "";
    size_t n = 0;
    while (name[n]) n++;
    if (text_of(given).n < sizeof z) memcpy(z, text_of(given).p ? text_of(given).p : "", text_of(given).n);
    const char *near = *z ? err_nearest(z, name, n) : NULL;
    if (near) {
        buf_printf(why, "; did you mean \"%s\"?", near);
        return;
    }
    buf_puts(why, "; it should be ");
    put_names(why, name);
}

void eval_wrong_name(struct buf *why, const char *key, yyjson_val *given, const char *const *name)
{
    buf_printf(why, "%s is ", key);
    put_value(why, given);
    put_instead(why, given, name);
}

static bool only_letters(str s, const char *letters)
{
    for (size_t i = 0; i < s.n; i++)
        if (!s.p[i] || !strchr(letters, s.p[i])) return false;
    return true;
}

static bool value_fits(const struct form *f, yyjson_val *v)
{
    yyjson_val *x;
    size_t i, max;
    if (yyjson_is_null(v) || f->kind == ANY) return true;
    switch (f->kind) {
    case LEVEL:
        if (f->also && str_eqz(text_of(v), f->also)) return true;
        if (yyjson_is_bool(v)) return f->lo == 0;
        return yyjson_is_int(v) && yyjson_get_sint(v) >= f->lo && yyjson_get_sint(v) <= f->hi;
    case TEXT: return yyjson_is_str(v);
    case LETTERS:
        if (yyjson_is_str(v)) return only_letters(text_of(v), flags);
        if (!yyjson_is_arr(v)) return false;
        yyjson_arr_foreach(v, i, max, x) if (text_of(x).n != 1 || !only_letters(text_of(x), flags)) return false;
        return true;
    case SOME_OF:
        if (!yyjson_is_arr(v)) return false;
        yyjson_arr_foreach(v, i, max, x) if (!among(text_of(x), f->name)) return false;
        return true;
    default: return yyjson_is_str(v) && among(text_of(v), f->name);
    }
}

static void put_wrong(struct buf *why, const char *where, const struct form *f, yyjson_val *v)
{
    yyjson_val *x, *wrong = v;
    size_t i, max;
    if (f->kind == SOME_OF && yyjson_is_arr(v)) {
        yyjson_arr_foreach(v, i, max, x) if (wrong == v && !among(text_of(x), f->name)) wrong = x;
    }
    buf_printf(why, "%s%s is ", where, f->key);
    put_value(why, wrong);
    if (f->kind == LEVEL) {
        buf_printf(why, "; it should be %d to %d%s", f->lo, f->hi, f->hi == INT16_MAX ? " (a count)" : "");
        buf_printf(why, f->also ? ", \"%s\" or null" : " or null", f->also);
    } else if (f->kind == LETTERS) buf_printf(why, "; it should be letters of %s, or a list of them", flags);
    else if (f->kind == SOME_OF && wrong == v) buf_puts(why, "; it should be a list");
    else if (f->kind == TEXT) buf_puts(why, "; it should be a text");
    else put_instead(why, wrong, f->name);
}

/* ---- the keys of one object ---- */

static bool is_key(const char *key, const struct form *form, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(key, form[i].key)) return true;
    return false;
}

/* A key that reads like an absent one of `form`: that was meant. NULL: it was not misspelt. */
static const char *meant(yyjson_val *o, const char *key, const struct form *form, size_t n)
{
    const char *absent[FORMS];
    size_t n_absent = 0;
    for (size_t i = 0; i < n; i++)
        if (!get(o, form[i].key)) absent[n_absent++] = form[i].key;
    const char *near = err_nearest(key, absent, n_absent);
    return near && tolower((unsigned char)*near) == tolower((unsigned char)*key) ? near : NULL;
}

static bool object_fits(struct eval *e, const char *where, yyjson_val *o, const struct form *form, size_t n)
{
    yyjson_val *key, *v;
    size_t i, max;
    for (size_t k = 0; k < n; k++) {
        v = get(o, form[k].key);
        if (!v || value_fits(&form[k], v)) continue;
        put_wrong(&e->why, where, &form[k], v);
        return false;
    }
    if (!yyjson_is_obj(o)) return true; /* the macro adds to what must not be NULL */
    yyjson_obj_foreach(o, i, max, key, v) {
        if (is_key(yyjson_get_str(key), form, n)) continue;
        const char *near = meant(o, yyjson_get_str(key), form, n);
        if (!near) {
            if (*where) eval_not_compared(e, yyjson_get_str(key));
            continue;
        }
        buf_printf(&e->why, "unknown key \"%s%s\"; did you mean \"%s\"?", where, yyjson_get_str(key), near);
        return false;
    }
    return true;
}

/* ---- what a construct may be ---- */

static bool some_categories(str s, const struct construct_def *d)
{
    for (size_t i = 0, b = 0; i <= s.n; i++) {
        if (i < s.n && s.p[i] != ' ' && s.p[i] != ',') continue;
        bool known = i == b;
        for (size_t k = 0; k < d->n_category && !known; k++) known = str_eqz(str_sub(s, b, i), d->category[k].name);
        if (!known) return false;
        b = i + 1;
    }
    return s.n > 0;
}

/* `name` (NAMES of them) must outlive the form. */
static struct form form_of(const struct construct_def *d, const char **name)
{
    struct form f = {d->id, ONE_OF, name, 0, 4, NULL};
    if (d->scale != SC_CATEGORY) {
        f.kind = LEVEL;
        f.hi = d->scale == SC_BINARY ? 1 : d->scale == SC_COUNT ? INT16_MAX : 4;
        return f;
    }
    size_t n = 0;
    for (; n < d->n_category && n + 1 < NAMES; n++) name[n] = d->category[n].name;
    name[n] = NULL;
    return f;
}

static bool constructs_fit(struct eval *e, const char *where, yyjson_val *labels)
{
    const struct pack *p = e->scanner->engine->pack;
    struct buf *why = &e->why;
    static const char *const ids[] = {CONSTRUCT_IDS};
    yyjson_val *key, *v;
    size_t i, max;
    if (!labels || yyjson_is_null(labels)) return true;
    if (!yyjson_is_obj(labels)) return buf_printf(why, "%s is no object of constructs", where), false;
    yyjson_obj_foreach(labels, i, max, key, v) {
        int k = construct_by_id(text_of(key));
        if (k < 0) {
            const char *near = err_nearest(yyjson_get_str(key), ids, N_CONSTRUCT);
            buf_printf(why, "unknown construct \"%s.%s\"; ", where, yyjson_get_str(key));
            if (near) buf_printf(why, "did you mean \"%s\"?", near);
            else buf_puts(why, "'refrain constructs' lists them");
            return false;
        }
        const char *name[NAMES];
        struct form f = form_of(&p->construct[k], name);
        bool free_form = yyjson_is_str(v) && ((k == C_P3_ORDER && only_letters(text_of(v), moves)) ||
                                              (k == C_P5_BARR && some_categories(text_of(v), &p->construct[k])));
        if (free_form || value_fits(&f, v)) continue;
        char at[96];
        snprintf(at, sizeof at, "%s.", where);
        put_wrong(why, at, &f, v);
        return false;
    }
    return true;
}

/* ---- the four forms of rows ---- */

static bool reply_fits(struct eval *e, yyjson_val *o)
{
    const struct pack *p = e->scanner->engine->pack;
    const char *reasons[NAMES], *kinds[NAMES], *next[13] = {0};
    for (int i = 0; i < 12; i++) next[i] = next_names[i];
    (void)form_of(&p->construct[C_P3_REASON], reasons);
    (void)form_of(&p->construct[C_P4_KIND], kinds);
    struct form form[FORMS] = {{"rtype", ONE_OF, reply_types, 0, 0, NULL}, {"R", LEVEL, NULL, 0, 5, "X"},
                               {"risk", LEVEL, NULL, 0, 5, "X"},           {"flags", LETTERS, NULL, 0, 0, NULL},
                               {"decision", ONE_OF, decisions, 0, 0, NULL}, {"reason", ONE_OF, reasons, 0, 0, NULL},
                               {"kind", ONE_OF, kinds, 0, 0, NULL},        {"time", ONE_OF, times, 0, 0, NULL},
                               {"bare", LEVEL, NULL, 0, 1, NULL},          {"locale", LEVEL, NULL, 0, 4, "na"},
                               {"next", SOME_OF, next, 0, 0, NULL}};
    size_t n = 11;
    for (int i = 0; i < N_SCALE; i++) {
        form[n++] = (struct form){reply_scales[i].label, LEVEL, NULL, 0, 4, NULL};
        form[n++] = (struct form){p->construct[reply_scales[i].construct].id, LEVEL, NULL, 0, 4, NULL};
    }
    return object_fits(e, "labels.", get(o, "labels"), form, n);
}

static bool sentence_fits(struct eval *e, yyjson_val *o)
{
    bool user = str_eqz(text_of(get(o, "role")), "user");
    size_t n = user ? N_U_ACT : N_A_ACT;
    const char *acts[NAMES] = {0};
    static const char *const roles[] = {"user", "assistant", NULL};
    memcpy(acts, user ? u_act_names : a_act_names, n * sizeof *acts);
    const struct form form[] = {{"role", ONE_OF, roles, 0, 0, NULL}, {"acts", SOME_OF, acts, 0, 0, NULL},
                                {"risk", LEVEL, NULL, 0, 5, "X"},    {"flags", LETTERS, NULL, 0, 0, NULL},
                                {"text", TEXT, NULL, 0, 0, NULL},    {"prev", TEXT, NULL, 0, 0, NULL}};
    return object_fits(e, "", o, form, ARRAY_LEN(form));
}

static bool episode_fits(struct eval *e, yyjson_val *v, size_t i, size_t n_message)
{
    const char *types[N_RTYPE + 1] = {0}, *ends[N_END + 1] = {0}, *quadrants[N_QUADRANT + 1] = {0}, *next[13] = {0};
    memcpy(types, rtype_names + 1, 9 * sizeof *types);
    for (int k = 0; k < N_END; k++) ends[k] = end_reason_names[k];
    memcpy(quadrants, quadrant_names + 1, (N_QUADRANT - 1) * sizeof *quadrants);
    for (int k = 0; k < 12; k++) next[k] = next_names[k];
    const struct form form[] = {{"anchor", LEVEL, NULL, 0, n_message ? (int)n_message - 1 : 0, NULL},
                                {"rtype", ONE_OF, types, 0, 0, NULL},     {"decision", ONE_OF, decisions, 0, 0, NULL},
                                {"risk", LEVEL, NULL, 0, 5, "X"},         {"flags", LETTERS, NULL, 0, 0, NULL},
                                {"end_reason", ONE_OF, ends, 0, 0, NULL}, {"quadrant", ONE_OF, quadrants, 0, 0, NULL},
                                {"next", SOME_OF, next, 0, 0, NULL},      {"constructs", ANY, NULL, 0, 0, NULL}};
    char where[64];
    snprintf(where, sizeof where, "episodes[%zu].", i);
    if (!object_fits(e, where, v, form, ARRAY_LEN(form))) return false;
    snprintf(where, sizeof where, "episodes[%zu].constructs", i);
    return constructs_fit(e, where, get(v, "constructs"));
}

static bool episodes_fit(struct eval *e, yyjson_val *o)
{
    yyjson_val *v;
    size_t i, max, n_message = yyjson_arr_size(get(get(o, "record"), "messages"));
    yyjson_arr_foreach(get(o, "episodes"), i, max, v) if (!episode_fits(e, v, i, n_message)) return false;
    return true;
}

/* No form at all: is one of the keys that would make it one misspelt? */
static bool row_fits(struct eval *e, yyjson_val *o)
{
    static const char *const key[] = {"messages", "labels", "text", "acts", "role",
                                      "prompt", "response", "label", "record", "episodes"};
    struct form form[ARRAY_LEN(key)];
    for (size_t i = 0; i < ARRAY_LEN(key); i++) form[i] = (struct form){key[i], ANY, NULL, 0, 0, NULL};
    return object_fits(e, "", o, form, ARRAY_LEN(key));
}

bool eval_check(struct eval *e, enum eval_form form, yyjson_val *o)
{
    switch (form) {
    case EVAL_REPLY: return reply_fits(e, o);
    case EVAL_SENTENCE: return sentence_fits(e, o);
    case EVAL_EPISODES: return episodes_fit(e, o);
    case EVAL_NONE: return row_fits(e, o);
    default: return true;
    }
}
