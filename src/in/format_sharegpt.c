/* ShareGPT: conversations [{from, value}], where "human" is the user. */
#include "in/read.h"

static const struct role_name roles_sharegpt[] = {
    {"human", ROLE_USER},        {"gpt", ROLE_ASSISTANT},   {"user", ROLE_USER},       {"assistant", ROLE_ASSISTANT},
    {"system", ROLE_SYSTEM},     {"chatgpt", ROLE_ASSISTANT}, {"bing", ROLE_ASSISTANT}, {"bard", ROLE_ASSISTANT},
    {"model", ROLE_ASSISTANT},   {"tool", ROLE_TOOL},       {"function_call", ROLE_TOOL}, {"observation", ROLE_TOOL},
    {"platform", ROLE_PLATFORM}, {"function_response", ROLE_TOOL}, {NULL, 0},
};

static int sharegpt_read(struct reader *r, yyjson_val *root)
{
    yyjson_val *list = val_get(root, "conversations");
    if (!yyjson_is_arr(list)) return err_set(r->err, REFRAIN_E_FORMAT, "conversations: must be a list");
    int rc = read_begin(r, yyjson_arr_size(list));
    if (rc) return rc;
    str system = val_str(val_get(root, "system"));
    if (!system.n) system = val_str(val_get(root, "system_prompt"));
    if (system.n) read_push(r, ROLE_SYSTEM, system);
    if ((rc = read_list(r, list, roles_sharegpt, "conversations"))) return rc;
    read_top_signs(r, 0);
    return read_end(r);
}

static bool sharegpt_is(struct reader *r, yyjson_val *root)
{
    (void)r;
    return yyjson_is_arr(val_get(root, "conversations")) || !val_get(root, "messages");
}

const struct adapter format_sharegpt = {"sharegpt", {KEY("conversations")}, sharegpt_is, sharegpt_read};
