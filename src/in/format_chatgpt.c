/* ChatGPT's export: a tree of messages under "mapping". The current branch is
 * the way from current_node up to the root; other branches are edits and
 * regenerations that the person left. */
#include "in/read.h"

/* Without current_node: the last leaf, which is the newest in exports. */
static yyjson_val *last_leaf(yyjson_val *mapping)
{
    yyjson_val *leaf = NULL;
    yyjson_obj_iter it = yyjson_obj_iter_with(mapping);
    for (yyjson_val *key; (key = yyjson_obj_iter_next(&it));) {
        yyjson_val *node = yyjson_obj_iter_get_val(key);
        if (yyjson_arr_size(val_get(node, "children")) == 0) leaf = node;
    }
    return leaf;
}

/* Text of content {content_type, parts | text}; false for what is no one's words. */
static bool message_text(struct reader *r, yyjson_val *content, str *out)
{
    static const char *const silent[] = {"thoughts", "reasoning_recap", "user_editable_context", "model_editable_context"};
    str type = val_str(val_get(content, "content_type"));
    *out = (str){"", 0};
    for (size_t i = 0; i < ARRAY_LEN(silent); i++)
        if (str_eqz(type, silent[i])) return false;
    yyjson_val *parts = val_get(content, "parts");
    struct content c = read_content(r, parts ? parts : content);
    *out = c.text;
    return true;
}

static int read_message(struct reader *r, yyjson_val *message, size_t i)
{
    yyjson_val *meta = val_get(message, "metadata"), *author = val_get(message, "author");
    if (!yyjson_is_obj(message) || yyjson_is_true(val_get(meta, "is_visually_hidden_from_conversation"))) return 0;
    str name = val_str(val_get(author, "role")), text, to = val_str(val_get(message, "recipient"));
    enum role role;
    if (!read_role(name, roles_common, &role)) return read_bad_role(r, name, roles_common, "mapping", i);
    if (!message_text(r, val_get(message, "content"), &text)) return 0;
    if (role == ROLE_SYSTEM && text.n == 0) return 0;
    if (role == ROLE_ASSISTANT && to.n && !str_eqz(to, "all")) role = ROLE_TOOL; /* to a tool, not to the person */
    struct turn *t = read_push(r, role, text);
    yyjson_val *ts = val_get(message, "create_time");
    if (ts && !yyjson_is_null(ts)) t->ts = val_time(ts);
    str slug = val_str(val_get(meta, "model_slug"));
    if (slug.n && role == ROLE_ASSISTANT) r->c->meta.model = slug;
    struct fields f;
    read_fields(&f, message);
    f.v[F_TS] = NULL;
    read_signs(r, t, &f);
    read_fields(&f, meta);
    read_signs_only(r, t, &f, 1u << F_FINISH | 1u << F_REFUSAL | 1u << F_BLOCK | 1u << F_UI);
    if (!t->finish_reason.n) t->finish_reason = val_str(val_get(val_get(meta, "finish_details"), "type"));
    conv_settle_turn(t);
    return 0;
}

static int chatgpt_read(struct reader *r, yyjson_val *root)
{
    yyjson_val *mapping = val_get(root, "mapping");
    if (!yyjson_is_obj(mapping)) return err_set(r->err, REFRAIN_E_FORMAT, "mapping: must be an object of nodes");
    struct members nodes = members_of(r, mapping);
    yyjson_val *at = members_get(&nodes, val_str(val_get(root, "current_node")));
    if (!at) at = last_leaf(mapping);
    size_t max = yyjson_obj_size(mapping), n = 0;
    yyjson_val **way = arena_raw(r->a, (max + 1) * sizeof *way);
    while (at && n < max) { /* a circle ends here too */
        way[n++] = at;
        at = members_get(&nodes, val_str(val_get(at, "parent")));
    }
    if (at && n == max && max) return err_set(r->err, REFRAIN_E_FORMAT, "mapping: parents go in a circle");
    int rc = read_begin(r, 16);
    while (!rc && n > 0) {
        n--;
        rc = read_message(r, val_get(way[n], "message"), r->c->n_turn);
    }
    if (rc) return rc;
    str slug = val_str(val_get(root, "default_model_slug"));
    if (!r->c->meta.model.n) r->c->meta.model = slug;
    return read_end(r);
}

const struct adapter format_chatgpt = {"chatgpt", {KEY("mapping")}, NULL, chatgpt_read};
