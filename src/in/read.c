/* What every adapter reads alike: one JSON object in, a turn or the
 * conversation's meta out. Strings stay views of the parsed record. */
#include "in/read.h"

#include <stdio.h>
#include <stdlib.h>

const struct role_name roles_common[] = {
    {"user", ROLE_USER},     {"assistant", ROLE_ASSISTANT}, {"system", ROLE_SYSTEM}, {"developer", ROLE_SYSTEM},
    {"tool", ROLE_TOOL},     {"function", ROLE_TOOL},       {"platform", ROLE_PLATFORM},
    {"human", ROLE_HUMAN},   {NULL, 0},
};

/* ---- fields ---- */

/* By length, so that an unknown key costs one jump. -1: nothing we read. */
static int field_of(const char *s, size_t n)
{
#define IS(name, field)                                                                                                \
    if (memcmp(s, name, sizeof(name) - 1) == 0) return field;
    switch (n) {
    case 2:
        IS("id", F_ID) IS("ts", F_TS)
        return -1;
    case 4:
        IS("role", F_ROLE) IS("from", F_ROLE) IS("text", F_CONTENT) IS("meta", F_META)
        return -1;
    case 5:
        IS("value", F_CONTENT) IS("model", F_MODEL) IS("error", F_ERROR)
        return -1;
    case 6:
        IS("locale", F_LOCALE) IS("canned", F_SCRIPTED)
        return -1;
    case 7:
        IS("content", F_CONTENT) IS("country", F_COUNTRY) IS("refusal", F_REFUSAL) IS("session", F_SESSION)
        return -1;
    case 8:
        IS("language", F_LANGUAGE) IS("ui_event", F_UI) IS("scripted", F_SCRIPTED) IS("metadata", F_META)
        return -1;
    case 9:
        IS("timestamp", F_TS) IS("ui_events", F_UI) IS("automated", F_SCRIPTED) IS("automatic", F_SCRIPTED)
        IS("custom_id", F_ID) IS("simulated", F_SIMULATED)
        return -1;
    case 10:
        IS("created_at", F_TS) IS("stopReason", F_FINISH) IS("tool_calls", F_CALLS) IS("population", F_POPULATION)
        IS("session_id", F_SESSION) IS("user_model", F_SIMULATED)
        return -1;
    case 11:
        IS("create_time", F_TS) IS("stop_reason", F_FINISH) IS("blockReason", F_BLOCK) IS("http_status", F_HTTP)
        IS("status_code", F_HTTP) IS("populations", F_POPULATION)
        return -1;
    case 12:
        IS("finishReason", F_FINISH) IS("block_reason", F_BLOCK) IS("jurisdiction", F_JURISDICTION)
        return -1;
    case 13:
        IS("finish_reason", F_FINISH) IS("refusal_field", F_REFUSAL) IS("function_call", F_CALLS)
        IS("auto_response", F_SCRIPTED)
        return -1;
    case 14:
        IS("content_filter", F_FILTER)
        return -1;
    case 15:
        IS("conversation_id", F_ID)
        return -1;
    case 16:
        IS("guardrail_action", F_BLOCK)
        return -1;
    case 17:
        IS("conversation_hash", F_ID)
        return -1;
    case 18:
        IS("regeneration_group", F_GROUP)
        return -1;
    case 21:
        IS("content_filter_result", F_FILTER)
        return -1;
    case 22:
        IS("content_filter_results", F_FILTER)
        return -1;
    case 30:
        IS("amazon-bedrock-guardrailAction", F_BLOCK)
        return -1;
    default: return -1;
    }
#undef IS
}

/* The first name of a field that an object has wins, later ones fill a gap. */
void read_fields(struct fields *f, yyjson_val *obj)
{
    memset(f, 0, sizeof *f);
    if (!yyjson_is_obj(obj)) return;
    yyjson_val *key = unsafe_yyjson_get_first(obj);
    for (size_t left = yyjson_obj_size(obj); left; left--) {
        yyjson_val *val = key + 1;
        int field = field_of(unsafe_yyjson_get_str(key), unsafe_yyjson_get_len(key));
        if (field >= 0 && (!f->v[field] || yyjson_is_null(f->v[field]))) f->v[field] = val;
        key = unsafe_yyjson_get_next(val);
    }
}

