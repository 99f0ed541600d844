/* OpenAI requests with their responses: {request, response}, batch and log
 * lines (body, response.body), or messages and choices side by side; chat
 * completions (choices) and the Responses API (input, output). */
#include "in/read.h"

static bool pair_is(struct reader *r, yyjson_val *root)
{
    (void)r;
    yyjson_val *res = val_get(root, "response"), *req = val_get(root, "request");
    return yyjson_is_obj(res) || yyjson_is_obj(req) || yyjson_is_arr(val_get(root, "choices")) ||
           yyjson_is_obj(val_get(root, "body")) || (yyjson_is_str(res) && val_get(root, "messages"));
}

static yyjson_val *unwrap(yyjson_val *v)
{
    yyjson_val *body = val_get(v, "body");
    return yyjson_is_obj(body) ? body : v;
}

/* Items of the Responses API: only messages are turns. */
static int read_items(struct reader *r, yyjson_val *list, const char *where)
{
    size_t i, max;
    yyjson_val *item;
    yyjson_arr_foreach(list, i, max, item)
    {
        str type = val_str(val_get(item, "type"));
        if (type.n && !str_eqz(type, "message")) continue;
        int rc = read_turn(r, item, roles_common, where, i);
        if (rc) return rc;
    }
    return 0;
}

static int read_request(struct reader *r, yyjson_val *req)
{
    yyjson_val *list = val_get(req, "messages"), *input = val_get(req, "input");
    str instructions = val_str(val_get(req, "instructions"));
    if (yyjson_is_arr(list)) return read_list(r, list, roles_common, "messages");
    if (instructions.n) read_push(r, ROLE_SYSTEM, instructions);
    if (yyjson_is_arr(input)) return read_items(r, input, "input");
    if (!input) input = val_get(req, "prompt");
    if (yyjson_is_str(input)) read_push(r, ROLE_USER, val_str(input));
    return 0;
}

/* {message, finish_reason, content_filter_results}, or the old {text, …}. */
static int read_choice(struct reader *r, yyjson_val *choice)
{
    yyjson_val *message = val_get(choice, "message");
    struct fields f;
    read_fields(&f, choice);
    struct turn *t;
    if (yyjson_is_obj(message)) {
        struct fields m;
        read_fields(&m, message);
        struct content c = read_content(r, m.v[F_CONTENT]);
        if (c.bad) return err_set(r->err, REFRAIN_E_FORMAT, "choices[0].message: content must be a string or a list of parts");
        bool calls = m.v[F_CALLS] && !yyjson_is_null(m.v[F_CALLS]) && yyjson_get_len(m.v[F_CALLS]) > 0;
        t = read_push(r, calls && !c.text.n ? ROLE_TOOL : ROLE_ASSISTANT, c.text);
        t->refusal = c.refusal;
        read_signs(r, t, &m);
    } else {
        t = read_push(r, ROLE_ASSISTANT, val_str(val_get(choice, "text")));
    }
    read_signs(r, t, &f);
    return 0;
}

/* A request that the filter stopped has an error instead of choices. */
static void read_failure(struct reader *r, yyjson_val *outer, yyjson_val *res)
{
    struct fields f, o;
    read_fields(&f, res);
    read_fields(&o, outer);
    struct turn *t = read_push(r, ROLE_ASSISTANT, (str){"", 0});
    unsigned mask = 1u << F_FINISH | 1u << F_BLOCK | 1u << F_FILTER | 1u << F_HTTP | 1u << F_ERROR | 1u << F_REFUSAL;
    read_signs_only(r, t, &f, mask);
    if (outer != res) read_signs_only(r, t, &o, mask);
    read_signs_only(r, t, &r->top, mask & ~(1u << F_REFUSAL));
    if (!t->blocked && !t->http_status && !f.v[F_ERROR] && !o.v[F_ERROR]) r->c->n_turn--; /* no answer recorded */
}

static int read_response(struct reader *r, yyjson_val *outer)
{
    yyjson_val *res = unwrap(outer), *choices = val_get(res, "choices"), *output = val_get(res, "output");
    struct fields f;
    read_fields(&f, res);
    read_meta(r, &f);
    if (yyjson_arr_size(choices)) {
        if (yyjson_arr_size(choices) > 1) read_warn(r, "choices_ignored", -1);
        return read_choice(r, yyjson_arr_get_first(choices));
    }
    if (yyjson_is_arr(output)) {
        int rc = read_items(r, output, "output");
        if (rc) return rc;
        yyjson_val *why = val_get(val_get(res, "incomplete_details"), "reason");
        if (why && r->c->n_turn) {
            struct turn *t = &r->c->turn[r->c->n_turn - 1];
            if (t->role != ROLE_ASSISTANT) t = read_push(r, ROLE_ASSISTANT, (str){"", 0});
            t->finish_reason = val_str(why);
            conv_settle_turn(t);
        }
        return 0;
    }
    if (f.v[F_CONTENT] && f.v[F_ROLE]) return read_turn(r, res, roles_common, "response", 0);
    read_failure(r, outer, res);
    return 0;
}

static int pair_read(struct reader *r, yyjson_val *root)
{
    yyjson_val *req = val_get(root, "request"), *res = val_get(root, "response");
    req = unwrap(yyjson_is_obj(req) ? req : root);
    int rc = read_begin(r, yyjson_arr_size(val_get(req, "messages")));
    if (rc) return rc;
    if (req != root) read_meta_of_request(r, req);
    if ((rc = read_request(r, req))) return rc;
    if (yyjson_is_str(res)) {
        struct turn *t = read_push(r, ROLE_ASSISTANT, val_str(res));
        read_signs_only(r, t, &r->top, 1u << F_FINISH | 1u << F_BLOCK | 1u << F_FILTER | 1u << F_HTTP | 1u << F_REFUSAL);
    } else if ((rc = read_response(r, yyjson_is_obj(res) ? res : root))) {
        return rc;
    }
    if (!r->top.v[F_ID] && yyjson_is_obj(res)) r->top.v[F_ID] = val_get(unwrap(res), "id");
    return read_end(r);
}

const struct adapter format_openai_pair = {
    "openai-pair", {KEY("request"), KEY("response"), KEY("choices"), KEY("body")}, pair_is, pair_read};
