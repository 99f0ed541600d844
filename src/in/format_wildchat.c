/* WildChat and LMSYS: conversation [{role, content, language, country, …}];
 * also LMSYS arena pairs, conversation_a and conversation_b. */
#include "in/read.h"

static int read_one(struct reader *r, yyjson_val *list, const char *where)
{
    if (!yyjson_is_arr(list)) return err_set(r->err, REFRAIN_E_FORMAT, "%s: must be a list", where);
    int rc = read_begin(r, yyjson_arr_size(list));
    return rc ? rc : read_list(r, list, roles_common, where);
}

static int wildchat_read(struct reader *r, yyjson_val *root)
{
    int rc = read_one(r, val_get(root, "conversation"), "conversation");
    if (rc) return rc;
    read_top_signs(r, 0);
    return read_end(r);
}

/* Elsewhere "conversation" may be a name beside the messages. */
static bool is_list(yyjson_val *root)
{
    return yyjson_is_arr(val_get(root, "conversation")) || !val_get(root, "messages");
}

static bool lmsys_is(struct reader *r, yyjson_val *root)
{
    (void)r;
    return val_get(root, "conversation_a") || (val_get(root, "conversation_id") && is_list(root));
}

static bool wildchat_is(struct reader *r, yyjson_val *root)
{
    return is_list(root) && !lmsys_is(r, root);
}

/* Two models' answers to one question: two conversations of one group. */
static int read_arena(struct reader *r, yyjson_val *root)
{
    static const char *const list[] = {"conversation_a", "conversation_b"}, *const model[] = {"model_a", "model_b"};
    str question = val_text(r, val_get(root, "question_id"));
    for (size_t i = 0; i < 2; i++) {
        int rc = read_one(r, yyjson_obj_get(root, list[i]), list[i]);
        if (rc) return rc;
        if (question.n) {
            r->c->meta.regeneration_group = question;
            r->c->id = str_of(arena_printf(r->a, "%.*s/%c", STR_ARG(question), "ab"[i]));
            r->c->has_id = true;
        }
        r->c->meta.model = val_str(yyjson_obj_get(root, model[i]));
        if ((rc = read_end(r))) return rc;
    }
    return 0;
}

static int lmsys_read(struct reader *r, yyjson_val *root)
{
    return val_get(root, "conversation_a") ? read_arena(r, root) : wildchat_read(r, root);
}

const struct adapter format_wildchat = {"wildchat", {KEY("conversation")}, wildchat_is, wildchat_read};
const struct adapter format_lmsys = {"lmsys", {KEY("conversation"), KEY("conversation_a")}, lmsys_is, lmsys_read};