/* ---- values ---- */

static int by_name(const void *a, const void *b)
{
    const str *x = &((const struct member *)a)->name, *y = &((const struct member *)b)->name;
    int order = memcmp(x->p, y->p, x->n < y->n ? x->n : y->n);
    return order ? order : x->n < y->n ? -1 : x->n > y->n;
}

/* Values of one document stand in its order. */
static int by_place(const void *a, const void *b)
{
    int order = by_name(a, b);
    const yyjson_val *x = ((const struct member *)a)->value, *y = ((const struct member *)b)->value;
    return order ? order : x < y ? -1 : x > y;
}

struct members members_of(struct reader *r, yyjson_val *obj)
{
    struct members m = {arena_array(r->a, struct member, yyjson_obj_size(obj) + 1), 0};
    yyjson_obj_iter it = yyjson_obj_iter_with(obj);
    for (yyjson_val *key; (key = yyjson_obj_iter_next(&it));)
        m.p[m.n++] = (struct member){val_str(key), yyjson_obj_iter_get_val(key)};
    qsort(m.p, m.n, sizeof *m.p, by_place);
    size_t n = 0;
    for (size_t i = 0; i < m.n; i++)
        if (i + 1 == m.n || !str_eq(m.p[i].name, m.p[i + 1].name)) m.p[n++] = m.p[i];
    m.n = n;
    return m;
}

yyjson_val *members_get(const struct members *m, str name)
{
    const struct member wanted = {name, NULL};
    const struct member *found = m->n ? bsearch(&wanted, m->p, m->n, sizeof *m->p, by_name) : NULL;
    return found ? found->value : NULL;
}

str val_text(struct reader *r, yyjson_val *v)
{
    char t[32];
    if (yyjson_is_str(v)) return val_str(v);
    if (yyjson_is_int(v)) {
        int n = yyjson_is_sint(v) ? snprintf(t, sizeof t, "%lld", (long long)yyjson_get_sint(v))
                                  : snprintf(t, sizeof t, "%llu", (unsigned long long)yyjson_get_uint(v));
        return arena_str(r->a, (str){t, (size_t)n});
    }
    if (yyjson_is_raw(v)) /* too long for a number */
        return arena_str(r->a, (str){yyjson_get_raw(v), yyjson_get_len(v)});
    if (yyjson_is_real(v)) {
        int n = snprintf(t, sizeof t, "%.15g", yyjson_get_real(v));
        return arena_str(r->a, (str){t, (size_t)n});
    }
    return (str){"", 0};
}

/* ---- roles ---- */

bool read_role(str name, const struct role_name *roles, enum role *out)
{
    for (; roles->name; roles++)
        if (str_eqz(name, roles->name)) return *out = roles->role, true;
    return false;
}

/* Names that other formats use: told apart from slips of the pen. */
static const char *const role_elsewhere[][2] = {
    {"agent", "assistant"}, {"bot", "assistant"},   {"ai", "assistant"},    {"model", "assistant"}, {"gpt", "assistant"},
    {"chatbot", "assistant"}, {"chatgpt", "assistant"}, {"llm", "assistant"}, {"customer", "user"}, {"client", "user"},
    {"person", "user"},     {"prompter", "user"},   {"instruction", "system"}, {"operator", "human"}, {"moderator", "platform"},
};

