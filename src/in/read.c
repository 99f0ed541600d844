/* What every adapter reads alike: one JSON object in, a turn or the
 * conversation's meta out. Strings stay views of the parsed record. */
#include "in/read.h"

#include <stdio.h>

const struct role_name roles_common[] = {
    {"user", ROLE_USER},     {"assistant", ROLE_ASSISTANT}, {"system", ROLE_SYSTEM}, {"developer", ROLE_SYSTEM},
    {"tool", ROLE_TOOL},     {"function", ROLE_TOOL},       {"platform", ROLE_PLATFORM},
    {"human", ROLE_HUMAN},   {NULL, 0},
};

/* ---- fields ---- */

/* Most frequent first: the table is searched in order. The first name of a
 * field that an object has wins, later ones only fill a gap. */
static const struct {
    const char *name;
    uint8_t n, field;
} field_names[] = {
#define K(name, field) {name, sizeof(name) - 1, field}
    K("role", F_ROLE), K("content", F_CONTENT), K("from", F_ROLE), K("value", F_CONTENT), K("text", F_CONTENT),
    K("id", F_ID), K("model", F_MODEL), K("locale", F_LOCALE), K("language", F_LANGUAGE), K("country", F_COUNTRY),
    K("timestamp", F_TS), K("ts", F_TS), K("create_time", F_TS), K("created_at", F_TS),
    K("finish_reason", F_FINISH), K("stop_reason", F_FINISH), K("finishReason", F_FINISH), K("stopReason", F_FINISH),
    K("refusal", F_REFUSAL), K("refusal_field", F_REFUSAL), K("block_reason", F_BLOCK), K("blockReason", F_BLOCK),
    K("amazon-bedrock-guardrailAction", F_BLOCK), K("guardrail_action", F_BLOCK),
    K("content_filter_results", F_FILTER), K("content_filter_result", F_FILTER), K("content_filter", F_FILTER),
    K("http_status", F_HTTP), K("status_code", F_HTTP), K("error", F_ERROR), K("ui_events", F_UI),
    K("ui_event", F_UI), K("tool_calls", F_CALLS), K("function_call", F_CALLS), K("scripted", F_SCRIPTED),
    K("automated", F_SCRIPTED), K("auto_response", F_SCRIPTED), K("automatic", F_SCRIPTED), K("canned", F_SCRIPTED),
    K("conversation_id", F_ID), K("conversation_hash", F_ID), K("custom_id", F_ID), K("jurisdiction", F_JURISDICTION),
    K("population", F_POPULATION), K("populations", F_POPULATION), K("regeneration_group", F_GROUP),
    K("session", F_SESSION), K("session_id", F_SESSION), K("simulated", F_SIMULATED), K("user_model", F_SIMULATED),
    K("meta", F_META), K("metadata", F_META),
#undef K
};

void read_fields(struct fields *f, yyjson_val *obj)
{
    memset(f, 0, sizeof *f);
    if (!yyjson_is_obj(obj)) return;
    size_t left = yyjson_obj_size(obj);
    yyjson_val *key = unsafe_yyjson_get_first(obj);
    for (; left; left--) {
        yyjson_val *val = key + 1;
        const char *s = unsafe_yyjson_get_str(key);
        size_t n = unsafe_yyjson_get_len(key);
        for (size_t i = 0; i < ARRAY_LEN(field_names); i++)
            if (field_names[i].n == n && field_names[i].name[0] == s[0] && memcmp(field_names[i].name, s, n) == 0) {
                yyjson_val **at = &f->v[field_names[i].field];
                if (!*at || yyjson_is_null(*at)) *at = val;
                break;
            }
        key = unsafe_yyjson_get_next(val);
    }
}

/* ---- values ---- */

str val_text(struct reader *r, yyjson_val *v)
{
    char t[32];
    if (yyjson_is_str(v)) return val_str(v);
    if (yyjson_is_int(v)) {
        int n = yyjson_is_sint(v) ? snprintf(t, sizeof t, "%lld", (long long)yyjson_get_sint(v))
                                  : snprintf(t, sizeof t, "%llu", (unsigned long long)yyjson_get_uint(v));
        return arena_str(r->a, (str){t, (size_t)n});
    }
    if (yyjson_is_real(v)) {
        int n = snprintf(t, sizeof t, "%.15g", yyjson_get_real(v));
        return arena_str(r->a, (str){t, (size_t)n});
    }
    return (str){"", 0};
}

