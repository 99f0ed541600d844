/* Anthropic messages: content blocks, a top-level system prompt, stop_reason;
 * a conversation as stored, or a request with its response. */
#include "in/read.h"

static bool is_message(yyjson_val *v)
{
    return yyjson_is_obj(v) && (str_eqz(val_str(val_get(v, "type")), "message") || val_get(v, "stop_reason"));
}

/* Blocks that only Anthropic has, looked for in the first messages. */
static bool has_blocks(yyjson_val *list)
{
    static const char *const types[] = {"tool_use", "tool_result", "thinking", "redacted_thinking"};
    size_t i, max;
    yyjson_val *one;
    yyjson_arr_foreach(list, i, max, one)
    {
        yyjson_val *content = val_get(one, "content");
        if (i == 6) break;
        if (!yyjson_is_arr(content)) continue;
        str type = val_str(val_get(yyjson_arr_get_last(content), "type"));
        for (size_t k = 0; k < ARRAY_LEN(types); k++)
            if (str_eqz(type, types[k])) return true;
    }
    return false;
}

static bool anthropic_is(struct reader *r, yyjson_val *root)
{
    (void)r;
    yyjson_val *req = val_get(root, "request"), *res = val_get(root, "response");
    if (req || res) return is_message(res) || is_message(val_get(res, "body"));
    return val_get(root, "system") || val_get(root, "stop_reason") || is_message(root) || has_blocks(val_get(root, "messages"));
}

static int read_reply(struct reader *r, yyjson_val *v)
{
    struct fields f;
    read_fields(&f, v);
    struct content c = read_content(r, f.v[F_CONTENT]);
    if (c.bad) return err_set(r->err, REFRAIN_E_FORMAT, "response: content must be a string or a list of blocks");
    struct turn *t = read_push(r, c.n_call && !c.text.n ? ROLE_TOOL : ROLE_ASSISTANT, c.text);
    read_signs(r, t, &f);
    read_meta(r, &f);
    return 0;
}

static int anthropic_read(struct reader *r, yyjson_val *root)
{
    yyjson_val *req = val_get(root, "request"), *res = val_get(root, "response");
    if (!yyjson_is_obj(req)) req = root;
    if (yyjson_is_obj(val_get(req, "body"))) req = val_get(req, "body");
    if (yyjson_is_obj(val_get(res, "body"))) res = val_get(res, "body");
    yyjson_val *list = val_get(req, "messages"), *system = val_get(req, "system");
    if (list && !yyjson_is_arr(list)) return err_set(r->err, REFRAIN_E_FORMAT, "messages: must be a list");
    int rc = read_begin(r, yyjson_arr_size(list));
    if (rc) return rc;
    if (system) {
        struct content c = read_content(r, system);
        if (c.bad) return err_set(r->err, REFRAIN_E_FORMAT, "system: must be a string or a list of blocks");
        if (c.text.n) read_push(r, ROLE_SYSTEM, c.text);
    }
    if ((rc = read_list(r, list, roles_common, "messages"))) return rc;
    if (yyjson_is_obj(res)) rc = read_reply(r, res);
    else if (val_get(root, "content")) rc = read_reply(r, root);
    else read_top_signs(r, 0);
    if (rc) return rc;
    if (req != root) read_meta_of_request(r, req);
    if (!r->top.v[F_ID] && yyjson_is_obj(res)) r->top.v[F_ID] = val_get(res, "id");
    return read_end(r);
}

const struct adapter format_anthropic = {
    "anthropic", {KEY("messages"), KEY("request"), KEY("response"), KEY("stop_reason")}, anthropic_is, anthropic_read};