int read_bad_role(struct reader *r, str name, const struct role_name *roles, const char *where, size_t i)
{
    char given[25];
    size_t n = name.n < sizeof given - 1 ? name.n : sizeof given - 1;
    for (size_t k = 0; k < n; k++) /* an error prints no message text and no control characters */
        given[k] = name.p[k] > 0x20 && name.p[k] < 0x7f ? name.p[k] : '?';
    given[n] = 0;
    const char *known[24], *near = NULL;
    size_t n_known = 0;
    char list[160] = "";
    for (; roles->name && n_known < ARRAY_LEN(known); roles++) {
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", n_known ? ", " : "", roles->name);
        known[n_known++] = roles->name;
    }
    for (size_t k = 0; k < ARRAY_LEN(role_elsewhere); k++)
        if (str_ieq(str_of(role_elsewhere[k][0]), name)) near = role_elsewhere[k][1];
    for (size_t k = 0; k < n_known && !near; k++)
        if (str_ieq(str_of(known[k]), name)) near = known[k];
    if (!near) near = err_nearest(given, known, n_known);
    if (near)
        return err_set(r->err, REFRAIN_E_FORMAT, "%s[%zu]: unknown role '%s'; did you mean '%s'?", where, i, given, near);
    return err_set(r->err, REFRAIN_E_FORMAT, "%s[%zu]: unknown role '%s'; known are %s", where, i, given, list);
}

/* ---- content ---- */

static const struct {
    const char *type;
    char kind; /* t text in "text", r refusal in "refusal", a audio's transcript, c call, o a tool's output, - no text */
} part_types[] = {
    {"text", 't'},          {"input_text", 't'},   {"output_text", 't'}, {"refusal", 'r'},     {"tool_use", 'c'},
    {"server_tool_use", 'c'}, {"tool_result", 'o'}, {"input_audio", 'a'}, {"audio", 'a'},      {"thinking", '-'},
    {"redacted_thinking", '-'}, {"reasoning", '-'}, {"image_url", '-'},  {"image", '-'},        {"document", '-'},
};

static char part_kind(yyjson_val *part, str *text)
{
    if (yyjson_is_str(part)) return *text = val_str(part), 't';
    yyjson_val *type = val_get(part, "type");
    char kind = type ? '-' : 't';
    for (size_t i = 0; i < ARRAY_LEN(part_types) && type; i++)
        if (str_eqz(val_str(type), part_types[i].type)) {
            kind = part_types[i].kind;
            break;
        }
    yyjson_val *v = NULL;
    if (kind == 't') v = val_get(part, "text");
    if (kind == 'r') v = val_get(part, "refusal");
    if (kind == 'a') v = val_get(part, "transcript"), kind = 't';
    if (kind == 'o') v = val_get(part, "content");
    if (yyjson_is_obj(v)) v = val_get(v, "value"); /* OpenAI threads: text: {value, annotations} */
    *text = val_str(v);
    if (kind == 't' && !v) kind = '-';
    return kind;
}

/* Joined at once, so that a thousand parts cost what their bytes cost. */
static str join_parts(struct reader *r, yyjson_val *parts, char want)
{
    size_t total = 0, i, max, n = 0;
    yyjson_val *part;
    str text, one = {"", 0};
    yyjson_arr_foreach(parts, i, max, part)
        if (part_kind(part, &text) == want && text.n) total += text.n + 1, one = text, n++;
    if (n <= 1) return one;
    char *p = arena_raw(r->a, total), *at = p;
    yyjson_arr_foreach(parts, i, max, part)
        if (part_kind(part, &text) == want && text.n) {
            if (at > p) *at++ = '\n';
            memcpy(at, text.p, text.n);
            at += text.n;
        }
    *at = 0;
    return (str){p, (size_t)(at - p)};
}

struct content read_content(struct reader *r, yyjson_val *v)
{
    struct content c = {.text = {"", 0}, .refusal = {"", 0}};
    if (yyjson_is_str(v)) return c.text = val_str(v), c.n_text = 1, c;
    if (yyjson_is_obj(v)) { /* one part without its array */
        str text;
        char kind = part_kind(v, &text);
        if (kind == 't') c.text = text, c.n_text = 1;
        else c.bad = true;
        return c;
    }
    if (!yyjson_is_arr(v)) return c.bad = v && !yyjson_is_null(v), c;
    size_t i, max, n_refusal = 0;
    yyjson_val *part;
    yyjson_arr_foreach(v, i, max, part) {
        str text;
        switch (part_kind(part, &text)) {
        case 't': c.n_text++; break;
        case 'r': n_refusal++; break;
        case 'c': c.n_call++; break;
        case 'o': c.n_result++; break;
        default: break;
        }
    }
    if (c.n_text) c.text = join_parts(r, v, 't');
    if (n_refusal) c.refusal = join_parts(r, v, 'r');
    if (c.n_result && !c.n_text) c.text = join_parts(r, v, 'o');
    return c;
}