/* Epoch seconds until the year 5138, then milli-, micro-, nanoseconds. */
static int64_t epoch_ms(double v)
{
    if (!(v > -1e11 && v < 1e20)) return TS_NONE;
    if (v < 1e11) return (int64_t)(v * 1000 + (v < 0 ? -.5 : .5));
    if (v < 1e14) return (int64_t)v;
    if (v < 1e17) return (int64_t)(v / 1e3);
    return (int64_t)(v / 1e6);
}

static bool digits(const char **p, const char *end, int n, int *out)
{
    int v = 0;
    for (int i = 0; i < n; i++, (*p)++) {
        if (*p >= end || **p < '0' || **p > '9') return false;
        v = v * 10 + (**p - '0');
    }
    *out = v;
    return true;
}

static int64_t days_from_civil(int y, int m, int d) /* H. Hinnant, chrono-compatible date algorithms */
{
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int yoe = (int)(y - era * 400), doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static bool zone_minutes(const char *p, const char *end, int *out)
{
    *out = 0;
    while (p < end && *p == ' ') p++;
    if (p >= end || *p == 'Z' || *p == 'z') return true;
    if (end - p >= 3 && memcmp(p, "UTC", 3) == 0) return true;
    if (*p != '+' && *p != '-') return false;
    int sign = *p++ == '-' ? -1 : 1, h, m = 0;
    if (!digits(&p, end, 2, &h)) return false;
    if (p < end && *p == ':') p++;
    if (p < end && !digits(&p, end, 2, &m)) return false;
    *out = sign * (h * 60 + m);
    return true;
}

/* YYYY-MM-DD[T ]HH:MM[:SS[.fff…]][Z|±HH[:MM]]; without a zone it is UTC. */
static int64_t iso_ms(str s)
{
    const char *p = s.p, *end = s.p + s.n;
    int y, mo, d, h = 0, mi = 0, sec = 0, zone = 0, ms = 0;
    if (!digits(&p, end, 4, &y) || p >= end || *p++ != '-' || !digits(&p, end, 2, &mo) || p >= end || *p++ != '-' ||
        !digits(&p, end, 2, &d))
        return TS_NONE;
    if (p < end) {
        if (*p != 'T' && *p != 't' && *p != ' ') return TS_NONE;
        p++;
        if (!digits(&p, end, 2, &h) || p >= end || *p++ != ':' || !digits(&p, end, 2, &mi)) return TS_NONE;
        if (p < end && *p == ':' && (p++, !digits(&p, end, 2, &sec))) return TS_NONE;
        if (p < end && (*p == '.' || *p == ',')) {
            int scale = 100;
            for (p++; p < end && *p >= '0' && *p <= '9'; p++, scale /= 10) ms += (*p - '0') * scale;
        }
        if (!zone_minutes(p, end, &zone)) return TS_NONE;
    }
    if (mo < 1 || mo > 12 || d < 1 || d > 31 || h > 24 || mi > 59 || sec > 60) return TS_NONE;
    return (((days_from_civil(y, mo, d) * 24 + h) * 60 + mi - zone) * 60 + sec) * 1000 + ms;
}

int64_t conv_time(str s)
{
    s = str_trim(s);
    bool number = s.n > 0 && s.n < 30;
    size_t dots = 0;
    for (size_t i = 0; i < s.n && number; i++) {
        if (s.p[i] == '.') dots++;
        else if (!(s.p[i] >= '0' && s.p[i] <= '9') && !(i == 0 && s.p[i] == '-')) number = false;
    }
    if (!number || dots > 1) return iso_ms(s);
    double v = 0, unit = 1;
    bool frac = false;
    for (size_t i = s.p[0] == '-'; i < s.n; i++) {
        if (s.p[i] == '.') { frac = true; continue; }
        v = v * 10 + (s.p[i] - '0');
        if (frac) unit *= 10;
    }
    return epoch_ms((s.p[0] == '-' ? -v : v) / unit);
}

int64_t val_time(yyjson_val *v)
{
    if (yyjson_is_num(v)) return epoch_ms(yyjson_get_num(v));
    if (yyjson_is_str(v)) return conv_time(val_str(v));
    return TS_NONE;
}

/* ---- roles ---- */

bool read_role(str name, const struct role_name *roles, enum role *out)
{
    for (; roles->name; roles++)
        if (str_eqz(name, roles->name)) return *out = roles->role, true;
    return false;
}

bool conv_role(str name, enum role *out) { return read_role(name, roles_common, out); }

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

/* ---- structural signs ---- */

static const char *const block_finish[] = {
    "content_filter", "content-filter", "content_filtered", "refusal",  "safety",    "image_safety", "prohibited_content",
    "blocklist",      "spii",           "recitation",       "guardrail_intervened", "guardrail_intervention", "sensitive",
    "model_armor",
};
static const char *const no_block[] = {
    "none", "null", "false", "0", "block_reason_unspecified", "blocked_reason_unspecified", "unspecified", "safe",
    "not_blocked",
};
static const char *const filter_codes[] = {
    "content_filter", "content_policy", "responsibleaipolicyviolation", "content management policy", "contentfilter",
    "moderation_blocked", "safety system", "safety_system",
};

static bool in_list(str s, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_ieq(s, str_of(list[i]))) return true;
    return false;
}

