/* Structural signs of a turn: finish reason, refusal field, block reason,
 * filter results, HTTP errors, interface events; and from them, blocked. */
#include "in/read.h"

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
    if (t->refusal.n || (t->finish_reason.n && in_list(t->finish_reason, block_finish, ARRAY_LEN(block_finish))) ||
        (t->block_reason.n && !in_list(t->block_reason, no_block, ARRAY_LEN(no_block))))
        t->blocked = true;
    if (t->role != ROLE_ASSISTANT && t->role != ROLE_PLATFORM) t->blocked = false;
}

static const struct {
    const char *name;
    unsigned bit;
} ui_names[] = {{"replaced", UI_REPLACED},         {"retracted", UI_RETRACTED}, {"user_message_deleted", UI_USER_DELETED},
                {"user_deleted", UI_USER_DELETED}, {"paused", UI_PAUSED},       {"ended", UI_ENDED}};

static unsigned ui_event(str name) /* 0: no such event */
{
    for (size_t i = 0; i < ARRAY_LEN(ui_names); i++)
        if (str_ieq(name, str_of(ui_names[i].name))) return ui_names[i].bit;
    return 0;
}

static void read_ui(struct reader *r, struct turn *t, yyjson_val *v)
{
    t->has_ui_events = true;
    size_t n = yyjson_is_arr(v) ? yyjson_arr_size(v) : !yyjson_is_null(v);
    yyjson_val *at = yyjson_is_arr(v) ? yyjson_arr_get_first(v) : v; /* arr_get(i) would walk there each time */
    for (size_t i = 0; i < n; i++, at = unsafe_yyjson_get_next(at)) {
        yyjson_val *one = at;
        if (yyjson_is_obj(one)) one = val_get(one, "type") ? val_get(one, "type") : val_get(one, "event");
        unsigned bit = ui_event(val_str(one));
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
    if (t->blocked) return;
    c->n_turn--; /* no reply after all: what was said of it is said of the record */
    for (size_t i = 0; i < c->warnings.n; i++)
        if (c->warnings.p[i].turn == (int)c->n_turn) c->warnings.p[i].turn = -1;
}