/* ---- turns ---- */

struct turn *read_push(struct reader *r, enum role role, str text)
{
    struct conv *c = r->c;
    if (c->n_turn == r->turn_cap) {
        size_t cap = r->turn_cap ? r->turn_cap * 2 : 16;
        c->turn = arena_grow(r->a, c->turn, c->n_turn * sizeof *c->turn, cap * sizeof *c->turn);
        r->turn_cap = cap;
    }
    struct turn *t = &c->turn[c->n_turn++];
    *t = (struct turn){.role = role, .text = text, .ts = TS_NONE, .finish_reason = {"", 0}, .refusal = {"", 0},
                       .block_reason = {"", 0}};
    return t;
}

/* A block of any kind makes an absent content an empty one. */
static bool may_lack_content(const struct fields *f, enum role role)
{
    if (role != ROLE_ASSISTANT) return role == ROLE_PLATFORM && f->v[F_UI];
    return f->v[F_REFUSAL] || f->v[F_CALLS] || f->v[F_FINISH] || f->v[F_BLOCK] || f->v[F_FILTER] || f->v[F_ERROR] ||
           f->v[F_HTTP] || f->v[F_UI];
}

int read_turn(struct reader *r, yyjson_val *obj, const struct role_name *roles, const char *where, size_t i)
{
    if (!yyjson_is_obj(obj))
        return err_set(r->err, REFRAIN_E_FORMAT, "%s[%zu]: a message must be an object with role and content", where, i);
    struct fields f;
    read_fields(&f, obj);
    enum role role;
    if (!yyjson_is_str(f.v[F_ROLE]))
        return err_set(r->err, REFRAIN_E_FORMAT, "%s[%zu]: %s", where, i,
                       f.v[F_ROLE] ? "the role is no string" : "no role");
    if (!read_role(val_str(f.v[F_ROLE]), roles, &role)) return read_bad_role(r, val_str(f.v[F_ROLE]), roles, where, i);
    yyjson_val *body = f.v[F_CONTENT];
    if ((!body || (yyjson_is_null(body) && role != ROLE_ASSISTANT)) && !may_lack_content(&f, role))
        return err_set(r->err, REFRAIN_E_FORMAT, "%s[%zu]: %s message %s", where, i, role_names[role],
                       body ? "has null for content" : "without content");
    struct content c = read_content(r, body);
    if (c.bad)
        return err_set(r->err, REFRAIN_E_FORMAT, "%s[%zu]: content must be a string or a list of parts", where, i);

    size_t calls = c.n_call + (f.v[F_CALLS] && !yyjson_is_null(f.v[F_CALLS]) &&
                               !(yyjson_is_arr(f.v[F_CALLS]) && yyjson_arr_size(f.v[F_CALLS]) == 0));
    /* A message that only calls tools, or only brings their results, is no one's reply. */
    if (role == ROLE_ASSISTANT && calls && c.text.n == 0 && c.refusal.n == 0 && !val_str(f.v[F_REFUSAL]).n)
        role = ROLE_TOOL;
    if (role == ROLE_USER && c.n_result && !c.n_text) role = ROLE_TOOL;
    struct turn *t = read_push(r, role, c.text);
    t->refusal = c.refusal;
    read_signs(r, t, &f);
    read_meta(r, &f);
    return 0;
}

int read_list(struct reader *r, yyjson_val *list, const struct role_name *roles, const char *where)
{
    size_t i, max;
    yyjson_val *one;
    yyjson_arr_foreach(list, i, max, one)
    {
        int rc = read_turn(r, one, roles, where, i);
        if (rc) return rc;
    }
    return 0;
}

void read_warn(struct reader *r, const char *code, int turn)
{
    *vec_push(r->a, &r->c->warnings) = (struct warning){code, turn};
}