static bool names_filter(str s)
{
    char low[200];
    size_t n = s.n < sizeof low ? s.n : sizeof low;
    for (size_t i = 0; i < n; i++) low[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] + 32 : s.p[i]);
    for (size_t i = 0; i < ARRAY_LEN(filter_codes); i++)
        if (str_find((str){low, n}, str_of(filter_codes[i])) != SIZE_MAX) return true;
    return false;
}

void conv_settle_turn(struct turn *t)
{
    if (t->text.n == 0 && t->refusal.n) t->text = t->refusal;
    if (t->refusal.n || in_list(t->finish_reason, block_finish, ARRAY_LEN(block_finish)) ||
        (t->block_reason.n && !in_list(t->block_reason, no_block, ARRAY_LEN(no_block))))
        t->blocked = true;
    if (t->role != ROLE_ASSISTANT && t->role != ROLE_PLATFORM) t->blocked = false;
}

static const struct {
    const char *name;
    unsigned bit;
} ui_names[] = {{"replaced", UI_REPLACED},         {"retracted", UI_RETRACTED}, {"user_message_deleted", UI_USER_DELETED},
                {"user_deleted", UI_USER_DELETED}, {"paused", UI_PAUSED},       {"ended", UI_ENDED}};

unsigned conv_ui_event(str name)
{
    for (size_t i = 0; i < ARRAY_LEN(ui_names); i++)
        if (str_ieq(name, str_of(ui_names[i].name))) return ui_names[i].bit;
    return 0;
}

static void read_ui(struct reader *r, struct turn *t, yyjson_val *v)
{
    t->has_ui_events = true;
    size_t n = yyjson_is_arr(v) ? yyjson_arr_size(v) : !yyjson_is_null(v);
    for (size_t i = 0; i < n; i++) {
        yyjson_val *one = yyjson_is_arr(v) ? yyjson_arr_get(v, i) : v;
        if (yyjson_is_obj(one)) one = val_get(one, "type") ? val_get(one, "type") : val_get(one, "event");
        unsigned bit = conv_ui_event(val_str(one));
        if (bit) t->ui_events |= bit;
        else read_warn(r, "unknown_ui_event", (int)(t - r->c->turn));
    }
}

/* {"hate":{"filtered":true}} names the category; a plain true or string counts too. */
static str filtered(yyjson_val *v)
{
    if (yyjson_is_true(v)) return STR("content_filter");
    if (yyjson_is_str(v)) return val_str(v);
    if (!yyjson_is_obj(v)) return (str){"", 0};
    yyjson_obj_iter it = yyjson_obj_iter_with(v);
    for (yyjson_val *key; (key = yyjson_obj_iter_next(&it));) {
        yyjson_val *one = yyjson_obj_iter_get_val(key);
        if (yyjson_is_true(val_get(one, "filtered"))) return val_str(key);
        if (str_eqz(val_str(key), "filtered") && yyjson_is_true(one)) return STR("content_filter");
    }
    return (str){"", 0};
}

static void read_error(struct turn *t, yyjson_val *v)
{
    if (yyjson_is_str(v)) {
        if (names_filter(val_str(v))) t->block_reason = STR("content_filter");
        return;
    }
    if (!yyjson_is_obj(v)) return;
    if (yyjson_is_obj(val_get(v, "error"))) v = val_get(v, "error");
    yyjson_val *status = val_get(v, "status");
    if (!yyjson_is_int(status)) status = val_get(v, "http_status");
    if (!yyjson_is_int(status)) status = val_get(v, "status_code");
    if (!t->http_status && yyjson_is_int(status)) t->http_status = (int)yyjson_get_int(status);
    yyjson_val *inner = val_get(v, "innererror");
    yyjson_val *at[] = {val_get(v, "code"), val_get(inner, "code"), val_get(v, "type"), val_get(v, "message")};
    for (size_t i = 0; i < ARRAY_LEN(at) && !t->block_reason.n; i++)
        if (names_filter(val_str(at[i]))) t->block_reason = i < 3 ? val_str(at[i]) : STR("content_filter");
}

void read_signs(struct reader *r, struct turn *t, const struct fields *f)
{
    if (f->v[F_FINISH] && !t->finish_reason.n) t->finish_reason = val_str(f->v[F_FINISH]);
    if (f->v[F_REFUSAL] && !t->refusal.n) t->refusal = val_str(f->v[F_REFUSAL]);
    if (yyjson_is_true(f->v[F_REFUSAL]) && !t->block_reason.n) t->block_reason = STR("refusal");
    if (f->v[F_BLOCK] && !t->block_reason.n) t->block_reason = val_str(f->v[F_BLOCK]);
    if (f->v[F_FILTER] && !t->block_reason.n) t->block_reason = filtered(f->v[F_FILTER]);
    if (yyjson_is_int(f->v[F_HTTP])) t->http_status = (int)yyjson_get_int(f->v[F_HTTP]);
    if (f->v[F_ERROR]) read_error(t, f->v[F_ERROR]);
    if (f->v[F_UI]) read_ui(r, t, f->v[F_UI]);
    if (yyjson_is_true(f->v[F_SCRIPTED])) t->scripted = true;
    if (f->v[F_TS] && !yyjson_is_null(f->v[F_TS]) && t->ts == TS_NONE) {
        t->ts = val_time(f->v[F_TS]);
        if (t->ts == TS_NONE) read_warn(r, "unreadable_time", (int)(t - r->c->turn));
    }
    conv_settle_turn(t);
}

void read_signs_only(struct reader *r, struct turn *t, const struct fields *f, unsigned mask)
{
    struct fields some = {{NULL}};
    for (unsigned i = 0; i < N_FIELD; i++)
        if (mask >> i & 1) some.v[i] = f->v[i];
    read_signs(r, t, &some);
}

void read_top_signs(struct reader *r, unsigned mask)
{
    struct conv *c = r->c;
    mask |= 1u << F_FINISH | 1u << F_BLOCK | 1u << F_FILTER | 1u << F_HTTP | 1u << F_ERROR | 1u << F_UI;
    bool any = false;
    for (unsigned i = 0; i < N_FIELD; i++)
        if (mask >> i & 1 && r->top.v[i] && !yyjson_is_null(r->top.v[i])) any = true;
    if (!any || c->n_turn == 0) return;
    struct turn *last = &c->turn[c->n_turn - 1];
    if (last->role == ROLE_ASSISTANT) {
        read_signs_only(r, last, &r->top, mask);
        return;
    }
    struct turn *t = read_push(r, ROLE_ASSISTANT, (str){"", 0});
    read_signs_only(r, t, &r->top, mask);
    if (!t->blocked) c->n_turn--;
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
        return err_set(r->err, REFRAIN_E_FORMAT, "%s[%zu]: no role", where, i);
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
